"""The layer that runs cells: stacks, directions, states, masks and what is made of the outputs."""

import itertools
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnnkit.cells import GRU, LSTM, GRUCell, LRUCell, LSTMCell, MinGRU, MinGRUCell, RWKV4Cell, S4DCell, SimpleRNN
from rnnkit.layers import accelerated, run_cell
from rnnkit.layers.recurrent import Recurrent
from rnnkit.testing.subject import fill

UNITS, FEATURES, BATCH, TIME = 6, 5, 4, 7


def built(layer_class=LSTM, like=None, **options):
    layer = layer_class(UNITS, **options)
    layer.build((BATCH, None, FEATURES))
    return fill(layer, like)


def close(got, expected, atol=1e-5):
    np.testing.assert_allclose(np.asarray(got), np.asarray(expected), atol=atol)


# ---------------------------------------------------------------------- directions and stacks


@pytest.mark.parametrize(
    ("merge_mode", "sequences"),
    [("concat", True), ("sum", False), ("mul", True), ("ave", False)]
    + [
        pytest.param(*case, marks=pytest.mark.slow)
        for case in (("concat", False), ("sum", True), ("mul", False), ("ave", True))
    ],
)
def test_both_directions_equal_keras(merge_mode, sequences, inputs, mask):
    ours = built(bidirectional=True, merge_mode=merge_mode, return_sequences=sequences)
    theirs = keras.layers.Bidirectional(keras.layers.LSTM(UNITS, return_sequences=sequences), merge_mode=merge_mode)
    theirs.build((None, None, FEATURES))
    theirs.set_weights([*ours.forward_cells[0].get_weights(), *ours.backward_cells[0].get_weights()])
    close(ours(inputs), theirs(inputs))
    shown = mask[..., None] if sequences else True  # at hidden steps Keras gives 0
    masked = theirs(inputs, mask=keras.ops.convert_to_tensor(mask))
    close(ours(inputs, mask=mask) * shown, masked * shown)


def test_a_stack_is_layers_on_layers(inputs, mask):
    stack = built(GRU, layers=3, bidirectional=True, return_sequences=True)
    output = inputs
    for forward, backward in zip(stack.forward_cells, stack.backward_cells, strict=True):
        layer = GRU(UNITS, bidirectional=True, return_sequences=True)
        layer.build((None, None, output.shape[-1]))
        layer.forward_cells[0].set_weights(forward.get_weights())
        layer.backward_cells[0].set_weights(backward.get_weights())
        output = layer(output, mask=mask)
    close(stack(inputs, mask=mask), output)
    assert len(stack.trainable_weights) == 3 * 2 * 4


def test_states_come_layer_by_layer_forward_before_backward(inputs):
    layer = built(layers=2, bidirectional=True, return_state=True, return_sequences=True)
    outputs, *states = layer(inputs)
    assert len(states) == 2 * 2 * 2
    close(outputs[:, -1, :UNITS], states[4])  # h of the top layer, forward
    close(outputs[:, 0, UNITS:], states[6])  # h of the top layer, backward
    first = built(return_state=True)
    first.cell.set_weights(layer.cells[0].get_weights())
    for mine, theirs in zip(states[:2], first(inputs)[1:], strict=True):
        close(mine, theirs)


def test_residual_adds_each_layers_input(inputs, mask):
    layer = built(layers=2, residual=True, return_sequences=True)
    below, above = (keras.layers.RNN(cell, return_sequences=True) for cell in layer.cells)
    hidden = below(inputs)
    expected = above(hidden) + hidden
    close(layer(inputs), expected)
    close(built(like=layer, layers=2, residual=True)(inputs), expected[:, -1])
    close(built(like=layer, layers=2, residual=True, pooling="mean")(inputs), np.mean(expected, axis=1))
    close(built(like=layer, layers=2, residual=True, pooling="max")(inputs), np.max(expected, axis=1))
    sequence = np.asarray(layer(inputs, mask=mask))
    got = np.asarray(built(like=layer, layers=2, residual=True)(inputs, mask=mask))
    close(got[:3], sequence[[0, 1, 2], [6, 3, 6]])
    backwards = built(like=layer, layers=2, residual=True, go_backwards=True)(inputs)
    close(backwards, built(like=layer, layers=2, residual=True)(inputs[:, ::-1]))


