"""The name of the Run that pictures belong to."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_RUN: ContextVar[str] = ContextVar("run", default="")


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


def run_name() -> str:
    """The name to write above a picture; "" for none."""
    return _RUN.get()
