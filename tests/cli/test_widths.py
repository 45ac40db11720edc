"""Lines on a terminal of 80 columns: none is longer, but for paths and the words of commands."""

import re

import pytest
from run_folders import write_run
from tasks.tiny import OPTIONS, copied, rows, write_csv

_COLOUR, _STEERING = re.compile(r"\x1b\[[0-9;]*m"), re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.fixture
def terminal(command_line, tmp_path, monkeypatch):
    """Runs a command as in a terminal of 80 columns, and returns its lines, those of both streams."""
    for name, value in {"COLUMNS": "80", "TERMINAL_WIDTH": "80", "TTY_COMPATIBLE": "1", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def run(*words):
        _, out, err = command_line(*words)
        return _STEERING.sub("\n", _COLOUR.sub("", out + err)).replace("\r", "\n").splitlines()

    return run


def too_long(lines):
    """Lines of more than 80 columns that could have been broken at a blank."""
    return [line for line in lines if len(line.rstrip()) > 80 and " " in line.strip()]


def test_data_that_are_looked_over_and_refused_fit(terminal, tmp_path):
    write_csv(tmp_path / "opinions_of_many_people.csv", rows(40), "opinion,verdict")
    shown = terminal("check", "text_classifier", "opinions_of_many_people.csv", "--encoding", "utf-8")
    assert any(line.startswith("next: rnnkit check") or line.startswith("next: rnnkit train") for line in shown)
    assert any(line.endswith(" \\") for line in shown) and not too_long(shown)
    for words in (
        ("train", "text_classifier", "opinions_of_many_people.csv", "--text", "no_such_column_of_a_long_name"),
        ("evaluate", "no_such_run"),
    ):
        shown = terminal(*words)
        assert len(shown) > 1 and not too_long(shown), words


def test_runs_and_their_figures_fit(terminal, tmp_path):
    write_run(tmp_path / "saved_models" / "mine", reading={"columns": {"text": "x" * 50, "label": "stars"}})
    for words in (("runs",), ("runs", "show", "mine"), ("evaluate", "mine"), ("evaluate", "conll_ner"), ("tasks",)):
        shown = terminal(*words)
        assert shown and not too_long(shown), (words, too_long(shown))


@pytest.mark.slow
def test_training_scoring_and_exporting_fit(terminal, tmp_path):
    file = write_csv(tmp_path / "a.csv", rows(60), "opinion,verdict")
    settings = {name.replace("_", "-"): value for name, value in OPTIONS.items() if name != "epochs"}
    flags = [part for name, value in settings.items() for part in (f"--{name}", value)]
    shown = terminal("train", "text_classifier", file.name, *flags, "--epochs", "3", "--patience", "1", "--to", "run")
    assert not too_long(shown), too_long(shown)
    assert any(line.startswith("compiling") for line in shown), shown
    assert any("kept: the weights" in line for line in shown), shown
    copied(tmp_path / "ready")
    for words in (
        ("evaluate", "ready", file.name),
        ("finetune", "ready", file.name, "--epochs", "1", "--to", "on"),
        ("predict", "ready", "a good film " * 20),
        ("export", "ready", "--data", file.name),
    ):
        shown = terminal(*words)
        assert shown and not too_long(shown), (words, too_long(shown))
