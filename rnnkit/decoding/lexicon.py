"""Words in sequences of units: where they begin and end, and a list that a search keeps to."""

from collections.abc import Iterable, Sequence

import numpy as np

from rnnkit.decoding.ctc import BLANK
from rnnkit.errors import RnnkitError

#: Most numbers in a list's table: 400 MB.
_MOST = 100_000_000


class WordBoundaries:
    """Where words begin and end in a sequence of units.

    Args:
        classes: How many classes there are, the blank among them.
        separator: The class that stands between words, such as a blank sign; None for none.
        starts: The classes that a word begins with, such as subwords with "▁", where there is no separator. By
            default all: each unit is a word. With none a text is one word.

    Raises:
        RnnkitError: There is both a separator and starts, or one of them is no unit.

    Example:

    >>> WordBoundaries(4, separator=3).words([1, 2, 3, 2])
    [(1, 2), (2,)]
    >>> WordBoundaries(4, starts=[1]).words([1, 2, 3, 1])
    [(1, 2, 3), (1,)]
    """

    def __init__(self, classes: int, separator: int | None = None, starts: Iterable[int] | None = None) -> None:
        given = sorted({*(starts or ()), *(() if separator is None else (separator,))})
        if separator is not None and starts is not None:
            raise RnnkitError("Words have both a separator and units that begin them; give one of the two.")
        if given and not BLANK < given[0] <= given[-1] < classes:
            raise RnnkitError(f"Words begin or end at classes {given[0]} to {given[-1]}; expected 1 to {classes - 1}.")
        self.classes, self.separator = classes, separator
        #: Whether a text is one word.
        self.single = separator is None and starts is not None and not given
        units = np.arange(classes) != BLANK
        of_separator = np.arange(classes) == (-1 if separator is None else separator)
        starting = units & np.isin(np.arange(classes), given) if starts is not None else units
        #: Whether a class begins a word, and ends the one before, bool `[in a word, classes]`.
        self.begins = np.stack([units & ~of_separator, starting if separator is None else np.zeros_like(units)])
        self.ends = np.stack([np.zeros_like(units), starting if separator is None else of_separator])

    def words(self, units: Sequence[int]) -> list[tuple[int, ...]]:
        """The words of a text, without separators."""
        words: list[list[int]] = []
        inside = 0
        for unit in units:
            if self.begins[inside, unit]:
                words.append([])
            inside = int(unit != self.separator)
            if inside:
                words[-1].append(int(unit))
        return [tuple(word) for word in words]


class Lexicon:
    """A list of words as a table of what may come next: a search that follows it writes no other words.

    Args:
        words: The units of each word, without separators.
        boundaries: Where words begin and end.

    Attributes:
        next: The state behind each class, int32 `[states, classes]`; -1 where the class may not come.
        whole: Whether a text may end in a state, bool `[states]`.

    Raises:
        RnnkitError: There is no word, one is empty, holds a separator or what is no unit, or does not begin as words
            do; a word goes on with a unit that begins words; or the table would be too large.

    Example:

    >>> lexicon = Lexicon([[1, 2], [1]], WordBoundaries(4, separator=3))
    >>> [lexicon.allows(units) for units in ([1, 2, 3, 1], [2], [1, 3], [])]
    [True, False, False, True]
    """

    def __init__(self, words: Iterable[Sequence[int]], boundaries: WordBoundaries) -> None:
        self.boundaries = boundaries
        classes, separator = boundaries.classes, boundaries.separator
        children: list[dict[int, int]] = [{}]
        ends: set[int] = set()
        for word in words:
            word = tuple(map(int, word))
            units = word and all(BLANK < unit < classes and unit != separator for unit in word)
            begins = boundaries.begins[int(separator is None and not boundaries.single)]
            if not units or len(boundaries.words(word)) > 1 or not begins[word[0]]:
                raise RnnkitError(f"The units {str(list(word)):.60} are not one word; expected classes of one word.")
            state = 0
            for unit in word:
                if unit not in children[state]:
                    children[state][unit] = len(children)
                    children.append({})
                state = children[state][unit]
            ends.add(state)
        if not ends:
            raise RnnkitError("The list of words is empty; expected one word or more.")
        if (len(children) + 1) * classes > _MOST:
            raise RnnkitError(
                f"The list needs {len(children) + 1:,} states of {classes} classes, and the most is {_MOST:,} numbers. "
                "Give fewer words."
            )
        self.next = np.full((len(children) + (separator is not None), classes), -1, np.int32)
        for state, after in enumerate(children):
            self.next[state, list(after)] = list(after.values())
        if separator is not None:
            between = len(children)
            self.next[between] = self.next[0]
            self.next[sorted(ends), separator] = between
        elif not boundaries.single:
            self.next[sorted(ends)] = np.where(self.next[0] >= 0, self.next[0], self.next[sorted(ends)])
        self.whole = np.isin(np.arange(len(self.next)), [0, *ends])

    def whole_words(self, units: Sequence[int]) -> list[int]:
        """The longest beginning of a text, which the list allows, that has whole words alone."""
        state, length = 0, 0
        for place, unit in enumerate(units, 1):
            state = int(self.next[state, unit])
            length = place if self.whole[state] else length
        return list(units[:length])

    def allows(self, units: Iterable[int]) -> bool:
        """Whether a text has words of the list alone."""
        state = 0
        for unit in units:
            state = int(self.next[state, unit])
            if state < 0:
                return False
        return bool(self.whole[state])
