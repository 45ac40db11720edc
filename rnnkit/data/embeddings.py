"""Word vectors trained elsewhere, in the text format of word2vec, GloVe and fastText: a word and its numbers a line."""

import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from rnnkit.data.textfile import check_file
from rnnkit.data.unpacked import byte_lines
from rnnkit.errors import RnnkitError

_COUNT = re.compile(r"[0-9]{1,9}")
_LONGEST = 2**14  # numbers of a vector
_AGAIN = 1_000_000  # lines of words that are there already, and ten for each of these


@dataclass(frozen=True)
class WordVectors:
    """Words and their vectors.

    Attributes:
        words: In the file's order, which is usually that of frequency.
        vectors: float32 `[words, size]`.
    """

    words: list[str]
    vectors: np.ndarray

    @property
    def size(self) -> int:
        """The dimension of the vectors."""
        return self.vectors.shape[1]


def read_word_vectors(
    path: str | PathLike[str],
    most: int = 1_000_000,
    fold: Callable[[str], str] = str,
    wanted: Container[str] = (),
) -> WordVectors:
    """Read a file of word vectors: the words that are wanted, wherever they stand, and the first others.

    The first line may be that of word2vec and fastText, `words size`. A word may hold blanks, as some of GloVe's do. Of
    words that `fold` makes the same, the first counts.

    Args:
        path: A text file, or one in .gz.
        most: Words read that are not wanted, at most.
        fold: What makes of a word the word as the vocabulary has it.
        wanted: Words to read in any case.

    Raises:
        RnnkitError: There is no such file, or a line is no word with as many numbers as the line before it, or as
            the first line says.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "vectors.txt").write_text("The 0.5 1\\nthe 2 2\\nfilm -1 0\\n")
    ...     found = read_word_vectors(Path(folder, "vectors.txt"), fold=str.lower)
    >>> found.words, found.vectors.tolist()
    (['the', 'film'], [[0.5, 1.0], [-1.0, 0.0]])

    Reference:
        Mikolov et al., Efficient Estimation of Word Representations in Vector Space, 2013 (arXiv:1301.3781);
        Pennington et al., GloVe, EMNLP 2014; Bojanowski et al., Enriching Word Vectors with Subword Information,
        TACL 2017.
    """
    path = Path(path)
    check_file(path, "a word and its numbers a line", ".txt or .vec")
    rows: dict[str, np.ndarray] = {}
    size = others = again = 0
    promised = False  # by the first line
    for number, line in enumerate(byte_lines(path), 1):
        parts = re.split("[ \t]+", line.decode("utf-8", "replace").removeprefix("\ufeff").rstrip())
        header = number == 1 and len(parts) == 2 and all(map(_COUNT.fullmatch, parts))
        if parts == [""]:
            continue
        size = int(parts[1]) if header else size or len(parts) - 1
        if size > _LONGEST:
            raise RnnkitError(f"{path.name} line {number} has {size:,} numbers a word; up to {_LONGEST:,} are read.")
        if header:
            promised = True
            continue
        vector = _numbers(parts[-size:]) if size and len(parts) > size else None
        if vector is None:
            raise RnnkitError(
                f"{path.name} line {number} is {line[:40]!r}; expected a word and {size or 'its'} numbers with "
                "blanks between. Word vectors must be text, not word2vec's or fastText's binary form."
            )
        if promised and not rows and len(parts) - 1 > size and _numbers(parts[1:]) is not None:
            raise RnnkitError(
                f"{path.name} line {number} has {len(parts) - 1} numbers and line 1 says {size}; mend line 1 or "
                "take it out."
            )
        word = fold(" ".join(parts[:-size]))
        again += word in rows
        if again > _AGAIN + 10 * len(rows):
            raise RnnkitError(
                f"{path.name} holds the same words again and again, such as {word!r:.40} in line {number}."
            )
        if word not in rows and (word in wanted or others < most):
            others += word not in wanted
            rows[word] = vector
    if not rows:
        raise RnnkitError(f"{path.name} holds no word vectors; expected a word and its numbers a line.")
    return WordVectors(list(rows), np.stack(list(rows.values())))


def _numbers(parts: list[str]) -> np.ndarray | None:
    """The numbers, or None where one is none or not finite."""
    try:
        with np.errstate(over="ignore"):
            vector = np.array(parts, np.float32)
    except ValueError:
        return None
    return vector if np.isfinite(vector).all() else None
