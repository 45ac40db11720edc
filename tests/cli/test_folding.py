"""`rnnkit train --folds`: refused early, resumed, and shown with the Run."""

import json

import pytest
from run_folders import write_run
from tasks.tiny import OPTIONS, rows, write_csv

from rnnkit.cli.folding import Plan, plan_of, summary_lines, title_of
from rnnkit.errors import RnnkitError

RECORD = {
    "settings": {"folds": 5, "repeats": 3},
    "results": [{"figures": {"accuracy": 0.8}, "train": 8, "test": 2}],
    "summary": {"accuracy": {"mean": 0.81234, "standard_deviation": 0.02, "interval": [0.75, 0.87]}},
}


@pytest.mark.parametrize(
    ("text", "plan"), [("5", Plan(5, 1)), (" 10 ", Plan(10, 1)), ("5x3", Plan(5, 3)), ("2X1", Plan(2, 1))]
)
def test_folds_are_read(text, plan):
    assert plan_of(text, only=False) == plan_of(text, only=True) == plan


@pytest.mark.parametrize("text", ["", "1", "0x3", "5x0", "five", "5x", "-5", "5.0", "9999", "5x3x2", "٥"])
def test_what_is_no_number_of_folds_is_said(text):
    with pytest.raises(RnnkitError, match="--folds is .*; expected a number from 2 to 1000, such as 5, or 5x3"):
        plan_of(text, only=False)


def test_folds_only_needs_folds():
    with pytest.raises(RnnkitError, match="--folds 5 --folds-only"):
        plan_of(None, only=True)


def test_earlier_folds_are_refused_before_anything_is_read(tmp_path, monkeypatch, command_line):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.folds").mkdir()
    (tmp_path / "mine.folds" / "folds.json").write_text(json.dumps(RECORD))
    code, _, err = command_line("train", "text_classifier", "nowhere.csv", "--to", "mine", "--folds", "5")
    assert code == 1 and "mine.folds/folds.json holds the folds of an earlier cross-validation" in err
    assert json.loads((tmp_path / "mine.folds" / "folds.json").read_text()) == RECORD


def test_folds_are_said_in_a_line_a_figure():
    assert title_of(RECORD) == "5 folds, 3 times"
    assert summary_lines(RECORD) == [("accuracy", "0.8123 ± 0.0200 (0.7500 to 0.8700)")]
    assert title_of({"settings": {"folds": 4, "repeats": 1}}) == "4 folds"
    assert summary_lines({"summary": {"f1": {"mean": 0.5}, "x": 3}}) == [("F1", "0.5000")]
    assert summary_lines({"summary": [1]}) == [] and title_of({}) == "0 folds"


def test_a_run_shows_intervals_and_folds(tmp_path, command_line):
    run = write_run(tmp_path / "mine", test={"accuracy": 0.87, "confidence_intervals": {"accuracy": [0.83, 0.9]}})
    (run / "folds.json").write_text(json.dumps(RECORD))
    code, out, err = command_line("runs", "show", run)
    assert code == 0, err
    assert "0.8700 (0.8300 to 0.9000)" in out
    assert "accuracy of 5 folds, 3 times  0.8123 ± 0.0200 (0.7500 to 0.8700)" in out
    (run / "folds.json").write_text('{"results": "none"}')
    code, out, _ = command_line("runs", "show", run)
    assert code == 0 and "broken" in out


@pytest.mark.slow
def test_folds_then_the_run_then_nothing_again(tmp_path, monkeypatch, command_line):
    monkeypatch.chdir(tmp_path)
    data = write_csv(tmp_path / "reviews.csv", rows(60))
    options = {**OPTIONS, "cell": "simple_rnn", "epochs": 1}
    flags = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
    train = ("train", "text_classifier", data, "--to", "mine", *flags, "--folds", "3")
    code, out, err = command_line(*train, "--folds-only")
    assert code == 0, err
    assert "3 folds: mean ± standard deviation" in out and "saved mine.folds" in out
    assert not (tmp_path / "mine").exists()
    code, out, err = command_line(*train, "--resume")
    assert code == 0 and "fold 1 of 3" not in err, err
    assert (tmp_path / "mine" / "folds.json").is_file() and (tmp_path / "mine" / "plots" / "folds.png").is_file()
    assert not (tmp_path / "mine.folds").exists()
    test = json.loads((tmp_path / "mine" / "metrics.json").read_text())["test"]
    assert " to " in next(line for line in out.splitlines() if line.startswith("accuracy"))
    assert test["confidence_intervals"]
    code, out, err = command_line(*train, "--resume")
    assert code == 0 and "already trained" in err and "fold 1 of 3" not in err, err
    assert (tmp_path / "mine" / "folds.json").is_file() and not (tmp_path / "mine.folds").exists()
    code, out, _ = command_line("evaluate", "mine", data)
    assert code == 0 and " to " in next(line for line in out.splitlines() if line.startswith("accuracy"))