def test_dropout_between_works_in_training_alone(inputs):
    clean = built(layers=2, return_sequences=True)
    noisy = built(like=clean, layers=2, return_sequences=True, dropout_between=0.5, seed=1)
    again = built(like=clean, layers=2, return_sequences=True, dropout_between=0.5, seed=1)
    close(noisy(inputs), clean(inputs))
    trained = noisy(inputs, training=True)
    assert np.abs(np.asarray(trained) - np.asarray(clean(inputs))).max() > 1e-2
    close(again(inputs, training=True), trained)
    single = built(dropout_between=0.5)
    close(single(inputs, training=True), single(inputs))


# ---------------------------------------------------------------------- what is made of the outputs


@pytest.mark.parametrize("options", [{}, {"unroll": True}, {"go_backwards": True}, {"bidirectional": True}], ids=str)
@pytest.mark.parametrize("layer_class", [LSTM, MinGRU])
def test_poolings_equal_numpy(layer_class, options, inputs, mask):
    layer = built(layer_class, return_sequences=True, **options)
    outputs = np.asarray(layer(inputs, mask=mask))
    shown = mask[:, ::-1] if options.get("go_backwards") else mask
    mean = built(layer_class, like=layer, pooling="mean", **options)(inputs, mask=mask)
    largest = built(layer_class, like=layer, pooling="max", **options)(inputs, mask=mask)
    for row in range(BATCH - 1):
        close(mean[row], outputs[row, shown[row]].mean(axis=0))
        close(largest[row], outputs[row, shown[row]].max(axis=0))
    close(mean[3], np.zeros(layer.output_size))
    close(largest[3], np.zeros(layer.output_size))


ON_GPU = [(LSTM, "last", False), (GRU, "mean", True), (MinGRU, "max", False), (LSTM, "max", True)]


@pytest.mark.parametrize(
    ("layer_class", "pooling", "reverse"),
    [
        pytest.param(*case, marks=[] if case in ON_GPU else pytest.mark.slow)
        for case in itertools.product((LSTM, GRU, MinGRU), ("last", "mean", "max"), (False, True))
    ],
)
def test_what_a_gpu_runs_gives_the_same(layer_class, pooling, reverse, inputs, mask, monkeypatch):
    """The forms that a GPU takes, on the CPU: cuDNN's stand-in and the parallel scan."""
    layer = built(layer_class, pooling=pooling, go_backwards=reverse, return_state=True)
    ends = mask.copy()
    ends[2:] = [True] * 3 + [False] * 4  # the padding that cuDNN knows
    expected = [[np.asarray(part) for part in layer(inputs, mask=given)] for given in (None, mask, ends)]
    for module in (run_cell, accelerated):
        monkeypatch.setattr(module, "on_accelerator", lambda: True)
    for given, parts in zip((None, mask, ends), expected, strict=True):
        for mine, theirs in zip(layer(inputs, mask=given), parts, strict=True):
            close(mine, theirs)


def test_exports_never_take_what_a_gpu_runs(monkeypatch):
    monkeypatch.setattr("tensorflow.config.list_physical_devices", lambda kind: ["a GPU"])
    assert accelerated.on_accelerator()
    with accelerated.portable():
        assert not accelerated.on_accelerator()
    assert accelerated.on_accelerator()


@pytest.mark.slow
def test_a_long_mean_is_exact_in_bfloat16():
    layer = SimpleRNN(2, pooling="mean", dtype="mixed_bfloat16")
    layer.build((None, None, 1))
    layer.set_weights([np.zeros((1, 2)), np.zeros((2, 2)), np.full(2, 1.5)])
    close(keras.ops.cast(layer(np.zeros((1, 1000, 1))), "float32"), np.full((1, 2), np.tanh(1.5)), atol=0.01)


# ---------------------------------------------------------------------- time


