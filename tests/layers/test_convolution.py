"""The convolution over time against NumPy, on padded batches, whole and step by step."""

import keras
import numpy as np
import pytest

from rnnkit.layers.convolution import TimeConvolution

FILTERS, WIDTH = 4, 3


def batch():
    rng = np.random.default_rng(3)
    mask = np.arange(6)[None] < np.array([6, 4, 1])[:, None]
    return rng.normal(size=(3, 6, 2)).astype("float32"), mask


def sums(layer, x, mask):
    """The convolution of each row's own steps, by loops."""
    kernel = np.asarray(layer.kernel)
    before = WIDTH - 1 if layer.causal else (WIDTH - 1) // 2
    found = np.zeros((*x.shape[:2], FILTERS))
    for row, step, place in np.ndindex(x.shape[0], x.shape[1], WIDTH):
        at = step - before + place
        if 0 <= at < x.shape[1] and mask[row, at]:
            found[row, step] += x[row, at] @ kernel[place]
    return found


def layer_of(causal):
    layer = TimeConvolution(FILTERS, WIDTH, causal)
    layer.build((None, None, 2))
    rng = np.random.default_rng(4)
    for weight in layer.normalization.weights:
        weight.assign(rng.normal(size=weight.shape))
    return layer


@pytest.mark.parametrize("causal", [True, False])
def test_each_step_is_convolved_and_normalised_over_its_features(causal):
    x, mask = batch()
    layer = layer_of(causal)
    expected = sums(layer, x, mask)
    mean, variance = expected.mean(axis=-1, keepdims=True), expected.var(axis=-1, keepdims=True)
    gamma, beta = map(np.asarray, (layer.normalization.gamma, layer.normalization.beta))
    expected = np.maximum(0, (expected - mean) / np.sqrt(variance + 1e-3) * gamma + beta)
    np.testing.assert_allclose(np.asarray(layer(x, mask=mask))[mask], expected[mask], atol=1e-5)


def test_padding_changes_nothing_and_steps_equal_the_whole():
    x, mask = batch()
    layer = layer_of(causal=True)
    whole = np.asarray(layer(x, mask=mask))
    alone = np.asarray(layer(x[1:2, :4]))
    np.testing.assert_allclose(whole[1, :4], alone[0], atol=1e-6)
    before = np.zeros((1, (WIDTH - 1) * 2), "float32")
    for step in range(4):
        found, before = layer.step(x[1:2, step], before)
        np.testing.assert_allclose(found, alone[:, step], atol=1e-6)


def test_it_survives_saving(tmp_path):
    x, _ = batch()
    inputs = keras.Input((None, 2))
    model = keras.Model(inputs, TimeConvolution(FILTERS, WIDTH)(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(x), model(x), atol=1e-6)
