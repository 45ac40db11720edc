"""A child process that runs models: restarted after a crash, stopped when it is late."""

import os
import sys
import threading
import time
import weakref
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from signal import Signals
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.lite.isolation.watchdog import Watchdog
from rnnkit.lite.isolation.wire import WireError, receive, send

#: Seconds left to what is going on in this thread; without one each question has the usual time.
SECONDS_LEFT: ContextVar[list[float] | None] = ContextVar("rnnkit_lite_seconds_left", default=None)
_START = "import sys; sys.path += sys.argv[2:]; from rnnkit.lite.isolation.child import main; main(int(sys.argv[1]))"
_START_SECONDS = 120.0  # importing numpy and LiteRT on a busy machine


class Session:
    """A child process and the models that it has open; a child that has gone is replaced at the next question.

    Args:
        name: What the models belong to, for messages.
        timeout_s: Seconds that a question may take.
        memory: Bytes that the child may have, where the system can hold it to that.
    """

    def __init__(self, name: str, timeout_s: float, memory: int) -> None:
        self.name, self.timeout_s, self.memory = name, timeout_s, memory
        self.closed = False
        self._models: list[tuple[bytes, int, bool]] = []
        self._open: set[int] = set()
        self._process: Popen[bytes] | None = None
        self._owner = 0
        self._lock = threading.Lock()
        self._watchdog = Watchdog()
        self._end: Any = None

    @property
    def pid(self) -> int | None:
        """The child's number; None while there is none."""
        return self._process.pid if self._process else None

    def add(self, model: bytes, num_threads: int, delegate: bool) -> int:
        """The number of a model, which the child opens on its first use."""
        self._models.append((model, num_threads, delegate))
        return len(self._models) - 1

    def ask(self, head: dict[str, Any], **arrays: np.ndarray) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Ask the child.

        Raises:
            RnnkitError: The model was refused, or the child died or did not answer in time.
            RuntimeError: LiteRT failed.
        """
        left = SECONDS_LEFT.get()
        with self._lock:
            if self.closed:
                raise RnnkitError(f"{self.name} is closed. Load it again.")
            if self._process is None or self._owner != os.getpid():
                self._begin()
            began, limit = time.monotonic(), self.timeout_s if left is None else left[0]
            with self._watchdog.within(max(limit, 0.0)) as late:
                try:
                    if head["model"] not in self._open:
                        model, threads, delegate = self._models[head["model"]]
                        opening = {"do": "open", "model": head["model"], "threads": threads, "delegate": delegate}
                        self._exchange(opening, {"model": np.frombuffer(model, np.uint8)})
                        self._open.add(head["model"])
                    answer = self._exchange(head, arrays)
                except WireError:
                    raise self._failure(late) from None
                except (
                    BaseException
                ) as error:  # such as a KeyboardInterrupt: an answer that is under way fits no question
                    if not isinstance(error, RnnkitError | RuntimeError):
                        self._stop(kill=True)
                    raise
                finally:
                    if left is not None:
                        left[0] -= time.monotonic() - began
            return answer

    def close(self) -> None:
        """End the child; asking again is an error."""
        with self._lock:
            self.closed = True
            self._stop()

    def _exchange(self, head: dict[str, Any], arrays: dict[str, np.ndarray]) -> Any:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise WireError("there is no child")
        send(process.stdin, head, arrays)
        said, made = receive(process.stdout)
        if "refused" in said:
            raise RnnkitError(_line(said["refused"]))
        if "failed" in said:
            raise RuntimeError(_line(said["failed"]))
        return said, made

    def _begin(self) -> None:
        command = [sys.executable, "-I", "-S", "-c", _START, str(self.memory), *_paths()]
        self._process = process = Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        self._owner, self._open = os.getpid(), set()
        self._watchdog = Watchdog(process.kill)
        self._end = weakref.finalize(self, _end, process, self._watchdog, os.getpid(), False)
        with self._watchdog.within(_START_SECONDS) as late:
            try:
                receive(process.stdout)  # type: ignore[arg-type]
            except WireError:
                code = self._ended()
                why = "took too long" if late.is_set() else f"ended with exit code {code}"
                raise RnnkitError(
                    f"{self.name}: the process that was to run the model {why} at its start. Give memory_gib more than "
                    f"{self.memory / 2**30:g}."
                ) from None

    def _stop(self, kill: bool = False) -> int:
        process, self._process = self._process, None
        if self._end is not None:
            self._end.detach()
        return _end(process, self._watchdog, self._owner, kill) if process else 0

    def _ended(self) -> int:
        """The exit code of a child that has closed its pipe; it has a moment left to die of its own cause."""
        with suppress(TimeoutExpired):
            if self._process:
                self._process.wait(1)
        return self._stop(kill=True)

    def _failure(self, late: threading.Event) -> RnnkitError:
        code = self._ended()
        if late.is_set():
            return RnnkitError(
                f"{self.name}: the model had no answer in time, so its process was stopped. Give timeout_s more than "
                f"{self.timeout_s:g} seconds, or export it again."
            )
        try:
            why = f"crashed ({Signals(-code).name})" if code < 0 else f"ended (exit code {code})"
        except ValueError:
            why = f"ended (exit code {code})"
        return RnnkitError(f"{self.name}: the process that ran the model {why}. The model is damaged: export it again.")


def _paths() -> list[str]:
    """The child's package search path after Python's own: this process's, without the user's folder."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    users = {Path.cwd(), *([Path(main).resolve().parent] if main else [])}
    own = [str(Path(__file__).parents[3]), str(Path(np.__file__).parents[1])]
    return [*own, *(path for path in sys.path if path and Path(path).resolve() not in users)]


def _end(process: "Popen[bytes]", watchdog: Watchdog, owner: int, kill: bool) -> int:
    """End a child: it goes when it has nobody to listen to. A fork of its owner leaves it alone."""
    watchdog.close()
    if owner != os.getpid():
        return 0
    if kill:
        process.kill()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError, ValueError):
            if pipe:
                pipe.close()
    try:
        return process.wait(5)
    except TimeoutExpired:
        process.kill()
        return process.wait()


def _line(said: Any) -> str:
    """The child's output as one printable line."""
    return "".join(letter if letter.isprintable() else " " for letter in str(said))[:500]
