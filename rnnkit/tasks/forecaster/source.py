"""Opens time series: long tables, tables with a column a series, tables with a row a series, frames and arrays."""

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.frequencies import Frequency
from rnnkit.data.frame_kinds import is_frame
from rnnkit.data.in_memory import is_column
from rnnkit.data.number_tables import open_number_table
from rnnkit.data.remembered import default_tell
from rnnkit.data.times import are_dates
from rnnkit.errors import RnnkitError
from rnnkit.tasks.forecaster.columns import (
    ROLES,
    SERIES,
    TIME,
    VALUE,
    Given,
    holds_numbers,
    is_usual,
    usual_names,
)
from rnnkit.tasks.forecaster.series import SeriesSet, set_of_arrays
from rnnkit.tasks.forecaster.tables import read_series

_LOOKED_AT = 200  # of an index, whether they are dates
_KNOWN = (
    "a .csv, .tsv, .jsonl or .parquet file, a data frame, arrays, or a list of (series, time, value) or (series, value)"
)


def open_series(
    data: Any,
    columns: Given = None,
    encoding: str | None = None,
    frequency: str = "",
    tell: Callable[[str], None] = default_tell,
) -> SeriesSet:
    """Open time series.

    Args:
        data: A table with a row a step or a row a series, as a file or a data frame; a list of arrays, one for each
            series; a dictionary of arrays by name; a list of (series, time, value), or of (series, value) in the
            order of time; or a `SeriesSet`, returned unchanged.
        columns: Column names by role, where they cannot be guessed; several with commas between.
        encoding: The file's encoding, where it cannot be detected.
        frequency: The time between two steps, such as "h"; "" finds it.
        tell: Called with a line for what is found and not given.

    Raises:
        RnnkitError: It is none of these, or cannot be read; the message names the line and the column.

    Example:

    >>> found = open_series([[1, 2, 3], [4, 5]])
    >>> found.ids, found.series[1].values.tolist()
    (['series 1', 'series 2'], [4.0, 5.0])
    """
    if isinstance(data, SeriesSet):
        return data
    wanted = Frequency.of(frequency) if frequency else None
    found = _opened(data, columns, encoding, wanted, tell)
    if wanted and not found.frequency.is_calendar:
        found.season, found.week = wanted.season, wanted.week
    return found


def _opened(
    data: Any, columns: Given, encoding: str | None, wanted: Frequency | None, tell: Callable[[str], None]
) -> SeriesSet:
    if isinstance(data, str | PathLike):
        return read_series(open_number_table(Path(data), columns, encoding, "or a data frame"), columns, wanted, tell)
    if is_frame(data) or hasattr(data, "to_frame"):
        table = open_number_table(_with_times(data), columns, is_usual=is_usual)
        return read_series(table, columns, wanted, tell)
    if isinstance(data, Mapping) and data:
        if any(has_times(each) for each in data.values()):
            return _opened(_of_frames(data), columns, None, wanted, tell)
        return set_of_arrays("The arrays", list(data.values()), [str(name) for name in data])
    if isinstance(data, np.ndarray) and data.dtype.kind in "iuf" and data.ndim in (1, 2):
        return set_of_arrays("The array", [data] if data.ndim == 1 else list(data))
    if isinstance(data, Sequence) and not isinstance(data, bytes | bytearray):
        return _of_list(list(data), columns, wanted, tell)
    raise RnnkitError(f"Got data of type {type(data).__name__}; expected {_KNOWN}.")


def are_series(data: Mapping[Any, Any]) -> bool:
    """Whether a dictionary holds series by name, rather than the columns of a table by those of usual names.

    Example:

    >>> are_series({"north": [1, 2], "south": [3, 4]}), are_series({"t": [1, 2], "y": [3, 4]})
    (True, False)
    """
    columns = [each for each in data.values() if is_column(each)]
    if len({len(each) for each in columns}) > 1 or any(map(has_times, data.values())):
        return True
    usual = any(usual_names([str(name) for name in data], role) for role in (SERIES, TIME, VALUE))
    return not usual and all(map(holds_numbers, columns))


def _of_list(data: list[Any], columns: Given, wanted: Frequency | None, tell: Callable[[str], None]) -> SeriesSet:
    """Numbers of one series, arrays of several, or rows."""
    if not data:
        raise RnnkitError(f"The list is empty; expected {_KNOWN}.")
    if all(isinstance(each, int | float | np.number) and not isinstance(each, bool) for each in data):
        return set_of_arrays("The list", [data])
    rows = [each for each in data if isinstance(each, tuple) and len(each) == 3 and _is_single(each[2])]
    if len(rows) == len(data):
        import pandas as pd

        frame = pd.DataFrame({role: [row[place] for row in rows] for place, role in enumerate(ROLES[:3])}, dtype=object)
        table = open_number_table(frame, columns)
        table.name = "The list"
        return read_series(table, columns, wanted, tell)
    pairs = [each for each in data if isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str)]
    if len(pairs) == len(data) and not any(hasattr(value, "__len__") for _, value in pairs):
        by_name: dict[str, list[Any]] = {}
        for name, value in pairs:
            by_name.setdefault(name, []).append(value)
        return set_of_arrays("The list", list(by_name.values()), list(by_name))
    if len(pairs) == len(data):
        return set_of_arrays("The list", [each[1] for each in data], [each[0] for each in data])
    if any(map(has_times, data)):
        named = {f"series {place}": each for place, each in enumerate(data, 1)}
        return _opened(_of_frames(named), columns, None, wanted, tell)
    if all(isinstance(each, list | np.ndarray) or hasattr(each, "to_list") for each in data):
        return set_of_arrays("The list", data)
    wrong = next(each for each in data if not isinstance(each, list | np.ndarray))
    raise RnnkitError(f"The list holds {' '.join(repr(wrong).split()):.60}; expected {_KNOWN}.")


def _is_single(value: Any) -> bool:
    """Whether this is one value, even a text that should be a number."""
    return isinstance(value, str) or not hasattr(value, "__len__")


def has_times(data: Any) -> bool:
    """Whether the index of a pandas object holds times, or several levels that may."""
    index: Any = getattr(data, "index", None)
    return type(index).__name__ in ("DatetimeIndex", "PeriodIndex", "MultiIndex")


def _of_frames(named: Mapping[Any, Any]) -> Any:
    """Series of pandas by name, at least one of them with times, as a frame with a row a step."""
    import pandas as pd

    if wrong := next((name for name, each in named.items() if not has_times(each)), None):
        raise RnnkitError(f"The series {wrong!r:.40} has no times, and others have. Give all of them times, or none.")
    frames = [
        pd.DataFrame({"series": str(name), "time": each.index, "value": np.asarray(each)})
        for name, each in named.items()
    ]
    return pd.concat(frames, ignore_index=True)


def _with_times(data: Any) -> Any:
    """A frame of pandas whose index holds times, or series of several levels, with these as columns."""
    if not hasattr(data, "columns"):
        data = data.to_frame(str(getattr(data, "name", None) or "value"))
    index: Any = getattr(data, "index", None)
    if not has_times(data) and not (getattr(index, "name", 0) is None and are_dates(list(index[:_LOOKED_AT]))):
        return data
    names, taken = list[str](), {str(column) for column in data.columns}
    for place, name in enumerate(index.names):
        wanted = str(name) if name is not None else "time" if place == index.nlevels - 1 else "series"
        wanted = wanted if wanted not in taken else f"{wanted} {place + 1}"
        names.append(wanted)
        taken.add(wanted)
    return data.reset_index(names=names)