def test_unrolled_equals_looped(inputs, mask):
    options = {"layers": 2, "bidirectional": True, "return_state": True}
    looped = built(**options)
    unrolled = built(like=looped, unroll=True, **options)
    for given in (None, mask):
        for mine, theirs in zip(unrolled(inputs, mask=given), looped(inputs, mask=given), strict=True):
            close(mine, theirs)


def test_unrolling_needs_a_length():
    function = tf.function(LSTM(UNITS, unroll=True), autograph=False)
    with pytest.raises(ValueError, match="known number of time steps"):
        function.get_concrete_function(tf.TensorSpec((1, None, FEATURES)))


def test_backwards_is_forwards_on_the_reversed(inputs, mask):
    layer = built(return_sequences=True)
    backwards = built(like=layer, return_sequences=True, go_backwards=True)
    close(backwards(inputs), layer(inputs[:, ::-1]))
    shown = backwards.compute_mask(inputs, keras.ops.convert_to_tensor(mask))
    np.testing.assert_array_equal(shown, mask[:, ::-1])


def test_batches_of_different_lengths_share_a_layer(inputs):
    """What bucketing makes: each row gives what it gives alone, whatever it is padded to."""
    layer = built(GRU, bidirectional=True, pooling="mean")
    model = keras.Sequential([keras.layers.Masking(), layer])
    for length in (2, 5, 7):
        padded = np.zeros((1, length + 3, FEATURES), "float32")
        padded[0, :length] = inputs[0, :length]
        close(model(padded), layer(inputs[:1, :length]))


# ---------------------------------------------------------------------- states


def test_a_given_state_goes_on_where_the_last_call_stopped(inputs):
    layer = built(layers=2, return_sequences=True, return_state=True)
    whole, *last = layer(inputs)
    first, *middle = layer(inputs[:, :3])
    second, *end = layer(inputs[:, 3:], initial_state=middle)
    close(np.concatenate([first, second], axis=1), whole)
    for mine, theirs in zip(end, last, strict=True):
        close(mine, theirs)


def test_a_stateful_layer_goes_on_until_it_is_reset(inputs):
    plain = built(layers=2, return_sequences=True)
    layer = built(like=plain, layers=2, return_sequences=True, stateful=True)
    whole = plain(inputs)
    close(layer(inputs[:, :3]), whole[:, :3])
    close(layer(inputs[:, 3:]), whole[:, 3:])
    layer.reset_state()
    close(layer(inputs), whole)
    model = keras.Sequential([keras.Input((None, FEATURES), batch_size=BATCH), layer])
    layer.reset_state()
    close(model.predict(inputs[:, :3], batch_size=BATCH, verbose=0), whole[:, :3])
    close(model.predict(inputs[:, 3:], batch_size=BATCH, verbose=0), whole[:, 3:])


def test_a_stateful_layer_refuses_another_number_of_rows(inputs):
    layer = built(stateful=True)
    layer(inputs)
    before = [keras.ops.convert_to_numpy(state) for state in layer.states]
    for wrong in (inputs[:1], np.concatenate([inputs, inputs])):
        with pytest.raises(ValueError, match=f"carries the states of {BATCH} rows, and a batch of {len(wrong)} came"):
            layer(wrong)
    assert all(map(np.array_equal, before, map(keras.ops.convert_to_numpy, layer.states)))


def test_states_of_an_encoder_start_a_decoder(inputs):
    """In a functional model, as a translator has it."""
    x = keras.Input((None, FEATURES))
    _, *states = LSTM(UNITS, return_state=True)(x)
    model = keras.Model(x, LSTM(UNITS, return_sequences=True)(x, initial_state=states))
    assert model.predict(inputs, verbose=0).shape == (BATCH, TIME, UNITS)


# ---------------------------------------------------------------------- masks


