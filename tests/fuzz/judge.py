"""Judges a reader: it answers, or raises `RnnkitError` in one line, in time, in memory, and leaves everything alone."""

import contextlib
import gc
import os
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fuzz.faults import PACKAGE, Fault, check_line, is_sound, place
from fuzz.made import Made
from fuzz.traces import forget_peak, memory, open_files, peak, processes, tree

from rnnkit.errors import RnnkitError

SECONDS, MEMORY = 60, 2**30
_LEAVING = 2  # seconds that a thread or process which was told to end may take for it
_ADDRESSES = 6 * 2**30  # bytes of address space on top of what is taken: what grows faster than the watch looks
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
#: Audit events that change a file: where among their arguments are its path, and the folder that this begins in.
_CHANGES = {
    "os.remove": [(0, 1)], "os.rmdir": [(0, 1)], "os.mkdir": [(0, 2)], "os.rename": [(0, 2), (1, 3)],
    "os.link": [(1, 3)], "os.symlink": [(1, 2)], "os.truncate": [(0, None)], "os.chmod": [(0, 2)],
    "os.chown": [(0, 3)], "os.utime": [(0, 3)], "shutil.rmtree": [(0, 1)],
}  # fmt: skip
_STARTS = ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.forkpty", "os.exec", "os.system", "pty.spawn",
           "socket.connect", "socket.bind")  # fmt: skip
SECRET = "secret.txt"


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
        self._began = 0.0, 0.0

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
        laid = None if writes else tree(self.case)
        threads, children = threading.active_count(), processes()
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
                failed = Fault(self._stopping, "the reader was stopped", place(stopped.__traceback__))
            except BaseException as error:
                reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
                failed = Fault("traceback", reason, place(error.__traceback__))
        if failed:
            raise failed
        if self._too_long() or spent[1] > self.memory:
            raise Fault("memory" if spent[1] > self.memory else "seconds", f"{spent[0]:.1f} s, {spent[1]:,} bytes")
        if said:
            check_line(said)
        elif not is_sound(sound, answer):
            raise Fault("answer", f"{answer!r:.300} cannot be the answer")
        said = said or getattr(answer, "refusal", "")
        del answer
        for warning in warned:
            if not issubclass(warning.category, DeprecationWarning | ResourceWarning) or PACKAGE in warning.filename:
                raise Fault("warning", f"{warning.category.__name__}: {warning.message}", Path(warning.filename).name)
        for kind, what in self._broken:
            raise Fault(kind, what)
        self._check_traces(laid, threads, children)
        return Verdict(said, *spent)

    def _check_traces(self, laid: Any, threads: int, children: set[str]) -> None:
        if self._tree() != self._before:
            raise Fault("files", "something outside the case's folder was changed")
        if laid is not None and tree(self.case) != laid:
            raise Fault("files", "a reader changed what it read")
        if left := list(self.scratch.iterdir()):
            raise Fault("files", f"left behind in the folder for temporary files: {left[0].name}")
        until = time.monotonic() + _LEAVING
        while (processes() - children or threading.active_count() > threads) and time.monotonic() < until:
            gc.collect()
            time.sleep(0.01)
        if processes() - children:
            raise Fault("process", "a child process is left")
        if threading.active_count() > threads:
            raise Fault("process", "a thread is left")
        if open_files(self.home) and (gc.collect(), open_files(self.home))[1]:
            raise Fault("files", f"left open: {sorted(open_files(self.home))[0]}")

    @contextlib.contextmanager
    def _limits(self) -> Iterator[list[Any]]:
        """Stops what takes too long or too much; afterwards the list has the seconds and bytes taken."""
        spent: list[Any] = []
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        forget_peak()
        self._most = memory()[0] + self.memory
        before = memory()[0]
        self._began = time.monotonic(), time.process_time()
        resource.setrlimit(resource.RLIMIT_AS, (memory()[1] + self.memory + _ADDRESSES, hard))
        self._armed = "yes"
        # The alarm rings again and again: the first one may be caught, or come too early.
        signal.setitimer(signal.ITIMER_REAL, self.seconds, min(1, self.seconds))
        try:
            yield spent
        finally:
            self._armed = ""
            signal.setitimer(signal.ITIMER_REAL, 0)
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
            spent += [time.monotonic() - self._began[0], max(0, peak() - before)]

    def _too_long(self) -> bool:
        """On a machine that others use too, a reader that works has twice its time."""
        wall, work = time.monotonic() - self._began[0], time.process_time() - self._began[1]
        return wall > self.seconds and (work > self.seconds or wall > 2 * self.seconds)

    def _alarm(self, *_: object) -> None:
        if self._armed == "memory" or (self._armed and self._too_long()):
            self._stopping = "memory" if self._armed == "memory" else "seconds"
            raise Stopped

    def _watch_memory(self, main: int) -> None:
        while not self._over.wait(0.02):
            if self._armed == "yes" and memory()[0] > self._most:
                self._armed = "memory"
                signal.pthread_kill(main, signal.SIGALRM)

    def _tree(self) -> dict[str, tuple[int, ...]]:
        found = {name: seen for name, seen in tree(self.home, 1).items() if name not in ("case", "scratch")}
        return found | tree(self.decoy)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit event."""
        if not self._armed or threading.current_thread() is not threading.main_thread():
            return
        if event in _STARTS and not self._runs:
            self._broken.append(("process", f"{event} {arguments!r:.120}"))
        elif event in _CHANGES:
            for path, folder in _CHANGES[event]:
                above = arguments[folder] if folder is not None and folder < len(arguments) else None
                self._written(event, arguments[path], above)
        elif event == "open":
            path, mode, flags = arguments
            if isinstance(mode, str) and set(mode) & set("wax+") or isinstance(flags, int) and flags & _WRITES:
                self._written(event, path)
            elif not self._reads_secrets and isinstance(path, str | bytes | os.PathLike):
                if os.path.realpath(os.fsdecode(path)).startswith(str(self.decoy)):
                    self._broken.append(("files", f"reads outside its folder: {path!r:.120}"))

    def _written(self, event: str, path: Any, above: int | None = None) -> None:
        if not isinstance(path, str | bytes | os.PathLike) or os.fsdecode(path) == os.devnull:
            return
        root = os.readlink(f"/proc/self/fd/{above}") if above is not None and above >= 0 else ""
        real = os.path.realpath(os.path.join(root, os.fsdecode(path)))
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
