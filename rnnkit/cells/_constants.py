"""Checks of the constants that some cells have in place of gates."""

from rnnkit.errors import RnnkitError


def check_share(name: str, value: float) -> float:
    """The value, from 0 up to, not including, 1.

    Raises:
        RnnkitError: For any other.

    Example:

    >>> check_share("hold", 0.5)
    0.5
    """
    if not 0 <= value < 1:
        raise RnnkitError(f"{name} is {value!r}; expected a number from 0 up to, not including, 1.")
    return value


def check_whole(name: str, value: int) -> int:
    """The value, a whole number of 1 or more.

    Raises:
        RnnkitError: For any other.

    Example:

    >>> check_whole("blocks", 2)
    2
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise RnnkitError(f"{name} is {value!r}; expected a whole number of 1 or more.")
    return value


def check_positive(**values: float) -> None:
    """Refuse steps and constants that are not above 0.

    Raises:
        RnnkitError: For the first that is not.

    Example:

    >>> check_positive(dt=0.1)
    """
    for name, value in values.items():
        if not value > 0:
            raise RnnkitError(f"{name} is {value!r}; expected a number above 0.")