def test_an_implicit_mask_is_the_explicit_one():
    ids = np.array([[3, 1, 2, 0, 0], [1, 2, 0, 3, 0], [0, 0, 0, 0, 0]])
    embedding = keras.layers.Embedding(5, FEATURES, mask_zero=True)
    layer = built(GRU, layers=2, bidirectional=True)
    embedded = embedding(ids)
    explicit = layer(keras.ops.convert_to_tensor(np.asarray(embedded)), mask=ids != 0)
    close(layer(embedded), explicit)
    assert np.abs(np.asarray(explicit) - np.asarray(layer(np.asarray(embedded)))).max() > 1e-3
    close(explicit[2], np.zeros(2 * UNITS))


def test_a_mask_of_numbers_is_one_of_truths(inputs, mask):
    layer = built()
    close(layer(inputs, mask=mask.astype("int32")), layer(inputs, mask=mask))


@pytest.mark.slow
def test_training_survives_rows_of_padding_alone(inputs, mask):
    """Recurrent dropout, a fully padded row, and a fit in graph mode: the loss stays finite and falls."""
    x, shown = keras.Input((None, FEATURES)), keras.Input((None,), dtype="bool")
    noise = {"recurrent_dropout": 0.2, "dropout": 0.2, "zoneout": 0.1, "seed": 1}
    pooled = GRU(UNITS, pooling="max", **noise)(x, mask=shown)
    model = keras.Model([x, shown], keras.layers.Dense(1)(pooled))
    model.compile(keras.optimizers.Adam(0.05), "mse")
    history = model.fit([inputs, mask], inputs[:, 0, :1], epochs=12, verbose=0).history["loss"]
    assert np.isfinite(history).all() and history[-1] < history[0] / 1.5
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_variational_dropout_has_a_mask_for_each_row_and_keeps_it_for_all_steps():
    layer = SimpleRNN(UNITS, dropout=0.5, seed=1, return_sequences=True, activation="linear")
    layer.build((None, None, FEATURES))
    layer.cell.recurrent_kernel.assign(np.zeros((UNITS, UNITS)))
    outputs = np.asarray(layer(np.ones((8, 3, FEATURES), "float32"), training=True))
    assert (outputs == outputs[:, :1]).all() and len(np.unique(outputs[:, 0], axis=0)) > 2


# ---------------------------------------------------------------------- errors and configuration


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LSTM(4, poling="max"), "LSTM has no argument 'poling'. Did you mean 'pooling'?"),
        (lambda: LSTM(4, recurent_dropout=0.1), "Did you mean 'recurrent_dropout'?"),
        (
            lambda: LSTM(4, pooling="men"),
            "Unknown pooling 'men'; expected one of last, mean, max, mean_max. Did you mean 'mean'?",
        ),
        (lambda: LSTM(4, merge_mode="cat"), "Unknown merge_mode 'cat'; expected one of concat, sum, mul, ave."),
        (lambda: LSTM(4, layers=0), "layers is 0; expected 1 or more."),
        (lambda: LSTM(0), "units is 0; expected a whole number of 1 or more"),
        (lambda: LSTM(4, dropout=1.0), "dropout is 1.0; expected a share"),
        (lambda: MinGRU(4, recurrent_dropout=0.1), "recurrent_dropout means nothing to MinGRUCell"),
        (lambda: Recurrent(keras.layers.LSTMCell(4)), "expected a RecurrentCell"),
        (lambda: Recurrent(LSTMCell(4), dtype="mixed_float16"), "The layer's dtype is mixed_float16 and its cell's"),
        (lambda: LSTM(4)(np.zeros((2, 3))), "expected ndim=3, found ndim=2"),
        (lambda: LSTM(4, stateful=True)(keras.Input((5, 3))), "stateful=True needs a fixed batch size"),
        (
            lambda: LSTM(4)(np.zeros((2, 5, 3)), initial_state=[np.zeros((2, 4))]),
            r"initial_state has 1 tensors of shapes [(2, 4)]; expected 2: h [batch, 4], c [batch, 4].",
        ),
        (
            lambda: GRU(4)(np.zeros((2, 5, 3)), initial_state=np.zeros((2, 3))),
            r"initial_state has 1 tensors of shapes [(2, 3)]; expected 1: h [batch, 4].",
        ),
    ],
)
def test_errors_say_what_was_expected(make, message):
    with pytest.raises((ValueError, TypeError)) as caught:
        make()
    assert message in str(caught.value)


