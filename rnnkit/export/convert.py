"""Converts a SavedModel to TFLite in a child process, because the converter can take its whole process down."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError

_LIMIT_SECONDS = 15 * 60
QUANTIZATIONS = ("none", "float16", "dynamic", "int8")


def convert(saved_model: Path, quantize: str, rows: list[np.ndarray], input_name: str, advice: str = "") -> bytes:
    """The TFLite file of a SavedModel with one signature.

    The child starts in a folder of its own: Python would otherwise run a `tensorflow.py` that lies in the user's.

    Args:
        saved_model: Its folder.
        quantize: "none", "float16" (weights), "dynamic" (int8 weights, float activations) or "int8" (both).
        rows: Inputs for int8 to measure activations on.
        input_name: Name of the signature's input.
        advice: What to try when the converter fails.

    Raises:
        RnnkitError: When the converter refuses the model or crashes.
    """
    with tempfile.TemporaryDirectory() as folder:
        target, examples = Path(folder, "model.tflite"), Path(folder, "rows.npz")
        np.savez(examples, *(rows if quantize == "int8" else []))
        paths = [str(saved_model.resolve()), str(target), quantize, str(examples), input_name]
        command = [sys.executable, "-m", __name__, *paths]
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        environment["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)])
        try:
            child = subprocess.run(
                command,
                cwd=folder,
                capture_output=True,
                text=True,
                errors="replace",
                env=environment,
                timeout=_LIMIT_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise RnnkitError(
                f"The TFLite converter was not done with {quantize} quantisation in {_LIMIT_SECONDS // 60} minutes and "
                f"was stopped. {advice}".strip()
            ) from None
        if child.returncode == 0 and target.is_file():
            return target.read_bytes()
    if child.returncode < 0:
        name = signal.Signals(-child.returncode).name
        raise RnnkitError(f"The TFLite converter crashed ({name}) on {quantize} quantisation. {advice}".strip())
    raise RnnkitError(f"The TFLite converter refused the model: {_reason(child.stderr)} {advice}".strip())


def _reason(log: str) -> str:
    """The telling line of the converter's log, which can be megabytes."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if "Ops:" in line or "Error:" in line or "error:" in line]
    return (telling or lines or ["it said nothing."])[-1][:300]


def main(saved_model: str, target: str, quantize: str, examples: str, input_name: str) -> None:
    """What the child does."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_saved_model(saved_model)
    if hasattr(converter, "_experimental_enable_dynamic_update_slice"):
        # A loop's list write becomes one DYNAMIC_UPDATE_SLICE instead of slices and a concatenation: twice as fast.
        converter._experimental_enable_dynamic_update_slice = True
    if quantize != "none":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if quantize == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if quantize == "int8":
        with np.load(examples, allow_pickle=False) as file:
            rows = [file[f"arr_{index}"] for index in range(len(file.files))]

        def representative() -> Any:
            for row in rows:
                yield {input_name: row}

        converter.representative_dataset = representative
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.TFLITE_BUILTINS_INT8,
            tf.lite.OpsSet.TFLITE_BUILTINS,
        ]
    Path(target).write_bytes(converter.convert())


if __name__ == "__main__":
    main(*sys.argv[1:])
