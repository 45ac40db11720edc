"""Our cells against the Keras layers of the same mathematics, with the same weights."""

import keras
import numpy as np
import pytest

from rnnkit.cells import GRU, LSTM, SimpleRNN
from rnnkit.layers.accelerated import keras_sequence
from rnnkit.testing.subject import randomize

UNITS, FEATURES, BATCH, TIME = 6, 5, 4, 7
MODES = {
    "simple_rnn": (SimpleRNN, keras.layers.SimpleRNN, {}),
    "lstm": (LSTM, keras.layers.LSTM, {}),
    "gru": (GRU, keras.layers.GRU, {"reset_after": True}),
    "gru, reset before": (GRU, keras.layers.GRU, {"reset_after": False}),
}
OPTIONS = {
    "last": {},
    "sequences": {"return_sequences": True},
    "states": {"return_state": True},
    "backwards": {"go_backwards": True, "return_sequences": True, "return_state": True},
    "unrolled": {"unroll": True, "return_sequences": True},
}


def pair(mode, **options):
    """Our layer and Keras's, with our random weights in both."""
    ours_class, keras_class, own = MODES[mode]
    ours, theirs = ours_class(UNITS, **own, **options), keras_class(UNITS, **own, **options)
    for layer in (ours, theirs):
        layer.build((None, None, FEATURES))
    randomize(ours.trainable_weights)
    theirs.set_weights(keras_weights(ours.cell, own))
    return ours, theirs


def keras_weights(cell, own):
    kernel, recurrent, *biases = cell.get_weights()
    return [kernel, recurrent, np.stack(biases) if own.get("reset_after") else biases[0]]


@pytest.mark.parametrize(
    "masked", [pytest.param(False, id="whole", marks=pytest.mark.slow), pytest.param(True, id="masked")]
)
@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("mode", MODES)
def test_same_numbers(mode, option, masked, inputs, mask):
    ours, theirs = pair(mode, **OPTIONS[option])
    given = mask if masked else None
    for mine, expected in zip(tensors(ours(inputs, mask=given)), tensors(theirs(inputs, mask=given)), strict=True):
        np.testing.assert_allclose(mine, expected, atol=1e-5)


def tensors(output):
    return [np.asarray(part) for part in (output if isinstance(output, list | tuple) else [output])]


@pytest.mark.parametrize("mode", MODES)
def test_same_numbers_from_a_given_state(mode, inputs):
    ours, theirs = pair(mode)
    count = len(ours.cell.state_names)
    states = [np.random.default_rng(i).normal(size=(BATCH, UNITS)).astype("float32") for i in range(count)]
    np.testing.assert_allclose(ours(inputs, initial_state=states), theirs(inputs, initial_state=states), atol=1e-5)


@pytest.mark.parametrize("mode", ["lstm", "gru"])
def test_dropped_inputs_reach_the_keras_form(mode, inputs):
    """The form that cuDNN takes: the same seed drops the same inputs as the loop does."""
    ours, _ = pair(mode, dropout=0.5, seed=3, return_sequences=True)
    again, _ = pair(mode, dropout=0.5, seed=3)
    again.set_weights(ours.get_weights())
    time_first = keras.ops.transpose(keras.ops.convert_to_tensor(inputs), (1, 0, 2))
    states = again.cell.get_initial_state(BATCH)
    outputs, _ = keras_sequence(again.cell, time_first, states, None, reverse=False, training=True)
    expected = ours(inputs, training=True)
    np.testing.assert_allclose(keras.ops.transpose(outputs, (1, 0, 2)), expected, atol=1e-5)


def test_lstm_starts_with_its_forget_gate_open():
    layer = LSTM(UNITS)
    layer.build((None, None, FEATURES))
    np.testing.assert_array_equal(layer.cell.bias.numpy(), np.repeat([0, 1, 0, 0], UNITS))


def test_lstm_equals_torch(inputs):
    torch = pytest.importorskip("torch", reason="compares with PyTorch, an optional peer")
    ours, _ = pair("lstm", return_sequences=True)
    peer = torch.nn.LSTM(FEATURES, UNITS, batch_first=True)
    kernel, recurrent, bias = ours.cell.get_weights()
    with torch.no_grad():
        for name, value in {"weight_ih_l0": kernel.T, "weight_hh_l0": recurrent.T, "bias_ih_l0": bias}.items():
            getattr(peer, name).copy_(torch.tensor(value))
        peer.bias_hh_l0.zero_()
        expected = peer(torch.tensor(inputs))[0].numpy()
    np.testing.assert_allclose(ours(inputs), expected, atol=1e-5)
