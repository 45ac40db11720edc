"""Recurrent layers as TFLite files on their own; every cell's own numbers are in the contract's points 7 and 8."""

import numpy as np
import pytest

from rnnkit.cells import GRU, LSTM, LSTMCell, MinGRU
from rnnkit.errors import RnnkitError
from rnnkit.export.flatbuffer import non_builtin
from rnnkit.export.streaming import export_sequence, export_step
from rnnkit.lite.interpreter import open_model, warm_up
from rnnkit.lite.streaming import Streaming
from rnnkit.testing.subject import randomize

UNITS, FEATURES, TIME = 6, 5, 9


def built(layer_class, **options):
    layer = layer_class(UNITS, **options)
    layer.build((None, None, FEATURES))
    randomize(layer.trainable_weights)
    return layer


@pytest.fixture
def inputs():
    return np.random.default_rng(1).normal(size=(1, TIME, FEATURES)).astype("float32")


def test_a_stack_trained_in_half_precision_streams_in_float32(inputs):
    layer = built(LSTM, layers=2, residual=True, return_sequences=True, dropout=0.3, dtype="mixed_bfloat16")
    model = export_step(layer, FEATURES)
    stream = Streaming(model)
    assert non_builtin(model) == []
    assert stream.state_names == ("layer0_c", "layer0_h", "layer1_c", "layer1_h")
    exact = built(LSTM, layers=2, residual=True, return_sequences=True)
    exact.set_weights(layer.get_weights())
    outputs = np.concatenate([stream.step(x) for x in inputs[0]])
    np.testing.assert_allclose(outputs, exact(inputs)[0], atol=1e-5)


@pytest.mark.parametrize("layer_class", [MinGRU, pytest.param(LSTM, marks=pytest.mark.slow)])
def test_a_stack_of_blocks_streams(layer_class, inputs):
    layer = built(layer_class, layers=2, block=2, return_sequences=True)
    model = export_step(layer, FEATURES)
    assert non_builtin(model) == []
    stream = Streaming(model)
    outputs = np.concatenate([stream.step(x) for x in inputs[0]])
    np.testing.assert_allclose(outputs, layer(inputs)[0], atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("layer_class", [MinGRU, LSTM])
@pytest.mark.parametrize("strategy", ["loop", "unroll", "padded"])
def test_a_stack_of_blocks_as_a_whole_sequence(layer_class, strategy, inputs):
    layer = built(layer_class, layers=2, block=2, return_sequences=True)
    model = export_sequence(layer, FEATURES, TIME, strategy)
    assert non_builtin(model) == []
    runner = open_model(model).get_signature_runner()
    given = {"x": inputs} | ({"length": np.int32([TIME])} if strategy == "padded" else {})
    outputs = next(iter(runner(**{name: given.get(name, inputs) for name in runner.get_input_details()}).values()))
    np.testing.assert_allclose(outputs, layer(inputs), atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("quantize", ["float16", "dynamic"])
def test_quantised_steps_stay_near(quantize, inputs):
    cell = LSTMCell(UNITS)
    cell.build((None, FEATURES))
    randomize(cell.trainable_weights)
    stream = Streaming(export_step(cell, FEATURES, quantize))
    states = cell.get_initial_state(1)
    for x in inputs[0]:
        expected, states = cell(x[None], states)
        np.testing.assert_allclose(stream.step(x), expected, atol=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("length", [TIME, None])
@pytest.mark.parametrize("layer_class", [GRU, MinGRU])
def test_a_whole_sequence_in_a_loop_of_any_length(layer_class, length, inputs):
    layer = built(layer_class, layers=2, bidirectional=True, pooling="mean", return_state=True)
    interpreter = open_model(export_sequence(layer, FEATURES, length, "loop"))
    outputs = interpreter.get_signature_runner()(x=inputs)
    assert set(outputs) == {"y"}
    np.testing.assert_allclose(outputs["y"], layer(inputs)[0], atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("sequences", [True, False])
def test_a_padded_sequence_of_any_length(sequences, inputs):
    layer = built(GRU, layers=2, bidirectional=True, return_sequences=sequences)
    runner = open_model(export_sequence(layer, FEATURES, TIME + 3, "padded")).get_signature_runner()
    warm_up(runner)
    for steps in (TIME, 1, 4, TIME):
        given = np.full((1, TIME + 3, FEATURES), np.nan, np.float32)
        given[:, :steps] = inputs[:, :steps]
        found, expected = runner(x=given)["y"], np.asarray(layer(inputs[:, :steps]))
        if sequences:
            assert found.shape == (1, TIME + 3, 2 * UNITS) and not found[:, steps:].any()
            found = found[:, :steps]
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: export_step(built(GRU, bidirectional=True), FEATURES), "bidirectional=True: it needs future steps"),
        (lambda: export_step(built(GRU, go_backwards=True), FEATURES), "go_backwards=True: it needs future steps"),
        (lambda: export_step(GRU(UNITS), FEATURES), "has no weights yet. Call it once"),
        (lambda: export_step(built(GRU), 3), "do not fit 3 features"),
        (lambda: export_step(built(GRU), FEATURES, "int4"), "Unknown quantize 'int4'; expected one of none, float16"),
        (
            lambda: export_step(built(GRU), FEATURES, "int8"),
            "int8 calibrates its ranges on real sequences: expected rows",
        ),
        (lambda: export_step("lstm", FEATURES), "Expected a Recurrent layer or a RecurrentCell to export, not 'lstm'"),
        (lambda: export_sequence(built(GRU), FEATURES, 4, "unrol"), "Unknown strategy 'unrol'.*Did you mean 'unroll'"),
        (lambda: export_sequence(built(GRU), FEATURES, None), "writes every step out, so it needs a length"),
        (lambda: export_sequence(built(GRU), FEATURES, None, "padded"), "has one shape, so it needs a length"),
    ],
)
def test_errors_say_what_was_expected(make, message):
    with pytest.raises(RnnkitError, match=message):
        make()
