"""Cells compared: each trained once and alike, the best kept by validation, a failure a row, resumed after a kill."""

import csv
import json

import pytest
from run_folders import content
from tasks import tiny

import rnnkit
from rnnkit import cells
from rnnkit.errors import RnnkitError
from rnnkit.run.comparison import PICTURE, RECORD, TABLE
from rnnkit.tasks.base.task import Task
from rnnkit.training import progress

SMALL = {**tiny.OPTIONS, "epochs": 2}
CELLS = "simple_rnn,mgu:2"


@pytest.fixture
def exports(monkeypatch):
    """What was exported, which takes seconds; each file is said to be slower than the one before."""
    made = []

    def export(task, **how):
        made.append(task.options.cell)
        return {"bytes": 100, "milliseconds": float(len(made)), "timed": "a text"}

    monkeypatch.setattr(Task, "export", export)
    return made


@pytest.fixture
def trained(monkeypatch):
    """The cells whose training began, and a way to break off in the second epoch of one."""
    seen, breaks, fit = [], {}, Task.fit

    class Breaks(progress.EpochStatus):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            if epoch == 0 and (error := breaks.pop(seen[-1], None)):
                raise error

    def watched(task, *given, **more):
        seen.append(task.options.cell)
        return fit(task, *given, **more)

    monkeypatch.setattr(Task, "fit", watched)
    monkeypatch.setattr(progress, "EpochStatus", Breaks)
    return seen, breaks


def compare(to, cells=CELLS, data=None, **how):
    options = {name: how.pop(name) for name in list(how) if name in {*SMALL, "seed", "minutes"}}
    task = rnnkit.TextClassifier(**{**SMALL, **options})
    return rnnkit.compare(task, data or tiny.rows(60), cells=cells, to=to, **how)


def test_each_cell_is_trained_alike_and_the_best_run_alone_is_kept(tmp_path, exports, capsys):
    record = compare(tmp_path / "found")
    said = capsys.readouterr().err
    assert "mgu:2, cell 2 of 2: validation accuracy" in said and "epoch 1/2" not in said
    assert "texts           train 48, validation 6, test 6" in said
    results = {(one["cell"], one["layers"]): one for one in record["results"]}
    assert set(results) == {("simple_rnn", 0), ("mgu", 2)} and exports == ["simple_rnn", "mgu"]
    assert json.loads((tmp_path / "found" / RECORD).read_text()) == json.loads(json.dumps(record))
    scores = {key: one["validation"]["accuracy"] for key, one in results.items()}
    best = max(scores, key=lambda key: (scores[key], key[0] == "simple_rnn"))  # of equals the faster
    run = tmp_path / "found" / {"simple_rnn": "simple_rnn", "mgu": "mgu-2"}[best[0]]
    assert record["kept"]["run"] == run.name
    assert {path.name for path in (tmp_path / "found").iterdir()} == {RECORD, TABLE, PICTURE, run.name}
    kept = rnnkit.load(run)
    assert (kept.options.cell, kept.options.layers) == (best[0], best[1] or 1)
    assert kept.results["test"] == record["kept"]["test"] and (run / "plots" / "learning_curves.png").is_file()
    assert kept.results["validation"]["accuracy"] == scores[best]
    low, high = results[best]["validation"]["confidence_intervals"]["accuracy"]
    assert low <= scores[best] <= high
    alone = rnnkit.TextClassifier(**SMALL, cell="mgu", layers=2).fit(tiny.rows(60))
    assert alone.results["validation"]["accuracy"] == scores["mgu", 2]
    assert results["mgu", 2]["steps"] == 2 * 2 and results["mgu", 2]["parameters"] == alone.results["parameters"]
    with (tmp_path / "found" / TABLE).open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    assert rows[0]["cell"] in ("simple_rnn", "mgu:2") and float(rows[0]["validation"]) == scores[best]


