"""Other spellings of tags as the usual one, B-TYPE: B_PER, PER-B, b-per, M for I, brackets over columns."""

import re
from collections.abc import Iterable, Sequence

from rnnkit.codec.tag_schemes import OUTSIDE
from rnnkit.errors import RnnkitError

_LETTERS = "BIESLUM"
_SIGNS = "-_/:.|"
_BEFORE = re.compile(rf"([{_LETTERS}])([{re.escape(_SIGNS)}])(\S.*)", re.IGNORECASE)
_AFTER = re.compile(rf"(.*\S)([{re.escape(_SIGNS)}])([{_LETTERS}])", re.IGNORECASE)
_BRACKETS = re.compile(r"(?:\(([^()*\s]+))?\*?(\))?")


class Spelling:
    """How the tags of some sentences are written, found from all of them.

    Attributes:
        words: What is unusual about it, as a message says it; "" where nothing is.

    Args:
        sequences: The tags of each sentence.

    Example:

    >>> spelling = Spelling([["B_PER", "M_PER", "E_PER", "o"]])
    >>> spelling.usual(["B_PER", "M_PER", "E_PER", "o"]), spelling.words
    (['B-PER', 'I-PER', 'E-PER', 'O'], 'written as B_PER, with M for I, o for O')
    """

    def __init__(self, sequences: Iterable[Sequence[str]]):
        tags = {tag for sequence in sequences for tag in sequence}
        self._usual: dict[str, str] = {}
        self.brackets = bool(tags - {"*"}) and all("*" in tag or tag.startswith("(") for tag in tags)
        self.brackets = self.brackets and all(tag and _BRACKETS.fullmatch(tag) for tag in tags)
        notes = ["as brackets over tokens, such as (PER*"] if self.brackets else []
        inside = sorted(tags - {OUTSIDE, "o"})
        bare = bool(inside) and set("".join(inside).upper()) <= set(_LETTERS) and all(len(tag) == 1 for tag in inside)
        bare = bare and not {"B", "I"}.isdisjoint("".join(inside).upper())
        if bare:
            self._usual = {tag: tag.upper() for tag in inside}
            notes += [f"as {inside[0]}"] if inside[0].islower() else []
        elif not self.brackets:
            notes += self._lettered(inside)
        letters = {tag[:1] for tag in self._usual.values()}
        if "M" in letters and ("B" in letters or "E" in letters) and not letters & set("ILU"):
            self._usual = {tag: "I" + usual[1:] if usual[0] == "M" else usual for tag, usual in self._usual.items()}
            notes.append("with M for I")
        elif "M" in letters:
            self._usual = {}
            notes = []
        if "o" in tags and OUTSIDE not in tags:
            self._usual["o"] = OUTSIDE
            notes.append("o for O")
        elif "o" in tags and self._usual:
            self._usual["o"] = OUTSIDE
        self.words = f"written {', '.join(notes)}" if notes and notes[0].startswith("as ") else ", ".join(notes)

    def _lettered(self, inside: Sequence[str]) -> list[str]:
        """Find the letter of each tag where all have one, before the type or after it."""
        for read, letter, kind in ((_BEFORE.fullmatch, 1, 3), (_AFTER.fullmatch, 3, 1)):
            found = {tag: match for tag in inside if (match := read(tag))}
            if not found or len(found) < len(inside) or len({match[2] for match in found.values()}) > 1:
                continue
            letters = {match[letter].upper() for match in found.values()}
            if letters.isdisjoint("BI") and not letters <= {"S", "E"}:
                continue
            if letters.isdisjoint("BI") and next(iter(found.values()))[2] != "-":
                continue
            self._usual = {tag: f"{match[letter].upper()}-{match[kind]}" for tag, match in found.items()}
            first = next((tag for tag, usual in self._usual.items() if tag != usual and "M-" != usual[:2]), "")
            return [f"as {first}"] if first else []
        return []

    def usual(self, tags: Sequence[str]) -> list[str]:
        """A sentence's tags in the usual spelling.

        Raises:
            RnnkitError: A bracket is closed that was not opened, or is left open.

        Example:

        >>> Spelling([["(PER*", "*)", "*"]]).usual(["(PER*", "*)", "*"])
        ['B-PER', 'I-PER', 'O']
        """
        if not self.brackets:
            return [self._usual.get(tag, tag) for tag in tags]
        made, kind = [], ""
        for tag in tags:
            match = _BRACKETS.fullmatch(tag)
            opened = match[1] if match else None
            if match is None or (opened and kind) or (match[2] and not (opened or kind)):
                raise RnnkitError(f"the brackets of {tag!r} do not match those before; expected (PER* * *)")
            kind = opened or kind
            made.append(f"{'B' if opened else 'I'}-{kind}" if kind else OUTSIDE)
            kind = "" if match[2] else kind
        if kind:
            raise RnnkitError(f"the bracket of {kind!r} is not closed before the sentence ends; expected (PER* * *)")
        return made
