"""Keys in ABC notation: what a `K:` field says, its plain form, and the signature it means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

#: Accidentals and the semitones by which they alter a letter.
ACCIDENTALS = {"__": -2, "_": -1, "=": 0, "^": 1, "^^": 2}
SIGNS = {number: sign for sign, number in ACCIDENTALS.items()}
LETTERS = "CDEFGAB"
#: The mode of keys that have the accidentals they name and no others.
EXPLICIT = " exp"
#: Reasons for leaving a tune out.
UNKNOWN_KEY = "a key that is not understood"
MOVING_KEY = "a key or clef that moves all pitches"

_SHARPS = "FCGDAEB"
_FIFTHS = {letter: place - 1 for place, letter in enumerate(_SHARPS)}  # from C to a letter
_ALTERED = {"b": -1, "": 0, "#": 1}
#: The modes by their first three letters in the plain form, and by how many sharps fewer they have than major.
_MODES = {"m": "m", "min": "m", "aeo": "m", "maj": "", "ion": "", "exp": EXPLICIT}
_MODES |= {mode: mode for mode in ("mix", "dor", "phr", "lyd", "loc")}
_FEWER = {"": 0, "lyd": -1, "mix": 1, "dor": 2, "m": 3, "phr": 4, "loc": 5}
_PIPES = {"F": 1, "C": 1}  # of the Highland bagpipe, whether the staff shows them (Hp) or not (HP)
_TONIC = re.compile(r"(HP|Hp)(?![A-Za-z])|(?i:(none))(?![A-Za-z])|([A-G])([#b]?)")
_ACCIDENTAL = re.compile(r"(\^\^?|__?|=)([A-Ga-g])")
_MODE = re.compile(r"[A-Za-z]+(?![A-Za-z0-9])|\s+[A-Za-z]+(?![A-Za-z0-9=])")  # a word before = is a property
_CLEF = re.compile(
    r"(?:clef=)?\"?(?:treble|bass|alto|tenor|baritone|soprano|mezzosoprano|mezzo|perc|none|auto|(?<==)[CFGP])[1-5]?"
    r"([+-](?:8|15))?\"?(?![A-Za-z0-9=])"
)
_PROPERTY = re.compile(r"([A-Za-z]+)=(\"[^\"]*\"|[^\s\"]*)")
_MOVING = ("octave", "transpose", "t", "score", "sound", "shift")
_HARMLESS = set(
    "clef middle m staffscale scale stafflines stem stems gstem dyn lyrics name nm subname snm sname".split()
)
_HARMLESS |= set("merge up down gchord style cue".split())


class NotAKey(Exception):
    """A `K:` field cannot be kept; the message is the reason, one of `UNKNOWN_KEY` and `MOVING_KEY`."""


@dataclass(frozen=True)
class Key:
    """A key.

    Args:
        tonic: A letter with `#` or `b`, "none", "HP" or "Hp"; "" where a field names no key, only a clef.
        mode: "" for major, "m", "mix", "dor", "phr", "lyd", "loc" or `EXPLICIT`.
        accidentals: Those that the field adds, by upper-case letters.
    """

    tonic: str = ""
    mode: str = ""
    accidentals: Mapping[str, int] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The key without added accidentals."""
        return self.tonic + self.mode

    @property
    def plain(self) -> str:
        """The key as it is learnt and shown: short, with single blanks."""
        return " ".join([self.base, *(SIGNS[number] + letter.lower() for letter, number in self.accidentals.items())])

    @property
    def signature(self) -> dict[str, int]:
        """1 for a sharp, -1 for a flat on each letter.

        Raises:
            NotAKey: It has more than seven sharps or flats.
        """
        altered = dict.fromkeys(_SHARPS, 0)
        if self.tonic in ("HP", "Hp"):
            altered |= _PIPES
        elif self.tonic[:1] in _FIFTHS and self.mode in _FEWER:
            sharps = _FIFTHS[self.tonic[0]] + 7 * _ALTERED[self.tonic[1:]] - _FEWER[self.mode]
            if abs(sharps) > 7:
                raise NotAKey(UNKNOWN_KEY)
            altered |= dict.fromkeys(_SHARPS[: max(sharps, 0)], 1) | dict.fromkeys(_SHARPS[7 + min(sharps, 0) :], -1)
        return altered | dict(self.accidentals)


