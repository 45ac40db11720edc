"""abc2midi (Debian's abcmidi), a judge of how tunes sound that shares no code with ours, and what its MIDI holds."""

import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest

#: A note's start in quarter notes, and its pitch as MIDI counts it.
Notes = list[tuple[float, int]]
_SLACK = 0.04  # quarters; the judge's files have 480 ticks a quarter, and every beginning of its own
NEEDED = pytest.mark.skipif(shutil.which("abc2midi") is None, reason="abc2midi is not installed (Debian: abcmidi)")


def notes_of(midi: bytes) -> Notes:
    """The notes of a MIDI file in the order in which they begin."""
    mido = pytest.importorskip("mido", reason="of the extra music")
    file = mido.MidiFile(file=io.BytesIO(midi))
    found: Notes = []
    for track in file.tracks:
        now = 0
        for event in track:
            now += event.time
            if event.type == "note_on" and event.velocity:
                found.append((now / file.ticks_per_beat, event.note))
    return sorted(found, key=lambda note: (round(note[0] * 24 + 0.1), note[1]))


def judged(abc: str, folder: Path) -> Notes:
    """How abc2midi plays a tune: without chord symbols, ornaments and the swing of hornpipes, chords struck at once."""
    plain = re.sub(r"![A-Za-z]+!|~|^R:.*\n", "", abc, flags=re.MULTILINE)
    plain = re.sub(r"^(K:.*)", r"\1\n%%MIDI chordattack 0", plain, count=1, flags=re.MULTILINE)
    source, target = folder / "judged.abc", folder / "judged.mid"
    source.write_text(plain, encoding="utf-8")
    target.unlink(missing_ok=True)
    subprocess.run(["abc2midi", source, "-o", target, "-NGUI"], capture_output=True, check=False)
    return notes_of(target.read_bytes())


def alike(ours: Notes, theirs: Notes) -> bool:
    """Whether the same pitches begin at the same times."""
    same_pitches = [pitch for _, pitch in ours] == [pitch for _, pitch in theirs]
    return same_pitches and all(abs(one[0] - other[0]) < _SLACK for one, other in zip(ours, theirs, strict=True))


def as_written(abc: str) -> str:
    """A tune that is played once from its beginning to its end."""
    abc = re.sub(r"^P:.*\n?", "", abc, flags=re.MULTILINE)
    lines = abc.split("\n")
    key = next(place for place, line in enumerate(lines) if line.startswith("K:"))
    body = re.sub(r"\[\d|(?<=\|)\d", "|", "\n".join(lines[key + 1 :]))
    return "\n".join([*lines[: key + 1], re.sub(r":*\|[|:\]]*|::", "|", body)])
