"""Columns of times: dates in the forms that people and programs write, months, quarters, or numbers."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnkit.codec.number_cells import is_missing
from rnnkit.data.number_columns import all_times, text_of, times_of
from rnnkit.errors import RnnkitError

_COMPACT = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])")
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
_QUARTER = re.compile(r"(\d{4})[-/ ]?[Qq]([1-4])")
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(\D.*)?")
_YEAR_LAST = re.compile(r"(\d{1,2})([/.])(\d{1,2})[/.](\d{4})(\D.*)?")
_ISO = re.compile(r"\d{4}-\d\d-\d\d.*", re.DOTALL)
_SHORT = re.compile(r"([T ])(\d):")


def are_dates(cells: Sequence[Any]) -> bool:
    """Whether some cells, at least one, are dates.

    Example:

    >>> are_dates(["2024-01-31", "2024-02-29"]), are_dates(["31/01/2024"]), are_dates(["5", "6"]), are_dates([])
    (True, True, False, False)
    """
    texts = [text for each in cells if not is_missing(text := _text(each))]
    forms = (_ISO, _MONTH, _QUARTER, _YEAR_FIRST, _YEAR_LAST)
    return bool(texts) and all(any(form.fullmatch(text) for form in forms) for text in texts)


def times_of_column(cells: Sequence[Any], places: Sequence[str], name: str, table: str) -> tuple[np.ndarray, bool]:
    """A column of times as float64, and whether they are dates, in seconds since 1970.

    Args:
        cells: The whole column.
        places: What messages call the rows.
        name: The column's name.
        table: What messages call the table.

    Raises:
        RnnkitError: One is neither a date nor a number, or it cannot be told which number is the day.

    Example:

    >>> times_of_column(["2024-01", "2024-02"], ["", ""], "t", "a.csv")
    (array([1.7040672e+09, 1.7067456e+09]), True)
    """
    texts = [_text(each) for each in cells]
    if texts and all_times(texts[:1]) and not all(map(_COMPACT.fullmatch, texts)):
        return times_of(texts, places, name, table), False
    day_first = _day_first(texts, places, name, table)
    return times_of([_iso(text, day_first) for text in texts], places, name, table), True


def _text(cell: Any) -> str:
    return (cell if type(cell) is str else text_of(cell)).strip()


def _day_first(texts: Sequence[str], places: Sequence[str], name: str, table: str) -> bool:
    """Whether days stand before months, in dates whose year is last."""
    found = [match for text in texts if (match := _YEAR_LAST.fullmatch(text))]
    if not found:
        return False
    first, second = (max(int(match[part]) for match in found) for part in (1, 3))
    if found[0][2] == "." or (first > 12 >= second):
        return True
    if second > 12 >= first:
        return False
    place = next(place for place, text in enumerate(texts) if _YEAR_LAST.fullmatch(text))
    raise RnnkitError(
        f"{table} {places[place]}: in the time {name!r:.60}, {texts[place]!r:.40}, the day cannot be told from the "
        "month. Write dates as 2024-01-31."
    )


def _iso(text: str, day_first: bool) -> str:
    """A date as ISO 8601 has it; what is none as it is."""
    if _COMPACT.fullmatch(text):
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if match := _MONTH.fullmatch(text):
        return f"{match[1]}-{int(match[2]):02d}-01"
    if match := _QUARTER.fullmatch(text):
        return f"{match[1]}-{3 * int(match[2]) - 2:02d}-01"
    if match := _YEAR_FIRST.fullmatch(text):
        text = f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}{match[4] or ''}"
    elif match := _YEAR_LAST.fullmatch(text):
        day, month = (match[1], match[3]) if day_first else (match[3], match[1])
        text = f"{match[4]}-{int(month):02d}-{int(day):02d}{match[5] or ''}"
    return _SHORT.sub(r"\g<1>0\2:", text)
