"""One training of a search, in this process or in a worker of a cluster: what it reached, as a row of the record."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from rnnkit.errors import RnnkitError, one_line
from rnnkit.run.collection import remove_runs
from rnnkit.tasks.base.comparison import exported

if TYPE_CHECKING:
    from rnnkit.tasks.base.task import Task


class Pruned(Exception):
    """A training is given up, as others were better by then."""


@dataclass
class Shared:
    """What all trials of a search have in common.

    Args:
        kind: The task's class.
        options: The options to search around.
        reading: How the data were read.
        folder: Of the search.
        monitor: The figure that counts, without "val_".
        less: Whether less of it is better.
        goals: Of `rnnkit.tasks.base.tuning.GOALS`.
    """

    kind: "type[Task]"
    options: Mapping[str, Any]
    reading: dict[str, Any]
    folder: Path
    monitor: str
    less: bool
    goals: tuple[str, ...]


def trained(
    shared: Shared,
    rows: Any,
    run: str,
    settings: Mapping[str, Any],
    is_poor: Callable[[float, int], bool],
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> dict[str, Any]:
    """Train with some settings, and write the Run into the folder of the search.

    Args:
        shared: What all trials have in common.
        rows: The opened data.
        run: The name of the Run.
        settings: The options that are tried.
        is_poor: Whether to give up, by the best score so far and the epoch, from 0.
        callbacks: Further callbacks.

    Returns:
        A row of the record, without "suggested".
    """
    began = time.monotonic()
    remove_runs(shared.folder, [run])  # what is left of one that was killed
    found: dict[str, Any] = {"run": run, "settings": dict(settings), "pruned": False}
    watch = _Watch(shared.monitor, shared.less, is_poor)
    task = shared.kind(**{**shared.options, **settings})
    task.reading = shared.reading
    try:
        task.fit(rows, to=shared.folder / run, callbacks=(*callbacks, watch))
        found["goals"] = _reached(task, watch.best, shared.goals)
        found |= {each: task.results.get(each) for each in ("best_epoch", "epochs", "parameters")}
    except Pruned:
        found |= {"pruned": True, "goals": {}, "epochs": watch.epochs, "score": watch.best}
        remove_runs(shared.folder, [run])
    except Exception as error:  # such as a loss that exploded: a result like another
        said = str(error) if isinstance(error, RnnkitError) else f"{type(error).__name__}: {error}"
        found["error"] = one_line(said)[:500]
        remove_runs(shared.folder, [run])
    found["seconds"] = round(time.monotonic() - began, 1)
    goals = found.get("goals")
    found["reported"], found["values"] = watch.reported, [goals[goal] for goal in shared.goals] if goals else None
    return found


def _reached(task: "Task", score: float, goals: Sequence[str]) -> dict[str, float]:
    """The goals of a trained task."""
    found = {"score": float(f"{score:.6g}")}
    if set(goals) - {"score"}:
        lite = exported(task)
        if "error" in lite:
            raise RnnkitError(lite["error"])
        found |= {goal: float(lite[goal]) for goal in ("bytes", "milliseconds")}
    return {goal: found[goal] for goal in goals}


class _Watch(keras.callbacks.Callback):
    """Follows the score of a trial, and gives it up where it is poor."""

    def __init__(self, monitor: str, less: bool, is_poor: Callable[[float, int], bool]) -> None:
        super().__init__()
        self.monitor, self.less, self.is_poor = f"val_{monitor}", less, is_poor
        self.best, self.epochs = float("inf") if less else float("-inf"), 0
        self.reported = list[float]()  # the best score up to each epoch

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        value, self.epochs = float((logs or {})[self.monitor]), epoch + 1
        self.best = min(self.best, value) if self.less else max(self.best, value)
        self.reported.append(self.best)
        if self.is_poor(self.best, epoch):
            raise Pruned
