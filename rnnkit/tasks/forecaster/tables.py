"""Tables of time series: a row a step, of one or several series, or a row a series."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnkit.codec.frequencies import Frequency
from rnnkit.codec.number_cells import has_comma, is_missing, number_of
from rnnkit.data.columns import shown
from rnnkit.data.number_columns import text_of
from rnnkit.data.number_tables import OpenTable, add_numbers, number_columns, steps_of_columns
from rnnkit.data.remembered import LONGEST, Remembered
from rnnkit.data.times import are_dates, has_offset, times_of
from rnnkit.errors import RnnkitError
from rnnkit.tasks.forecaster.columns import SERIES, TIME, VALUE, Columns, Given, find_columns, holds_numbers
from rnnkit.tasks.forecaster.series import Series, SeriesSet, trimmed
from rnnkit.tasks.forecaster.steps import Rows, series_of_rows

_JOINED = " / "  # between the names of a series from several columns
_FEWEST, _YEAR = 4, 1000  # steps in a row of a table whose columns are times; the first of years
_DAY = 86_400


def read_series(table: OpenTable, given: Given, wanted: Frequency | None, tell: Callable[[str], None]) -> SeriesSet:
    """The series of a table.

    Args:
        table: The opened table.
        given: Its columns by role, where they are named.
        wanted: The frequency; None finds it.
        tell: Called with a line for what is found and not given.

    Raises:
        RnnkitError: Naming the line: of what is no number or no time, of a time that is there twice.
    """
    sample = table.some()
    if not sample:
        raise RnnkitError(f"{table.name}: there is a header but no row under it. Add rows.")
    wide = None if (given or {}).get(TIME) or (given or {}).get(VALUE) else _columns_of_steps(table, given, sample)
    if wide:
        found = _series_in_rows(table, wide, wanted)
        columns: dict[str, str] = {SERIES: ",".join(wide.series)}
        unread = [name for name in table.header if name.strip() and name not in (*wide.series, *wide.steps)]
        if not wide.series and not isinstance(given, Remembered):
            tell(
                f"{table.name}: read as a row a series, of {len(wide.steps)} steps. Where a column is a series, "
                "name them with --value, or the times with --time."
            )
    else:
        plan = find_columns(table.header, given, sample, table.name)
        found = _steps_in_rows(table, plan, wanted)
        columns, unread = plan.by_role, list(plan.unread)
        if not (given or {}).get(SERIES) and not isinstance(given, Remembered):
            _refuse_single(found, plan)
    if unread and not isinstance(given, Remembered):
        tell(
            f"{table.name}: {shown(unread)} not read; what is known ahead is named with --known, what does "
            "not change within a series with --static, further values with --value."
        )
    if not len(found):
        raise RnnkitError(f"{table.name}: none of its series has a value.")
    if found.shifted:
        tell(f"{found.name}: the times have offsets from UTC; they are read and written as UTC.")
    kept = {role: name for role, name in columns.items() if name and len(name) <= LONGEST}
    found.reading = {"columns": kept, "encoding": table.encoding, "delimiter": table.delimiter}
    found.encoding, found.path = table.encoding, table.path
    if found.unsorted:
        tell(f"{found.name}: rows are not in the order of time; they are sorted by {columns[TIME]!r:.60}.")
    if (doubt := found.doubt) and not isinstance(given, Remembered):
        tell(f"{found.name}: {doubt}")
    return found


# ---------------------------------------------------------------------- a row a step


def _steps_in_rows(table: OpenTable, columns: Columns, wanted: Frequency | None) -> SeriesSet:
    numbers = number_columns(table, [*columns.values, *columns.known], exact=False)
    kept: dict[str, list[Any]] = {name: [] for name in (columns.time, *columns.series, *columns.static) if name}
    places = list[str]()
    for lines, cells in table.chunks():
        add_numbers({name: numbers[name] for name in columns.values}, cells, lines, f"--{VALUE}")
        add_numbers({name: numbers[name] for name in columns.known}, cells, lines, "--known")
        places += lines
        for name, cell in kept.items():
            cell += cells[name]
    names = _names(table, columns, kept, places)
    times, dates = np.arange(len(places), dtype=np.float64), False
    if columns.time:
        times, dates = times_of(kept[columns.time], places, columns.time, table.name)
    known = np.stack([numbers[name].numbers() for name in columns.known] or [np.zeros(len(places))], axis=1)
    statics = [tuple(text_of(each).strip() for each in kept[name]) for name in columns.static]
    rows = Rows(
        table.name,
        names,
        times if columns.time else None,
        dates,
        {name: numbers[name].numbers() for name in columns.values},
        known[:, : len(columns.known)],
        list(zip(*statics, strict=True)) if statics else [],
        places,
        columns,
    )
    found = series_of_rows(rows, wanted)
    found.shifted = dates and has_offset(text_of(kept[columns.time][0])) and len(set((times % _DAY).tolist())) > 1
    return found


def _refuse_single(found: SeriesSet, columns: Columns) -> None:
    """Refuse series that have a value each, named by a column that nobody named."""
    if columns.series and len(found) > 1 and found.lengths.max() == 1:
        column = columns.series[0]
        raise RnnkitError(
            f"{found.name}: {column!r:.60}, which would tell series apart, is another in each row "
            f"({found.series[0].id!r:.30}). If it is the time, write it as 2024-01-31 12:00:00; name the column of "
            "the series with --series."
        )


def _names(table: OpenTable, columns: Columns, kept: dict[str, list[Any]], places: Sequence[str]) -> list[str]:
    """The series of each row."""
    parts = list[list[str]]()
    for name in columns.series:
        texts = [text_of(each).strip() for each in kept[name]]
        blank = next((place for place, text in enumerate(texts) if is_missing(text)), None)
        if blank is not None:
            raise RnnkitError(f"{table.name} {places[blank]}: the series {name!r:.60} is blank. Fill it.")
        parts.append(texts)
    return [_JOINED.join(each) for each in zip(*parts, strict=True)] if parts else [""] * len(places)


# ---------------------------------------------------------------------- a row a series


@dataclass(frozen=True)
class StepColumns:
    """The columns of a table with a row a series.

    Attributes:
        series: Those that together name the series.
        steps: Those of the steps, in order.
        timed: Whether the names of these are times.
    """

    series: tuple[str, ...]
    steps: tuple[str, ...]
    timed: bool = False


def _columns_of_steps(table: OpenTable, given: Given, sample: Sequence[Sequence[Any]]) -> StepColumns | None:
    """The columns that name series, and those of the steps, where a row is a series; None where it is none."""
    known = given.remembered.get(SERIES) if isinstance(given, Remembered) else None
    named = [part.strip() for part in ((given or {}).get(SERIES) or known or "").split(",") if part.strip()]
    columns = dict(zip(table.header, zip(*sample, strict=True), strict=True))
    if any(are_dates(list(cells)) for cells in columns.values()):
        return None
    texts = [name for name, cells in columns.items() if not holds_numbers(cells)]
    series = tuple(named if named and set(named) <= set(table.header) else texts)
    if len(texts) > 1 and not named:
        return None
    dated = [name for name in table.header if are_dates([name]) and name not in series]
    if len(dated) >= _FEWEST:
        return StepColumns(series, tuple(dated), True)
    if set(texts) - set(series):
        return None
    rest = [name for name in table.header if name not in series and name.strip()]
    steps = steps_of_columns(rest)
    if len(steps) == 1:
        found = next(iter(steps.values()))
        return StepColumns(series, tuple(found), found[0].isdigit() and int(found[0]) >= _YEAR)
    return StepColumns(series, tuple(rest)) if not table.named and len(rest) > 3 * max(len(sample), 3) else None


def _series_in_rows(table: OpenTable, columns: StepColumns, wanted: Frequency | None) -> SeriesSet:
    place_of = {name: place for place, name in enumerate(table.header)}
    places, naming = [place_of[name] for name in columns.steps], [place_of[name] for name in columns.series]
    found, seen = dict[str, np.ndarray](), dict[str, str]()
    for line, cells in table.rows():
        parts = [text_of(cells[place]).strip() for place in naming]
        name = _JOINED.join(parts) if naming else f"series {len(seen) + 1}"
        if any(map(is_missing, parts)):
            raise RnnkitError(f"{table.name} {line}: the series {','.join(columns.series)!r:.60} is blank. Fill it.")
        if name in seen:
            raise RnnkitError(f"{table.name} {line}: the series {name!r:.40} is in {seen[name]} already.")
        seen[name] = line
        values = np.empty(len(places))
        comma = has_comma([text_of(cells[place]) for place in places])
        for number, place in enumerate(places):
            try:
                values[number] = number_of(text_of(cells[place]), comma)
            except ValueError as error:
                column = table.header[place]
                raise RnnkitError(
                    f"{table.name} {line}: {column!r:.60} holds {text_of(cells[place])!r:.40}, {error}."
                ) from None
        found[name] = values
    if columns.timed:
        return _timed(table, columns, found, wanted)
    series = list[Series]()
    for name, values in found.items():
        if len(values := trimmed(values)):
            skipped = int(np.argmax(~np.isnan(values)))
            series.append(Series(name, values[skipped:], float(skipped)))
    return SeriesSet(table.name, series)


def _timed(
    table: OpenTable, columns: StepColumns, values: dict[str, np.ndarray], wanted: Frequency | None
) -> SeriesSet:
    """The series of rows whose columns are named by their times: those of the table turned round."""
    places = [f"column {name!r:.40}" for name in columns.steps]
    times, dates = times_of(columns.steps, places, "in its header", table.name)
    turned = Columns((), "the header", tuple(values))
    none = np.zeros((len(times), 0))
    return series_of_rows(Rows(table.name, [""] * len(times), times, dates, values, none, [], places, turned), wanted)
