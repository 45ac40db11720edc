"""Step by step is the whole, for every cell; decisions on a stream; files for a phone and a server."""

import itertools
import json
import shutil
import time

import keras
import numpy as np
import pytest
from tasks import sequencing

import rnnkit
from rnnkit import cells
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.decisions import decisions
from rnnkit.tasks.sequence_classifier.network import Stepping, is_streamable, sequence_network
from rnnkit.tasks.sequence_classifier.options import SequenceClassifierOptions

LENGTH, FEATURES, LABELS = 7, 3, 2
QUICK = ("gru", "min_lstm")
CELLS = [pytest.param(key, marks=[pytest.mark.slow] * (key not in QUICK)) for key in cells.names()]


@pytest.mark.parametrize("cell", CELLS)
def test_a_step_after_the_other_is_the_whole_for_every_cell(cell):
    values = np.random.default_rng(0).normal(size=(2, LENGTH, FEATURES)).astype(np.float32)
    for changed in (
        {"pooling": "last"}, {"pooling": "mean_max", "convolution": 3, "convolutions": 2, "filters": 4},
        {"pooling": "max", "layers": 2, "residual": True, "initial_state": "learned"},
        {"per_step": True, "convolution": 2}, {"pooling": "mean", "layers": 2, "block": 2},
    ):  # fmt: skip
        options = SequenceClassifierOptions(cell=cell, units=4, **changed)
        network = sequence_network(options, FEATURES, LABELS, LENGTH)
        network.set_weights([np.random.default_rng(1).normal(0, 0.4, each.shape) for each in network.get_weights()])
        stepping, found = Stepping(network, options), []
        states = stepping.start(2)
        assert [int(state.shape[-1]) for state in states] == stepping.sizes
        for step in range(LENGTH):
            logits, states = stepping.step(keras.ops.convert_to_tensor(values[:, step]), states)
            found.append(np.asarray(logits))
        whole = np.asarray(network(values))
        if not options.per_step:
            whole = np.stack([np.asarray(network(values[:, : step + 1])) for step in range(LENGTH)], axis=1)
        np.testing.assert_allclose(np.stack(found, axis=1), whole, atol=2e-5)


def test_what_needs_the_whole_is_no_stream():
    streams = {"pooling": "mean"}, {"per_step": True, "pooling": "attention"}
    wholes = {"bidirectional": True}, {"pooling": "attention"}
    assert all(is_streamable(SequenceClassifierOptions(**each)) for each in streams)
    assert not any(is_streamable(SequenceClassifierOptions(**each)) for each in wholes)


def test_decisions_need_a_probability_for_some_steps():
    def decided(text, **how):
        rows = [np.array({"a": [0.9, 0.1], "b": [0.1, 0.9], "-": [0.5, 0.5]}[sign]) for sign in text]
        return [(one.label, one.step) for one in decisions(rows, "ab", **how)]

    assert decided("aabbb", hold=3) == [("b", 4)]
    assert decided("aaa-aaa", hold=3) == [("a", 2)] and decided("aaa---aaa", hold=3) == [("a", 2), ("a", 8)]
    assert decided("aaabbb", hold=2, threshold=0.95) == [] and decided("ab", hold=1) == [("a", 0), ("b", 1)]
    for how in ({"hold": 0}, {"threshold": 1.5}):
        with pytest.raises(RnnkitError, match="expected 0 to 1, and 1 step or more"):
            decided("a", **how)


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    """A runner of a stream with missing values, and what Keras answers."""
    to = tmp_path_factory.mktemp("lite")
    options = {**sequencing.OPTIONS, "convolution": 3, "epochs": 1}
    task = rnnkit.SequenceClassifier(**options).fit(sequencing.rows(60, missing=0.1), to=to / "run")
    task.export(quantize="none")
    return task, rnnkit.lite.load(to / "run" / "lite")


def test_the_phone_answers_as_keras_whole_and_after_each_step(runner):
    task, phone = runner
    for values, _ in sequencing.rows(3, seed=8, missing=0.2):
        stream = phone.open_stream()
        for step, row in enumerate(values, 1):
            expected = list(task.predict(values[:step]).probabilities.values())
            np.testing.assert_allclose(stream.step(row), expected, atol=1e-5)
        assert phone.predict(values)[0].label == task.predict(values).label
        stream.reset()
        np.testing.assert_allclose(stream.step(values[0]), phone.open_stream().step(values[0]))


@pytest.mark.slow
@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("cell", ["peephole_lstm", "clockwork", "lru"])
def test_the_phone_answers_step_by_step_with_other_cells(cell, per_step, tmp_path):
    options = {**sequencing.OPTIONS, "epochs": 1, "cell": cell, "layers": 2, "per_step": per_step}
    task = rnnkit.SequenceClassifier(**options).fit(sequencing.rows(40, steps=per_step), to=tmp_path)
    task.export(quantize="none")
    phone = rnnkit.lite.load(tmp_path / "lite")
    [(values, _)] = sequencing.rows(1, seed=8)
    stream = phone.open_stream()
    found = np.stack([stream.step(row) for row in values])
    for wholes in (task, phone):
        answers = wholes.predict([values] if per_step else [values[: step + 1] for step in range(len(values))])
        expected = [list(each.probabilities.values()) for each in answers]
        np.testing.assert_allclose(found, np.array(expected[0]).T if per_step else expected, atol=2e-5)


