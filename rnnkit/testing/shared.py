"""A process that stays for the next function, so that a test suite and the contract import TensorFlow once."""

import json
import subprocess
import tempfile
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rnnkit import child
from rnnkit.child import SHARED, failure, job, start


class Child:
    """A process that runs one function after another: started for the first, and anew after one that failed.

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
            function: As for `rnnkit.child.run_in_subprocess`.
            arguments: As there.
            limit: As there.

        Raises:
            ChildError: As there.
        """
        if self._process is None or self._folder is None:
            self._folder = tempfile.TemporaryDirectory()
            self._process = start(Path(self._folder.name), __name__)
        process, folder, late = self._process, Path(self._folder.name), threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(limit or 0.0, stop)
        if limit:
            timer.start()
        done = False
        try:
            done = yield from _answers(process, job(function, *arguments))
            if not done:
                raise failure(process, folder, late.is_set())
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


@contextmanager
def shared_subprocess() -> Iterator[None]:
    """Within it, one process runs all that `run_in_subprocess` is given."""
    if SHARED.get() is not None:
        yield
        return
    with Child() as kept:
        token = SHARED.set(kept.run)
        try:
            yield
        finally:
            SHARED.reset(token)


def main() -> None:
    """Runs, in the child, what it is told to, and all that this runs in processes in a single one."""
    with shared_subprocess():
        child.main()


def _answers(process: "subprocess.Popen[str]", line: str) -> Generator[Any, None, bool]:
    """What the child gives, and then, as the generator's value, whether it came to the end."""
    if process.stdin is None or process.stdout is None:
        return False
    try:
        process.stdin.write(line)
        process.stdin.flush()
    except BrokenPipeError:
        return False
    for said in process.stdout:
        answer = json.loads(said)
        if "done" in answer:
            return True
        yield answer["value"]
    return False
