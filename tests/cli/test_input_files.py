"""`rnnkit predict` on recordings: names and answers on the screen, as CSV and as JSON; refusals before any work."""

import csv
import json

import pytest
from tasks import sequencing


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A file with one recording, and one with three."""
    monkeypatch.chdir(tmp_path)
    rows = [values.tolist() for values, _ in sequencing.rows(3, seed=7)]
    head = "channel_1,channel_2"
    (tmp_path / "one.csv").write_text("\n".join([head, *(f"{x},{y}" for x, y in rows[0])]))
    many = [f"r{number},{x},{y}" for number, row in enumerate(rows) for x, y in row]
    (tmp_path / "many.csv").write_text("\n".join([f"recording,{head}", *many]))
    return tmp_path


def test_files_are_answered_by_name(files, command_line):
    run = sequencing.trained().folder
    code, out, err = command_line("predict", run, "one.csv")
    assert code == 0 and out.split()[0] in ("slow", "fast") and "one.csv" in out and "answering 1 sequence\n" in err
    code, out, _ = command_line("predict", run, "many.csv", "one.csv", "--json")
    said = [json.loads(line) for line in out.splitlines()]
    assert [each["input"] for each in said] == ["many.csv: r0", "many.csv: r1", "many.csv: r2", "one.csv"]
    assert said[0]["label"] == said[3]["label"] and said[0]["probability"] == pytest.approx(
        said[3]["probability"], abs=1e-5
    )
    code, out, err = command_line("predict", run, "many.csv", "--to", "out.csv", "--all", "--threshold", "1")
    assert code == 0 and "written out.csv: 3 rows" in out
    rows = list(csv.DictReader((files / "out.csv").read_text().splitlines()))
    assert list(rows[0]) == ["sequence", "answer", "probability", "probability_fast", "probability_slow"]
    assert [row["sequence"] for row in rows] == ["r0", "r1", "r2"] and rows[0]["answer"] == "unknown"


def test_a_label_for_every_step_is_a_row_a_step(files, command_line):
    run = sequencing.trained_steps().folder
    code, out, _ = command_line("predict", run, "one.csv", "--to", "-")
    said = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and [each["step"] for each in said] == list(range(1, len(said) + 1)) and said[0]["sequence"]
    code, out, _ = command_line("predict", run, "many.csv", "--threshold", "1")
    assert code == 0 and "unknown 1-" in out and out.count("\n") == 3


def test_evaluate_says_how_far_probabilities_hold_for_steps_too(tmp_path, monkeypatch, command_line):
    monkeypatch.chdir(tmp_path)
    rows = [
        f"{number},{x},{y},{label}"
        for number, (values, labels) in enumerate(sequencing.rows(20, seed=8, steps=True))
        for (x, y), label in zip(values, ["", *labels[1:]], strict=True)
    ]
    (tmp_path / "steps.csv").write_text("\n".join(["recording,channel_1,channel_2,label", *rows]))
    run = sequencing.trained_steps().folder
    code, out, err = command_line("evaluate", run, "steps.csv", "--errors", "wrong.csv")
    assert code == 0 and "precision and coverage" in out and "accuracy" in out, err
    first = (tmp_path / "wrong.csv").read_text().splitlines()[1]
    assert " step " in first and not first.split(",")[0].endswith(" step 1")


def test_steps_as_words_are_answered(command_line):
    run = sequencing.trained().folder
    code, out, _ = command_line("predict", run, "0.5,0.1 0.25,-1")
    assert code == 0 and "0.5,0.1 0.25,-1" in out
    code, out, err = command_line("predict", run, "0.5 high")
    assert (code, out) == (1, "") and "is '0.5 high' (no number); expected numbers, with blanks" in err


def test_what_an_answer_rests_on_is_drawn(files, command_line):
    code, _, err = command_line("predict", sequencing.trained().folder, "one.csv", "--plot", "why.png")
    assert code == 0 and "drawn why.png" in err and (files / "why.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing.csv",), "There is no file nothing.csv."),
        (("one.csv", "one.cvs"), "There is no file one.cvs. Did you mean 'one.csv'?"),
        (("one.csv", "--resume"), "--resume is not for sequence_classifier"),
        (("one.csv", "--to", "one.csv"), "one.csv"),
        (("one.csv", "--to", "out.xlsx"), "expected a name that ends in .csv"),
        (("many.csv", "--plot", "a.png"), "--plot draws one answer; these files hold 3 sequences"),
        (("one.csv", "--html", "a.html"), "--html is for texts"),
        (("-",), "There is no file -"),
    ],
)
def test_refusals_are_a_line_and_write_nothing(files, command_line, words, said):
    before = sorted(path.name for path in files.iterdir())
    code, out, err = command_line("predict", sequencing.trained().folder, *words)
    assert code == 1 and not out and said in err.splitlines()[-1]
    assert sorted(path.name for path in files.iterdir()) == before
