"""Sound files: what is read, against other readers, and what is refused in a line."""

import io
import sys
import time
import tracemalloc
import warnings
import wave

import numpy as np
import pytest
from data import hostile_sounds
from scipy.io import wavfile

from rnnkit.codec.wav import decode_wav, read_wav
from rnnkit.data.sound_findings import SoundFacts, facts_of, sound_goods, sound_warnings
from rnnkit.data.sound_kinds import decode_sound
from rnnkit.data.sounds import open_sound, resampled, samples_at, sound_fault
from rnnkit.errors import RnnkitError

soundfile = pytest.importorskip("soundfile")
HOSTILE = hostile_sounds.hostile()


def test_there_are_many_hostile_files():
    assert len(HOSTILE) >= 120


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_one_line(name, tmp_path, capfd):
    path = HOSTILE[name](tmp_path)
    tracemalloc.start()
    began = time.perf_counter()
    try:
        with pytest.raises(RnnkitError) as caught:
            open_sound(path, 8000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    line = str(caught.value)
    assert "\n" not in line and len(line) > 20 and time.perf_counter() - began < 10
    assert peak < 128 * 2**20, f"{peak:,} bytes"
    assert capfd.readouterr() == ("", ""), "a decoder wrote to the screen"


@pytest.mark.parametrize("name", hostile_sounds.sound_ones())
def test_unusual_files_are_read_alike(name, tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(hostile_sounds.sound_ones()[name])
    sound = open_sound(path, 8000)
    assert np.array_equal(sound.samples * 32768, hostile_sounds.noise(400))
    assert np.array_equal(read_wav(path, 8000), sound.samples)


@pytest.mark.parametrize(
    ("subtype", "step"),
    [("PCM_U8", 2**-7), ("PCM_16", 2**-15), ("PCM_24", 2**-23), ("PCM_32", 2**-24), ("FLOAT", 0), ("DOUBLE", 2**-25)],
)
@pytest.mark.parametrize("kind", ["WAV", "WAVEX", "RF64"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_width_is_what_libsndfile_and_scipy_read(kind, subtype, step, channels, tmp_path):
    wanted = np.random.default_rng(3).uniform(-1, 1, (501, channels))
    path = tmp_path / "a.wav"
    soundfile.write(path, wanted, 11_025, format=kind, subtype=subtype)
    values, header = decode_wav(path.read_bytes())
    theirs, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert np.array_equal(values, theirs) and rate == header.rate == 11_025
    assert np.abs(values - wanted).max() <= step + 1e-7
    if kind != "RF64" or subtype != "PCM_24":  # scipy reads no such file
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)  # it knows no PEAK chunk
            rate, numbers = wavfile.read(path)
        full = {"u1": 128, "i2": 2**15, "i4": 2**31}.get(numbers.dtype.str[1:], 1)
        shifted = numbers.astype("float64") - (128 if numbers.dtype == np.uint8 else 0)
        assert np.abs(values - shifted.reshape(values.shape) / full).max() < 1e-7


@pytest.mark.parametrize(
    ("kind", "subtype", "shown"),
    [
        ("FLAC", "PCM_16", "FLAC"), ("FLAC", "PCM_24", "FLAC"), ("FLAC", "PCM_S8", "FLAC"), ("OGG", "VORBIS", "Ogg"),
        ("OGG", "OPUS", "Ogg"), ("MP3", "MPEG_LAYER_III", "MP3"), ("WAV", "ULAW", "WAV, µ-law"),
        ("WAV", "ALAW", "WAV, A-law"), ("WAV", "IMA_ADPCM", "WAV, IMA ADPCM"),
        ("WAV", "MS_ADPCM", "WAV, Microsoft ADPCM"),
    ],
)  # fmt: skip
def test_other_kinds_are_read(kind, subtype, shown, tmp_path):
    time_axis = np.arange(24_000) / 48_000
    wanted = 0.4 * np.sin(2 * np.pi * 440 * time_axis) * np.minimum(1, 20 * time_axis)
    path = tmp_path / "a.sound"
    soundfile.write(path, wanted, 48_000, format=kind, subtype=subtype)
    sound = open_sound(path, 48_000)
    assert sound.kind == shown and sound.named == ""
    assert abs(len(sound.samples) - len(wanted)) < 2400
    best = max(
        np.corrcoef(sound.samples[shift : shift + 20_000], wanted[:20_000])[0, 1] for shift in range(0, 2000)
    )  # a lossy kind may begin with its delay
    assert best > 0.99


def test_channels_are_averaged_and_other_rates_resampled_and_both_are_said(tmp_path):
    path = tmp_path / "a.flac"
    tone = np.sin(np.arange(22_050) * 2 * np.pi * 1000 / 44_100)
    soundfile.write(path, np.stack([tone, 0 * tone], axis=1), 44_100, format="WAV", subtype="FLOAT")
    sound = open_sound(path, 16_000)
    wanted = 0.5 * np.sin(np.arange(8000) * 2 * np.pi * 1000 / 16_000)
    assert len(sound.samples) == 8000 and np.abs(sound.samples - wanted)[200:-200].max() < 2e-3
    lines = list(sound_warnings([facts_of("a.flac", sound)], 16_000))
    assert [line.partition(":")[0] for line in lines] == [
        "1 sound has 2 channels; they were averaged into one",
        "1 sound has 44,100 samples a second; resampled to 16,000",
        "1 sound has the ending of another kind (the first is WAV, 32-bit float)",
    ]
    assert next(sound_goods([facts_of("a.flac", sound)] * 2)) == (
        "2 sounds of 0.50 to 0.50 seconds, 0.0 minutes together: WAV, 32-bit float 2."
    )


def test_a_higher_rate_is_said_to_add_nothing():
    low = np.random.default_rng(0).normal(0, 0.1, 800).astype("float32")
    assert len(resampled(low, 8000, 16_000)) == 1600
    assert list(sound_warnings([facts(file_rate=8000)], 16_000)) == [
        "1 sound has 8,000 samples a second, and so nothing above 4,000 Hz; resampled to 16,000: a.wav",
        "No sound has more than 8,000 samples a second: --rate 8000 takes less time and hears as much.",
    ]
    assert len(list(sound_warnings([facts(file_rate=8000), facts(file_rate=16_000)], 16_000))) == 1


def facts(**changed):
    usual = {"name": "a.wav", "seconds": 1.0, "kind": "WAV, 16-bit", "named": "WAV", "file_rate": 16_000, "channels": 1}
    return SoundFacts(**{**usual, "clipped": 0.0, "peak": 0.5, **changed})


def test_clipped_and_quiet_sounds_are_findings_and_no_errors(tmp_path):
    loud = np.clip(3 * np.sin(np.arange(8000) * 0.05), -1, 1)
    file = tmp_path / "loud.wav"
    soundfile.write(file, loud, 8000, subtype="PCM_16")
    sound = open_sound(file, 8000)
    wanted = np.mean(np.abs(loud) == 1)
    assert abs(sound.clipped - wanted) < 0.01 and sound.peak > 0.999
    soundfile.write(file, loud * 0.005, 8000, subtype="PCM_16")
    quiet = open_sound(file, 8000)
    assert quiet.clipped == 0
    lines = list(sound_warnings([facts_of("loud.wav", sound), facts_of("quiet.wav", quiet)], 8000))
    assert "clipped samples" in lines[0] and "loud.wav" in lines[0]
    assert "too quietly" in lines[1] and "quiet.wav" in lines[1] and len(lines) == 2


def test_sounds_beyond_full_scale_are_said_to_be_cut_off():
    found = [facts(peak=3.0, clipped=0.2), facts(name="b.wav", peak=1.5), facts(name="c.wav", peak=1.0)]
    [line] = sound_warnings(found, 16_000)
    assert line.startswith("2 sounds have samples beyond full scale (up to 3), which are cut off at 1 where training")
    assert line.endswith("a.wav, b.wav")


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_floats_that_are_whole_numbers_of_another_kind_are_refused_as_in_an_array(subtype, tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.array([0.0, -20_000.0, 3.0]), 8000, subtype=subtype)
    for read in (open_sound, read_wav):
        with pytest.raises(RnnkitError, match=r"a\.wav has samples up to 20,000; expected samples"):
            read(path, 8000)
    soundfile.write(path, np.array([0.0, -99.0, 3.0]), 8000, subtype=subtype)
    assert open_sound(path, 8000).peak == 99


def test_silence_is_read_where_it_is_wanted(tmp_path):
    file = tmp_path / "a.wav"
    file.write_bytes(hostile_sounds.wav(bytes(800)))
    assert "silent" in (sound_fault(file, 8000) or "")
    assert not open_sound(file, 8000, silent=True).samples.any()


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), 10**12, "8000", True, None])
def test_a_rate_that_no_recording_has_is_refused(rate):
    with pytest.raises(RnnkitError, match="it has .*; expected") as error:
        samples_at((np.zeros(100), rate), 8000, "it")
    assert "\n" not in str(error.value)
    assert len(samples_at((np.zeros(100), np.int64(4000)), 8000)) == 200


