"""The running average of weights: by hand, and in a task."""

import keras
import numpy as np
import pytest
from tasks.tiny import OPTIONS, rows

import rnnkit
from rnnkit.training.averaging import averaged


def test_the_average_is_that_of_the_formula():
    random = np.random.default_rng(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(keras.optimizers.Adam(0.1, use_ema=True, ema_momentum=0.8), "mse")
    expected = None
    for _ in range(6):
        model.train_on_batch(random.normal(size=(4, 3)), random.normal(size=(4, 2)))
        now = [weight.numpy() for weight in model.trainable_variables]
        expected = now if expected is None else [0.8 * old + 0.2 * new for old, new in zip(expected, now, strict=True)]
    with averaged(model):
        for weight, mean in zip(model.get_weights(), expected, strict=True):
            np.testing.assert_allclose(weight, mean, atol=1e-6)
    for weight, value in zip(model.get_weights(), now, strict=True):
        np.testing.assert_array_equal(weight, value)


def test_without_an_average_nothing_changes():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    before = model.get_weights()
    with averaged(model):
        np.testing.assert_array_equal(model.get_weights()[0], before[0])


@pytest.mark.slow
def test_a_task_keeps_the_average_and_is_scored_with_it():
    plain = rnnkit.TextClassifier(**{**OPTIONS, "epochs": 1}).fit(rows())
    task = rnnkit.TextClassifier(**{**OPTIONS, "epochs": 1}, average=0.9).fit(rows())
    assert task.history[0]["loss"] == pytest.approx(plain.history[0]["loss"], rel=1e-4)  # training itself is the same
    assert task.history[0]["val_loss"] != plain.history[0]["val_loss"]
    with averaged(task.network):
        mean = task.network.get_weights()
    kept = task.network.get_weights()
    assert all(np.allclose(one, other, atol=1e-6) for one, other in zip(kept, mean, strict=True))
    scored = task.validate(task.network, task.parts.validation)
    assert scored["loss"] == pytest.approx(task.history[0]["val_loss"], rel=1e-3)