def test_a_layer_takes_over_its_cells_dtype(inputs):
    assert Recurrent(GRUCell(4, dtype="mixed_float16"))(inputs).dtype == "float16"


def test_a_layer_comes_back_from_its_config(inputs, tmp_path):
    layer = Recurrent(GRUCell(UNITS, reset_after=False, dropout=0.1, seed=3), layers=2, pooling="max", residual=True)
    layer(inputs)
    again = Recurrent.from_config(json.loads(json.dumps(layer.get_config())))
    assert again.cell.get_config() == layer.cell.get_config()
    assert (again.layers, again.pooling, again.residual) == (2, "max", True)
    model = keras.Sequential([keras.Input((None, FEATURES)), layer])
    model.save(tmp_path / "model.keras")
    close(keras.saving.load_model(tmp_path / "model.keras")(inputs), layer(inputs), atol=1e-6)


@pytest.mark.parametrize("block", [3, 11, *(pytest.param(block, marks=pytest.mark.slow) for block in (2, 4, 20))])
@pytest.mark.parametrize("options", [{"return_sequences": True}, {"pooling": "mean_max"}, {"bidirectional": True}])
def test_a_loop_in_blocks_equals_the_plain_loop(block, options):
    """Also where the length is no multiple of the block, and where it is shorter."""
    x = np.random.default_rng(2).normal(size=(3, 11, 5)).astype("float32")
    mask = np.arange(11)[None] < np.array([[11], [4], [0]])
    plain = LSTM(6, **options)
    expected = np.asarray(plain(x, mask=mask))
    blocked = LSTM(6, unroll=block, **options)
    blocked.build(x.shape)
    blocked.set_weights(plain.get_weights())
    np.testing.assert_allclose(np.asarray(blocked(x, mask=mask)), expected, atol=1e-6)


def test_no_two_parts_of_a_stack_drop_the_same_units():
    layer = LSTM(6, layers=2, bidirectional=True, seed=3, recurrent_dropout=0.5)
    assert len({cell.seed for cell in layer.cells}) == 4


@pytest.mark.parametrize("options", [{}, {"layers": 2, "output_layers": 1, "initial_state": "learned"}])
def test_a_frozen_layer_trains_nothing(options):
    inputs = keras.Input((5, 3))
    model = keras.Model(inputs, keras.layers.Dense(1)(GRU(4, trainable=False, **options)(inputs)))
    assert [weight.name for weight in model.trainable_weights] == ["kernel", "bias"]


@pytest.mark.parametrize("cell", [LSTMCell, GRUCell, MinGRUCell, LRUCell, RWKV4Cell, S4DCell])
@pytest.mark.parametrize("layers", [1, 2])
def test_where_a_sequence_begins_what_went_before_is_forgotten(cell, layers):
    layer = Recurrent(cell(5, seed=1), layers=layers, return_sequences=True, return_state=True)
    x = np.random.default_rng(0).normal(size=(2, 7, 3)).astype("float32")
    begins = np.zeros((2, 7), bool)
    begins[0, [0, 4]] = True
    random = np.random.default_rng(1)
    layer.build(x.shape)
    sizes = [size for each in layer.cells for size in each.state_size]
    states = [random.uniform(0.1, 1, size=(2, size)).astype("float32") for size in sizes]
    outputs, *last = layer(x, initial_state=states, begins=begins)
    first, second = layer(x[:1, :4])[0], layer(x[:1, 4:])
    np.testing.assert_allclose(outputs[:1, :4], first, atol=1e-5)
    np.testing.assert_allclose(outputs[:1, 4:], second[0], atol=1e-5)
    for whole, alone in zip(last, second[1:], strict=True):
        np.testing.assert_allclose(whole[:1], alone, atol=1e-5)
    np.testing.assert_allclose(outputs[1:], layer(x[1:], initial_state=[each[1:] for each in states])[0], atol=1e-5)
