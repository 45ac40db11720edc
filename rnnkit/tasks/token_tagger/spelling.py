"""Other spellings of tags as the usual one, B-TYPE: B_PER, PER-B, b-per, M for I, brackets over columns."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from rnnkit.codec.tag_schemes import OUTSIDE
from rnnkit.errors import RnnkitError

_LETTERS = "BIESLUMW"
_WORDS = "BEGIN|INSIDE|MIDDLE|END|LAST|SINGLE|UNIT|WHOLE"  # for which the letters stand
_SIGNS = "-_/:.|#~+=\u2010-\u2015\u2212"
_BEFORE = re.compile(rf"({_WORDS}|[{_LETTERS}])([{_SIGNS}])(\S.*)", re.IGNORECASE)
_AFTER = re.compile(rf"(.*\S)([{_SIGNS}])({_WORDS}|[{_LETTERS}])", re.IGNORECASE)
_BRACKETS = re.compile(r"(?:\(([^()*\s]+))?\*?(\))?")
#: What stands for O where nothing else does: beside tags with a letter, and beside types alone.
_OUTSIDE = ("o", "0", "_", "-", "OUTSIDE", "NONE", "OTHER", "OUT")
_OUTSIDE_OF_TYPES = _OUTSIDE[:6]
_ODD = ("_", "-")  # of a column file, whose last column may be another one


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
        counts = Counter(tag for sequence in sequences for tag in sequence)
        tags = set(counts)
        self._usual: dict[str, str] = {}
        self.brackets = bool(tags - {"*"}) and all("*" in tag or tag.startswith("(") for tag in tags)
        self.brackets = self.brackets and all(tag and _BRACKETS.fullmatch(tag) for tag in tags)
        outside = set() if self.brackets else _outside(counts)
        inside = sorted(tags - {OUTSIDE} - outside)
        notes = ["as brackets over tokens, such as (PER*"] if self.brackets else []
        bare = bool(inside) and set("".join(inside).upper()) <= set(_LETTERS) and all(len(tag) == 1 for tag in inside)
        bare = bare and not {"B", "I"}.isdisjoint("".join(inside).upper())
        if bare:
            self._usual = {tag: tag.upper() for tag in inside}
            notes += [f"as {inside[0]}"] if inside[0].islower() else []
        elif not self.brackets:
            notes += self._lettered(inside)
        notes += self._other_letters()
        for tag in sorted(outside):
            self._usual[tag] = OUTSIDE
            notes += [f"{tag} for O"] if OUTSIDE not in tags else []
        self.words = f"written {', '.join(notes)}" if notes and notes[0].startswith("as ") else ", ".join(notes)

    def _lettered(self, inside: Sequence[str]) -> list[str]:
        """Find the letter of each tag where all have one, before the type or after it."""
        for read, letter, kind in ((_BEFORE.fullmatch, 1, 3), (_AFTER.fullmatch, 3, 1)):
            found = {tag: match for tag in inside if (match := read(tag))}
            if not found or len(found) < len(inside):
                continue
            letters = {match[letter][0].upper() for match in found.values()}
            if letters.isdisjoint("BI") and (
                not letters <= {"S", "E"} or {match[2] for match in found.values()} != {"-"}
            ):
                continue
            self._usual = {tag: f"{match[letter][0].upper()}-{match[kind]}" for tag, match in found.items()}
            first = next(
                (tag for tag, usual in self._usual.items() if tag != usual and usual[:2] not in ("M-", "W-")), ""
            )
            return [f"as {first}"] if first else []
        return []

    def _other_letters(self) -> list[str]:
        """Write M, for the middle, as I and W, for a whole entity, as S; without tags of either, nothing is done."""
        letters, notes = {tag[:1] for tag in self._usual.values()}, []
        if not letters & {"M", "W"}:
            return []
        usual = {"M": "I" if "I" not in letters else "", "W": "S" if not letters & {"S", "U", "L"} else ""}
        if letters & {"L", "U"} or not letters & {"B", "E"} or "" in {usual[letter] for letter in letters & {"M", "W"}}:
            self._usual = {}
            return []
        for letter in sorted(letters & {"M", "W"}):
            notes.append(f"with {letter} for {usual[letter]}")
        self._usual = {tag: usual.get(made[0], made[0]) + made[1:] for tag, made in self._usual.items()}
        return notes

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


def stand_for_outside(tags: Iterable[str]) -> bool:
    """Whether each tag that is none by itself, "_" or "-", stands for O, since all others have a letter.

    Example:

    >>> stand_for_outside(["B-PER", "_"]), stand_for_outside(["NOUN", "_"])
    (True, False)
    """
    others = set(tags) - {OUTSIDE, *_ODD}
    return bool(others) and all(map(_BEFORE.fullmatch, others))


def _outside(counts: Counter[str]) -> set[str]:
    """The tags that stand for O: "o", or one of some names where there is no O and all others have a letter before a
    type, or where it is the most frequent and all others are types."""
    if OUTSIDE in counts:
        return {"o"} & set(counts)
    there = [tag for tag in counts if tag in _OUTSIDE or tag.upper() in _OUTSIDE]
    if len(there) != 1 or len(counts) == 1:
        return set()
    others = counts.keys() - set(there)
    lettered = any(all(map(read, others)) for read in (_BEFORE.fullmatch, _AFTER.fullmatch))
    bare = {tag.upper() for tag in others} <= {"B", "I"}
    of_types = there[0] == "o" or (
        (there[0] in _OUTSIDE_OF_TYPES or there[0].upper() in _OUTSIDE_OF_TYPES)
        and counts.most_common(1)[0][0] == there[0]
    )
    return set(there) if lettered or bare or of_types else set()
