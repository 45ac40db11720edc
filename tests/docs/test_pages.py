"""Every command and example of README and docs/ runs as printed, one after the other, in an empty folder.

`rnnkit` and `python` are forked from a process that has loaded TensorFlow (`programs.py`): a page has up to twenty
commands, and starting each afresh would take most of the time.
"""

import json
import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs.pages import PAGES, ROOT, Step, steps

PROGRAMS = Path(__file__).with_name("programs.py")
#: Their examples run in tests/test_docs.py, which looks at what they print.
ELSEWHERE = ("shapes.md", "layers.md")
ASKS = "asks first"
TIMEOUT_S = 400
#: Runs the examples of a page, which go on from one another, and answers after each.
DRIVER = """
import json, sys
answers, sys.stdout = sys.stdout, sys.stderr
known = {"__name__": "__main__"}
for line in sys.stdin:
    exec(compile(json.loads(line), "the page", "exec"), known)
    print("done", file=answers, flush=True)
"""
TESTED = [page for page in PAGES if steps(page) and page.name not in ELSEWHERE]


@pytest.fixture(scope="module")
def programs(tmp_path_factory) -> Iterator[Path]:
    """A folder with `rnnkit` and `python`."""
    folder = tmp_path_factory.mktemp("bin")
    server = folder / "server"
    here, caller = shlex.quote(sys.executable), f"{shlex.quote(str(PROGRAMS))} call {shlex.quote(str(server))}"
    for name, plain in (("rnnkit", "-m rnnkit"), ("python", "")):
        shim = f'#!/bin/sh\n[ -n "$KERAS_BACKEND" ] && exec {here} {plain} "$@"\n'
        (folder / name).write_text(f'{shim}exec {here} -I -S {caller} {name} "$@"\n')
        (folder / name).chmod(0o755)
    words = [sys.executable, str(PROGRAMS), "serve", str(server)]
    with subprocess.Popen(words, env=environment(folder), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        yield folder
        process.terminate()


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("KERAS_BACKEND", "TF_CPP_MIN_LOG_LEVEL")}
    path = f"{folder}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return {**kept, "PATH": path, "PYTHONPATH": str(ROOT)}


class Reader:
    """Types what a page says, in a folder."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self.environment = folder, environment(programs)
        self.environment["RNNKIT_CACHE"] = str(folder / ".cache")
        self.said = (folder / ".said").open("w+")
        self.python: subprocess.Popen | None = None

    def does(self, step: Step) -> str:
        """Carry a step out. Return what went wrong, or ""."""
        if step.kind == "file":
            (self.folder / step.name).write_text(step.text, encoding="utf-8")
            return ""
        self.said.truncate(0)
        return self.example(step.text) if step.kind == "python" else self.command(step.text)

    def example(self, text: str) -> str:
        given = {"cwd": self.folder, "env": self.environment, "text": True}
        if self.python is None:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.said}
            self.python = subprocess.Popen(["python", "-c", DRIVER], **given, **pipes)
        self.python.stdin.write(f"{json.dumps(text)}\n")
        self.python.stdin.flush()
        return "" if self.python.stdout.readline() == "done\n" else self.tail()

    def command(self, text: str) -> str:
        if text.startswith("export "):
            name, _, value = text.removeprefix("export ").partition("=")
            self.environment[name] = value
            return ""
        how = {"cwd": self.folder, "env": self.environment, "stdout": self.said, "timeout": TIMEOUT_S}
        words = ["bash", "-c", text]
        if ASKS in text:
            terminal, its_end = pty.openpty()
            os.write(terminal, b"y\n")
            done = subprocess.run(words, **how, stdin=its_end, stderr=its_end)
            os.close(its_end)
            self.said.write(os.read(terminal, 10_000).decode())
            os.close(terminal)
        else:
            done = subprocess.run(words, **how, stdin=subprocess.DEVNULL, stderr=self.said)
        return self.tail() or f"exit code {done.returncode}" if done.returncode else ""

    def tail(self) -> str:
        self.said.seek(0)
        return self.said.read().strip()[-3000:]

    def leaves(self) -> None:
        if self.python is not None:
            self.python.stdin.close()
            self.python.stdout.close()
            self.python.wait()
        self.said.close()


@pytest.fixture
def reader(tmp_path, programs) -> Iterator[Reader]:
    (tmp_path / "pipelines").symlink_to(ROOT / "pipelines")  # as in a checkout
    found = Reader(tmp_path, programs)
    yield found
    found.leaves()


@pytest.mark.slow
@pytest.mark.parametrize("page", TESTED, ids=lambda page: page.name)
def test_a_page_runs_as_printed(page, reader):
    for step in steps(page):
        if not step.reason:
            failed = reader.does(step)
            assert not failed, f"{page.name}, line {step.line}: {step.text}\n{failed}"


def test_few_commands_are_left_out_and_their_line_says_why():
    left_out = [(page.name, step.line, step.reason) for page in TESTED for step in steps(page) if step.reason]
    count = sum(len(steps(page)) for page in TESTED)
    assert len(left_out) <= count / 8, left_out


def test_no_command_stands_where_it_is_not_seen():
    """A line of code that begins with a program's name is one of the steps of its page."""
    for page in PAGES:
        seen, fenced = {step.line for step in steps(page) if step.kind == "sh"}, False
        for number, line in enumerate(page.read_text(encoding="utf-8").split("\n"), 1):
            fenced ^= line.startswith("```")
            if (fenced or line.startswith("    ")) and line.strip().startswith(
                ("rnnkit ", "python -m ", "pip install")
            ):
                assert number in seen, f"{page.name}, line {number}"
