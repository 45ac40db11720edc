"""Cells against PyTorch and torchrecurrent, with the same random weights in both."""

import numpy as np
import pytest
from keras import ops

from rnnkit import cells
from rnnkit.cells._layer_norm import layer_norm
from rnnkit.testing.subject import randomize

torch = pytest.importorskip("torch", reason="compares with PyTorch, an optional peer")

pytestmark = pytest.mark.interop
UNITS, FEATURES, BATCH, TIME = 6, 5, 4, 9


def built(key, **arguments):
    """The layer of a cell with random weights, and those by name."""
    layer = getattr(cells, cells.get_cell(key).__name__.removesuffix("Cell"))(UNITS, return_sequences=True, **arguments)
    layer.build((None, None, FEATURES))
    randomize(layer.trainable_weights)
    return layer, {weight.name: weight.numpy() for weight in layer.cell.weights}


def fill(peer, values):
    """Puts our weights into a PyTorch module, and zeros where it has a bias more than we have."""
    with torch.no_grad():
        for name, parameter in peer.named_parameters():
            value = values.get(name, np.zeros(parameter.shape, "float32"))
            assert value.shape == tuple(parameter.shape), name
            parameter.copy_(torch.tensor(value))
    return peer


def loop(peer, inputs, *states):
    """A peer that is a cell, run over time; its first state is the output."""
    outputs, now = [], states if len(states) > 1 else states[0]
    for x in inputs:
        now = peer(x, now)
        outputs.append(now[0] if isinstance(now, tuple) else now)
    return torch.stack(outputs)


def irnn(w, inputs):
    names = {"weight_ih_l0": w["kernel"].T, "weight_hh_l0": w["recurrent_kernel"].T, "bias_ih_l0": w["bias"]}
    return fill(torch.nn.RNN(FEATURES, UNITS, nonlinearity="relu"), names)(inputs)[0]


def projection_lstm(w, inputs):
    names = {"weight_ih_l0": w["kernel"].T, "weight_hh_l0": w["recurrent_kernel"].T, "bias_ih_l0": w["bias"]}
    peer = torch.nn.LSTM(FEATURES, UNITS, proj_size=3)
    return fill(peer, {**names, "weight_hr_l0": w["projection_kernel"].T})(inputs)[0]


def torchrecurrent(name, w, inputs, states, options=None, **others):
    """A cell of torchrecurrent with so many states, from zeros on; `others` are weights beside the usual three."""
    library = pytest.importorskip("torchrecurrent", reason="compares with torchrecurrent, an optional peer")
    names = {"weight_ih": w["kernel"].T, "weight_hh": w["recurrent_kernel"].T, "bias_ih": w["bias"], **others}
    peer = fill(getattr(library, name)(FEATURES, UNITS, **(options or {})), names)
    return loop(peer, inputs, *[torch.zeros(BATCH, UNITS)] * states)


def lstm_1997(w, inputs):
    return torchrecurrent("OriginalLSTMCell", w, inputs, 2)


def janet(w, inputs):
    one = np.array(1.0, "float32")  # torchrecurrent trains beta; in the paper it is 1
    return torchrecurrent("JANETCell", w, inputs, 2, beta=one)


def fast_grnn(w, inputs):
    options = {"nonlinearity": "sigmoid"}  # torchrecurrent 0.2.5 squashes the gate with tanh unless told otherwise
    return torchrecurrent("FastGRNNCell", w, inputs, 1, options, zeta=w["zeta"], nu=w["nu"])


PEERS = {each.__name__: each for each in (irnn, projection_lstm, lstm_1997, janet, fast_grnn)}


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN:UserWarning")
@pytest.mark.parametrize("key", PEERS)
def test_same_numbers(key):
    layer, weights = built(key)
    inputs = np.random.default_rng(1).normal(size=(BATCH, TIME, FEATURES)).astype("float32")
    with torch.no_grad():
        expected = PEERS[key](weights, torch.tensor(inputs.transpose(1, 0, 2))).numpy().transpose(1, 0, 2)
    np.testing.assert_allclose(ops.convert_to_numpy(layer(inputs)), expected, atol=1e-5, rtol=1e-5)


def test_layer_norm_equals_torch():
    random = np.random.default_rng(1)
    x, gain, shift = (random.normal(size=shape).astype("float32") for shape in ((BATCH, 6), (6,), (6,)))
    expected = torch.nn.functional.layer_norm(torch.tensor(x), (6,), torch.tensor(gain), torch.tensor(shift))
    np.testing.assert_allclose(layer_norm(ops.convert_to_tensor(x), gain, shift), expected, atol=1e-5, rtol=1e-5)
    parts = [torch.nn.functional.layer_norm(torch.tensor(part), part.shape[1:]) for part in np.split(x, [4], axis=-1)]
    cut = layer_norm(ops.convert_to_tensor(x), gain, shift, cut=4)
    np.testing.assert_allclose(cut, torch.cat(parts, -1) * torch.tensor(gain) + torch.tensor(shift), atol=1e-5)
