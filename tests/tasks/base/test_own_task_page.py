"""docs/own_task.md: its task keeps the contract, goes through every command, and answers on the phone."""

import dataclasses
import importlib
import json
import re
import shutil
import sys
from pathlib import Path

import jsonschema
import keras
import numpy as np
import pandas as pd
import pytest

import rnnkit
import rnnkit.lite
from rnnkit import tasks
from rnnkit.errors import RnnkitError
from rnnkit.lite import __main__ as program
from rnnkit.tasks import _own, base
from rnnkit.tasks.base.learnt import LEARNT
from rnnkit.tasks.base.scoring import score
from rnnkit.testing import ContractError, check_task

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "own_task.md").read_text(encoding="utf-8")
TASK, CHECK, STATISTICS, FRAME = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SMALL = {"cell": "gru", "units": 6, "epochs": 2, "max_length": 80}


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "sequence_regressor.py"
    path.write_text(TASK, encoding="utf-8")
    yield path
    _own.OWN.classes.clear()
    _own.OWN.sources.clear()
    sys.modules.pop("sequence_regressor", None)


def waves(count=60, seed=0):
    random, rows = np.random.default_rng(seed), []
    for place in range(count):
        period = random.uniform(4, 16)
        values = np.sin(2 * np.pi * np.arange(8 + place % 30) / period)
        rows.append((" ".join(f"{value:.3f}" for value in values), f"{period:.3f}"))
    return rows


def write_csv(path, rows):
    path.write_text("\n".join(["values,target", *map(",".join, rows)]) + "\n", encoding="utf-8")
    return path


def test_it_is_short_and_so_is_what_has_to_be_read_first():
    assert len(TASK.splitlines()) <= 100
    first = [ROOT / "rnnkit" / "tasks" / "base" / name for name in ("contract.py", "preprocessing.py")]
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in first) <= 305
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert all(path.name in contributing for path in first)


def test_three_lines_give_it_intervals(file, monkeypatch):
    file.write_text(TASK.replace("    def exporter", f"{STATISTICS}\n    def exporter"), encoding="utf-8")
    monkeypatch.syspath_prepend(file.parent)
    task = importlib.import_module("sequence_regressor").SequenceRegressor()
    encoded = task.encode_rows(waves(50))
    outputs = encoded.targets + np.random.default_rng(0).normal(size=(50, 1))
    found = score(task, encoded, outputs)
    low, high = found["confidence_intervals"]["mean_absolute_error"]
    assert found["mean_absolute_error"] - 0.3 < low < found["mean_absolute_error"] < high < low + 0.6


@pytest.mark.slow
def test_it_goes_through_every_command_and_answers_on_the_phone(file, command_line, monkeypatch):
    data, more = write_csv(Path("waves.csv"), waves()), write_csv(Path("more.csv"), waves(40, seed=1))
    flags = [word for name, value in SMALL.items() for word in (f"--{name.replace('_', '-')}", value)]
    code, out, err = command_line("check", file, data)
    assert code == 0 and "48 rows to train on" in out, err
    code, _, err = command_line("train", file, data, "--to", "run", *flags)
    assert code == 0, err
    monkeypatch.setenv("RNNKIT_TASKS", str(file))
    for words in (
        ("evaluate", "run", more),
        ("finetune", "run", more, "--to", "tuned", "--epochs", 1),
        ("export", "run", "--data", data, "--quantize", "none"),
    ):
        code, out, err = command_line(*words)
        assert code == 0, err
    assert "of the outputs' spread" in out and "mean absolute error" in out
    code, ours, _ = command_line("predict", "run", "0.1 0.9 0.3 -0.7")
    code_lite, theirs, _ = command_line("predict", "run", "--tflite", "0.1 0.9 0.3 -0.7")
    assert (code, code_lite) == (0, 0) and float(ours) == pytest.approx(float(theirs), abs=1e-4)
    refuses_what_it_cannot_read(Path("run", "lite"))
    answer = rnnkit.load("run").predict("1 2 3")
    _own.OWN.classes.clear()
    _own.OWN.sources.clear()
    sys.modules.pop("sequence_regressor")
    assert rnnkit.load("run").predict(["1 2 3"]) == [answer]
    monkeypatch.delenv("RNNKIT_TASKS")
    _own.OWN.classes.clear()
    code, _, err = command_line("predict", "run", "1 2")
    assert code == 1 and "Unknown task 'sequence_regressor' in run. " in err and "RNNKIT_TASKS=my_task.py" in err
    _own.OWN.sources.clear()
    sys.modules.pop("sequence_regressor")
    monkeypatch.setenv("RNNKIT_TASKS", str(file))
    code, out, err = command_line("predict", "run", "--", "-0.7 -0.9")
    assert code == 0 and float(out), err
    with pytest.raises(RnnkitError, match="expected finite numbers with blanks between"):
        rnnkit.load("run").predict([0.1, 0.9])  # one sequence, and not two of one step
    code, _, err = command_line("predict", "run", "0.1 high")
    assert code == 1 and err == "error: Row 1 is '0.1 high'; expected finite numbers with blanks between.\n"
    code, _, err = command_line("train", file, write_csv(Path("bad.csv"), [*waves(), ("1 2", "3 4")]), "--to", "bad")
    assert code == 1 and "Target 61 is '3 4'; expected one number" in err and not Path("bad").exists()


