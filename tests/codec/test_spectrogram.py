"""Frames of sounds against equations written out here, chunks against the whole, and settings as a file."""

import json
from dataclasses import replace

import numpy as np
import pytest

from rnnkit.codec.filterbank import mel_filterbank, warped
from rnnkit.codec.frame_settings import settings_of, settings_text
from rnnkit.codec.ready_frames import ReadyFrames, learnt_scales
from rnnkit.codec.samples import samples_of
from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.errors import RnnkitError


def speech_like(count=6000, seed=0):
    """Noise whose level goes up and down by 60 dB, with some tones."""
    random = np.random.default_rng(seed)
    level = np.repeat(10 ** random.uniform(-4, -1, count // 200 + 1), 200)[:count]
    tones = sum(np.sin(np.arange(count) * random.uniform(0.05, 2)) for _ in range(4))
    return (level * (random.normal(0, 1, count) + tones)).astype(np.float32)


def by_hand(samples, rate, window, hop, bands, coefficients, low, high, pre_emphasis):
    """Frames by the sums themselves: no FFT, no matrix of filters."""
    samples = samples.astype(np.float64)
    size = 1
    while size < window:
        size *= 2
    times, bins = np.arange(window), np.arange(size // 2 + 1)
    fourier = np.exp(-2j * np.pi * np.outer(times, bins) / size)
    hann = np.sin(np.pi * times / window) ** 2
    mel = np.linspace(2595 * np.log10(1 + low / 700), 2595 * np.log10(1 + high / 700), bands + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    frames = []
    for start in range(0, len(samples) - window + 1, hop):
        here = samples[start : start + window]
        before = np.concatenate([[0.0], here[:-1]])
        power = np.abs(((here - pre_emphasis * before) * hann) @ fourier) ** 2
        energies = [
            np.interp(bins * rate / size, edges[band : band + 3], [0, 1, 0], 0, 0) @ power for band in range(bands)
        ]
        logs = np.log(np.maximum(energies, 2.0**-20))
        if coefficients:
            scale = [np.sqrt((1 if k == 0 else 2) / bands) for k in range(coefficients)]
            logs = [
                scale[k] * sum(logs[b] * np.cos(np.pi * k * (2 * b + 1) / (2 * bands)) for b in range(bands))
                for k in range(coefficients)
            ]
        frames.append(logs)
    return np.array(frames)


def slope_by_hand(frames, width, places):
    """The regression of the frames around each place, whose neighbours beyond the ends are the first and the last."""
    made = []
    for place in places:
        around = [frames[min(max(place + k, 0), len(frames) - 1)] for k in range(-width, width + 1)]
        made.append(np.polyfit(np.arange(-width, width + 1), np.array(around), 1)[0])
    return np.array(made)


@pytest.mark.parametrize("coefficients", [0, 7])
@pytest.mark.parametrize(("rate", "window", "hop"), [(8000, 25.0, 10.0), (11_025, 20.0, 20.0), (16_000, 32.0, 7.3)])
def test_frames_are_the_sums_written_out(rate, window, hop, coefficients):
    spectrogram = Spectrogram(
        rate=rate, window=window, hop=hop, bands=12, coefficients=coefficients, low=50.0, high=3900.0, normalise="none"
    )
    samples = speech_like()
    wanted = by_hand(
        samples, rate, round(rate * window / 1000), round(rate * hop / 1000), 12, coefficients, 50, 3900, 0.97
    )
    found = spectrogram.encode(samples)
    assert found.dtype == np.float32 and found.shape == wanted.shape == (spectrogram.frames(6000), coefficients or 12)
    np.testing.assert_allclose(found, wanted, atol=2e-5)


@pytest.mark.parametrize("width", [1, 2, 4])
def test_deltas_are_slopes_and_slopes_of_slopes(width):
    settings = {"rate": 8000, "bands": 5, "normalise": "none", "delta_width": width}
    samples = speech_like()
    plain, both = Spectrogram(**settings).encode(samples), Spectrogram(**settings, deltas=2).encode(samples)
    assert np.array_equal(both[:, :5], plain)
    places = range(len(plain))
    np.testing.assert_allclose(both[:, 5:10], slope_by_hand(plain, width, places), atol=1e-5)
    inside = slice(2 * width, len(plain) - 2 * width)
    longer = np.concatenate([plain[:1]] * 2 * width + [plain] + [plain[-1:]] * 2 * width)  # beyond the ends they repeat
    slopes = slope_by_hand(longer, width, range(len(longer)))
    again = slope_by_hand(slopes, width, range(len(slopes)))[2 * width : -2 * width]
    np.testing.assert_allclose(both[:, 10:], again, atol=1e-5)
    assert np.abs(both[inside, 10:]).max() > 0.01


def test_an_utterance_has_mean_0_and_variance_1():
    frames = Spectrogram(rate=8000, bands=8, deltas=1).encode(speech_like())
    assert np.abs(frames.mean(axis=0)).max() < 1e-5 and np.abs(frames.std(axis=0) - 1).max() < 1e-3


def test_running_normalisation_is_the_recurrence_written_out():
    plain = Spectrogram(rate=8000, bands=4, normalise="none")
    running = Spectrogram(rate=8000, bands=4, normalise="running", memory=20).learnt([speech_like(seed=1)])
    samples = speech_like()
    mean, variance, wanted = np.array(running.mean), np.array(running.std) ** 2, []
    for frame in plain.encode(samples).astype(np.float64):
        mean, old = mean + (frame - mean) / 20, mean
        variance = (1 - 1 / 20) * (variance + (frame - old) ** 2 / 20)
        wanted.append((frame - mean) / np.sqrt(variance))
    np.testing.assert_allclose(running.encode(samples), wanted, atol=1e-4)
    corpus = Spectrogram(**{**json.loads(settings_text(running)), "normalise": "corpus"})
    apart = (plain.encode(samples) - np.array(running.mean)) / np.array(running.std)
    np.testing.assert_allclose(corpus.encode(samples), apart, atol=1e-5)


@pytest.mark.parametrize("normalise", ["none", "corpus", "running"])
@pytest.mark.parametrize("deltas", [0, 1, 2])
@pytest.mark.parametrize("chunk", [1, 37, 80, 200, 999, 6000, "any"])
def test_chunks_of_any_size_are_the_whole(chunk, deltas, normalise):
    spectrogram = Spectrogram(rate=8000, bands=6, deltas=deltas, normalise=normalise, memory=30)
    if normalise != "none":
        spectrogram = spectrogram.learnt([speech_like(seed=1)])
    samples = speech_like(3000 if chunk == 1 else 6000)
    random, heard, made, at = np.random.default_rng(1), spectrogram.start(), [], 0
    while at < len(samples):
        size = int(random.integers(0, 700)) if chunk == "any" else chunk
        frames, heard = spectrogram.step(samples[at : at + size], heard)
        made.append(frames)
        at += size
        late = spectrogram.frames(min(at, len(samples))) - sum(map(len, made))
        assert late == min(spectrogram.context, spectrogram.frames(min(at, len(samples))))
    whole = np.concatenate([*made, spectrogram.finish(heard)])
    np.testing.assert_allclose(whole, spectrogram.encode(samples), atol=1e-5)


@pytest.mark.parametrize("chunk", [37, 999])
@pytest.mark.parametrize("normalise", ["none", "running"])
def test_a_tail_is_silence_behind_the_whole(chunk, normalise):
    settings = {"rate": 8000, "bands": 6, "deltas": 1, "normalise": normalise, "memory": 30}
    plain, spectrogram = Spectrogram(**settings), Spectrogram(**settings, tail=125.0)
    if normalise != "none":
        plain = plain.learnt([speech_like(seed=1)])
        spectrogram = replace(spectrogram, mean=plain.mean, std=plain.std)
    samples = speech_like(3000)
    wanted = plain.encode(np.pad(samples, (0, 1000)))
    assert len(wanted) == spectrogram.frames(3000) == plain.frames(4000) > plain.frames(3000)
    np.testing.assert_allclose(spectrogram.encode(samples), wanted, atol=1e-6)
    heard, made = spectrogram.start(), []
    for at in range(0, len(samples), chunk):
        frames, heard = spectrogram.step(samples[at : at + chunk], heard)
        made.append(frames)
    np.testing.assert_allclose(np.concatenate([*made, spectrogram.finish(heard)]), wanted, atol=1e-5)
    assert spectrogram.frames(199) == 0
    with pytest.raises(RnnkitError, match="The sound has 199 samples"):
        spectrogram.encode(samples[:199])


@pytest.mark.parametrize("count", [199, 200, 279, 280, 360, 440])
def test_streams_that_end_at_once(count):
    spectrogram = Spectrogram(rate=8000, bands=6, deltas=2, normalise="none")
    frames, heard = spectrogram.step(speech_like(count), spectrogram.start())
    whole = np.concatenate([frames, spectrogram.finish(heard)])
    assert whole.shape == (spectrogram.frames(count), 18)
    if len(whole):
        np.testing.assert_allclose(whole, spectrogram.encode(speech_like(count)), atol=1e-5)


def test_a_long_sound_is_cut_into_blocks_of_frames(monkeypatch):
    spectrogram, samples = Spectrogram(rate=8000, bands=6), speech_like()
    wanted = spectrogram.encode(samples)
    monkeypatch.setattr("rnnkit.codec.spectrogram._AT_ONCE", 7)
    np.testing.assert_allclose(spectrogram.encode(samples), wanted, atol=1e-5)


def test_settings_go_into_a_file_and_come_back():
    spectrogram = Spectrogram(rate=8000, coefficients=5, deltas=1, normalise="running").learnt([speech_like()])
    again = settings_of(Spectrogram, json.loads(settings_text(spectrogram)), "it")
    assert again == spectrogram and type(again) is Spectrogram
    good = json.loads(settings_text(spectrogram))
    for name, wrong in {
        "rate": 8000.5, "window": "25", "hop": 0, "bands": True, "coefficients": 41, "low": 5000, "high": 4001,
        "normalise": "loud", "mean": [1.0], "std": [0.0] * 10, "deltas": 3, "memory": 0, "pre_emphasis": None,
    }.items():  # fmt: skip
        with pytest.raises(RnnkitError, match=r"^it: ") as caught:
            settings_of(Spectrogram, {**good, name: wrong}, "it")
        assert "\n" not in str(caught.value)
    for content in (None, [], {}, {**good, "more": 1}, {name: good[name] for name in list(good)[1:]}):
        with pytest.raises(RnnkitError, match="should have the settings"):
            settings_of(Spectrogram, content, "it")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([1, 2], "int64"), (np.zeros((2, 3)), "Mix the channels"), (np.zeros(3, "uint8"), "uint8"), ("abc", "<U3"),
        (np.array([0.1, np.nan]), "sample 2 is nan"), (np.array([20_000.0]), "up to 20,000"),
        ([[1.0], [1.0, 2]], "ragged"), (np.array([1e300]), "sample 1 is 1e+300"),
        (None, "object"), (np.zeros(3, "int32"), "int32"),
    ],
)  # fmt: skip
def test_what_is_no_sound_is_refused(given, said):
    with pytest.raises(RnnkitError, match="expected") as caught:
        samples_of(given, "It")
    assert said in str(caught.value)


def test_what_cannot_be_done_is_refused_by_name():
    with pytest.raises(RnnkitError, match="has 100 samples, 12.5 ms; a frame takes 200"):
        Spectrogram(rate=8000).encode(np.zeros(100, "float32"))
    with pytest.raises(RnnkitError, match="needs the whole sound"):
        Spectrogram().start()
    for normalise in ("corpus", "running"):
        with pytest.raises(RnnkitError, match="no mean is known"):
            Spectrogram(normalise=normalise).start()
        with pytest.raises(RnnkitError, match="no mean is known"):
            Spectrogram(normalise=normalise).encode(speech_like())
    with pytest.raises(RnnkitError, match="lies between two"):
        Spectrogram(rate=8000, bands=128)
    with pytest.raises(RnnkitError, match="no sound to learn"):
        Spectrogram().learnt([])
    with pytest.raises(RnnkitError, match="Sound 2 has 3 samples"):
        Spectrogram().learnt([speech_like(), np.zeros(3, "float32")])


@pytest.mark.interop
def test_frames_are_those_of_librosa():
    librosa = pytest.importorskip("librosa")
    samples = speech_like(16_000)
    emphasised = librosa.effects.preemphasis(samples.astype("float64"), coef=0.97)
    usual = {"n_fft": 512, "hop_length": 160, "win_length": 400, "window": "hann", "center": False}
    frames = np.lib.stride_tricks.sliding_window_view(emphasised, 400)[::160]  # librosa pads a window on both sides
    padded = np.pad(frames, ((0, 0), (56, 56)))
    power = np.stack([np.abs(librosa.stft(each, **usual))[:, 0] ** 2 for each in padded], axis=1)
    bands = librosa.feature.melspectrogram(
        S=power, sr=16_000, n_mels=40, fmin=20, fmax=8000, htk=True, norm=None, power=2.0
    )
    ours = Spectrogram(normalise="none", deltas=1, delta_width=4).encode(samples)
    logs = np.log(np.maximum(bands, 2.0**-20))
    np.testing.assert_allclose(ours[:, :40], logs.T, atol=1e-4)
    slopes = librosa.feature.delta(logs, width=9, mode="nearest")
    np.testing.assert_allclose(ours[:, 40:], slopes.T, atol=1e-4)
    decibels = librosa.power_to_db(bands, amin=2.0**-20, top_db=None)
    cepstra = librosa.feature.mfcc(S=decibels, n_mfcc=13, dct_type=2, norm="ortho")
    mfcc = Spectrogram(normalise="none", coefficients=13).encode(samples)
    np.testing.assert_allclose(mfcc * 10 / np.log(10), cepstra.T, atol=1e-3)
    np.testing.assert_allclose(
        mel_filterbank(40, 512, 16_000, 20, 8000).T,
        librosa.filters.mel(sr=16_000, n_fft=512, n_mels=40, fmin=20, fmax=8000, htk=True, norm=None), atol=1e-6,
    )  # fmt: skip


@pytest.mark.interop
def test_deltas_and_spectra_are_those_of_python_speech_features():
    peer = pytest.importorskip("python_speech_features")
    samples = speech_like(16_000)
    spectrogram = Spectrogram(normalise="none", coefficients=13, deltas=1)
    frames = spectrogram.encode(samples)
    theirs = peer.delta(frames[:, :13].astype("float64"), 2)
    np.testing.assert_allclose(frames[:, 13:], theirs, atol=1e-5)
    power = peer.sigproc.powspec(
        peer.sigproc.framesig(
            peer.sigproc.preemphasis(samples.astype("float64"), 0.97),
            400,
            160,
            winfunc=lambda n: np.hanning(n + 1)[:-1],
        ),
        512,
    )
    bands = np.log(np.maximum(512 * power @ spectrogram.filters, 2.0**-20))
    plain = Spectrogram(normalise="none").encode(samples)
    np.testing.assert_allclose(plain, bands[: len(plain)], atol=1e-4)


@pytest.mark.parametrize("factor", [0.8, 0.95, 1.0, 1.1, 1.25])
def test_frequencies_are_stretched_by_two_lines_that_meet_at_the_turn(factor):
    """Jaitly & Hinton: S / 2 stays, and F_hi min(a, 1) / a, here of 4,800 Hz, becomes F_hi min(a, 1)."""
    hertz = np.linspace(0, 8000, 41)
    turn = 4800 * min(factor, 1)
    expected = np.interp(hertz, [0, turn / factor, 8000], [0, turn, 8000])
    assert np.allclose(warped(hertz, factor, 8000.0), expected, atol=1e-9)


@pytest.mark.parametrize("factor", [0.85, 1.15])
def test_a_warped_front_end_hears_a_higher_voice_as_the_lower_one(factor):
    front = Spectrogram(rate=16_000, bands=40, window=64, pre_emphasis=0.0, low=100.0, normalise="none")
    times = np.arange(4000) / 16_000
    for hertz in (400, 1000, 2500):
        own, other = (np.sin(2 * np.pi * pitch * times).astype("f") for pitch in (hertz, hertz * factor))
        found, expected = front.encode(other, warp=factor).mean(0).argmax(), front.encode(own).mean(0).argmax()
        assert found == expected
        assert front.encode(other).mean(0).argmax() != expected or hertz == 400, "and without it as another band"
    assert np.array_equal(front.encode(own, warp=1.0), front.encode(own))


def test_noise_where_recordings_have_nothing_does_not_drown_the_rest():
    from rnnkit.data.sounds import resampled

    low = speech_like(8000)
    low[::2] = low[1::2]  # nothing near 4,000 Hz either
    front = Spectrogram(rate=16_000, bands=40, normalise="corpus").learnt([resampled(low, 8000, 16_000)])
    noise = np.random.default_rng(0).normal(0, 1e-3, 16_000).astype("float32")
    moved = np.abs(front.encode(resampled(low, 8000, 16_000) + noise) - front.encode(resampled(low, 8000, 16_000)))
    empty, heard = moved[:, -5:].mean(), moved[:, :20].mean()
    assert heard > 0.05 and empty < 15
    ready = ReadyFrames(3, normalise="corpus")  # whose features may have any units
    pitch = np.random.default_rng(0).normal(0, (100, 90, 0.1), (500, 3))
    np.testing.assert_allclose(learnt_scales(ready, [pitch]).std, pitch.std(axis=0))
