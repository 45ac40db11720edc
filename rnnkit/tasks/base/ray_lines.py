"""The lines that a worker of a Ray cluster prints, on the screen of the process that asked for the work."""

import asyncio
import io
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any


class Lines:
    """Holds lines until they are taken; an actor of Ray."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()

    @staticmethod
    def opened(ray: Any) -> Any:
        """Such an actor, which takes no part of the cluster's CPUs."""
        return ray.remote(num_cpus=0)(Lines).remote()

    async def put(self, line: str | None) -> None:
        """Add a line; None is the last."""
        await self._lines.put(line)

    async def take(self) -> str | None:
        """The next line, once there is one."""
        return await self._lines.get()


@contextmanager
def printed(ray: Any, lines: Any) -> Iterator[None]:
    """Print what workers send, as it comes.

    Args:
        ray: Ray, connected.
        lines: As `Lines.opened` gives it.
    """

    def take() -> None:
        try:
            while (line := ray.get(lines.take.remote())) is not None:
                print(line, flush=True)
        except Exception:  # the cluster is gone, which whoever waits for the work says
            return

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    try:
        yield
    finally:
        lines.put.remote(None)
        thread.join(10)


@contextmanager
def sent(lines: Any) -> Iterator[None]:
    """Send what this process prints there, a line at a time.

    Args:
        lines: As `Lines.opened` gives it.
    """
    for name in ("", "tensorflow", "ray", "ray.train"):  # which tell what they do, step by step
        logging.getLogger(name).setLevel(logging.ERROR)
    with redirect_stdout(_Sender(lines, sys.stdout)), redirect_stderr(_Sender(lines, sys.stderr)):
        yield


@contextmanager
def quietly_started() -> Iterator[None]:
    """Let Ray start in silence, and have its C++ part say nothing afterwards: what failed comes as an exception."""
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


class _Sender(io.TextIOBase):
    """A stream that sends each whole line; what is meant for others, such as its descriptor, is that of the old one."""

    def __init__(self, lines: Any, before: Any) -> None:
        self._lines, self._before, self._open = lines, before, ""

    def write(self, text: str) -> int:
        *whole, self._open = (self._open + text).split("\n")
        for line in whole:
            self._lines.put.remote(line)
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        found: int = self._before.fileno()
        return found

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"
