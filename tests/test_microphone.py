"""`rnnkit try` with the browser's microphone: Chromium's hears a file, and what is found there is what Python finds."""

import json
import subprocess

import numpy as np
import pytest
from golden.answers import DIGITS, RUNS
from tasks.sounding import OPTIONS, RATE, rows, save, tone
from test_browser import WEB, browser
from test_try import PICTURES, bundle_of, keep_picture, plain, tried

import rnnkit
from rnnkit.page.assets import BUILT, START
from rnnkit.tasks.speech_recognizer.sample import dialled, wav_bytes

pytestmark = pytest.mark.interop
HEARD = 48_000  # samples a second of the file that the microphone hears
DIALLED = 2_000  # of dialled numbers: fewer than a browser gives


def spoken():
    """A stream of 4 seconds: noise, a rising tone, noise, a falling one, noise."""
    quiet = [tone("background", 1.0, seed) for seed in range(3)]
    return np.concatenate([quiet[0], tone("up", 0.3, 71), quiet[1], tone("down", 0.3, 72), quiet[2]])


@pytest.fixture(scope="module", autouse=True)
def page_is_built():
    browser("chromium")
    if not (BUILT / START).is_file():
        pytest.skip("the page is not built: make web")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("microphone") / "words"
    task = rnnkit.SoundClassifier(**{**OPTIONS, "units": 16, "epochs": 25, "time_masks": 0}).fit(rows(150), to=folder)
    task.export(quantize="none")
    return folder


@pytest.fixture(scope="module")
def recognisers(tmp_path_factory):
    """Of dialled numbers: one that can run on streams, and one that reads in both directions."""
    calls = [(one.samples, one.text, one.line) for one in dialled(165, 10, 0, 5, DIALLED)]
    found = {}
    for name in ("streaming", "whole"):
        task = rnnkit.SpeechRecognizer(
            rate=DIALLED, bands=16, units=32, layers=1, filters=32, epochs=36, learning_rate=0.005, speed=0.0,
            cache=False, bidirectional=name == "whole",
        )  # fmt: skip
        task.fit(calls, to=tmp_path_factory.mktemp("speech") / name)
        task.export(quantize="none")
        found[name] = task.folder
    return found


def numbers(places):
    """Dialled numbers of other telephones: samples and text."""
    calls = dialled(5, 3, 1, 5, DIALLED)
    return np.concatenate([calls[place].samples for place in places]), [calls[place].text for place in places]


def asked(run, acts, folder, sound, pictures=None):
    """What the page says to what is done there, and the bundle that it runs."""
    with tried(run) as address:
        runner = bundle_of(address, folder / "lite")
        page = {"name": "words", "address": address, "acts": acts, "pictures": pictures and str(pictures)}
        (folder / "asked.json").write_text(json.dumps([page]))
        command = ["node", "tools/try_page.js", browser("chromium"), str(folder / "asked.json"), str(sound)]
        ran = subprocess.run(
            command, cwd=WEB, capture_output=True, text=True, encoding="utf-8", timeout=200, check=False
        )
        assert ran.returncode == 0, ran.stderr[-3000:]
        said = json.loads(ran.stdout)
    assert not said["faults"], said["faults"]
    return said["found"]["words"]["answers"], runner


