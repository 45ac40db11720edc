"""Open zip archives that may come from a stranger, a Run's weights or a checkpoint: sizes are checked first."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from typing import Any, BinaryIO

from rnnkit.errors import RnnkitError
from rnnkit.files.reading import in_units, open_regular

_MIB = 1 << 20
_DIRECTORY_BYTES = 4 * _MIB  # of the list of members
_SMALL, _RATIO = 64 * _MIB, 32  # numbers of trained weights hardly get smaller when they are compressed
#: What a broken archive raises when it is opened or a member is read.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class _Bounded:
    """A file whose list of members is not read where it is longer than any honest one."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.most = file, _DIRECTORY_BYTES

    def read(self, size: int = -1) -> bytes:
        if not self.most:
            return self.file.read(size)
        content = self.file.read(self.most + 1 if size < 0 else min(size, self.most + 1))
        if len(content) > self.most:
            raise ValueError(f"its list of members has more than {in_units(self.most)}")
        return content

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


@contextmanager
def opened_archive(path: str | PathLike[str], what: str = "", advice: str = "") -> Iterator[zipfile.ZipFile]:
    """A zip file whose members, as it says of them, do not unpack to far more than they are.

    Args:
        path: The file.
        what: As for `open_regular`.
        advice: As for `open_regular`.

    Raises:
        RnnkitError: It is no regular file, no zip file, or a member is encrypted or would unpack to far more than its
            size.
    """
    begin = f"{what} {path}".lstrip()
    with open_regular(path, what, advice) as file:
        bounded = _Bounded(file)
        try:
            archive = zipfile.ZipFile(bounded)  # type: ignore[call-overload]
        except (OSError, *BROKEN) as error:
            raise RnnkitError(f"{begin} is no whole zip file ({_first_line(error)}). {advice}".rstrip()) from None
        bounded.most = 0
        with archive:
            for member in archive.infolist():
                if member.file_size > _SMALL + _RATIO * member.compress_size:
                    raise RnnkitError(
                        f"{begin} unpacks {member.filename[:60]!r} from {in_units(member.compress_size)} to "
                        f"{in_units(member.file_size)}, which no honest one does. {advice}".rstrip()
                    )
                if member.flag_bits & 1:
                    raise RnnkitError(f"{begin} has the encrypted member {member.filename[:60]!r}. {advice}".rstrip())
            yield archive


def _first_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
