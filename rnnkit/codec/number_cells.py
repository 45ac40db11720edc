"""Cells of numbers as people and programs write them: with a point or a comma, or missing."""

import re

import numpy as np

#: How a missing value is written, in small letters.
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
#: The largest whole number up to which float32 holds every whole number.
EXACT = 2**24
_POINT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(\d+(,\d*)?|,\d+)([eE][+-]?\d+)?", re.ASCII)
#: The largest number that float32 holds.
LARGEST = float(np.finfo(np.float32).max)


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value.

    Example:

    >>> [is_missing(cell) for cell in ("", " NaN ", "null", "0")]
    [True, True, True, False]
    """
    return cell.strip().lower() in MISSING


def number_of(cell: str, comma: bool = False) -> float:
    """The number in a cell; NaN where it is missing.

    Args:
        cell: The text of the cell.
        comma: Whether decimals stand behind a comma.

    Raises:
        ValueError: It is no number, or none that float32 holds; the message says what it is.

    Example:

    >>> number_of(" -0.5 "), number_of("1e3"), number_of("0,25", comma=True), number_of("NA")
    (-0.5, 1000.0, 0.25, nan)
    """
    text = cell.strip()
    if text.lower() in MISSING:
        return float("nan")
    if not (_COMMA if comma else _POINT).fullmatch(text):
        raise ValueError("infinite" if text.lower().lstrip("+-") in ("inf", "infinity") else "no number")
    value = float(text.replace(",", "."))
    if abs(value) > LARGEST:
        raise ValueError("too large")
    return value


def inexact(values: np.ndarray) -> np.ndarray:
    """Which whole numbers float32 would change: those of identifiers and times in milliseconds.

    Args:
        values: float64, of any shape; NaN where missing.

    Example:

    >>> inexact(np.array([16777217.0, 16777218.0, 101325.25])).tolist()
    [True, False, False]
    """
    large = np.abs(values) > EXACT
    if not large.any():
        return large
    with np.errstate(invalid="ignore", over="ignore"):
        return large & (values == np.round(values)) & (values.astype(np.float32) != values)


def has_comma(cells: list[str]) -> bool:
    """Whether cells that hold no number with a point hold numbers with a decimal comma, all of them.

    Example:

    >>> has_comma(["1,5", "2", "NA"]), has_comma(["1,5", "2.5"]), has_comma(["1,5", "x"])
    (True, False, False)
    """
    given = [text for cell in cells if (text := cell.strip()).lower() not in MISSING]
    return any("," in text for text in given) and all(_COMMA.fullmatch(text) for text in given)


def may_be_thousands(cells: list[str]) -> bool:
    """Whether every comma may as well separate thousands, so that "1,234" is one number or the other.

    Example:

    >>> may_be_thousands(["1,234", "7"]), may_be_thousands(["1,234", "0,125"]), may_be_thousands(["1,25"])
    (True, False, False)
    """
    with_comma = [text for cell in cells if "," in (text := cell.strip())]
    return all(re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", text) for text in with_comma)
