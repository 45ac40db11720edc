"""What a user gives as a sequence of numbers: an array, nested lists, or text."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnkit.codec.number_cells import inexact, number_of
from rnnkit.errors import RnnkitError


def values_of(given: Any, place: str) -> np.ndarray:
    """Numbers as float32 `[time, channels]`, NaN where one is missing; `[time]` is one channel.

    Raises:
        RnnkitError: It is empty or ragged, or holds what is no number, is infinite, or is changed by float32.

    Example:

    >>> values_of([[1, None], [0.5, 2]], "Sequence 1").tolist()
    [[1.0, nan], [0.5, 2.0]]
    """
    try:
        array = np.asarray(given)
        if array.dtype.kind == "O":
            array = np.asarray(given, np.float64)  # None becomes NaN
    except (TypeError, ValueError, OverflowError):
        raise RnnkitError(f"{place} is {_brief(given)}; expected numbers [time, channels].") from None
    if array.dtype.kind not in "iufb" or array.ndim not in (1, 2) or not array.size:
        raise RnnkitError(f"{place} is {array.dtype} {list(array.shape)}; expected numbers [time, channels].")
    wide = array.reshape(len(array), -1).astype(np.float64)
    with np.errstate(over="ignore"):
        values = wide.astype(np.float32)
    for wrong, said in ((np.isinf(values), "is infinite or too large"), (inexact(wide), "is changed by float32")):
        if wrong.any():
            step, channel = np.argwhere(wrong)[0]
            raise RnnkitError(f"{place}: {wide[step, channel]:.17g} at step {step + 1}, channel {channel + 1} {said}.")
    return values


def steps_of(text: str, place: str = "The sequence") -> list[list[float]]:
    """The numbers of a text: blanks between the steps, commas between the channels of a step.

    Raises:
        RnnkitError: It has something else, or steps of different widths.

    Example:

    >>> steps_of("0.5,1 0.6,NA")
    [[0.5, 1.0], [0.6, nan]]
    """
    try:
        steps = [[number_of(cell) for cell in step.split(",")] for step in text.split()]
    except ValueError as error:
        steps, said = [], f" ({error})"
    else:
        said = "" if len({len(step) for step in steps}) < 2 else " (steps of different widths)"
    if not steps or said:
        raise RnnkitError(
            f"{place} is {text[:60]!r}{said}; expected numbers, with blanks between steps and commas between channels: "
            "0.5,1 0.6,2"
        )
    return steps


def is_one_sequence(given: Any, channels: int) -> bool:
    """Whether this is a single sequence rather than a list of them.

    Args:
        given: What `predict` was given.
        channels: How many a sequence has: in nested lists of numbers two deep, each inner one is a step of several
            channels, or a sequence of one.

    Example:

    >>> is_one_sequence([[1.0, 2.0], [3.0, 4.0]], 2), is_one_sequence([[1.0, 2.0], [3.0]], 1)
    (True, False)
    >>> is_one_sequence(np.zeros((5, 2)), 2), is_one_sequence([np.zeros((5, 2))], 2), is_one_sequence("1 2", 1)
    (True, False, True)
    """
    if isinstance(given, str | Mapping) or hasattr(given, "columns"):
        return True
    if isinstance(given, np.ndarray):
        return given.dtype != object and given.ndim <= 2
    if not isinstance(given, list | tuple) or not given:
        return False
    first = given[0]
    if isinstance(first, list | tuple):
        return channels > 1 and not any(isinstance(each, list | tuple | np.ndarray) for each in first)
    return not isinstance(first, str | np.ndarray | Mapping) and not hasattr(first, "columns")


def _brief(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:57]}..."
