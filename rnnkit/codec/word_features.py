"""Word features for a tagger: form, capitalisation and characters.

Here and in `rnnkit.lite` alike, so standard library and numpy only.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnkit.codec.normalise import canonical
from rnnkit.codec.vocabulary import PAD, UNKNOWN, Vocabulary

#: How a word may be written, after Collobert et al. 2011, section 5.2 and later taggers; 0 is padding.
CASINGS = ("padding", "other", "numeric", "mainly numeric", "lower", "upper", "capitalised", "has a digit")
_DIGIT = re.compile(r"\d")


def normalised(word: str) -> str:
    """The word as the vocabulary has it: in lower case, each digit a 0.

    Example:

    >>> normalised("March"), normalised("1996-08-22")
    ('march', '0000-00-00')
    """
    return _DIGIT.sub("0", word.lower())


def casing(word: str) -> int:
    """A word's capitalisation, an index into `CASINGS`.

    Example:

    >>> [CASINGS[casing(word)] for word in ("1996", "22nd", "bank", "EU", "Bonn", "B2", "iPod")]
    ['numeric', 'mainly numeric', 'lower', 'upper', 'capitalised', 'has a digit', 'other']
    """
    digits = len(_DIGIT.findall(word))
    if digits and digits == len(word):
        return CASINGS.index("numeric")
    if digits * 2 >= len(word) and digits > 1:
        return CASINGS.index("mainly numeric")
    if word.islower():
        return CASINGS.index("lower") if not digits else CASINGS.index("has a digit")
    if digits:
        return CASINGS.index("has a digit")
    if word.isupper():
        return CASINGS.index("upper")
    return CASINGS.index("capitalised") if word[:1].isupper() else CASINGS.index("other")


@dataclass(frozen=True)
class WordFeatures:
    """Words to numbers. Words in another spelling (`rnnkit.codec.normalise.canonical`) are known too.

    Args:
        vocabulary: Of normalised words.
        characters: Of characters as they are written.
        word_length: Characters read of a word, at most; of a longer one the first and the last, half each.

    Example:

    >>> features = WordFeatures(Vocabulary(["bonn"]), Vocabulary(list("Bno")), word_length=5)
    >>> words, casings, characters = features.encode(["Bonn", "x"])
    >>> words.tolist(), characters.tolist()
    ([3, 2], [[3, 5, 4, 4, 0], [2, 0, 0, 0, 0]])
    """

    vocabulary: Vocabulary
    characters: Vocabulary
    word_length: int

    def encode(self, tokens: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Word ids `[tokens]`, casings `[tokens]` and character ids `[tokens, word_length]`, int32 each."""
        words = self.vocabulary.encode([self._known(token) for token in tokens])[1:]
        casings = np.array([casing(canonical(token)) for token in tokens], np.int32)
        letters = np.full((len(tokens), self.word_length), PAD, np.int32)
        for row, token in zip(letters, tokens, strict=True):
            ids = self._letters(token)
            row[: len(ids)] = ids
        return words, casings, letters

    def _known(self, token: str) -> str:
        """The word as the vocabulary has it: as it is written, as Runs of earlier learnt it, or in one spelling."""
        word = normalised(token)
        return word if token.isascii() or word in self.vocabulary else normalised(canonical(token))

    def _letters(self, token: str) -> np.ndarray:
        """The characters in one spelling; as they are written where only Runs of earlier, which learnt them so, know
        them."""
        spelt = token if token.isascii() else canonical(token)
        ids = self._numbers(spelt)
        if spelt == token or not (UNKNOWN in ids or any(self._is_silent(letter) for letter in token)):
            return ids
        written = self._numbers(token)
        return ids if UNKNOWN in written else written

    def _numbers(self, token: str) -> np.ndarray:
        return self.characters.encode(list(shortened(token, self.word_length)))[1:]

    def _is_silent(self, letter: str) -> bool:
        """Whether a character is known that no text in one spelling has."""
        return letter in self.characters and canonical(letter) != letter


def shortened(word: str, most: int) -> str:
    """The word, or of one longer than `most` characters its beginning and its end.

    Example:

    >>> shortened("incomprehensible", 6)
    'incble'
    """
    return word if len(word) <= most else word[: most - most // 2] + word[len(word) - most // 2 :]


def pieces(tokens: Sequence[Any], most: int) -> Iterable[Sequence[Any]]:
    """A sentence in stretches of at most `most` tokens.

    Example:

    >>> [list(piece) for piece in pieces("abcde", 2)]
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    return (tokens[start : start + most] for start in range(0, len(tokens), most))


def joined(tags: Sequence[str], most: int) -> list[str]:
    """The IOB2 tags of a sentence read in `pieces`: what ends one piece and begins the next with the same type is one.

    Example:

    >>> joined(["O", "B-LOC", "B-LOC", "B-LOC"], most=2)
    ['O', 'B-LOC', 'I-LOC', 'B-LOC']
    """
    made = list(tags)
    for place in range(most, len(made), most):
        if made[place].startswith("B-") and made[place - 1][2:] == made[place][2:]:
            made[place] = f"I-{made[place][2:]}"
    return made