def test_the_runner_reads_plain_wav_files_and_names_what_reads_others(tmp_path):
    file = tmp_path / "a.wav"
    with wave.open(str(file), "wb") as made:
        made.setparams((1, 2, 16_000, 0, "NONE", ""))
        made.writeframes(hostile_sounds.noise(400).tobytes())
    assert np.array_equal(read_wav(file, 16_000) * 32768, hostile_sounds.noise(400))
    for content in (file.read_bytes(), hostile_sounds.wav(channels=2), hostile_sounds.encoded("FLAC")):
        file.write_bytes(content)
        with pytest.raises(RnnkitError, match=r"\[train\]"):
            read_wav(file, 8000)


def test_without_the_packages_the_extra_is_named(tmp_path, monkeypatch):
    file = tmp_path / "a.flac"
    file.write_bytes(hostile_sounds.encoded("FLAC"))
    monkeypatch.setitem(sys.modules, "soundfile", None)
    monkeypatch.setitem(sys.modules, "soxr", None)
    with pytest.raises(RnnkitError, match="soundfile, which is not installed"):
        open_sound(file, 16_000)
    file.write_bytes(hostile_sounds.wav())
    assert len(open_sound(file, 8000).samples) == 400
    with pytest.raises(RnnkitError, match="soxr, which is not installed"):
        open_sound(file, 16_000)


