"""Words to ids and back, in the file format MediaPipe reads."""

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.files.reading import WORDS_BYTES, read_text

PAD, START, UNKNOWN = 0, 1, 2
SPECIALS = ("<PAD>", "<START>", "<UNKNOWN>")


class Vocabulary:
    """An ordered list of words; a word's place is its id.

    Ids 0, 1 and 2 are always `<PAD>`, `<START>` and `<UNKNOWN>`, because MediaPipe's text tasks look these up by name
    and padding with 0 is what masking expects.

    Args:
        words: The words from id 3 on, all different, with no blank space in them (the file format has no quoting).

    Raises:
        RnnkitError: A word is given twice or cannot be stored.

    Example:

    >>> vocabulary = Vocabulary(["good", "bad"])
    >>> vocabulary.encode(["good", "odd", "bad"], max_length=3).tolist()
    [1, 3, 2]
    """

    def __init__(self, words: Sequence[str]):
        self.words: tuple[str, ...] = (*SPECIALS, *words)
        self._ids = {word: index for index, word in enumerate(self.words)}
        if len(self._ids) != len(self.words):
            word = next(word for index, word in enumerate(self.words) if self._ids[word] != index)
            raise RnnkitError(f"The word {word!r} is twice in the vocabulary; give every word once.")
        for word in words:
            if not _storable(word):
                raise RnnkitError(
                    f"The word {word!r} cannot be in a vocabulary; give words with no blank space in them."
                )

    @classmethod
    def from_counts(cls, counts: Mapping[str, int], max_size: int = 20000, min_count: int = 2) -> "Vocabulary":
        """Keep the most frequent words; ties go to the alphabetically first, so the result is always the same.

        Args:
            counts: How often each word occurs in the training split.
            max_size: Largest number of ids, the three special ones included.
            min_count: Words seen fewer times than this become `<UNKNOWN>`.

        Raises:
            RnnkitError: `max_size` leaves no room for the special ids.
        """
        if max_size < len(SPECIALS):
            raise RnnkitError(f"max_size is {max_size}; it must be at least {len(SPECIALS)}, the special ids.")
        return cls(_most_frequent(counts, max_size - len(SPECIALS), min_count, SPECIALS))

    def extended(self, counts: Mapping[str, int], max_new: int = 20000, min_count: int = 2) -> "Vocabulary":
        """Keep every id and append new words, so that trained embedding rows keep their meaning.

        Args:
            counts: How often each word occurs in the new training split.
            max_new: Largest number of words to append.
            min_count: New words seen fewer times than this are left out.
        """
        return Vocabulary(self.words[len(SPECIALS) :] + tuple(_most_frequent(counts, max_new, min_count, self.words)))

    def encode(self, tokens: Sequence[str], max_length: int | None = None) -> np.ndarray:
        """Ids of `<START>` and the tokens, cut (never padded) to `max_length`: MediaPipe's contract.

        Args:
            tokens: The tokens of one text.
            max_length: Largest number of ids, `<START>` included; None cuts nothing.

        Returns:
            int32 array [1 + tokens], at most `max_length` long.
        """
        if max_length is not None:
            tokens = tokens[: max(max_length - 1, 0)]
        ids = [START, *map(self._id, tokens)][:max_length]
        return np.array(ids, dtype=np.int32)

    def _id(self, token: str) -> int:
        """The id of a word. The special ones are in no text: "<PAD>", where someone writes it, is unknown."""
        number = self._ids.get(token, UNKNOWN)
        return number if number > UNKNOWN else UNKNOWN

    def unknown_rate(self, counts: Mapping[str, int]) -> float:
        """Share (0-1) of the words that are not in the vocabulary, each counted as often as it occurs; 0 for none."""
        unknown = sum(count for word, count in counts.items() if word not in self._ids)
        return unknown / max(sum(counts.values()), 1)

    def save(self, path: str | PathLike[str]) -> None:
        """Write one `word id` line for each id, UTF-8."""
        lines = "".join(f"{word} {index}\n" for index, word in enumerate(self.words))
        Path(path).write_bytes(lines.encode("utf-8"))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> "Vocabulary":
        """Read a file written by `save`.

        Raises:
            RnnkitError: There is no such file, or a line is not `word id` with the ids counting up from 0, or the
                special words are not the first three.
        """
        words = _read_words(Path(path))
        if tuple(words[: len(SPECIALS)]) != SPECIALS:
            raise RnnkitError(f"{path} starts with {words[:3]}; expected the words {list(SPECIALS)} with ids 0, 1, 2.")
        try:
            return cls(words[len(SPECIALS) :])
        except RnnkitError as error:
            raise RnnkitError(f"{path}: {error}") from None

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._ids


def _read_words(path: Path) -> list[str]:
    # Split at line feeds only: str.splitlines would also split inside words at characters like U+0085.
    lines = read_text(path, WORDS_BYTES, "The vocabulary").split("\n")
    if lines[-1] == "":
        lines.pop()
    words = []
    for index, line in enumerate(lines):
        word, _, number = line.removesuffix("\r").rpartition(" ")
        if not word or number != str(index):
            raise RnnkitError(
                f"{path} line {index + 1} is {line[:80]!r}; expected a word, one space and the id {index}."
            )
        words.append(word)
    return words


def _most_frequent(counts: Mapping[str, int], number: int, min_count: int, known: Iterable[str]) -> list[str]:
    taken = set(known)
    new = [item for item in counts.items() if item[1] >= min_count and item[0] not in taken and _storable(item[0])]
    return [word for word, _ in sorted(new, key=lambda item: (-item[1], item[0]))[: max(number, 0)]]


def _storable(word: str) -> bool:
    """Whether `word` survives the file: not empty, no blank space, no lone surrogate, no NUL."""
    if word.isascii() and word.isprintable() and word and " " not in word:
        return True
    encodable = not any("\ud800" <= character <= "\udfff" for character in word)
    return bool(word) and encodable and word.split() == [word] and "\0" not in word
