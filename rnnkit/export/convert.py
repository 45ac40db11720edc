"""Conversion of a SavedModel to TFLite in a child process, because the converter can crash its whole process."""

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.child import ChildError, run_in_subprocess
from rnnkit.errors import RnnkitError
from rnnkit.files.disk import disk_reason, scratch

_LIMIT_SECONDS = 15 * 60
_LEAST_ROOM = 2**16  # bytes
QUANTIZATIONS = ("none", "float16", "dynamic", "int8")


def convert(saved_model: Path, quantize: str, rows: list[np.ndarray], input_name: str, advice: str = "") -> bytes:
    """Convert a SavedModel with one signature to a TFLite file.

    Args:
        saved_model: Its folder.
        quantize: "none", "float16" (weights), "dynamic" (int8 weights, float activations) or "int8" (both).
        rows: Inputs on which int8 calibrates activations.
        input_name: Name of the signature's input.
        advice: What to try when the converter fails.

    Raises:
        RnnkitError: When the converter rejects the model, crashes, or does not finish within 15 minutes.
    """
    with scratch() as folder:
        target, examples = folder / "model.tflite", folder / "rows.npz"
        np.savez(examples, *(rows if quantize == "int8" else []))
        paths = [str(saved_model.resolve()), str(target), quantize, str(examples), input_name]
        try:
            run_in_subprocess(f"{__name__}:write", *paths, limit=_LIMIT_SECONDS)
        except ChildError as error:
            if full := disk_reason(Exception(error.said)) or _full(folder):
                raise OSError(None, full) from None
            raise RnnkitError(f"{_reason(error, quantize)} {advice}".strip()) from None
        return target.read_bytes()


def _full(folder: Path) -> str | None:
    """The error text of a full disk, which the child may not be able to report; None where there is room."""
    return os.strerror(errno.ENOSPC) if shutil.disk_usage(folder).free < _LEAST_ROOM else None


def _reason(error: ChildError, quantize: str) -> str:
    if error.late:
        return (
            f"The TFLite converter did not finish {quantize} quantisation within {_LIMIT_SECONDS // 60} minutes and "
            "was stopped."
        )
    if error.crash:
        return f"The TFLite converter crashed ({error.crash}) on {quantize} quantisation."
    return f"The TFLite converter rejected the model: {error.said}"


def write(saved_model: str, target: str, quantize: str, examples: str, input_name: str) -> None:
    """Convert and write the file, in the child process."""
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