def refuses_what_it_cannot_read(bundle):
    """The runner of arrays, whatever it is given; and a bundle that says something else than its model."""
    runner = rnnkit.lite.load(bundle)
    [answer] = runner.predict("1 2 3")
    assert runner.predict([[1, 2, 3], np.array([[1.0], [2.0], [3.0]])]) == [answer, answer]
    assert runner.run([]).shape == (0, 1) and program.main([str(bundle), "1 2 3"]) == 0
    for given, said in (
        ("", r"is \[0, 1\]; expected 1 to 80 steps of 1 finite numbers"),
        ("1 two", "could not convert string to float"),
        ("1 2,3", "inhomogeneous"),
        ([[1, 2]] * 3, r"is \[3, 2\]"),
        ([1, float("nan")], r"holds \[nan\] at step 1"),
        ([1e39], r"holds \[1e\+39\] at step 0"),
        ([True], "is of bool"),
        ([None], "is of object"),
        ([1] * 81, r"is \[81, 1\]"),
        ("1_0 2", "a number has an underscore"),
    ):
        with pytest.raises(RnnkitError, match=said) as caught:
            runner.predict([given])
        assert "Sequence 0" in str(caught.value) and "\n" not in str(caught.value)
    with pytest.raises(RnnkitError, match="Expected a list of sequences, got None"):
        runner.predict(None)
    said = json.loads((bundle / "bundle.json").read_text())
    schema = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/schemas/bundle.schema.json").read_text()))
    assert schema.is_valid(said) and not any(
        schema.is_valid({key: value for key, value in said.items() if key != name}) for name in ("runner", "features")
    )
    other = Path(shutil.copytree(bundle, "other"))
    for changed in ({"features": 2}, {"features": 0}, {"features": None}, {"fixed_length": True}):
        (other / "bundle.json").write_text(json.dumps({**said, **changed}))
        with pytest.raises(RnnkitError, match="Export it again"):
            rnnkit.lite.load(other)


@pytest.mark.slow
def test_it_keeps_the_whole_contract(file, monkeypatch):
    monkeypatch.syspath_prepend(str(file.parent))
    made = {}
    exec(CHECK.replace('"epochs": 2}', '"epochs": 2}, inputs=inputs').replace(
        "print(", "inputs = [[float(n) for n in values.split()] for values, _ in rows]\nreport = ("
    ), made)  # fmt: skip
    assert [result.status for result in made["report"].results] == ["passed"] * 10


def planted(file, old, new, point, **given):
    file.write_text(TASK.replace(old, new), encoding="utf-8")
    assert file.read_text(encoding="utf-8") != TASK
    with pytest.raises(ContractError) as caught:
        check_task(tasks.get(str(file)), waves(), options=SMALL, points=(point,), **given)
    return str(caught.value)


def test_a_cast_that_loses_is_found(file):
    said = planted(file, "[:, None]", "[:, None].astype(int)", 3, inputs=[[0.5, 1.5, 2.5]] * 4)
    assert "point 3" in said and "Real numbers became int32" in said


@pytest.mark.slow
def test_an_export_that_is_off_by_a_hundredth_is_found(file):
    off = "ArraysExporter(self)\n\n\nclass Off(ArraysExporter):\n    def expected(self, examples):\n"
    off += "        return super().expected(examples) * 1.01\n"
    said = planted(file, "ArraysExporter(self)\n", off.replace("(self)\n\n", "(self) if False else Off(self)\n\n"), 10)
    assert "point 10" in said and "does not agree with Keras" in said and "servables and expected" in said


