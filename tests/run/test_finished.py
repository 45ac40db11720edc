"""A finished Run is not replaced unseen: one that came to be meanwhile, or lies beside an older training."""

import json
import os

import pytest
from run_folders import content, write_run

import rnnkit
from rnnkit.errors import RnnkitError
from rnnkit.run.finished import finished_run, has_older_training, identity_of, refuse_finished
from rnnkit.run.folder import find_run
from rnnkit.run.target import finish


def test_a_run_that_another_process_finished_meanwhile_stays(tmp_path):
    run, new = tmp_path / "run", write_run(tmp_path / "new")
    before = identity_of(run)
    write_run(run, accuracy=0.99)
    there = content(tmp_path)
    with pytest.raises(RnnkitError, match="became a finished Run .*meanwhile, and was left as it is. Save again"):
        finish(new, run, before)
    (tmp_path / "run.partial").mkdir()
    (tmp_path / "run.partial" / "checkpoint.npz").write_text("")
    with pytest.raises(RnnkitError, match="is kept in .*run.partial: rename that Run, and go on with --resume"):
        finish(new, run, before)
    (tmp_path / "run.partial" / "checkpoint.npz").unlink()
    assert content(tmp_path) == there
    finish(new, run, identity_of(run))
    assert "0.99" not in (run / "metrics.json").read_text() and not new.exists()


def begun(run, settings, seconds):
    """A training beside a Run, begun some seconds later than that was finished."""
    partial = run.with_name(f"{run.name}.partial")
    partial.mkdir(exist_ok=True)
    (partial / "settings.json").write_text(json.dumps(settings))
    time = (run / "metrics.json").stat().st_mtime + seconds
    os.utime(partial / "settings.json", (time, time))


def test_resume_puts_no_older_training_in_the_place_of_a_finished_run(tmp_path):
    settings = {"options": {"units": 7}, "data": "0", "start": None}
    run = write_run(tmp_path / "run", settings=settings)
    begun(run, {**settings, "data": "1"}, -60)
    with pytest.raises(RnnkitError, match="an older training that broke off.*rnnkit runs rename.*--overwrite"):
        refuse_finished(run, resume=True)
    with pytest.raises(RnnkitError, match="run is a finished Run .*run.partial an older training"):
        rnnkit.TextClassifier().fit("nowhere.csv", to=run, resume=True)
    for same_or_later in ((settings, -60), ({**settings, "data": "1"}, 60)):
        begun(run, *same_or_later)
        assert finished_run(run, resume=True) == ""


@pytest.mark.parametrize(("hour", "older"), [("08:59", True), ("09:00", False), ("09:01", False)])
def test_dates_within_the_files_count_more_than_theirs(hour, older, tmp_path):
    run = write_run(tmp_path / "run", trained="2026-03-01T09:00:00.000+00:00")
    begun(
        run,
        {"options": {}, "data": "1", "start": None, "begun": f"2026-03-01T{hour}:00.000+00:00"},
        60 if older else -60,
    )
    assert has_older_training(run) == older
    begun(run, {"options": {}, "data": "1", "start": None, "begun": "2026-03-01"}, -60)  # no time zone
    assert has_older_training(run)


def test_a_name_means_the_users_own_run_before_a_shipped_one(tmp_path, monkeypatch, command_line):
    monkeypatch.chdir(tmp_path)
    shipped = find_run("imdb_sentiment")
    own = write_run(tmp_path / "saved_models" / "imdb_sentiment")
    assert shipped.is_absolute() and find_run("imdb_sentiment").resolve() == own
    assert find_run("conll_ner").parent == shipped.parent
    code, out, _ = command_line("runs")
    assert code == 0 and '"imdb_sentiment" means your own Run here, saved_models/imdb_sentiment' in out
    assert '"conll_ner" means' not in out
