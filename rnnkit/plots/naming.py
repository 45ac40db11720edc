"""Whom pictures belong to: a Run, by its name, or the user."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_RUN: ContextVar[str] = ContextVar("run", default="")
_USERS: ContextVar[bool] = ContextVar("users", default=False)


@contextmanager
def pictures_of(run: str) -> Iterator[None]:
    """Write a Run's name above each picture that is saved meanwhile, in this thread.

    Args:
        run: The name.

    Example:

    >>> with pictures_of("mine"):
    ...     run_name()
    'mine'
    """
    token = _RUN.set(run)
    try:
        yield
    finally:
        _RUN.reset(token)


@contextmanager
def pictures_of_the_user() -> Iterator[None]:
    """Leave out of each picture saved meanwhile the mark by which a Run knows its own, which a new training replaces.

    Example:

    >>> with pictures_of_the_user():
    ...     is_the_users()
    True
    """
    token = _USERS.set(True)
    try:
        yield
    finally:
        _USERS.reset(token)


def is_the_users() -> bool:
    """Whether a picture gets the name that the user gave it."""
    return _USERS.get()


def run_name() -> str:
    """The name to write above a picture; "" for none."""
    return _RUN.get()
