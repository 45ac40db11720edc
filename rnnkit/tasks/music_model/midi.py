"""A performance as a MIDI file."""

from collections.abc import Iterable
from fractions import Fraction

from rnnkit.errors import RnnkitError
from rnnkit.tasks.music_model.performance import QUARTERS_A_MINUTE, Performance

TICKS = 10_080  # of a quarter note: a multiple of 2 to the fifth, 9, 5 and 7
_LOUDNESS = 90
_MINUTE = 60_000_000  # microseconds
_LATEST = 2**28  # ticks between two events, as a MIDI file writes them


def midi_file(performance: Performance, name: str = "") -> bytes:
    """Write a performance as a MIDI file with one track, on a piano.

    Args:
        performance: The notes and tempi.
        name: Of the track, such as the tune's title.

    Raises:
        RnnkitError: It is too long for a MIDI file.
    """
    events: list[tuple[int, int, bytes]] = [(0, 0, _meta(0x03, name.encode("utf-8")[:100]))]
    tempi = performance.tempi
    if not tempi or tempi[0][0]:
        tempi = [(Fraction(), QUARTERS_A_MINUTE), *tempi]
    for place, tempo in tempi:
        events.append((_ticks(place), 1, _meta(0x51, min(round(_MINUTE / tempo), 2**24 - 1).to_bytes(3, "big"))))
    for note in performance.notes:
        begin, end = _ticks(note.start), _ticks(note.start + note.length)
        if end > begin:
            events.append((begin, 3, bytes([0x90, note.pitch, _LOUDNESS])))
            events.append((end, 2, bytes([0x80, note.pitch, 0])))
    track = b"".join(_track(sorted(events, key=lambda event: event[:2])))
    begin_file = b"MThd" + (6).to_bytes(4, "big") + b"".join(each.to_bytes(2, "big") for each in (0, 1, TICKS))
    return begin_file + b"MTrk" + len(track).to_bytes(4, "big") + track


def _track(events: Iterable[tuple[int, int, bytes]]) -> Iterable[bytes]:
    now = 0
    for place, _, event in events:
        if place - now >= _LATEST:
            raise RnnkitError("The tune has a note or rest that is too long for a MIDI file.")
        yield _number(place - now) + event
        now = place
    yield b"\0" + _meta(0x2F, b"")


def _ticks(place: Fraction) -> int:
    return round(place * 4 * TICKS)


def _meta(kind: int, content: bytes) -> bytes:
    return bytes([0xFF, kind]) + _number(len(content)) + content


def _number(value: int) -> bytes:
    """A number in seven bits a byte, all but the last marked."""
    found = [value & 0x7F]
    while value := value >> 7:
        found.append(value & 0x7F | 0x80)
    return bytes(reversed(found))
