"""DropConnect on recurrent weights, against a loop in which they are dropped by hand."""

import keras
import numpy as np
import pytest

import rnnkit
from rnnkit.cells import GRUCell, LSTMCell, MinGRUCell
from rnnkit.errors import RnnkitError
from rnnkit.layers.recurrent import Recurrent
from rnnkit.layers.weight_drop import dropped_weights

X = np.random.default_rng(0).normal(size=(3, 6, 4)).astype("float32")


def test_what_is_dropped_is_dropped_at_all_steps_and_the_rest_grows():
    cell = LSTMCell(5, seed=1)
    cell.build((None, 4))
    before = cell.recurrent_kernel.numpy()
    with dropped_weights([cell], 0.4, keras.random.SeedGenerator(3)):
        inside = keras.ops.convert_to_numpy(keras.ops.copy(cell.recurrent_kernel.value))
        kernel = keras.ops.convert_to_numpy(keras.ops.copy(cell.kernel.value))
    np.testing.assert_array_equal(cell.recurrent_kernel.numpy(), before)
    np.testing.assert_array_equal(kernel, cell.kernel.numpy())
    kept = inside != 0
    assert 0 < kept.mean() < 1
    np.testing.assert_allclose(inside[kept], before[kept] / 0.6, rtol=1e-6)


def test_training_uses_dropped_weights_and_inference_the_whole_ones():
    layer = Recurrent(GRUCell(5, seed=1), layers=2, weight_drop=0.5, return_sequences=True)
    plain = Recurrent.from_config({**layer.get_config(), "weight_drop": 0.0})
    whole = layer(X)
    plain.build(X.shape)
    plain.set_weights(layer.get_weights())
    np.testing.assert_allclose(whole, plain(X), atol=1e-6)
    first, second = layer(X, training=True), layer(X, training=True)
    assert np.abs(first - second).max() > 1e-3 and np.abs(first - whole).max() > 1e-3
    dropped = [np.array(weight) for weight in layer.get_weights()]
    for weights, variable in zip(dropped, layer.weights, strict=True):
        np.testing.assert_array_equal(weights, variable.numpy())  # nothing was left changed


def test_dropped_weights_learn_nothing_and_the_kept_ones_do():
    import tensorflow as tf

    cell = GRUCell(4, seed=1)
    cell.build((None, 4))
    with tf.GradientTape() as tape, dropped_weights([cell], 0.5, keras.random.SeedGenerator(5)):
        inside = tf.identity(cell.recurrent_kernel.value)
        loss = tf.reduce_sum(inside**2)
    gradient = tape.gradient(loss, cell.recurrent_kernel.value).numpy()
    np.testing.assert_array_equal(gradient != 0, inside.numpy() != 0)


def test_every_layer_has_its_own():
    layer = Recurrent(GRUCell(5, seed=1), layers=2, weight_drop=0.5, return_sequences=True)
    layer(X)
    for cell in layer.cells:
        kept = cell.recurrent_kernel.numpy()
        others = [each for each in layer.cells if each is not cell]
        for other in others:
            other.recurrent_kernel.assign(np.zeros_like(kept))  # what is zero cannot be dropped
        first, second = layer(X, training=True), layer(X, training=True)
        assert np.abs(first - second).max() > 1e-4
        for other in others:
            other.recurrent_kernel.assign(kept)


def test_dropout_between_layers_draws_on():
    layer = Recurrent(LSTMCell(6, seed=1), layers=2, weight_drop=1e-9, dropout_between=0.5)
    layer(X)
    before = layer.seed_generator.state.numpy().copy()
    first, second = layer(X, training=True), layer(X, training=True)
    assert np.abs(first - second).max() > 1e-3
    draws = layer.seed_generator.state.numpy() - before
    assert draws.max() == 2 * (2 + 1)  # a call draws for two kernels and once between the layers


def test_other_noise_goes_on():
    """The draws of zoneout and dropout move on from call to call within the scope."""
    layer = Recurrent(LSTMCell(6, seed=1, zoneout=0.5), weight_drop=1e-9)
    first, second = layer(X, training=True), layer(X, training=True)
    assert np.abs(first - second).max() > 1e-3


def test_a_cell_without_recurrent_weights():
    layer = Recurrent(MinGRUCell(5), weight_drop=0.5)
    with pytest.raises(RnnkitError, match="weight_drop drops weights that meet the state, and MinGRUCell has none"):
        layer.build(X.shape)
    rnnkit.LanguageModel(cell="min_gru", weight_drop=0.5, units=4, unit="byte").build()  # there it drops what there is
