"""A bundle of two files describes pictures as Keras does; bad bundles get one clear line."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tasks.captioning import exported, pictures, trained

import rnnkit
import rnnkit.lite
from rnnkit.codec.pictures import open_picture
from rnnkit.errors import RnnkitError
from rnnkit.export.flatbuffer import non_builtin, operators

#: They need a network that is trained and converted; test_shipped.py is for every day.
pytestmark = pytest.mark.slow


def check_against_keras(task, bundle: Path) -> None:
    given = [*pictures(6), np.random.default_rng(0).integers(0, 256, (50, 40, 3), np.uint8)]
    assert len({answer.text for answer in task.predict(given)}) > 2  # the picture matters
    ours, theirs = task.predict(given, n_best=2), rnnkit.lite.load(bundle).predict(given, n_best=2)
    assert [answer.text for answer in ours] == [answer.text for answer in theirs]
    assert [answer.score for answer in ours] == pytest.approx([answer.score for answer in theirs], abs=2e-3)
    for one, other in zip(ours, theirs, strict=True):
        assert [text for text, _ in one.others] == [text for text, _ in other.others]


def test_a_phone_says_what_keras_says():
    bundle = exported()
    check_against_keras(trained(), bundle)
    said = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    assert said["agreement"]["same_label"] == 1.0 and said["fixed_length"] is False
    assert set(said["sha256"]) == {"captions.pieces", "decoder.tflite", "encoder.tflite"}
    assert said["bytes"] == sum((bundle / name).stat().st_size for name in ("decoder.tflite", "encoder.tflite"))
    for name in ("decoder.tflite", "encoder.tflite"):
        assert non_builtin((bundle / name).read_bytes()) == []


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("inject", ["init", "par", "merge", "attention"])
def test_every_way_in_says_what_keras_says(inject, cell):
    check_against_keras(trained(inject=inject, cell=cell), exported(inject=inject, cell=cell))


@pytest.mark.parametrize("quantize", ["dynamic", "int8"])
def test_a_smaller_file_is_near(quantize):
    small, large = exported(quantize, shaken=False), exported(shaken=False)
    assert (small / "encoder.tflite").stat().st_size < 0.45 * (large / "encoder.tflite").stat().st_size
    runner, exact = rnnkit.lite.load(small), rnnkit.lite.load(large)
    picture = open_picture(pictures()[0], 32)[None]
    ours, theirs = exact._encode(picture=picture), runner._encode(picture=picture)
    assert set(ours) == set(theirs)
    for name, values in ours.items():
        assert np.abs(values - theirs[name]).mean() < 0.15 * np.abs(values).max()
    assert all(answer.text for answer in runner.predict(pictures()))
    whole = operators((small / "encoder.tflite").read_bytes())
    assert ("QUANTIZE" in whole) == (quantize == "int8")


def test_exports_that_cannot_be(tmp_path):
    with pytest.raises(RnnkitError, match="image_captioner cannot be exported with the strategy 'unroll'"):
        trained().export(tmp_path, strategy="unroll")
    with pytest.raises(RnnkitError, match="int8 calibrates its ranges on real rows"):
        rnnkit.load(trained().folder).export(tmp_path, quantize="int8")
    assert not list(tmp_path.iterdir())


def test_drawn_scenes_stand_in_where_there_are_no_pictures_and_a_server_says_the_same(tmp_path):
    task = rnnkit.load(trained().folder)
    assert task.export(tmp_path, quantize="none")["agreement"]["source"] == "made up"
    rows = task.encode_inputs(pictures(4))
    done = task.export(tmp_path, format="saved_model", rows=rows)
    assert done["agreement"]["same_label"] == 1.0 and done["agreement"]["rows"] == 4


def test_a_fresh_process_describes_without_tensorflow():
    code = (
        "import sys, rnnkit.lite; print(rnnkit.lite.load(sys.argv[1]).predict(sys.argv[2])[0].text); "
        "print(any(name in sys.modules for name in ('tensorflow', 'keras', 'pandas', 'jax')))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(rnnkit.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code, exported(), pictures()[0]], capture_output=True, text=True, env=environment
    )
    assert done.stdout.splitlines() == [trained().predict(pictures()[0]).text, "False"], done.stderr


def test_slips_with_pictures(tmp_path):
    runner = rnnkit.lite.load(exported())
    (tmp_path / "text.png").write_text("no picture")
    for given, message in (
        (tmp_path / "none.png", "There is no file"), (tmp_path / "text.png", "is no picture"),
        (3, "A picture is given as int"), (np.zeros((4, 4), np.uint8), r"given as uint8 \[4, 4\]; expected uint8"),
        (np.zeros((4, 4, 3), np.float32), "given as float32"),
    ):  # fmt: skip
        with pytest.raises(RnnkitError, match=message):
            runner.predict(given)
        with pytest.raises(RnnkitError, match=message):
            trained().predict(given)
    assert list(runner.faults([pictures()[0], tmp_path / "text.png"])) == [1]
    assert runner.predict([]) == trained().predict([]) == []
    with pytest.raises(RnnkitError, match="beam_width is 0"):
        runner.predict(pictures(), beam_width=0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"encoder": None}, "has no 'encoder'"),
        ({"decoder": "encoder.tflite"}, "the model is no captioner"),
        ({"encoder": "decoder.tflite"}, "the model is no encoder of pictures"),
        ({"encoder": "../encoder.tflite"}, "expected one inside the bundle's own folder"),
        ({"sha256": {}}, "records no SHA-256"),
        ({"image_size": 64}, r"the encoder takes \[1, 32, 32, 3\]; expected \[1, 64, 64, 3\]"),
        ({"memory": 1}, "the model is no captioner"),
        ({"search": {"beam_width": "wide"}}, "asks for a search with beam_width 'wide'"),
        ({"max_length": 10**13}, "says max_length: 10000000000000; expected 1 to 2147483647"),
        ({"max_length": 10**6}, "says max_length 1000000; expected 10000 at most"),
        ({"pieces": "bundle.json"}, "bundle.json"),
    ],
)
def test_bad_bundles(settings, message, tmp_path):
    shutil.copytree(exported(), tmp_path / "bundle")
    path = tmp_path / "bundle" / "bundle.json"
    said = json.loads(path.read_text(encoding="utf-8")) | settings
    path.write_text(json.dumps({name: value for name, value in said.items() if value is not None}), encoding="utf-8")
    with pytest.raises(RnnkitError, match=message) as caught:
        rnnkit.lite.load(tmp_path / "bundle")
    assert "\n" not in str(caught.value)


def test_files_of_two_models(tmp_path):
    shutil.copytree(exported(), tmp_path / "bundle")
    path = tmp_path / "bundle" / "bundle.json"
    said, other = json.loads(path.read_text(encoding="utf-8")), exported(units=8) / "encoder.tflite"
    shutil.copy(other, tmp_path / "bundle" / "encoder.tflite")
    said["sha256"]["encoder.tflite"] = hashlib.sha256(other.read_bytes()).hexdigest()
    path.write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(RnnkitError, match=r"the encoder gives .*16, 8.*, and the decoder takes .*16, 12"):
        rnnkit.lite.load(tmp_path / "bundle")


def test_pieces_of_another_model(tmp_path):
    shutil.copytree(exported(), tmp_path / "bundle")
    pieces = tmp_path / "bundle" / "captions.pieces"
    pieces.write_text("\n".join(pieces.read_text(encoding="utf-8").splitlines()[:-1]) + "\n", encoding="utf-8")
    path = tmp_path / "bundle" / "bundle.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    said["sha256"].pop("captions.pieces")
    path.write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(RnnkitError, match=r"lists \d+ pieces for a decoder of \d+ words"):
        rnnkit.lite.load(tmp_path / "bundle")
