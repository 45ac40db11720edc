"""What the classical cells and the LSTM's and GRU's kin do beside their equations: starts, widths, first steps."""

import keras
import numpy as np
import pytest
import reference
from keras import ops

from rnnkit import cells
from rnnkit.errors import RnnkitError
from rnnkit.testing import check_cell

VARIANTS = {
    "jordan": {"output_units": 3},
    "projection_lstm": {"projection_units": 2},
    "janet": {"beta": 0.25, "longest": 9},
    "fast_grnn": {"kernel_rank": 2, "recurrent_rank": 3},
}


def built(key, **arguments):
    cell = cells.get_cell(key)(64, **arguments)
    cell.build((None, 5))
    return cell


@pytest.mark.slow
@pytest.mark.parametrize("key", VARIANTS)
def test_own_arguments_keep_the_contract(key):
    def formula(w, inputs, states):
        given = {"beta": 0.25} if key == "janet" else {}
        return getattr(reference, key)(w, inputs, states, **given)

    check_cell(cells.get_cell(key), reference=formula, arguments=VARIANTS[key], points=(3, 5))


@pytest.mark.parametrize("key", ["jordan", "layer_norm_lstm", "layer_norm_gru", "udacity_lstm", "fast_grnn", "janet"])
def test_without_biases_there_are_none(key):
    names = [weight.name for weight in built(key, use_bias=False).weights]
    assert not [name for name in names if "bias" in name or "shift" in name]
    layer = getattr(cells, cells.get_cell(key).__name__.removesuffix("Cell"))(4, use_bias=False)
    assert np.isfinite(layer(np.ones((2, 3, 5), "float32"))).all()


@pytest.mark.slow
def test_an_exponential_forget_gate_keeps_the_contract():
    def formula(w, inputs, states):
        (h, c, n, m), outputs = states, []
        c, n = c * np.exp(m), n * np.exp(m)
        for x in inputs:
            i, f, z, o = np.split(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 4, axis=-1)
            c, n = np.exp(f) * c + np.exp(i) * np.tanh(z), np.exp(f) * n + np.exp(i)
            h = reference.sigmoid(o) * c / n
            outputs.append(h)
        return np.array(outputs)

    check_cell(cells.get_cell("s_lstm"), reference=formula, arguments={"exponential_forget": True}, points=(3, 5))


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_the_normaliser_of_s_lstm_never_falls_below_one(dtype):
    """Input gates of exp(-300) to exp(300) and forget gates all but shut or open, from the very first step."""
    layer = cells.SLSTM(64, return_sequences=True, return_state=True, dtype=dtype)
    inputs = 300 * np.random.default_rng(0).normal(size=(2, 20, 5)).astype("float32")
    for length in (1, 20):
        outputs, _, _, n, _ = layer(inputs[:, :length])
        assert np.isfinite(ops.cast(outputs, "float32")).all() and np.abs(ops.cast(outputs, "float32")).max() <= 1
        assert float(ops.min(n)) >= 1


def test_s_lstm_refuses_zoneout():
    with pytest.raises(RnnkitError, match="zoneout means nothing to SLSTMCell"):
        cells.SLSTMCell(4, zoneout=0.1)


def test_irnn_starts_with_the_identity_and_small_input_weights():
    cell = built("irnn", seed=1)
    np.testing.assert_array_equal(cell.recurrent_kernel.numpy(), np.eye(64))
    assert cell.kernel.numpy().std() == pytest.approx(0.001, rel=0.2)
    assert not np.array_equal(cell.kernel.numpy(), built("irnn").kernel.numpy()), "Two cells start alike."
    given = cells.IRNNCell(4, kernel_initializer="ones", activation="tanh").get_config()
    assert (given["activation"], given["kernel_initializer"]["class_name"]) == ("tanh", "Ones")


def test_janet_remembers_over_all_lengths_up_to_the_longest():
    f, g = np.split(built("janet", longest=400).bias.numpy(), 2)
    memory = np.exp(f)
    assert memory.min() >= 1 and memory.max() <= 399 and memory.mean() == pytest.approx(200, rel=0.3)
    assert not g.any()


@pytest.mark.parametrize("key", ["lstm", "peephole_lstm", "projection_lstm", "layer_norm_lstm"])
def test_lstms_can_start_like_that_too(key):
    i, f, g, o = np.split(built(key, longest=50).bias.numpy(), 4)
    np.testing.assert_array_equal(i, -f)
    assert f.min() >= 0 and f.max() <= np.log(49) and f.std() > 0.3 and not g.any() and not o.any()


def test_the_same_seed_starts_alike():
    keras.utils.set_random_seed(3)
    first = built("janet").bias.numpy()
    assert not np.array_equal(first, built("janet").bias.numpy())
    keras.utils.set_random_seed(3)
    np.testing.assert_array_equal(first, built("janet").bias.numpy())
    np.testing.assert_array_equal(built("janet", seed=1).bias, built("janet", seed=1).bias)


def test_fast_grnn_of_low_rank_has_fewer_weights():
    whole, low = built("fast_grnn"), built("fast_grnn", kernel_rank=2, recurrent_rank=8)
    assert whole.count_params() == (5 + 64) * 64 + 2 * 64 + 2
    assert low.count_params() == (5 + 64) * 2 + 2 * 64 * 8 + 2 * 64 + 2
    assert (whole.zeta.numpy(), whole.nu.numpy()) == (1, -4) and (whole.bias.numpy() == 1).all()


def test_the_udacity_output_sees_new_knowledge_a_step_late():
    """With an empty long-term memory STM = tanh(bu) * V, whatever is learnt."""
    cell = built("udacity_lstm")
    x, zeros = ops.ones((1, 256)), ops.zeros((1, 64))
    stm, ltm = cell.step(x, zeros, zeros)
    assert not np.any(stm) and np.all(np.asarray(ltm) != 0)


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("jordan", {"output_units": 0}),
        ("projection_lstm", {"projection_units": -1}),
        ("fast_grnn", {"kernel_rank": 0}),
        ("janet", {"longest": 2}),
        ("lstm", {"longest": 1}),
    ],
)
def test_what_makes_no_sense_is_refused(key, wrong):
    with pytest.raises(RnnkitError, match=f"{next(iter(wrong))} is .*; expected"):
        cells.get_cell(key)(4, **wrong)
