"""`rnnkit evaluate` on how far probabilities can be trusted: the table, the threshold, the pictures, the wrong rows."""

import csv
import json

import numpy as np
import pytest
from tasks.tiny import rows, trained, write_csv

from rnnkit.errors import RnnkitError


@pytest.fixture
def data(tmp_path):
    """Labelled rows, a third of which say the opposite of what they are labelled."""
    other = {"pos": "neg", "neg": "pos"}
    made = [(text, label if place % 3 else other[label]) for place, (text, label) in enumerate(rows(150, seed=8))]
    return write_csv(tmp_path / "rows.csv", made)


def test_the_threshold_found_reaches_the_precision(command_line, data, tmp_path) -> None:
    run = trained().folder
    code, out, _ = command_line("evaluate", run, data, "--threshold-for", 0.75, "--json")
    figures = json.loads(out)
    chosen = figures["threshold_for"]
    assert code == 0 and chosen["precision"] >= 0.75 and chosen["threshold"] > 0.5
    assert set(trained().results["test"]) < set(figures)
    assert figures["precision_at_coverage"][0] == {
        "threshold": 0.0, "coverage": 1.0, "precision": pytest.approx(figures["accuracy"], abs=1e-4), "rows": 150
    }  # fmt: skip
    assert 0 < figures["expected_calibration_error"] < 1
    answers = [json.loads(line) for line in command_line("predict", run, data, "--json")[1].splitlines()]
    given = [row for row in answers if row["probability"] >= chosen["threshold"]]
    assert len(given) == chosen["rows"] and chosen["coverage"] == len(given) / 150
    assert np.mean([row["answer"] == row["label"] for row in given]) == pytest.approx(chosen["precision"])
    code, out, _ = command_line("evaluate", run, data, "--threshold-for", 0.75)
    assert f"threshold {chosen['threshold']}: precision" in out
    assert f"--to ANSWERS.csv --threshold {chosen['threshold']}" in out.splitlines()[-1]
    assert max(map(len, out.splitlines()[:-2])) <= 80
    wrong = write_csv(tmp_path / "wrong.csv", [(text, {"pos": "neg", "neg": "pos"}[label]) for text, label in rows(40)])
    code, out, err = command_line("evaluate", run, wrong, "--threshold-for", 0.99)
    assert code == 1 and "No threshold reaches a precision of 0.99 on these 40 rows. The best is " in err
    assert err.count("\n") == 1 and "precision and coverage at thresholds" in out and "next:" not in out


def test_a_precision_that_no_threshold_reaches_comes_with_the_best_one():
    from rnnkit.cli.certainty import Certainty, figures_of, refuse_unreached
    from rnnkit.metrics.confidence import Judged

    judged = Judged(np.array([False, True, True, True, False, True]), np.array([0.96, 0.9, 0.9, 0.8, 0.7, 0.6]))
    figures = figures_of(judged, Certainty(precision=0.9))
    assert figures["threshold_for"] == {
        "asked": 0.9, "threshold": None, "best": {"threshold": 0.8, "coverage": 4 / 6, "precision": 0.75, "rows": 4}
    }  # fmt: skip
    with pytest.raises(RnnkitError, match="The best is 0.75, at a coverage of 66.7% .4 of 6 rows; threshold 0.8."):
        refuse_unreached(figures)
    refuse_unreached(figures_of(judged, Certainty(precision=0.75)))


def test_wrong_rows_come_the_surest_first(command_line, data, tmp_path) -> None:
    code, out, err = command_line(
        "evaluate",
        trained().folder,
        data,
        "--errors",
        tmp_path / "wrong.csv",
        "--plots",
        tmp_path / "pictures",
        "--json",
    )
    assert code == 0, err
    with open(tmp_path / "wrong.csv", newline="", encoding="utf-8") as file:
        wrong = list(csv.DictReader(file))
    truth = dict(line.split(",") for line in data.read_text().splitlines()[1:])
    assert len(wrong) == round(150 * (1 - json.loads(out)["accuracy"])) > 0
    assert all(truth[row["text"]] == row["label"] != row["answer"] for row in wrong)
    shares = [float(row["probability"]) for row in wrong]
    assert shares == sorted(shares, reverse=True) and min(shares) >= 0.5
    answers = trained().predict([row["text"] for row in wrong])
    assert [answer.label for answer in answers] == [row["answer"] for row in wrong]
    assert [answer.probability for answer in answers] == pytest.approx(shares, abs=1e-5)
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == ["coverage.png", "reliability.png"]
    kept = (tmp_path / "wrong.csv").read_bytes()
    code, _, err = command_line("evaluate", trained().folder, data, "--errors", tmp_path / "wrong.csv")
    assert code == 1 and "replace it with --overwrite" in err and (tmp_path / "wrong.csv").read_bytes() == kept


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("imdb_sentiment", "--errors", "e.csv"), "--errors takes labelled rows"),
        (
            ("conll_ner", "DATA", "--errors", "e.csv"),
            "--errors is not for token_tagger but for sequence_classifier and text_",
        ),
        (("imdb_sentiment", "DATA", "--threshold-for", "95"), "--threshold-for is 95; expected a precision, 0 to 1"),
        (("imdb_sentiment", "DATA", "--errors", "e.xlsx"), "expected a name that ends in .csv"),
    ],
)
def test_what_cannot_be_had_is_refused_before_the_network_is_loaded(command_line, data, monkeypatch, words, said):
    monkeypatch.setattr("rnnkit.tasks.load", lambda run: pytest.fail("it is loaded"))
    monkeypatch.chdir(data.parent)
    code, out, err = command_line("evaluate", *(data if word == "DATA" else word for word in words))
    assert (code, out) == (1, "") and said in err and err.count("\n") == 1


def test_the_labelled_rows_are_never_written_over(command_line, tmp_path):
    rows = tmp_path / "rows.csv"
    rows.write_text("text,label\ngood,positive\n")
    code, out, err = command_line("evaluate", "imdb_sentiment", rows, "--errors", rows, "--overwrite")
    assert code == 1 and not out and "is the file that is read. Give --errors another file." in err
    assert rows.read_text() == "text,label\ngood,positive\n"
