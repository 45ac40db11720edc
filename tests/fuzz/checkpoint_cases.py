"""Readers of checkpoints, with a model that has numbers alone and so needs no TensorFlow."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from fuzz.case import Case
from fuzz.edits import edit, edited
from fuzz.json_edits import json_edit, json_edited
from fuzz.made import Made
from hypothesis import strategies as st

from rnnkit.training import checkpoint


def checkpoint_cases() -> list[Case]:
    """The case."""
    return [Case("checkpoint: load", _checkpoints(), _checkpoint, _went_on, stranger=True)]


class _Variable:
    """A variable of a network, as a checkpoint sees it."""

    def __init__(self, *shape: int) -> None:
        self.shape, self.value = shape, np.zeros(shape, np.float32)

    def assign(self, value: np.ndarray) -> None:
        self.value = value


class _Model:
    def __init__(self) -> None:
        self.variables = self.weights = [_Variable(3, 2), _Variable(2)]
        self.optimizer = self
        self.jit_compile = False


def _checkpoints() -> st.SearchStrategy[Made]:
    history = [{"epoch": number, "loss": 0.5, "val_loss": 0.4, "seconds": 1.0} for number in (1, 2)]
    progress = {"epoch": 2, "best_score": 0.75, "best_epoch": 1, "finished": False, "history": history}
    arrays = {f"{kind}_{place}": np.zeros((3, 2) if place == 0 else (2,), np.float32)
              for kind in ("variable", "optimizer", "best") for place in (0, 1)}  # fmt: skip
    said = json.dumps(progress).encode()
    odd_arrays = st.sampled_from([
        np.zeros((4, 4), np.float32), np.zeros((3, 2), np.float64), np.full((3, 2), np.nan, np.float32),
        np.zeros((), "S5"), np.zeros((2, 3), np.float32), np.array([], np.float32), np.zeros((3, 2), np.complex64),
        np.zeros(2, "datetime64[s]"), np.zeros(2_000_000, np.float32), np.zeros((3, 2), np.bool_),
    ])  # fmt: skip
    changed = st.dictionaries(st.sampled_from([*arrays, "best_2", "variable_9", "progress"]), odd_arrays, max_size=1)
    json_edits = st.lists(json_edit(), max_size=2)

    def made(changes: dict[str, np.ndarray], edits: Any, gone: str, hurt: Any) -> Made:
        content = json_edited(said, edits) if edits else said
        written = {**arrays, "progress": np.frombuffer(content, np.uint8), **changes}
        written.pop(gone, None)
        file = io.BytesIO()
        np.savez_compressed(file, **written)  # type: ignore[arg-type]
        return Made({"checkpoint.npz": edited(file.getvalue(), hurt)}, (changes, edits, gone, hurt))

    hurt = st.lists(edit(), max_size=1).flatmap(lambda edits: st.sampled_from([[], edits]))
    return st.builds(made, changed, json_edits, st.sampled_from(["", "", "", *arrays, "progress"]), hurt)


def _checkpoint(folder: Path, made: Made) -> Any:
    return checkpoint.load_checkpoint(folder / "checkpoint.npz", _Model(), epochs=3)


def _went_on(found: Any) -> bool:
    """Whether a training can go on from it."""
    best, progress = found
    return (
        [each.shape for each in best] == [(3, 2), (2,)] and isinstance(progress.epoch, int) and progress.epoch >= 0
        and isinstance(progress.history, list) and len(progress.history) == progress.epoch
        and isinstance(progress.best_epoch, int) and 0 <= progress.best_epoch <= progress.epoch
        and isinstance(progress.best_score, float | int) and isinstance(progress.finished, bool)
        and all(isinstance(value, float | int) for row in progress.history for value in row.values())
    )  # fmt: skip
