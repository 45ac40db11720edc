"""The longest substring of one text that occurs in another, found by a suffix array."""

import bisect
import os.path

import numpy as np

_SLICE = 64  # characters compared at a time


class SubstringIndex:
    """A text with sorted suffixes, for quickly finding substrings of other texts in it.

    Sorting a megabyte takes seconds; then a tune takes milliseconds.

    Args:
        text: The text to search.

    Example:

    >>> SubstringIndex("the cat sat").longest_common("a cat sits")
    (' cat s', 1)

    Reference: Manber and Myers, "Suffix arrays: a new method for on-line string searches", SODA 1990.
    """

    def __init__(self, text: str):
        self.text = text
        self._order = _suffix_order(text)

    def longest_common(self, text: str) -> tuple[str, int]:
        """The longest substring of `text` that also occurs in the indexed text, and its position in `text`."""
        best = where = 0
        for place in range(len(text)):
            if len(text) - place <= best:
                break
            length = self._match(text, place, best)
            if length > best:
                best, where = length, place
        return text[where : where + best], where

    def _match(self, text: str, place: int, least: int) -> int:
        """The number of characters from `place` on that occur in the indexed text; exact only above `least`."""
        head = text[place : place + least + 1]  # only a match longer than the best so far matters
        order, whole = self._order, self.text
        low = bisect.bisect_left(order, head, key=lambda start: whole[start : start + len(head)])
        if low == len(order) or not whole.startswith(head, order[low]):
            return 0
        length = len(head)
        high = len(order)
        while place + length < len(text):
            longer = text[place : place + length + 1]
            low = bisect.bisect_left(order, longer, low, high, key=lambda start: whole[start : start + len(longer)])
            if low == high or not whole.startswith(longer, order[low]):
                return length
            length += self._common(text, place + length, order[low] + length)
        return length

    def _common(self, text: str, here: int, there: int) -> int:
        """The number of equal characters from these positions on."""
        length = 0
        while True:
            one = text[here + length : here + length + _SLICE]
            other = self.text[there + length : there + length + _SLICE]
            if one != other or not one:
                return length + len(os.path.commonprefix((one, other)))
            length += len(one)


def _suffix_order(text: str) -> list[int]:
    """The start positions of the suffixes, sorted by their first character, then the first two, four, eight ..."""
    if not text:
        return []
    values = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    rank = np.unique(values, return_inverse=True)[1].astype(np.int64)
    size, step = len(rank), 1
    while True:
        second = np.zeros(size, np.int64)
        second[: max(size - step, 0)] = rank[step:] + 1
        pair = rank * (size + 1) + second
        order = np.argsort(pair, kind="stable")
        ordered = pair[order]
        rank = np.empty(size, np.int64)
        rank[order] = np.concatenate([[0], np.cumsum(ordered[1:] != ordered[:-1])])
        if rank[order[-1]] == size - 1:
            return order.tolist()
        step *= 2
