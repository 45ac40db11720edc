"""The JSON schemas of config.json and bundle.json: as the code has them, true of what rnnkit writes, and strict."""

import copy
import json
import runpy
from pathlib import Path

import jsonschema
import pytest

from rnnkit import tasks

ROOT = Path(__file__).parents[1]
RUNS = sorted([*ROOT.glob("saved_models/*/config.json"), *ROOT.glob("tests/formats/*/*/config.json")])
KINDS = ("config", "bundle")


@pytest.fixture(scope="module")
def schemas():
    found = {kind: json.loads((ROOT / f"docs/schemas/{kind}.schema.json").read_text("utf-8")) for kind in KINDS}
    for schema in found.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    return {kind: jsonschema.Draft202012Validator(schema) for kind, schema in found.items()}


def read(run: Path, kind: str) -> dict:
    return json.loads((run / ("config.json" if kind == "config" else "lite/bundle.json")).read_text("utf-8"))


def faults(validator, content) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(content)]


def test_the_schemas_say_what_the_code_says():
    made = runpy.run_path(str(ROOT / "benchmarks" / "schemas.py"))["texts"]()
    for name, text in made.items():
        kept = (ROOT / "docs" / "schemas" / name).read_text("utf-8")
        assert kept == text, f"docs/schemas/{name} is out of date: run python benchmarks/schemas.py"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("run", RUNS, ids=lambda path: path.parent.name)
def test_runs_and_their_bundles_are_valid(schemas, run, kind):
    assert faults(schemas[kind], read(run.parent, kind)) == []


def test_there_is_a_run_of_each_task():
    assert {read(run.parent, "config")["task"] for run in RUNS} == set(tasks.names())


def fresh(key: str):
    """A task that other tests train too."""
    from tasks import captioning, forecasting, sequencing, sounding, speaking, tagging, tiny, translating, writing
    from tasks.tree_classifier import test_task as trees

    makers = {
        "image_captioner": captioning.trained, "language_model": writing.trained_text,
        "music_model": writing.trained_music, "text_classifier": tiny.trained, "token_tagger": tagging.trained,
        "multilabel_classifier": tiny.trained_label_sets, "translator": translating.trained,
        "sequence_classifier": sequencing.trained, "sound_classifier": sounding.trained,
        "speech_recognizer": speaking.trained,
        "forecaster": forecasting.trained, "tree_classifier": trees.trained,
    }  # fmt: skip
    return makers[key]()


@pytest.mark.slow
@pytest.mark.parametrize("key", tasks.names())
def test_what_is_written_today_is_valid(schemas, key, tmp_path):
    import rnnkit

    task = rnnkit.load(fresh(key).folder)
    task.export(tmp_path / "run", quantize="none")
    assert faults(schemas["config"], read(task.folder, "config")) == []
    assert faults(schemas["bundle"], read(tmp_path / "run", "bundle")) == []


CONFIG_FAULTS = {
    "no task": lambda c: c.pop("task"),
    "no options": lambda c: c.pop("options"),
    "an unknown task": lambda c: c.update(task="fortune_teller"),
    "another format": lambda c: c.update(format=99),
    "an option of another type": lambda c: c["options"].update(units="many"),
    "an option out of range": lambda c: c["options"].update(dropout=1.5),
    "an option that is no choice": lambda c: c["options"].update(schedule="sometimes"),
    "an unknown option": lambda c: c["options"].update(colour="red"),
    "options in a list": lambda c: c.update(options=[]),
}
BUNDLE_FAULTS = {
    "no sha256": lambda b: b.pop("sha256"),
    "an unknown task": lambda b: b.update(task="fortune_teller"),
    "a later version": lambda b: b.update(format_version=2),
    "a length in words": lambda b: b.update(max_length="long"),
    "a length of nothing": lambda b: b.update(max_length=0),
    "a flag that is a number": lambda b: b.update(fixed_length=1),
    "a hash cut short": lambda b: b["sha256"].update({"model.tflite": "abc"}),
    "inputs without names": lambda b: b["inputs"][0].pop("name"),
    "an unknown strategy": lambda b: b.update(strategy="guess"),
    "a file elsewhere": lambda b: b.update({"encoder" if "encoder" in b else "model": "../model.tflite"}),
    "no model": lambda b: b.pop("encoder" if "encoder" in b else "model"),
}


@pytest.mark.parametrize("run", RUNS, ids=lambda path: path.parent.name)
def test_planted_faults_are_refused(schemas, run):
    for kind, planted in (("config", CONFIG_FAULTS), ("bundle", BUNDLE_FAULTS)):
        for what, plant in planted.items():
            content = copy.deepcopy(read(run.parent, kind))
            plant(content)
            assert faults(schemas[kind], content), (kind, what)


@pytest.mark.parametrize("run", RUNS, ids=lambda path: path.parent.name)
def test_what_a_runner_of_the_task_needs_is_required(schemas, run):
    bundle = read(run.parent, "bundle")
    for name in bundle.keys() - {"agreement", "milliseconds", "bytes", "spelling"}:  # the last: earlier ones lack it
        without = {key: value for key, value in bundle.items() if key != name}
        assert faults(schemas["bundle"], without), name
