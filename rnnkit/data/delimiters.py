"""The delimiter of tables, where the user names it or a Run remembers it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from rnnkit.errors import RnnkitError

_GIVEN: ContextVar[str | None] = ContextVar("given", default=None)
_USUAL: ContextVar[str | None] = ContextVar("usual", default=None)
_NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}


def known_delimiter(word: str | None) -> str | None:
    """A delimiter as the user writes it: one character, or its name.

    Raises:
        RnnkitError: It is none.

    Example:

    >>> known_delimiter(";"), known_delimiter("tab")
    (';', '\\t')
    """
    if word is None:
        return None
    delimiter = _NAMES.get(word.strip().lower(), word)
    if len(delimiter) != 1 or delimiter in '"\0\r\n' or delimiter.isalnum():
        raise RnnkitError(
            f"--delimiter is {word!r:.60}; expected one character that separates columns, such as ';', or "
            f"{', '.join(name for name in _NAMES if name.isalpha())}."
        )
    return delimiter


@contextmanager
def split_at(given: str | None, usual: str | None = None) -> Iterator[None]:
    """Split the tables that are opened meanwhile, in this thread, at a delimiter.

    Args:
        given: The user's, which every table then has to have; None finds it out.
        usual: That of a Run's training data, for tables in which no other is found.

    Example:

    >>> with split_at(";"):
    ...     delimiters()
    (';', None)
    """
    tokens = _GIVEN.set(given), _USUAL.set(usual)
    try:
        yield
    finally:
        _GIVEN.reset(tokens[0])
        _USUAL.reset(tokens[1])


def delimiters() -> tuple[str | None, str | None]:
    """The given delimiter and the usual one, for what opens a table."""
    return _GIVEN.get(), _USUAL.get()


def require_split(source: Any, given: str | None) -> Any:
    """Refuse a delimiter for what is no table of that kind, rather than leave it out.

    Args:
        source: Opened raw data.
        given: The user's delimiter.

    Returns:
        The same.

    Raises:
        RnnkitError: They were not split at it.
    """
    reading = getattr(source, "reading", None) or {}
    if given is not None and reading.get("delimiter") != given:
        raise RnnkitError(
            f"{getattr(source, 'name', 'This')} is no CSV or TSV file, and has no delimiter; leave --delimiter out."
        )
    return source
