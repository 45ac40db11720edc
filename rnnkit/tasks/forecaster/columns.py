"""Which columns of a table hold what: the series, the time, the values, what is known ahead, and what never changes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnnkit.codec.number_cells import is_missing, number_of
from rnnkit.data.columns import shown
from rnnkit.data.number_columns import text_of
from rnnkit.data.remembered import Remembered
from rnnkit.data.times import are_dates
from rnnkit.errors import RnnkitError, did_you_mean

ROLES = ("series", "time", "value", "known", "static")
SERIES, TIME, VALUE, KNOWN, STATIC = ROLES
Given = Mapping[str, str | None] | None

#: How the columns of some roles are often called, in small letters without signs, best first.
_USUAL = {
    SERIES: "series seriesid uniqueid timeseries item itemid sku product store shop sensor meter symbol id",
    TIME: "time timestamp datetime date ds period month year week day hour step t",
    VALUE: "value values target y sales demand load consumption quantity count close price",
}
#: How the names of columns begin that are known ahead, or do not change.
_BEGINNINGS = {KNOWN: ("known_", "known "), STATIC: ("static_", "static ")}
_INDEX = re.compile(r"(unnamed: 0|index|)", re.IGNORECASE)
_CLOCK = re.compile(r"\d{1,2}:\d\d(:\d\d)?")
#: Columns that tell parts of a time, beside one that tells all of it.
PARTS = ("year", "quarter", "month", "week", "weekday", "dayofweek", "day", "hour", "minute")


@dataclass(frozen=True)
class Columns:
    """The columns by role.

    Attributes:
        series: Those that together name the series; none where each column of values is one.
        time: Orders the steps; "" where rows are in order.
        values: Those with the values.
        known: Those that are known ahead.
        static: Those that do not change within a series.
        unread: All others.
    """

    series: tuple[str, ...]
    time: str
    values: tuple[str, ...]
    known: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def by_role(self) -> dict[str, str]:
        """As a Run remembers them."""
        found = {SERIES: ",".join(self.series), TIME: self.time, VALUE: ",".join(self.values)}
        found |= {KNOWN: ",".join(self.known), STATIC: ",".join(self.static)}
        return {role: column for role, column in found.items() if column}


def find_columns(header: Sequence[str], given: Given, sample: Sequence[Sequence[Any]], name: str) -> Columns:
    """Find the columns of a table with a row a step.

    Args:
        header: The table's column names.
        given: Those named by role, several with commas between. Those of a Run's training data are defaults.
        sample: Some rows, from which is told what holds numbers.
        name: What messages call the table.

    Raises:
        RnnkitError: A named column is not there, or it cannot be told which holds the values.

    Example:

    >>> find_columns(["date", "HUFL", "OT"], None, [["2016-07-01", "5.8", "30.5"]], "a.csv")
    Columns(series=(), time='date', values=('HUFL', 'OT'), known=(), static=(), unread=())
    """
    if repeated := next((column for column in header if column.strip() and header.count(column) > 1), ""):
        raise RnnkitError(f"{name} has {header.count(repeated)} columns named {repeated!r:.60}; rename all but one.")
    named = {role: _listed(header, given, role, name) for role in ROLES}
    for role, beginnings in _BEGINNINGS.items():
        others = [column for column in header if all(column not in columns for columns in named.values())]
        named[role] = named[role] or [column for column in others if column.lower().startswith(beginnings)]
    taken = _taken(named, name)
    texts = dict(zip(header, zip(*sample, strict=True), strict=True)) if sample else {column: () for column in header}
    dates = [column for column in header if are_dates(list(texts[column]))]
    free = [column for column in header if column not in taken and column.strip()]
    free = [column for place, column in enumerate(free) if place or column in dates or not _INDEX.fullmatch(column)]
    if len(named[TIME]) > 1:
        raise RnnkitError(f"{name}: --time names {len(named[TIME])} columns; expected one.")
    usual = usual_names(free, TIME)
    time = named[TIME] or [each for each in usual if each in dates][:1] or usual[:1]
    time = time or [each for each in free if each in dates][:1]
    free = [column for column in free if column not in time]
    words = [column for column in free if column not in dates and not holds_numbers(texts[column])]
    clock = next((column for column in words if all(_CLOCK.fullmatch(text_of(each)) for each in texts[column])), "")
    if time and clock and not named[TIME] and not named[SERIES]:
        raise RnnkitError(
            f"{name}: {time[0]!r:.60} and {clock!r:.60} tell the time together. Join them to one column, such as "
            "2024-01-31 12:00:00."
        )
    ours = [column for column in usual_names(free, SERIES) if column in words or _repeats(texts[column])]
    series = named[SERIES] or ours[:1] or (words if len(words) == 1 else [])
    if not named[SERIES] and len(words) > 1 and (not series or len([each for each in ours if each in words]) > 1):
        raise RnnkitError(
            f"{name}: {shown(words)} hold texts. Name the columns that tell series apart: --series {','.join(words)}; "
            f"what does not change within a series: --static {words[-1]}"
        )
    values = named[VALUE]
    if not values:
        free = [column for column in free if column not in (*series, *words, *dates)]
        whole = [column for column in free if not (time and plain_name(column) in PARTS)] or free
        values = usual_names(free, VALUE)[:1] if series else whole
        values = values or (whole if len(whole) == 1 else [])
        if not values:
            raise RnnkitError(
                f"{name} has no column of values that can be told from others. {_advice(header, whole, words, texts)}"
            )
    read = {*series, *time, *values, *named[KNOWN], *named[STATIC]}
    rest = [column for place, column in enumerate(header) if column not in read and column.strip()]
    unread = tuple(column for place, column in enumerate(rest) if place or not _INDEX.fullmatch(column))
    groups = (tuple(each) for each in (series, values, named[KNOWN], named[STATIC]))
    series_names, value_names, known, static = groups
    return Columns(series_names, time[0] if time else "", value_names, known, static, unread)


def _taken(named: Mapping[str, Sequence[str]], name: str) -> dict[str, str]:
    """The role of each named column."""
    taken: dict[str, str] = {}
    for role, columns in named.items():
        for column in columns:
            if column in taken:
                raise RnnkitError(f"{name}: the column {column!r:.60} cannot be both --{taken[column]} and --{role}.")
            taken[column] = role
    return taken


def _listed(header: Sequence[str], given: Given, role: str, name: str) -> list[str]:
    """The named columns of a role; those of a Run's training data where the table has them all."""
    said = (given or {}).get(role)
    known = given.remembered.get(role) if isinstance(given, Remembered) else None
    text = said if said is not None else known
    if text is None:
        return []
    by_name = {column.strip().lower(): column for column in reversed(header)}
    parts = [text] if text in header else [part.strip() for part in text.split(",") if part.strip()]
    lacking = [part for part in parts if part.lower() not in by_name]
    if said is not None and (lacking or not parts):
        wrong = lacking[0] if lacking else text
        raise RnnkitError(f"{name} has no column {wrong!r:.60}.{did_you_mean(wrong, header)} It has: {shown(header)}.")
    if role == VALUE and said is None:  # a file to answer may have some of the series
        lacking = [] if len(lacking) < len(parts) else lacking
        parts = [part for part in parts if part.lower() in by_name]
    return [] if lacking else list(dict.fromkeys(by_name[part.lower()] for part in parts))


