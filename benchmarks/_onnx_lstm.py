"""The peer of `tflite_latency.py`: one LSTM in ONNX Runtime, with the weights of ours."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

Run = Callable[[np.ndarray], np.ndarray]


def onnx_lstm(cell: Any, features: int, sequences: bool) -> dict[str, tuple[int, Run]]:
    """The LSTM in ONNX Runtime on one thread, in float and with dynamic quantisation.

    Args:
        cell: A built `LSTMCell`.
        features: Width of its input.
        sequences: Whether to give the outputs of all steps.

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
        onnx.save(_model(cell, features, sequences), plain)
        quantize_dynamic(plain, small, weight_type=QuantType.QInt8)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        forms = {}
        for name, path in (("ONNX Runtime, none", plain), ("ONNX Runtime, dynamic", small)):
            session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
            forms[name] = (path.stat().st_size, _runner(session, sequences))
    return forms


def _runner(session: Any, sequences: bool) -> Run:
    def run(x: np.ndarray) -> np.ndarray:
        (y,) = session.run(None, {"x": np.swapaxes(x, 0, 1)})  # all: [time, directions, batch, units]; last: no time
        return np.swapaxes(y[:, 0], 0, 1) if sequences else y[0]

    return run


def _model(cell: Any, features: int, sequences: bool) -> Any:
    """ONNX orders the gates i, o, f, g and has weights `[directions, gates * units, size]`."""
    from onnx import TensorProto, helper, numpy_helper

    units = cell.units

    def ordered(weight: Any) -> np.ndarray:
        i, f, g, o = np.split(keras.ops.convert_to_numpy(weight), 4, axis=-1)
        return np.ascontiguousarray(np.concatenate([i, o, f, g], axis=-1).T)[None]

    bias = ordered(cell.bias)
    weights = {"w": ordered(cell.kernel), "r": ordered(cell.recurrent_kernel),
               "b": np.concatenate([bias, np.zeros_like(bias)], axis=-1)}  # fmt: skip
    node = helper.make_node("LSTM", ["x", *weights], ["y"] if sequences else ["", "y"], hidden_size=units)
    graph = helper.make_graph(
        [node],
        "lstm",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["time", 1, features])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["time", 1, 1, units] if sequences else [1, 1, units])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
