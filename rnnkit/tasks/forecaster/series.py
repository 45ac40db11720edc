"""Time series in memory, whatever they were read from."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.frequencies import Frequency
from rnnkit.codec.number_cells import LARGEST
from rnnkit.errors import RnnkitError


@dataclass
class Series:
    """One time series.

    Attributes:
        id: Its name.
        values: float64 `[steps]`, NaN where one is missing; from its first to its last value.
        start: The time of the first step: seconds since 1970, or a number.
        known: What is known ahead, float64 `[steps or more, columns]`.
        static: What does not change, a text for each static column.
    """

    id: str
    values: np.ndarray
    start: float = 0.0
    known: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    static: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    def digest(self) -> str:
        """A hash of all of it."""
        found = hashlib.sha256(repr((self.id, self.start, self.static, len(self))).encode("utf-8", "backslashreplace"))
        for table in (self.values, self.known):
            found.update(np.ascontiguousarray(table).tobytes())
        return found.hexdigest()


@dataclass
class SeriesSet:
    """Several time series of one frequency.

    Attributes:
        name: Their name in messages and reports.
        series: The series.
        frequency: That of all of them; "numbers" where they have no times.
        season: Steps in a season.
        week: Steps in a week, where that is a day; 0 otherwise.
        known: The names of the columns that are known ahead.
        static: The names of the columns that do not change within a series.
        gaps: How many steps within the series had no row.
        timed: Whether their steps have times: dates, or numbers of a column.
        unsorted: Whether rows had to be sorted by time.
        shifted: Whether times had offsets from UTC, and are those of UTC.
        encoding: The encoding with which a file was read.
        reading: How it was read, for `rnnkit.data.remembered`.
        path: The file; None for what is in memory.
    """

    name: str
    series: list[Series]
    frequency: Frequency = field(default_factory=Frequency)
    season: int = 1
    week: int = 0
    known: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    gaps: int = 0
    timed: bool = False
    unsorted: bool = False
    shifted: bool = False
    encoding: str = "utf-8"
    reading: dict[str, Any] = field(default_factory=dict)
    path: Path | None = None

    def __len__(self) -> int:
        return len(self.series)

    @property
    def ids(self) -> list[str]:
        """The name of each series."""
        return [each.id for each in self.series]

    @property
    def lengths(self) -> np.ndarray:
        """int64 `[series]`."""
        return np.array([len(each) for each in self.series], np.int64)

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """The series as `predict` takes them."""
        return [
            {
                "series": each.id,
                "values": each.values,
                "start": each.start if self.timed else None,
                "known": each.known if self.known else None,
                "static": dict(zip(self.static, each.static, strict=True)),
            }
            for each in self.series
        ]

    @property
    def doubt(self) -> str:
        """A line where times that are read as numbers look like dates of a program; else empty."""
        column, start = self.reading.get("columns", {}).get("time", ""), self.series[0].start
        if self.frequency.is_calendar or not column:
            return ""
        kinds = {"seconds since 1970": (6e8, 4e9), "milliseconds since 1970": (6e11, 4e12)}
        kinds |= {"Excel's days": (20_000, 80_000)} if re.search("da[ty]", column, re.IGNORECASE) else {}
        if kind := next((kind for kind, (low, high) in kinds.items() if low <= start <= high), ""):
            return (
                f"{column!r:.60} holds numbers such as {start:.12g}, so no calendar and no season are read. If they "
                f"are {kind}, write them as dates: 2024-01-31 12:00:00"
            )
        return ""

    def take(self, places: Sequence[int]) -> "SeriesSet":
        """Those at these places."""
        return replace(self, series=[self.series[place] for place in places])


def set_of_arrays(name: str, arrays: Sequence[Any], ids: Sequence[str] | None = None) -> SeriesSet:
    """Series of one array each.

    Raises:
        RnnkitError: One is no list of numbers, empty or infinite.

    Example:

    >>> set_of_arrays("The list", [[1, 2, None], [0.5]]).lengths.tolist()
    [2, 1]
    """
    found = []
    for place, given in enumerate(arrays):
        each = ids[place] if ids is not None else f"series {place + 1}"
        found.append(Series(each, trimmed(numbers_of(given, f"{name}: {each}"))))
    return SeriesSet(name, found)


def numbers_of(given: Any, what: str) -> np.ndarray:
    """Numbers as float64 `[steps]`, NaN where one is missing.

    Raises:
        RnnkitError: These are no such numbers.
    """
    try:
        values = np.array([np.nan if each is None else each for each in given], np.float64)
    except (TypeError, ValueError):
        values = np.zeros((0, 0))
    if values.ndim != 1:
        raise RnnkitError(f"{what} is {' '.join(repr(given).split()):.60}; expected a list of numbers.")
    if (wrong := np.abs(values) > LARGEST).any():
        step = int(np.argmax(wrong))
        kind = "infinite" if np.isinf(values[step]) else f"{values[step]:.6g}, too large,"
        raise RnnkitError(f"{what} is {kind} at step {step + 1}; expected finite numbers up to {LARGEST:.2g}.")
    return values


def trimmed(values: np.ndarray) -> np.ndarray:
    """Values without those missing at the end.

    Example:

    >>> trimmed(np.array([1.0, np.nan, 2.0, np.nan])).tolist()
    [1.0, nan, 2.0]
    """
    there = np.flatnonzero(~np.isnan(values))
    return values[: there[-1] + 1] if len(there) else values[:0]
