"""Runs a function in a process of its own, since some functions can take their process down with them."""

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

_ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
#: What runs functions in place of a process for each; only `rnnkit.testing.shared` sets it.
SHARED: ContextVar[Callable[..., Iterable[Any]] | None] = ContextVar("rnnkit_shared_subprocess", default=None)


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


def run_in_subprocess(function: str, *arguments: Any, limit: float | None = None, fresh: bool = False) -> list[Any]:
    """Runs a function in another process and returns all that it gives.

    Args:
        function: "package.module:function"; what it returns can be iterated over, or is None.
        arguments: Its arguments. They and what it gives are of JSON's kinds.
        limit: Seconds after which it is stopped.
        fresh: Whether nothing may have run in that process before, also where tests share one.

    Raises:
        ChildError: When it raised an error, crashed or was not done in time.

    Example:

    >>> run_in_subprocess("os.path:split", "a/b")
    ['a', 'b']
    """
    if not fresh and (shared := SHARED.get()) is not None:
        return list(shared(function, *arguments, limit=limit))
    with tempfile.TemporaryDirectory() as folder, start(Path(folder)) as process:
        late = False
        try:
            said, _ = process.communicate(job(function, *arguments), limit)
        except subprocess.TimeoutExpired:
            late = True
            process.kill()
            said, _ = process.communicate()
        answers = [json.loads(line) for line in said.splitlines()] if not late else []
        if {"done": True} not in answers[-1:]:
            raise failure(process, Path(folder), late)
        return [answer["value"] for answer in answers[:-1]]


def job(function: str, *arguments: Any) -> str:
    """The line that tells a process what to run."""
    return json.dumps({"function": function, "arguments": arguments}) + "\n"


def start(folder: Path, module: str = __name__) -> "subprocess.Popen[str]":
    """Starts a process that runs the functions of the lines it reads, and writes a line for each value they give.

    It runs the `main` of `module`, in `folder`, which is empty: Python would otherwise run a `tensorflow.py` that lies
    in the user's.
    """
    paths = [str(Path(__file__).parents[1]), *filter(None, sys.path)]
    with open(folder / "log", "wb") as log:
        return subprocess.Popen(
            [sys.executable, "-c", f"from {module} import main; main()"],
            cwd=folder,
            env={**os.environ, **_ENVIRONMENT, "PYTHONPATH": os.pathsep.join(paths)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            encoding="utf-8",
        )


def failure(process: "subprocess.Popen[str]", folder: Path, late: bool) -> ChildError:
    """Why a process that `start` started in `folder` ended before its function did."""
    code = process.wait()
    log = (folder / "log").read_text("utf-8", "replace")
    return ChildError(telling_line(log), signal.Signals(-code).name if code < 0 else "", late)


def telling_line(log: str) -> str:
    """The line of a log, which can be megabytes, that says what went wrong."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if "Ops:" in line or "Error:" in line or "error:" in line]
    return (telling or lines or ["it said nothing."])[-1][:300]


def main() -> None:
    """Runs, in the child, the functions that it is told to, until there are no more."""
    # The functions, and what they start, print to the log and read nothing, so that the two pipes stay ours.
    jobs = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)

    def say(**answer: Any) -> None:
        print(json.dumps(answer), file=answers, flush=True)

    for line in jobs:
        asked = json.loads(line)
        module, _, name = asked["function"].partition(":")
        for value in getattr(importlib.import_module(module), name)(*asked["arguments"]) or ():
            say(value=value)
        say(done=True)
