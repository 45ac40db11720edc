"""Checks of the constants that some cells have in place of gates."""

import math
from numbers import Real
from typing import Any, overload

from rnnkit.errors import RnnkitError


def check_share(name: str, value: float) -> float:
    """The value, from 0 up to, not including, 1.

    Raises:
        RnnkitError: For any other.

    Example:

    >>> check_share("hold", 0.5)
    0.5
    """
    if not (_is_number(value) and 0 <= value < 1):
        raise RnnkitError(f"{name} is {value!r}; expected a number from 0 up to, not including, 1.")
    return value


@overload
def check_whole(name: str, value: int) -> int: ...
@overload
def check_whole(name: str, value: int | None, none: str) -> int | None: ...
def check_whole(name: str, value: int | None, none: str = "") -> int | None:
    """The value, a whole number of 1 or more.

    Args:
        name: Of the argument.
        value: Its value.
        none: What None stands for, where it is allowed.

    Raises:
        RnnkitError: For any other.

    Example:

    >>> check_whole("blocks", 2)
    2
    """
    if value is None and none:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        instead = f", or None for {none}" if none else ""
        raise RnnkitError(f"{name} is {value!r}; expected a whole number of 1 or more{instead}.")
    return value


def check_number(**values: float) -> None:
    """Refuse constants that are no finite numbers.

    Raises:
        RnnkitError: For the first that is none.

    Example:

    >>> check_number(gamma=-0.5)
    """
    for name, value in values.items():
        if not _is_number(value):
            raise RnnkitError(f"{name} is {value!r}; expected a number.")


def check_positive(**values: float) -> None:
    """Refuse steps and constants that are not above 0.

    Raises:
        RnnkitError: For the first that is not.

    Example:

    >>> check_positive(dt=0.1)
    """
    for name, value in values.items():
        if not (_is_number(value) and value > 0):
            raise RnnkitError(f"{name} is {value!r}; expected a number above 0.")


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
