"""Runs functions in a process of their own, since some of them can take their process down with them."""

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

_ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


class ChildError(Exception):
    """A function did not come to its end in the child.

    Args:
        said: The line of the child's output that tells most.
        crash: The name of the signal that ended it, or "".
        late: Whether it was stopped since its time was over.
    """

    def __init__(self, said: str, crash: str = "", late: bool = False) -> None:
        super().__init__("its time was over" if late else f"crashed ({crash})" if crash else said)
        self.said, self.crash, self.late = said, crash, late


class Child:
    """A process that runs one function after another: started for the first, and anew after one that failed.

    It starts in a folder of its own: Python would otherwise run a `tensorflow.py` that lies in the user's.

    Example:

    >>> with Child() as child:
    ...     list(child.run("os.path:split", "a/b")), list(child.run("os.path:split", "c/d"))
    (['a', 'b'], ['c', 'd'])
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def run(self, function: str, *arguments: Any, limit: float | None = None) -> Iterator[Any]:
        """Runs a function and gives what it gives, one by one, as it comes.

        Args:
            function: "package.module:function"; what it returns can be iterated over, or is None.
            arguments: Its arguments. They and what it gives are of JSON's kinds.
            limit: Seconds after which it is stopped.

        Raises:
            ChildError: When it raised an error, crashed or was not done in time.
        """
        process = self._process or self._start()
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(limit or 0.0, stop)
        if limit:
            timer.start()
        done = False
        try:
            done = yield from _answers(process, {"function": function, "arguments": arguments})
            if not done:
                raise self._failure(process, late.is_set())
        finally:
            timer.cancel()
            if not done:
                process.kill()
                self.close()

    def close(self) -> None:
        """Ends the process and removes its folder."""
        process, folder, self._process, self._folder = self._process, self._folder, None, None
        if process is not None and process.stdin and process.stdout:
            try:
                process.stdin.close()
            except BrokenPipeError:
                pass
            process.wait()
            process.stdout.close()
        if folder is not None:
            folder.cleanup()

    def _start(self) -> "subprocess.Popen[str]":
        self._folder = tempfile.TemporaryDirectory()
        paths = [str(Path(__file__).parents[1]), *filter(None, sys.path)]
        with open(Path(self._folder.name, "log"), "wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", f"from {__name__} import main; main()"],
                cwd=self._folder.name,
                env={**os.environ, **_ENVIRONMENT, "PYTHONPATH": os.pathsep.join(paths)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
            )
        return self._process

    def _failure(self, process: "subprocess.Popen[str]", late: bool) -> ChildError:
        code = process.wait()
        log = Path(self._folder.name, "log").read_text("utf-8", "replace") if self._folder else ""
        return ChildError(telling_line(log), signal.Signals(-code).name if code < 0 else "", late)


def _answers(process: "subprocess.Popen[str]", job: dict[str, Any]) -> Generator[Any, None, bool]:
    """What the child gives, and then, as the generator's value, whether it came to the end."""
    if process.stdin is None or process.stdout is None:
        return False
    try:
        process.stdin.write(json.dumps(job) + "\n")
        process.stdin.flush()
    except BrokenPipeError:
        return False
    for line in process.stdout:
        answer = json.loads(line)
        if "done" in answer:
            return True
        yield answer["value"]
    return False


_KEPT: ContextVar[Child | None] = ContextVar("rnnkit_child", default=None)


@contextmanager
def one_child() -> Iterator[None]:
    """Within it, all that `apart` runs is run by one process: it imports TensorFlow once, which takes seconds."""
    if _KEPT.get() is not None:
        yield
        return
    with Child() as child:
        token = _KEPT.set(child)
        try:
            yield
        finally:
            _KEPT.reset(token)


def apart(function: str, *arguments: Any, limit: float | None = None) -> list[Any]:
    """Runs a function in another process: that of `one_child`, or one for this function alone.

    Args:
        function: As for `Child.run`.
        arguments: As for `Child.run`.
        limit: As for `Child.run`.

    Raises:
        ChildError: As for `Child.run`.

    Example:

    >>> apart("os.path:split", "a/b")
    ['a', 'b']
    """
    kept = _KEPT.get()
    if kept is not None:
        return list(kept.run(function, *arguments, limit=limit))
    with Child() as child:
        return list(child.run(function, *arguments, limit=limit))


def telling_line(log: str) -> str:
    """The line of a log, which can be megabytes, that says what went wrong."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if "Ops:" in line or "Error:" in line or "error:" in line]
    return (telling or lines or ["it said nothing."])[-1][:300]


def main() -> None:
    """What the child does: runs the functions that it is told to, until there are no more."""
    # The functions, and what they start, print to the log and read nothing, so that the two pipes stay ours.
    jobs = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)

    def say(**answer: Any) -> None:
        print(json.dumps(answer), file=answers, flush=True)

    with one_child():  # for what the functions run apart themselves
        for line in jobs:
            job = json.loads(line)
            module, _, name = job["function"].partition(":")
            for value in getattr(importlib.import_module(module), name)(*job["arguments"]) or ():
                say(value=value)
            say(done=True)
