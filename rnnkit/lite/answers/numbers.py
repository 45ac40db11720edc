"""Plain answers, such as numbers, as text."""

from typing import Any


def plain_text(answer: Any) -> str:
    """A number to six digits, anything else as it is.

    Example:

    >>> plain_text(0.123456789), plain_text([1, 2])
    ('0.123457', '[1, 2]')
    """
    return f"{answer:.6g}" if isinstance(answer, float) else str(answer)
