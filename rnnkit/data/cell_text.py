"""Single values as text."""

from numbers import Real
from typing import Any

from rnnkit.errors import RnnkitError


def cell(value: Any) -> str:
    """Any single value as text: None and NaN are "", bytes are UTF-8, lone surrogates become U+FFFD.

    Example:

    >>> [cell(value) for value in ("NA", None, float("nan"), 1.0, True)]
    ['NA', '', '', '1.0', 'True']
    """
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if not isinstance(value, str):
        missing = value is None or (isinstance(value, Real) and value != value)
        return "" if missing else _written(value)
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def _written(value: Any) -> str:
    if getattr(value, "ndim", 0):  # written out, a long one would lose its middle
        raise RnnkitError(f"A row holds an array {list(value.shape)}; expected a text or a single number.")
    if isinstance(value, list | tuple | set | dict):
        raise RnnkitError(
            f"A row holds the {type(value).__name__} {brief(value)}; expected a text or a single number, one example a "
            "row (a tf.data.Dataset without batches: .unbatch())."
        )
    try:
        return str(value)
    except (ValueError, RecursionError) as error:  # a whole number of thousands of digits, lists within lists
        raise RnnkitError(f"A value of type {type(value).__name__} cannot be read as text ({error}).") from None


def brief(row: Any) -> str:
    """A value for messages, at most 60 characters of it.

    Example:

    >>> brief(["a"]), brief(10**5000)
    ("['a']", 'a value of type int')
    """
    try:
        text = repr(row)
    except (ValueError, RecursionError):
        text = f"a value of type {type(row).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."
