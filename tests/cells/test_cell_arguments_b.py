"""What the cells of torchrecurrent's list do beside their equations: starts, widths, constants, delays."""

import numpy as np
import pytest
import reference
from ai_edge_litert.interpreter import Interpreter
from keras import ops

from rnnkit import cells
from rnnkit.errors import RnnkitError
from rnnkit.export.streaming import export_step
from rnnkit.layers.cell import RecurrentCell
from rnnkit.layers.recurrent import Recurrent
from rnnkit.testing import check_cell
from rnnkit.testing.subject import named, randomize

#: Arguments that change the equations, and what the formula has to know of them.
VARIANTS = {
    "li_gru": ({"input_norm": "layer"}, {}),
    "fast_rnn": ({"kernel_rank": 2, "recurrent_rank": 3}, {}),
    "tau_gru": ({"delay": 1}, {"delay": 1}),
    "nas": ({"multiply": False}, {"multiply": False}),
    "scrn": ({"alpha": 0.5, "context_units": 3}, {"alpha": 0.5}),
    "miru1": ({"hold": 0.25}, {"hold": 0.25}),
    "miru2": ({"hold": 0.25, "reset": 0.75}, {"hold": 0.25, "reset": 0.75}),
    "gated_antisymmetric": ({"epsilon": 0.5, "gamma": 0.1}, {"epsilon": 0.5, "gamma": 0.1}),
    "co_rnn": ({"dt": 0.5, "gamma": 2.0, "epsilon": 1.5}, {"dt": 0.5, "gamma": 2.0, "epsilon": 1.5}),
    "unicornn": ({"dt": 0.5, "alpha": 2.0}, {"dt": 0.5, "alpha": 2.0}),
    "lem": ({"dt": 0.5}, {"dt": 0.5}),
}
NEW = ("atr", "brc", "cfn", "dsgu", "intersection_rnn", "lem", "minimal_rnn", "multiplicative_lstm", "mut1", "nas",
       "ran", "residual_lstm", "scrn", "sgu", "typed_lstm", "wmc_lstm")  # fmt: skip


def built(key, units=64, features=5, **arguments):
    cell = cells.get_cell(key)(units, **arguments)
    cell.build((None, features))
    return cell


@pytest.mark.slow
@pytest.mark.parametrize("key", VARIANTS)
def test_own_arguments_keep_the_contract(key):
    arguments, constants = VARIANTS[key]

    def formula(w, inputs, states):
        return getattr(reference, key)(w, inputs, states, **constants)

    check_cell(cells.get_cell(key), reference=formula, arguments=arguments, points=(3, 5))


@pytest.mark.parametrize("key", NEW)
def test_without_biases_there_are_none(key):
    cell = built(key, 4, use_bias=False)
    assert not [weight.name for weight in cell.weights if "bias" in weight.name]
    outputs = Recurrent(cell)(np.ones((2, 3, 5), "float32"))
    assert np.isfinite(outputs).all()


def test_the_intersection_of_inputs_as_wide_as_the_state_takes_them_as_they_are():
    layer = Recurrent(cells.IntersectionRNNCell(5), return_sequences=True)
    layer.build((None, None, 5))
    randomize(layer.trainable_weights)
    inputs = np.random.default_rng(0).normal(size=(3, 7, 5)).astype("float32")
    zeros = [np.zeros((3, 5))] * 2
    expected = reference.intersection_rnn(named(layer.cells[0]), inputs.transpose(1, 0, 2), zeros)
    assert layer.cells[0].kernel.shape == (5, 20)
    np.testing.assert_allclose(layer(inputs), expected.transpose(1, 0, 2), atol=1e-5)


def test_starts_are_those_of_the_papers():
    assert (built("fast_rnn").alpha.numpy(), built("fast_rnn").beta.numpy()) == (-3, 3)
    assert (built("brc").state_kernel.numpy() == 1).all()
    springs = built("unicornn")
    assert 0 <= springs.recurrent_kernel.numpy().min() and np.abs(springs.control.numpy()).max() <= 0.1
    for weight in built("lem").weights:
        assert 0.9 / 8 < np.abs(weight.numpy()).max() <= 1 / 8, weight.name


