"""The options for depth, first states, first weights and truncation, as they reach the network."""

import dataclasses

import keras
import numpy as np
import pytest
from tasks.tiny import OPTIONS, rows

import rnnkit
from rnnkit.cells._square_blocks import SquareBlocks
from rnnkit.data.tables import open_table
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.options import Options, panels


def network(**options):
    task = rnnkit.TextClassifier(**{**OPTIONS, **options})
    task.preprocessing.learn(open_table(rows(30)))
    return task.build()


def test_depth_truncation_and_first_states_reach_the_layer():
    given = {"input_layers": 1, "transition_layers": 2, "output_layers": 1, "depth_activation": "relu",
             "truncate": 3, "initial_state": "learned", "residual": True}  # fmt: skip
    layer = network(**given).get_layer("recurrent")
    assert {name: getattr(layer, name) for name in given} == given
    assert network(**given)(np.ones((2, 5), "int32")).shape == (2, 2)


@pytest.mark.parametrize("cell, gates", [("simple_rnn", 1), ("gru", 3), ("lstm", 4)])
def test_recurrent_weights_begin_as_asked(cell, gates):
    def blocks(start):
        kernel = network(cell=cell, recurrent_initializer=start).get_layer("recurrent").cell.recurrent_kernel
        return np.split(keras.ops.convert_to_numpy(kernel), gates, axis=1)

    for block in blocks("identity"):
        assert np.array_equal(block, np.eye(5))
    for block in blocks("orthogonal"):
        np.testing.assert_allclose(block @ block.T, np.eye(5), atol=1e-5)
    if gates > 1:
        one, other, *_ = blocks("orthogonal")
        assert not np.allclose(one, other)
    assert 0.004 < np.std(blocks("small")) < 0.02
    assert np.abs(blocks("default")).max() > 0.1


def test_a_cell_without_recurrent_weights_says_so():
    for cell in ("min_gru", "min_lstm", "qrnn", "tdnn"):
        with pytest.raises(RnnkitError, match=f"is 'small', but the cell {cell} has no recurrent weights"):
            network(cell=cell, recurrent_initializer="small")
    for cell in ("sru", "esn", "lru"):
        assert network(cell=cell, recurrent_initializer="small").count_params() > 0


def test_matrices_without_square_blocks_are_refused():
    with pytest.raises(RnnkitError, match="identity needs a square matrix for each gate"):
        network(cell="ind_rnn", recurrent_initializer="identity")
    copy = keras.initializers.deserialize(keras.initializers.serialize(SquareBlocks("identity")))
    assert np.array_equal(keras.ops.convert_to_numpy(copy((2, 2))), np.eye(2))


@pytest.mark.parametrize(
    "given, message",
    [
        ({"initial_state": "lernt"}, "Did you mean 'learned'?"),
        ({"recurrent_initializer": "unit"}, "expected one of default, orthogonal"),
        ({"truncate": -1}, "truncate is -1; expected a whole number from 0"),
        ({"omega": -1.0}, "omega is -1.0; expected a number from 0"),
    ],
)
def test_slips_are_refused(given, message):
    with pytest.raises(RnnkitError) as caught:
        Options.from_dict(given)
    assert message in str(caught.value)


def test_what_shapes_the_weights_cannot_change_afterwards():
    fixed = rnnkit.TextClassifier().fixed_options()
    assert {"input_layers", "transition_layers", "output_layers", "depth_activation", "initial_state"} <= set(fixed)
    assert not {"truncate", "omega"} & set(fixed)
    assert set(fixed) <= {spec.name for spec in dataclasses.fields(rnnkit.TextClassifier.options_class)}


def test_each_option_stands_under_one_heading():
    headings = panels(rnnkit.TextClassifier.options_class)
    assert set(headings.values()) == {"Recurrent network", "Learning through time", "Training", "Text", "Pretrained"}
    assert headings["truncate"] == headings["omega"] == "Learning through time" and headings["pooling"] == "Text"
