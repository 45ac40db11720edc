"""Text to ids and back for language models: the base class of all units, characters and bytes."""

import codecs
import copy
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rnnkit.codec.pieces import UNKNOWN_SIGN
from rnnkit.codec.vocabulary import SPECIALS, UNKNOWN
from rnnkit.errors import RnnkitError

FILE = "units.json"
_FIRST = len(SPECIALS)


class UnitWriter(ABC):
    """A decoder of ids one by one, returning the text that each adds."""

    @abstractmethod
    def __call__(self, place: int) -> str: ...

    def peek(self, place: int) -> str:
        """The text that an id would add."""
        return copy.copy(self)(place)


class TextUnits(ABC):
    """An ordered list of units; a unit's place is its id, and 0, 1, 2 are `<PAD>`, `<START>` and `<UNKNOWN>`.

    `<START>` stands before each text, and so also ends the one before it.
    """

    kind: ClassVar[str]
    #: Whether `decode(encode(text))` is the text itself, blanks and line ends and all.
    lossless: ClassVar[bool] = False

    @abstractmethod
    def encode(self, text: str) -> np.ndarray:
        """Ids of a text, without `<START>`: int32 [units]."""

    @abstractmethod
    def writer(self) -> UnitWriter:
        """A decoder of ids, one by one."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the units as text into a folder."""

    def decode(self, ids: Iterable[int]) -> str:
        """Ids to text.

        Raises:
            RnnkitError: There is no unit of that id.
        """
        write = self.writer()
        return "".join(write(int(place)) for place in ids)

    def known(self, place: int) -> int:
        """The id, or None.

        Raises:
            RnnkitError: There is no unit of that id.
        """
        if not 0 <= place < len(self):
            raise RnnkitError(f"There is no {self.kind} with id {place}; ids go from 0 to {len(self) - 1}.")
        return place


class Characters(TextUnits):
    """Unicode characters, line ends and blanks among them.

    Example:

    >>> units = Characters(["a", "\\n"])
    >>> units.encode("a\\nb").tolist(), units.decode([3, 4, 2])
    ([3, 4, 2], 'a\\n⁇')
    """

    kind, lossless = "character", True

    def __init__(self, characters: Sequence[str]) -> None:
        self.characters = tuple(characters)
        self._ids = {character: place for place, character in enumerate(self.characters, _FIRST)}
        if len(self._ids) != len(self.characters) or any(len(each) != 1 for each in self.characters):
            raise RnnkitError("The characters of a text are single and each is there once; these are not.")

    def encode(self, text: str) -> np.ndarray:
        find = self._ids.get
        return np.array([find(character, UNKNOWN) for character in text], np.int32)

    def writer(self) -> UnitWriter:
        return _CharacterWriter(self)

    def __len__(self) -> int:
        return _FIRST + len(self.characters)

    def save(self, folder: Path) -> None:
        write_units(folder, {"kind": self.kind, "units": list(self.characters)})


class Bytes(TextUnits):
    """The 256 bytes of UTF-8: no character is unknown.

    Example:

    >>> Bytes().encode("é").tolist(), Bytes().decode([3 + 0xC3, 3 + 0xA9])
    ([198, 172], 'é')
    """

    kind, lossless = "byte", True

    def encode(self, text: str) -> np.ndarray:
        return np.frombuffer(text.encode("utf-8", "replace"), np.uint8).astype(np.int32) + _FIRST

    def writer(self) -> UnitWriter:
        return _ByteWriter(self)

    def __len__(self) -> int:
        return _FIRST + 256

    def save(self, folder: Path) -> None:
        write_units(folder, {"kind": self.kind})


class _CharacterWriter(UnitWriter):
    def __init__(self, units: Characters) -> None:
        self.units, self.written = units, ("", "", UNKNOWN_SIGN, *units.characters)

    def __call__(self, place: int) -> str:
        return self.written[self.units.known(place)]


class _ByteWriter(UnitWriter):
    def __init__(self, units: Bytes) -> None:
        self.units, self.begun = units, b""  # of a character that is not whole yet

    def __call__(self, place: int) -> str:
        if self.units.known(place) < _FIRST:
            return UNKNOWN_SIGN if place == UNKNOWN else ""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        decoder.setstate((self.begun, 0))
        text = decoder.decode(bytes([place - _FIRST]))
        self.begun = decoder.getstate()[0]
        return text


def write_units(folder: Path, content: dict[str, Any]) -> None:
    """Write units as JSON into a folder."""
    (folder / FILE).write_text(json.dumps(content, ensure_ascii=True, indent=0) + "\n", "utf-8")
