"""Judges a reader: it answers, or raises `RnnkitError` in one line, in time, in memory, and leaves everything alone."""

import contextlib
import gc
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fuzz.made import Made

import rnnkit
from rnnkit.errors import RnnkitError

SECONDS, MEMORY, LONGEST_LINE = 60, 2**30, 1000
_ADDRESSES = 6 * 2**30  # bytes of address space on top of what is taken: what grows faster than the watch looks
_PACKAGE = str(Path(rnnkit.__file__).parent)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
#: Audit events that change the file that is their first argument, or both of the first two.
_CHANGES = {"os.remove": 1, "os.rename": 2, "os.rmdir": 1, "os.mkdir": 1, "os.link": 2, "os.symlink": 2,
            "os.truncate": 1, "os.chmod": 1, "os.chown": 1, "os.utime": 1, "shutil.rmtree": 1}  # fmt: skip
_STARTS = ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.forkpty", "os.exec", "os.system", "pty.spawn",
           "socket.connect", "socket.bind")  # fmt: skip
SECRET = "secret.txt"


class Fault(AssertionError):
    """What a reader must not do.

    Args:
        kind: In a word, for counting: "traceback", "line", "answer", "seconds", "memory", "files", "process" ...
        message: What it did.
        where: The place in rnnkit, as "file.py:12 function", where that is known: the same fault has the same place.
    """

    def __init__(self, kind: str, message: str, where: str = "") -> None:
        super().__init__(f"{kind}: {message}" + (f" (at {where})" if where else ""))
        self.kind, self.where = kind, where

    @property
    def signature(self) -> tuple[str, str]:
        """The same for faults that are probably the same."""
        return self.kind, self.where.partition(":")[0] + self.where.partition(" ")[2] or _shape(str(self)[:80])

    @property
    def slow(self) -> bool:
        """Whether it takes too long to look for a smaller input with the same fault."""
        return self.kind in ("seconds", "memory", "process")


class Stopped(BaseException):
    """Raised in a reader that takes too long or too much; no `except Exception` catches it."""


@dataclass(frozen=True)
class Verdict:
    """What a reader did that may be done: answered (`said` is ""), or refused with a line; seconds and bytes taken."""

    said: str
    seconds: float
    memory: int


