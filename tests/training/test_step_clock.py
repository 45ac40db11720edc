"""A training with a time ends when its steps have taken that long, also within an epoch; resumed, it has the rest."""

import itertools
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from tasks.tiny import OPTIONS, rows
from training.test_resume import Stop
from training.test_trainer import Four

import rnnkit
from rnnkit.data.batches import Batches
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.options import Options
from rnnkit.training import checkpoint
from rnnkit.training.budget import MOST_EPOCHS
from rnnkit.training.checkpoint import Progress
from rnnkit.training.step_clock import StepClock, TimedAdam
from rnnkit.training.trainer import optimizer, train


@pytest.fixture
def second_a_look(monkeypatch):
    """A clock that goes on by a second each time it is looked at: at the end of a step, and when an epoch begins."""
    monkeypatch.setattr(StepClock, "now", staticmethod(itertools.count().__next__))


def small(options):
    """A network, two batches of two rows, and the steps of all epochs."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(optimizer(options, options.epochs * 2), "mse")
    x = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    return model, Batches(Four(), lambda indices: (x[indices], x[indices, :1]))


def trained(options, **how):
    model, batches = small(options)
    validated, rates = [], []
    watch = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: rates.append(float(np.asarray(model.optimizer.learning_rate)))
    )

    def validate():
        validated.append(int(model.optimizer.iterations))
        return {"accuracy": 0.5, "loss": 1.0 / len(validated)}

    return train(model, batches, validate, options, callbacks=(watch,), **how), validated, rates


def test_it_ends_within_an_epoch_which_is_validated_and_the_rate_has_fallen(second_a_look, capsys):
    options = Options(epochs=MOST_EPOCHS, minutes=5 / 60, learning_rate=0.1, patience=99)
    progress, validated, rates = trained(options)
    assert (progress.steps, progress.seconds, progress.epoch, progress.finished) == (5, 5.0, 3, True)
    assert validated == [2, 4, 5]  # the third epoch has one step alone
    assert rates[:2] == pytest.approx([0.01, 0.0109])  # the first step's time is known after the second
    fallen = [0.02 + 0.98 * (1 + np.cos(np.pi * done)) / 2 for done in (0.4, 0.6, 0.8)]
    assert rates[2:] == pytest.approx(0.1 * np.array(fallen))
    said = capsys.readouterr().err
    assert "ended in epoch 3: its time is used up (--minutes)" in said and "10000" not in said


def test_epochs_or_time_whichever_is_first_and_neither_where_there_is_no_limit(second_a_look, capsys):
    progress, _, rates = trained(Options(epochs=2, minutes=60.0, learning_rate=0.1))
    assert (progress.steps, progress.epoch) == (4, 2) and rates[-1] < rates[1]
    assert "used up" not in capsys.readouterr().err
    progress, _, _ = trained(Options(epochs=2, learning_rate=0.1))
    assert (progress.steps, progress.seconds, progress.epoch) == (4, 4.0, 2)
    assert type(small(Options(epochs=2))[0].optimizer) is keras.optimizers.Adam
    constant = optimizer(Options(minutes=1.0, schedule="constant", learning_rate=0.25), 10)
    assert type(constant) is keras.optimizers.Adam and float(np.asarray(constant.learning_rate)) == 0.25


def test_the_share_is_of_the_time_or_of_the_steps():
    assert StepClock(Progress(steps=5, seconds=30.0), 60.0, 100, 0.1).share == 0.5
    assert StepClock(Progress(steps=80, seconds=30.0), 60.0, 100, 0.1).share == 0.8
    assert StepClock(Progress(steps=80, seconds=90.0), 0.0, 100, 0.1).share == 0.8
    assert not StepClock(Progress(steps=80, seconds=90.0), 0.0, 100, 0.1).is_over


def test_no_compiling_counts_neither_the_first_nor_that_for_a_smaller_batch(monkeypatch):
    """Each step takes a second, and one that traces a hundred more."""
    seconds, made = itertools.count(), {**OPTIONS, "cell": "simple_rnn", "epochs": 2, "minutes": 60, "batch_size": 20}
    monkeypatch.setattr(StepClock, "now", staticmethod(lambda: next(seconds) + 100 * len(traced)))
    traced, function = [], tf.function
    monkeypatch.setattr(
        tf, "function", lambda step, **how: function(lambda data: (traced.append(1), step(data))[1], **how)
    )
    task = rnnkit.TextClassifier(**made).fit(rows())
    assert task.results["data"]["train"] % 20 and len(traced) > 2  # validation has one, too
    assert task.results["milliseconds_a_step"] == 1000.0


def test_a_resumed_training_has_what_is_left_of_its_time(second_a_look, tmp_path, capsys):
    made = {**OPTIONS, "cell": "simple_rnn", "epochs": 0, "minutes": 10 / 60, "patience": 99}
    with pytest.raises(KeyboardInterrupt):
        rnnkit.TextClassifier(**made).fit(rows(), to=tmp_path / "run", callbacks=(Stop(1),))
    task = rnnkit.TextClassifier(**made).fit(rows(), to=tmp_path / "run", resume=True)
    steps = -(-task.results["data"]["train"] // OPTIONS["batch_size"])
    assert "resuming after epoch 1\n" in capsys.readouterr().err
    assert task.results["steps"] == 10 and task.results["milliseconds_a_step"] == 1000.0
    assert task.results["epochs"] == -(-10 // steps) and task.results["settings"]["options"]["minutes"] == 10 / 60
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["steps"] == 10 and isinstance(task.network.optimizer, TimedAdam)
    with pytest.raises(RnnkitError, match="was started with minutes 0.1666.*, now it is 1.0"):
        rnnkit.TextClassifier(**{**made, "minutes": 1.0}).fit(rows(), to=tmp_path / "run", resume=True)


def test_a_checkpoint_of_before_steps_were_counted_is_read():
    row = {"epoch": 1, "loss": 0.5, "val_loss": 0.6, "seconds": 2.0}
    before = {"epoch": 1, "best_score": 0.7, "best_epoch": 1, "history": [row], "finished": False}
    assert checkpoint.progress_of(before, 3) == Progress(**before, steps=0, seconds=0.0)
    for odd in ({"steps": -1}, {"seconds": -0.5}, {"seconds": float("nan")}, {"steps": 1.5}, {"seconds": True}):
        with pytest.raises(ValueError, match="its progress says"):
            checkpoint.progress_of({**before, **odd}, 3)


def test_what_grows_over_the_epochs_needs_their_number():
    with pytest.raises(RnnkitError, match="scheduled_sampling grows over the epochs.*Set epochs"):
        rnnkit.Translator(scheduled_sampling=0.2, minutes=1)
    assert rnnkit.Translator(scheduled_sampling=0.2, minutes=1, epochs=3).options.minutes == 1.0
    parent = rnnkit.TextClassifier(minutes=3)
    assert parent.finetune_defaults()["minutes"] == 0
