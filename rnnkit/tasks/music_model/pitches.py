"""Which pitches the letters of a tune in ABC notation mean, under its key and the accidentals of the bar."""

import re
from collections.abc import Iterator
from dataclasses import replace

from rnnkit.codec.abc import Tune
from rnnkit.codec.abc_keys import ACCIDENTALS, LETTERS, SIGNS, NotAKey, names_key, read_key
from rnnkit.codec.abc_tokens import LENGTH, Token, abc_tokens
from rnnkit.errors import RnnkitError

#: A note in a chord or between braces: accidental, letter, octave marks, length, tie. Words and marks are passed over.
NOTE = re.compile(rf"\"[^\"]*\"|![^!]*!|(\^\^?|__?|=)?([A-Ga-g])([,']*)({LENGTH})(-?)")
_SEMITONES = dict(zip(LETTERS, (0, 2, 4, 5, 7, 9, 11), strict=True))
_MIDDLE_C = 60  # as MIDI counts


class Pitches:
    """The alteration of each letter as a tune goes on: its key's, or that of an accidental earlier in the bar.

    An accidental holds for its letter in all octaves up to the bar line, as the standard's `propagate-accidentals
    pitch` has it. A key change ends it too.

    Args:
        key: What stands behind `K:`.

    Raises:
        RnnkitError: The key is not understood.

    Example:

    >>> pitches = Pitches("Eb")
    >>> pitches.altered("=", "E"), pitches.altered("", "e"), pitches.bar(), pitches.altered("", "E")
    (0, 0, None, -1)

    Reference: The abc music standard 2.1, sections 4.2 and 11.3.
    """

    def __init__(self, key: str):
        self.carried: dict[str, int] = {}
        self.key(key)

    def key(self, key: str) -> None:
        """Change the key."""
        try:
            self.signature = read_key(key).signature
        except NotAKey as reason:
            raise RnnkitError(f"The tune has {reason}: K:{key.strip():.40}") from None
        self.carried = {}

    def bar(self) -> None:
        """End a bar."""
        self.carried = {}

    def altered(self, sign: str, letter: str) -> int:
        """By how many semitones a note is altered.

        Args:
            sign: Its accidental, or "".
            letter: In either case.
        """
        letter = letter.upper()
        if sign:
            self.carried[letter] = ACCIDENTALS[sign]
        return self.carried.get(letter, self.signature[letter])

    def read(self, token: Token) -> None:
        """Read a token that is no note: bar lines and key changes."""
        kind, text = token
        if kind in ("bar", "ending"):
            self.bar()
        elif kind in ("field", "inline") and (field := text.lstrip("[")).startswith("K:"):
            if names_key(key := field.removesuffix("]")[2:]):
                self.key(key)


def midi_pitch(letter: str, marks: str, altered: int) -> int:
    """The number of a pitch in MIDI: 60 for `C`, 72 for `c`.

    Example:

    >>> midi_pitch("C", "", 1), midi_pitch("a", "'", 0), midi_pitch("B", ",", -1)
    (61, 93, 58)
    """
    octave = letter.islower() + marks.count("'") - marks.count(",")
    return _MIDDLE_C + 12 * octave + _SEMITONES[letter.upper()] + altered


def with_all_accidentals(tune: Tune) -> Tune:
    """The tune with the accidental of every note written out, so that a reader need know neither its key nor its bars.

    Raises:
        RnnkitError: A key is not understood.

    Example:

    >>> with_all_accidentals(Tune({"K": "D"}, "^G2-|G2 [cF]|")).body
    '^G2-|^G2 [^c^F]|'
    """
    return replace(tune, body="".join(_explicit(tune)))


def _explicit(tune: Tune) -> Iterator[str]:
    pitches = Pitches(tune.header.get("K", ""))
    tied: dict[str, int] = {}  # letter and marks of the notes before a tie, and how they are altered
    last: dict[str, int] = {}
    for token in abc_tokens(tune.body):
        pitches.read(token)
        if token.kind not in ("note", "chord", "grace"):
            tied = last if token.kind == "tie" else tied
            yield token.text
            continue
        last, before, tied = {}, tied, {}

        def written(note: re.Match[str]) -> str:
            sign, letter, marks, length, tie = note.groups()
            if not letter:
                return note[0]
            altered = pitches.altered(sign or "", letter)
            if not sign and letter + marks in before:  # noqa: B023
                altered = before[letter + marks]  # noqa: B023
            last[letter + marks] = altered  # noqa: B023
            if tie:
                tied[letter + marks] = altered  # noqa: B023
            return f"{SIGNS[altered]}{letter}{marks}{length}{tie}"

        yield NOTE.sub(written, token.text)
