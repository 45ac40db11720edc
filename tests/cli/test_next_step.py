"""The command that is printed last can be typed as it stands, in an environment that is not activated too."""

import os
import sys
from pathlib import Path

import pytest

from rnnkit.cli.screen import runnable

COMMAND = 'RNNKIT_CELLS=mine.py rnnkit predict saved_models/mine "What a film!"'


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """A virtual environment in `.venv`, and a script that is run with its Python from the folder above."""
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "rnnkit"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(programs / "python"))
    monkeypatch.setattr(sys, "argv", ["pipelines/imdb_sentiment.py"])
    return programs


def test_a_program_that_is_not_on_the_path_is_named_by_its_own(environment, monkeypatch):
    assert runnable(COMMAND) == COMMAND.replace("rnnkit predict", ".venv/bin/rnnkit predict")
    assert runnable('python -m rnnkit.lite mine/lite "A"') == '.venv/bin/python -m rnnkit.lite mine/lite "A"'
    elsewhere = Path("else where")
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert runnable("rnnkit runs") == f"{environment}/rnnkit runs"


def test_in_an_activated_environment_its_name_is_enough(environment, monkeypatch):
    monkeypatch.setenv("PATH", f"{environment}{os.pathsep}{os.environ['PATH']}")
    assert runnable(COMMAND) == COMMAND


def test_where_it_was_called_by_its_name_it_is_called_so_again(environment, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["rnnkit", "runs"])
    assert runnable(COMMAND) == COMMAND


def test_another_installation_on_the_path_is_not_taken_for_this_one(environment, monkeypatch, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "rnnkit").write_text("#!/bin/sh\n")
    (other / "rnnkit").chmod(0o755)
    monkeypatch.setenv("PATH", str(other))
    assert runnable("rnnkit runs") == ".venv/bin/rnnkit runs"
