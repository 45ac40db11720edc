"""The bundles that come along answer as they did when their answers were recorded (tests/golden)."""

import json

import pytest
from golden.answers import HERE, RUNS, answers, inputs, same

import rnnkit.lite
from rnnkit.export.flatbuffer import non_builtin
from rnnkit.run.folder import find_run

#: Every fifth input: tests/test_golden.py asks all of them, Keras too.
PLACES = (0, 5, 10, 15)


@pytest.mark.parametrize("run", sorted(path.stem for path in HERE.glob("*.json")))
def test_a_bundle_answers_as_recorded(run):
    then = json.loads((HERE / f"{run}.json").read_text(encoding="utf-8"))
    bundle, asked = RUNS / run / "lite", inputs(then["task"])
    now = answers(rnnkit.lite.load(bundle), then["task"], [asked[place] for place in PLACES])
    assert same(now, [then["tflite"][place] for place in PLACES])
    assert all(non_builtin(model.read_bytes()) == [] for model in bundle.glob("*.tflite"))


def test_a_translator_holds_pieces_and_no_sentence():
    folder = find_run("translation_en_de")
    assert {path.name for path in (folder / "preprocessing").iterdir()} == {"source.pieces"}
    lines = (folder / "preprocessing" / "source.pieces").read_text(encoding="utf-8").splitlines()
    assert max(len(line.split("\t")[0]) for line in lines) < 30
