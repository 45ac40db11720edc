"""Cells that tell the time, and layers of them: where the time goes, what spares it, how a memory holds a stretch."""

import keras
import numpy as np
import pytest
import reference
import scipy.linalg
import scipy.signal
from keras import ops

from rnnkit import cells
from rnnkit.cells._legendre import legendre_window
from rnnkit.errors import RnnkitError
from rnnkit.layers.decoder import Decoder
from rnnkit.layers.recurrent import Recurrent
from rnnkit.layers.time_columns import backward_times
from rnnkit.testing import check_cell
from rnnkit.testing.subject import randomize

#: Arguments that change the equations, and what the formula has to know of them.
VARIANTS = {
    "cfc": ({"gated": False, "backbone_units": 3}, {"gated": False}),
    "phased_lstm": ({"open_ratio": 0.5, "leak": 0.1}, {"open_ratio": 0.5, "leak": 0.1}),
    "lmu": ({"order": 5, "theta": 4.0, "signals": 3}, {"order": 5, "theta": 4.0}),
    "on_lstm": ({"chunk": 3}, {}),
}
TIMED = ("cfc", "phased_lstm")
FEATURES, TIME, BATCH = 4, 7, 3


def built(cell, features=FEATURES, **options):
    layer = Recurrent(cell, **options)
    layer.build((None, None, features))
    randomize(layer.trainable_weights)
    return layer


@pytest.fixture
def timed():
    """Features, and the time since the step before behind them."""
    random = np.random.default_rng(0)
    features = random.normal(size=(BATCH, TIME, FEATURES - 1))
    return np.concatenate([features, random.exponential(2, (BATCH, TIME, 1))], axis=-1).astype("float32")


@pytest.mark.slow
@pytest.mark.parametrize("key", VARIANTS)
def test_own_arguments_keep_the_contract(key):
    arguments, constants = VARIANTS[key]

    def formula(w, inputs, states):
        return getattr(reference, key)(w, inputs, states, **constants)

    check_cell(cells.get_cell(key), reference=formula, arguments=arguments, points=(3, 5, 7, 8))


@pytest.mark.slow
@pytest.mark.parametrize("key", TIMED)
def test_with_a_time_the_whole_contract_holds(key):
    report = check_cell(cells.get_cell(key), reference=getattr(reference, key), arguments={"time": "last"})
    assert [result.status for result in report.results] == ["passed"] * 10


@pytest.mark.parametrize("key", TIMED)
def test_with_a_time_the_numbers_are_those_of_the_formula(key):
    arguments = {"time": "last"}
    check_cell(cells.get_cell(key), reference=getattr(reference, key), arguments=arguments, quick=True, points=(3, 4))


@pytest.mark.parametrize("key", TIMED)
def test_steps_of_one_are_counted_steps(key, timed):
    counted = built(cells.get_cell(key)(6), FEATURES - 1)
    given = built(cells.get_cell(key)(6, time="last"))
    given.set_weights(counted.get_weights())
    timed[..., -1] = 1
    np.testing.assert_allclose(given(timed), counted(timed[..., :-1]), atol=1e-6)
    assert np.abs(given(2 * timed) - given(timed)).max() > 1e-4


@pytest.mark.parametrize("key", TIMED)
def test_every_layer_gets_the_time(key, timed):
    options = {"layers": 2, "residual": True, "input_layers": 1, "output_layers": 1, "return_sequences": True}
    cell = cells.get_cell(key)(6, time="last")
    first, second = built(cell, **options).cells
    assert (first.cell.kernel.shape[0], second.cell.kernel.shape[0]) == (6, 6), "a layer's time is no feature"
    stack = built(cells.get_cell(key)(6, time="last"), layers=2, return_sequences=True)
    alone = [built(cells.get_cell(key)(6, time="last"), size, return_sequences=True) for size in (FEATURES, 7)]
    for layer, theirs in zip(alone, stack.cells, strict=True):
        layer.cell.set_weights(theirs.get_weights())
    between = np.concatenate([alone[0](timed), timed[..., -1:]], axis=-1)
    np.testing.assert_allclose(stack(timed), alone[1](between), atol=1e-6)


