"""Our cells against other people's: torchrecurrent, PyTorch, reservoirpy and sru, with the same weights."""

import numpy as np
import pytest

from rnnkit.cells import ESN, RHN, SRU, Clockwork, IndRNN, MogrifierLSTM
from rnnkit.testing.subject import randomize

torch = pytest.importorskip("torch", reason="compares with PyTorch, an optional peer")
pytestmark = pytest.mark.interop
UNITS, FEATURES, BATCH, TIME = 6, 5, 4, 9


@pytest.fixture
def inputs():
    return np.random.default_rng(1).normal(size=(BATCH, TIME, FEATURES)).astype("float32")


def with_weights(layer_class, features=FEATURES, **arguments):
    """A layer that returns sequences, with random weights, and these by name."""
    layer = layer_class(UNITS, return_sequences=True, **arguments)
    layer.build((None, None, features))
    randomize(layer.weights)
    return layer, {weight.name: np.array(weight.numpy()) for weight in layer.cell.weights}


def fill(module, **values):
    """Gives a PyTorch module's parameters these values; its others become 0."""
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(torch.tensor(values.pop(name)) if name in values else torch.zeros_like(parameter))
    assert not values, f"{module} has no {list(values)}."
    return module


def over_time(cell, inputs):
    """Outputs of a PyTorch cell with one state, `[batch, time, units]`."""
    h, outputs = torch.zeros(len(inputs), UNITS), []
    with torch.no_grad():
        for x in torch.tensor(inputs).unbind(1):
            h = cell(x, h)
            outputs.append(h.numpy())
    return np.stack(outputs, axis=1)


def ind_rnn(inputs):
    peers = pytest.importorskip("torchrecurrent", reason="compares with torchrecurrent, an optional peer")
    layer, w = with_weights(IndRNN)
    # Its default is tanh, and it has a second bias, which stays 0.
    peer = peers.IndRNNCell(FEATURES, UNITS, nonlinearity="relu")
    fill(peer, weight_ih=w["kernel"].T, vector_u=w["recurrent_kernel"], bias_ih=w["bias"])
    return layer(inputs), over_time(peer, inputs)


def rhn(inputs):
    """Each level is PyTorch's GRU with its reset gate held open and the signs of its update gate turned round.

    torchrecurrent 0.2.5 has an RHN, too, but in a file that cannot be imported.
    """
    layer, w = with_weights(RHN, depth=4)
    levels = []
    for level in range(4):
        (wg, wt), (ug, ut) = (np.split(w[name], 2, axis=1) for name in ("kernel", f"recurrent_kernel_{level + 1}"))
        bg, bt = np.split(w["bias"][level], 2)
        seen = 1.0 if level == 0 else 0.0
        values = {
            "weight_ih": np.concatenate([0 * wt, -wt, wg], axis=1).T * np.float32(seen),
            "weight_hh": np.concatenate([0 * ut, -ut, ug], axis=1).T,
            "bias_ih": np.concatenate([np.full_like(bt, 50), -bt, bg]),
        }
        levels.append(fill(torch.nn.GRUCell(FEATURES, UNITS), **values))

    def cell(x, s):
        for level in levels:
            s = level(x, s)
        return s

    return layer(inputs), over_time(cell, inputs)


def mogrifier_lstm(inputs, rank=None):
    """PyTorch's LSTMCell, with the rounds before it written out."""
    layer, w = with_weights(MogrifierLSTM, rounds=4, rank=rank)
    peer = torch.nn.LSTMCell(FEATURES, UNITS)
    fill(peer, weight_ih=w["kernel"].T, weight_hh=w["recurrent_kernel"].T, bias_ih=w["bias"])
    rounds = [w[f"round_{i}"] if rank is None else w[f"round_{i}_left"] @ w[f"round_{i}_right"] for i in range(1, 5)]
    q1, r2, q3, r4 = (torch.tensor(matrix) for matrix in rounds)
    h, c, outputs = torch.zeros(BATCH, UNITS), torch.zeros(BATCH, UNITS), []
    with torch.no_grad():
        for x in torch.tensor(inputs).unbind(1):
            x = 2 * torch.sigmoid(h @ q1) * x
            h = 2 * torch.sigmoid(x @ r2) * h
            x = 2 * torch.sigmoid(h @ q3) * x
            h = 2 * torch.sigmoid(x @ r4) * h
            h, c = peer(x, (h, c))
            outputs.append(h.numpy())
    return layer(inputs), np.stack(outputs, axis=1)


def mogrifier_lstm_of_rank_2(inputs):
    return mogrifier_lstm(inputs, rank=2)


def clockwork(inputs):
    """Modules at clocks of 1 and 3 that do not hear each other are PyTorch's RNN, on all steps and on each third."""
    layer, w = with_weights(Clockwork, periods=(1, 3))
    half = UNITS // 2
    w["recurrent_kernel_0"][half:] = 0.0
    layer.cell.recurrent_kernels[0].assign(w["recurrent_kernel_0"])
    outputs = []
    for i, period in enumerate((1, 3)):
        mine = slice(i * half, (i + 1) * half)
        peer = torch.nn.RNN(FEATURES, half, batch_first=True)
        fill(
            peer,
            weight_ih_l0=w["kernel"][:, mine].T,
            weight_hh_l0=w[f"recurrent_kernel_{i}"][:half].T,
            bias_ih_l0=w["bias"][mine],
        )
        with torch.no_grad():
            outputs.append(np.repeat(peer(torch.tensor(inputs[:, ::period]))[0].numpy(), period, axis=1))
    return layer(inputs), np.concatenate(outputs, axis=-1)


def esn(inputs):
    nodes = pytest.importorskip("reservoirpy.nodes", reason="compares with reservoirpy, an optional peer")
    layer, w = with_weights(ESN, leak=0.3, input_scale=0.5)
    expected = []
    for sequence in inputs:
        peer = nodes.Reservoir(W=w["recurrent_kernel"].T, Win=0.5 * w["kernel"].T, bias=w["bias"], lr=0.3)
        expected.append(peer.run(sequence.astype("float64")))
    return layer(inputs), np.array(expected)


def sru(inputs, activation="linear"):
    peers = pytest.importorskip("sru", reason="compares with the authors' sru, an optional peer")
    features = inputs.shape[-1]
    layer, w = with_weights(SRU, features=features, highway_bias=-1.0, activation=activation)
    peer = peers.SRUCell(features, UNITS, highway_bias=-1.0, use_tanh=activation == "tanh")
    blocks = w["kernel"].reshape(features, -1, UNITS)  # its blocks stand unit by unit
    fill(
        peer,
        weight=blocks.transpose(0, 2, 1).reshape(features, -1),
        weight_c=w["state_kernel"].reshape(-1),
        bias=w["bias"],
    )
    with torch.no_grad():
        return layer(inputs), peer(torch.tensor(inputs).transpose(0, 1))[0].transpose(0, 1).numpy()


def sru_as_wide_as_its_input(inputs):
    return sru(np.concatenate([inputs, inputs[..., :1]], axis=-1), activation="tanh")


QUICK = (ind_rnn, rhn, mogrifier_lstm, mogrifier_lstm_of_rank_2, clockwork, esn)
SLOW = (sru, sru_as_wide_as_its_input)  # importing sru compiles it, for a minute or two


@pytest.mark.parametrize("both", [*QUICK, *(pytest.param(each, marks=pytest.mark.slow) for each in SLOW)])
def test_same_numbers(both, inputs):
    ours, theirs = both(inputs)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
