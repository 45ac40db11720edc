"""Features of the calendar: the hour, the day of the week and the like of each step of a series."""

from collections.abc import Sequence

import numpy as np

from rnnkit.codec.frequencies import Frequency

_DAY = 86_400
#: Features of each cycle.
WIDTHS = {"day": 4, "week": 7, "month": 2, "year": 4, "months": 12, "quarters": 4}
#: Whole cycles of which training data have to see so many, for what repeats in them to be known.
_LEAST = {"day": 2 * _DAY, "week": 14 * _DAY, "month": 60 * _DAY, "year": 730 * _DAY}


def cycles_of(frequency: Frequency, seconds: float) -> tuple[str, ...]:
    """The cycles of the calendar within which values of a frequency can differ, and that are seen twice.

    Args:
        frequency: That of the series.
        seconds: From the first to the last time of the training part.

    Example:

    >>> cycles_of(Frequency.of("h"), 86_400 * 400), cycles_of(Frequency.of("MS"), 86_400 * 3_000)
    (('day', 'week'), ('months',))
    """
    if frequency.unit in ("months", "month_ends"):
        usual = {1.0: ("months",), 3.0: ("quarters",)}.get(frequency.count, ())
        return usual if seconds >= _LEAST["year"] else ()
    if not frequency.is_calendar:
        return ()
    step = frequency.count * _DAY if frequency.unit == "business" else frequency.count
    found = ["day"] if step < _DAY else []
    found += ["week"] if step <= _DAY else []
    found += ["month"] if step == _DAY else []
    return tuple(each for each in [*found, "year"] if seconds >= _LEAST[each])


def calendar_features(times: np.ndarray, cycles: Sequence[str]) -> np.ndarray:
    """The features of times, from -0.5 to 0.5, float32 `[times, features]`.

    Args:
        times: Seconds since 1970, float64.
        cycles: As `cycles_of` gives them.

    Example:

    >>> noon = np.array([43_200.0])
    >>> calendar_features(noon, ("day",)).round(2).tolist()
    [[0.0, -0.5, -0.0, 0.5]]
    """
    columns = [np.zeros((len(times), 0), np.float32)]
    for cycle in cycles:
        columns.append(_features(times, cycle).astype(np.float32))
    return np.concatenate(columns, axis=1)


def _features(times: np.ndarray, cycle: str) -> np.ndarray:
    days = np.floor(times / _DAY)
    if cycle == "day":
        return _waves(times / _DAY, 2)
    if cycle == "week":
        return _chosen((days.astype(np.int64) + 3) % 7, 7)  # 1970 began on a Thursday
    dates = days.astype(np.int64).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    if cycle in ("months", "quarters"):
        number = months.astype(np.int64) % 12
        return _chosen(number, 12) if cycle == "months" else _chosen(number // 3, 4)
    if cycle == "month":
        return _waves((dates - months.astype("datetime64[D]")).astype(np.int64) / 31, 1)
    years = dates.astype("datetime64[Y]").astype("datetime64[D]")
    return _waves((dates - years).astype(np.int64) / 366, 2)


def _waves(turns: np.ndarray, harmonics: int) -> np.ndarray:
    """Sine and cosine of so many turns, and of multiples of them."""
    angles = 2 * np.pi * turns[:, None] * np.arange(1, harmonics + 1)
    return 0.5 * np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(len(turns), -1)


def _chosen(number: np.ndarray, of: int) -> np.ndarray:
    """0.5 for the number's own column, -0.5 for the others."""
    return (number[:, None] == np.arange(of)) - 0.5
