"""`rnnkit try` with the browser's microphone: Chromium's hears a file, and the words found are Python's."""

import json
import subprocess

import numpy as np
import pytest
from tasks.sounding import OPTIONS, RATE, rows, save, tone
from test_browser import WEB, browser
from test_try import bundle_of, tried

import rnnkit
from rnnkit.page.assets import BUILT, START

pytestmark = pytest.mark.interop
HEARD = 48_000  # samples a second of the file that the microphone hears


def spoken():
    """A stream of 4 seconds: noise, a rising tone, noise, a falling one, noise."""
    quiet = [tone("background", 1.0, seed) for seed in range(3)]
    return np.concatenate([quiet[0], tone("up", 0.3, 71), quiet[1], tone("down", 0.3, 72), quiet[2]])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    browser("chromium")
    if not (BUILT / START).is_file():
        pytest.skip("the page is not built: make web")
    folder = tmp_path_factory.mktemp("microphone") / "words"
    task = rnnkit.SoundClassifier(**{**OPTIONS, "units": 16, "epochs": 25, "time_masks": 0}).fit(rows(150), to=folder)
    task.export(quantize="none")
    return folder


def asked(run, acts, folder, sound):
    """What the page says to what is done there, and the bundle that it runs."""
    with tried(run) as address:
        runner = bundle_of(address, folder / "lite")
        (folder / "asked.json").write_text(json.dumps([{"name": "words", "address": address, "acts": acts}]))
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
