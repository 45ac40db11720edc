"""The peer of `tflite_latency.py`: one recurrent layer in ONNX Runtime, with the weights of ours."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

Run = Callable[[np.ndarray], np.ndarray]
#: ONNX's order of our gates: of LSTM's i, f, g, o and GRU's z, r, g.
_ORDERS = {"LSTM": (0, 3, 1, 2), "GRU": (0, 1, 2)}


def onnx_rnn(layer: Any, features: int) -> dict[str, tuple[int, Run]]:
    """An LSTM or GRU layer in ONNX Runtime on one thread, in float and with dynamic quantisation.

    Args:
        layer: A built layer of one or both directions, whose output is that of all steps, the last, or the largest.
        features: Width of its input.

    Returns:
        Name to bytes and a function of `[1, time, features]`.

    Raises:
        ImportError: When onnx or onnxruntime is not installed.
    """
    import onnx
    import onnxruntime
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        plain, small = Path(folder, "plain.onnx"), Path(folder, "small.onnx")
        onnx.save(_model(layer, features), plain)
        quantize_dynamic(plain, small, weight_type=QuantType.QInt8)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        forms = {}
        for name, path in (("ONNX Runtime, none", plain), ("ONNX Runtime, dynamic", small)):
            session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
            forms[name] = (path.stat().st_size, _runner(session))
    return forms


def _runner(session: Any) -> Run:
    def run(x: np.ndarray) -> np.ndarray:
        (y,) = session.run(None, {"x": np.swapaxes(x, 0, 1)})  # [time, directions, batch, units], or without time
        if y.ndim == 3:
            return np.concatenate(list(y), axis=-1)
        return np.swapaxes(np.concatenate(list(np.swapaxes(y, 0, 1)), axis=-1), 0, 1)

    return run


def _model(layer: Any, features: int) -> Any:
    """ONNX has weights `[directions, gates * units, size]`, and both biases in one."""
    from onnx import TensorProto, helper, numpy_helper

    cells = layer.cells
    kind, units = type(cells[0]).__name__.removesuffix("Cell"), cells[0].units
    w, r, b = zip(*(_weights(cell, kind) for cell in cells), strict=True)
    weights = {"w": np.stack(w), "r": np.stack(r), "b": np.stack(b)}
    pooled = not layer.return_sequences and layer.pooling == "max"
    all_steps = layer.return_sequences or pooled
    given = {"hidden_size": units, "direction": "bidirectional" if len(cells) == 2 else "forward"}
    given |= {"linear_before_reset": 1} if kind == "GRU" else {}
    made = "steps" if pooled else "y"
    nodes = [helper.make_node(kind, ["x", *weights], [made] if all_steps else ["", made], **given)]
    if pooled:
        nodes.append(helper.make_node("ReduceMax", ["steps"], ["y"], axes=[0], keepdims=0))
    shape: Sequence[Any] = ["time", len(cells), 1, units] if layer.return_sequences else [len(cells), 1, units]
    graph = helper.make_graph(
        nodes,
        kind.lower(),
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["time", 1, features])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _weights(cell: Any, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The weights of a cell and its two biases, in ONNX's order of gates."""

    def ordered(weight: Any) -> np.ndarray:
        gates = np.split(keras.ops.convert_to_numpy(weight), len(_ORDERS[kind]), axis=-1)
        return np.ascontiguousarray(np.concatenate([gates[place] for place in _ORDERS[kind]], axis=-1).T)

    bias = ordered(cell.bias)
    second = ordered(cell.recurrent_bias) if kind == "GRU" else np.zeros_like(bias)
    return ordered(cell.kernel), ordered(cell.recurrent_kernel), np.concatenate([bias, second])
