"""Residual blocks around recurrent layers, against the equations by hand."""

import keras
import numpy as np
import pytest

from rnnkit.cells import GRU, LRU, LSTM, MinGRU
from rnnkit.layers.recurrent import Recurrent
from rnnkit.layers.stack import step_stack

BATCH, TIME, FEATURES, UNITS = 3, 6, 4, 5


def made(layer_class=MinGRU, **options):
    keras.utils.set_random_seed(1)
    layer = layer_class(UNITS, **{"layers": 2, "block": 3, "return_sequences": True, **options})
    layer.build((None, None, FEATURES))
    for weight in layer.trainable_variables:
        weight.assign(weight + 0.3 * keras.random.normal(weight.shape, seed=2))
    return layer


def inputs():
    return np.random.default_rng(3).normal(size=(BATCH, TIME, FEATURES)).astype("float32")


def normalised(x, norm):
    gamma, beta = (np.asarray(weight) for weight in norm.weights)
    spread = x.var(axis=-1, keepdims=True) + norm.epsilon
    return gamma * (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(spread) + beta


def dense(x, layer):
    kernel, *bias = (np.asarray(weight) for weight in layer.weights)
    return x @ kernel + sum(bias)


def gelu(x):
    from scipy.special import erf  # Keras's "gelu" is the approximate one only where asked

    return x * (1 + erf(x / np.sqrt(2))) / 2


def by_hand(layer, x):
    for cell, block in zip(layer.forward_cells, layer.blocks, strict=True):
        alone = Recurrent(type(cell).from_config(cell.get_config()), return_sequences=True)
        seen = normalised(x, block.norms[0])
        alone.build(seen.shape)
        alone.cell.set_weights(cell.get_weights())
        h = np.asarray(alone(seen))
        around = dense(x, block.adapter) if block.adapter.weights else x
        y = around + dense(h, block.mix)
        x = y + dense(gelu(dense(normalised(y, block.norms[1]), block.wide)), block.narrow)
        if block.last:
            x = normalised(x, block.norms[2])
    return x


@pytest.mark.parametrize("layer_class", [MinGRU, LSTM])
def test_a_block_is_its_equations(layer_class):
    layer = made(layer_class)
    np.testing.assert_allclose(layer(inputs()), by_hand(layer, inputs()), atol=2e-5)
    assert [block.last for block in layer.blocks] == [False, True]
    assert layer.blocks[1].adapter.weights == []


@pytest.mark.parametrize("layer_class", [GRU, LRU])
def test_one_step_at_a_time_is_the_same(layer_class):
    layer = made(layer_class)
    states, outputs = layer.start_states(BATCH), []
    for t in range(TIME):
        output, states = step_stack(layer, inputs()[:, t], states)
        outputs.append(np.asarray(output))
    np.testing.assert_allclose(np.stack(outputs, 1), layer(inputs()), atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"bidirectional": True}], ids=["forward", "both"])
def test_pools_and_padding(options):
    whole = np.asarray(made(**options)(inputs()[:1, :4]))
    padded = np.full((1, TIME, FEATURES), 9.0, "float32")
    padded[:, 1:5] = inputs()[:1, :4]
    mask = np.array([[False, True, True, True, True, False]])
    for pooling, expected in {"mean": whole.mean(1), "max": whole.max(1)}.items():
        got = made(return_sequences=False, pooling=pooling, **options)(padded, mask=mask)
        np.testing.assert_allclose(got, expected, atol=1e-5)
    if not options:
        got = made(return_sequences=False)(padded, mask=mask)
        np.testing.assert_allclose(got, whole[:, -1], atol=1e-5)
    assert whole.shape == (1, 4, UNITS)


def test_dropout_is_at_work_in_training_alone_and_the_layer_comes_back(tmp_path):
    layer = made(dropout_between=0.5)
    model = keras.Sequential([keras.Input((None, FEATURES)), layer])
    assert np.abs(np.asarray(layer(inputs(), training=True) - layer(inputs()))).max() > 0.1
    model.save(tmp_path / "block.keras")
    again = keras.saving.load_model(tmp_path / "block.keras")
    np.testing.assert_allclose(again(inputs()), model(inputs()), atol=1e-6)


def test_dropout_leaves_the_shortcuts_alone():
    layer = made(dropout_between=0.5)
    for block in layer.blocks:
        for weight in (*block.mix.weights, *block.narrow.weights):
            weight.assign(0 * weight)  # nothing is added to the shortcut, so nothing is left to drop
    np.testing.assert_allclose(layer(inputs(), training=True), layer(inputs()), atol=1e-6)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="block has shortcuts of its own; leave residual out"):
        MinGRU(4, block=2, residual=True)
    with pytest.raises(ValueError, match="block is -1; expected 0 or more"):
        MinGRU(4, block=-1)
