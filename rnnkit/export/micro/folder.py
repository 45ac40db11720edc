"""A folder for a microcontroller from any `.tflite` file, such as that of a single layer."""

import os
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.export import flatbuffer
from rnnkit.export.micro.contract import Calls
from rnnkit.export.micro.interpreter import MicroModel, require_micro
from rnnkit.export.micro.operators import adapted, require_operators
from rnnkit.export.micro.source import sources
from rnnkit.export.parity import Values
from rnnkit.files.writing import new_folder, replace_folder, write_bytes, write_text
from rnnkit.lite.interpreter import open_model

#: The name of the model in a folder.
MODEL = "model.tflite"
_ADVICE = "Take another cell, or other options of this one."
_STEPS, _ROWS = 20, 3


def write_micro(
    model: bytes,
    folder: str | PathLike[str],
    rows: Sequence[np.ndarray] | None = None,
    *,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write a file as `model.tflite` and as C++ source, once TFLite Micro runs it with the numbers of LiteRT.

    Args:
        model: What `export_step` or `export_sequence` of `rnnkit.export.streaming` gave; of a fixed length.
        folder: A new folder; the source is named after it.
        rows: Real sequences to compare on, `[time, features]` each; by default made-up ones.
        overwrite: Whether a folder that is there already may be replaced.

    Returns:
        A summary: path, bytes, the arena's bytes, the operators, and the largest difference, as a share of the
        outputs' spread.

    Raises:
        RnnkitError: The interpreter is not installed (`pip install "rnnkit[micro]"`), the file needs operators that
            TFLite Micro lacks, the numbers differ, or the folder exists; then nothing is written.

    Example:

    >>> from rnnkit.cells import GRU
    >>> from rnnkit.export.streaming import export_step
    >>> layer = GRU(8)
    >>> layer.build((None, None, 3))
    >>> write_micro(export_step(layer, 3), "gru_step")["arena"]  # doctest: +SKIP
    4096
    """
    require_micro()
    target = Path(folder)
    if not overwrite and os.path.lexists(target):
        raise RnnkitError(f"{target} exists already. Give another folder, or replace it with overwrite=True.")
    model = adapted(model)
    require_operators(model, _ADVICE)
    micro = MicroModel(model, _ADVICE)
    calls = _calls(micro, rows)
    theirs = np.concatenate([_flat(micro.run(row)) for row in calls])
    ours = np.concatenate([_flat(_with_litert(model, micro, row)) for row in calls])
    agreement = Values().compare(ours, theirs, None, "made up" if rows is None else "given")
    is_int8 = "QUANTIZE" in flatbuffer.operators(model)
    if fault := Values().fault(agreement, "int8" if is_int8 else "none"):
        other = " Export it without int8." if is_int8 else ""
        raise RnnkitError(f"TFLite Micro does not give the numbers of LiteRT: {fault}. Nothing was written.{other}")
    with new_folder(target) as new:
        write_bytes(new / MODEL, model)
        texts = sources(model, target.name, micro.interface, micro.arena)
        for name, text in texts.items():
            write_text(new / name, text)
        replace_folder(new, target, frozenset((MODEL, *texts)))
    return {
        "path": str(target),
        "bytes": len(model),
        "arena": micro.arena,
        "operators": dict(flatbuffer.operators(model)),
        "largest_difference": agreement.largest_difference,
    }


def _calls(micro: MicroModel, rows: Sequence[np.ndarray] | None) -> list[Calls]:
    """Sequences as calls: of a step file one for each step, else a single one."""
    if len(micro.interface.given) != 1:
        names = ", ".join(port.name for port in micro.interface.given) or "nothing but states"
        raise RnnkitError(f"The file takes {names}; expected one input besides its states.")
    [port] = micro.interface.given
    if rows is None:
        chance = np.random.default_rng(0)
        shape = (_STEPS, port.shape[-1]) if len(port.shape) == 2 else port.shape[1:]
        rows = [chance.normal(size=shape).astype(np.float32) for _ in range(_ROWS)]
    found: list[Calls] = []
    for place, row in enumerate(rows):
        row = np.asarray(row, np.float32)
        steps = list(row[:, None]) if len(port.shape) == 2 and row.ndim == 2 else [row[None]]
        if any(step.shape != port.shape for step in steps):
            raise RnnkitError(f"Sequence {place} is {list(row.shape)}; the file takes {list(port.shape)}.")
        found.append([{port.name: step} for step in steps])
    return found


def _with_litert(model: bytes, micro: MicroModel, calls: Calls) -> list[dict[str, np.ndarray]]:
    """What `MicroModel.run` gives, by LiteRT."""
    run = open_model(model).get_signature_runner()
    states = {port.name: port.zeros() for port in micro.interface.states}
    answers = []
    for call in calls:
        made = run(**call, **states)
        states = {name: made.pop(name) for name in states}
        answers.append(made)
    return answers


def _flat(answers: list[dict[str, np.ndarray]]) -> np.ndarray:
    return np.stack([np.concatenate([each.ravel() for each in answer.values()]) for answer in answers])
