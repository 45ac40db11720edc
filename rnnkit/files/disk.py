"""Disk checks: obstacles to writing are found before any work, and later failures are one line."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rnnkit.errors import RnnkitError
from rnnkit.files.writing import may_be_replaced

_DISK = (
    errno.ENOSPC,
    errno.EROFS,
    errno.EACCES,
    errno.EFBIG,
    errno.ENAMETOOLONG,
    *((errno.EDQUOT,) if hasattr(errno, "EDQUOT") else ()),
)


def check_writable(path: Path, advice: str) -> None:
    """Refuse a file that cannot be written, before any work. A link's name is given to the new file, and what it
    leads to stays.

    Args:
        path: The file.
        advice: What to do then.

    Raises:
        RnnkitError: It is a folder, a device or the like, has an impossible name, or its folder may not be written to.
    """
    try:
        if not may_be_replaced(path):
            raise RnnkitError(f"{path} is {'a folder' if path.is_dir() else 'no regular file'}. {advice}")
        check_folder(path.parent, path, advice)
    except (OSError, ValueError) as error:
        if isinstance(error, RnnkitError):
            raise
        raise RnnkitError(f"{str(path)!r} cannot be written ({disk_reason(error) or error}). {advice}") from None


def refuse_existing(path: Path, overwrite: bool = False, flag: str = "--to") -> None:
    """Refuse a file that exists, unless it may be replaced.

    Args:
        path: The file.
        overwrite: Whether it may be.
        flag: The flag that named it.

    Raises:
        RnnkitError: It exists.
    """
    if not overwrite and os.path.lexists(path):
        raise RnnkitError(
            f"{path} exists already; nothing was written. Give another file with {flag}, or replace it with "
            "--overwrite."
        )


def refuse_input(path: Path, read: Path, advice: str) -> None:
    """Refuse to write over the file that is read.

    Args:
        path: The file to write.
        read: The file that is read.
        advice: What to do then.

    Raises:
        RnnkitError: They are one file.
    """
    if os.path.exists(path) and os.path.exists(read) and os.path.samefile(path, read):
        raise RnnkitError(f"{path} is the file that is read. {advice}")


def check_folder(place: Path, longest: Path, advice: str, replaced: bool = False) -> None:
    """Refuse a folder that cannot be created or written to.

    Args:
        place: The folder, which need not exist.
        longest: The longest name that is needed for it.
        advice: What to do then.
        replaced: It is replaced as a whole, for which the folder above it has to be written to.

    Raises:
        OSError: A name cannot be had.
        RnnkitError: A name is too long, or a folder may not be written to.
    """
    above = next(parent for parent in place.absolute().parents if parent.exists())
    most = os.pathconf(above, "PC_NAME_MAX") if hasattr(os, "pathconf") else 255
    if too_long := [part for part in longest.parts if len(os.fsencode(part)) > most]:
        raise RnnkitError(f"{too_long[0][:60]!r}... is too long for a name. {advice}")
    there = place.exists()
    for folder in (*((above,) if replaced or not there else ()), *((place,) if there else ())):
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            reason = "may not be written to" if folder.is_dir() else "is no folder"
            raise RnnkitError(f"{place} cannot be written: {folder} {reason}. {advice}")
    try:
        os.lstat(longest)
    except (FileNotFoundError, NotADirectoryError):
        pass


@contextmanager
def disk_errors(
    folder: Path,
    advice: str = "Mend that and try again.",
    kept: Path | None = None,
    what: str = "the last whole epoch is kept",
) -> Iterator[None]:
    """Turn a full disk or a lost permission into one clear line.

    Args:
        folder: What is written.
        advice: How to mend it.
        kept: A file that a training, or answers, can go on from, once it is there.
        what: What it keeps.
    """
    try:
        yield
    except Exception as error:  # h5py and TensorFlow have their own for a full disk
        if isinstance(error, RnnkitError) or (reason := disk_reason(error)) is None:
            raise
        if kept is not None and kept.is_file():
            advice = f"Mend that and go on with --resume; {what}."
        raise RnnkitError(f"{folder} cannot be written ({reason}). {advice}") from None


def disk_reason(error: Exception) -> str | None:
    """The reason why the disk cannot be written to, in few words; None for other errors.

    Example:

    >>> disk_reason(RuntimeError("unable to extend file, errno = 28, 'No space left on device'"))
    'No space left on device'
    >>> disk_reason(RuntimeError("out of memory")) is None
    True
    """
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    said = " ".join(str(error).split())
    reason = next((os.strerror(code) for code in _DISK if os.strerror(code).lower() in said.lower()), None)
    return reason or (said[:200] or type(error).__name__ if isinstance(error, OSError) else None)


@contextmanager
def scratch() -> Iterator[Path]:
    """A temporary folder, removed at the end.

    Raises:
        RnnkitError: That one is full, or cannot be written to.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="rnnkit-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
    except Exception as error:
        if isinstance(error, RnnkitError) or (reason := disk_reason(error)) is None:
            raise
        raise RnnkitError(
            f"The temporary folder {_temporary()} cannot be written ({reason}). Make room there, or set TMPDIR to "
            "another folder."
        ) from None


def _temporary() -> str:
    try:
        return tempfile.gettempdir()
    except OSError:  # there is none that can be used
        return os.environ.get("TMPDIR", "")
