"""Files for microcontrollers in TFLite Micro's own interpreter: layers, sequence classifiers, and what it refuses."""

import functools
import json
import shutil
import subprocess
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from tasks import sequencing, tiny

import rnnkit
from rnnkit import cells, lite
from rnnkit.errors import RnnkitError
from rnnkit.export import flatbuffer
from rnnkit.export.micro import write_micro
from rnnkit.export.micro.operators import OPERATORS, adapted
from rnnkit.export.parity import Values
from rnnkit.export.streaming import export_sequence, export_step
from rnnkit.lite.bundle import FILE_NAME

pytest.importorskip("tflite_micro", reason="tflite-micro has no package for this machine (extra micro)")
pytestmark = pytest.mark.interop
STEPS, FEATURES, UNITS = 12, 8, 24


def in_micro(model, rows, stepwise):
    """The outputs y of a layer's file for each row, `[rows, steps, units]`."""
    from rnnkit.export.micro.interpreter import MicroModel

    run = MicroModel(adapted(model))
    calls = [[{"x": x[None]} for x in row] if stepwise else [{"x": row[None]}] for row in rows]
    return np.stack([np.concatenate([each["y"].reshape(-1, UNITS) for each in run.run(row)]) for row in calls])


@pytest.mark.parametrize("kind", [cells.LSTM, cells.GRU, cells.MinGRU])
def test_layers_give_the_numbers_of_keras(kind, tmp_path):
    layer = kind(UNITS, return_sequences=True)
    layer.build((None, None, FEATURES))
    rows = np.random.default_rng(0).normal(size=(12, STEPS, FEATURES)).cumsum(1).astype("f4") / 3
    ours = np.asarray(layer(rows))
    for quantize in ("none", "int8"):
        files = {
            True: export_step(layer, FEATURES, quantize, rows=rows),
            False: export_sequence(layer, FEATURES, STEPS, "unroll", quantize, rows=rows),
        }
        for stepwise, model in files.items():
            agreement = Values().compare(ours, in_micro(model, rows, stepwise), None, "given")
            Values().require(agreement, quantize, "micro")
            done = write_micro(model, tmp_path / f"{quantize} {stepwise}", rows)
            assert 1024 <= done["arena"] <= 2**17 and set(done["operators"]) <= OPERATORS
            assert done["bytes"] == (tmp_path / f"{quantize} {stepwise}" / "model.tflite").stat().st_size
        if quantize == "int8":
            assert "QUANTIZE" in flatbuffer.operators(files[True])
    looped = export_sequence(layer, FEATURES, STEPS, "loop")
    np.testing.assert_allclose(in_micro(looped, rows, False), ours, atol=1e-5)


def test_a_folder_that_is_there_is_kept(tmp_path):
    layer = cells.GRU(4)
    layer.build((None, None, 3))
    model = export_step(layer, 3)
    (tmp_path / "step").mkdir()
    with pytest.raises(RnnkitError, match="step exists already"):
        write_micro(model, tmp_path / "step")
    assert not any((tmp_path / "step").iterdir())
    write_micro(model, tmp_path / "step", overwrite=True)
    with pytest.raises(RnnkitError, match=r"Sequence 0 is \[5, 2\]; the file takes \[1, 3\]"):
        write_micro(model, tmp_path / "other", rows=[np.zeros((5, 2))])


def copied(task, to):
    """A copy of a Run, loaded."""
    shutil.copytree(task.folder, to)
    return rnnkit.load(to)


@functools.cache
def trained():
    """One with enough weights for int8. Do not change it."""
    how = {**sequencing.OPTIONS, "units": 24, "cell": "lstm"}
    return rnnkit.SequenceClassifier(**how).fit(sequencing.rows(120), to=tiny.folder() / "wide")


@pytest.mark.parametrize("quantize", ["none", "int8"])
def test_a_classifier_runs_step_by_step(quantize, tmp_path):
    task, rows = copied(trained(), tmp_path / "run"), sequencing.rows(40, seed=3)
    done = task.export(target="micro", quantize=quantize, rows=task.encode_rows(task.read(rows)))
    folder = tmp_path / "run" / "micro"
    assert done["strategy"] == "step" and done["arena"] % 1024 == 0 and done["states"] > 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [FILE_NAME, "channels.json", "labels.txt", "model.tflite", "rnnkit_micro.h", "run_model.cpp", "run_model.h"]
    )
    bundle = json.loads((folder / FILE_NAME).read_text())
    schema = json.loads((Path(__file__).parents[2] / "docs/schemas/bundle.schema.json").read_text())
    jsonschema.validate(bundle, schema)
    assert bundle["target"] == "micro" and bundle["arena"] == done["arena"] and "run_model.h" in bundle["sha256"]
    runner, inputs = lite.load(folder), [values for values, _ in rows]
    largest = {"none": 1e-4, "int8": 0.4}[quantize]
    for ours, theirs in zip(task.predict(inputs), runner.predict(inputs), strict=True):
        assert ours.probabilities == pytest.approx(theirs.probabilities, abs=largest)
    steps = np.concatenate(inputs)
    again = {one.step: one.label for one in runner.stream(steps, 0.5, 2)}
    task.export(quantize="none")
    if quantize == "none":
        assert again == {one.step: one.label for one in lite.load(tmp_path / "run" / "lite").stream(steps, 0.5, 2)}


