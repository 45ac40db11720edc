"""Atomic writing of files and folders: never through a link, and without loss of other people's files.

A temporary name is made so that it cannot exist, and only what was made here is removed again.
"""

import errno
import os
import shutil
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rnnkit.errors import RnnkitError

#: What temporary names end with; before it stand 16 hexadecimal digits, by chance.
UNFINISHED = ".writing"
_MOST_COPIED, _MOST_BYTES = 10_000, 16 * 2**30


def fresh(path: Path, suffix: str = UNFINISHED) -> Path:
    """An unused, unguessable name beside a path.

    Example:

    >>> fresh(Path("run")).name != fresh(Path("run")).name
    True
    """
    return path.with_name(f"{path.name[:50]}.{os.urandom(8).hex()}{suffix}")


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to, which takes its name once it is whole. A link of that name is replaced and what it leads to
    stays.

    Raises:
        OSError: It cannot be written, or is no ordinary file, such as a device; then what has that name is as it was.

    Example:

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with whole(folder / "a.txt") as file:
    ...     _ = file.write(b"text")
    >>> [path.name for path in folder.iterdir()], (folder / "a.txt").read_text()
    (['a.txt'], 'text')
    """
    if not may_be_replaced(path):
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    temporary = fresh(path)
    with open(temporary, "xb") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            _discard(temporary)
            raise
    try:
        os.replace(temporary, path)
    except BaseException:
        _discard(temporary)
        raise


def may_be_replaced(path: Path) -> bool:
    """Whether a new file may take a name: nothing has it, a regular file, or a link to one or to nothing.

    A process with the rights to do so would otherwise put a file in the place of `/dev/null` or `/dev/stdout`.
    """
    if os.path.abspath(path).startswith("/proc/") or (path.is_symlink() and os.readlink(path).startswith("/proc/")):
        return False
    return path.is_file() or not path.exists()


def _discard(path: Path) -> None:
    """Remove a file made here; one that cannot be removed does not hide the error before it."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        pass


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; see `whole`."""
    with whole(path) as file:
        file.write(content)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text whole or not at all; see `whole`."""
    write_bytes(path, text.encode("utf-8"))


@contextmanager
def new_folder(beside: Path) -> Iterator[Path]:
    """A new empty folder beside a path. It is removed at the end, unless it has been given another name."""
    folder = fresh(beside)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def replace_folder(
    new: Path, target: Path, known: Collection[str], inside: Mapping[str, Callable[[Path], bool]] | None = None
) -> None:
    """Give a finished folder its name. The old one goes only once the new one is in place.

    Args:
        new: A folder made by `new_folder`, on the same disk.
        target: Its name; a folder there is an earlier one of the same kind, which the caller has checked.
        known: What rnnkit writes into such a folder. What else is in the earlier one was put there by its owner, and
            goes over to the new one.
        inside: Folders among these in which an owner may have files too, and what tells that a file is ours.

    Raises:
        OSError: Then an earlier folder is as it was.
        RnnkitError: The name is a link.
    """
    refuse_link(target)
    old = fresh(target, ".old") if os.path.lexists(target) else None
    if old is not None:
        os.rename(target, old)
    try:
        os.rename(new, target)
    except OSError:
        if old is not None:
            os.rename(old, target)
        raise
    if old is None:
        return
    for path in old.iterdir():
        if path.name not in known and not os.path.lexists(target / path.name):
            os.rename(path, target / path.name)
    for name, is_ours in (inside or {}).items():
        _carry_over(old / name, target / name, is_ours)
    shutil.rmtree(old, ignore_errors=True)


def _carry_over(old: Path, new: Path, is_ours: Callable[[Path], bool]) -> None:
    """Move an owner's files from a folder to its successor."""
    for path in [] if old.is_symlink() or not old.is_dir() else list(old.iterdir()):
        if not is_ours(path) and not os.path.lexists(new / path.name):
            new.mkdir(exist_ok=True)
            os.rename(path, new / path.name)


def refuse_link(path: Path) -> None:
    """Refuse a link where a folder is to be written.

    Raises:
        RnnkitError: It is one.
    """
    if path.is_symlink():
        raise RnnkitError(f"{path} is a link, and nothing is written through it. Remove it, or give another --to.")


def copy_plain(source: Path, target: Path) -> list[Path]:
    """Copy the regular files and the folders of a folder; links, pipes and the like are left out.

    Args:
        source: The folder.
        target: The new one, which does not exist.

    Returns:
        What was left out.

    Raises:
        OSError: Something cannot be read or written.
        RnnkitError: There is too much of it.
    """
    folders, files, left_out, size = [source], [], [], 0
    for folder in folders:  # which grows
        (target / folder.relative_to(source)).mkdir()
        with os.scandir(folder) as entries:
            for entry in entries:
                kind = entry.stat(follow_symlinks=False).st_mode
                if stat.S_ISDIR(kind):
                    folders.append(Path(entry.path))
                elif stat.S_ISREG(kind):
                    files.append(Path(entry.path))
                    size += entry.stat(follow_symlinks=False).st_size
                else:
                    left_out.append(Path(entry.path))
                if len(folders) + len(files) + len(left_out) > _MOST_COPIED or size > _MOST_BYTES:
                    raise RnnkitError(
                        f"{source} holds more than {_MOST_COPIED:,} files or {_MOST_BYTES // 2**30} GiB, which is not "
                        "copied along. Move it out of the Run first."
                    )
    for path in files:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with open(os.open(path, flags), "rb") as old, open(target / path.relative_to(source), "xb") as new:
            if not stat.S_ISREG(os.fstat(old.fileno()).st_mode):
                raise OSError(errno.EINVAL, "it changed while it was copied", str(path))
            shutil.copyfileobj(old, new)
    return left_out
