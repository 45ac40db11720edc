"""A search of settings: the first trial is as given, poor ones are given up, a killed one ends as undisturbed."""

import csv
import json

import pytest
from tasks import tiny

import rnnkit
from rnnkit.errors import RnnkitError
from rnnkit.run.tuning import FRONT_PICTURE, HISTORY_PICTURE, RECORD, STUDY, TABLE
from rnnkit.tasks.base.task import Task

pytest.importorskip("optuna")
SMALL = {**tiny.OPTIONS, "epochs": 2}


def tune(to, trials=3, data=None, options=None, **how):
    task = rnnkit.TextClassifier(**{**SMALL, **(options or {})})
    return rnnkit.tune(task, data or tiny.rows(60), to=to, trials=trials, over=["units", "dropout"], **how)


@pytest.fixture
def pretended(monkeypatch):
    """Trainings that take no time: the score of each epoch is a function of the settings; it may be made to break."""
    breaks, trained = {}, []

    def fit(task, rows, to=None, callbacks=(), **more):
        trained.append((task.options.units, task.options.dropout))
        if error := breaks.pop(len(trained), None):
            raise error
        score = 1 - abs(task.options.units - 8) / 100 - task.options.dropout / 10
        for epoch in range(task.options.epochs):
            for callback in callbacks:
                callback.on_epoch_end(epoch, {"val_accuracy": score * (epoch + 1) / task.options.epochs})
        to.mkdir(parents=True, exist_ok=True)
        (to / "config.json").write_text("{}")
        task.results = {"best_epoch": task.options.epochs, "epochs": task.options.epochs, "parameters": 1}

    monkeypatch.setattr(Task, "fit", fit)
    monkeypatch.setattr("gc.collect", lambda: 0)  # which takes longer than all else, and frees networks alone
    monkeypatch.setattr(
        Task, "export", lambda task, **how: {"bytes": 100 * task.options.units, "milliseconds": 1.0, "timed": "a text"}
    )
    return breaks, trained


def test_a_search_trains_keeps_the_best_run_and_draws(tmp_path):
    found = tune(tmp_path / "search")
    first, *others = found["results"]
    given = rnnkit.TextClassifier(**SMALL).options
    assert first["settings"] == {"units": given.units, "dropout": given.dropout}
    assert len(others) == 2 and all(1 <= one["settings"]["units"] <= 4 * given.units for one in others)
    best = max((one for one in found["results"] if one.get("goals")), key=lambda one: one["goals"]["score"])
    assert found["kept"] == [best["run"]]
    folders = [path.name for path in (tmp_path / "search").iterdir() if path.is_dir()]
    assert folders == [best["run"]]
    kept = rnnkit.load(tmp_path / "search" / best["run"])
    assert kept.options.units == best["settings"]["units"] and kept.options.dropout == best["settings"]["dropout"]
    assert {RECORD, TABLE, STUDY, HISTORY_PICTURE} <= {path.name for path in (tmp_path / "search").iterdir()}
    rows = list(csv.DictReader((tmp_path / "search" / TABLE).read_text().splitlines()))
    assert [row["trial"] for row in rows] == ["trial_001", "trial_002", "trial_003"]
    with pytest.raises(RnnkitError, match="holds an earlier search; nothing was written. Go on with it by --resume"):
        tune(tmp_path / "search")


def test_a_search_that_broke_off_anywhere_ends_as_the_undisturbed_one(tmp_path, pretended):
    breaks, trained = pretended
    whole = tune(tmp_path / "whole", 14)
    asked = list(trained)
    for place in (1, 5, 12):
        trained.clear()
        breaks[place] = KeyboardInterrupt()
        with pytest.raises(KeyboardInterrupt):
            tune(tmp_path / f"killed_{place}", 14)
        again = tune(tmp_path / f"killed_{place}", 14, resume=True)
        assert [*trained[: place - 1], *trained[place:]] == asked
        for name in ("kept", "importance"):
            assert again[name] == whole[name]
        for one, other in zip(again["results"], whole["results"], strict=True):
            assert {**one, "seconds": 0} == {**other, "seconds": 0}
    assert any(one["pruned"] for one in whole["results"]) and whole["importance"]


