"""What a user gives as the samples of a sound: an array or a list of numbers."""

from collections.abc import Iterable
from os import PathLike
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError

#: How far samples may reach beyond -1 to 1: such as those of a loud float recording.
_LOUDEST = 100.0
_EXPECTED = "expected samples [time], floats from -1 to 1 or int16"


def samples_of(given: Any, place: str = "The sound") -> np.ndarray:
    """Samples as float32 `[time]`, from -1 to 1; int16 is divided by 32,768.

    Args:
        given: An array `[time]` of floats or int16, or a list of floats; may be empty.
        place: What messages call it.

    Raises:
        RnnkitError: It is something else, has several channels, or samples that are no finite numbers; or they reach so
            far that they are whole numbers of another kind.

    Example:

    >>> samples_of(np.array([-32768, 16384], "int16")).tolist(), samples_of([0.5]).tolist()
    ([-1.0, 0.5], [0.5])
    >>> samples_of(np.array([0, 128, 255], "uint8"))
    Traceback (most recent call last):
    ...
    rnnkit.errors.RnnkitError: The sound is uint8 [3]; expected samples [time], floats from -1 to 1 or int16.
    """
    try:
        array = np.asarray(given)
    except ValueError:
        raise RnnkitError(f"{place} is a ragged list; {_EXPECTED}.") from None
    if array.ndim == 1 and not array.size and array.dtype == np.float64:
        return np.zeros(0, np.float32)
    if array.ndim != 1 or (array.dtype.kind != "f" and array.dtype != np.int16):
        more = " Mix the channels down." if array.ndim == 2 and array.dtype.kind in "fi" else ""
        raise RnnkitError(f"{place} is {array.dtype} {list(array.shape)}; {_EXPECTED}.{more}")
    if array.dtype == np.int16:
        return array.astype(np.float32) / np.float32(32768)
    with np.errstate(over="ignore"):
        samples = array.astype(np.float32)
    if not (finite := np.isfinite(samples)).all():
        at = int(np.argmin(finite))
        raise RnnkitError(f"{place}: sample {at + 1:,} is {array[at]:g}; expected finite numbers from -1 to 1.")
    require_loudness(samples, place)
    return samples


def require_loudness(samples: np.ndarray, place: str) -> None:
    """Refuse floats that reach so far beyond -1 to 1 that they are whole numbers of another kind.

    Raises:
        RnnkitError: They do.
    """
    if samples.size and (peak := float(np.abs(samples).max())) > _LOUDEST:
        raise RnnkitError(f"{place} has samples up to {peak:,.0f}; {_EXPECTED}.")


def is_one_sound(given: object, frames: bool = False) -> bool:
    """Whether this is one sound rather than several: a file's name, samples, or a pair of samples and their rate; so is
    what can hold no sounds, such as None, which is refused as one.

    Args:
        given: What a user gives.
        frames: Whether sounds are given as ready-made frames, arrays `[frames, features]`.

    Example:

    >>> is_one_sound("a.wav"), is_one_sound([0.1, 0.2]), is_one_sound(["a.wav", "b.wav"]), is_one_sound([[0.1], [0.2]])
    (True, True, False, False)
    >>> is_one_sound((np.zeros(800), 8000)), is_one_sound((np.zeros(800), np.zeros(900))), is_one_sound(None)
    (True, False, True)
    """
    if isinstance(given, str | PathLike) or not isinstance(given, Iterable):
        return True
    if isinstance(given, np.ndarray):
        return given.ndim == 0 or (given.ndim == 1 + frames and given.dtype != object)
    if isinstance(given, tuple) and len(given) == 2 and not _is_number(given[0]):
        return _is_number(given[1])
    return isinstance(given, list | tuple) and bool(given) and all(map(_is_number, given))


def _is_number(given: object) -> bool:
    return isinstance(given, int | float | np.number)
