"""The sample of spoken words: many speakers, always the same, and one line where it cannot be made."""

import sys

import numpy as np
import pytest

from rnnkit.data import espeak
from rnnkit.data.espeak import RATE, Spoken, speak
from rnnkit.data.spoken_sample import DIGITS, NOISES, made_up_speakers, noise, spoken
from rnnkit.errors import RnnkitError


@pytest.fixture(scope="module")
def digits():
    pytest.importorskip("espeakng_loader")
    return spoken(DIGITS, made_up_speakers(6), rate=8000)


def test_every_speaker_says_every_word(digits):
    assert [(each.speaker, each.text) for each in digits[:11]] == [
        *(("speaker 1", word) for word in DIGITS),
        ("speaker 2", "zero"),
    ]
    assert len(digits) == 60
    assert all(each.samples.dtype == np.float32 for each in digits)
    assert all(0.15 < len(each.samples) / 8000 < 1.5 for each in digits)
    assert all(0.1 < np.abs(each.samples).max() < 0.8 for each in digits)


def test_the_same_arguments_give_the_same_samples(digits):
    again = spoken(DIGITS, made_up_speakers(6), rate=8000)
    other = spoken(DIGITS, made_up_speakers(6), rate=8000, seed=1)
    assert all(np.array_equal(one.samples, two.samples) for one, two in zip(digits, again, strict=True))
    assert not any(np.array_equal(one.samples, two.samples) for one, two in zip(digits, other, strict=True))


def test_six_of_a_word_are_nearer_to_each_other_than_to_other_words(digits):
    """By the nearest neighbour of the mean spectrum in thirds, far above the tenth that chance would find."""

    def thirds(samples):
        parts = np.array_split(samples, 3)
        return np.concatenate([np.log(np.abs(np.fft.rfft(part, 1024))[:400].reshape(40, 10).sum(1)) for part in parts])

    points = np.array([thirds(each.samples) for each in digits])
    points -= points.mean(axis=1, keepdims=True)
    far = np.square(points[:, None] - points[None]).sum(-1) + np.eye(len(points)) * 1e9
    right = [digits[place].text == digits[int(best)].text for place, best in enumerate(far.argmin(axis=1))]
    assert np.mean(right) > 0.25


def test_speed_and_pitch_are_heard():
    pytest.importorskip("espeakng_loader")
    slow, fast = speak([Spoken("seven", "en-us", speed=100), Spoken("seven", "en-us", speed=300)])
    assert len(slow) > 1.5 * len(fast)
    assert RATE == 22_050


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Spoken("seven", "zz-none"), "eSpeak NG has no voice 'zz-none'."),
        (Spoken("", "en-us"), "eSpeak NG said nothing for ''."),
    ],
)
def test_what_cannot_be_said_is_one_line(wanted, said):
    pytest.importorskip("espeakng_loader")
    with pytest.raises(RnnkitError) as error:
        speak([wanted])
    assert str(error.value) == said


def test_a_crash_of_the_engine_is_one_line(monkeypatch):
    pytest.importorskip("espeakng_loader")
    monkeypatch.setattr(espeak, "__name__", "ctypes")  # ctypes:said is not there, and string_at(0) would crash
    with pytest.raises(RnnkitError, match=r"^The voices of eSpeak NG failed \(.*said.*\)\.$"):
        speak([Spoken("seven", "en-us")])


def test_without_the_wheel_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(RnnkitError) as error:
        speak([Spoken("seven", "en-us")])
    message = str(error.value)
    assert message.startswith("Making up spoken words needs the package espeakng_loader, which is not installed.")
    assert "pip install" in message and "\n" not in message


def test_noises_differ_and_are_the_same_each_time():
    made = {kind: noise(kind, 1.0, 8000, seed=4) for kind in NOISES}
    assert all(np.array_equal(each, noise(kind, 1.0, 8000, seed=4)) for kind, each in made.items())
    assert all(0.1 < np.abs(each).max() < 0.8 for each in made.values())
    low = {kind: float((np.abs(np.fft.rfft(each))[:500] ** 2).sum() / (np.abs(np.fft.rfft(each)) ** 2).sum())
           for kind, each in made.items()}  # fmt: skip
    assert low["white"] < low["pink"] < low["brown"]
    assert low["hum"] > 0.9


def test_what_is_not_there_is_refused():
    with pytest.raises(RnnkitError, match="9999 speakers are wanted; there are 1 to 520"):
        made_up_speakers(9999)
    with pytest.raises(RnnkitError, match="There is no noise 'rain'; expected one of white, pink"):
        noise("rain", 1.0)