@pytest.mark.interop
@pytest.mark.parametrize(
    ("kind", "subtype", "near"),
    [("WAV", "PCM_U8", 1e-6), ("WAV", "PCM_24", 1e-6), ("WAVEX", "PCM_32", 1e-6), ("WAV", "DOUBLE", 1e-6),
     ("RF64", "PCM_16", 1e-6), ("FLAC", "PCM_24", 1e-6), ("OGG", "VORBIS", 2e-4), ("WAV", "ULAW", 1e-6)],
)  # fmt: skip
def test_ffmpeg_reads_the_same(kind, subtype, near):
    av = pytest.importorskip("av")
    file = io.BytesIO()
    wanted = np.random.default_rng(5).normal(0, 0.1, (16_000, 1))
    soundfile.write(file, wanted, 16_000, format=kind, subtype=subtype)
    ours, rate, _ = decode_sound(file.getvalue(), "it", 10.0)
    with av.open(io.BytesIO(file.getvalue())) as opened:
        resampler = av.AudioResampler(format="dblp", layout="mono", rate=16_000)
        frames = [piece for frame in opened.decode(audio=0) for piece in resampler.resample(frame)]
    theirs = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    count = min(len(theirs), len(ours))
    assert rate == 16_000 and abs(len(theirs) - len(ours)) <= (1024 if kind == "OGG" else 0)
    assert np.abs(theirs[:count] - ours[:count, 0]).max() < near
