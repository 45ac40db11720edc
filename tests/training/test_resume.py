"""A training killed at any moment goes on and ends where the undisturbed one ends."""

import errno
import json
import os
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest
from run_folders import content
from tasks.tiny import OPTIONS, copied, rows, trained

import rnnkit
from rnnkit.errors import RnnkitError
from rnnkit.training import checkpoint

MEASURED = ("validation", "test", "calibration", "best_epoch", "epochs", "parameters", "data")


class Stop(keras.callbacks.Callback):
    """Raises in the middle of an epoch."""

    def __init__(self, epoch, error=KeyboardInterrupt):
        super().__init__()
        self.epoch, self.error = epoch, error

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.now == self.epoch and batch == 1:
            raise self.error


def task(**options):
    return rnnkit.TextClassifier(**{**OPTIONS, **options}, cell="gru")


def source():
    return trained().folder.with_name("reviews.csv")


def same_as_undisturbed(run):
    ours, theirs = (json.loads((folder / "metrics.json").read_text()) for folder in (run, trained().folder))
    weights = zip(rnnkit.load(run).network.get_weights(), trained().network.get_weights(), strict=True)
    return {name: ours[name] for name in MEASURED} == {name: theirs[name] for name in MEASURED} and all(
        np.array_equal(a, b) for a, b in weights
    )


def test_interrupted_twice_and_resumed_ends_where_the_undisturbed_training_ends(tmp_path):
    to = tmp_path / "run"
    for epoch, resume in ((1, False), (2, True)):
        with pytest.raises(KeyboardInterrupt):
            task().fit(source(), to=to, resume=resume, callbacks=(Stop(epoch),))
        assert not to.exists() and (tmp_path / "run.partial" / "checkpoint.npz").is_file()
    with pytest.raises(RnnkitError, match="was started with units 5, now it is 6. Resume with the same settings"):
        task(units=6).fit(source(), to=to, resume=True)
    with pytest.raises(RnnkitError, match="was started with other data"):
        task().fit(rows(80, seed=9), to=to, resume=True)
    task().fit(source(), to=to, resume=True)
    assert same_as_undisturbed(to)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert not {"checkpoint.npz", "settings.json"} & {path.name for path in to.iterdir()}
    assert len((to / "history.csv").read_text().splitlines()) == 4


@pytest.mark.slow
def test_the_running_average_goes_on_where_it_was(tmp_path):
    kept = []
    for folder, stops in (("straight", ()), ("resumed", (Stop(1),))):
        if stops:
            with pytest.raises(KeyboardInterrupt):
                task(average=0.9).fit(source(), to=tmp_path / folder, callbacks=stops)
        kept.append(task(average=0.9).fit(source(), to=tmp_path / folder, resume=True).network.get_weights())
    assert all(np.array_equal(straight, resumed) for straight, resumed in zip(*kept, strict=True))
    assert any(
        not np.array_equal(mean, last) for mean, last in zip(kept[0], trained().network.get_weights(), strict=True)
    )


