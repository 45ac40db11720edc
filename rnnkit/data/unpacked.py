"""The bytes of a data file, decompressed if packed by gzip or Zstandard, up to a size limit."""

import io
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, cast

from rnnkit.errors import RnnkitError
from rnnkit.files.reading import in_units, open_regular

#: Names the variable that says how many bytes a file of data may have, unpacked: 20GiB; `--max-size` sets it.
VARIABLE = "RNNKIT_MAX_SIZE"
#: Bytes that a file may have unless that variable says otherwise: one that is read bit by bit, and one held in memory.
MOST_BYTES, MOST_HELD = 16 * 2**30, 2**30
MOST_TIMES = 100  # as large as it is packed a file may become; texts become 3 to 10 times as large
FREE = 64 * 2**20  # bytes that any packed file may have
LONGEST_LINE = 2**24  # characters or bytes; a longer line or field means a quote that never closes, not a text
_SIZE = re.compile(r"([0-9]{1,15})([kmgt]?)(?:i?b)?", re.IGNORECASE)
_POWERS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}
_BLOCK = 2**16
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def size_of(text: str) -> int:
    """A human-written size in bytes.

    Raises:
        RnnkitError: It is none.

    Example:

    >>> size_of("20GiB") == 20 * 2**30, size_of("1000")
    (True, 1000)
    """
    found = _SIZE.fullmatch(text.strip().replace(" ", ""))
    if not found or not int(found[1]):
        raise RnnkitError(f"The size is {text!r:.60}; expected one such as 20GiB, or a number of bytes.")
    return int(found[1]) << _POWERS[found[2].lower()]


def allowed(usual: int = MOST_BYTES) -> int:
    """The size limit of a file in bytes: the user's, else the default."""
    given = os.environ.get(VARIABLE)
    return usual if not given else size_of(given)


def too_large(name: str, what: str, most: int) -> RnnkitError:
    """The error for a file over the size limit."""
    allow = f"--max-size 20GiB, or {VARIABLE}=20GiB in the environment"
    return RnnkitError(f"{name} {what}; expected at most {in_units(most)}. If you trust it, allow more: {allow}.")


@contextmanager
def open_bytes(path: Path, most: int | None = None) -> Iterator[BinaryIO]:
    """Open a regular file for reading, unpacking gzip and Zstandard; failures meanwhile become one line for the user.

    Args:
        path: The file.
        most: Bytes it may have, unpacked, where the user does not say; by default `MOST_BYTES`.

    Raises:
        RnnkitError: It is no regular file, cannot be read, is damaged, or is larger; also while it is read.
    """
    most = allowed(MOST_BYTES if most is None else most)
    with open_regular(path) as raw:
        try:
            size = os.fstat(raw.fileno()).st_size
            if size > most:
                raise too_large(path.name, f"has {in_units(size)}", most)
            begins = raw.read(4)
            raw.seek(0)
            if begins[:2] == _GZIP or begins == _ZSTD:
                if not os.environ.get(VARIABLE):
                    most = min(most, max(FREE, MOST_TIMES * size))
                unpacked = (
                    _Unpacked(raw, path.name, size, most) if begins != _ZSTD else _Zstd(raw, path.name, size, most)
                )
                yield cast(BinaryIO, io.BufferedReader(unpacked, _BLOCK))
            else:
                yield raw
        except (EOFError, zlib.error) as error:
            raise RnnkitError(f"{path.name} is a damaged gzip file ({error}); pack it again.") from None
        except OSError as error:
            raise RnnkitError(f"{path} cannot be read ({error.strerror or error}).") from None


def byte_lines(path: Path) -> Iterator[bytes]:
    """The lines of a file of any encoding that ends lines with a line feed, one in memory at a time.

    Raises:
        RnnkitError: As `open_bytes`, or a line is longer than `LONGEST_LINE`.
    """
    with open_bytes(path) as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise RnnkitError(f"{path.name} line {number} has over {LONGEST_LINE:,} bytes; is it a text?")
            yield line


class _Unpacked(io.RawIOBase):
    """The decompressed content of a gzip file with one or more members; zeros may follow."""

    def __init__(self, raw: BinaryIO, name: str, size: int, most: int):
        self._raw, self._name, self._size, self._most = raw, name, size, most
        self._unpacker: Any = None  # of the member that is being read
        self._packed = b""
        self._made = self._members = self._zeros = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        wanted, at_end = len(buffer), False
        while True:
            if not self._packed:
                self._packed = self._raw.read(_BLOCK)
                at_end = not self._packed
            if self._unpacker is None:
                before = len(self._packed)
                self._packed = self._packed.lstrip(b"\0") if self._members else self._packed
                self._zeros += before - len(self._packed)
                if self._zeros > FREE:
                    raise zlib.error(f"more than {in_units(FREE)} of zeros follow what is packed")
                if at_end:
                    return 0
                if not self._packed:
                    continue
                self._unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
                self._members += 1
            part = self._unpacker.decompress(self._packed, wanted)
            if at_end and not part:
                raise EOFError("it ends before it is whole")
            ended = self._unpacker.eof
            self._packed = self._unpacker.unused_data if ended else self._unpacker.unconsumed_tail
            self._unpacker = None if ended else self._unpacker
            if part:
                self._made += len(part)
                if self._made > self._most:
                    packed = f"is {in_units(self._size)} and unpacks to more than {in_units(self._most)}"
                    raise too_large(self._name, packed, self._most)
                buffer[: len(part)] = part
                return len(part)


class _Zstd(io.RawIOBase):
    """The decompressed content of a Zstandard file with one or more frames.

    Raises:
        RnnkitError: The package zstandard is not installed.
    """

    def __init__(self, raw: BinaryIO, name: str, size: int, most: int) -> None:
        try:
            zstandard: Any = import_module("zstandard")
        except ModuleNotFoundError:
            raise RnnkitError(
                f"{name} is packed by Zstandard, which takes a package: pip install zstandard. Or unpack the file."
            ) from None
        self._begin, self._errors = zstandard.ZstdDecompressor(max_window_size=2**31).decompressobj, zstandard.ZstdError
        self._raw, self._name, self._size, self._most, self._made = raw, name, size, most, 0
        self._frame: Any = None  # the one that is being read
        self._packed, self._ready = b"", memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            self._packed = self._packed or self._raw.read(_BLOCK)
            if not self._packed:
                if self._frame is not None:
                    raise RnnkitError(
                        f"{self._name} is a damaged Zstandard file (it ends before it is whole); pack it again."
                    )
                return 0
            self._frame = self._frame or self._begin()
            try:
                part = self._frame.decompress(self._packed)
            except self._errors as error:
                raise self._damaged(error) from None
            self._packed = self._frame.unused_data if self._frame.eof else b""
            self._frame = None if self._frame.eof else self._frame
            self._made += len(part)
            if self._made > self._most:
                packed = f"is {in_units(self._size)} and unpacks to more than {in_units(self._most)}"
                raise too_large(self._name, packed, self._most)
            self._ready = memoryview(part)
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _damaged(self, how: object) -> RnnkitError:
        return RnnkitError(f"{self._name} is a damaged Zstandard file ({how}); pack it again.")
