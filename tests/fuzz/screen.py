"""Runs the command line in this process and judges what it says."""

import io
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from fuzz.made import Made


class Said(NamedTuple):
    """A command's exit code, and what it printed, as bytes."""

    code: int
    out: bytes
    error: bytes

    @property
    def refusal(self) -> str:
        """ "" where the command did what it was asked."""
        return f"exit code {self.code}" if self.code else ""


def command(*words: str) -> Callable[[Path, Made], Said]:
    """A reader that runs a command; FILE among the words is the file that is made, FOLDER the one it lies in."""

    def read(folder: Path, made: Made) -> Said:
        from rnnkit import cli

        named = {"FILE": str(folder / next(iter(made.files))), "FOLDER": str(folder)}
        out, error = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
        with mock.patch.object(sys, "argv", ["rnnkit", *(named.get(word, word) for word in words)]), mock.patch.dict(
            os.environ, RNNKIT_DEBUG="1"
        ), redirect_stdout(out), redirect_stderr(error):  # fmt: skip
            try:
                cli.main()
                code: Any = 0
            except SystemExit as ended:
                code = ended.code or 0
        return Said(code, _written(out), _written(error))

    return read


def is_sound(said: Any) -> bool:
    """Whether a command has ended well: in nothing but whole lines, and with one line for an error. What it found out
    about a file, and which flag sets it, is no error."""
    lines = [line for line in said.error.decode("utf-8").splitlines() if not line.endswith(" sets it.")]
    errors = [line for line in lines if line.startswith("error:")]
    said.out.decode("utf-8")
    return (
        isinstance(said.code, int) and said.code in (0, 1, 2) and len(errors) <= 1 and len(errors) == len(lines)
        and b"Traceback" not in said.error and b"\x1b" not in said.error + said.out
        and all(len(line) < 1020 for line in errors) and (said.code == 1 or not errors)
    )  # fmt: skip


def _written(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    return stream.buffer.getvalue()  # type: ignore[attr-defined,no-any-return]
