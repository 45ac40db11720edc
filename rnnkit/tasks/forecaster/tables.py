"""Tables of time series: a row a step, of one or several series, or a row a series."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rnnkit.codec.frequencies import Frequency
from rnnkit.codec.number_cells import has_comma, is_missing, number_of
from rnnkit.data.columns import shown
from rnnkit.data.number_columns import text_of
from rnnkit.data.number_tables import OpenTable, add_numbers, number_columns, steps_of_columns
from rnnkit.data.remembered import LONGEST, Remembered
from rnnkit.data.times import are_dates, times_of
from rnnkit.errors import RnnkitError
from rnnkit.tasks.forecaster.columns import SERIES, TIME, VALUE, Columns, Given, find_columns, holds_numbers
from rnnkit.tasks.forecaster.series import Series, SeriesSet, trimmed
from rnnkit.tasks.forecaster.steps import Rows, series_of_rows

_JOINED = " / "  # between the names of a series from several columns


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
    wide = {} if (given or {}).get(TIME) or (given or {}).get(VALUE) else _columns_of_steps(table, given, sample)
    if wide:
        found = _series_in_rows(table, wide["series"][0], wide["series"][1], wanted)
        columns: dict[str, str] = {SERIES: found.reading.pop("series", "")}
        if not columns[SERIES] and not isinstance(given, Remembered):
            tell(
                f"{table.name}: read as a row a series, of {len(wide['series'][1])} steps. Where a column is a series, "
                "name them with --value, or the times with --time."
            )
    else:
        plan = find_columns(table.header, given, sample, table.name)
        found = _steps_in_rows(table, plan, wanted)
        columns = plan.by_role
        if plan.unread and not isinstance(given, Remembered):
            tell(
                f"{table.name}: {shown(plan.unread)} not read; what is known ahead is named with --known, what does "
                "not change within a series with --static, further values with --value."
            )
    if not len(found):
        raise RnnkitError(f"{table.name}: none of its series has a value.")
    kept = {role: name for role, name in columns.items() if name and len(name) <= LONGEST}
    found.reading = {"columns": kept, "encoding": table.encoding, "delimiter": table.delimiter}
    found.encoding, found.path = table.encoding, table.path
    if found.unsorted:
        tell(f"{found.name}: rows are not in the order of time; they are sorted by {columns[TIME]!r:.60}.")
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
    return series_of_rows(rows, wanted)


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


def _columns_of_steps(table: OpenTable, given: Given, sample: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """The column that names series, and those of the steps in order, where a row is a series; otherwise empty."""
    named = (given or {}).get(SERIES)
    columns = dict(zip(table.header, zip(*sample, strict=True), strict=True))
    if any(are_dates(list(cells)) for cells in columns.values()):
        return {}
    texts = [name for name, cells in columns.items() if not holds_numbers(cells)]
    first = named if named in table.header else texts[0] if len(texts) == 1 else ""
    if len(texts) > 1 or (texts and texts != [first]):
        return {}
    rest = [name for name in table.header if name != first and name.strip()]
    steps = steps_of_columns(rest)
    if len(steps) == 1:
        return {"series": (first, next(iter(steps.values())))}
    return {"series": (first, rest)} if not table.named and len(rest) > 3 * max(len(sample), 3) else {}


def _series_in_rows(table: OpenTable, named_by: str, steps: Sequence[str], wanted: Frequency | None) -> SeriesSet:
    place_of = {name: place for place, name in enumerate(table.header)}
    places = [place_of[name] for name in steps]
    found, seen = list[Series](), dict[str, str]()
    for line, cells in table.rows():
        name = text_of(cells[place_of[named_by]]).strip() if named_by else f"series {len(seen) + 1}"
        if is_missing(name):
            raise RnnkitError(f"{table.name} {line}: the series {named_by!r:.60} is blank. Fill it.")
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
        if len(values := trimmed(values)):
            skipped = int(np.argmax(~np.isnan(values)))
            found.append(Series(name, values[skipped:], float(skipped)))
    return SeriesSet(table.name, found, season=wanted.season if wanted else 1, reading={"series": named_by})
