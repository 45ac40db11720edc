"""Transposition: the same melody, with the letters and accidentals of another key."""

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

from rnnkit.codec.abc import Tune
from rnnkit.codec.abc_text import plain_key
from rnnkit.codec.abc_tokens import abc_tokens

_LETTERS = "CDEFGAB"
_SEMITONES = (0, 2, 4, 5, 7, 9, 11)
#: The number of fifths from C to a letter, and by how many sharps fewer a mode has than major.
_FIFTHS = {"C": 0, "D": 2, "E": 4, "F": -1, "G": 1, "A": 3, "B": 5}
_FEWER = {"": 0, "lyd": -1, "mix": 1, "dor": 2, "m": 3, "phr": 4, "loc": 5}
_SHARPS = "FCGDAEB"
_ACCIDENTALS = {"__": -2, "_": -1, "=": 0, "^": 1, "^^": 2}
_SIGNS = {number: sign for sign, number in _ACCIDENTALS.items()}
_ALTERED = {"b": -1, "": 0, "#": 1}
_KEY = re.compile(r"([A-G])([#b]?)(m|lyd|mix|dor|phr|loc)?")
_PITCH = re.compile(r"(\^\^?|__?|=)?([A-Ga-g])([,']*)")
_ROOT = re.compile(r"(?<=[\"/])([A-G])([#b]?)")
_MOST_SHARPS = 5  # keys with more are rare, and hard to read


class Beyond(Exception):
    """The other key would need a double sharp of a double sharp, or is one that is never used."""


def transposed(tune: Tune, key: str) -> Tune | None:
    """The tune in another key of the same mode; None where that cannot be written.

    Letters move by the interval between the keys, by at most a fourth up or down; accidentals keep their meaning
    relative to the key. Chord symbols, grace notes and key changes are transposed too.

    Args:
        tune: A tune in a key known to `plain_key`.
        key: The other key, such as "G" or "Em".

    Example:

    >>> transposed(Tune({"K": "D"}, '"A7"^de=f|c2A,2|]'), "G").body
    '"D7"^ga_b|f2D2|]'
    """
    old, new = (_KEY.fullmatch(plain_key(each)) for each in (tune.header.get("K", ""), key))
    if not old or not new or old[3] != new[3]:
        return None
    steps = (_LETTERS.index(new[1]) - _LETTERS.index(old[1]) + 3) % 7 - 3
    semitones = (_tone(new[1], new[2]) - _tone(old[1], old[2]) + 6) % 12 - 6
    move = _Move(steps, semitones)
    try:
        header = {**tune.header, "K": move.key(plain_key(tune.header["K"]))}
        return Tune(header, "".join(move.tokens(tune.body, tune.header["K"])), tune.place)
    except Beyond:
        return None


def in_other_keys(tunes: Sequence[Tune], copies: int, seed: int = 0) -> list[Tune]:
    """Up to `copies` transpositions of each tune, to keys of its mode that other tunes use, frequent ones more often.

    Args:
        tunes: The original tunes.
        copies: Number of copies of each tune; fewer where there are fewer keys.
        seed: Random seed.

    Example:

    >>> tunes = [Tune({"K": key}, "GAB|") for key in ("G", "D", "G", "Am")]
    >>> [(tune.header["K"], tune.body) for tune in in_other_keys(tunes, 2)]
    [('D', 'DEF|'), ('G', 'cde|'), ('D', 'DEF|')]
    """
    chance = random.Random(seed)
    keys = Counter(plain_key(tune.header.get("K", "")) for tune in tunes)
    made = []
    for tune in tunes:
        key = plain_key(tune.header.get("K", ""))
        others = [
            (other, count) for other, count in sorted(keys.items()) if other != key and _mode(other) == _mode(key)
        ]
        for _ in range(min(copies, len(others))):
            other = chance.choices([name for name, _ in others], [count for _, count in others])[0]
            others = [each for each in others if each[0] != other]
            moved = transposed(tune, other)
            if moved:
                made.append(moved)
    return made


def signature(key: str) -> dict[str, int]:
    """The key signature: 1 for a sharp, -1 for a flat on each letter.

    Example:

    >>> {letter: number for letter, number in signature("Edor").items() if number}
    {'F': 1, 'C': 1}
    """
    match = _KEY.fullmatch(key)
    if not match:
        raise Beyond
    sharps = _FIFTHS[match[1]] + 7 * _ALTERED[match[2]] - _FEWER[match[3] or ""]
    if abs(sharps) > 7:
        raise Beyond
    raised, lowered = _SHARPS[: max(sharps, 0)], _SHARPS[7 + min(sharps, 0) :]
    return {letter: (letter in raised) - (letter in lowered) for letter in _SHARPS}


class _Move:
    """An interval: a number of letters and a number of semitones."""

    def __init__(self, steps: int, semitones: int) -> None:
        self.steps, self.semitones = steps, semitones

    def tokens(self, body: str, key: str) -> Iterator[str]:
        """The tokens of a tune's music, moved."""
        key = plain_key(key)
        for kind, text in abc_tokens(body):
            if kind in ("field", "inline") and text.lstrip("[").startswith("K:"):
                inside = plain_key(text.strip("[]")[2:])
                key = inside if _KEY.fullmatch(inside) else key
                moved = f"K:{self.key(key)}"
                yield f"[{moved}]" if kind == "inline" else moved
            elif kind in ("note", "chord", "grace"):
                yield _PITCH.sub(partial(self._pitch, signature(key), signature(self.key(key))), text)
            elif kind == "text":
                yield _ROOT.sub(self._root, text)
            else:
                yield text

    def key(self, key: str) -> str:
        """A key, moved."""
        match = _KEY.fullmatch(key)
        if not match:
            raise Beyond
        moved = self._root(match) + (match[3] or "")
        if sum(map(abs, signature(moved).values())) > _MOST_SHARPS:
            raise Beyond
        return moved

    def _root(self, match: re.Match[str]) -> str:
        """A letter with `#` or `b`, moved."""
        letter = _LETTERS[(_LETTERS.index(match[1]) + self.steps) % 7]
        altered = (_tone(match[1], match[2]) + self.semitones - _tone(letter, "") + 6) % 12 - 6
        if abs(altered) > 1:
            raise Beyond
        return letter + {-1: "b", 0: "", 1: "#"}[altered]

    def _pitch(self, before: dict[str, int], after: dict[str, int], pitch: re.Match[str]) -> str:
        sign, letter, marks = pitch[1], pitch[2], pitch[3]
        octave = letter.islower() + marks.count("'") - marks.count(",")
        octave, place = divmod(7 * octave + _LETTERS.index(letter.upper()) + self.steps, 7)
        name = _LETTERS[place]
        shown = name.lower() + "'" * (octave - 1) if octave > 0 else name + "," * -octave
        if sign is None:
            return shown
        altered = after[name] + _ACCIDENTALS[sign] - before[letter.upper()]
        if abs(altered) > 2:
            raise Beyond
        return _SIGNS[altered] + shown


def _tone(letter: str, sign: str) -> int:
    return _SEMITONES[_LETTERS.index(letter)] + _ALTERED[sign]


def _mode(key: str) -> str | None:
    match = _KEY.fullmatch(key)
    return (match[3] or "") if match else None