@pytest.mark.parametrize("lost", ["study", "last trial of the study", "last row"])
def test_a_kill_between_its_two_files_changes_nothing(lost, tmp_path, pretended, monkeypatch):
    whole = tune(tmp_path / "whole", 12)
    tune(tmp_path / "search", 9)
    record = tmp_path / "search" / RECORD
    if lost == "study":
        (tmp_path / "search" / STUDY).unlink()
    elif lost == "last row":
        content = json.loads(record.read_text())
        content["results"].pop()
        record.write_text(json.dumps(content))
    else:
        from rnnkit.tasks.base.study import Study

        with monkeypatch.context() as patch:
            patch.setattr(Study, "tell", lambda *given: (_ for _ in ()).throw(KeyboardInterrupt()))
            with pytest.raises(KeyboardInterrupt):
                tune(tmp_path / "search", 10, resume=True)
    again = tune(tmp_path / "search", 12, resume=True)
    for one, other in zip(again["results"], whole["results"], strict=True):
        assert one["settings"] == other["settings"]


def test_settings_are_learnt_from_what_is_finished(tmp_path, pretended):
    found = tune(tmp_path / "search", 40, options={"units": 30})
    scores = [one["goals"]["score"] for one in found["results"] if one.get("goals")]
    units = [one["settings"]["units"] for one in found["results"][-10:]]
    assert max(scores) > scores[0] + 0.2 and sum(abs(each - 8) <= 6 for each in units) >= 6, (scores, units)


def test_a_training_that_fails_is_a_row_and_where_all_fail_that_is_said(tmp_path, pretended):
    breaks, _ = pretended
    breaks[2] = RnnkitError("The loss became nan in epoch 1: training exploded.")
    found = tune(tmp_path / "search", 4)
    assert [one.get("error", "")[:15] for one in found["results"]] == ["", "The loss became", "", ""]
    breaks |= {place: ValueError("broken") for place in range(1, 20)}
    with pytest.raises(RnnkitError, match="None of 2 trials came to its end: ValueError: broken"):
        tune(tmp_path / "broken", 2)


def test_with_two_goals_the_runs_on_the_front_are_kept(tmp_path, pretended):
    found = tune(tmp_path / "search", 12, goals=("score", "bytes"), options={"units": 8})
    ended = {one["run"]: one["goals"] for one in found["results"]}
    for run, mine in ended.items():
        beaten = any(
            other["score"] >= mine["score"] and other["bytes"] <= mine["bytes"] and other != mine
            for other in ended.values()
        )
        assert (run not in found["kept"]) >= beaten, (run, mine)
    assert len(found["kept"]) > 1 and (tmp_path / "search" / FRONT_PICTURE).is_file()
    assert not any(one["pruned"] for one in found["results"])


def test_a_search_goes_on_longer_and_others_are_refused(tmp_path, pretended):
    tune(tmp_path / "search", 3)
    assert len(tune(tmp_path / "search", 6, resume=True)["results"]) == 6
    with pytest.raises(RnnkitError, match="was started with epochs 2, now it is 3. Resume with the same settings"):
        tune(tmp_path / "search", 6, resume=True, options={"epochs": 3})
    with pytest.raises(RnnkitError, match="was started with other data"):
        tune(tmp_path / "search", 6, resume=True, data=tiny.rows(50))
    (tmp_path / "search" / STUDY).write_bytes(b"not a study" * 100)
    with pytest.raises(RnnkitError, match=r"study.sqlite3 is no search that can be gone on with"):
        tune(tmp_path / "search", 7, resume=True)


def test_a_folder_of_any_name_holds_its_study(tmp_path, pretended):
    folder = tmp_path / "what? %41 #1"
    tune(folder, 2)
    assert (folder / STUDY).is_file() and [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_minutes_begin_no_further_training(tmp_path, pretended):
    found = tune(tmp_path / "search", 50, minutes=1e-9)
    assert len(found["results"]) == 1 or sum(one["seconds"] for one in found["results"][:-1]) < 6e-8


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"trials": 0}, "trials is 0; expected a whole number from 1 to 100,000"),
        ({"goals": ("speed",)}, "The goal 'speed' is unknown; expected some of score, bytes, milliseconds"),
        ({"goals": ()}, "goals are"),
        ({"goals": ("score", "score")}, "goals are"),
    ],
)
def test_what_is_not_understood_is_refused_before_anything_is_written(how, said, tmp_path):
    with pytest.raises(RnnkitError, match=said):
        tune(tmp_path / "search", **how)
    assert not (tmp_path / "search").exists()


def test_a_record_that_was_broken_is_refused(tmp_path, pretended):
    tune(tmp_path / "search", 2)
    record = json.loads((tmp_path / "search" / RECORD).read_text())
    record["results"][0]["run"] = "../elsewhere"
    (tmp_path / "search" / RECORD).write_text(json.dumps(record))
    with pytest.raises(RnnkitError, match="holds no figures of trials"):
        tune(tmp_path / "search", 3, resume=True)
