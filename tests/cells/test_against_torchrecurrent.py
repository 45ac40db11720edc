"""Every cell that torchrecurrent 0.2.5 exports has one of ours, and theirs gives our numbers where it is right."""

import numpy as np
import pytest

from rnnkit import cells
from rnnkit.testing.subject import randomize

UNITS, FEATURES, BATCH, TIME = 6, 5, 4, 9
#: The layers that torchrecurrent 0.2.5 exports, each with a cell of the same name and "Cell" behind it; and our keys.
EXPORTED = {
    "ATR": "atr", "AntisymmetricRNN": "antisymmetric", "BR": "brc", "CFN": "cfn", "DSGU": "dsgu",
    "FastGRNN": "fast_grnn", "FastRNN": "fast_rnn", "GatedAntisymmetricRNN": "gated_antisymmetric",
    "IndRNN": "ind_rnn", "IntersectionRNN": "intersection_rnn", "JANET": "janet", "LEM": "lem", "LiGRU": "li_gru",
    "LightRU": "light_ru", "MCLSTM": "mc_lstm", "MGU": "mgu", "MUT1": "mut1", "MUT2": "mut2", "MUT3": "mut3",
    "MiRU1": "miru1", "MiRU2": "miru2", "MinimalRNN": "minimal_rnn", "MultiplicativeLSTM": "multiplicative_lstm",
    "NAS": "nas", "NBR": "nbrc", "OriginalLSTM": "lstm_1997", "PeepholeLSTM": "peephole_lstm", "RAN": "ran",
    "ResLSTM": "residual_lstm", "SCRN": "scrn", "SGRN": "sgrn", "SGU": "sgu", "STAR": "star", "TGRU": "typed_gru",
    "TLSTM": "typed_lstm", "TRNN": "typed_rnn", "UGRNN": "ugrnn", "UnICORNN": "unicornn", "WMCLSTM": "wmc_lstm",
    "coRNN": "co_rnn", "tauGRU": "tau_gru",
}  # fmt: skip


def test_there_is_a_cell_for_each_of_theirs():
    assert len(set(EXPORTED.values())) == 41 and set(EXPORTED.values()) <= set(cells.names())


def library():
    pytest.importorskip("torch", reason="compares with PyTorch, an optional peer")
    return pytest.importorskip("torchrecurrent", reason="compares with torchrecurrent, an optional peer")


@pytest.mark.interop
def test_the_list_of_theirs_is_whole():
    exported = {name for name in library().__all__ if not name.endswith("Cell")}
    assert exported == set(EXPORTED) and {f"{name}Cell" for name in exported} < set(library().__all__)


def turned(*matrices):
    """Matrices that stand side by side here, one below the other there."""
    return np.concatenate(matrices, axis=-1).T