def _advice(
    header: Sequence[str], free: Sequence[str], words: Sequence[str], texts: Mapping[str, Sequence[Any]]
) -> str:
    """What to do where no column of values is found."""
    if free:
        several = f", or several: --value {free[0]},{free[1]}" if len(free) > 1 else ""
        return (
            f"It has: {shown(free)}. Name one: --value {free[0]}{several}. Where each row is a series, number its "
            "columns: V1, V2, V3."
        )
    if not words:
        return f"It has: {shown(header)}."
    column = (usual_names(words, VALUE) or words)[-1]
    wrong = next(text for each in texts[column] if not is_missing(text := text_of(each)) and not _is_number(text))
    return f"It has: {shown(header)}. If the values are in {column!r:.60}: it holds {wrong!r:.40}, no number."


def is_usual(name: str) -> bool:
    """Whether a column's name is usual for the series or the time.

    Example:

    >>> is_usual("Date"), is_usual("height")
    (True, False)
    """
    return any(plain_name(name) in _USUAL[role].split() for role in (SERIES, TIME))


def usual_names(header: Sequence[str], role: str) -> list[str]:
    """The columns whose names are usual for a role, best first."""
    return [column for usual in _USUAL[role].split() for column in header if plain_name(column) == usual]


def plain_name(column: str) -> str:
    """A column's name in small letters, without signs."""
    return "".join(filter(str.isalnum, column.lower()))


def holds_numbers(cells: Sequence[Any]) -> bool:
    """Whether half of some cells or more are numbers, so that the others are mistakes.

    Example:

    >>> holds_numbers(["1", "2,5", "x"]), holds_numbers(["a", "b", ""]), holds_numbers(["", None])
    (True, False, True)
    """
    known = [text for each in cells if not is_missing(text := text_of(each))]
    return 2 * sum(map(_is_number, known)) >= len(known)


def _is_number(text: str) -> bool:
    for comma in (False, True):
        try:
            number_of(text, comma)
        except ValueError as error:
            if str(error) == "no number":
                continue
        return True
    return False


def _repeats(cells: Sequence[Any]) -> bool:
    """Whether there are fewer different values than rows, so that a column may tell series apart."""
    known = [text for each in cells if not is_missing(text := text_of(each))]
    return len(known) > len(set(known))
