"""Locks on targets being written: of two processes or threads, the second learns who holds the target."""

import errno
import hashlib
import os
import stat
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rnnkit.errors import RnnkitError
from rnnkit.files.disk import disk_reason
from rnnkit.files.lock_notes import holder, is_ours, write_note

_TRIES = 100
_UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS)
_WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP)
_GUARD = threading.Lock()
#: By lock file, what this process holds: whose it is and how many times over.
_HELD: dict[Path, "_Held"] = {}


class _Held:
    def __init__(self, descriptor: int, made: list[Path]) -> None:
        self.descriptor, self.made, self.times = descriptor, made, 1
        self.owner = _me()


def _me() -> tuple[int, int]:
    return os.getpid(), threading.get_ident()


def lock_file(target: Path) -> Path:
    """The hidden lock file beside a target.

    Example:

    >>> lock_file(Path("/runs/mine")).name
    '.mine.rnnkit.lock'
    """
    name = target.name
    if len(os.fsencode(name)) > 200:
        name = f"{name[:40]}.{hashlib.sha256(os.fsencode(name)).hexdigest()[:32]}"
    return Path(os.path.realpath(target.parent)) / f".{name}.rnnkit.lock"


@contextmanager
def lock(target: Path, advice: str = "give another folder with --to") -> Iterator[None]:
    """Lock a target: no other process or thread gets it until this ends.

    The operating system keeps the lock and drops it with the process, so none is ever left of a dead one. The thread
    that holds it may take it again.

    Args:
        target: What is written, which need not exist; no link (resolve it first).
        advice: What to do in place of waiting.

    Raises:
        RnnkitError: Another holds it; the line says who, and since when. Or it cannot be locked.

    Example:

    >>> with lock(Path(tempfile.mkdtemp(), "run")):
    ...     pass
    """
    path = lock_file(target)
    with _GUARD:
        held = _HELD.get(path)
        if held is not None and held.owner == _me():
            held.times += 1
        else:
            held = _HELD[path] = _taken(path, target, advice)
    try:
        yield
    finally:
        with _GUARD:
            held.times -= 1
            if not held.times:
                _HELD.pop(path, None)
                _release(held, path)


def _taken(path: Path, target: Path, advice: str) -> _Held:
    made: list[Path] = []
    try:
        try:
            made = _make(path.parent)
            return _Held(_acquire(path, target, advice), made)
        except OSError as error:
            if error.errno not in (*_UNWRITABLE, *_WITHOUT_LOCKS) or not target.is_dir():
                raise
            if error.errno in _WITHOUT_LOCKS:
                print(f"{path.parent} knows no locks: do not write {target} from another machine.", file=sys.stderr)
            return _Held(_acquire(_elsewhere(path), target, advice), made)
    except OSError as error:
        _remove(made)
        raise RnnkitError(f"{target} cannot be locked for writing ({disk_reason(error)}); {advice}.") from None
    except RnnkitError:
        _remove(made)
        raise


def _acquire(path: Path, target: Path, advice: str) -> int:
    for _ in range(_TRIES):  # the one that held it removes it
        try:
            descriptor = _open(path)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            continue
        except OSError as error:
            if path.is_symlink() or (os.path.lexists(path) and not path.is_file()):
                raise _in_the_way(path, target) from None
            raise error
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise _in_the_way(path, target)
            if not _locked(descriptor):
                raise RnnkitError(
                    f"{target} is being written by {holder(descriptor)}. Wait for it to end, or {advice}."
                )
            if not _same(descriptor, path):
                os.close(descriptor)
                continue
            if found.st_nlink != 1 or found.st_size > 4096 or not is_ours(descriptor):
                raise _in_the_way(path, target)
            write_note(descriptor)
            return descriptor
        except BaseException as error:
            if isinstance(error, OSError) and not os.fstat(descriptor).st_size and _same(descriptor, path):
                path.unlink()  # there are no locks here, and it was made for one
            _close(descriptor)
            raise
    raise RnnkitError(f"{target} is being written by others all the time. Wait for them to end, or {advice}.")


def _open(path: Path) -> int:
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o666)
    except PermissionError:  # another user's, who made the file
        if not os.path.lexists(path):
            raise
        return os.open(path, os.O_RDONLY | flags)


def _locked(descriptor: int) -> bool:
    """Whether the lock was acquired."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, 2**30, os.SEEK_SET)  # beyond what is written, which others are to read
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            return False
        raise
    return True


def _same(descriptor: int, path: Path) -> bool:
    """Whether the locked file still has its name: its previous holder removes it."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _in_the_way(path: Path, target: Path) -> RnnkitError:
    return RnnkitError(f"{path} is in the way: it is no lock of rnnkit's, and {target} needs one. Move it away.")


def _release(held: _Held, path: Path) -> None:
    if held.owner[0] == os.getpid():  # and not a copy of that process
        try:
            if _same(held.descriptor, path):
                path.unlink()
        except OSError:  # as on Windows, where it is open; or another user's: it is free all the same
            pass
    _close(held.descriptor)
    _remove(held.made)


def _close(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError:
        pass


def _make(folder: Path) -> list[Path]:
    """Create a folder and its parents; return the created ones, innermost first."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return made


def _remove(folders: list[Path]) -> None:
    """Remove the folders created here that are empty."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _elsewhere(path: Path) -> Path:
    """A lock file per machine and user, for a folder that cannot have one beside it."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir(), f"rnnkit-locks-{user}")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "getuid") and found.st_uid != user):
        raise OSError(errno.EPERM, f"{folder} is somebody else's")
    return folder / f"{hashlib.sha256(os.fsencode(path)).hexdigest()[:40]}.lock"
