"""Columns of times: dates in the forms that people and programs write, months, quarters, or numbers."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from rnnkit.codec.number_cells import has_comma, is_missing
from rnnkit.data.number_columns import plain_numbers, refuse_thousands, text_of, texts_of
from rnnkit.data.tables import brief
from rnnkit.errors import RnnkitError

_PACKED = {6: "%Y%m", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}  # by length
_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})")
_QUARTER = re.compile(r"(\d{4})[-/ ]?[Qq]([1-4])")
_QUARTER_FIRST = re.compile(r"[Qq]([1-4])[-/ ]?(\d{4})")
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
    texts = [text for each in cells if not is_missing(text := text_of(each).strip())]
    forms = (_ISO, _MONTH, _QUARTER, _QUARTER_FIRST, _YEAR_FIRST, _YEAR_LAST)
    return bool(texts) and all(any(form.fullmatch(text) for form in forms) for text in texts)


def times_of(cells: Sequence[Any], places: Sequence[str], name: str, table: str) -> tuple[np.ndarray, bool]:
    """A column of times as float64, and whether they are dates, in seconds since 1970.

    Numbers may have decimals behind a comma where all have them. A column whose numbers are all dates without signs,
    such as 20240131, is one of dates. Dates with an offset from UTC are those of UTC, but for days, which have the same
    time of day where they are: they are days there, whatever their clocks did.

    Args:
        cells: The whole column.
        places: What messages call the rows.
        name: The column's name.
        table: What messages call the table.

    Raises:
        RnnkitError: One is neither a date nor a number, or missing, or it cannot be told which number is the day.

    Example:

    >>> times_of(["2024-01", "2024-02"], ["", ""], "t", "a.csv")
    (array([1.7040672e+09, 1.7067456e+09]), True)
    >>> times_of(["31.01.2024 00:00:00", "31.01.2024 00:00:00.5"], ["", ""], "t", "a.csv")[0].tolist()
    [1706659200.0, 1706659200.5]
    """
    if cells and all(isinstance(each, timedelta) for each in cells):
        return np.array([each.total_seconds() for each in cells]), False
    texts = [each.strip() for each in texts_of(cells)]
    dates = bool(texts) and (not _is_number(texts[0]) or all(map(_is_packed, texts)))
    if not dates and (plain := plain_numbers(texts)) is not None and np.isfinite(plain).all():
        return plain, False
    day_first = dates and _day_first(texts, places, name, table)
    commas = not dates and has_comma(texts)
    if commas:
        refuse_thousands(texts, name, table)
    found, moments = np.empty(len(texts)), list[datetime]()
    for place, text in enumerate(texts):
        try:
            if not dates:
                found[place] = _number(text.replace(",", ".") if commas else text)
                continue
            moment = _moment(text, day_first)
            found[place] = _seconds(moment)
        except (ValueError, OverflowError):
            kind = "a date such as 2024-01-31 12:00:00" if dates else "a finite number"
            before = ", as in the rows before" if place else ", or a number"
            raise RnnkitError(
                f"{table} {places[place]}: the time {name!r:.60} is {brief(text)}; expected {kind}{before}."
            ) from None
        if moments and (moment.tzinfo is None) is not (moments[-1].tzinfo is None):
            zoned = moments[-1].tzinfo is not None
            has = "no time zone, and those before have one" if zoned else "a time zone, and those before have none"
            raise RnnkitError(
                f"{table} {places[place]}: the time {name!r:.60}, {brief(text)}, has {has}. Write all in the same form."
            )
        moments.append(moment)
    if any(moment.utcoffset() for moment in moments) and len({moment.time() for moment in moments}) == 1:
        return np.array([_seconds(moment.replace(tzinfo=None)) for moment in moments]), True
    return found, dates


def has_offset(text: str) -> bool:
    """Whether a time has an offset from UTC that is not 0.

    Example:

    >>> has_offset("2024-01-31T12:00+01:00"), has_offset("2024-01-31T12:00Z"), has_offset("7")
    (True, False, False)
    """
    try:
        return bool(_moment(text.strip(), False).utcoffset())
    except (ValueError, OverflowError):
        return False


def _is_number(text: str) -> bool:
    """Whether a time is a finite number rather than a date."""
    try:
        return bool(np.isfinite(float(text.replace(",", "."))))
    except ValueError:
        return False


def _number(text: str) -> float:
    value = float(text.replace("_", "x"))
    if not np.isfinite(value):
        raise ValueError
    return value


def _is_packed(text: str) -> bool:
    """Whether a text is a date without signs."""
    try:
        return text.isdigit() and 1900 <= datetime.strptime(text, _PACKED.get(len(text), "")).year < 2100
    except ValueError:
        return False


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


def _moment(text: str, day_first: bool) -> datetime:
    """A date, without an offset from UTC where it has none."""
    packed = _PACKED.get(len(text)) if text.isdigit() else None
    return datetime.strptime(text, packed) if packed else datetime.fromisoformat(_iso(text, day_first))


def _seconds(moment: datetime) -> float:
    """A date as seconds since 1970."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _iso(text: str, day_first: bool) -> str:
    """A date as ISO 8601 has it; what is none as it is."""
    if match := _MONTH.fullmatch(text):
        return f"{match[1]}-{int(match[2]):02d}-01"
    if match := _QUARTER.fullmatch(text):
        return f"{match[1]}-{3 * int(match[2]) - 2:02d}-01"
    if match := _QUARTER_FIRST.fullmatch(text):
        return f"{match[2]}-{3 * int(match[1]) - 2:02d}-01"
    if match := _YEAR_FIRST.fullmatch(text):
        text = f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}{match[4] or ''}"
    elif match := _YEAR_LAST.fullmatch(text):
        day, month = (match[1], match[3]) if day_first else (match[3], match[1])
        text = f"{match[4]}-{int(month):02d}-{int(day):02d}{match[5] or ''}"
    return _SHORT.sub(r"\g<1>0\2:", text)
