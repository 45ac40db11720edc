"""The figures of labelled examples, with confidence intervals beside them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnkit.data.in_memory import inputs_and_targets
from rnnkit.errors import RnnkitError, one_line
from rnnkit.metrics.bootstrap import confidence_intervals
from rnnkit.run.figures import INTERVALS
from rnnkit.tasks.base.contract import TaskContract
from rnnkit.tasks.base.examples import Encoded

if TYPE_CHECKING:
    from rnnkit.tasks.base.task import Task


def opened(task: "Task", source: Any, columns: Any = None) -> Any:
    """Raw data as `Task.evaluate` and `cross_validate` are given them, opened.

    Args:
        task: The task.
        source: As for `Task.fit`, or the inputs alone.
        columns: Column names by role, or the targets of the inputs.

    Raises:
        RnnkitError: The data cannot be read, or the second is neither.
    """
    source, columns = inputs_and_targets(source, columns, task.roles)
    if columns is not None and not isinstance(columns, Mapping):
        raise RnnkitError(
            f"The second argument is {one_line(repr(columns)):.60}; expected the names of columns, such as "
            '{"text": "review"}, or after a list of inputs as many targets.'
        )
    return task.read(source, None if columns is None else dict(columns))


def score(task: TaskContract, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
    """A task's metrics, and under "confidence_intervals" the 95 % interval of each that the task has statistics of.

    Args:
        task: The trained task.
        encoded: Labelled examples.
        outputs: What the network, or the exported file, says of them.
    """
    figures = task.metrics(encoded, outputs)
    statistics = task.statistics(encoded, outputs)
    found = {} if statistics is None else confidence_intervals(statistics)
    known = {name: found[name] for name in figures if name in found}
    return {**figures, INTERVALS: known} if known else figures


def score_rows(task: TaskContract, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
    """The same of rows that were given to be scored; those that could not be, such as rows without a label, are counted
    as `rows_left_out` where there are any (the preprocessing's `unscored`)."""
    found = score(task, encoded, outputs)
    left_out = getattr(task.preprocessing, "unscored", 0)
    return {**found, "rows_left_out": left_out} if left_out else found
