"""Depth four ways, against NumPy: stacked, deep input, deep transition, deep output, with and without shortcuts."""

import keras
import numpy as np
import pytest
import reference

from rnnkit import cells
from rnnkit.cells import LRU, LSTM, GRUCell, SimpleRNN, SimpleRNNCell
from rnnkit.errors import RnnkitError
from rnnkit.layers.recurrent import Recurrent
from rnnkit.testing.subject import named, randomize

UNITS, FEATURES, TIME, BATCH = 6, 5, 7, 3


@pytest.fixture
def inputs():
    return np.random.default_rng(1).normal(size=(BATCH, TIME, FEATURES)).astype("float32")


def built(layer_class=SimpleRNN, **options):
    layer = layer_class(UNITS, return_sequences=True, **options)
    layer.build((None, None, FEATURES))
    randomize(layer.trainable_weights)
    return layer


def mlp(part, v):
    """What a part of depth computes, from its weights."""
    out = v
    for dense in part.layers:
        kernel, bias = dense.get_weights()
        out = np.tanh(out @ kernel + bias)
    if not part.layers or not part.shortcut:
        return out
    return out + (v if part.adapter is None else v @ part.adapter.get_weights()[0])


def deep_rnn(layer, inputs, index=0):
    """A simple recurrent network, deep in every way, `[batch, time, features]`."""
    deep = layer.cells[index]
    weights = named(deep.cell)
    h, outputs = np.zeros((len(inputs), UNITS)), []
    for t in range(inputs.shape[1]):
        x = mlp(deep.input_part, inputs[:, t])
        h = np.tanh(x @ weights["kernel"] + weights["bias"] + mlp(deep.transition, h) @ weights["recurrent_kernel"])
        outputs.append(mlp(deep.output_part, h))
    return np.stack(outputs, axis=1)


@pytest.mark.parametrize("residual", [False, True], ids=["plain", "shortcuts"])
@pytest.mark.parametrize(
    "depth",
    [{"input_layers": 2}, {"transition_layers": 2}, {"output_layers": 2},
     {"input_layers": 1, "transition_layers": 1, "output_layers": 1}],
    ids=lambda depth: " ".join(depth),
)  # fmt: skip
def test_numbers_of_each_depth(depth, residual, inputs):
    layer = built(**depth, residual=residual)
    np.testing.assert_allclose(layer(inputs), deep_rnn(layer, inputs), atol=1e-5)


def test_a_stack_of_deep_layers_adds_its_inputs(inputs):
    layer = built(layers=2, output_layers=1, residual=True)
    first = deep_rnn(layer, inputs)
    np.testing.assert_allclose(layer(inputs), deep_rnn(layer, first, index=1) + first, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    "key", ["lstm", "clockwork", "projection_lstm", "min_gru"]
)  # the contract's point 2 has the others
def test_cells_of_every_kind_can_be_deep_in_both_directions(key, inputs):
    cell = cells.get_cell(key)(UNITS)
    layer = Recurrent(cell, input_layers=1, transition_layers=1, output_layers=1, residual=True, layers=2,
                      bidirectional=True, pooling="mean")  # fmt: skip
    mask = np.ones((BATCH, TIME), bool)
    mask[1, 4:] = False
    output = np.asarray(layer(inputs, mask=mask))
    alone = np.asarray(layer(inputs[1:2, :4]))
    assert output.shape == (BATCH, 2 * layer.cells[0].output_size)
    np.testing.assert_allclose(output[1:2], alone, atol=1e-5)


def test_a_deep_output_keeps_a_linear_cell_a_scan(inputs):
    layer = built(LRU, output_layers=1, residual=True)
    deep = layer.cells[0]
    x = keras.ops.transpose(keras.ops.convert_to_tensor(inputs), (1, 0, 2))
    assert deep.scan(x, deep.get_initial_state(BATCH), None) is not None
    without_depth = LRU(UNITS, return_sequences=True)
    without_depth.build((None, None, FEATURES))
    without_depth.cell.set_weights(deep.cell.get_weights())
    np.testing.assert_allclose(layer(inputs), mlp(deep.output_part, np.asarray(without_depth(inputs))), atol=1e-5)


def test_deep_layers_are_saved(inputs, tmp_path):
    x = keras.Input((None, FEATURES))
    layer = LSTM(UNITS, layers=2, bidirectional=True, transition_layers=1, output_layers=1, initial_state="learned")
    model = keras.Model(x, layer(x))
    randomize(model.trainable_weights)
    model.save(tmp_path / "deep.keras")
    again = keras.saving.load_model(tmp_path / "deep.keras")
    np.testing.assert_allclose(again(inputs), model(inputs), atol=1e-6)


