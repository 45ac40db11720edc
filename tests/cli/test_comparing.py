"""`rnnkit compare`: refused early, and its table on the screen."""

import csv
import json

import pytest
from run_folders import write_run
from tasks.tiny import OPTIONS, rows, write_csv

from rnnkit.cli.comparing import _cells, _duration
from rnnkit.tasks.base.ranking import ranked


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no.csv", "--cells", "gru,lstm"), "There is no file no.csv. Did you mean 'yes.csv'?"),
        (("yes.csv", "--cells", "gru,lsmt"), "Unknown cell or family 'lsmt'. Did you mean 'lstm'?"),
        (("yes.csv", "--cells", "gru"), "cells names gru alone; comparing takes two cells or more"),
        (("yes.csv", "--cells", "gru,lsmt", "--to", "there"), "Unknown cell or family 'lsmt'."),
        (("yes.csv", "--cells", "gru,lstm,gru:1"), "cells names gru:1 and gru, which are the same with layers=1;"),
        (("yes.csv", "--cells", "gru,lstm,gru"), "cells names gru twice; name it once."),
        (("yes.csv", "--cells", "gru,lstm", "--units", "0"), "units is 0"),
        (("yes.csv", "--cells", "gru,lstm:99"), "The cell lstm:99 cannot be compared: layers is 99"),
        (("yes.csv", "--cells", "gru,lstm", "--text", "review"), "has no column 'review'"),
        (("yes.csv", "--cells", "gru,lstm", "--to", "there"), "there/comparison.json holds an earlier comparison"),
        (("yes.csv", "--cells", "gru,lstm", "--to", "run"), "run holds other things than a comparison"),
    ],
)
def test_it_is_refused_before_keras_is_loaded(words, said, command_line, tmp_path, monkeypatch):
    from rnnkit.tasks.base import comparing

    monkeypatch.chdir(tmp_path)
    (tmp_path / "yes.csv").write_text("text,label\na,b\n")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "comparison.json").write_text("{}")
    write_run(tmp_path / "run")
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr(comparing, "load_keras", lambda: pytest.fail("Keras is loaded"))
    code, out, err = command_line("compare", "text_classifier", *words)
    assert (code, out, err.count("\n")) == (1, "", 1) and said in err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("text_classifier",), "Missing argument 'file'. (rnnkit compare text_classifier --help)"),
        (("text_classifier", "yes.csv", "--cell", "gru"), "No such option: --cell. Did you mean '--cells'?"),
        (("imdb_sentiment", "imdb_mgu"), "'imdb_sentiment' is a Run. To compare Runs: rnnkit runs compare imdb_sent"),
    ],
)
def test_other_words_lead_to_the_right_ones(words, said, command_line):
    code, out, err = command_line("compare", *words)
    assert (code, out, err.count("\n")) == (2, "", 1) and said in err


def test_a_task_without_cells_says_so(command_line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trees.txt").write_text("(3 good)\n")
    code, _, err = command_line("compare", "tree_classifier", "trees.txt", "--cells", "gru,lstm")
    assert code == 1 and "tree_classifier has no option cell, so it has no cells to compare." in err


def test_a_line_of_the_table():
    one = {"cell": "min_gru", "layers": 3, "seed": 1, "run": "min_gru-3", "training_seconds": 61.4, "steps": 50,
           "milliseconds_a_step": 12.345, "parameters": 10645, "tflite": {"bytes": 24080, "milliseconds": 0.0742},
           "validation": {"accuracy": 0.5238, "confidence_intervals": {"accuracy": [0.33333, 0.714286]}}}  # fmt: skip
    failed = {"cell": "lstm", "layers": 0, "seed": 1, "run": "lstm", "error": "The loss became nan."}
    bare = {**failed, "cell": "gru", "validation": {"accuracy": 0.5}, "tflite": {"error": "x"}}
    bare.pop("error")
    assert [_cells(row) for row in ranked([failed, bare, one])] == [
        ["min_gru:3", "0.5238", "0.333 to 0.714", "61 s", "12.3", "10,645", "24 kB", "0.0742"],
        ["gru", "0.5000", *["-"] * 6],
        ["lstm", "failed", *["-"] * 6],
    ]
    assert (_duration(99.4), _duration(90 * 60)) == ("99 s", "90.0 min")


@pytest.mark.slow
def test_from_a_table_to_the_run_that_is_kept(tmp_path, monkeypatch, command_line):
    monkeypatch.chdir(tmp_path)
    data = write_csv(tmp_path / "reviews.csv", rows(80))
    options = {**OPTIONS, "epochs": 2}
    flags = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
    words = ("compare", "text_classifier", data, "--cells", "gru,simple_rnn:2", "--to", "cells", *flags)
    code, out, err = command_line(*words)
    assert code == 0, err
    record = json.loads((tmp_path / "cells" / "comparison.json").read_text())
    kept = record["kept"]["run"]
    assert "validation accuracy, the best first; ms: a text with the TFLite file, on one thread" in out
    table = [line.split()[0] for line in out.splitlines() if line.startswith(("gru", "simple_rnn:2"))]
    with (tmp_path / "cells" / "comparison.csv").open() as file:
        assert table == [row["cell"] for row in csv.DictReader(file)] and table[0].replace(":", "-") == kept
    assert f"kept cells/{kept}: test accuracy " in out and "the test part had no part in the choice" in out
    assert "in cells: comparison.csv, comparison.json, comparison.png" in out
    assert f"rnnkit predict cells/{kept} --tflite" in out and f"rnnkit runs show cells/{kept}" in out
    assert (tmp_path / "cells" / kept / "lite" / "bundle.json").is_file()
    code, out, err = command_line(*words)
    assert code == 1 and "holds an earlier comparison" in err and out == ""
    code, again, err = command_line(*words, "--resume")
    assert code == 0 and "cell 1 of 2" not in err and table[0] in again
