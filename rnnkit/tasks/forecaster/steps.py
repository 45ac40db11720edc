"""Rows of a long table as series of regular steps: in the order of time, what has no row missing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnkit.codec.frequencies import Frequency, find_frequency
from rnnkit.data.columns import shown
from rnnkit.errors import RnnkitError
from rnnkit.tasks.forecaster.columns import PARTS, Columns, plain_name
from rnnkit.tasks.forecaster.series import Series, SeriesSet

_DAY = 86_400
_OFF = 1e-3  # of a step, that a time may lie beside
_TELLING = 4  # rows, of which none follows another by a step, that have another frequency
_SPARSE, _MANY = 50, 10_000  # steps for each row, in a series of at least so many


@dataclass
class Rows:
    """The rows of a table.

    Attributes:
        name: What messages call the table.
        series: The name of the series of each row.
        times: The time of each, float64; None where rows are in order.
        dates: Whether times are seconds since 1970.
        values: The columns of values by name, float64.
        known: What is known ahead, `[rows, columns]`.
        static: What does not change, a text for each column of each row; empty for none.
        places: What messages call the rows.
        columns: The columns by role.
    """

    name: str
    series: list[str]
    times: np.ndarray | None
    dates: bool
    values: dict[str, np.ndarray]
    known: np.ndarray
    static: list[tuple[str, ...]]
    places: list[str]
    columns: Columns


def series_of_rows(rows: Rows, wanted: Frequency | None) -> SeriesSet:
    """The series of rows, one for each name and column of values.

    Args:
        rows: The rows.
        wanted: The frequency; None finds it. Of times that are no dates it is found.

    Raises:
        RnnkitError: Naming the row: a time is there twice or lies between two steps, something static changes, or what
            is known ahead is missing.
    """
    names = list(dict.fromkeys(rows.series))
    number = {name: place for place, name in enumerate(names)}
    of = np.array([number[name] for name in rows.series], np.int64)
    times = np.arange(len(of), dtype=np.float64) if rows.times is None else rows.times
    order = np.lexsort((times, of))
    parts = np.split(order, np.cumsum(np.bincount(of, minlength=len(names)))[:-1])
    unsorted = rows.times is not None and any((np.diff(part) < 0).any() for part in parts)
    found = SeriesSet(rows.name, [], known=rows.columns.known, static=rows.columns.static, unsorted=unsorted)
    if rows.times is not None:
        found.timed = True
        _refuse_twice(rows, parts, names)
        found.frequency = wanted if wanted and rows.dates == wanted.is_calendar else _frequency(rows, parts, names)
    found.season, found.week = found.frequency.season, found.frequency.week
    wheres = [
        np.arange(len(part)) if rows.times is None else _places(rows, found.frequency, part, name)
        for name, part in zip(names, parts, strict=True)
    ]
    if max(map(len, wheres)) >= _TELLING and all((np.diff(where) > 1).all() for where in wheres):
        usual = find_frequency([times[part] for part in parts], rows.dates) or found.frequency
        raise RnnkitError(
            f"{rows.name} has a value every {usual.said}, and none of its steps is {found.frequency.said}. Name its "
            "own --frequency, or give series of that one."
        )
    for name, part, where in zip(names, parts, wheres, strict=True):
        start = 0.0 if rows.times is None else float(times[part[0]])
        _add(found, rows, name, part, where, start)
    return found


def _add(found: SeriesSet, rows: Rows, name: str, part: np.ndarray, where: np.ndarray, start: float) -> None:
    """The series of one name: one for each column of values, from its first to its last value."""
    steps = int(where[-1]) + 1
    known = np.full((steps, rows.known.shape[1]), np.nan)
    known[where] = rows.known[part]
    if (lacking := np.isnan(rows.known[part])).any():
        row, column = np.argwhere(lacking)[0]
        raise RnnkitError(
            f"{rows.name} {rows.places[part[row]]}: {rows.columns.known[column]!r:.60}, which is known ahead, has no "
            "value. Fill it."
        )
    static: tuple[str, ...] = ()
    if rows.static:
        static = rows.static[part[0]]
        if other := next((row for row in part if rows.static[row] != static), None):
            column = next(place for place, text in enumerate(rows.static[other]) if text != static[place])
            raise RnnkitError(
                f"{rows.name} {rows.places[other]}: {rows.columns.static[column]!r:.60}, which is static, changes "
                f"within {_called(name)} from {static[column]!r:.30} to {rows.static[other][column]!r:.30}."
            )
    several = len(rows.values) > 1 or not rows.columns.series
    for column, numbers in rows.values.items():
        values = np.full(steps, np.nan)
        values[where] = numbers[part]
        there = np.flatnonzero(~np.isnan(values))
        if not len(there):
            continue
        first, last = int(there[0]), int(there[-1])
        called = " / ".join(filter(None, (name, column))) if several else name
        begin = start if not first else float(found.frequency.after(start, np.array([first]))[0])
        found.series.append(Series(called, values[first : last + 1], begin, _carried(known[first:]), static))
        found.gaps += int(np.isnan(values[first : last + 1]).sum())


def _carried(known: np.ndarray) -> np.ndarray:
    """What is known ahead, that of the step before where a step has no row."""
    if not known.size or not np.isnan(known).any():
        return known
    last = np.maximum.accumulate(np.where(np.isnan(known), 0, np.arange(len(known))[:, None]), axis=0)
    return np.take_along_axis(known, last, axis=0)


def _refuse_twice(rows: Rows, parts: Sequence[np.ndarray], names: Sequence[str]) -> None:
    assert rows.times is not None
    for name, part in zip(names, parts, strict=True):
        same = np.diff(rows.times[part]) == 0
        if same.any():
            one, two = (part[int(np.argmax(same)) + more] for more in (0, 1))
            raise RnnkitError(
                f"{rows.name} {rows.places[two]}: {_called(name)} has this time in {rows.places[one]} already."
                f"{_why_twice(rows, float(rows.times[two]))}"
            )


def _why_twice(rows: Rows, time: float) -> str:
    """What to do where a time is there twice."""
    columns = rows.columns
    others = [*columns.values, *columns.unread]
    if parts := [column for column in others if plain_name(column) in PARTS]:
        return (
            f" Where {shown([*parts, columns.time])} tell the time together, join them to one column, such as "
            "2024-01-31 12:00:00."
        )
    more = ""
    if rows.dates and time % _DAY:
        more += " Where clocks were set back, write times with their offset, such as 2024-10-27 02:00+01:00."
    able = [] if columns.series else others if len(others) > 1 else columns.unread
    more += f" Where rows are of several series, name their column: --series {able[0]}" if able else ""
    return more or " Leave one of the two out."


def _frequency(rows: Rows, parts: Sequence[np.ndarray], names: Sequence[str]) -> Frequency:
    """The frequency of all series.

    Raises:
        RnnkitError: They have several.
    """
    assert rows.times is not None
    times = [rows.times[part] for part in parts]
    usual = find_frequency(times, rows.dates) or Frequency("seconds", 86_400.0 if rows.dates else 1.0)
    usual = usual if rows.dates or usual.unit != "seconds" else Frequency()
    for name, each in zip(names, times, strict=True):
        mine = find_frequency([each], rows.dates)
        if mine is not None and len(each) > 5 and mine != usual and mine.unit != "business":
            one, other = (frequency.said for frequency in (mine, usual))
            raise RnnkitError(
                f"{rows.name}: {_called(name)} has a value every {one}, most others every {other}; expected one "
                "frequency. Give those of another in a file of their own, or name it with --frequency."
            )
    return usual


def _places(rows: Rows, frequency: Frequency, part: np.ndarray, name: str) -> np.ndarray:
    """The step of each row."""
    assert rows.times is not None
    given = frequency.places(rows.times[part], float(rows.times[part[0]]))
    off = np.abs(given - np.round(given)) > _OFF
    if off.any():
        row = part[int(np.argmax(off))]
        raise RnnkitError(
            f"{rows.name} {rows.places[row]}: the time of {_called(name)} lies between two steps of "
            f"{frequency.said}. Mend it, or name another frequency with --frequency."
        )
    where = np.round(given).astype(np.int64)
    repeated = np.diff(where) == 0
    if repeated.any():
        row = part[int(np.argmax(repeated)) + 1]
        raise RnnkitError(
            f"{rows.name} {rows.places[row]}: {_called(name)} has two rows within one step of {frequency.said}."
        )
    if where[-1] > _MANY and where[-1] > _SPARSE * len(where):
        far = part[int(np.argmax(np.diff(where))) + 1]
        raise RnnkitError(
            f"{rows.name} {rows.places[far]}: {_called(name)} would have {where[-1] + 1:,} steps of "
            f"{frequency.said}, and has {len(where):,} rows. Is this row's time right?"
        )
    return where


def _called(name: str) -> str:
    return f"the series {name!r:.40}" if name else "the table"
