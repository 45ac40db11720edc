"""The loss against looking at the same words again."""

import keras
import numpy as np
import pytest

from rnnkit.layers.attention.attention import AdditiveAttention
from rnnkit.layers.attention.coverage import CoverageLoss

ROWS, TIME, SOURCE = 3, 5, 4
RATE = 0.7


@pytest.fixture
def weights():
    powers = np.exp(np.random.default_rng(1).normal(size=(ROWS, TIME, SOURCE)))
    return (powers / powers.sum(axis=-1, keepdims=True)).astype("float32")


TARGET = np.array([[5, 4, 3, 2, 1], [7, 8, 2, 0, 0], [0, 0, 0, 0, 0]])


def in_numpy(weights, target):
    """Step by step, as See et al. write it: coverage is what was looked at before."""
    total, count = 0.0, 0
    for row, ids in zip(weights, target, strict=True):
        coverage = np.zeros(SOURCE)
        for a, word in zip(row, ids, strict=True):
            if word:
                total, count = total + np.minimum(a, coverage).sum(), count + 1
            coverage = coverage + a
    return RATE * total / max(count, 1)


def loss_of(weights, target, **arguments):
    layer = CoverageLoss(RATE, **arguments)
    passed = layer(np.full((ROWS, 2), 3, "float32"), weights, target, training=True)
    assert (np.asarray(passed) == 3).all() and passed.dtype == "float32" and len(layer.losses) == 1
    return float(layer.losses[0])


def test_equals_numpy(weights):
    assert loss_of(weights, TARGET) == pytest.approx(in_numpy(weights, TARGET), abs=1e-6)
    assert loss_of(weights, np.ones_like(TARGET)) == pytest.approx(in_numpy(weights, np.ones_like(TARGET)), abs=1e-6)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision(policy, weights):
    assert loss_of(weights, TARGET, dtype=policy) == pytest.approx(in_numpy(weights, TARGET), abs=1e-2)


def test_padding_does_not_count(weights):
    other = np.where(TARGET[..., None] != 0, weights, 100.0).astype("float32")
    assert loss_of(other, TARGET) == pytest.approx(loss_of(weights, TARGET))
    assert loss_of(weights, np.zeros_like(TARGET)) == 0


def test_looking_at_each_word_once_costs_nothing_and_at_one_alone_nearly_all():
    once = np.eye(SOURCE, dtype="float32")[None]
    assert loss_of(np.repeat(once, ROWS, 0), np.ones((ROWS, SOURCE))) == pytest.approx(0, abs=1e-6)
    same = np.repeat(once[:, :1], ROWS, 0).repeat(TIME, 1)
    assert loss_of(same, np.ones((ROWS, TIME))) == pytest.approx(RATE * (TIME - 1) / TIME)


def test_adds_nothing_outside_training(weights):
    layer = CoverageLoss(RATE)
    np.testing.assert_array_equal(layer(weights, weights, TARGET), weights)
    assert not layer.losses


def nothing(true, made):
    return 0.0 * keras.ops.sum(made)


@pytest.mark.slow
def test_a_model_is_trained_by_it_saved_and_loaded(tmp_path):
    random = np.random.default_rng(3)
    query, memory, target = keras.Input((None, 3)), keras.Input((None, 5)), keras.Input((None,), dtype="int32")
    context, weights = AdditiveAttention(4)(query, memory)
    model = keras.Model([query, memory, target], CoverageLoss(RATE, name="coverage")(context, weights, target))
    model.compile(keras.optimizers.Adam(0.05), nothing, jit_compile=False)
    data = [random.normal(size=(ROWS, TIME, 3)), 2 * random.normal(size=(ROWS, SOURCE, 5)), TARGET]
    losses = [float(model.train_on_batch(data, np.zeros((ROWS, TIME, 5)))) for _ in range(20)]
    assert losses[-1] < 0.95 * losses[0]
    assert float(model.test_on_batch(data, np.zeros((ROWS, TIME, 5)))) == 0
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    assert again.get_layer("coverage").rate == RATE
    np.testing.assert_allclose(again(data), model(data), atol=1e-6)
