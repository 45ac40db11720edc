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
