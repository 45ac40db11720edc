"""Runs and bundles of every format that rnnkit has ever written load, and answer what they answered then."""

import json
import shutil

import pytest
from formats.record import HERE, INPUTS, answers
from test_golden import same

import rnnkit
from rnnkit.lite.bundle import FORMAT_VERSION
from rnnkit.run.folder import FORMAT
from rnnkit.tasks import names

RUNS = sorted(path.parent for path in HERE.glob("*/*/config.json"))


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run.parent.name}-{run.name}")
def test_a_run_of_an_earlier_format_answers_as_it_did(run, tmp_path):
    then = json.loads((run / "answers.json").read_text(encoding="utf-8"))
    copied = shutil.copytree(run, tmp_path / "run")
    task, bundle = rnnkit.load(copied), rnnkit.lite.load(copied / "lite")
    for runner, said in ((task, then["keras"]), (bundle, then["tflite"])):
        now = answers(runner, run.name)
        assert len(now) == len(said) == 3 and all(map(same, now, said)), (now, said)


def test_each_task_has_a_run_of_every_format():
    assert {*INPUTS, "image_captioner"} == set(names())  # the captioner's is saved_models/image_captioning
    assert {(run.parent.name, run.name) for run in RUNS} == {
        (str(number), key) for number in range(1, FORMAT + 1) for key in INPUTS
    }
    newest = [json.loads((run / "lite" / "bundle.json").read_text("utf-8")) for run in RUNS]
    assert {bundle["format_version"] for bundle in newest} == set(range(1, FORMAT_VERSION + 1))


def test_a_run_of_a_later_format_is_refused_in_a_line(tmp_path):
    run = shutil.copytree(RUNS[0], tmp_path / "run")
    for path, name in ((run / "config.json", "format"), (run / "lite" / "bundle.json", "format_version")):
        content = json.loads(path.read_text("utf-8"))
        path.write_text(json.dumps({**content, name: 99}), "utf-8")
    with pytest.raises(rnnkit.RnnkitError, match="has Run format 99, this rnnkit reads 1"):
        rnnkit.load(run)
    with pytest.raises(rnnkit.RnnkitError, match="is of format version 99; this rnnkit reads 1"):
        rnnkit.lite.load(run / "lite")