class Judge:
    """Runs readers in a folder of its own, one case after the other, and watches what else they do.

    Args:
        home: An empty folder; everything is made and removed in it.
        seconds: What a reader may take.
        most: Bytes by which the process may grow meanwhile.
    """

    def __init__(self, home: Path, seconds: float = SECONDS, most: int = MEMORY) -> None:
        self.home, self.seconds, self.memory = home.resolve(), seconds, most
        self.case, self.decoy, self.scratch = (self.home / name for name in ("case", "decoy", "scratch"))
        (self.decoy / "folder.old").mkdir(parents=True)
        self.scratch.mkdir()
        for name in (SECRET, "case.partial", "folder.old/kept.txt"):
            (self.decoy / name).write_text(f"This is {name}, and none of a reader's business.\n")
        self._before = self._tree()
        self._armed = self._stopping = ""
        self._broken: list[tuple[str, str]] = []
        self._reads_secrets = self._writes = self._runs = False
        self._most = 0

    @contextlib.contextmanager
    def sitting(self) -> Iterator["Judge"]:
        """Within it cases can be judged; needs the main thread, whose alarm clock it takes."""
        global _sitting
        _hook()
        before, _sitting = _sitting, self
        old_handler = signal.signal(signal.SIGALRM, self._alarm)
        old_folder, tempfile.tempdir = tempfile.tempdir, str(self.scratch)
        old_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        self._over = threading.Event()
        watch = threading.Thread(target=self._watch_memory, args=(threading.get_ident(),), daemon=True)
        watch.start()
        try:
            yield self
        finally:
            self._over.set()
            watch.join()
            _sitting, tempfile.tempdir, sys.dont_write_bytecode = before, old_folder, old_bytecode
            signal.signal(signal.SIGALRM, old_handler)

    def judge(
        self, made: Made, read: Callable[[Path], Any], sound: Callable[[Any], bool], *, stranger: bool = False,
        writes: bool = False, runs: bool = False,
    ) -> Verdict:  # fmt: skip
        """What `read` makes of `made`.

        Args:
            made: What is put into the case's folder.
            read: Takes that folder.
            sound: Whether an answer is one that can be.
            stranger: It is a stranger's folder: no file outside of it is even read.
            writes: The reader may write into the folder.
            runs: The reader may start processes, which must have ended when it has.

        Raises:
            Fault: It did what it must not do.
        """
        self.case.mkdir()
        try:
            made.lay_out(self.case, {"@DECOY@": str(self.decoy)})
            return self._judged(read, sound, stranger, writes, runs)
        finally:
            shutil.rmtree(self.case, ignore_errors=True)
            for left in self.scratch.iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()

    def _judged(self, read: Any, sound: Any, stranger: bool, writes: bool, runs: bool) -> Verdict:
        laid = None if writes else _tree(self.case)
        threads, handles, children = threading.active_count(), _handles(), _children()
        said, answer, failed = "", None, None
        self._broken.clear()
        self._reads_secrets, self._writes, self._runs = not stranger, writes, runs
        with warnings.catch_warnings(record=True) as warned, self._limits() as spent:
            warnings.simplefilter("always")
            try:
                answer = read(self.case)
            except RnnkitError as error:
                said = str(error) or " "
            except Stopped as stopped:
                self._armed = ""
                failed = Fault(self._stopping, "the reader was stopped", _place(stopped.__traceback__))
            except BaseException as error:
                reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
                failed = Fault("traceback", reason, _place(error.__traceback__))
        if failed:
            raise failed
        if spent[0] > self.seconds or spent[1] > self.memory:
            raise Fault("seconds" if spent[0] > self.seconds else "memory", f"{spent[0]:.1f} s, {spent[1]:,} bytes")
        if said:
            _check_line(said)
        elif not _is_sound(sound, answer):
            raise Fault("answer", f"{answer!r:.300} cannot be the answer")
        said = said or getattr(answer, "refusal", "")
        del answer
        for warning in warned:
            if not issubclass(warning.category, DeprecationWarning | ResourceWarning) or _PACKAGE in warning.filename:
                raise Fault("warning", f"{warning.category.__name__}: {warning.message}", Path(warning.filename).name)
        for kind, what in self._broken:
            raise Fault(kind, what)
        self._check_traces(laid, threads, handles, children)
        return Verdict(said, *spent)

    def _check_traces(self, laid: Any, threads: int, handles: int, children: set[str]) -> None:
        if self._tree() != self._before:
            raise Fault("files", "something outside the case's folder was changed")
        if laid is not None and _tree(self.case) != laid:
            raise Fault("files", "a reader changed what it read")
        if left := list(self.scratch.iterdir()):
            raise Fault("files", f"left behind in the folder for temporary files: {left[0].name}")
        if _children() - children:
            raise Fault("process", "a child process is left")
        if threading.active_count() > threads:
            raise Fault("process", "a thread is left")
        if _handles() > handles and (gc.collect(), _handles())[1] > handles:
            raise Fault("files", "a file is left open")

    @contextlib.contextmanager
    def _limits(self) -> Iterator[list[Any]]:
        """Stops what takes too long or too much; afterwards the list has the seconds and bytes taken."""
        spent: list[Any] = []
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        _forget_peak()
        self._most = memory()[0] + self.memory
        began, before = time.monotonic(), memory()[0]
        resource.setrlimit(resource.RLIMIT_AS, (memory()[1] + self.memory + _ADDRESSES, hard))
        self._armed = "yes"
        signal.setitimer(signal.ITIMER_REAL, self.seconds, min(1, self.seconds))  # again, where the first one was caught
        try:
            yield spent
        finally:
            self._armed = ""
            signal.setitimer(signal.ITIMER_REAL, 0)
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
            spent += [time.monotonic() - began, max(0, _peak() - before)]

    def _alarm(self, *_: object) -> None:
        if self._armed:
            self._stopping = "memory" if self._armed == "memory" else "seconds"
            raise Stopped

    def _watch_memory(self, main: int) -> None:
        while not self._over.wait(0.02):
            if self._armed == "yes" and memory()[0] > self._most:
                self._armed = "memory"
                signal.pthread_kill(main, signal.SIGALRM)

    def _tree(self) -> dict[str, tuple[int, ...]]:
        return {name: found for name, found in _tree(self.home, 1).items() if name not in ("case", "scratch")} | _tree(
            self.decoy
        )  # fmt: skip

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit event."""
        if not self._armed or threading.current_thread() is not threading.main_thread():
            return
        if event in _STARTS and not self._runs:
            self._broken.append(("process", f"{event} {arguments!r:.120}"))
        elif event in _CHANGES:
            for path in arguments[: _CHANGES[event]]:
                self._written(event, path)
        elif event == "open":
            path, mode, flags = arguments
            if isinstance(mode, str) and set(mode) & set("wax+") or isinstance(flags, int) and flags & _WRITES:
                self._written(event, path)
            elif not self._reads_secrets and isinstance(path, str | bytes | os.PathLike):
                if os.path.realpath(os.fsdecode(path)).startswith(str(self.decoy)):
                    self._broken.append(("files", f"reads outside its folder: {path!r:.120}"))

    def _written(self, event: str, path: Any) -> None:
        if not isinstance(path, str | bytes | os.PathLike) or os.fsdecode(path) == os.devnull:
            return
        real = os.path.realpath(os.fsdecode(path))
        own = [self.scratch, *([self.case] if self._writes else [])]
        if not any(real == str(folder) or real.startswith(f"{folder}{os.sep}") for folder in own):
            self._broken.append(("files", f"{event} outside its folder: {real!r:.120}"))


_sitting: Judge | None = None
_hooked = False


def _hook() -> None:
    """Audit hooks cannot be taken out again: there is one, and it asks who sits."""
    global _hooked
    if not _hooked:
        sys.addaudithook(lambda event, arguments: _sitting.hear(event, arguments) if _sitting else None)
        _hooked = True


def _is_sound(sound: Callable[[Any], bool], answer: Any) -> bool:
    """Whether an answer can be one; what makes the question itself fail cannot."""
    try:
        return sound(answer)
    except Exception:
        return False


def _check_line(said: str) -> None:
    if len(said.splitlines()) != 1 or len(said) > LONGEST_LINE or not said.strip():
        raise Fault("line", f"{len(said)} characters in {len(said.splitlines())} lines: {said[:400]!r}", _shape(said))
    if strange := [sign for sign in said if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") or _turns(sign)]:
        raise Fault("line", f"the line has {strange[:5]!r}: {said[:300]!r}", _shape(said))


def _turns(sign: str) -> bool:
    """Whether it turns the direction of what follows, and so may show another line than is there."""
    return sign in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def _shape(said: str) -> str:
    """A line without what it quotes, to tell it from others."""
    return re.sub(r"'[^']*'|\"[^\"]*\"|[^A-Za-z ]+", "_", said)[-60:]


def _place(trace: Any) -> str:
    """The innermost line of rnnkit in a traceback."""
    frames = [frame for frame in traceback.extract_tb(trace) if frame.filename.startswith(_PACKAGE)]
    if not frames:
        return ""
    last = frames[-1]
    return f"{Path(last.filename).relative_to(_PACKAGE)}:{last.lineno} {last.name}"


def _tree(folder: Path, depth: int = 9) -> dict[str, tuple[int, ...]]:
    """Everything under a folder, and how to see that it is not changed; links are not followed."""
    found: dict[str, tuple[int, ...]] = {}
    pending = [(str(folder), "", depth)]
    while pending:
        path, name, left = pending.pop()
        with os.scandir(path) as entries:
            for entry in entries:
                seen = entry.stat(follow_symlinks=False)
                inside = f"{name}{entry.name}"
                folder_itself = entry.is_dir(follow_symlinks=False)
                found[inside] = (seen.st_mode, seen.st_ino) + (
                    () if folder_itself else (seen.st_size, seen.st_mtime_ns)
                )
                if folder_itself and left > 1:
                    pending.append((entry.path, f"{inside}/", left - 1))
    return found


def memory() -> tuple[int, int]:
    """Bytes of memory that this process holds, and of addresses."""
    with contextlib.suppress(OSError), open("/proc/self/statm", "rb") as file:
        pages = file.read().split()
        return int(pages[1]) * resource.getpagesize(), int(pages[0]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, 2**46


def _forget_peak() -> None:
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "wb") as file:
        file.write(b"5")


def _peak() -> int:
    with contextlib.suppress(OSError), open("/proc/self/status", "rb") as file:
        found = re.search(rb"VmHWM:\s*(\d+) kB", file.read())
        if found:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _handles() -> int:
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def _children() -> set[str]:
    found: set[str] = set()
    with contextlib.suppress(OSError):
        for thread in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{thread}/children") as file:
                found.update(file.read().split())
    return found
