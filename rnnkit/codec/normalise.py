"""Text normalisation: one spelling for what looks the same, before words, characters or pieces are found."""

import re
import unicodedata
from collections.abc import Callable
from typing import Literal

MARK = "\u2581"  # stands for the blank before a word, as in SentencePiece
_BLANKS = re.compile(rf"[\x00-\x1f\x7f-\x9f{MARK}]")
_BLANK = re.compile(r"(\s+)")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LONG = re.compile(r"\S{1001}")
_CHUNK = 1000  # Python's normalisation takes quadratic time for long runs of accents
#: Signs that people type for the apostrophe, ASCII's first: quotes, accents, primes, Hebrew's geresh, letters.
APOSTROPHES = "'\u2018\u2019\u201b\u02bb\u02bc\u00b4`\u2032\u05f3\uff07"
_LETTERS = str.maketrans("\u02bb\u02bc", "''")  # of them, which are apostrophes wherever they stand
# Characters without a width: soft hyphen, marks of direction, byte order mark; joiners and variation selectors, which
# emoji are made with.
_SILENT = "\u00ad\u034f\u061c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_UNSEEN = re.compile(f"[{_SILENT}\u200c\u200d\ufe00-\ufe0f\U000e0000-\U000e0fff]")
_UNSEEN_IN_NAMES = re.compile(f"[{_SILENT}\u200b]")
_ODD = re.compile("[^\x00-\x5f\x61-\x7f]")  # without these, nothing is to be done
_SPACE = "\u200b"  # a blank without a width, between the words of Thai and Khmer
_FIRST_MARK = "\u0300"  # of all that combine, which everything below it leaves as it is
#: A letter, as which a combining mark is seen.
MARK_LETTER = "\ua78f"


def canonical(text: str) -> str:
    """The text in one spelling: Unicode's NFC, without characters that have no width, and with plain apostrophes.

    An apostrophe stands between two letters or digits; the letters U+02BB and U+02BC are always one. Other quotes stay,
    and so do capitals and blanks. U+200B becomes a blank. Printable ASCII but for "`" stays as it is.

    Example:

    >>> print(canonical("Isn\u2019t the cafe\u0301 \u2019open\u2019, co\u00adoperative?"))
    Isn't the café ’open’, cooperative?

    Reference:
        Unicode Standard Annex 15, Unicode Normalization Forms.
    """
    if not _ODD.search(text):
        return text
    return _plain_apostrophes(composed(_UNSEEN.sub("", text).replace(_SPACE, " ")))


def canonical_name(text: str) -> str:
    """A name, such as a label, in one spelling: as `canonical`, but emoji stay whole, and blanks are single.

    Example:

    >>> canonical_name(" cafe\u0301\u200b  noir ") == "caf\u00e9 noir"
    True
    """
    if _ODD.search(text):
        text = _plain_apostrophes(composed(_UNSEEN_IN_NAMES.sub("", text)))
    return " ".join(text.split())


def composed(text: str) -> str:
    """The text in Unicode's NFC. Words of more than 1,000 characters are composed in parts.

    Example:

    >>> len("e\u0301"), len(composed("e\u0301"))
    (2, 1)
    """
    return text if text.isascii() or max(text) < _FIRST_MARK else _in_parts(text, "NFC")


class Shapes(dict[int, str]):
    """Characters as a pattern is to see them, for `str.translate`, found on first use.

    Args:
        seen_as: Gives the shape of a character, given its Unicode category.

    Example:

    >>> "a1".translate(Shapes(lambda character, category: "#" if category == "Nd" else character))
    'a#'
    """

    def __init__(self, seen_as: Callable[[str, str], str]) -> None:
        super().__init__()
        self.seen_as = seen_as

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = seen = self.seen_as(character, unicodedata.category(character))
        return seen


_shapes = Shapes(lambda character, category: MARK_LETTER if category in ("Mn", "Mc") else character)


def shape(text: str) -> str:
    """The text with each combining mark as a letter, so that `\\w` takes the marks of a word for parts of it.

    Every character stays in its place.

    Example:

    >>> len(shape("\u0939\u093f\u0928\u094d\u0926\u0940")), shape("\u0939\u093f").isalpha()
    (6, True)
    """
    return text if text.isascii() or max(text) < _FIRST_MARK else text.translate(_shapes)


def _plain_apostrophes(text: str) -> str:
    if not any(sign in text for sign in APOSTROPHES[1:]):
        return text
    text = text.translate(_LETTERS)
    made = list(text)
    for found in _WITHIN.finditer(shape(text)):
        made[found.start()] = "'"
    return "".join(made)


_WITHIN = re.compile(rf"(?<=\w)[{APOSTROPHES[1:]}](?=\w)")


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
    return _in_parts(" ".join(text.split()) if len(text) > _CHUNK else text, "NFKC")


def _in_parts(text: str, form: Literal["NFC", "NFKC"]) -> str:
    if len(text) <= _CHUNK or not _LONG.search(text):
        return unicodedata.normalize(form, text)
    words = _BLANK.split(text)  # with the blanks between them
    parts = ([word[at : at + _CHUNK] for at in range(0, len(word), _CHUNK)] for word in words)
    return "".join("".join(unicodedata.normalize(form, part) for part in word) for word in parts)


def is_one_word(text: str) -> bool:
    """Whether a text is not empty and has no blank, control character, U+2581 or lone surrogate.

    Example:

    >>> is_one_word("day"), is_one_word("fine day")
    (True, False)
    """
    return text.split() == [text] and not _BLANKS.search(text) and not _SURROGATES.search(text)
