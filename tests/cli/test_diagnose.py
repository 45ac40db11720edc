"""`rnnkit diagnose` as people use it, and as they misuse it."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from tasks import translating
from tasks.tiny import copied, rows, write_csv

from rnnkit import Translator
from rnnkit.cli import diagnosing
from rnnkit.cli.shared import Given
from rnnkit.tasks.text_classifier.task import TextClassifierOptions
from rnnkit.training.flow_verdict import Flow


@pytest.fixture
def rnnkit(monkeypatch, command_line, tmp_path):
    """Runs the command line in this process: rnnkit("diagnose", run) gives code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    return command_line


def flow(norms, **more):
    norms = np.asarray(norms, float)
    given = {"layer": "recurrent", "index": 1, "direction": "forward", "cell": "simple_rnn", "pooling": "last"}
    rows_ = np.ones(len(norms), int)
    return Flow(**{**given, "norms": norms, "rows": rows_, "same_rows": norms, "handed_on": 0.5, **more})


@pytest.mark.slow
def test_a_run_on_rows_of_ones_own(rnnkit, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    run, data = copied(tmp_path / "my_run"), write_csv(tmp_path / "my.csv", rows(20), "review,stars")
    flags = ("--text", "review", "--label", "stars")
    code, out, err = rnnkit("diagnose", run, data, *flags, "--rows", "10")
    assert code == 0 and err == "" and max(map(len, out.splitlines()[1:5])) <= 80
    assert "measured on 10 texts of" in out and "layer 1" in out and "healthy" in out and "█" in out
    assert (run / "plots" / "gradient_flow.png").read_bytes().startswith(b"\x89PNG")
    assert str(run / "plots" / "gradient_flow.png") in out
    assert out.splitlines()[-1] == f"next: rnnkit export {run} --data {data} --text review --label stars"

    found = json.loads(rnnkit("diagnose", run, data, *flags, "--json")[1])
    assert found["rows"] == 20 and found["made_up"] is False
    (one,) = found["flows"]
    assert one["cell"] == "gru" and one["verdict"] == "healthy" and 0 < one["handed_on"] < 2
    assert len(one["norms"]) == 9 and one["rows"] == [20] * 9  # eight words and the start mark


@pytest.mark.slow
def test_a_shipped_run_on_made_up_rows_writes_here(rnnkit, tmp_path, monkeypatch):
    monkeypatch.setattr("rnnkit.run.folder.SHIPPED", tmp_path / "shipped")
    copied(tmp_path / "shipped" / "reviews")
    code, out, err = rnnkit("diagnose", "reviews", "--rows", "2")
    assert code == 0 and err == "" and "measured on 2 made-up texts" in out
    assert Path("saved_models/reviews/plots/gradient_flow.png").is_file()
    assert not Path("shipped/reviews/plots/gradient_flow.png").exists()
    assert out.splitlines()[-1].startswith("next: rnnkit diagnose reviews FILE.csv")


@pytest.mark.slow
def test_another_folder_for_the_picture(rnnkit, tmp_path):
    run = copied(tmp_path / "my_run")
    assert rnnkit("diagnose", run, "--rows", "2", "--to", "here")[0] == 0
    assert Path("here/gradient_flow.png").is_file() and not (run / "plots" / "gradient_flow.png").exists()


@pytest.mark.parametrize(
    "words, code, message",
    [
        (("no_such_run",), 1, "There is no Run no_such_run."),
        ((), 2, "Missing argument 'RUN'"),
        (("my_run", "missing.csv"), 1, "missing.csv"),
        (("imdb_sentiment", "--rows", "0"), 2, "--rows"),
        (("my_run", "my.csv", "--text", "nothing"), 1, "has no column 'nothing'"),
        (("my_run", "--rows", "2", "--to", "my.csv"), 1, "Name another folder with --to."),
    ],
)
def test_slips_get_one_line(words, code, message, rnnkit, tmp_path):
    copied(tmp_path / "my_run")
    write_csv(tmp_path / "my.csv", [("a good film", "positive")] * 3)
    given, out, err = rnnkit("diagnose", *words)
    assert given == code and err.startswith("error: ") and err.count("\n") == 1 and message in err, (out, err)


def test_the_help_screen_fits_80_columns(rnnkit, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERMINAL_WIDTH", "80")
    code, out, _ = rnnkit("diagnose", "--help-all")
    assert code == 0 and max(map(len, out.splitlines())) <= 80 and "--text " in out and "--rows" in out
    assert "│ diagnose " in rnnkit("--help")[1]


def test_the_chart_has_a_notch_for_each_power_of_ten(monkeypatch):
    assert diagnosing._chart(flow([1, 0.1, 0.01, 1e-7, 1e-9, 0])) == "█▇▆▁  "
    assert diagnosing._chart(flow([np.inf, 1.0])) == "!█"
    assert len(diagnosing._chart(flow(np.ones(1000)))) == 24
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert diagnosing._chart(flow([1, 0.1])) == "@#"


@pytest.mark.parametrize(
    "norms, flag, said",
    [
        (0.5 ** np.arange(30), "--cell lstm", "vanishing"),
        (1.5 ** np.arange(30), "--global-clipnorm 1", "exploding"),
        ([np.nan] * 4, "--global-clipnorm 1", "not finite"),
        (np.zeros(9), None, "no gradient reaches this layer"),
    ],
)
def test_what_is_wrong_and_what_to_try(norms, flag, said, capsys):
    found, set_already = flow(norms), TextClassifierOptions(units=32, bidirectional=True, global_clipnorm=0.0)
    diagnosing._report([found], set_already)
    out = capsys.readouterr().out
    assert said in out and "try 1" in out and (flag or "relu") in out

    class Task:
        key = "text_classifier"
        options, options_class = set_already, TextClassifierOptions
        reading = {}
        reading_names = ()

    how = Given({"text": "a b"})
    command = diagnosing._next(Task(), "saved_models/mine", Path("my.csv"), how, [found])
    if flag:
        assert command.startswith("rnnkit train text_classifier my.csv --text 'a b' --")
        assert command.endswith(" --to saved_models/mine_2")
        assert " --units 32 --bidirectional " in command and f" {flag} " in command
        assert "--cell simple_rnn" not in command and command.count("--global-clipnorm") == 1


def test_what_is_set_already_is_not_advised(capsys):
    found = flow(1.5 ** np.arange(30))
    diagnosing._report([found], TextClassifierOptions(global_clipnorm=1.0))
    out = capsys.readouterr().out
    assert "--global-clipnorm" not in out and "--learning-rate" in out


def test_the_decoder_of_a_translator_is_named():
    task = Translator(**{**translating.OPTIONS, "units": 6, "embedding_size": 6, "layers": 2})
    parts = task.preprocessing.learn(task.read(translating.pairs(40)))
    task.network = task.build()
    flows = diagnosing._measured(task, parts.train.some(4))
    assert [diagnosing._label(flow) for flow in flows] == [
        "layer 1", "layer 1 backward", "layer 2", "layer 2 backward", "decoder layer 1", "decoder layer 2",
    ]  # fmt: skip


def test_layers_of_other_networks_are_named():
    assert diagnosing._label(flow([1.0], layer="encoder", index=2, direction="backward")) == "encoder layer 2 backward"


def test_a_cell_of_ones_own_is_named_by_its_key(monkeypatch):
    from rnnkit.cells import _own
    from rnnkit.cells.gru import GRUCell
    from rnnkit.training import gradient_flow

    class HoldingCell(GRUCell):
        """One of a user's own."""

    monkeypatch.setitem(_own.classes, "holding", HoldingCell)
    assert gradient_flow._key(HoldingCell(3)) == "holding" and gradient_flow._key(GRUCell(3)) == "gru"