def test_a_live_iterator_gives_decisions_at_once(runner):
    _, phone = runner
    given = itertools.cycle(np.random.default_rng(0).normal(size=(40, 2)).tolist())
    first = next(phone.stream(given, threshold=0.0, hold=3))  # of a stream without an end
    assert first.step == 2 and first.label in phone.labels and 0 < first.probability <= 1
    with pytest.raises(RnnkitError, match="window is 1; expected 2 steps or more"):
        phone.stream(given, window=1)
    with pytest.raises(RnnkitError, match="The step has 3 channels; expected 2, in this order: channel_1, channel_2"):
        list(phone.stream([[1, 2, 3]]))


def test_a_window_answers_from_the_last_steps_alone(runner):
    _, phone = runner
    values = np.random.default_rng(1).normal(size=(30, 2)).astype(np.float32)
    rows = list(phone._rows(values, 8))
    for step, row in enumerate(rows):
        first = max(step // 4 - 1, 0) * 4
        expected = list(phone.predict(values[first : step + 1])[0].probabilities.values())
        np.testing.assert_allclose(row, expected, atol=1e-5, err_msg=str(step))


@pytest.mark.slow
def test_the_ten_thousandth_step_takes_as_long_as_the_first(runner):
    _, phone = runner
    stream, row, seconds = phone.open_stream(), [0.5, -0.5], []
    for _ in range(10_000):
        began = time.perf_counter()
        stream.step(row)
        seconds.append(time.perf_counter() - began)
    early, late = np.median(seconds[100:1100]), np.median(seconds[-1000:])
    assert late < 1.5 * early, (early, late)


def test_what_the_phone_cannot_answer_is_refused_in_a_line(runner):
    _, phone = runner
    for given, said in (
        ([[[1.0, 2.0, 3.0]]], "Sequence 1 has 3 channels; expected 2"),
        (["1,2 x"], "no number"),
        ([[7]], "Sequence 1 has 1 channels; expected 2"),
        ([["a"]], "expected numbers"),
    ):
        with pytest.raises(RnnkitError, match=said):
            phone.predict(given)


def test_a_bundle_whose_files_do_not_fit_is_refused(runner, tmp_path):
    _, phone = runner
    for number, (name, changes, said) in enumerate(
        [
            ("channels.json", {"mean": [0]}, "should have the names of channels"),
            ("channels.json", {"missing": False}, "its channels make 2 features"),
            ("bundle.json", {"states": 3}, "the model is no step of a sequence classifier"),
            ("bundle.json", {"features": 5}, "says 5 features"),
            ("bundle.json", {"per_step": True}, r"expected \[1, time, features\] and \[1, time, outputs\]"),
        ]
    ):
        folder = shutil.copytree(phone.bundle.folder, tmp_path / str(number))
        content = json.loads((folder / name).read_text()) | changes
        (folder / name).write_text(json.dumps(content))
        if name != "bundle.json":
            bundle = json.loads((folder / "bundle.json").read_text())
            del bundle["sha256"][name]
            (folder / "bundle.json").write_text(json.dumps(bundle))
        with pytest.raises(RnnkitError, match=said):
            rnnkit.lite.load(folder)


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"bidirectional": True, "pooling": "attention"}, {"per_step": True}])
def test_every_format_agrees(options, tmp_path):
    steps = options.get("per_step", False)
    data = sequencing.rows(60, steps=steps, missing=0.1)
    task = rnnkit.SequenceClassifier(**{**sequencing.OPTIONS, **options}).fit(data, to=tmp_path / "run")
    for quantize, strategy in (("dynamic", "loop"), ("float16", "loop"), ("none", "unroll")):
        task.export(quantize=quantize, strategy=strategy)
        phone = rnnkit.lite.load(tmp_path / "run" / "lite")
        answer = phone.predict(data[0][0])[0]
        if steps:
            stream, rows = phone.open_stream(), np.array(list(answer.probabilities.values())).T
            near = {"none": 1e-5, "float16": 1e-2, "dynamic": 5e-2}[quantize]
            np.testing.assert_allclose([stream.step(row) for row in data[0][0]], rows, atol=near)
        assert (answer.labels[0] if steps else answer.label) in task.labels
        assert task.evaluate(data, tflite=True)["accuracy"] == pytest.approx(task.evaluate(data)["accuracy"], abs=0.1)
    if not steps:
        with pytest.raises(
            RnnkitError, match="answers whole sequences alone: its network reads them in both directions"
        ):
            next(phone.stream([[1.0, 2.0]]))
    with pytest.raises(
        RnnkitError, match="has 40 steps; this bundle takes up to [12].: export it with --length N or --strategy loop"
    ):
        phone.predict(np.zeros((40, 2)))
    for format in ("saved_model", "keras"):
        assert task.export(format=format)["agreement"]["largest_difference"] < 1e-5


def test_an_export_whose_steps_are_not_the_whole_is_refused(tmp_path, monkeypatch):
    task = sequencing.trained()
    whole = Stepping.step
    monkeypatch.setattr(
        Stepping,
        "step",
        lambda self, x, states: (lambda made: (made[0] * 3 + 5 * x[:, :1], made[1]))(whole(self, x, states)),
    )
    for format in ("tflite", "saved_model"):
        with pytest.raises(RnnkitError, match="does not agree with Keras on .* Nothing was written"):
            rnnkit.load(task.folder).export(tmp_path / format, format=format, quantize="none")
        assert not (tmp_path / format).exists() or not any((tmp_path / format).iterdir())
