"""An interpreter whose model is run by a child process: crashes and endless loops are the child's."""

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
from rnnkit.lite.isolated_child import ANSWER, METHODS
from rnnkit.lite.watchdog import Watchdog
from rnnkit.lite.wire import TYPES, WireError, receive, send

#: Seconds left to what is going on in this thread; without one each question has the usual time.
SECONDS_LEFT: ContextVar[list[float] | None] = ContextVar("rnnkit_lite_seconds_left", default=None)
_START = "import sys; sys.path += sys.argv[2:]; from rnnkit.lite.isolated_child import main; main(int(sys.argv[1]))"
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

    def open(self, model: bytes, num_threads: int, delegate: bool) -> "RemoteInterpreter":
        """Opens a model in the child."""
        self._models.append((model, num_threads, delegate))
        number = len(self._models) - 1
        remote = RemoteInterpreter(self, number)
        remote.get_signature_list()
        return remote

    def ask(self, head: dict[str, Any], **arrays: np.ndarray) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Asks the child.

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
                except WireError as error:
                    raise self._failure(error, late) from None
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
        """Ends the child; asking again is an error."""
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
            except WireError as error:
                raise self._failure(error, late) from None

    def _stop(self, kill: bool = False) -> int:
        process, self._process = self._process, None
        if self._end is not None:
            self._end.detach()
        return _end(process, self._watchdog, self._owner, kill) if process else 0

    def _failure(self, error: WireError, late: threading.Event) -> RnnkitError:
        # what closes the pipe first and dies then has a moment to do so
        with suppress(TimeoutExpired):
            if self._process:
                self._process.wait(1)
        code = self._stop(kill=True)
        if late.is_set():
            return RnnkitError(
                f"{self.name}: the model had no answer in time, so its process was stopped. Give timeout_s more than "
                f"{self.timeout_s:g} seconds, or export it again."
            )
        try:
            why = f"crashed ({Signals(-code).name})" if code < 0 else f"ended (exit code {code}; {error})"
        except ValueError:
            why = f"ended (exit code {code})"
        return RnnkitError(f"{self.name}: the process that ran the model {why}. The model is damaged: export it again.")


class RemoteInterpreter:
    """Has the methods of `ai_edge_litert.interpreter.Interpreter` that the runners use."""

    def __init__(self, session: Session, number: int) -> None:
        self._session, self._number = session, number

    def __getattr__(self, name: str) -> Any:
        if name not in METHODS:
            raise AttributeError(name)

        def call(*arguments: Any) -> Any:
            plain = [each for each in arguments if not isinstance(each, np.ndarray)]
            arrays = {str(place): each for place, each in enumerate(arguments) if isinstance(each, np.ndarray)}
            head = {"do": "call", "model": self._number, "method": name, "arguments": _plain(plain)}
            said, made = self._session.ask(head, **arrays)
            return made[ANSWER] if made else _details(said.get(ANSWER))

        return call

    def get_signature_runner(self, name: str | None = None) -> "RemoteFunction":
        """One of the model's functions."""
        return RemoteFunction(self._session, self._number, name)


class RemoteFunction:
    """Has the methods of LiteRT's `SignatureRunner`."""

    def __init__(self, session: Session, number: int, name: str | None) -> None:
        self._session, self._about = session, {"model": number, "function": name}
        said, _ = session.ask({"do": "details", **self._about})
        self._given, self._made = _details(said["given"]), _details(said["made"])

    def get_input_details(self) -> Any:
        """What it takes, by name."""
        return self._given

    def get_output_details(self) -> Any:
        """What it gives, by name."""
        return self._made

    def __call__(self, **arrays: Any) -> dict[str, np.ndarray]:
        given = {name: np.asarray(array) for name, array in arrays.items()}
        return self._session.ask({"do": "run", **self._about}, **given)[1]


def _details(value: Any) -> Any:
    """What LiteRT tells of tensors, with types and arrays again."""
    if isinstance(value, list):
        return [_details(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "dtype" not in value:
        return {name: _details(each) for name, each in value.items()}
    if value["dtype"] not in TYPES:
        raise TypeError(f"a tensor of the type {value['dtype']!r:.30}")
    shapes = {name: np.array(value[name], np.int32) for name in ("shape", "shape_signature")}
    scale, zero = value["quantization"]
    return {
        "name": str(value["name"]), "index": int(value["index"]), **shapes, "dtype": np.dtype(value["dtype"]).type,
        "quantization": (float(scale), int(zero)),
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value


def _line(said: Any) -> str:
    """What the child says, as one line that can be printed."""
    return "".join(letter if letter.isprintable() else " " for letter in str(said))[:500]


def _paths() -> list[str]:
    """Where the child looks for packages, behind Python's own: where this process does, but for the user's folder."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    users = {Path.cwd(), *([Path(main).resolve().parent] if main else [])}
    own = [str(Path(__file__).parents[2]), str(Path(np.__file__).parents[1])]
    return [*own, *(path for path in sys.path if path and Path(path).resolve() not in users)]


def _end(process: "Popen[bytes]", watchdog: Watchdog, owner: int, kill: bool) -> int:
    """Ends a child: it goes when it has nobody to listen to. A fork of its owner leaves it alone."""
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
