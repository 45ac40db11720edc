"""How often the values of a time series come: found in their times, and steps of it counted and written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError

_DAY = 86_400
_SECONDS = {"s": 1, "min": 60, "h": 3_600, "D": _DAY, "W": 7 * _DAY}
_MONTHS = {"MS": 1, "QS": 3, "YS": 12, "ME": 1, "QE": 3, "YE": 12}
_OTHER_NAMES = {"M": "MS", "Q": "QS", "Y": "YS", "A": "YS", "H": "h", "T": "min", "S": "s", "d": "D"}
_WRITTEN = re.compile(r"(\d*)([A-Za-z]+)(-[A-Z]{3})?")
_EXPECTED = "a number and s, min, h, D, B (business days), W, MS, QS or YS, such as h, 15min or D"
_BY = "numbers by "  # and how far it is from one to the next
#: The most that can be counted in one step.
_MOST = 1_000_000
#: As a share of a step, how far a time may lie from the next one of the series.
_OFF = 1e-3


@dataclass(frozen=True)
class Frequency:
    """The time from one value to the next.

    Attributes:
        unit: "seconds", "months" (their first days or the same days), "month_ends", "business" (Monday to Friday), or
            "numbers" where steps are only counted, such as years or the rows of a table.
        count: How many of them a step takes.

    Example:

    >>> hourly = Frequency.of("h")
    >>> hourly.written(hourly.after(0.0, np.arange(3))), hourly.season
    (['1970-01-01 00:00:00', '1970-01-01 01:00:00', '1970-01-01 02:00:00'], 24)
    """

    unit: str = "numbers"
    count: float = 1.0

    @classmethod
    def of(cls, text: str) -> "Frequency":
        """A frequency as pandas writes it, or as `text` does.

        Raises:
            RnnkitError: It is another text.

        Example:

        >>> Frequency.of("15min"), Frequency.of("QS").season
        (Frequency(unit='seconds', count=900.0), 4)
        """
        if text in ("", "numbers"):
            return cls()
        if text.startswith(_BY):
            return cls("numbers", _count(text.removeprefix(_BY)))
        match = _WRITTEN.fullmatch(text.strip())
        name = "" if match is None else _OTHER_NAMES.get(match[2], match[2])
        count = int(match[1] or 1) if match is not None and len(match[1]) < 8 else 0
        if not 1 <= count <= _MOST or name not in {**_SECONDS, **_MONTHS, "B": 1}:
            raise RnnkitError(f"The frequency is {text!r:.40}; expected {_EXPECTED}.")
        if name in _SECONDS:
            return cls("seconds", float(count * _SECONDS[name]))
        if name == "B":
            return cls("business", float(count))
        return cls("month_ends" if name.endswith("E") else "months", float(count * _MONTHS[name]))

    @property
    def text(self) -> str:
        """It as `of` reads it."""
        if not self.is_calendar:
            return "numbers" if self.count == 1 else f"{_BY}{self.count!r}"
        if self.unit == "business":
            return f"{int(self.count)}B".removeprefix("1")
        sizes = _SECONDS if self.unit == "seconds" else {"ME": 1} if self.unit == "month_ends" else {"MS": 1}
        name = next(name for name in reversed(sizes) if self.count % sizes[name] == 0)
        count = int(self.count // sizes[name])
        return name if count == 1 else f"{count}{name}"

    @property
    def said(self) -> str:
        """It in a message."""
        return self.text if self.is_calendar else f"{self.count:.12g}"

    @property
    def season(self) -> int:
        """The usual number of steps in a season: a day of hours, a week of days, a year of months; 1 for none."""
        if self.unit == "seconds":
            for length in (_DAY, 7 * _DAY, 364 * _DAY):
                if self.count < length and length % self.count == 0:
                    return int(length // self.count)
            return 1
        if not self.is_calendar:
            return 1
        per_year = {"months": 12.0, "month_ends": 12.0, "business": 5.0}.get(self.unit, 1.0)
        return int(per_year // self.count) if per_year % self.count == 0 else 1

    @property
    def week(self) -> int:
        """The steps in a week, where the usual season is a day; 0 otherwise."""
        return 7 * self.season if self.unit == "seconds" and self.count * self.season == _DAY else 0

    @property
    def is_calendar(self) -> bool:
        """Whether its steps are times of a calendar."""
        return self.unit != "numbers"

    def places(self, times: np.ndarray, start: float) -> np.ndarray:
        """How many steps each time lies behind `start`, as float64; a whole number where it is a time of the series.

        Args:
            times: Seconds since 1970, or numbers, float64.
            start: The first time of the series.
        """
        if self.unit in ("numbers", "seconds"):
            return (times - start) / self.count
        days, rest = np.divmod(times, _DAY)
        first, rest_of_first = divmod(start, _DAY)
        off = (rest - rest_of_first) / _DAY
        if self.unit == "business":
            whole = _days(np.array([first]))
            return np.busday_count(whole, _days(days)) / self.count + off + 0.5 * ~np.is_busday(_days(days))
        months, day = _months(days)
        month, at = (int(one[0]) for one in _months(np.array([first])))
        wanted = _day_within(months, at, self.unit == "month_ends")
        return (months - month) / self.count + (day - wanted) / 31 + off

    def after(self, start: float, steps: np.ndarray) -> np.ndarray:
        """The times so many steps after `start`, float64.

        Args:
            start: Seconds since 1970, or a number.
            steps: Whole numbers.
        """
        if self.unit in ("numbers", "seconds"):
            return start + self.count * np.asarray(steps, np.float64)
        first, rest = divmod(start, _DAY)
        if self.unit == "business":
            moved = np.busday_offset(_days(np.array([first])), np.asarray(steps) * int(self.count), roll="backward")
            return moved.astype(np.int64) * float(_DAY) + rest
        month, at = (int(one[0]) for one in _months(np.array([first])))
        months = month + np.asarray(steps, np.int64) * int(self.count)
        day = _day_within(months, at, self.unit == "month_ends")
        begin = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        return (begin + day - 1) * float(_DAY) + rest

    def written(self, times: np.ndarray) -> list[str]:
        """Times as texts: dates, with the time of day where one is not midnight, or numbers.

        Raises:
            RnnkitError: One lies beyond the years 1 to 9999.
        """
        if not self.is_calendar:
            return [f"{time:.12g}" for time in times.tolist()]
        try:
            moments = [datetime.fromtimestamp(time, UTC).replace(tzinfo=None) for time in times.tolist()]
        except (ValueError, OverflowError, OSError):
            raise RnnkitError(
                f"A time lies {max(abs(times.tolist()[0]), abs(times.tolist()[-1])):.12g} seconds from 1970; expected "
                "the years 1 to 9999. Is the start in seconds, and the horizon meant?"
            ) from None
        if all(time % _DAY == 0 for time in times.tolist()) and not (self.unit == "seconds" and self.count % _DAY):
            return [moment.date().isoformat() for moment in moments]
        return [moment.isoformat(" ", "microseconds" if moment.microsecond else "seconds") for moment in moments]


def find_frequency(times: Sequence[np.ndarray], dates: bool) -> Frequency | None:
    """The commonest step between the sorted times of some series; None where none has two different ones.

    Args:
        times: float64 `[steps]` of each series: seconds since 1970, or numbers.
        dates: Whether they are dates.

    Example:

    >>> find_frequency([np.array([0.0, 3600, 7200, 14400])], True)
    Frequency(unit='seconds', count=3600.0)
    >>> months = np.arange("2024-01", "2025-01", dtype="datetime64[M]").astype("datetime64[s]").astype("float64")
    >>> find_frequency([months], True)
    Frequency(unit='months', count=1.0)
    """
    steps = np.concatenate([np.diff(each) for each in times] or [np.zeros(0)])
    steps = steps[steps > 0]
    if not len(steps):
        return None
    found, counts = np.unique(steps, return_counts=True)
    usual = float(found[np.argmax(counts)])
    if not dates:
        return Frequency("numbers", usual)
    if usual < _DAY or usual % _DAY:
        return Frequency("seconds", usual)
    days = np.concatenate([each // _DAY for each in times])
    if usual == _DAY and np.is_busday(_days(days)).all() and (found == 3 * _DAY).any():
        return Frequency("business", 1.0)
    if usual < 28 * _DAY:
        return Frequency("seconds", usual)
    months, day = _months(days)
    if (day == _day_within(months, 31, True)).all() and len(set(day.tolist())) > 1:
        kind = "month_ends"
    elif (day == _day_within(months, int(day.max()), False)).all():
        kind = "months"  # such as the 30th, and in February its last day
    else:
        return Frequency("seconds", usual)
    gaps = np.concatenate([np.diff(_months(each // _DAY)[0]) for each in times])
    found, counts = np.unique(gaps[gaps > 0], return_counts=True)
    return Frequency(kind, float(found[np.argmax(counts)]))


def _count(text: str) -> float:
    try:
        count = float(text)
    except ValueError:
        count = -1.0
    if not 0 < count < np.inf:
        raise RnnkitError(f"The frequency is {_BY}{text:.20}; expected a number above 0.")
    return count


def _days(days: np.ndarray) -> Any:
    return days.astype(np.int64).astype("datetime64[D]")


def _months(days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Months since 1970, and the day of the month from 1."""
    dates = _days(days)
    months = dates.astype("datetime64[M]")
    return months.astype(np.int64), (dates - months.astype("datetime64[D]")).astype(np.int64) + 1


def _day_within(months: np.ndarray, day: int, end: bool) -> np.ndarray:
    """The same day of each month, or its last where it is shorter or `end` is wanted."""
    begin = months.astype("datetime64[M]").astype("datetime64[D]")
    length = ((months + 1).astype("datetime64[M]").astype("datetime64[D]") - begin).astype(np.int64)
    return length if end else np.minimum(day, length)
