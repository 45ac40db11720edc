"""A bundle that was made to do harm: one line, at once, whatever it says of itself."""

import json
import os
import shutil
import time

import numpy as np
import pytest
from alarm import at_most

import rnnkit.lite
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.labels import prediction_of
from rnnkit.run.folder import find_run

HOSTILE = {
    "length without end": ({"max_length": 10**12}, "max_length: 1000000000000; expected 1 to 2147483647"),
    "half of a pair": ({"labels": "\ud800"}, r"half of a surrogate pair"),
    "long text": ({"task": "x" * 10_000}, "Unknown task 'xxx"),
    "long format": ({"format": ["x"] * 10_000}, "says format"),
    "long number": ({"max_length": 10**18 * 10}, "has more than 64 bits"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_bundle_json_says_is_bounded(bundle, case):
    changes, message = HOSTILE[case]
    with at_most(20), pytest.raises(RnnkitError, match=message) as error:
        rnnkit.lite.load(bundle(**changes))
    assert "\n" not in str(error.value) and len(str(error.value)) < 600


@pytest.mark.parametrize("name", ["bundle.json", "model.tflite", "vocab.txt", "labels.txt"])
def test_pipes_folders_and_endless_files_in_a_bundle_are_not_read(bundle, name):
    for kind, message in (("pipe", "is a named pipe"), ("folder", "is a folder"), ("huge", "expected at most"),
                          ("link", "inside the bundle's own folder")):  # fmt: skip
        folder = bundle(name=kind)
        (folder / name).unlink()
        if kind == "pipe":
            os.mkfifo(folder / name)
        elif kind == "folder":
            (folder / name).mkdir()
        elif kind == "link":
            (folder / name).symlink_to("/dev/zero")
        else:
            with (folder / name).open("wb") as file:
                file.truncate(6 << 30)
        with at_most(20), pytest.raises(RnnkitError, match=message) as error:
            rnnkit.lite.load(folder)
        assert "\n" not in str(error.value) and name in str(error.value)


def test_answers_that_are_no_numbers_are_said():
    for row in ([np.nan, np.nan], [0.5, np.inf]):
        with pytest.raises(RnnkitError, match="is no finite number, so its weights are broken"):
            prediction_of(np.array(row), ["bad", "good"])


@pytest.mark.parametrize("name", ["char_text", "char_music", "translation_en_de", "image_captioning"])
@pytest.mark.parametrize("setting", ["states", "memory"])
@pytest.mark.parametrize("number", [30_000_000, 10**12, -1])
def test_numbers_of_states_and_memories_are_bounded(name, setting, number, tmp_path):
    shutil.copytree(find_run(name) / "lite", tmp_path / "lite")
    path = tmp_path / "lite" / "bundle.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    if setting not in said:
        return
    path.write_text(json.dumps({**said, setting: number}), encoding="utf-8")
    began = time.process_time()
    with pytest.raises(RnnkitError, match=f"says {setting}: {number}; expected 0 to 10000"):
        rnnkit.lite.load(tmp_path / "lite")
    assert time.process_time() - began < 10


@pytest.mark.parametrize("length", [10**12, 0, -1])
def test_the_length_of_a_word_is_bounded(length, tmp_path):
    shutil.copytree(find_run("conll_ner") / "lite", tmp_path / "lite")
    path = tmp_path / "lite" / "bundle.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**said, "word_length": length}), encoding="utf-8")
    with pytest.raises(RnnkitError, match=f"says word_length: {length}; expected 1 to 10000"):
        rnnkit.lite.load(tmp_path / "lite")
