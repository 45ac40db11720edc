"""Exports agree with Keras, number by number, or are not written."""

import errno
import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from tasks.tiny import OPTIONS, copied, rows, trained

import rnnkit
from rnnkit import lite
from rnnkit.data.tables import open_table
from rnnkit.errors import DisagreementError, RnnkitError
from rnnkit.export import choices, convert, exporter, parity
from rnnkit.export.saved_model import save_servable
from rnnkit.export.servable import ServableParts
from rnnkit.testing.shared import Child

EVERY_WAY = [
    (cell, strategy, quantize)
    for cell in ("lstm", "gru")
    for strategy in ("padded", "loop", "unroll", "fused")
    for quantize in ("none", "float16", "dynamic", "int8")
    if (strategy, quantize) not in (("padded", "int8"), ("loop", "int8")) and (cell, strategy) != ("gru", "fused")
]
QUICK = [("gru", "padded", "none"), ("gru", "unroll", "int8")]
NASTY = [
    "a GOOD film",
    "Très bôn, FILM!",
    "🙂",
    "",
    "  ",
    "good\nAWFUL\tplot",
    "goOd fIlm",
    "word " * 60,
    "ﬁlm İstanbul ß ẞ",
]


def listing(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize(
    "cell, strategy, quantize",
    [pytest.param(*way, marks=() if way in QUICK else pytest.mark.slow) for way in EVERY_WAY],
)
def test_an_export_agrees_with_keras(cell, strategy, quantize, tmp_path):
    task = trained(cell)
    done = task.export(tmp_path / "run", quantize=quantize, strategy=strategy)
    assert done["strategy"] == strategy and done["bytes"] == (tmp_path / "run/lite/model.tflite").stat().st_size
    assert listing(tmp_path) == ["run"] + [
        f"run/lite{name}" for name in ("", "/bundle.json", "/labels.txt", "/model.tflite", "/vocab.txt")
    ]
    bundle = json.loads((tmp_path / "run/lite/bundle.json").read_text(encoding="utf-8"))
    assert bundle["agreement"] == done["agreement"] and bundle["agreement"]["source"] == "validation"
    assert bundle["agreement"]["rows"] == 12 and bundle["resets_state"] is (strategy == "fused")
    runner, tolerance = lite.load(tmp_path / "run/lite"), {"none": 1e-5, "float16": 1e-2}.get(quantize, 0.2)
    texts = [*NASTY, *(text for text, _ in rows(30, seed=8))]
    ours = np.array([list(answer.probabilities.values()) for answer in task.predict(texts)])
    assert np.abs(runner.probabilities(texts) - ours).max() < tolerance


def test_auto_is_padded_but_for_int8_which_cannot_loop():
    assert choices.choose_strategy("dynamic", "auto") == "padded"
    assert choices.choose_strategy("dynamic", "auto", ("loop",)) == "loop"
    assert choices.choose_strategy("int8", "auto") == "unroll"
    assert choices.choose_strategy("dynamic", "fused") == "fused"
    for strategy in ("padded", "loop"):
        with pytest.raises(RnnkitError, match=f"--strategy {strategy}: .* Use --strategy unroll"):
            choices.choose_strategy("int8", strategy)


def wrong(*arguments, **named):
    return parity.Agreement(rows=5, source="given", largest_difference=0.5, same_label=0.4, same_label_decided=0.3)


@pytest.mark.parametrize(
    "format", [*(pytest.param(name, marks=pytest.mark.slow) for name in ("saved_model", "keras")), "tflite"]
)
def test_a_wrong_export_is_refused_and_nothing_is_left(format, tmp_path, monkeypatch):
    run = copied(tmp_path / "run")
    before = listing(tmp_path)
    keras_file = (run / "model.keras").read_bytes()
    task = rnnkit.load(run)
    monkeypatch.setattr(parity.Labels, "compare", wrong)
    to = tmp_path / "elsewhere" if format == "tflite" else None
    with pytest.raises(RnnkitError, match="on 5 rows: largest difference 0.5 .*Nothing was written"):
        task.export(to, format=format, quantize="none")
    assert listing(tmp_path) == before and (run / "model.keras").read_bytes() == keras_file


def test_a_refused_export_leaves_the_earlier_one(tmp_path, monkeypatch):
    task = rnnkit.load(copied(tmp_path / "run"))
    (tmp_path / "run" / "lite").mkdir()
    (tmp_path / "run" / "lite" / "earlier").write_text("whole")
    (tmp_path / "run" / "lite" / "bundle.json").write_text('{"format": "rnnkit-bundle"}')
    monkeypatch.setattr(exporter, "convert", lambda *arguments: b"no model")
    with pytest.raises(Exception, match="."):
        task.export()
    assert (tmp_path / "run" / "lite" / "earlier").read_text() == "whole"
    assert not list((tmp_path / "run").glob("*.writing"))


def test_a_converter_that_dies_is_one_clear_line(tmp_path, monkeypatch):
    task = rnnkit.load(copied(tmp_path / "run"))
    before = listing(tmp_path)
    monkeypatch.setattr(convert, "run_in_subprocess", lambda *given, limit: list(Child().run("os:abort")))
    with pytest.raises(RnnkitError) as caught:
        task.export(tmp_path / "new", quantize="dynamic")
    message = "The TFLite converter crashed (SIGABRT) on dynamic quantisation. Try another --strategy."
    assert str(caught.value) == message and listing(tmp_path) == before


def test_a_full_disk_is_one_clear_line(tmp_path, monkeypatch):
    def full(*arguments, **named):
        raise OSError(errno.ENOSPC, "No space left on device")

    task = trained()
    monkeypatch.setattr("os.replace", full)
    with pytest.raises(RnnkitError, match="new cannot be written .No space left on device."):
        task.export(tmp_path / "new", format="keras")
    assert listing(tmp_path) == []


@pytest.mark.slow
def test_the_keras_file_loads_with_keras_alone(tmp_path):
    import keras

    done = trained().export(tmp_path / "new", format="keras")
    assert listing(tmp_path) == ["new", "new/model.keras"] and done["agreement"]["largest_difference"] == 0.0
    model = keras.saving.load_model(done["path"])
    encoded = trained().encode_inputs(["a good film"])
    logits = model.predict_on_batch(np.array([encoded.inputs[0]]))
    assert np.allclose(trained().probabilities(logits), trained().probabilities(trained().outputs(encoded)), atol=1e-6)
    assert trained().folder.name == "gru"  # its home is still the Run


@pytest.mark.slow
def test_a_saved_model_serves_ids_and_text_in_a_process_with_tensorflow_alone(tmp_path):
    done = trained().export(tmp_path / "new", format="saved_model")
    assert listing(tmp_path / "new")[0] == "saved_model" and len(list((tmp_path / "new").iterdir())) == 1
    ids = trained().encode_inputs(NASTY).inputs
    padded = [np.pad(row, (0, OPTIONS["max_length"] - len(row))).tolist() for row in ids]
    code = """
import json, sys
import tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
texts, ids = json.loads(sys.argv[2])
of_text = model.signatures["text"](text=tf.constant(texts))
of_ids = model.signatures["serving_default"](ids=tf.constant(ids))
print(json.dumps([of_text["probabilities"].numpy().tolist(), [label.decode() for label in of_text["label"].numpy()],
                  of_ids["probabilities"].numpy().tolist(), [n for n in sys.modules if n.startswith("rnnkit")]]))
"""
    command = [sys.executable, "-c", code, done["path"], json.dumps([NASTY, padded])]
    of_text, labels, of_ids, ours = json.loads(
        subprocess.run(command, capture_output=True, check=True, text=True).stdout
    )
    answers = trained().predict(NASTY)
    expected = np.array([list(answer.probabilities.values()) for answer in answers])
    assert ours == [] and labels == [answer.label for answer in answers]
    assert np.allclose(of_text, expected, atol=1e-5) and np.allclose(of_ids, expected, atol=1e-5)


@pytest.mark.slow
def test_without_rows_of_its_own_a_loaded_run_is_compared_on_made_up_ones(tmp_path):
    task = rnnkit.load(copied(tmp_path / "run"))
    compared, source = exporter._comparison(task.exporter(), None)
    assert source == "made up" and len(compared) == 100
    assert compared.inputs.flat.max() < len(task.vocabulary) and compared.inputs.lengths.max() <= OPTIONS["max_length"]
    done = task.export(format="keras")
    assert done["agreement"]["source"] == "made up" and done["agreement"]["keras_accuracy"] is None


def test_given_rows_are_spread_over_a_file_sorted_by_label():
    data = sorted(rows(100), key=lambda row: row[1])
    some = trained().encode_rows(open_table(data)).some(10)
    assert np.bincount(some.targets).tolist() == [5, 5]
    assert len(some.some(99)) == 10


def test_what_counts_as_agreement_of_labels():
    kind, ours = parity.Labels(), np.array([[0.9, 0.1], [0.2, 0.8]])
    same = kind.compare(ours, ours + 1e-6, parity.Truth(np.array([0, 0])), "given")
    kind.require(same, "none", "loop")
    assert (same.same_label, same.keras_accuracy, same.export_accuracy) == (1.0, 0.5, 0.5)
    near = np.array([[0.51, 0.49], [0.2, 0.8]])  # a tie may fall either way, a clear answer may not
    turned = kind.compare(near, near + [[-0.02, 0.02], [0, 0]], None, "given")
    assert (turned.same_label, turned.same_label_decided) == (0.5, 1.0)
    kind.require(turned, "dynamic", "loop")
    for other in (ours[:, ::-1], ours * np.nan, ours + [[0.01, 0]]):
        with pytest.raises(RnnkitError, match="Please report this|does not agree"):
            kind.require(kind.compare(ours, other, None, "given"), "none", "loop")
    clear = np.array([[0.58, 0.42], [0.2, 0.8]])  # another label, though no number is far off
    with pytest.raises(RnnkitError, match="same answer 50.0% where Keras is decided"):
        kind.require(kind.compare(clear, clear + [[-0.09, 0.09], [0, 0]], None, "given"), "dynamic", "loop")
    with pytest.raises(RnnkitError, match="largest difference nan"):  # of a network that is broken itself
        kind.require(kind.compare(ours * np.nan, ours, None, "given"), "none", "loop")
    with pytest.raises(RnnkitError, match="Try --quantize float16"):
        kind.require(kind.compare(ours, ours[:, ::-1], None, "given"), "dynamic", "loop")


def test_undecided_answers_count_only_where_few_are_decided():
    def share(decided):
        ours = np.arange(20)
        theirs = np.where(ours < decided // 2, -1, ours)  # half of the decided ones are others
        scores = np.where(np.arange(20)[:, None] < decided, [-1.0, -3.0], [-1.0, -1.01])
        return parity.Answers({"none": 1.0}).compare(ours, theirs, None, "given", scores).same_label_decided

    assert share(10) == 0.5 and share(8) == 16 / 20


def test_what_is_not_known_is_a_mask_and_no_number():
    kind, ours = parity.Labels(), np.array([[0.9, 0.1], [0.2, 0.8], [0.2, 0.8]])
    truth = parity.Truth(np.array([0, -1, 0]), np.array([True, False, True]))
    assert kind.compare(ours, ours, truth, "given").keras_accuracy == 0.5
    assert kind.compare(ours, ours, truth, "made up").keras_accuracy is None


def test_what_counts_as_agreement_of_values():
    kind, ours = parity.Values(), np.array([10.0, 20.0, 30.0], np.float32)
    far_off = kind.compare(ours, np.array([10.0, 20.0, 130.0]), None, "given")
    assert far_off.largest_difference == 5.0  # of the spread of Keras's outputs, not of the export's
    two = np.array([[0.0, 0.000], [500.0, 0.005], [1000.0, 0.010]])
    assert kind.compare(two, np.stack([two[:, 0], two[::-1, 1]], -1), None, "given").largest_difference == 1.0
    one, together = np.array([[1.0, 0.001]]), parity.Values(together=True)  # of which no output has a spread
    assert together.compare(one, one + 1e-5, None, "given").largest_difference == pytest.approx(1e-5)
    with pytest.raises(RnnkitError, match="of the outputs' spread"):
        together.require(together.compare(one, one[:, ::-1], None, "given"), "dynamic", "loop")
    steady = np.array([[1000.0], [1000.0001]], np.float32)  # what hardly varies may differ by rounding
    kind.require(kind.compare(steady, steady + np.float32(6e-5), None, "given"), "none", "loop")
    labels = parity.Truth(np.array([0, 1, 1]))
    assert kind.compare(two, two, labels, "given").keras_error is None
    near = kind.compare(ours, ours + 0.001, parity.Truth(np.array([10.0, 20.0, 36.0])), "given")
    kind.require(near, "none", "loop")
    assert near.largest_difference == pytest.approx(0.001 / 20, rel=1e-2) and near.same_label == 1.0
    assert (near.keras_error, near.export_error) == (pytest.approx(2.0), pytest.approx(2.0, abs=1e-2))
    assert kind.compare(-ours, -ours, parity.Truth(-ours), "given").keras_error == 0  # a negative number is a number
    for other in (ours * 1.01, ours + 1, ours * np.nan, ours[::-1]):
        with pytest.raises(RnnkitError, match="of the outputs' spread"):
            kind.require(kind.compare(ours, other, None, "given"), "none", "loop")
    kind.require(kind.compare(ours, ours * 1.01, None, "given"), "dynamic", "loop")


def test_several_functions_without_a_saved_model_of_their_own_are_refused(tmp_path):
    task = SimpleNamespace(key="mine")
    exporter = SimpleNamespace(task=task, servables=lambda strategy: {"model": ServableParts(None, {})})
    with pytest.raises(RnnkitError, match="A mine cannot be exported as saved_model"):
        save_servable(exporter, tmp_path, None, "given")
    assert not list(tmp_path.iterdir())


def test_where_int8_weights_answer_otherwise_auto_makes_half_precision(monkeypatch, tmp_path, capsys):
    task, labels = trained(), parity.Labels()
    strict = parity.Labels({**labels.tolerances, "dynamic": (0.0, 1.0)})
    monkeypatch.setattr(type(task.exporter()), "compares_as", strict)
    with pytest.raises(DisagreementError, match="Try --quantize float16"):
        task.export(tmp_path / "asked", quantize="dynamic")
    assert not list(tmp_path.rglob("*.tflite")) and not capsys.readouterr().err
    assert task.export(tmp_path / "run")["quantize"] == "float16"
    said = " ".join(capsys.readouterr().err.split())
    assert "The dynamic / padded export does not agree" in said and "half precision (float16) is made instead" in said
