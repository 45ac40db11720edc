"""How a tune in ABC notation sounds: its notes in time, without its chord symbols."""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from rnnkit.codec.abc import Tune
from rnnkit.codec.abc_tokens import Token, abc_tokens
from rnnkit.errors import RnnkitError
from rnnkit.tasks.music_model.lengths import LengthReader, note_length
from rnnkit.tasks.music_model.pitches import NOTE, Pitches, midi_pitch
from rnnkit.tasks.music_model.repeats import without_repeats

QUARTERS_A_MINUTE = 120.0  # where a tune does not say its tempo
_GRACE = Fraction(1, 4)  # of the length that is written, at most half of the note that it precedes
_TEMPO = re.compile(r"((?:\d{1,3}/\d{1,3}\s{0,9}){1,4})=\s*(\d{1,4})|(?:C\s*=\s*)?\b(\d{1,4})\b")
_FASTEST = 2000.0  # quarters a minute
_FINEST = 2**32  # parts of a whole note: what is finer is rounded
_HIGHEST = 127  # MIDI's pitches


@dataclass
class PlayedNote:
    """A note: its pitch as MIDI counts it, its start and its length in whole notes."""

    pitch: int
    start: Fraction
    length: Fraction


@dataclass
class Performance:
    """The notes of a tune as it is played.

    `tempi` are places in whole notes and the quarters a minute from there on.
    """

    notes: list[PlayedNote] = field(default_factory=list)
    tempi: list[tuple[Fraction, float]] = field(default_factory=list)


def perform(tune: Tune) -> Performance:
    """The notes of a tune in time: with repeats and parts, tied notes as one, grace notes before the beat's note.

    Args:
        tune: The tune, in one voice.

    Raises:
        RnnkitError: A key is not understood, or a pitch is beyond MIDI's.

    Example:

    >>> from rnnkit.codec.abc import parse_tune
    >>> notes = perform(parse_tune("L:1/4\\nK:Eb\\n_G =E|:E-|E:|")).notes
    >>> [(note.pitch, str(note.start), str(note.length)) for note in notes]
    [(66, '0', '1/4'), (64, '1/4', '1/4'), (63, '1/2', '1/2'), (63, '1', '1/2')]
    """
    player = _Player(without_repeats(tune))
    return Performance(player.notes, player.tempi)


def quarters_a_minute(tempo: str, unit: Fraction) -> float | None:
    """The tempo that a `Q:` field says, in quarter notes a minute; None where it says none.

    Args:
        tempo: What stands behind `Q:`.
        unit: The unit length, which a number alone counts.

    Example:

    >>> [quarters_a_minute(each, Fraction(1, 8)) for each in ("1/4=90", '"Slow" 3/8=60', "240", '"Allegro"')]
    [90.0, 90.0, 120.0, None]
    """
    match = _TEMPO.search(re.sub(r'"[^"]*"', "", tempo))
    if not match:
        return None
    parts = [part.split("/") for part in (match[1] or "").split()]
    if not all(int(below) for _, below in parts):
        return None
    beat = sum((Fraction(int(above), int(below)) for above, below in parts), Fraction()) or unit
    return min(float(4 * beat * int(match[2] or match[3])), _FASTEST) or None


@dataclass
class _Sound:
    """What sounds at a place: letters with octave marks, their pitches, those that are tied on, grace notes."""

    pitches: list[tuple[str, int]] = field(default_factory=list)
    tied: set[str] = field(default_factory=set)
    graces: list[tuple[int, Fraction]] = field(default_factory=list)


class _Player(LengthReader):
    """Reads a tune without repeats."""

    def __init__(self, tune: Tune):
        super().__init__(tune.header.get("M", ""), tune.header.get("L", ""))
        self.pitches = Pitches(tune.header.get("K", ""))
        self.notes: list[PlayedNote] = []
        self.tempi: list[tuple[Fraction, float]] = []
        self.place = Fraction()
        self.sounds: list[_Sound] = []  # of this bar, one for each of its lengths
        self.graces: list[tuple[int, Fraction]] = []
        self.open: dict[str, PlayedNote] = {}  # the notes that are tied to what follows
        self.set_tempo(tune.header.get("Q", ""))
        for token in abc_tokens(tune.body):
            self.read(token)
        self.end_bar("")

    def read(self, token: Token) -> None:
        """Read the next token."""
        kind, text = token
        self.pitches.read(token)
        if kind in ("note", "chord"):
            self.sounds.append(self._sound(text))
        elif kind == "rest":
            self.sounds.append(_Sound())
        elif kind == "grace":
            self.graces += self._grace(text)
        elif kind == "tie" and self.sounds:
            self.sounds[-1].tied.update(name for name, _ in self.sounds[-1].pitches)
        elif kind == "inline" and text.startswith("[Q:"):
            self.set_tempo(text[3:-1])
        super().read(token)

    def end_bar(self, line: str) -> None:
        """Play the bar."""
        for place, length in enumerate(self.lengths):
            self._play(self.sounds[place] if place < len(self.sounds) else _Sound(), length)
        self.sounds = []
        super().end_bar(line)

    def set_tempo(self, text: str) -> None:
        """Read the value of `Q:`."""
        tempo = quarters_a_minute(text, self.unit)
        if tempo:
            self.tempi.append((self.place + self.sum(), tempo))

    def _sound(self, text: str) -> _Sound:
        sound = _Sound(graces=self.graces)
        self.graces = []
        before = self._before()
        for sign, letter, marks, _, tie in NOTE.findall(text):
            if letter:
                name = letter + marks
                altered = self.pitches.altered(sign, letter)
                pitch = before[name] if name in before and not sign else _pitch(letter, marks, altered)
                sound.pitches.append((name, pitch))
                if tie:
                    sound.tied.add(name)
        return sound

    def _before(self) -> dict[str, int]:
        """The pitches that are tied to the next sound."""
        if self.graces:
            return {}
        if self.sounds:
            return {name: pitch for name, pitch in self.sounds[-1].pitches if name in self.sounds[-1].tied}
        return {name: note.pitch for name, note in self.open.items()}

    def _grace(self, text: str) -> list[tuple[int, Fraction]]:
        found = [each for each in NOTE.findall(text) if each[1]]
        return [
            (_pitch(letter, marks, self.pitches.altered(sign, letter)), note_length(length) * self.unit * _GRACE)
            for sign, letter, marks, length, _ in found
        ]

    def _play(self, sound: _Sound, length: Fraction) -> None:
        start, rest = self.place, length
        self.place += length
        if self.place.denominator > _FINEST:
            self.place = Fraction(round(self.place * _FINEST), _FINEST)
        graces = sum((each for _, each in sound.graces), Fraction())
        shorter = min(Fraction(1), length / 2 / graces) if graces else Fraction(1)
        for pitch, each in sound.graces:
            self.notes.append(PlayedNote(pitch, start, each * shorter))
            start, rest = start + each * shorter, rest - each * shorter
        before, self.open = {} if sound.graces else self.open, {}
        for name, pitch in sound.pitches:
            note = before.pop(name, None)
            if note and note.pitch == pitch:
                note.length += length
            else:
                self.notes.append(note := PlayedNote(pitch, start, rest))
            if name in sound.tied:
                self.open[name] = note


def _pitch(letter: str, marks: str, altered: int) -> int:
    pitch = midi_pitch(letter, marks, altered)
    if not 0 <= pitch <= _HIGHEST:
        raise RnnkitError(f"The note {letter}{marks[:20]} is beyond the pitches of MIDI.")
    return pitch