def test_no_dropout_meets_the_time(timed):
    class Clock(cells.CfCCell):
        def step(self, x, h):
            return (self.elapsed(x)[1] + 0 * h,)

    layer = built(Clock(6, time="last", dropout=0.9, seed=1), layers=2, dropout_between=0.9, return_sequences=True)
    expected = np.repeat(timed[..., -1:], 6, axis=-1)
    np.testing.assert_array_equal(layer(timed, training=True), expected)
    output, _ = layer.cell(ops.convert_to_tensor(timed[:, 0]), layer.cell.get_initial_state(BATCH), training=True)
    np.testing.assert_array_equal(output, expected[:, 0])


def test_backwards_the_time_is_that_to_the_next_step():
    times = np.array([[0, 1, 2, 3], [0, 9, 5, 7], [9, 0, 9, 4], [9, 9, 9, 9]], "float32").T[..., None]
    mask = np.array([[1, 1, 1, 1], [1, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, 0]], bool).T[..., None]
    found = np.asarray(backward_times(ops.convert_to_tensor(times), ops.convert_to_tensor(mask)))[..., 0].T
    for row, expected in zip(found, [{0: 1, 1: 2, 2: 3, 3: 0}, {0: 5, 2: 7, 3: 0}, {1: 4, 3: 0}, {}], strict=True):
        assert {step: row[step] for step in expected} == expected