def test_the_words_that_the_microphone_hears_are_those_that_python_finds(run, tmp_path):
    stream = spoken()
    sound = save(tmp_path / "spoken.wav", np.repeat(stream, HEARD // RATE), HEARD)
    acts = [{"press": "Listen"}, {"wait": 9_000}, {"press": "Stop listening"}, {"wait": 500}]
    (_, _, listening, _, stopped), runner = asked(run, acts, tmp_path, sound)
    assert not listening["error"], listening
    here = [one.label for one in runner.stream([np.tile(stream, 3)])]
    assert here[:4] == ["up", "down", "up", "down"]  # the file is heard over and over
    heard = [one["label"] for one in stopped["answer"]["heard"]]
    assert len(heard) >= 3 and any(heard == here[first : first + len(heard)] for first in (0, 1)), (heard, here)
    assert stopped["said"] == "Not listening" and stopped["answer"]["seconds"] > 7


def test_a_file_is_answered_as_in_python(run, tmp_path):
    samples = tone("down", 0.3, 73)
    sound = save(tmp_path / "down.wav", samples)
    answers, runner = asked(run, [{"label": "Sound", "file": str(sound)}], tmp_path, sound)
    there, here = answers[1]["answer"], runner.predict(sound)[0]
    assert there["label"] == here.label == "down"
    assert there["probabilities"] == pytest.approx(dict(here.probabilities), abs=0.05)  # the browser resamples


def test_speech_from_the_microphone_is_written_as_it_comes(recognisers, tmp_path):
    samples, (text,) = numbers([4])
    sound = save(tmp_path / "spoken.wav", np.repeat(samples, HEARD // DIALLED), HEARD)
    acts = [
        {"press": "Listen"},
        {"wait": 6_000},
        {"press": "Stop listening"},
        {"wait": 500},
        {"label": "Words", "choose": "words"},
    ]
    answers, runner = asked(recognisers["streaming"], acts, tmp_path, sound, tmp_path / "speech")
    _, _, listening, _, stopped, listed = answers
    here = runner.predict(samples, lexicon="words")[0].text
    assert here == text and not listening["error"], (here, text, listening)
    assert len(listening["answer"]["text"]) > len(text) and "Listening" in listening["shown"]
    heard = stopped["answer"]
    assert heard["text"].startswith(listening["answer"]["text"][:10]) and stopped["said"] == heard["text"]
    assert text in listed["answer"]["text"], listed["answer"]["text"]  # the file is heard over and over
    times = [each for word in heard["words"] for each in (word["start"], word["end"])]
    assert times == sorted(times) and times[-1] > 4 and 1 <= len(heard["others"]) <= 4
    assert "When it was said" in stopped["shown"] and "Confidence" in stopped["shown"]
    if PICTURES:
        keep_picture(tmp_path / "speech_1280_light.png", "speech_recognizer")


@pytest.mark.parametrize("name", ["streaming", "whole"])
def test_a_file_of_speech_is_written_down_as_in_python(recognisers, name, tmp_path):
    samples, _ = numbers([1])
    sound, other = tmp_path / "calls.wav", tmp_path / "calls_8000.wav"
    sound.write_bytes(wav_bytes(samples, DIALLED))
    save(other, np.interp(np.arange(4 * len(samples)) / 4, np.arange(len(samples)), samples), 4 * DIALLED)
    acts = [
        {"label": "Recording", "file": str(sound)},
        {"label": "Words", "choose": "words"},
        {"label": "Beam width", "type": "1"},
        {"label": "Beam width", "type": "8"},
        {"label": "Recording", "file": str(other)},
    ]
    (start, free, listed, refused, narrow, resampled), runner = asked(recognisers[name], acts, tmp_path, sound)
    assert ("Press Listen" in start["shown"]) == (name == "streaming")
    for answer, how in ((free, {}), (listed, {"lexicon": "words"}), (narrow, {"lexicon": "words", "beam_width": 8})):
        asked_as = {"beam_width": 32, "n_best": 5, **how}
        here = plain(runner.predict(sound, **asked_as)[0])
        there = answer["answer"]
        assert there["text"] == here["text"] and len(there["text"]) > 2, (there, here)
        assert [text for text, _ in there["others"]] == [text for text, _ in here["others"]]
        for one, other_one in zip(there["words"], here["words"], strict=True):
            assert one == pytest.approx(other_one, abs=1e-3)
    assert "beam_width is 1, greedy" in refused["error"]
    assert not resampled["error"] and resampled["answer"]["words"]


def test_the_shipped_run_of_digits_writes_down_a_file(tmp_path):
    acts = [{"label": "Recording", "file": str(DIGITS)}]
    (_, found), runner = asked(RUNS / "speech_digits", acts, tmp_path, DIGITS, tmp_path / "digits")
    here = runner.predict(DIGITS, beam_width=32, n_best=5)[0]
    assert found["answer"]["text"] == here.text and len(here.text.split()) > 10


def test_a_longer_recording_and_no_sound_are_refused_in_a_line(recognisers, tmp_path):
    most = rnnkit.lite.load(recognisers["whole"] / "lite").bundle.max_length
    (tmp_path / "long.wav").write_bytes(wav_bytes(np.zeros(most + 1, np.float32), DIALLED))
    (tmp_path / "none.wav").write_bytes(b"RIFF of another kind")
    acts = [{"label": "Recording", "file": str(tmp_path / name)} for name in ("long.wav", "none.wav")]
    answers, _ = asked(recognisers["whole"], acts, tmp_path, tmp_path / "long.wav")
    assert f"this bundle takes up to {most:,}: export it with --length N" in answers[1]["error"]
    assert "This file is no sound that the browser can read" in answers[2]["error"]
