"""Texts to ids in one pass: words are numbered as they occur, and get their ids once the vocabulary is known."""

from array import array
from collections.abc import Callable, Iterable

import numpy as np

from rnnkit.codec.vocabulary import SPECIALS, START, UNKNOWN, Vocabulary
from rnnkit.data.bucketing import Ragged
from rnnkit.data.growing import is_mapped

_SMALL = 2**16


class _Numbers(dict[str, int]):
    """The numbers of words; one that is not there gets the next number."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number


class WordNumbers:
    """Numbers words in order of occurrence, so that a text is tokenised once and never kept.

    Args:
        tokenize: Converts a text to tokens.
        max_length: Largest number of ids of a text, `<START>` included.

    Example:

    >>> numbers = WordNumbers(str.split, max_length=10)
    >>> rows = numbers.number(["a good film", "a bad film"])
    >>> vocabulary = Vocabulary.from_counts(numbers.counts(rows), min_count=2)
    >>> [row.tolist() for row in numbers.encode(rows, vocabulary)]
    [[1, 3, 2, 4], [1, 3, 2, 4]]
    """

    def __init__(self, tokenize: Callable[[str], list[str]], max_length: int) -> None:
        self.tokenize = tokenize
        self.max_length = max_length
        self._numbers = _Numbers((word, number) for number, word in enumerate(SPECIALS))
        #: Uncut lengths of the texts numbered last, int64 `[texts]`.
        self.uncut_lengths = np.zeros(0, np.int64)

    def number(self, texts: Iterable[str]) -> Ragged:
        """Convert each text to word numbers, `<START>` first."""
        find, most = self._numbers.__getitem__, self.max_length - 1
        lengths = array("q")

        def rows() -> Iterable[list[int]]:
            for text in texts:
                words = self.tokenize(text)
                lengths.append(1 + len(words))
                yield [START, *map(find, words[:most])]

        numbered = Ragged.from_iterable(rows())
        self.uncut_lengths = np.array(lengths, np.int64)
        return numbered

    def counts(self, rows: Ragged) -> dict[str, int]:
        """The number of occurrences of each word in these rows."""
        counted = rows.counts(len(self._numbers)).tolist()
        return {word: counted[number] for word, number in self._numbers.items() if number >= len(SPECIALS)}

    def encode(self, rows: Ragged, vocabulary: Vocabulary) -> Ragged:
        """Replace the rows' word numbers with the vocabulary's ids."""
        ids = {word: index for index, word in enumerate(vocabulary.words)}
        table = np.array([ids.get(word, UNKNOWN) for word in self._numbers], dtype=np.int32)
        table[: len(SPECIALS)] = np.arange(len(SPECIALS))
        if is_mapped(rows.flat) and len(vocabulary) <= _SMALL:
            table = table.astype(np.uint16)  # half the file
        return rows.looked_up(table)
