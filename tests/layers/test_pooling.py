"""From a sequence to one vector, against NumPy."""

import keras
import numpy as np
import pytest

from rnnkit.layers.pooling import AttentionPooling, RunningPool
from rnnkit.testing.subject import randomize

BATCH, TIME, SIZE = 4, 6, 3
MASK = np.array([[1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 0, 0], [0, 1, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0]], bool)
IN_NUMPY = {
    "last": lambda steps: steps[-1],
    "mean": lambda steps: steps.mean(0),
    "max": lambda steps: steps.max(0),
    "mean_max": lambda steps: np.concatenate([steps.mean(0), steps.max(0)]),
}


@pytest.fixture
def outputs():
    """[batch, time, size], all below zero so that a maximum over padding would show."""
    return np.random.default_rng(1).uniform(-2, -1, size=(BATCH, TIME, SIZE)).astype("float32")


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("kind", IN_NUMPY)
def test_step_by_step_and_at_once_equal_numpy(kind, masked, outputs):
    pool, mask = RunningPool(kind), MASK.T[..., None] if masked else None
    steps = outputs.transpose(1, 0, 2)
    running = pool.start(keras.ops.convert_to_tensor(steps[0]))
    for t in range(TIME):
        running = pool.update(running, steps[t], None if mask is None else mask[t])
    shown = None if mask is None else keras.ops.convert_to_tensor(mask)
    at_once = pool.whole(keras.ops.convert_to_tensor(steps), shown)
    for got in (pool.finish(running, mask, TIME, "float32"), at_once):
        for row in range(BATCH):
            shown = outputs[row, MASK[row]] if masked else outputs[row]
            expected = IN_NUMPY[kind](shown) if len(shown) else np.zeros(pool.width * SIZE)
            np.testing.assert_allclose(got[row], expected, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("kind", IN_NUMPY)
def test_half_precision_stays_finite(kind, dtype, outputs):
    steps = keras.ops.cast(outputs.transpose(1, 0, 2), dtype)
    got = RunningPool(kind).whole(steps, keras.ops.convert_to_tensor(MASK.T[..., None]))
    assert got.dtype == dtype
    assert np.isfinite(np.asarray(keras.ops.cast(got, "float32"))).all()


def test_an_unknown_pooling_is_named():
    with pytest.raises(ValueError, match="Unknown pooling 'avg'; expected one of last, mean, max"):
        RunningPool("avg")


def test_attention_equals_numpy(outputs):
    layer = AttentionPooling(5)
    layer.build((None, None, SIZE))
    randomize(layer.trainable_weights)
    kernel, bias, context = layer.get_weights()
    scores = (np.tanh(outputs @ kernel + bias) @ context)[..., 0]
    for mask in (None, MASK):
        got = layer(outputs, mask=mask)
        for row in range(BATCH):
            shown = np.ones(TIME, bool) if mask is None else mask[row]
            weights = np.exp(scores[row]) * shown
            expected = weights @ outputs[row] / weights.sum() if weights.any() else np.zeros(SIZE)
            np.testing.assert_allclose(got[row], expected, atol=1e-5)


def test_attention_learns_past_rows_of_padding(outputs):
    layer = AttentionPooling(5)
    x, mask = keras.Input((None, SIZE)), keras.Input((None,), dtype="bool")
    model = keras.Model([x, mask], layer(x, mask=mask))
    model.compile("sgd", "mse")
    model.fit([outputs, MASK], outputs[:, 0], epochs=2, verbose=0)
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_attention_is_saved_and_loaded(outputs, tmp_path):
    model = keras.Sequential([keras.Input((None, SIZE)), AttentionPooling(5)])
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(again(outputs), model(outputs), atol=1e-6)
    assert again.layers[0].units == 5