def test_a_bundle_whose_files_do_not_fit_is_refused(tmp_path):
    task = copied(sequencing.trained(), tmp_path / "run")
    folder = Path(task.export(target="micro", quantize="none")["path"])
    bundle = json.loads((folder / FILE_NAME).read_text())
    for key, value in {"states": 1, "fixed_length": True, "per_step": "yes", "runner": "sequence_classifier"}.items():
        (folder / FILE_NAME).write_text(json.dumps({**bundle, key: value}))
        with pytest.raises(RnnkitError, match="Export it again"):
            lite.load(folder)
    (folder / FILE_NAME).write_text(json.dumps(bundle))
    (folder / "run_model.h").write_text("#error")
    with pytest.raises(RnnkitError, match="its SHA-256 differs"):
        lite.load(folder)


@pytest.mark.skipif(shutil.which("g++") is None, reason="there is no g++ to compile the header with")
def test_the_header_of_a_classifier_compiles(tmp_path):
    task = copied(sequencing.trained(), tmp_path / "run")
    task.export(target="micro", quantize="none")
    text = (tmp_path / "run" / "micro" / "run_model.h").read_text()
    assert 'kLabels[] = {"fast", "slow"};' in text and 'kChannels[] = {"channel_1", "channel_2"};' in text
    compile_it = ["g++", "-std=c++17", "-Wall", "-Wextra", "-Werror", "-c", "run_model.cpp", "-o", "/dev/null"]
    done = subprocess.run(compile_it, cwd=tmp_path / "run" / "micro", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("pooling", ["mean_max", "last", "max"])
def test_pools_and_learned_states_begin_with_zeros(pooling, tmp_path):
    how = {**sequencing.OPTIONS, "pooling": pooling, "initial_state": "learned", "convolution": 3, "filters": 8}
    task = rnnkit.SequenceClassifier(**how).fit(sequencing.rows(60), to=tmp_path / "run")
    weights = [w + 0.3 for w in task.network.get_weights()]  # learned states that are no zeros
    task.network.set_weights(weights)
    done = task.export(target="micro", quantize="none")
    assert done["agreement"]["largest_difference"] < 1e-4


@pytest.mark.slow
def test_labels_of_steps_and_missing_values_are_in_the_file(tmp_path):
    task = copied(sequencing.trained_steps(), tmp_path / "run")
    rows = sequencing.rows(20, seed=4, missing=0.2, steps=True)
    done = task.export(target="micro", quantize="none", rows=task.encode_rows(task.read(rows)))
    assert done["agreement"]["largest_difference"] < 1e-4
    inputs = [values for values, _ in rows]
    for ours, theirs in zip(task.predict(inputs), lite.load(done["path"]).predict(inputs), strict=True):
        assert ours.labels == theirs.labels
    with pytest.raises(RnnkitError, match="strategy 'unroll'; expected one of auto, step"):
        task.export(target="micro", strategy="unroll")


@pytest.mark.slow
def test_both_directions_take_whole_sequences_of_one_length(tmp_path):
    how = {**sequencing.OPTIONS, "bidirectional": True, "pooling": "attention", "units": 16}
    task = rnnkit.SequenceClassifier(**how).fit(sequencing.rows(60), to=tmp_path / "run")
    rows = task.encode_rows(task.read(sequencing.rows(40, seed=5)))
    for how in ({"strategy": "auto"}, {"strategy": "loop", "length": 10}, {"quantize": "int8", "length": 6}):
        done = task.export(target="micro", rows=rows, **{"quantize": "none", **how})
        assert done["strategy"] == ("loop" if how.get("strategy") == "loop" else "unroll")
    runner = lite.load(done["path"])
    assert len(runner.predict(np.zeros((6, 2)))) == 1
    with pytest.raises(RnnkitError, match="Sequence 1 has 7 steps; this bundle takes exactly 6"):
        runner.predict(np.zeros((7, 2)))
    with pytest.raises(RnnkitError, match="takes whole sequences. Export it with --strategy step"):
        next(runner.stream([[0.0, 0.0]]))
    with pytest.raises(RnnkitError, match="would take 50 steps, and the longest .* has"):
        task.export(target="micro", strategy="loop", length=50, rows=rows)


def test_a_file_that_does_not_agree_is_not_written(tmp_path, monkeypatch):
    task = copied(sequencing.trained(), tmp_path / "run")
    expected = type(task.exporter()).expected
    monkeypatch.setattr(type(task.exporter()), "expected", lambda self, rows: expected(self, rows)[:, ::-1])
    with pytest.raises(RnnkitError, match="does not agree with Keras .* Nothing was written"):
        task.export(target="micro", quantize="none")
    assert not (tmp_path / "run" / "micro").exists()


def test_int8_needs_real_rows(tmp_path):
    task = copied(sequencing.trained(), tmp_path / "run")
    with pytest.raises(RnnkitError, match="int8 calibrates its ranges on real rows, and there are none"):
        task.export(target="micro")
    assert not (tmp_path / "run" / "micro").exists()


def test_the_command_line_says_size_memory_and_what_comes_next(command_line, tmp_path):
    task = copied(sequencing.trained(), tmp_path / "run")
    code, out, _ = command_line("export", task.folder, "--target", "micro", "--quantize", "none")
    assert code == 0
    assert "KiB of arena" in out and "ms for a step" in out and "docs/microcontrollers.md" in out
    code, out, _ = command_line("export", task.folder, "--target", "lite", "--quantize", "none")
    assert code == 0 and "lite" in out
