"""The figures of labelled examples, with confidence intervals beside them."""

from typing import Any

import numpy as np

from rnnkit.metrics.bootstrap import confidence_intervals
from rnnkit.run.figures import INTERVALS
from rnnkit.tasks.base.contract import TaskContract
from rnnkit.tasks.base.examples import Encoded


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
