"""Text to tokens, exactly as MediaPipe's `RegexTokenizer` does it on a phone."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rnnkit.codec.normalise import APOSTROPHES, canonical, shape
from rnnkit.errors import RnnkitError, did_you_mean

# What RE2 splits "words" at: signs together with the apostrophes beside them, apostrophes in a row, and those at the
# ends of the text, so that what is left has them between two letters alone. Mn and Mc are combining marks.
_SIGN = rf"(?:[^\p{{L}}\p{{Mn}}\p{{Mc}}\p{{N}}_{APOSTROPHES}]|[\x{{FE00}}-\x{{FE0F}}])"
_QUOTE = f"[{APOSTROPHES}]"
_BETWEEN = rf"{_QUOTE}*{_SIGN}(?:{_SIGN}|{_QUOTE})*|{_QUOTE}{{2,}}|^{_QUOTE}|{_QUOTE}$"
# Name -> (what RE2 splits at, what Python keeps). RE2's \w is ASCII; Python's \w is [\p{L}\p{N}_] unless re.ASCII.
_DELIMITERS: dict[str, tuple[str, re.Pattern[str]]] = {
    "words": (_BETWEEN, re.compile(r"\w+(?:'\w+)*")),
    "unicode": (r"[^\p{L}\p{N}_']+", re.compile(r"[\w']+")),
    "ascii": (r"[^\w\']+", re.compile(r"[\w']+", re.ASCII)),
}
_LONGEST, _MOST = 64, 2**16  # characters of a word that is looked up again and again, and how many are known
#: The names of all ways to find words.
DELIMITERS = tuple(_DELIMITERS)


@dataclass(frozen=True)
class RegexTokenizer:
    """Splits at everything that is no part of a word, and lower-cases ordinary words.

    The ids a model was trained on must be the ids it meets on the phone, so this follows MediaPipe step by step: the
    text ends at its first NUL, is split at each match of `re2_pattern`, and empty pieces go. MediaPipe never
    lower-cases; it only looks words up. So a word is lower-cased here where the phone's vocabulary can list its
    `spellings` ("Good" and "GOOD" beside "good"), and any other mixture of cases, such as "YouTube", is a word of its
    own. Lone surrogates are delimiters like any other.

    Args:
        delimiters: "words" keeps the letters, combining marks and digits of every script, with apostrophes between
            them, of the text as `rnnkit.codec.normalise.canonical` spells it. "unicode" keeps letters, digits and all
            apostrophes of the text as it is, and splits at combining marks; "ascii" keeps A-Z, 0-9 alone and splits
            at all others, which is the pattern in MediaPipe's own models.

    Raises:
        RnnkitError: `delimiters` is none of these.

    Example:

    >>> RegexTokenizer()("It\u2019s GREAT, YouTube -- 'Tre\u0300s bon'!")
    ["it's", 'great', 'YouTube', 'très', 'bon']
    >>> RegexTokenizer("ascii")("très bon")
    ['tr', 's', 'bon']
    """

    delimiters: str = "words"
    unit: ClassVar[str] = "word"
    words: ClassVar[Sequence[str]] = ()  # a vocabulary that does not depend on the texts; here it does

    def __post_init__(self) -> None:
        if self.delimiters not in _DELIMITERS:
            raise RnnkitError(
                f"Unknown delimiters {self.delimiters!r}; expected one of: {', '.join(_DELIMITERS)}."
                + did_you_mean(self.delimiters, _DELIMITERS)
            )

    @property
    def re2_pattern(self) -> str:
        """The delimiter pattern in RE2's dialect, as MediaPipe's metadata wants it."""
        return _DELIMITERS[self.delimiters][0]

    def __call__(self, text: str) -> list[str]:
        """Split `text` into tokens; linear in its length."""
        text, kept = text.partition("\0")[0], _DELIMITERS[self.delimiters][1]
        if self.delimiters != "words":
            return [*map(_folded, kept.findall(text))]
        text = canonical(text)
        seen = shape(text)
        if seen is text:
            return [*map(_folded, kept.findall(text))]
        return [_folded(text[found.start() : found.end()]) for found in kept.finditer(seen)]

    def spellings(self, word: str) -> list[str]:
        """Every spelling that this turns into `word`; none for a word it never yields.

        A vocabulary that maps each of them to the word's id makes up for a phone that neither lower-cases nor
        normalises: with capitals, and for "words" with other apostrophes and with accents apart. Characters without a
        width within a word are not among them.

        Example:

        >>> [RegexTokenizer().spellings(word) for word in ("good", "YouTube", "Good")]
        [['good', 'Good', 'GOOD'], ['YouTube'], []]
        >>> [len(RegexTokenizer(name).spellings("l'été")) for name in ("words", "unicode")]
        [66, 3]
        """
        forms = _cases(word)
        if self.delimiters != "words" or not forms:
            return forms
        forms = [form.replace("'", sign) for form in forms for sign in (APOSTROPHES if "'" in word else "'")]
        decomposed = [unicodedata.normalize("NFD", form) for form in forms if len(form) <= _LONGEST]
        return list(dict.fromkeys((*forms, *decomposed)))

    def to_config(self) -> dict[str, Any]:
        """Plain values, for a bundle."""
        return {"type": type(self).__name__, "delimiters": self.delimiters, "re2_pattern": self.re2_pattern}


def _cases(word: str) -> list[str]:
    if word != word.lower():
        return [word] if _folded(word) == word else []
    return [form for form in dict.fromkeys((word, _capitalised(word), word.upper())) if form.lower() == word]


class _Folds(dict[str, str]):
    """Tokens and what they are looked up as; those that come again are found without a call in Python."""

    def __missing__(self, token: str) -> str:
        folded = _fold(token)
        if len(token) <= _LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[token] = folded
        return folded


_folded = _Folds().__getitem__


def _fold(token: str) -> str:
    lower = token.lower()
    if token == lower:
        return token
    return lower if token in (_capitalised(lower), lower.upper()) else token


def _capitalised(word: str) -> str:
    """Upper-case the first character that has an upper case: "'tis" gives "'Tis"."""
    for index, character in enumerate(word):
        if character.upper() != character:
            return word[:index] + character.upper() + word[index + 1 :]
    return word
