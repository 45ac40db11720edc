"""How much Python work a reader does for input of a size, counted in lines run, which no busy machine changes."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def lines_run(function: Callable[[], Any]) -> int:
    """How many lines of Python run in a call."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function()
    finally:
        sys.settrace(before)
    return count


def growth(function: Callable[[int], Callable[[], Any]], size: int) -> float:
    """How many times as many lines run for four times as much: 4 where a reader is linear, 16 where it is quadratic.

    Args:
        function: Makes the input of a size and gives the call that reads it.
        size: The smaller one.
    """
    function(size)()  # patterns are compiled once, and what is imported late is imported
    small, large = lines_run(function(size)), lines_run(function(4 * size))
    return large / max(small, 1)
