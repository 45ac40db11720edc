"""Transposition: the same melody, with the letters and accidentals of another key."""

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

from rnnkit.codec.abc import Tune
from rnnkit.codec.abc_keys import ACCIDENTALS, EXPLICIT, LETTERS, SIGNS, Key, NotAKey, names_key, read_key
from rnnkit.codec.abc_tokens import abc_tokens

_SEMITONES = (0, 2, 4, 5, 7, 9, 11)
_ALTERED = {"b": -1, "": 0, "#": 1}
#: A note; words and marks within a chord are passed over.
_PITCH = re.compile(r"\"[^\"]*\"|![^!]*!|(\^\^?|__?|=)?([A-Ga-g])([,']*)")
_ROOT = re.compile(r"(?<=[\"/])([A-G])([#b]?)")
_WORD = re.compile(r"\"[A-Z](?!min|maj|dim|aug|sus|add)[a-z]{2}")  # the beginning of one, rather than a chord symbol
_MOST_SHARPS = 5  # keys with more are rare, and hard to read


class Beyond(Exception):
    """The other key would need a double sharp of a double sharp, or is one that is never used."""


def transposed(tune: Tune, key: str) -> Tune | None:
    """The tune in another key of the same mode; None where that cannot be written.

    Letters move by the interval between the keys, by at most a fourth up or down; accidentals keep their meaning
    relative to the key. Chord symbols, grace notes, key changes and the accidentals of keys are transposed too. Tunes
    without a tonic (`none`, `HP`) stay where they are.

    Args:
        tune: A tune in a key known to `rnnkit.codec.abc_keys.read_key`.
        key: The other key, such as "G" or "Em"; accidentals of its own are passed over.

    Example:

    >>> transposed(Tune({"K": "D"}, '"A7"^de=f|c2A,2|]'), "G").body
    '"D7"^ga_b|f2D2|]'
    >>> transposed(Tune({"K": "Dphr ^f"}, "DEF|"), "Ephr").header["K"]
    'Ephr ^g'
    """
    old, new = (_read(each) for each in (tune.header.get("K", ""), key))
    if not old or not new or old.mode != new.mode:
        return None
    steps = (LETTERS.index(new.tonic[0]) - LETTERS.index(old.tonic[0]) + 3) % 7 - 3
    semitones = (_tone(new.tonic[0], new.tonic[1:]) - _tone(old.tonic[0], old.tonic[1:]) + 6) % 12 - 6
    move = _Move(steps, semitones)
    try:
        header = {**tune.header, "K": move.key(old).plain}
        return Tune(header, "".join(move.tokens(tune.body, old)), tune.place)
    except (Beyond, NotAKey):
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
    keys = Counter(key.base for key in (_read(tune.header.get("K", "")) for tune in tunes) if key)
    made = []
    for tune in tunes:
        key = _read(tune.header.get("K", ""))
        others = [(other, count) for other, count in sorted(keys.items()) if key and _fits(key, other)]
        for _ in range(min(copies, len(others))):
            other = chance.choices([name for name, _ in others], [count for _, count in others])[0]
            others = [each for each in others if each[0] != other]
            moved = transposed(tune, other)
            if moved:
                made.append(moved)
    return made


class _Move:
    """An interval: a number of letters and a number of semitones."""

    def __init__(self, steps: int, semitones: int) -> None:
        self.steps, self.semitones = steps, semitones

    def tokens(self, body: str, key: Key) -> Iterator[str]:
        """The tokens of a tune's music, moved."""
        before, after = key.signature, self.key(key).signature
        for kind, text in abc_tokens(body):
            if kind in ("field", "inline") and text.lstrip("[").startswith("K:"):
                field = text.strip("[]")[2:]
                if names_key(field):
                    key = read_key(field)
                    before, after = key.signature, self.key(key).signature
                    field = self.key(key).plain
                yield f"[K:{field}]" if kind == "inline" else f"K:{field}"
            elif kind in ("note", "chord", "grace"):
                yield _PITCH.sub(partial(self._pitch, before, after), text)
            elif kind == "text" and not _WORD.match(text):
                yield _ROOT.sub(self._root, text)
            else:
                yield text

    def key(self, key: Key) -> Key:
        """A key, moved, with its accidentals."""
        if key.tonic[:1] not in LETTERS:
            raise Beyond  # nothing says what its notes are relative to
        root = re.fullmatch(r"([A-G])([#b]?)", key.tonic)
        tonic = self._root(root) if root else ""
        plain = Key(tonic, key.mode)
        if not root or sum(map(abs, plain.signature.values())) > _MOST_SHARPS:
            raise Beyond
        own = key.mode == EXPLICIT  # such a key says of every letter how it is altered, of most by silence
        altered = {}
        for letter, number in (key.signature if own else key.accidentals).items():
            name, moved = self._letter(letter)
            altered[name] = number + moved
            if abs(altered[name]) > 2:
                raise Beyond
        return Key(tonic, key.mode, {name: number for name, number in altered.items() if number or not own})

    def _letter(self, letter: str) -> tuple[str, int]:
        """A natural letter, moved, and by how many semitones the new one is to be altered."""
        name = LETTERS[(LETTERS.index(letter) + self.steps) % 7]
        return name, (_tone(letter, "") + self.semitones - _tone(name, "") + 6) % 12 - 6

    def _root(self, match: re.Match[str]) -> str:
        """A letter with `#` or `b`, moved."""
        name, altered = self._letter(match[1])
        altered += _ALTERED[match[2]]
        if abs(altered) > 1:
            raise Beyond
        return name + {-1: "b", 0: "", 1: "#"}[altered]

    def _pitch(self, before: dict[str, int], after: dict[str, int], pitch: re.Match[str]) -> str:
        sign, letter, marks = pitch.groups()
        if not letter:
            return pitch[0]
        octave = letter.islower() + marks.count("'") - marks.count(",")
        octave, place = divmod(7 * octave + LETTERS.index(letter.upper()) + self.steps, 7)
        name = LETTERS[place]
        shown = name.lower() + "'" * (octave - 1) if octave > 0 else name + "," * -octave
        if sign is None:
            return shown
        altered = after[name] + ACCIDENTALS[sign] - before[letter.upper()]
        if abs(altered) > 2:
            raise Beyond
        return SIGNS[altered] + shown


def _tone(letter: str, sign: str) -> int:
    return _SEMITONES[LETTERS.index(letter)] + _ALTERED[sign]


def _read(text: str) -> Key | None:
    """A key with a tonic that is a letter, if it is one."""
    try:
        key = read_key(text)
    except NotAKey:
        return None
    return key if key.tonic and key.tonic[0] in LETTERS else None


def _fits(key: Key, other: str) -> bool:
    return key.base != other and read_key(other).mode == key.mode
