"""Text to tokens, exactly as MediaPipe's `RegexTokenizer` does it on a phone."""

import re
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from rnnkit.errors import RnnkitError, did_you_mean

# Name -> (what RE2 splits at, what Python keeps). RE2's \w is ASCII; Python's \w is [\p{L}\p{N}_] unless re.ASCII.
_DELIMITERS: dict[str, tuple[str, re.Pattern[str]]] = {
    "unicode": (r"[^\p{L}\p{N}_']+", re.compile(r"[\w']+")),
    "ascii": (r"[^\w\']+", re.compile(r"[\w']+", re.ASCII)),
}


@dataclass(frozen=True)
class RegexTokenizer:
    """Splits at everything that is no letter, digit, underscore or apostrophe, and lower-cases ordinary words.

    The ids a model was trained on must be the ids it meets on the phone, so this follows MediaPipe step by step: the
    text ends at its first NUL, is split at each match of `re2_pattern`, and empty pieces go. MediaPipe never
    lower-cases; it only looks words up. So a word is lower-cased here where the phone's vocabulary can list its
    `spellings` ("Good" and "GOOD" beside "good"), and any other mixture of cases, such as "YouTube", is a word of its
    own. Lone surrogates are delimiters like any other.

    Args:
        delimiters: "unicode" keeps the letters and digits of every script; "ascii" keeps A-Z, 0-9 alone and splits
            at all others, which is the pattern in MediaPipe's own models.

    Raises:
        RnnkitError: `delimiters` is neither of the two.

    Example:

    >>> RegexTokenizer()("It's GREAT, YouTube -- Très bon!")
    ["it's", 'great', 'YouTube', 'très', 'bon']
    >>> RegexTokenizer("ascii")("très bon")
    ['tr', 's', 'bon']
    """

    delimiters: str = "unicode"

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
        return [_fold(token) for token in _DELIMITERS[self.delimiters][1].findall(text.partition("\0")[0])]

    def to_config(self) -> dict[str, Any]:
        """Plain values from which `from_config` builds an equal tokeniser."""
        return asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "RegexTokenizer":
        """Build the tokeniser whose `to_config` gave `config`."""
        return cls(**config)


def spellings(word: str) -> list[str]:
    """Every spelling that `RegexTokenizer` turns into `word`; none for a word it never yields.

    A vocabulary that maps each of them to the word's id makes up for a phone that does not lower-case.

    Example:

    >>> spellings("good"), spellings("YouTube"), spellings("Good")
    (['good', 'Good', 'GOOD'], ['YouTube'], [])
    """
    if word != word.lower():
        return [word] if _fold(word) == word else []
    return [form for form in dict.fromkeys((word, _capitalised(word), word.upper())) if form.lower() == word]


def _fold(token: str) -> str:
    return _fold_short(token) if len(token) <= 64 else _fold_short.__wrapped__(token)


@lru_cache(maxsize=1 << 16)
def _fold_short(token: str) -> str:
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