@pytest.mark.parametrize("kind", ["zeros", "random", "learned"])
def test_initial_states(kind, inputs):
    layer = Recurrent(SimpleRNNCell(UNITS, seed=1), initial_state=kind, return_sequences=True)
    layer.build((None, None, FEATURES))
    randomize(layer.trainable_weights)
    learned = [weight for weight in layer.trainable_weights if weight.name == "initial_h"]
    assert len(learned) == (kind == "learned")
    start = np.tile(learned[0].numpy(), (BATCH, 1)) if learned else np.zeros((BATCH, UNITS))
    expected = reference.simple_rnn(named(layer.cell), inputs.transpose(1, 0, 2), [start]).transpose(1, 0, 2)
    np.testing.assert_allclose(layer(inputs), expected, atol=1e-5)
    moved = np.abs(np.asarray(layer(inputs, training=True)) - expected).max()
    assert (moved > 1e-3) == (kind == "random")
    given = [np.full((BATCH, UNITS), 0.5, "float32")]
    expected = reference.simple_rnn(named(layer.cell), inputs.transpose(1, 0, 2), given).transpose(1, 0, 2)
    np.testing.assert_allclose(layer(inputs, initial_state=given), expected, atol=1e-5)


def test_states_that_count_do_not_begin_at_random():
    layer = Recurrent(cells.get_cell("clockwork")(UNITS, seed=1), initial_state="random")
    layer.build((None, None, FEATURES))
    states = dict(zip(layer.cell.state_names, layer.start_states(BATCH, training=True), strict=True))
    assert not np.any(states["t"]) and np.any(states["h"])


@pytest.mark.parametrize("reverse", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("truncate", [0, 1, 3, 100])
@pytest.mark.parametrize("key", [pytest.param("gru", marks=pytest.mark.slow), "min_gru"])
def test_truncation_lets_no_gradient_further_back(key, truncate, reverse, inputs):
    import tensorflow as tf

    layer = Recurrent(cells.get_cell(key)(UNITS), truncate=truncate, go_backwards=reverse)
    whole = Recurrent(cells.get_cell(key)(UNITS), go_backwards=reverse)
    for each in (layer, whole):
        each.build((None, None, FEATURES))
    randomize(layer.trainable_weights)
    whole.set_weights(layer.get_weights())
    x = tf.constant(inputs)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        output = layer(x, training=True)
        full = whole(x, training=True)
    np.testing.assert_allclose(output, full, atol=1e-6)  # truncation changes no output
    gradient, reference_gradient = tape.gradient(output, x).numpy(), tape.gradient(full, x).numpy()
    steps = np.arange(TIME)[::-1] if reverse else np.arange(TIME)  # in the order they are run
    kept = steps[-((TIME - 1) % truncate + 1) :] if truncate else steps
    cut = np.setdiff1d(np.arange(TIME), kept)
    np.testing.assert_allclose(gradient[:, kept], reference_gradient[:, kept], atol=1e-6)
    assert not gradient[:, cut].any()
    assert np.abs(gradient[:, kept]).max() > 1e-4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_layers": -1}, "input_layers is -1; expected 0 or more"),
        ({"stateful": True, "initial_state": "learned"}, "so initial_state='learned' is lost"),
        ({"truncate": -2}, "truncate is -2; expected 0 or more"),
        ({"initial_state": "learnt"}, "Unknown initial_state 'learnt'.*Did you mean 'learned'"),
    ],
)
def test_errors_say_what_was_expected(options, message):
    with pytest.raises(ValueError, match=message):
        Recurrent(GRUCell(4), **options)


def test_a_deep_transition_needs_a_step_that_reads_the_last_output():
    with pytest.raises(RnnkitError, match="transition_layers means nothing to LRUCell"):
        Recurrent(cells.get_cell("lru")(4), transition_layers=1)


def test_a_deep_clock_keeps_its_time():
    layer = Recurrent(cells.get_cell("clockwork")(UNITS, zoneout=0.3), transition_layers=1, initial_state="learned",
                      return_state=True)  # fmt: skip
    *_, t = layer(np.ones((2, 3, FEATURES), "float32"), training=True)
    assert "initial_t" not in [weight.name for weight in layer.weights]
    np.testing.assert_array_equal(t, np.round(t))


def test_learned_states_are_trained_through_truncation(inputs):
    import tensorflow as tf

    layer = Recurrent(GRUCell(UNITS), truncate=100, initial_state="learned")
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(inputs, training=True))
    start = next(weight for weight in layer.trainable_weights if weight.name == "initial_h")
    assert np.abs(tape.gradient(loss, start.value)).max() > 0


@pytest.mark.parametrize("key", cells.names())
def test_weights_of_one_shape_begin_with_different_numbers(key):
    cell = cells.get_cell(key)(UNITS)
    cell.build((None, FEATURES))
    random = [weight.numpy() for weight in cell.weights if weight.numpy().std() > 0]
    for index, one in enumerate(random):
        for other in random[index + 1 :]:
            assert one.shape != other.shape or not np.allclose(one, other)
