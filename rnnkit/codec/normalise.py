"""Text normalisation before splitting into pieces."""

import re
import unicodedata

MARK = "\u2581"  # stands for the blank before a word, as in SentencePiece
_BLANKS = re.compile(rf"[\x00-\x1f\x7f-\x9f{MARK}]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_CHUNK = 1000  # Python's normalisation takes quadratic time for long runs of accents


def normalised(text: str) -> str:
    """The normalised text, as it is split and as `Pieces.decode` returns it.

    That is Unicode's NFKC, with every run of blanks, control characters and U+2581 as one blank, none at either end,
    and U+FFFD for lone surrogates. Upper and lower case stay. Words of more than 1,000 characters are normalised in
    parts.

    Example:

    >>> normalised(" Ｆine\\tday… ")
    'Fine day...'
    """
    if not (text.isascii() and text.isprintable()):
        text = _SURROGATES.sub("\ufffd", _BLANKS.sub(" ", _nfkc(text)))
    return " ".join(text.split())


def _nfkc(text: str) -> str:
    if len(text) <= _CHUNK:
        return unicodedata.normalize("NFKC", text)
    words = text.split()
    parts = ([word[at : at + _CHUNK] for at in range(0, len(word), _CHUNK)] for word in words)
    return " ".join("".join(unicodedata.normalize("NFKC", part) for part in word) for word in parts)


def is_one_word(text: str) -> bool:
    """Whether a text is not empty and has no blank, control character, U+2581 or lone surrogate.

    Example:

    >>> is_one_word("day"), is_one_word("fine day")
    (True, False)
    """
    return text.split() == [text] and not _BLANKS.search(text) and not _SURROGATES.search(text)
