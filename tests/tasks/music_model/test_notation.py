"""Tunes as files: what is in them is what was written."""

import io
import sys
import wave

import numpy as np
import pytest

from rnnkit.codec.abc import parse_tune
from rnnkit.errors import RnnkitError
from rnnkit.tasks.music_model import notation as score

SCALE = 'T:Up\nM:4/4\nL:1/4\nQ:1/4=60\nK:D\n"D"D F A d|'  # F is F sharp
FREQUENCIES = (293.66, 369.99, 440.0, 587.33)


@pytest.fixture
def packages():
    for package in ("music21", "pretty_midi", "resvg_py", "verovio"):
        pytest.importorskip(package, reason="of the extra music")


def samples(content: bytes) -> tuple[np.ndarray, int]:
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float), file.getframerate()


def test_sound_has_the_pitches_that_are_written(packages):
    sound, rate = samples(score.wav_bytes(SCALE))
    assert len(sound) / rate == pytest.approx(5, abs=0.01)  # four beats, and a second to fade
    assert 0.7 * 32767 < np.abs(sound).max() < 0.9 * 32767
    for beat, wanted in enumerate(FREQUENCIES):
        note = sound[beat * rate : (beat + 1) * rate] * np.hanning(rate)
        spectrum = np.abs(np.fft.rfft(note))
        assert np.fft.rfftfreq(rate, 1 / rate)[spectrum.argmax()] == pytest.approx(wanted, abs=1.1)


def test_repeats_are_played(packages):
    once, rate = samples(score.wav_bytes("M:2/4\nL:1/4\nQ:1/4=60\nK:C\n|:AB:|"))
    endings, _ = samples(score.wav_bytes("M:2/4\nL:1/4\nQ:1/4=60\nK:C\n|:AB|1 cd:|2 ef|]"))
    broken, _ = samples(score.wav_bytes("M:2/4\nL:1/4\nQ:1/4=60\nK:C\nAB|1:|:|:cd|1 ef"))
    assert [round(len(sound) / rate) for sound in (once, endings)] == [5, 9] and len(broken)


def test_files(packages, tmp_path):
    tune = parse_tune(SCALE)
    begin = {".abc": b"X:1\nT:Up", ".mid": b"MThd", ".musicxml": b"<?xml", ".svg": b"<?xml", ".png": b"\x89PNG"}
    for suffix, head in begin.items():
        content = score.write_score(tune, tmp_path / "new" / f"a{suffix}").read_bytes()
        assert content.startswith(head) or (suffix == ".svg" and b"<svg" in content[:200]), suffix
    assert b'text-anchor="middle"' in (tmp_path / "new" / "a.svg").read_bytes()
    assert b"Music21</creator>" not in (tmp_path / "new" / "a.musicxml").read_bytes()
    with pytest.raises(RnnkitError, match=r"its suffix is '.pdf'; expected one of .abc, .mid"):
        score.write_score(tune, tmp_path / "a.pdf")
    with pytest.raises(RnnkitError, match="cannot be written"):
        score.write_score(tune, tmp_path / "new" / "a.abc" / "b.abc")


def bars_of(abc):
    """What a score shows: each bar's key, and its notes with the accidentals that are drawn."""
    found = []
    for bar in score.to_music21(parse_tune(abc)).parts[0].getElementsByClass("Measure"):
        shown = [
            ("^" if pitch.alter > 0 else "_" if pitch.alter < 0 else "=")
            * bool(pitch.accidental and pitch.accidental.displayStatus)
            + pitch.name
            for note in bar.notes
            if "Harmony" not in note.classes
            for pitch in note.pitches
        ]
        key = bar.keySignature and " ".join(pitch.name for pitch in bar.keySignature.alteredPitches)
        found.append((key, " ".join(shown)))
    return found


def test_the_score_shows_the_keys_and_accidentals_of_the_tune(packages):
    assert bars_of("M:4/4\nL:1/4\nK:Eb\n_G =E D G|G4|[K:F]FGAB|") == [
        ("B- E- A-", "_G- =E D G-"),
        (None, "G"),
        ("B-", "F G A B-"),
    ]
    assert bars_of('M:4/4\nL:1/4\nK:D exp _b _e ^f\nDEF=B|"Am"[K:HP]Ffcg|\nK:Bloc\nF-F^f-f|f4|') == [
        ("F# E- B-", "D E- F# =B"),
        ("F# C#", "F# F# C# G"),
        ("", "F F ^F# F#"),
        (None, "F"),
    ]
    assert [key for key, _ in bars_of("M:4/4\nL:1/4\nK:G\n|:ABcd|[1[K:D]f4:|[2\nK:A\nc4|")] == [
        "F#",
        "F# C#",
        "F# C# G#",
    ]


def test_the_score_has_the_metres_and_notes_of_the_tune(packages):
    read = score.to_music21(parse_tune("M:2+2+3/8\nL:1/8\nV:1\nK:G\nHGA BJc dPeq f x|[M:C|]w7 G4|[M:3/4]A6|"))
    metres = [bar.timeSignature.ratioString for bar in read.parts[0].getElementsByClass("Measure") if bar.timeSignature]
    assert metres[0] == "7/8" and metres[-2:] == ["2/2", "3/4"] and len(read.parts) == 1
    assert [note.name for note in read.flatten().notes] == ["G", "A", "B", "C", "D", "E", "F#", "G", "A"]


@pytest.mark.parametrize("abc", ["K:G\n[[", "M:0/0\nK:G\nG", "K:G\nG9999", "K:G\n[GBd", "L:999/1\nK:G\nG", "words"])
def test_no_music(packages, abc):
    assert not score.is_music(abc)
    with pytest.raises(RnnkitError) as raised:
        score.png_bytes(abc)
    assert "\n" not in str(raised.value)


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "music21", None)
    with pytest.raises(RnnkitError, match=r"pip install .*\[music\]"):
        score.is_music(SCALE)