def test_a_finished_run_says_so_and_refuses_other_settings(tmp_path, capsys):
    run = copied(tmp_path / "run")
    before = (run / "metrics.json").read_bytes()
    done = task().fit(source(), to=run, resume=True)
    assert "is already trained with these settings and data" in capsys.readouterr().err
    assert (
        done.predict("a good film").probability == pytest.approx(trained().predict("a good film").probability, abs=1e-6)
        and done.folder == run
    )
    with pytest.raises(RnnkitError, match="was started with seed 1, now it is 2"):
        task(seed=2).fit(source(), to=run, resume=True)
    assert (run / "metrics.json").read_bytes() == before and [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.slow
def test_killed_between_the_last_epoch_and_the_name_nothing_is_trained_again(tmp_path, monkeypatch, capsys):
    def killed(new, place, before):
        raise KeyboardInterrupt

    data = source()  # which may be made only now
    with monkeypatch.context() as patched:
        patched.setattr("rnnkit.run.target.finish", killed)
        with pytest.raises(KeyboardInterrupt):
            task().fit(data, to=tmp_path / "run")
    capsys.readouterr()
    task().fit(source(), to=tmp_path / "run", resume=True)
    said = capsys.readouterr().err
    assert "resuming after epoch 3 of 3" in said and "epoch 3/3  " not in said
    assert same_as_undisturbed(tmp_path / "run")


def test_what_is_left_of_a_finished_training_goes_and_an_older_one_is_kept(tmp_path, capsys):
    run, partial = copied(tmp_path / "run"), tmp_path / "run.partial"
    partial.mkdir()
    settings = json.loads((run / "metrics.json").read_text())["settings"]
    (partial / "settings.json").write_text(json.dumps({**settings, "data": "another"}))
    os.utime(partial / "settings.json", (1, 1))
    before = content(tmp_path)
    with pytest.raises(RnnkitError, match="is a finished Run .* and .*run.partial an older training that broke"):
        task().fit(source(), to=run, resume=True)
    assert content(tmp_path) == before
    (partial / "settings.json").write_text(json.dumps(settings))
    os.utime(partial / "settings.json", (1, 1))
    task().fit(source(), to=run, resume=True)
    assert "is already trained" in capsys.readouterr().err and [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("settings", ["", "[]", "{}", '{"options": 3}'])
def test_settings_garbage_beside_a_checkpoint(settings, tmp_path):
    (tmp_path / "run.partial").mkdir()
    (tmp_path / "run.partial" / "settings.json").write_text(settings)
    with pytest.raises(RnnkitError, match="run.partial is no training that broke off .its settings.json"):
        task().fit(source(), to=tmp_path / "run", resume=True)


def row(epoch, **figures):
    return {"epoch": epoch, "loss": 0.25, "val_loss": 0.5, "seconds": 1.0, **figures}


def compiled():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.Dropout(0.5, seed=1)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def test_a_checkpoint_round_trip_keeps_everything(tmp_path):
    model, other = compiled(), compiled()
    model.fit(np.ones((8, 3)), np.ones((8, 2)), epochs=2, verbose=0)
    progress = checkpoint.Progress(2, float("-inf"), 1, [row(1), row(2, val_loss=float("nan"))], True)
    checkpoint.save_checkpoint(tmp_path / "c.npz", model, model.get_weights(), progress)
    best, read = checkpoint.load_checkpoint(tmp_path / "c.npz", other, 2)
    assert str(read) == str(progress)  # a NaN is not itself
    for ours, theirs in ((model.variables, other.variables), (model.optimizer.variables, other.optimizer.variables)):
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(best, model.get_weights(), strict=True))
    assert checkpoint.Progress() == checkpoint.Progress(**json.loads(json.dumps(vars(checkpoint.Progress()))))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no", None])
def test_no_checkpoint_of_this_model(content, tmp_path):
    if content is None:
        np.savez(tmp_path / "c.npz", progress=np.frombuffer(b"{}", np.uint8), variable_0=np.zeros(2))
    else:
        (tmp_path / "c.npz").write_bytes(content)
    with pytest.raises(RnnkitError, match="is no checkpoint of this model"):
        checkpoint.load_checkpoint(tmp_path / "c.npz", compiled(), 2)


def test_a_pickle_in_a_checkpoint_is_not_opened(tmp_path):
    np.savez(tmp_path / "c.npz", progress=np.array([{"a": 1}], dtype=object))
    with pytest.raises(RnnkitError, match="is no checkpoint"):
        checkpoint.load_checkpoint(tmp_path / "c.npz", compiled(), 2)


@pytest.mark.parametrize("place", ["numpy.savez", "os.fsync", "os.replace"])
def test_a_full_disk_while_a_checkpoint_is_written_leaves_the_old_one(place, tmp_path, monkeypatch):
    path, model = tmp_path / "c.npz", compiled()
    checkpoint.save_checkpoint(path, model, [], checkpoint.Progress(epoch=1))
    before = path.read_bytes()

    def full(*arguments, **named):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(place, full)
    with pytest.raises(OSError):
        checkpoint.save_checkpoint(path, model, [], checkpoint.Progress(epoch=2))
    assert path.read_bytes() == before and [found.name for found in tmp_path.iterdir()] == ["c.npz"]


@pytest.mark.parametrize("room, advice", [(0, "Mend that and try again."), (1, "go on with --resume; the last whole")])
def test_a_full_disk_is_one_clear_line(room, advice, tmp_path, monkeypatch):
    saved, data = [], source()  # whose Run is made before the disk is full

    def full(path, model, best, progress):
        if len(saved) == room:
            raise OSError(errno.ENOSPC, "No space left on device")
        saved.append(checkpoint.save_checkpoint(path, model, best, progress))

    monkeypatch.setattr("rnnkit.training.trainer.save_checkpoint", full)
    with pytest.raises(RnnkitError) as caught:
        task().fit(data, to=tmp_path / "run")
    message = str(caught.value)
    assert "run.partial cannot be written (No space left on device)" in message and advice in message
    assert "\n" not in message and not (tmp_path / "run").exists()


def test_an_exploding_loss_is_said(tmp_path):
    class Explode(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.model.get_layer("logits").bias.assign([np.nan, np.nan])

    with pytest.raises(RnnkitError, match="training exploded. Lower --learning-rate"):
        task().fit(source(), callbacks=(Explode(),))


KILLED = """
import os, signal, sys
import keras
import rnnkit
sys.path.insert(0, sys.argv[4])
from tasks.tiny import OPTIONS

class Kill(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch
    def on_train_batch_end(self, batch, logs=None):
        if self.now == int(sys.argv[3]) and batch == 1:
            os.kill(os.getpid(), signal.SIGKILL)

rnnkit.TextClassifier(**OPTIONS, cell="gru").fit(sys.argv[1], to=sys.argv[2], resume=True, callbacks=(Kill(),))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_killed_by_the_system_and_resumed_in_other_processes(tmp_path):
    folder = os.path.dirname(os.path.dirname(__file__))
    for epoch in ("0", "1", "2", "-1"):
        command = [sys.executable, "-c", KILLED, str(source()), str(tmp_path / "run"), epoch, folder]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == (0 if epoch == "-1" else -signal.SIGKILL), done.stderr[-2000:]
    assert same_as_undisturbed(tmp_path / "run")