@pytest.mark.parametrize(
    ("key", "holds", "replaces"),
    [("cfn", 0, None), ("ran", 1, 0), ("minimal_rnn", 1, None), ("mut2", None, 0), ("multiplicative_lstm", 1, 0)],
)
def test_long_memories_where_the_first_gates_alone_have_biases(key, holds, replaces):
    bias = built(key, longest=50).bias.numpy()
    gates = bias.reshape(-1, 64)
    for index, gate in enumerate(gates):
        if index == holds:
            assert gate.min() >= 0 and gate.max() <= np.log(49) and gate.std() > 0.3
        elif index == replaces:
            assert gate.max() <= 0 and gate.std() > 0.3
        else:
            assert not gate.any()


def test_a_chaos_free_network_comes_to_rest_without_input():
    layer = Recurrent(cells.CFNCell(6), return_sequences=True)
    layer.build((None, None, 5))
    randomize(layer.trainable_weights)
    start = [np.full((1, 6), 3.0, "float32")]
    sizes = np.abs(layer(np.zeros((1, 60, 5), "float32"), initial_state=start))[0].max(axis=-1)
    assert (np.diff(sizes) < 0).all() and sizes[-1] < 0.02 * sizes[0]


def test_a_bistable_unit_keeps_what_it_was_given():
    """With a = 2 a unit pushed once stays up or down; a plain cell would have forgotten."""
    layer = Recurrent(cells.BRCCell(1, kernel_initializer="ones", recurrent_initializer="zeros"))
    layer.build((None, None, 1))
    layer.cells[0].bias.assign([4.0, 0.0, 0.0])  # a is 2 whatever comes
    inputs = np.zeros((2, 60, 1), "float32")
    inputs[:, 0, 0] = 1, -1
    up, down = np.ravel(layer(inputs))
    assert up > 0.9 and down < -0.9


def test_antisymmetric_weights_are_made_once_a_sequence():
    calls = []

    class Counted(cells.AntisymmetricCell):
        def prepare(self):
            calls.append(1)
            return super().prepare()

    inputs = np.ones((2, 7, 5), "float32")
    for options in ({}, {"unroll": True}, {"output_layers": 1}):
        calls.clear()
        layer = Recurrent(Counted(4), **options)
        layer(inputs)
        assert len(calls) == 1, options
    cell: RecurrentCell = Counted(4)
    cell.build((None, 5))
    calls.clear()
    cell(ops.ones((2, 5)), cell.get_initial_state(2))
    assert len(calls) == 1 and cell._prepared is None


@pytest.mark.slow
@pytest.mark.parametrize("key", ["antisymmetric", "gated_antisymmetric"])
def test_antisymmetric_weights_are_made_before_they_reach_a_phone(key):
    layer = Recurrent(built(key, 4))
    layer.build((None, None, 5))
    operators = {each["op_name"] for each in Interpreter(model_content=export_step(layer, 5))._get_ops_details()}
    assert "FULLY_CONNECTED" in operators and not operators & {"TRANSPOSE", "SUB"}


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("tau_gru", {"delay": 0}),
        ("miru1", {"hold": 1.0}),
        ("miru2", {"hold": -0.1}),
        ("scrn", {"alpha": 1.5}),
        ("scrn", {"context_units": 0}),
        ("li_gru", {"input_norm": "batch"}),
        ("fast_rnn", {"recurrent_rank": 0}),
        ("antisymmetric", {"epsilon": 0.0}),
        ("co_rnn", {"gamma": -1.0}),
        ("unicornn", {"dt": 0}),
        ("lem", {"dt": float("nan")}),
    ],
)
def test_what_makes_no_sense_is_refused(key, wrong):
    with pytest.raises(RnnkitError, match=f"{next(iter(wrong))} is .*; expected"):
        cells.get_cell(key)(4, **wrong)


def test_a_ring_refuses_zoneout():
    with pytest.raises(RnnkitError, match="zoneout means nothing to TauGRUCell"):
        cells.TauGRUCell(4, zoneout=0.1)