@pytest.mark.slow
def test_padding_that_counts_is_found(file):
    said = planted(file, "value=np.nan", "value=0", 4)
    assert "point 4" in said and "The padding is not masked" in said


@pytest.mark.slow
def test_a_data_frame_of_arrays_is_read_by_a_task_that_opens_it(file, monkeypatch):
    monkeypatch.syspath_prepend(str(file.parent))
    made = {"__name__": "sequence_regressor"}
    tasks.get(str(file))
    exec(FRAME, made)
    random = np.random.default_rng(0)
    sounds = [random.normal(size=(5 + place % 9, 3)) for place in range(40)]
    frame = pd.DataFrame({"values": sounds, "target": [float(each.mean()) for each in sounds]})
    task = made["SoundRegressor"](**{**SMALL, "epochs": 1}).fit(frame)
    encoded = task.encode_inputs(sounds[:2])
    assert encoded.inputs[1].dtype == np.float32 and np.allclose(encoded.inputs[1], sounds[1])
    for bad in (sounds[0] * np.nan, sounds[0][:, :2], sounds[0][:, 0]):
        with pytest.raises(RnnkitError, match="expected finite numbers"):
            task.predict([bad])
    with pytest.raises(RnnkitError, match="holds an array"):
        rnnkit.TextClassifier().read(frame, {"text": "values", "label": "target"}).__iter__().__next__()


def test_what_a_strangers_run_has_learnt_is_refused_where_it_is_of_another_type(file, tmp_path):
    made = tasks.get(str(file))(**SMALL).preprocessing
    made.save(tmp_path)
    for content in ('{"scales": 1}', "{}", '{"scales": {"a": 1}}'):
        (tmp_path / LEARNT).write_text(content, encoding="utf-8")
        with pytest.raises(RnnkitError, match="as scales; expected a list"):
            made.load(tmp_path)
    for content in ("[1]", "null", "[]", "3"):
        (tmp_path / LEARNT).write_text(content, encoding="utf-8")
        with pytest.raises(RnnkitError, match=r"learnt.json is .*; expected an object"):
            made.load(tmp_path)


@pytest.mark.parametrize("value", [(0.0, 1.0), {1: "a"}, [float("nan")], np.zeros(2), None, [(1, 2)]])
def test_what_json_would_change_is_refused_before_the_training(file, value):
    made = tasks.get(str(file))(**SMALL)
    learn = made.preprocessing.learn

    def learnt(*given):
        splits = learn(*given)
        made.preprocessing.scales = value
        return splits

    made.preprocessing.learn = learnt
    with pytest.raises(RnnkitError, match="Series.scales is .*; what is learnt is kept as JSON"):
        made.fit(waves())
    assert made.network is None


@pytest.mark.slow
def test_what_a_task_forgot_is_said_by_name(file):
    class Forgetful(tasks.get(str(file))):
        monitor = "val_accuracy"
        options_class = dataclasses.make_dataclass(
            "Options", [("pooled", int, 1)], bases=(tasks.get(str(file)).options_class,), kw_only=True
        )

        def build(self, how=base.INFERENCE):
            network = super().build(how)
            return network if self.options.pooled == 1 else keras.Sequential([network, keras.layers.Dense(1)])

    with pytest.raises(RnnkitError, match="'val_accuracy', which is not among the figures of an epoch: loss, val_loss"):
        Forgetful(**SMALL).fit(waves())
    Forgetful.monitor = "val_loss"
    task = Forgetful(**{**SMALL, "epochs": 1}).fit(waves())
    with pytest.raises(RnnkitError, match=r"different weights \(\d+ and \d+\).* names such options in fixed_options"):
        task.finetune(waves(), pooled=2)


def test_no_test_examples_are_refused_as_what_they_are(file):
    with pytest.raises(RnnkitError, match="the test examples given are 0 rows"):
        tasks.get(str(file))(**SMALL).fit(waves(), [])


def test_a_step_is_padding_where_all_its_features_are_nan():
    steps = np.array([[[1, 2], [np.nan, 3], [np.nan, np.nan]]], "float32")
    assert np.array(base.NaNMasking().compute_mask(steps)).tolist() == [[True, True, False]]
    assert np.array(base.NaNMasking()(steps)).tolist() == [[[1, 2], [0, 3], [0, 0]]]
