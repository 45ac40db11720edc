"""Failure of a check, in one message: expectation, numbers and remedy."""

from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np

from rnnkit.testing.result import Report, Result


class ContractError(AssertionError):
    """A cell or task breaks its contract. The message names the point, what was expected, the numbers and the way out.

    Attributes:
        report: All points, once they were run.
    """

    report: Report | None = None


def gather(report: Report, results: Iterable[Result], on_result: Callable[[Result], None] | None) -> Report:
    """Put results into a report as they come.

    Raises:
        ContractError: A point does not hold; `error.report` is the report.
    """
    for result in results:
        report.results.append(result)
        if on_result:
            on_result(result)
    if report.failed:
        error = ContractError(report.failure)
        error.report = report
        raise error
    return report


def require(condition: Any, message: str) -> None:
    """Fail with `message` unless `condition`."""
    if not condition:
        raise ContractError(message)


def require_equal(what: str, got: Any, expected: Any, within: float, mend: str) -> None:
    """Fail unless two arrays are finite and differ by at most `within`, relative to the larger of 1 and the value.

    Example:

    >>> require_equal("The sequence", [1.0, 2.0], [1.0, 2.5], 1e-5, "Mend it so.")
    Traceback (most recent call last):
    rnnkit.testing.require.ContractError: The sequence: off by 0.5 at [1] (2 instead of 2.5; 1e-05 ...). Mend it so.
    """
    ours, theirs = as_numpy(got), as_numpy(expected)
    require(ours.shape == theirs.shape, f"{what}: shape {ours.shape} instead of {theirs.shape}. {mend}")
    require(np.isfinite(ours).all(), f"{what}: {int((~np.isfinite(ours)).sum())} numbers are not finite. {mend}")
    if not ours.size:
        return
    difference = np.abs(ours - theirs)
    excess = difference / np.maximum(1.0, np.abs(theirs))
    at = np.unravel_index(int(np.argmax(excess)), excess.shape)
    require(
        excess[at] <= within,
        f"{what}: off by {difference[at]:.3g} at {[int(i) for i in at]} "
        f"({ours[at]:.6g} instead of {theirs[at]:.6g}; {within:g} is allowed). {mend}",
    )


def as_numpy(value: Any) -> np.ndarray:
    """A tensor or array as float64."""
    return np.asarray(keras.ops.convert_to_numpy(value)).astype("float64")
