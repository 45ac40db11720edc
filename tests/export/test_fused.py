"""The fused strategy gives one UNIDIRECTIONAL_SEQUENCE_LSTM a layer and direction, and Keras's numbers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnkit
from rnnkit.codec.vocabulary import Vocabulary
from rnnkit.errors import RnnkitError
from rnnkit.export import flatbuffer
from rnnkit.export.convert import convert
from rnnkit.export.servable import Input, Servable

keras = pytest.importorskip("keras", reason="the models are made with Keras")
cells = pytest.importorskip("rnnkit.cells", reason="the models are made with Keras")
fused = pytest.importorskip("rnnkit.export.fused", reason="the models are made with Keras")

FEATURES, UNITS = 8, 32
OP = "UNIDIRECTIONAL_SEQUENCE_LSTM"
STATIC, OPEN = 20, None
DEEP = {"bidirectional": True, "layers": 2, "pooling": "max"}


def layer(**arguments: Any) -> Any:
    """An LSTM whose biases are not zeros and ones."""
    keras.utils.set_random_seed(3)
    return cells.LSTM(UNITS, bias_initializer=keras.initializers.RandomNormal(stddev=0.5, seed=3), **arguments)


def files(folder: Path, length: int | None, quantize: str, **arguments: Any) -> tuple[Any, bytes]:
    """The function that Keras computes, and the fused file of the same weights."""
    networks = []
    for _ in range(2):
        inputs = keras.Input((length, FEATURES))
        networks.append(keras.Model(inputs, layer(**arguments)(inputs)))
    plain, network = networks
    network.set_weights(plain.get_weights())
    fused.use_fused(network.layers[-1])
    servable = Servable(
        network, lambda x: network(x, training=False), (Input("x", (1, length, FEATURES), "float32"),), "y", True
    )
    servable.save(folder / "saved_model")
    return plain, flatbuffer.strip_names(convert(folder / "saved_model", quantize, [], "x"))


class Runner:
    """Runs a file on sequences of any length."""

    def __init__(self, model: bytes) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self.interpreter = Interpreter(model_content=model, num_threads=1)

    def __call__(self, x: np.ndarray, reset: bool = True) -> np.ndarray:
        place = self.interpreter.get_input_details()[0]
        if tuple(place["shape"]) != x.shape:
            self.interpreter.resize_tensor_input(place["index"], x.shape)
        self.interpreter.allocate_tensors()
        if reset:
            self.interpreter.reset_all_variables()
        self.interpreter.set_tensor(place["index"], x)
        self.interpreter.invoke()
        return np.array(self.interpreter.get_tensor(self.interpreter.get_output_details()[0]["index"]))


def rows(length: int | None) -> list[np.ndarray]:
    """Six sequences; of several lengths where the time axis is open."""
    lengths = [length] * 6 if length else [20, 13, 1, 20, 2, 40]
    random = np.random.default_rng(5)
    return [random.normal(size=(1, steps, FEATURES)).astype("float32") for steps in lengths]


def check(plain: Any, model: bytes, length: int | None, tolerance: float) -> None:
    run = Runner(model)
    assert flatbuffer.non_builtin(model) == []
    for x in rows(length):
        np.testing.assert_allclose(run(x), plain(x).numpy(), rtol=0, atol=tolerance)


@pytest.mark.parametrize("reverse", [False, True])
def test_computes_what_keras_computes(reverse: bool) -> None:
    reference = keras.layers.LSTM(UNITS, return_sequences=True, go_backwards=reverse, bias_initializer="random_normal")
    x = rows(STATIC)[0]
    expected = reference(x).numpy()
    cell = cells.LSTMCell(UNITS)
    cell.build((None, FEATURES))
    cell.set_weights(reference.get_weights())
    outputs, (last,) = fused.fused_lstm(cell, np.swapaxes(x, 0, 1), cell.get_initial_state(1), None, reverse)
    outputs = np.swapaxes(outputs.numpy(), 0, 1)
    np.testing.assert_allclose(outputs[:, ::-1] if reverse else outputs, expected, atol=1e-6)
    np.testing.assert_allclose(last.numpy(), expected[:, -1], atol=1e-6)


@pytest.mark.slow
def test_deep_network_of_open_length_and_its_reset(tmp_path: Path) -> None:
    plain, model = files(tmp_path, OPEN, "none", **DEEP)
    counts = flatbuffer.operators(model)
    assert counts[OP] == 4
    assert counts["WHILE"] == 0
    check(plain, model, OPEN, 1e-5)
    run, x = Runner(model), rows(STATIC)[0]
    first = run(x)
    np.testing.assert_array_equal(run(x), first)
    carried = run(x, reset=False)
    assert np.abs(carried - first).max() > 1e-3, "without a reset the state of the last call goes on"
    np.testing.assert_array_equal(run(x), first)


@pytest.mark.slow
@pytest.mark.parametrize("length", [STATIC, OPEN])
@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ({}, 1),
        ({"go_backwards": True}, 1),
        ({"pooling": "max"}, 1),
        ({"pooling": "mean"}, 1),
        ({"return_sequences": True}, 1),
        ({"go_backwards": True, "return_sequences": True}, 1),
        ({"use_bias": False}, 1),
        ({"bidirectional": True}, 2),
        ({"bidirectional": True, "pooling": "mean"}, 2),
        ({"layers": 2, "residual": True}, 2),
        (DEEP, 4),
    ],
)
def test_every_form(tmp_path: Path, arguments: dict[str, Any], count: int, length: int | None) -> None:
    plain, model = files(tmp_path, length, "none", **arguments)
    assert flatbuffer.operators(model)[OP] == count
    assert flatbuffer.operators(model)["WHILE"] == 0
    check(plain, model, length, 1e-5)


@pytest.mark.slow
def test_dynamic_quantisation_of_open_length(tmp_path: Path) -> None:
    plain, model = files(tmp_path, OPEN, "dynamic", **DEEP)
    assert flatbuffer.operators(model)[OP] == 4
    check(plain, model, OPEN, 0.03)


@pytest.mark.slow
@pytest.mark.parametrize("pooling", ["max", "mean", "last", "attention"])
def test_text_network(tmp_path: Path, pooling: str) -> None:
    task = rnnkit.TextClassifier(
        cell="lstm", pooling=pooling, bidirectional=True, units=UNITS, embedding_size=FEATURES, max_length=40
    )
    task.vocabulary, task.labels = Vocabulary([f"word{number}" for number in range(47)]), ["a", "b", "c"]
    keras.utils.set_random_seed(3)
    network = task.network = task.build()
    task.exporter().servables("fused")["model"].save(tmp_path / "saved_model")
    model = flatbuffer.strip_names(convert(tmp_path / "saved_model", "none", [], "ids"))
    assert flatbuffer.operators(model)[OP] == 2
    assert flatbuffer.non_builtin(model) == []
    run = Runner(model)
    for steps in (12, 2, 30):
        ids = np.random.default_rng(steps).integers(1, 50, (1, steps)).astype("int32")
        expected = keras.ops.softmax(network(ids, training=False))
        np.testing.assert_allclose(run(ids), expected, atol=1e-5)


def test_other_cells_are_refused() -> None:
    for wrong in (
        cells.GRU(4),
        cells.PeepholeLSTM(4),
        cells.CoupledLSTM(4),
        cells.LSTM(4, activation="relu"),
        cells.LSTM(4, zoneout=0.1),
    ):
        with pytest.raises(RnnkitError, match="plain LSTM only.*Use --strategy"):
            fused.use_fused(wrong)


@pytest.mark.parametrize("argument", ["return_state", "stateful"])
def test_a_layer_that_needs_its_states_is_refused(argument: str) -> None:
    with pytest.raises(RnnkitError, match="does not expose its states"):
        fused.use_fused(cells.LSTM(4, **{argument: True}))


def test_a_mask_is_refused() -> None:
    changed = cells.LSTM(4)
    fused.use_fused(changed)
    with pytest.raises(RnnkitError, match="supports no mask"):
        changed(np.ones((2, 5, 3), "float32"), mask=np.ones((2, 5), bool))
