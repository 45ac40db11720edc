"""A checkpoint in one file, written whole or not at all: weights, optimizer, random states, best weights, history."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.writing import whole


@dataclass
class Progress:
    """Where a training stands.

    Attributes:
        epoch: Whole epochs done.
        best_score: The best validation score so far, higher is better.
        best_epoch: The epoch, from 1, that reached it.
        history: A row of figures for each epoch.
        finished: Whether training has ended, by the number of epochs or by patience.
    """

    epoch: int = 0
    best_score: float = float("-inf")
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    finished: bool = False


def save_checkpoint(path: Path, model: Any, best: list[np.ndarray], progress: Progress) -> None:
    """Writes everything that decides how training goes on, whole or not at all.

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


def load_checkpoint(path: Path, model: Any) -> tuple[list[np.ndarray], Progress]:
    """Puts a checkpoint back into a model and its optimizer.

    Returns:
        The best weights and the progress.

    Raises:
        RnnkitError: When the file is no checkpoint of this model.
    """
    try:
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = dict(file)
        progress = Progress(**json.loads(arrays.pop("progress").tobytes().decode()))
        _assign(model.variables, arrays, "variable")
        _assign(model.optimizer.variables, arrays, "optimizer")
        best = [arrays[f"best_{i}"] for i in range(len(model.weights))]
    except (OSError, EOFError, BadZipFile, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RnnkitError(
            f"{path} is no checkpoint of this model ({error}). Delete its folder, or train without --resume."
        ) from None
    return best, progress


def _values(variables: list[Any]) -> list[Any]:
    """The values, as numpy arrays."""
    return [v.numpy() if hasattr(v, "numpy") else np.asarray(v.value) for v in variables]


def _assign(variables: list[Any], arrays: dict[str, np.ndarray], kind: str) -> None:
    count = sum(name.startswith(kind) for name in arrays)
    if count != len(variables):
        raise ValueError(f"it holds {count} {kind}s, the model has {len(variables)}")
    for index, variable in enumerate(variables):
        value = arrays[f"{kind}_{index}"]
        if tuple(value.shape) != tuple(variable.shape):
            raise ValueError(f"{kind} {index} is {value.shape}, the model's is {tuple(variable.shape)}")
        variable.assign(value)
