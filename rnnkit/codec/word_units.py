"""Subwords and words as units of text, and the units of a Run."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from rnnkit.codec.normalise import MARK, canonical
from rnnkit.codec.pieces import SPECIALS as PIECE_SPECIALS
from rnnkit.codec.pieces import UNKNOWN_SIGN, Pieces
from rnnkit.codec.text_units import FILE, Bytes, Characters, TextUnits, UnitWriter, write_units
from rnnkit.codec.tokenizer import RegexTokenizer
from rnnkit.codec.vocabulary import SPECIALS, UNKNOWN, Vocabulary
from rnnkit.codec.word_features import normalised
from rnnkit.codec.words import split_words
from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.files.reading import UNITS_BYTES, read_json

_WORDS_FILE = "vocab.txt"
_ADVICE = "Train or copy the Run again."
#: What splits words, as `RegexTokenizer` names it; of units that do not say, since they were learnt earlier.
WORDS, EARLIER = "words", "unicode"


class Subwords(TextUnits):
    """Pieces of words, line by line; the last id is the line end. Lines are normalised as `Pieces` has it.

    Example:

    >>> units = Subwords(Pieces("bpe", ["▁g", "▁go", "od", "▁", "g", "o", "d"]))
    >>> units.encode("good\\n good").tolist(), units.decode([4, 5, 10, 4])
    ([4, 5, 10, 4, 5], 'good\\ngo')
    """

    kind = "subword"

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces
        self.shift = len(PIECE_SPECIALS) - len(SPECIALS)  # the END of pieces is not one here
        self.line_end = len(pieces) - self.shift

    def encode(self, text: str) -> np.ndarray:
        ids: list[np.ndarray] = []
        for number, line in enumerate(text.split("\n")):
            found = self.pieces.encode(line)
            ids += [
                np.array([self.line_end] if number else [], np.int32),
                np.where(found > UNKNOWN, found - self.shift, found),
            ]
        return np.concatenate(ids).astype(np.int32)

    def writer(self) -> UnitWriter:
        return _SubwordWriter(self)

    def __len__(self) -> int:
        return self.line_end + 1

    def save(self, folder: Path) -> None:
        write_units(
            folder,
            {
                "kind": self.pieces.kind,
                "units": list(self.pieces.pieces[len(PIECE_SPECIALS) :]),
                "scores": list(self.pieces.scores[len(PIECE_SPECIALS) :]),
            },
        )


class Words(TextUnits):
    """Words: as the text classifier reads them ("word"), or with signs apart, as the tagger does ("token").

    Args:
        unit: "word" or "token".
        vocabulary: The words.
        delimiters: "words" for texts in one spelling (`rnnkit.codec.normalise.canonical`), "unicode" for texts as they
            are.

    Example:

    >>> Words("word", Vocabulary(["good", "film"])).decode([3, 4, 3])
    'good film good'
    """

    kind = "word"

    def __init__(self, unit: str, vocabulary: Vocabulary, delimiters: str = WORDS) -> None:
        self.unit, self.vocabulary, self.delimiters = unit, vocabulary, delimiters
        self._split = split_by(unit, delimiters)

    def split(self, text: str) -> list[str]:
        """The words of a text."""
        return self._split(text)

    def encode(self, text: str) -> np.ndarray:
        return self.vocabulary.encode(self.split(text))[1:]

    def writer(self) -> UnitWriter:
        return _WordWriter(self)

    def __len__(self) -> int:
        return len(self.vocabulary)

    def save(self, folder: Path) -> None:
        self.vocabulary.save(folder / _WORDS_FILE)
        if self.delimiters != EARLIER:
            write_units(folder, {"kind": self.unit, "delimiters": self.delimiters})


class _SubwordWriter(UnitWriter):
    def __init__(self, units: Subwords) -> None:
        self.units, self.begun = units, False  # whether there is something on the line

    def __call__(self, place: int) -> str:
        units = self.units
        if units.known(place) == units.line_end:
            self.begun = False
            return "\n"
        if place < UNKNOWN:
            return ""
        piece = UNKNOWN_SIGN if place == UNKNOWN else units.pieces.pieces[place + units.shift].replace(MARK, " ")
        text = piece if self.begun else piece.lstrip(" ")
        self.begun = self.begun or bool(text)
        return text


class _WordWriter(UnitWriter):
    def __init__(self, units: Words) -> None:
        self.units, self.begun = units, False

    def __call__(self, place: int) -> str:
        if self.units.known(place) < UNKNOWN:
            return ""
        blank, self.begun = " " if self.begun else "", True
        return blank + (UNKNOWN_SIGN if place == UNKNOWN else self.units.vocabulary.words[place])


def split_by(unit: str, delimiters: str = WORDS) -> Callable[[str], list[str]]:
    """The function that splits a text into words.

    Raises:
        RnnkitError: The delimiters are unknown.
    """
    splits = RegexTokenizer(delimiters)
    if unit == "word":
        return splits
    spelt = canonical if delimiters == WORDS else str
    return lambda text: [normalised(token) for token, _, _ in split_words(spelt(text))]


#: How each unit is called as an option.
UNITS = ("word", "token", "character", "byte", "bpe", "unigram")


def load_units(folder: Path, unit: str) -> TextUnits:
    """Read units saved by `TextUnits.save`.

    Args:
        folder: Where it lies.
        unit: One of `UNITS`.

    Raises:
        RnnkitError: It is not there, or holds something else.
    """
    path, is_words = folder / FILE, unit in ("word", "token")
    if is_words and not path.exists():
        return Words(unit, Vocabulary.load(folder / _WORDS_FILE), EARLIER)
    content = read_json(path, UNITS_BYTES, "The units", _ADVICE)
    kind = content.get("kind") if isinstance(content, dict) else None
    other = f"{path} does not hold the units of a text. {_ADVICE}"
    if kind != unit:
        named = f"{path} holds units of the kind {kind!r:.60}; expected {unit!r}. {_ADVICE}"
        raise RnnkitError(named if isinstance(kind, str) else other)
    try:
        if is_words:
            return Words(unit, Vocabulary.load(folder / _WORDS_FILE), str(content["delimiters"]))
        if unit == "byte":
            return Bytes()
        units = [str(each) for each in content["units"]]
        if unit == "character":
            return Characters(units)
        return Subwords(Pieces(unit, units, [float(each) for each in content["scores"]]))
    except (ValueError, KeyError, TypeError):
        raise RnnkitError(other) from None


def check_unit(unit: str) -> None:
    """Refuse an unknown unit."""
    if unit not in UNITS:
        raise RnnkitError(f"Unknown unit {unit!r}; expected one of {', '.join(UNITS)}.{did_you_mean(unit, UNITS)}")