def test_a_killed_comparison_goes_on_and_another_one_is_refused(tmp_path, exports, trained):
    seen, breaks = trained
    breaks["mgu"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        compare(tmp_path / "found")
    assert (tmp_path / "found" / "mgu-2.partial" / "checkpoint.npz").is_file()
    before = content(tmp_path)
    with pytest.raises(RnnkitError, match="comparison.json holds an earlier comparison; nothing was written"):
        compare(tmp_path / "found")
    for changed, said in (({"units": 6}, "was started with units 5, now it is 6"),
                          ({"seed": 2}, "was started with seed 1, now it is 2"),
                          ({"data": tiny.rows(60, seed=4)}, "was started with other data")):  # fmt: skip
        with pytest.raises(RnnkitError, match=said):
            compare(tmp_path / "found", resume=True, **changed)
    assert content(tmp_path) == before and seen == ["simple_rnn", "mgu"]
    record = compare(tmp_path / "found", resume=True)
    assert seen == ["simple_rnn", "mgu", "mgu"] and exports == ["simple_rnn", "mgu"]
    assert [(one["cell"], one["layers"]) for one in record["results"]] == [("simple_rnn", 0), ("mgu", 2)]
    assert not list((tmp_path / "found").glob("*.partial"))
    assert compare(tmp_path / "found", cells="mgu:2,simple_rnn", resume=True) == record and len(seen) == 3


@pytest.mark.slow
def test_a_cell_that_fails_is_a_row_and_is_tried_again_and_further_cells_may_join(tmp_path, exports, trained, capsys):
    seen, breaks = trained
    breaks["mgu"] = RnnkitError("The loss became nan in epoch 1: training exploded.")
    breaks["simple_rnn"] = ZeroDivisionError("of my own\ncell")
    record = compare(tmp_path / "found", cells="simple_rnn,mgu,gru")
    errors = {one["cell"]: one.get("error") for one in record["results"]}
    assert errors == {"simple_rnn": "ZeroDivisionError: of my own cell", "gru": None,
                      "mgu": "The loss became nan in epoch 1: training exploded."}  # fmt: skip
    assert "mgu, cell 2 of 3: failed: The loss became nan" in capsys.readouterr().err
    assert record["kept"]["run"] == "gru" and not list((tmp_path / "found").glob("*.partial"))
    record = compare(tmp_path / "found", cells="simple_rnn,mgu,gru", resume=True)
    assert seen == ["simple_rnn", "mgu", "gru", "simple_rnn", "mgu"]
    assert not any("error" in one for one in record["results"])
    record = compare(tmp_path / "found", cells="mgu:2,gru", resume=True)
    assert seen[5:] == ["mgu"] and len(record["results"]) == 4


@pytest.mark.slow
def test_where_all_fail_that_is_the_error(tmp_path, exports, trained):
    _, breaks = trained
    breaks |= {"simple_rnn": RnnkitError("no"), "mgu": RnnkitError("nor that")}
    with pytest.raises(RnnkitError, match="^None of 2 trainings came to its end; simple_rnn: no$"):
        compare(tmp_path / "found")
    assert len(json.loads((tmp_path / "found" / RECORD).read_text())["results"]) == 2


@pytest.mark.slow
def test_seeds_are_averaged_all_are_kept_and_an_export_may_fail(tmp_path, monkeypatch):
    def refused(task, **how):
        raise RnnkitError("The loop export needs FlexOps.")

    monkeypatch.setattr(Task, "export", refused)
    record = compare(tmp_path / "found", seeds=2, keep_all=True, epochs=1)
    assert [(one["run"], one["seed"]) for one in record["results"]] == [
        ("simple_rnn", 1), ("simple_rnn-seed2", 2), ("mgu-2", 1), ("mgu-2-seed2", 2),
    ]  # fmt: skip
    assert record["results"][0]["tflite"] == {"error": "The loop export needs FlexOps."}
    found = {path.name for path in (tmp_path / "found").iterdir()}
    assert found == {RECORD, TABLE, "simple_rnn", "simple_rnn-seed2", "mgu-2", "mgu-2-seed2"}  # no times, no picture
    with pytest.raises(RnnkitError, match="holds an earlier comparison"):
        compare(tmp_path / "found", epochs=1)
    compare(tmp_path / "found", cells="mgu,simple_rnn", epochs=1, overwrite=True)
    names = {path.name for path in (tmp_path / "found").iterdir()}
    assert len(names) == 3 and not {"mgu-2", "simple_rnn-seed2", "mgu-2-seed2"} & names


@pytest.mark.slow
def test_a_kept_run_that_somebody_removed_is_trained_again(tmp_path, exports, trained):
    from rnnkit.run.manage import delete

    record = compare(tmp_path / "found")
    delete(tmp_path / "found" / record["kept"]["run"])
    again = compare(tmp_path / "found", resume=True)
    assert again["kept"] == record["kept"] and len(trained[0]) == 3


def test_cells_that_the_task_cannot_take_are_refused_by_name(tmp_path):
    task = rnnkit.TextClassifier(**SMALL, recurrent_initializer="orthogonal")
    with pytest.raises(RnnkitError, match="^The cell qrnn cannot be compared: recurrent_initializer is 'orthogonal'"):
        rnnkit.compare(task, tiny.rows(60), cells="qrnn,gru", to=tmp_path / "found")
    with pytest.raises(RnnkitError, match="^The cell gru:17 cannot be compared: layers is 17; expected"):
        compare(tmp_path / "found", cells="gru:17,mgu")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_cells_that_the_task_cannot_take_are_left_out_of_a_family(tmp_path, monkeypatch, exports, capsys):
    task = rnnkit.TextClassifier(**SMALL, recurrent_initializer="orthogonal")
    monkeypatch.setattr(cells, "by_family", lambda: {"light": ["qrnn", "simple_rnn", "mgu"]})
    record = rnnkit.compare(task, tiny.rows(60), cells="light", to=tmp_path / "found")
    assert [one["cell"] for one in record["results"]] == ["simple_rnn", "mgu"]
    assert "WARNING: The cell qrnn cannot be compared: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("how", "said"),
    [({"cells": "gru"}, "cells names gru alone"), ({"seeds": 0}, "seeds is 0; expected a whole number from 1 to 100"),
     ({"seeds": 1.5}, "seeds is 1.5; expected"), ({"to": "taken"}, "taken holds other things than a comparison"),
     ({"to": "file"}, "file is no folder"), ({"to": "link"}, "link is a link"),
     ({"data": tiny.rows(2)}, "has only one usable row")],
)  # fmt: skip
def test_what_cannot_be_is_said_and_nothing_is_written(how, said, tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "taken")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(RnnkitError, match=said):
        compare(tmp_path / how.pop("to", "found"), **how)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_task_without_cells_has_none_to_compare(tmp_path):
    with pytest.raises(RnnkitError, match="tree_classifier has no option cell"):
        rnnkit.compare(rnnkit.TreeClassifier(), "no.csv", cells=CELLS, to=tmp_path / "found")


@pytest.mark.slow
def test_the_kept_run_has_its_file_and_the_time_is_that_of_a_text(tmp_path):
    record = compare(tmp_path / "found", minutes=0.02, epochs=0, patience=9999)
    run = tmp_path / "found" / record["kept"]["run"]
    kept = next(one for one in record["results"] if one["run"] == run.name)
    assert kept["tflite"]["bytes"] == (run / "lite" / "model.tflite").stat().st_size
    assert kept["tflite"]["milliseconds"] > 0 and kept["tflite"]["timed"] == "a text"
    assert (tmp_path / "found" / PICTURE).is_file()
    for one in record["results"]:
        assert one["steps"] * one["milliseconds_a_step"] == pytest.approx(1200, rel=0.5)
