"""The units that speech is written in: characters, parts of words or words, each a class behind CTC's blank."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from rnnkit.codec.normalise import MARK
from rnnkit.codec.pieces import END, Pieces
from rnnkit.codec.vocabulary import UNKNOWN
from rnnkit.errors import RnnkitError

KINDS = ("character", "subword", "word")
_BLANK_SIGN = " "
_MOST_UNITS = 100_000


class WordSpan(NamedTuple):
    """A word and the places of its units: `first` to `end`, which is not among them."""

    text: str
    first: int
    end: int


class TranscriptUnits:
    """Units by class: class 0 is the blank of CTC, and class 1 is the first unit.

    Args:
        kind: "character", where a blank sign stands between words; "subword", where a word's first unit begins with
            U+2581; or "word".
        units: All different.

    Raises:
        RnnkitError: The kind is unknown, there is no unit, or one is empty, twice, or not of this kind.

    Example:

    >>> units = TranscriptUnits("character", [" ", "a", "c", "t"])
    >>> units.encode("a  cat").tolist(), units.decode([2, 1, 3, 2, 4])
    ([2, 1, 3, 2, 4], 'a cat')
    >>> units.words([2, 1, 3, 2, 4])
    [WordSpan(text='a', first=0, end=1), WordSpan(text='cat', first=2, end=5)]
    """

    def __init__(self, kind: str, units: Sequence[str]) -> None:
        if kind not in KINDS:
            raise RnnkitError(f"The units are of kind {kind!r:.40}; expected one of {', '.join(KINDS)}.")
        faulty = next((unit for unit in units if not isinstance(unit, str) or not unit), None)
        if not 1 <= len(units) <= _MOST_UNITS or len(set(map(str, units))) != len(units) or faulty is not None:
            raise RnnkitError(
                f"There are {len(units):,} units; expected 1 to {_MOST_UNITS:,} different ones, none empty."
            )
        if kind == "character" and (long := next((unit for unit in units if len(unit) > 1), None)):
            raise RnnkitError(f"The unit {long!r:.40} is no character.")
        self.kind, self.units = kind, tuple(units)
        self._classes = {unit: place for place, unit in enumerate(self.units, 1)}
        #: What cuts words into subwords; None for other kinds.
        self.pieces = Pieces("bpe", self.units) if kind == "subword" else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TranscriptUnits) and (self.kind, self.units) == (other.kind, other.units)

    def __hash__(self) -> int:
        return hash((self.kind, self.units))

    def __repr__(self) -> str:
        return f"TranscriptUnits({self.kind!r}, {len(self.units)} units)"

    @property
    def classes(self) -> int:
        """How many classes there are, the blank among them."""
        return len(self.units) + 1

    @property
    def texts(self) -> list[str]:
        """The text of each class, "" for the blank."""
        return ["", *self.units]

    def encode(self, text: str) -> np.ndarray:
        """The classes of a text, int32 `[units]`; what no unit stands for is left out."""
        return np.array([place for place in self._places(text) if place], np.int32)

    def unknown(self, text: str) -> int:
        """How many parts of a text no unit stands for."""
        return sum(not place for place in self._places(text))

    def _places(self, text: str) -> list[int]:
        if self.pieces is not None:
            return [0 if place == UNKNOWN else int(place) - END for place in self.pieces.encode(text)]
        words = text.split()
        parts: Iterable[str] = words if self.kind == "word" else _BLANK_SIGN.join(words)
        return [self._classes.get(part, 0) for part in parts]

    def decode(self, classes: Iterable[int]) -> str:
        """The text that classes say; blanks of CTC are none of them."""
        return " ".join(word.text for word in self.words(list(classes)))

    def words(self, classes: Sequence[int]) -> list[WordSpan]:
        """The words that classes say, and which of them each is of."""
        found, first, letters = list[WordSpan](), 0, ""
        for place, one in enumerate(classes):
            ends, more = self.part(one)
            if ends:
                if letters:
                    found.append(WordSpan(letters, first, place))
                first, letters = place + (self.kind == "character"), ""
            letters += more
        return [*found, WordSpan(letters, first, len(classes))] if letters else found

    def part(self, one: int) -> tuple[bool, str]:
        """Whether a class ends the word before it, and its letters."""
        unit = self.units[int(one) - 1]
        if self.kind == "subword":
            return unit.startswith(MARK), unit.replace(MARK, "")
        blank = unit == _BLANK_SIGN
        return blank or self.kind == "word", "" if blank else unit

    def boundaries(self) -> dict[str, Any]:
        """The arguments of `rnnkit.decoding.lexicon.WordBoundaries`: where words begin and end."""
        if self.kind == "word":
            return {"classes": self.classes}
        if self.kind == "subword":
            starts = [place for place, unit in enumerate(self.units, 1) if unit.startswith(MARK)]
            return {"classes": self.classes, "starts": starts}
        if _BLANK_SIGN in self._classes:
            return {"classes": self.classes, "separator": self._classes[_BLANK_SIGN]}
        return {"classes": self.classes, "starts": []}

    def spelled(self, words: Iterable[str]) -> list[list[int]]:
        """The classes of each word, without those that these units do not spell."""
        return [self.encode(word).tolist() for word in words if word.strip() and not self.unknown(word)]

    def content(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {"kind": self.kind, "units": list(self.units)}


def units_of(content: Any, where: str) -> TranscriptUnits:
    """Units from the parsed content of a file, which may come from anyone.

    Args:
        content: What `TranscriptUnits.content` gave.
        where: What messages call the file.

    Raises:
        RnnkitError: It is something else.

    Example:

    >>> units_of({"kind": "word", "units": ["yes", "no"]}, "it").decode([2, 1])
    'no yes'
    """
    if not isinstance(content, dict) or set(content) != {"kind", "units"} or not isinstance(content["units"], list):
        raise RnnkitError(f"{where} should have the kind and the units of transcripts. It is broken; copy it again.")
    if not all(isinstance(unit, str) for unit in content["units"]):
        raise RnnkitError(f"{where}: a unit is no text. It is broken; copy it again.")
    try:
        return TranscriptUnits(content["kind"], content["units"])
    except RnnkitError as error:
        raise RnnkitError(f"{where}: {error}") from None