@lru_cache(maxsize=4096)
def read_key(text: str) -> Key:
    """The key that a `K:` field names.

    Args:
        text: What stands behind `K:`: a tonic and a mode, accidentals, and a clef, which is passed over.

    Raises:
        NotAKey: Something in it is not understood, or moves all pitches, such as `transpose=2` and `clef=treble-8`.

    Reference: The abc music standard 2.1, section 3.1.14. What it leaves open is as `abc2midi` has it: `HP` sounds with
        F and C sharp like `Hp`.

    Example:

    >>> [read_key(text).plain for text in ("D Mixolydian", "Dphr^F clef=bass", "D exp _b _e ^f", "Hp", "none")]
    ['Dmix', 'Dphr ^f', 'D exp _b _e ^f', 'Hp', 'none']
    >>> {letter: number for letter, number in read_key("Edor =c").signature.items() if number}
    {'F': 1}
    """
    rest = re.sub(r"(?<!\\)%.*", "", text).replace("♯", "#").replace("♭", "b").strip()
    tonic = mode = ""
    if match := _TONIC.match(rest):
        tonic = match[1] or (match[2] and "none") or match[3] + match[4]
        rest = rest[match.end() :]
        word = _MODE.match(rest) if match[3] else None
        if word and (name := word[0].strip()[:3].lower()) in _MODES:
            mode, rest = _MODES[name], rest[word.end() :]
    accidentals: dict[str, int] = {}
    while rest := rest.lstrip(" \t,"):
        if tonic and (match := _ACCIDENTAL.match(rest)):
            accidentals[match[2].upper()] = ACCIDENTALS[match[1]]
        elif match := _CLEF.match(rest):
            if match[1]:
                raise NotAKey(MOVING_KEY)
        elif (match := _PROPERTY.match(rest)) and match[1].lower() in _HARMLESS.union(_MOVING):
            if moves(match[1], match[2]):
                raise NotAKey(MOVING_KEY)
        else:
            raise NotAKey(UNKNOWN_KEY)
        rest = rest[match.end() :]
    key = Key(tonic, mode, accidentals)
    key.signature  # noqa: B018  which says whether there is one
    return key


def moves(name: str, value: str) -> bool:
    """Whether a property of a key, clef or voice moves its pitches.

    Example:

    >>> moves("octave", "-1"), moves("transpose", "0"), moves("clef", "bass"), moves("clef", "treble-8")
    (True, False, False, True)
    """
    value = value.strip('"')
    return (
        value.endswith(("+8", "-8", "+15", "-15")) if name == "clef" else name in _MOVING and value.strip("+-0") != ""
    )


def plain_key(key: str) -> str:
    """A key in its plain form: the tonic and, unless major, the mode in one or three letters; then its accidentals.

    What names no key is "none"; what is no key stays as it is, with single blanks.

    Example:

    >>> [plain_key(key) for key in ("G", "A minor", "D Mixolydian", "Bb maj clef=bass", "none", "Dphr^F")]
    ['G', 'Am', 'Dmix', 'Bb', 'none', 'Dphr ^f']
    """
    try:
        return read_key(key).plain or "none"
    except NotAKey:
        return " ".join(key.split())


def names_key(text: str) -> bool:
    """Whether a `K:` field within a tune changes the key; one that names a clef alone does not.

    Example:

    >>> names_key("F"), names_key("clef=bass")
    (True, False)
    """
    try:
        return bool(read_key(text).tonic)
    except NotAKey:
        return True
