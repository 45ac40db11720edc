"""From an encoder's last states to a decoder's first ones."""

import keras
import numpy as np
import pytest
from keras import ops

from rnnkit import cells
from rnnkit.layers.bridge import Bridge
from rnnkit.layers.recurrent import Recurrent
from rnnkit.layers.states import free_states
from rnnkit.testing.subject import randomize

BATCH, ENCODER, DECODER = 3, 4, 6


def stack(cell, units, **options):
    return Recurrent(cells.get_cell(cell)(units), return_state=True, **options)


def sizes(recurrent):
    return [size for cell in recurrent.cells for size in cell.state_size]


def last_states(encoder, dtype="float32"):
    random = np.random.default_rng(2)
    return [ops.convert_to_tensor(random.normal(size=(BATCH, size)), dtype) for size in sizes(encoder)]


def bridged(encoder, decoder, **arguments):
    """The bridge with random weights, what it is given, and what it gives."""
    bridge, given = Bridge.between(encoder, decoder, **arguments), last_states(encoder)
    bridge.build([state.shape for state in given])
    randomize(bridge.trainable_weights)
    return bridge, given, bridge(given)


def check(encoder, decoder):
    """The states fit the decoder, which begins with them; those that are not free are 0, and only those."""
    _, _, made = bridged(encoder, decoder)
    free = [each for cell in decoder.cells for _, _, each in free_states(cell)]
    assert [state.shape for state in made] == [(BATCH, size) for size in sizes(decoder)]
    assert [bool(np.abs(state).max() > 0) for state in made] == free
    decoder(np.zeros((BATCH, 1, 3), "float32"), initial_state=made)


def test_equals_numpy_layer_by_layer():
    """Both directions of the encoder's layer of the same number, and of its top one for the decoder's third."""
    bridge, given, made = bridged(stack("lstm", ENCODER, layers=2, bidirectional=True), stack("gru", DECODER, layers=3))
    for index, state in enumerate(made):
        layer = min(index, 1)
        below = np.concatenate(given[4 * layer : 4 * layer + 4], axis=-1)
        kernel, bias = (weight.numpy() for weight in bridge.trainable_weights[2 * index : 2 * index + 2])
        np.testing.assert_allclose(state, np.tanh(below @ kernel + bias), atol=1e-6)
    assert len(made) == 3


def test_a_decoder_of_fewer_layers_reads_the_lowest():
    bridge, given, made = bridged(stack("gru", ENCODER, layers=3), stack("gru", DECODER))
    kernel, bias = (weight.numpy() for weight in bridge.trainable_weights)
    np.testing.assert_allclose(made[0], np.tanh(given[0] @ kernel + bias), atol=1e-6)


#: One cell a kind: one state, two, linear in complex numbers, a window of inputs, a clock, a ring of old states.
KINDS = ("gru", "lstm", "lru", "qrnn", "clockwork", "tau_gru")
EACH = [pytest.param(key, marks=[pytest.mark.slow] * (key not in KINDS)) for key in cells.names()]


@pytest.mark.parametrize("cell", EACH)
def test_every_cell_can_encode_and_decode(cell):
    check(stack(cell, ENCODER), stack(cell, DECODER))


@pytest.mark.slow
def test_every_cell_with_each_kind():
    for encoder in KINDS:
        for decoder in cells.names():
            check(stack(encoder, ENCODER, bidirectional=True), stack(decoder, DECODER))
            check(stack(decoder, ENCODER, bidirectional=True), stack(encoder, DECODER))


def test_counters_and_normalisers_begin_at_zero():
    decoder = stack("s_lstm", DECODER)
    free = {name: each for name, _, each in free_states(decoder.cell)}
    assert not all(free.values()) and any(free.values())
    _, _, made = bridged(stack("gru", ENCODER), decoder)
    for state, name in zip(made, free, strict=True):
        assert (np.abs(state).max() > 0) == free[name], name


def test_deep_cells_are_bridged_too():
    check(stack("gru", ENCODER, output_layers=1), stack("gru", DECODER, layers=2, transition_layers=1, output_layers=1))


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision(policy):
    bridge, given, made = bridged(stack("lstm", ENCODER), stack("s_lstm", DECODER), dtype=policy)
    assert {state.dtype.name for state in made} == {bridge.compute_dtype}
    exact = Bridge(**{**bridge.get_config(), "dtype": "float32"})
    exact.build([state.shape for state in given])
    exact.set_weights(bridge.get_weights())
    for got, expected in zip(made, exact(given), strict=True):
        np.testing.assert_allclose(ops.cast(got, "float32"), expected, atol=0.03)


@pytest.mark.parametrize("pair", [("lstm", "s_lstm"), ("s_lstm", "gru"), ("gru", "lru")])
def test_is_saved_and_loaded(pair, tmp_path):
    encoder, decoder = stack(pair[0], ENCODER, layers=2, bidirectional=True), stack(pair[1], DECODER, layers=3)
    bridge, inputs = Bridge.between(encoder, decoder), [keras.Input((size,)) for size in sizes(encoder)]
    model = keras.Model(inputs, bridge(inputs))
    assert [shape[1] for shape in model.output_shape] == sizes(decoder)
    randomize(model.trainable_weights)
    model.save(tmp_path / "model.keras")
    again, given = keras.saving.load_model(tmp_path / "model.keras"), last_states(encoder)
    for got, expected in zip(again(given), model(given), strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-6)
    assert again.layers[-1].states == bridge.states
