"""Gated linear cells and the orthogonal one against Hugging Face's transformers, mambapy and PyTorch, with one set of
weights in both."""

import numpy as np
import pytest

from rnnkit import cells
from rnnkit.testing.subject import randomize

torch = pytest.importorskip("torch", reason="compares with PyTorch, an optional peer")

pytestmark = pytest.mark.interop
UNITS, BATCH, TIME = 6, 4, 9


def built(key, features=UNITS, **arguments):
    """The layer of a cell with random weights, and those by name."""
    layer = cells.get(key)(UNITS, return_sequences=True, **arguments)
    layer.build((None, None, features))
    randomize(layer.trainable_weights)
    return layer, {weight.name: weight.numpy() for weight in layer.cell.weights}


def inputs_of(features=UNITS):
    return np.random.default_rng(1).normal(size=(BATCH, TIME, features)).astype("float32")


def tensor(array):
    return torch.tensor(np.ascontiguousarray(array, "float32"))


def fill(peer, **values):
    """Puts our weights into a PyTorch module: all of those that it has, and no others."""
    with torch.no_grad():
        parameters = dict(peer.named_parameters())
        assert set(parameters) == set(values)
        for name, parameter in parameters.items():
            parameter.copy_(tensor(values[name]).reshape(parameter.shape))
    return peer


def transformers(model):
    pytest.importorskip("transformers", reason="compares with Hugging Face's transformers, an optional peer")
    return pytest.importorskip(f"transformers.models.{model}.modeling_{model}")


@pytest.mark.parametrize("heads", [1, 2, 3])
def test_rg_lru_is_that_of_recurrent_gemma(heads):
    peers = transformers("recurrent_gemma")
    config = pytest.importorskip("transformers").RecurrentGemmaConfig(lru_width=UNITS, num_attention_heads=heads)
    layer, w = built("rg_lru", heads=heads)
    (wi, wr), (bi, br) = np.split(w["kernel"], 2, axis=1), np.split(w["bias"], 2)
    peer = fill(
        peers.RecurrentGemmaRglru(config),
        recurrent_param=w["decay"],
        input_gate_weight=np.stack(np.split(wi, heads, axis=1)),
        input_gate_bias=bi,
        recurrent_gate_weight=np.stack(np.split(wr, heads, axis=1)),
        recurrent_gate_bias=br,
    )
    inputs = inputs_of()
    positions = torch.arange(1, TIME + 1)[None].expand(BATCH, TIME)  # at 0 theirs would leave out sqrt(1 - a^2)
    with torch.no_grad():
        expected = peer(tensor(inputs), positions)
    np.testing.assert_allclose(layer(inputs), expected, atol=1e-5)


def test_rwkv4_is_the_attention_of_hugging_face():
    peers = transformers("rwkv")
    layer, w = built("rwkv4")
    k, v, r = np.split(w["kernel"], 3, axis=1)
    config = pytest.importorskip("transformers").RwkvConfig(hidden_size=UNITS, num_hidden_layers=1)
    newest_alone, one = np.ones((1, 1, UNITS)), np.eye(UNITS)  # no token shift, and no matrix behind
    peer = fill(
        peers.RwkvSelfAttention(config),
        time_decay=w["decay"],
        time_first=w["bonus"],
        time_mix_key=newest_alone,
        time_mix_value=newest_alone,
        time_mix_receptance=newest_alone,
        **{"key.weight": k.T, "value.weight": v.T, "receptance.weight": r.T, "output.weight": one},
    )
    inputs = inputs_of()
    with torch.no_grad():
        expected, _ = peer(tensor(inputs))
    np.testing.assert_allclose(layer(inputs), expected, atol=1e-5)


def test_the_selective_state_space_is_that_of_mambapy():
    peers = pytest.importorskip("mambapy.mamba", reason="compares with mambapy, an optional peer")
    layer, w = built("selective_ssm", d_state=3, dt_rank=2)
    config = peers.MambaConfig(d_model=UNITS, n_layers=1, d_state=3, dt_rank=2, expand_factor=1, pscan=False)
    peer = peers.MambaBlock(config)
    with torch.no_grad():
        peer.x_proj.weight.copy_(tensor(w["kernel"].T))
        peer.dt_proj.weight.copy_(tensor(w["dt_kernel"].T))
        peer.dt_proj.bias.copy_(tensor(w["dt_bias"]))
        peer.A_log.copy_(tensor(w["a_log"]))
        peer.D.copy_(tensor(w["d"]))
        inputs = inputs_of()
        expected = peer.ssm(tensor(inputs), None)
    np.testing.assert_allclose(layer(inputs), expected, atol=1e-5)


@pytest.mark.parametrize("name", ["exp", "cayley"])
def test_orthogonal_matrices_are_those_of_pytorch(name):
    """torch.nn.utils.parametrizations.orthogonal makes the same Q; its map of Cayley is that of -A / 2."""
    layer, w = built("exp_rnn", map=name)
    peer, theirs = torch.nn.Linear(UNITS, UNITS, bias=False), {"exp": ("matrix_exp", 1), "cayley": ("cayley", -2)}[name]
    torch.nn.utils.parametrizations.orthogonal(peer, orthogonal_map=theirs[0], use_trivialization=False)
    a = w["recurrent_kernel"] - w["recurrent_kernel"].T
    with torch.no_grad():
        peer.parametrizations.weight.original.copy_(tensor(theirs[1] * np.tril(a, -1)))
        q = peer.weight.numpy()
    np.testing.assert_allclose(layer.cell.prepared(), q, atol=1e-5)
    inputs, h = tensor(inputs_of()), torch.zeros(BATCH, UNITS)
    for t in range(TIME):
        z = inputs[:, t] @ tensor(w["kernel"]) + h @ tensor(q)
        h = torch.sgn(z) * torch.relu(z.abs() + tensor(w["bias"]))
    np.testing.assert_allclose(layer(inputs_of())[:, -1], h, atol=1e-4)