def reordered(matrix, order):
    """Blocks of `units` columns in another order."""
    blocks = np.split(matrix, matrix.shape[-1] // UNITS, axis=-1)
    return np.concatenate([blocks[index] for index in order], axis=-1)


def usual(w):
    return {"weight_ih": turned(w["kernel"]), "weight_hh": turned(w["recurrent_kernel"]), "bias_ih": w["bias"]}


def padded(w, **others):
    """Biases of the first gates, zeros for what has none."""
    missing = w["kernel"].shape[-1] - len(w["bias"])
    return {**usual(w), "bias_ih": np.pad(w["bias"], (0, missing)), **others}


def beside(*names):
    return lambda w: {"weight_ih": turned(w["kernel"]), "weight_hh": turned(*(w[name] for name in names)), **biases(w)}


def biases(w):
    return {"bias_ih": w["bias"]}


def minimal_rnn(w):
    bz, bu = np.split(w["bias"], 2)
    return {**usual(w), "weight_mm": turned(w["embedding_kernel"]), "bias_ih": bz, "bias_hh": bu}


def mut1(w):
    gates, candidate = np.split(w["bias"], [2 * UNITS])
    made = beside("reset_kernel", "candidate_kernel")(w)
    inside = np.pad(gates, (0, UNITS))  # their candidate has one bias inside the inner tanh and one outside
    return {**made, "bias_ih": inside, "bias_hh": np.pad(candidate, (UNITS, 0))}


def gated_unit(w):
    made = beside("candidate_kernel", "update_kernel")(w)
    made |= {"bias_hh": np.pad(w["candidate_bias"], (0, UNITS))}
    return made | ({"weight_ho": turned(w["output_kernel"])} if "output_kernel" in w else {})


def tau_gru(w):
    uu, ug, ua = np.split(w["recurrent_kernel"], 3, axis=-1)
    return {**usual(w), "weight_hh": turned(uu, w["delay_kernel"], ug, ua)}


def typed(w):
    now, before = np.split(w["kernel"], 2, axis=-1)
    return {"weight_ih": turned(now), "weight_hh": turned(before), **biases(w)}


def ran(w):
    return {**usual(w), "weight_ih": turned(reordered(w["kernel"], (2, 0, 1)))}


def multiplicative_lstm(w):
    kernel = reordered(w["kernel"], (4, 0, 1, 2, 3))
    bias = np.pad(w["bias"], (UNITS, 0))
    return {**usual(w), "weight_ih": turned(kernel), "weight_mh": turned(w["multiplied_kernel"]), "bias_ih": bias}


def residual_lstm(w):
    gates, shortcut = np.split(w["kernel"], [4 * UNITS], axis=-1)
    others = {"weight_proj": turned(w["projection_kernel"]), "weight_ph": w["peephole"].ravel()}
    return {**usual(w), "weight_ih": turned(gates), "weight_res": turned(shortcut), **others}


def wmc_lstm(w):
    bias = np.concatenate([w["memory_bias"], w["output_memory_bias"]])
    return {**usual(w), "weight_mh": turned(w["memory_kernel"], w["output_memory_kernel"]), "bias_mh": bias}


def mc_lstm(w):
    order = (1, 0, 3, 4, 2)  # theirs: f, i, o, m, g
    kernels = {name: turned(reordered(w[ours], order)) for name, ours in
               (("weight_ih", "kernel"), ("weight_hh", "recurrent_kernel"))}  # fmt: skip
    return {**kernels, "bias_ih": reordered(w["bias"], order)}


#: For each cell its weights under their names; our arguments and theirs.
PEERS = {
    "atr": (lambda w: {**usual(w), "bias_hh": w["recurrent_bias"]}, {}, {}),
    "antisymmetric": (usual, {}, {"epsilon": 0.1, "gamma": 0.01}),
    "brc": (lambda w: {"weight_ih": turned(w["kernel"]), "weight_hh": w["state_kernel"].ravel(), **biases(w)}, {}, {}),
    "cfn": (padded, {}, {}),
    "dsgu": (gated_unit, {}, {}),
    "fast_rnn": (lambda w: {**usual(w), "alpha": w["alpha"], "beta": w["beta"]}, {}, {}),
    "gated_antisymmetric": (usual, {}, {"epsilon": 0.1, "gamma": 0.01}),
    "intersection_rnn": (usual, {}, {}),
    "li_gru": (usual, {}, {}),
    "light_ru": (usual, {}, {}),
    "mc_lstm": (mc_lstm, {}, {}),
    "mut1": (mut1, {}, {}),
    "mut2": (beside("update_kernel", "reset_kernel", "candidate_kernel"), {}, {}),
    "mut3": (beside("update_kernel", "reset_kernel", "candidate_kernel"), {}, {}),
    "miru1": (beside("reset_kernel", "candidate_kernel"), {"hold": 0.3}, {"update_coefficient": 0.3}),
    "miru2": (usual, {"hold": 0.3, "reset": 0.7}, {"update_coefficient": 0.3, "reset_coefficient": 0.7}),
    "minimal_rnn": (minimal_rnn, {}, {}),
    "multiplicative_lstm": (multiplicative_lstm, {}, {}),
    # Theirs adds in the fourth branch, where TensorFlow's own cell and ours multiply.
    "nas": (lambda w: {**usual(w), "bias_ih": np.zeros_like(w["bias"]), "bias_hh": w["bias"]}, {"multiply": False}, {}),
    "nbrc": (usual, {}, {}),
    "ran": (ran, {}, {}),
    "residual_lstm": (residual_lstm, {}, {}),
    "sgrn": (usual, {}, {}),
    "sgu": (gated_unit, {}, {}),
    "star": (usual, {}, {}),
    "typed_gru": (typed, {}, {}),
    "typed_lstm": (typed, {}, {}),
    "typed_rnn": (lambda w: {"weight_ih": turned(w["kernel"]), **biases(w)}, {}, {}),
    "ugrnn": (usual, {}, {}),
    "unicornn": (
        lambda w: {**usual(w), "weight_hh": w["recurrent_kernel"], "weight_ch": w["control"]},
        {"dt": 0.3, "alpha": 2.0},
        {"dt": 0.3, "alpha": 2.0},
    ),
    "wmc_lstm": (wmc_lstm, {}, {}),
    "co_rnn": (
        lambda w: {**usual(w), "weight_ch": turned(w["velocity_kernel"])},
        {"dt": 0.3, "gamma": 2.0, "epsilon": 1.5},
        {"dt": 0.3, "gamma": 2.0, "epsilon": 1.5},
    ),
    "tau_gru": (tau_gru, {"delay": 3}, {"delay": 3}),
}


def built(key, arguments, features=FEATURES):
    """Our layer with random weights, and those by name."""
    layer = cells.get(key)(UNITS, return_sequences=True, **arguments)
    layer.build((None, None, features))
    randomize(layer.trainable_weights)
    return layer, {weight.name: weight.numpy() for weight in layer.cell.weights}


def theirs(key, inputs, values, options):
    """What their layer makes of time-major inputs, and its last states, with our weights and zeros for the others."""
    import torch

    name = next(name for name, ours in EXPORTED.items() if ours == key)
    peer, values = getattr(library(), name)(inputs.shape[-1], UNITS, **options), dict(values)
    with torch.no_grad():
        for place, parameter in peer.named_parameters():
            value = values.pop(place.removeprefix("cells.0."), np.zeros(parameter.shape, "float32"))
            parameter.copy_(torch.tensor(np.asarray(value, "float32").reshape(parameter.shape)))
        assert not values, f"{name} has no {list(values)}."
        return peer(torch.tensor(inputs))


def inputs_of(features=FEATURES):
    return np.random.default_rng(1).normal(size=(TIME, BATCH, features)).astype("float32")


@pytest.mark.interop
@pytest.mark.parametrize("key", PEERS)
def test_same_numbers(key):
    library()
    make, ours, options = PEERS[key]
    inputs = inputs_of(UNITS if key == "intersection_rnn" else FEATURES)  # theirs wants inputs as wide as the state
    layer, weights = built(key, ours, inputs.shape[-1])
    expected, *_ = theirs(key, inputs, make(weights), options)
    np.testing.assert_allclose(layer(inputs.transpose(1, 0, 2)), expected.numpy().transpose(1, 0, 2), atol=1e-5)


@pytest.mark.interop
def test_their_lem_reads_the_old_z():
    """Paper and authors' code read the new one, as ours does: the numbers part at the first step."""
    library()
    layer, w = built("lem", {})
    values = {**usual(w), "weight_ch": turned(w["memory_kernel"])}
    found = theirs("lem", inputs_of()[:1], values, {})[0].numpy()[0]
    x = inputs_of()[0]
    a, _, _, d = np.split(x @ w["kernel"] + w["bias"], 4, axis=-1)
    old = np.tanh(d) / (1 + np.exp(-a))  # z is 0 before the first step
    np.testing.assert_allclose(found, old, atol=1e-5)
    assert np.abs(layer(inputs_of()[:1].transpose(1, 0, 2))[:, 0] - old).max() > 0.05


@pytest.mark.interop
def test_their_scrn_feeds_back_what_it_reads_out():
    """The paper feeds h back: slow states agree at all steps, fast ones at the first alone."""
    library()
    layer, w = built("scrn", {"context_units": UNITS})
    nothing, same = np.zeros((UNITS, UNITS), "float32"), np.eye(UNITS, dtype="float32")
    values = {
        "weight_ih": turned(w["context_kernel"], w["kernel"]),
        "bias_ih": np.pad(w["bias"], (UNITS, 0)),
        "weight_hh": turned(w["recurrent_kernel"], same),
        "weight_ch": turned(w["context_to_hidden"], nothing),
        "alpha": 0.95,
    }
    inputs = inputs_of()
    y, last = theirs("scrn", inputs, values, {})
    ours = np.asarray(layer(inputs.transpose(1, 0, 2)))
    h, s = np.split(ours, 2, axis=-1)
    np.testing.assert_allclose(np.arctanh(y.numpy()[0]), h[:, 0], atol=1e-5)
    assert np.abs(np.arctanh(y.numpy()[1]) - h[:, 1]).max() > 1e-3
    context = last[1] if isinstance(last, tuple) else last
    np.testing.assert_allclose(context.numpy().reshape(BATCH, UNITS), s[:, -1], atol=1e-5)
