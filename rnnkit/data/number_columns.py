"""Columns of a table as numbers: what is no number, infinite or changed by float32 is refused by its line."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnkit.codec.number_cells import has_comma, inexact, may_be_thousands, number_of
from rnnkit.data.tables import brief, cell
from rnnkit.errors import RnnkitError

_LARGEST = float(np.finfo(np.float32).max)
_KEPT = 1_000  # cells with a comma, from which is told what it separates


class NumberColumn:
    """A column as it is read, some cells at a time.

    Decimals may stand behind a comma where they do so in the whole column.

    Args:
        name: Its name.
        table: What messages call its table.
        exact: Whether whole numbers that float32 would change are refused.

    Example:

    >>> column = NumberColumn("x", "a.csv")
    >>> column.add(["1,5", "", "2"], ["line 2", "line 3", "line 4"])
    >>> column.numbers().tolist()
    [1.5, nan, 2.0]
    """

    def __init__(self, name: str, table: str, exact: bool = True) -> None:
        self.name, self.table, self.exact = name, table, exact
        self._parts: list[np.ndarray] = []
        self._comma, self._point = False, ""  # the first cell with a point
        self._with_comma: list[str] = []

    def add(self, cells: Sequence[Any], places: Sequence[str]) -> None:
        """Read some more cells.

        Args:
            cells: Texts, or values of any kind.
            places: What messages call their rows.

        Raises:
            RnnkitError: One is no number, infinite, or a whole number that float32 would change.
        """
        try:
            texts = texts_of(cells)
        except RnnkitError:
            place = next(place for place, each in enumerate(cells) if not _is_single(each))
            raise self._fault(brief(cells[place]), places[place], "no single number") from None
        values = None if self._comma else plain_numbers(texts)
        if values is None:
            values = self._slowly(texts, places)
        self._point = self._point or next(filter(_has_point, texts), "")
        if self.exact and (wrong := inexact(values)).any():
            place = int(np.argmax(wrong))
            raise self._fault(
                texts[place],
                places[place],
                "a whole number that float32 would change. If it is a time, name it with --time; if it is no channel, "
                "name the others with --channels",
            )
        self._parts.append(values)

    def numbers(self) -> np.ndarray:
        """All cells, float64; NaN where one is missing.

        Raises:
            RnnkitError: A comma in them may separate decimals or thousands.
        """
        refuse_thousands(self._with_comma, self.name, self.table)
        return np.concatenate(self._parts) if self._parts else np.zeros(0)

    def _slowly(self, texts: list[str], places: Sequence[str]) -> np.ndarray:
        """The same, cell by cell, to find a fault or decimal commas."""
        self._point = self._point or next(filter(_has_point, texts), "")
        self._comma = self._comma or (not self._point and has_comma(texts))
        if self._comma and len(self._with_comma) < _KEPT:
            self._with_comma += [text for text in texts if "," in text]
        found = np.empty(len(texts))
        for place, text in enumerate(texts):
            try:
                found[place] = number_of(text, self._comma)
            except ValueError as error:
                raise self._fault(text, places[place], self._why(text, str(error))) from None
        return found

    def _why(self, text: str, said: str) -> str:
        if self._comma and "." in text:
            return "no number, since others of the column have a decimal comma"
        if self._point and "," in text:
            return f"no number, since others of the column have a decimal point ({self._point.strip()[:20]})"
        return said

    def _fault(self, text: str, place: str, said: str) -> RnnkitError:
        return RnnkitError(f"{self.table} {place}: {self.name!r:.60} holds {text.strip()!r:.40}, {said}.")


def refuse_thousands(cells: list[str], name: str, table: str) -> None:
    """Refuse a column whose commas may stand before decimals or between thousands.

    Args:
        cells: Those of its cells that may have a comma.
        name: The column's name.
        table: What messages call its table.

    Raises:
        RnnkitError: Every comma in them may be either.
    """
    first = next((cell.strip() for cell in cells if "," in cell), "")
    if first and may_be_thousands(cells):
        raise RnnkitError(
            f"{table}: {name!r:.60} holds {first!r:.30}, whose comma may stand before decimals or between thousands. "
            "Write decimals with a point, and thousands without a sign."
        )


def text_of(value: Any) -> str:
    """Any single value as the text of a cell; truth values are 1 and 0.

    Raises:
        RnnkitError: It is a list or the like.
    """
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    return cell(value)


def texts_of(cells: Sequence[Any]) -> list[str]:
    """`text_of` for many cells, most of which are texts."""
    return list(cells) if set(map(type, cells)) == {str} else [text_of(each) for each in cells]


def all_numbers(cells: Sequence[Any]) -> bool:
    """Whether each of some cells is a number, or missing.

    Example:

    >>> all_numbers(["1", ""]), all_numbers(["1", "walk"])
    (True, False)
    """
    column = NumberColumn("", "")
    try:
        column.add(cells, [""] * len(cells))
    except RnnkitError:
        return False
    return True


def plain_numbers(texts: list[str]) -> np.ndarray | None:
    """Texts that are all numbers with a point, as most are, or blank, as float64; None where one may be anything else.

    Example:

    >>> plain_numbers(["1.5", ""]).tolist(), plain_numbers(["1,5"]), plain_numbers(["1_000"])
    ([1.5, nan], None, None)
    """
    joined = "".join(texts)
    if "_" in joined or not joined.isascii():
        return None
    try:
        values = np.array(list(map(float, texts if "" not in texts else (text or "nan" for text in texts))))
    except ValueError:
        return None
    return None if (np.abs(values) > _LARGEST).any() else values


def _is_single(value: Any) -> bool:
    try:
        text_of(value)
    except RnnkitError:
        return False
    return True


def _has_point(text: str) -> bool:
    """Whether a cell is a number with a decimal point."""
    return "." in text and "," not in text