def test_both_directions_see_the_same_gaps(timed):
    layer = built(cells.CfCCell(6, time="last"), bidirectional=True, return_sequences=True)
    forward, backward = layer.cells
    backward.set_weights(forward.get_weights())
    timed[:, 0, -1] = 0
    times = timed[..., -1:]
    turned = np.concatenate([timed[..., :-1], np.roll(times, -1, axis=1)], axis=-1)[:, ::-1]
    there, back = np.split(np.asarray(layer(timed)), 2, axis=-1)
    turned_there, turned_back = np.split(np.asarray(layer(turned.copy())), 2, axis=-1)
    np.testing.assert_allclose(back, turned_there[:, ::-1], atol=1e-6)
    np.testing.assert_allclose(there, turned_back[:, ::-1], atol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_the_clock_of_a_phased_lstm_neither_stops_nor_drifts(dtype):
    cell = cells.PhasedLSTMCell(3, dtype=dtype)
    cell.build((None, 2))
    periods = np.array([3.0, 77.0, 400.0])
    cell.clock.assign(np.stack([np.log(periods), np.zeros(3)]))
    layer = Recurrent(cell, return_state=True)
    steps = 1000
    *_, t = layer(np.zeros((1, steps, 2), "float32"))
    shown = np.sum(np.split(np.asarray(ops.cast(t, "float32")), 2, axis=-1), axis=0)[0]
    off = np.abs((shown - steps / periods + 0.5) % 1 - 0.5)
    assert off.max() < 0.03, "a share of the period, after a thousand steps"


def test_a_phased_unit_is_written_to_only_while_it_is_open():
    cell = cells.PhasedLSTMCell(1, leak=1e-9, open_ratio=0.25)
    cell.build((None, 2))
    cell.clock.assign([[np.log(8.0)], [0.0]])
    h = np.asarray(Recurrent(cell, return_sequences=True)(np.ones((1, 16, 2), "float32")))[0, :, 0]
    moved = np.flatnonzero(np.abs(np.diff(h, prepend=0)) > 1e-6) + 1  # the time, which is 1 at the first step
    assert moved.tolist() == [1, 9], "at 0, 8 and 16 it is about to open, at 2 and 10 it shuts"


@pytest.mark.parametrize(("order", "theta"), [(1, 1.0), (6, 3.5), (32, 100.0), (256, 784.0)])
def test_the_matrices_of_a_legendre_memory_are_scipys(order, theta):
    i, j = np.mgrid[:order, :order]
    scale = (2 * np.arange(order) + 1)[:, None] / theta
    system = np.where(i < j, -1, (-1.0) ** (i - j + 1)) * scale, (-1.0) ** np.arange(order)[:, None] * scale
    expected = scipy.signal.cont2discrete((*system, np.eye(order), np.zeros((order, 1))), dt=1.0, method="zoh")
    a, b = legendre_window(order, theta)
    np.testing.assert_allclose(a, expected[0], atol=1e-10)
    np.testing.assert_allclose(b, expected[1][:, 0], atol=1e-10)


def test_a_legendre_memory_holds_the_last_stretch_whole():
    """A slow wave of the last 50 steps is read back from the polynomials, its oldest step too."""
    order, theta, steps = 12, 50.0, 200
    wave = np.sin(np.arange(steps) / 9)
    a, b = legendre_window(order, theta)
    m = np.zeros(order)
    for u in wave:
        m = a @ m + b * u
    ago = np.arange(0, 50, 7)
    polynomials = [np.polynomial.legendre.Legendre.basis(i)(2 * ago / theta - 1) for i in range(order)]
    np.testing.assert_allclose(m @ polynomials, wave[steps - 1 - ago], atol=0.1)


def test_a_legendre_memory_is_not_learnt():
    cell = cells.LMUCell(6, order=4)
    cell.build((None, 3))
    assert sorted(weight.name for weight in cell.weights) == [
        "bias", "hidden_encoder", "input_encoder", "kernel", "memory_encoder", "memory_kernel", "recurrent_kernel",
    ]  # fmt: skip
    assert cell.get_config()["theta"] == 100.0 and not cell.memory_encoder.numpy().any()


def test_ordered_neurons_keep_the_high_ranks_and_wipe_the_low():
    cell = cells.ONLSTMCell(4, unit_forget_bias=False)
    cell.build((None, 1))
    for weight in cell.weights:
        weight.assign(np.zeros(weight.shape))
    cell.master_bias.assign([0, 0, 0, 0, 0, 0, 50, 0])  # of mi, then of mf, whose softmax is all at the third unit
    _, c = cell.step(cell.project(ops.zeros((1, 1))), ops.zeros((1, 4)), ops.ones((1, 4)))
    mi, mf = 1 - np.cumsum(np.full(4, 0.25)), np.array([0.0, 0, 1, 1])
    np.testing.assert_allclose(c[0], mf - mi * mf / 2, atol=1e-6)


@pytest.mark.parametrize(
    ("key", "wrong", "said"),
    [
        ("cfc", {"time": "first"}, "time is 'first'; expected 'count'"),
        (
            "cfc",
            {"backbone_units": 0},
            "backbone_units is 0; expected a whole number of 1 or more, or None for twice",
        ),
        ("phased_lstm", {"time": "lsat"}, "Did you mean 'last'"),
        ("phased_lstm", {"open_ratio": 1.0}, "open_ratio is 1.0; expected"),
        ("phased_lstm", {"leak": 0.0}, "leak is 0.0; expected"),
        ("phased_lstm", {"longest_period": 0.5}, "longest_period is 0.5; expected 1.0 or more"),
        ("lmu", {"order": 0}, "order is 0; expected"),
        ("lmu", {"theta": -1.0}, "theta is -1.0; expected"),
        ("lmu", {"zoneout": 0.1}, "zoneout means nothing to LMUCell"),
        ("lmu", {"signals": 1.5}, "signals is 1.5; expected a whole number"),
        ("phased_lstm", {"longest_period": float("nan")}, "longest_period is nan; expected a number above 0"),
        ("phased_lstm", {"leak": "much"}, "leak is 'much'; expected a number above 0"),
        ("on_lstm", {"chunk": 3}, "chunk is 3; expected a whole number that divides the 4 units"),
    ],
)
def test_what_makes_no_sense_is_refused(key, wrong, said):
    with pytest.raises(RnnkitError, match=said):
        cells.get_cell(key)(4, **wrong)


def test_times_alone_and_a_decoder_with_times_are_refused():
    with pytest.raises(RnnkitError, match="the last feature is the time, and here it is the only one"):
        cells.CfC(4, time="last")(np.ones((2, 5, 1), "float32"))
    stack = Recurrent(cells.CfCCell(4, time="last"), return_sequences=True, return_state=True)
    with pytest.raises(RnnkitError, match="A decoder's steps have no times"):
        Decoder(stack, None, units=4)


def test_starts_are_spread_over_the_periods():
    keras.utils.set_random_seed(0)
    cell = cells.PhasedLSTMCell(256, shortest_period=2.0, longest_period=50.0, seed=1)
    cell.build((None, 3))
    log_period, shift = cell.clock.numpy()
    assert np.log(2) <= log_period.min() and log_period.max() <= np.log(50) and 0 <= shift.min() <= shift.max() <= 1
    assert np.median(log_period) == pytest.approx(np.log(10), abs=0.3)
    assert abs(np.corrcoef(log_period, shift)[0, 1]) < 0.2
