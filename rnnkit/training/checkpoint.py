"""A checkpoint in one file, written whole or not at all: weights, optimizer, random states, best weights, history."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.files.reading import parse_json
from rnnkit.files.writing import whole
from rnnkit.training.saved_arrays import read_arrays

_FIGURES = {"epoch", "loss", "val_loss", "seconds"}  # that later epochs and the Run need
_NOT_COUNTED = {"steps": 0, "seconds": 0.0}  # by earlier versions


@dataclass
class Progress:
    """The progress of a training.

    Attributes:
        epoch: Whole epochs done.
        best_score: The best validation score so far, higher is better.
        best_epoch: The epoch, from 1, that reached it.
        history: A row of figures for each epoch.
        finished: Whether training has ended, by the number of epochs, by patience or by time.
        steps: Training steps done.
        seconds: The time that these took.
    """

    epoch: int = 0
    best_score: float = float("-inf")
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    finished: bool = False
    steps: int = 0
    seconds: float = 0.0


def save_checkpoint(path: Path, model: Any, best: list[np.ndarray], progress: Progress) -> None:
    """Write everything needed to resume training, whole or not at all.

    Args:
        path: The file, `.npz`.
        model: A compiled Keras model, built.
        best: The weights of the best epoch, in the order of `model.weights`.
        progress: Where training stands.
    """
    arrays = {f"variable_{i}": np.asarray(value) for i, value in enumerate(_values(model.variables))}
    arrays |= {f"optimizer_{i}": np.asarray(value) for i, value in enumerate(_values(model.optimizer.variables))}
    arrays |= {f"best_{i}": value for i, value in enumerate(best)}
    arrays["progress"] = np.frombuffer(json.dumps(asdict(progress)).encode(), dtype=np.uint8)
    with whole(path) as file:
        np.savez(file, allow_pickle=False, **arrays)


def load_checkpoint(path: Path, model: Any, epochs: int) -> tuple[list[np.ndarray], Progress]:
    """Restore a checkpoint into a model and its optimizer.

    Args:
        path: The file.
        model: A compiled Keras model, built; its optimizer as well.
        epochs: Of the whole training.

    Returns:
        The best weights and the progress.

    Raises:
        RnnkitError: When the file is no checkpoint of this model; then this is as it was.
    """
    groups = {
        "variable": _values(model.variables),
        "optimizer": _values(model.optimizer.variables),
        "best": _values(model.weights),
    }
    wanted = {f"{kind}_{index}": value for kind, values in groups.items() for index, value in enumerate(values)}
    try:
        arrays, text = read_arrays(path, wanted, "progress")
        progress = progress_of(parse_json(text, "its progress", constant=float), epochs)
        for name, array in arrays.items():
            if not name.startswith("optimizer") and array.dtype.kind == "f" and not np.isfinite(array).all():
                raise ValueError(f"{name} has numbers that are not finite")
    except ValueError as error:
        raise RnnkitError(
            f"{path} is no checkpoint of this model ({error}). Delete its folder, or train without --resume."
        ) from None
    for kind, variables in (("variable", model.variables), ("optimizer", model.optimizer.variables)):
        for index, variable in enumerate(variables):
            variable.assign(arrays[f"{kind}_{index}"])
    return [arrays[f"best_{index}"] for index in range(len(model.weights))], progress


def progress_of(content: Any, epochs: int) -> Progress:
    """The progress stored in a checkpoint.

    Args:
        content: What `asdict` made of it, read back from JSON.
        epochs: Of the whole training.

    Raises:
        ValueError: It cannot be.

    Example:

    >>> row = {"epoch": 1, "loss": 0.5, "val_loss": 0.6, "seconds": 2.0}
    >>> progress_of({"epoch": 1, "best_score": 0.7, "best_epoch": 1, "history": [row], "finished": False}, 3).epoch
    1
    """
    kinds: dict[str, Any] = {"epoch": int, "best_score": float | int, "best_epoch": int, "history": list}
    kinds |= {"finished": bool, "steps": int, "seconds": float | int}
    content = {**_NOT_COUNTED, **content} if isinstance(content, dict) else content
    if not isinstance(content, dict) or set(content) != set(kinds):
        raise ValueError(f"its progress should say {', '.join(kinds)}")
    for name, kind in kinds.items():
        if not isinstance(content[name], kind) or (kind is not bool and isinstance(content[name], bool)):
            raise ValueError(f"its progress says {name} {content[name]!r:.60}")
    progress = Progress(**content)
    if progress.steps < 0 or not 0 <= progress.seconds < float("inf"):
        raise ValueError(f"its progress says {progress.steps} steps in {progress.seconds} seconds")
    for name, value, most in (("epoch", progress.epoch, epochs), ("best_epoch", progress.best_epoch, progress.epoch)):
        if not 1 <= value <= most:
            raise ValueError(f"its progress says {name} {value}; expected 1 to {most}")
    if len(progress.history) != progress.epoch:
        raise ValueError(f"its history has {len(progress.history)} rows for {progress.epoch} epochs")
    for number, row in enumerate(progress.history, 1):
        _check_row(row, number, progress.history[0])
    return progress


def _check_row(row: Any, number: int, first: Any) -> None:
    if not isinstance(row, dict) or not _FIGURES <= set(row) or set(row) != set(first):
        raise ValueError(f"epoch {number} of its history should have the figures {', '.join(sorted(_FIGURES))}, as all")
    for name, value in row.items():
        if not isinstance(value, float | int) or isinstance(value, bool):
            raise ValueError(f"epoch {number} of its history says {name[:60]} {value!r:.60}")
    if row["epoch"] != number:
        raise ValueError(f"epoch {number} of its history says epoch {row['epoch']}")


def _values(variables: list[Any]) -> list[Any]:
    """The values, as numpy arrays."""
    return [v.numpy() if hasattr(v, "numpy") else np.asarray(v.value) for v in variables]
