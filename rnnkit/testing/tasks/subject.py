"""A task under test: its rows, and Runs of it that several points look at, each trained once."""

import contextlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np

from rnnkit.testing.require import require


class Skipped(Exception):
    """A point that has no meaning for a task; the text says why."""


class TaskSubject:
    """What the points look at.

    Args:
        task_class: The class under test.
        rows: Labelled raw rows.
        inputs: Raw inputs, or None for the first of each row.
        options: Of the small task.
        folder: An empty folder to write in.
    """

    def __init__(self, task_class: Any, rows: list[Any], inputs: Any, options: dict[str, Any], folder: Path) -> None:
        require(len(rows) >= 30, f"check_task was given {len(rows)} rows; expected 30 or more, to split and to train.")
        self.task_class, self.rows, self.options, self.folder = task_class, rows, options, folder
        self.inputs = list(inputs) if inputs is not None else [_first(row) for row in rows[:12]]

    def make(self, **changed: Any) -> Any:
        """A new task."""
        return self.task_class(**{**self.options, **changed})

    def learnt(self, rows: list[Any]) -> Any:
        """The splits of rows, from a new preprocessing."""
        task = self.make()
        return task.preprocessing.learn(task.read(rows))

    def trained(self, name: str, rows: list[Any] | None = None, **arguments: Any) -> Any:
        """A new task, trained into the folder of this name."""
        with quiet():
            return self.make().fit(self.rows if rows is None else rows, to=self.folder / name, **arguments)

    @cached_property
    def task(self) -> Any:
        """One trained task, for all points that leave it as it is."""
        return self.trained("run")

    def answers(self, task: Any, inputs: list[Any]) -> list[Any]:
        """Answers to raw inputs.

        Raises:
            Skipped: The task does not answer inputs, as a language model does not.
        """
        if not task.answers_inputs:
            raise Skipped("it answers no inputs")
        return list(task.predict(inputs))


@contextlib.contextmanager
def quiet() -> Any:
    """Keeps progress off the screen."""
    from rnnkit.training.progress import console

    before, console.quiet = console.quiet, True
    try:
        yield
    finally:
        console.quiet = before


def weights(task: Any) -> list[np.ndarray]:
    """The weights of a trained task that last."""
    from rnnkit.layers.weights import lasting_weights

    return [keras.ops.convert_to_numpy(weight.value) for weight in lasting_weights(task.network)]


def differ(one: Any, other: Any, within: float) -> str:
    """Where two answers differ by more than `within`; "" where they do not."""
    if is_dataclass(one) and type(one) is type(other):
        found = (
            (spec.name, differ(getattr(one, spec.name), getattr(other, spec.name), within)) for spec in fields(one)
        )
        return next((f".{name}{said}" for name, said in found if said), "")
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        if set(one) != set(other):
            return f": {sorted(one)} against {sorted(other)}"
        return next((f"[{name!r}]{said}" for name in one if (said := differ(one[name], other[name], within))), "")
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        if len(one) != len(other):
            return f": {len(one)} parts against {len(other)}"
        found_at = ((place, differ(a, b, within)) for place, (a, b) in enumerate(zip(one, other, strict=True)))
        return next((f"[{place}]{said}" for place, said in found_at if said), "")
    if isinstance(one, float | int | np.ndarray | np.generic) and not isinstance(one, bool):
        a, b = np.asarray(one, np.float64), np.asarray(other, np.float64)
        if a.shape != b.shape:
            return f": shape {a.shape} against {b.shape}"
        far = float(np.abs(a - b).max(initial=0.0))
        return "" if far <= within * max(1.0, float(np.abs(a).max(initial=0.0))) else f": off by {far:.3g}"
    return "" if one == other else f": {one!r:.60} against {other!r:.60}"


def _first(row: Any) -> Any:
    return row[0] if isinstance(row, tuple | list) else row
