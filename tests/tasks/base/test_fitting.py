"""From raw rows to a saved Run."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from tasks.tiny import OPTIONS, TELLING, copied, rows, trained

import rnnkit
from rnnkit import cells
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.doubts import doubts_of
from rnnkit.tasks.base.options import Options
from rnnkit.tasks.shared.one_label import temper
from rnnkit.training.progress import console

FIGURES = {"accuracy", "macro_f1", "rows", "confusion"}
POOLINGS = ("last", "mean", "max", "mean_max", "attention")


def weights(task):
    return task.network.get_weights()


def same(ours, theirs):
    return len(ours) == len(theirs) and all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_a_run_holds_what_the_design_says():
    run = trained().folder
    names = {str(path.relative_to(run)) for path in run.rglob("*") if path.is_file()}
    assert names == {
        "config.json", "metrics.json", "history.csv", "model.keras", "preprocessing/vocab.txt",
        "preprocessing/labels.txt", "plots/learning_curves.png", "plots/confusion.png", "plots/lengths.png",
    }  # fmt: skip
    assert not run.with_name("gru.partial").exists()
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    assert FIGURES == set(metrics["test"]) - {"confidence_intervals"} == set(metrics["validation"])
    assert "accuracy" in metrics["test"]["confidence_intervals"]
    assert {"data", "seconds", "parameters", "settings", "versions"} <= set(metrics)
    data = metrics["data"]
    assert (data["name"], data["train"], data["validation"], data["test"]) == ("reviews.csv", 96, 12, 12)
    assert len(data["sha256"]) == 64 and data["labels"] == {"neg": 60, "pos": 60}
    assert np.sum(metrics["test"]["confusion"]) == 12 and metrics["test"]["accuracy"] > 0.5
    assert {"keras", "tensorflow", "numpy", "python", "rnnkit"} == set(metrics["versions"])
    lines = (run / "history.csv").read_text().splitlines()
    assert lines[0].startswith("epoch,") and len(lines) == 1 + metrics["epochs"] == 4
    assert json.loads((run / "config.json").read_text())["options"]["units"] == 5


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "frame", "list", "tuples"])
def test_every_form_of_data_is_the_same_data(kind, tmp_path):
    import pandas as pd

    data = rows(40)
    frame = pd.DataFrame(data, columns=["text", "label"])
    file = tmp_path / f"reviews.{kind}"
    match kind:
        case "csv":
            frame.to_csv(file, index=False)
        case "tsv":
            frame.to_csv(file, index=False, sep="\t")
        case "jsonl":
            frame.to_json(file, orient="records", lines=True)
    source = {"frame": frame, "list": data, "tuples": tuple(data)}.get(kind, file)
    task = rnnkit.TextClassifier(**OPTIONS)
    from rnnkit.data.tables import open_table

    parts = task.preprocessing.learn(open_table(source))
    other = rnnkit.TextClassifier(**OPTIONS)
    expected = other.preprocessing.learn(open_table(data))
    assert task.vocabulary.words == other.vocabulary.words
    assert parts.digest == expected.digest
    for part in ("train", "validation", "test"):
        assert np.array_equal(getattr(parts, part).inputs.flat, getattr(expected, part).inputs.flat)
        assert np.array_equal(getattr(parts, part).targets, getattr(expected, part).targets)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights_and_another_seed_others():
    again = rnnkit.TextClassifier(**OPTIONS, cell="gru").fit(rows())
    assert same(weights(again), weights(trained()))
    assert again.results["test"] == trained().results["test"]
    other = rnnkit.TextClassifier(**{**OPTIONS, "epochs": 1}, cell="gru", seed=2**31 - 1).fit(rows())
    assert not same(weights(other), weights(trained()))


@pytest.mark.slow
def test_a_fresh_process_gives_identical_predictions():
    texts = ["a good film", "", "AWFUL 🙂 plot", "word " * 500]
    code = (
        "import rnnkit, json, sys; task = rnnkit.load(sys.argv[1]);"
        "print(json.dumps([answer.probabilities for answer in task.predict(json.loads(sys.argv[2]))]))"
    )
    command = [sys.executable, "-c", code, str(trained().folder), json.dumps(texts)]
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert json.loads(done.stdout) == [answer.probabilities for answer in trained().predict(texts)]
    assert done.stderr == ""


@pytest.mark.slow
@pytest.mark.parametrize("number, cell", list(enumerate(cells.names())))
def test_every_cell_and_every_pooling_trains(number, cell):
    """It learns from what it reads, and what pads a text changes no answer."""
    task = rnnkit.TextClassifier(**{**OPTIONS, "epochs": 1}, cell=cell, pooling=POOLINGS[number % 5]).fit(rows(60))
    assert task.network.get_layer("logits").bias.numpy().any()  # it began at 0
    short, long = "good film", "bad dull awful plot " * 2  # other words, which no pooling takes for the same
    alone, beside = task.predict(short), task.predict([short, long])[0]
    assert beside.label == alone.label and beside.probability == pytest.approx(alone.probability, abs=1e-6)
    assert beside.probability != pytest.approx(task.predict(long).probability, abs=2e-6)


@pytest.mark.slow
def test_many_classes_weights_layers_directions_and_mixed_precision_together(tmp_path, capsys):
    data = rows(150, tuple(TELLING))
    options = {**OPTIONS, "layers": 2, "bidirectional": True, "residual": True, "pooling": "attention"}
    options |= {"class_weights": True, "mixed_precision": True, "epochs": 1, "zoneout": 0.1, "cell": "simple_rnn"}
    task = rnnkit.TextClassifier(**options).fit(data, to=tmp_path / "run")
    assert task.labels == sorted(TELLING) and np.shape(task.results["test"]["confusion"]) == (5, 5)
    assert {weight.dtype for weight in weights(task)} == {np.dtype("float32")}
    loaded = rnnkit.load(tmp_path / "run")
    ours, again = task.predict("a good film"), loaded.predict("a good film")
    assert again.label == ours.label and again.probability == pytest.approx(ours.probability, abs=1e-6)
    assert loaded.labels == task.labels
    assert "😐 30" in capsys.readouterr().err


def test_labels_that_look_like_markup_are_only_labels(tmp_path, capsys):
    task = rnnkit.TextClassifier(**OPTIONS)
    from rnnkit.data.tables import open_table
    from rnnkit.tasks.base.describing import describe

    data = [(text, {"neg": "[/b] :smile:", "pos": "[red]"}[label]) for text, label in rows(30)]
    describe(task.preprocessing.learn(open_table(data)).report, "texts")
    assert "[/b] :smile: 15, [red] 15" in capsys.readouterr().err
    assert not console.is_terminal


def test_class_weights_favour_the_rare_label():
    task = rnnkit.TextClassifier(**OPTIONS, class_weights=True)
    task.labels = ["a", "b", "c"]
    # 6 rows, 2 labels seen: 6 / (2 * 4) and 6 / (2 * 2)
    assert task.preprocessing._class_weights(np.array([0, 0, 0, 0, 1, 1])).tolist() == pytest.approx([0.75, 1.5, 3.0])


def test_the_calibrated_threshold_is_in_the_bias(tmp_path):
    """Moving the bias by hand makes one half a bad threshold; calibration moves it back, for Keras and any export."""
    task = rnnkit.load(copied(tmp_path / "run"))
    from rnnkit.data.tables import open_table

    encoded = task.encode_rows(open_table(rows(200, seed=5)))
    straight = task.metrics(encoded, task.outputs(encoded))["macro_f1"]
    bias = task.network.get_layer("logits").bias
    bias.assign_add(np.array([3.0, -3.0], np.float32))
    before = task.probabilities(task.outputs(encoded))[:, 1]
    crooked = task.metrics(encoded, task.outputs(encoded))["macro_f1"]
    said = task.calibrate(encoded, task.outputs(encoded))
    after = task.outputs(encoded).argmax(-1)
    assert crooked < straight <= task.metrics(encoded, task.outputs(encoded))["macro_f1"]
    assert said["threshold"] < 0.5 and said["validation_macro_f1_gain"] > 0
    margin = np.abs(before - said["threshold"]) > 1e-3
    assert np.array_equal(after[margin], (before > said["threshold"])[margin])
    assert task.calibrate(encoded, task.outputs(encoded))["threshold"] == 0.5  # nothing more to gain


@pytest.mark.parametrize("sureness", [9.0, 1.5])
def test_the_temperature_is_in_the_last_layer_and_changes_no_label(sureness, tmp_path):
    """A last layer that is made too sure, or too unsure, is brought back; its labels stay."""
    from rnnkit.data.tables import open_table
    from rnnkit.metrics.confidence import best_temperature, calibration, judge

    task = rnnkit.load(copied(tmp_path / "run"))
    data = rows(240, seed=5)
    noisy = [
        (text, label if place % 4 else {"pos": "neg", "neg": "pos"}[label]) for place, (text, label) in enumerate(data)
    ]
    encoded = task.encode_rows(open_table(noisy))
    natural = best_temperature(task.outputs(encoded), encoded.targets)
    for weight in task.network.get_layer("logits").weights:
        weight.assign(weight * sureness)
    before = task.probabilities(task.outputs(encoded))
    said = temper(task.network.get_layer("logits"), encoded.targets, task.outputs(encoded))
    after = task.probabilities(task.outputs(encoded))
    assert said["temperature"] == pytest.approx(sureness * natural, rel=1e-3)
    assert np.array_equal(before.argmax(-1), after.argmax(-1))
    shares = before ** (1 / said["temperature"])
    assert after == pytest.approx(shares / shares.sum(-1, keepdims=True), abs=1e-3)
    errors = [calibration(judge(each, encoded.targets)).error for each in (before, after)]
    rate = [float(-np.log(each[np.arange(240), encoded.targets]).mean()) for each in (before, after)]
    assert rate[1] < rate[0]  # the log-loss
    assert [said["validation_calibration_error_before"], said["validation_calibration_error"]] == pytest.approx(
        errors, abs=1e-3
    )
    again = temper(task.network.get_layer("logits"), encoded.targets, task.outputs(encoded))
    assert again["temperature"] == pytest.approx(1, abs=0.01)


def test_without_mistakes_to_tell_it_there_is_no_temperature(tmp_path):
    from rnnkit.data.tables import open_table

    task = rnnkit.load(copied(tmp_path / "run"))
    encoded = task.encode_rows(open_table(rows(200, seed=5)))
    right = np.eye(2, dtype=np.float32)[encoded.targets] * 9
    kept = weights(task)
    assert temper(task.network.get_layer("logits"), encoded.targets, right) == {} and same(kept, weights(task))


@pytest.mark.parametrize(
    "data, test, message",
    [
        ([("good", "pos")] * 2 + [("bad", "neg")], None, "each of the labels 'neg', 'pos' has only one usable row"),
        ([("a b", "x"), ("c d", "x"), ("e f", "y"), ("g h", "y")], None, "4 usable rows leave none for test"),
        (rows(20), rows(20), "0 usable rows whose text is not also a test row leave none"),
        (rows(20), [("good", "poss")], "the label 'poss', which this model does not know. Did you mean 'pos'?"),
        (rows(20), [], "has no rows"),
        (7, None, "expected a file name, a data frame or a list"),
        ([("one", "two", "three")], None, "expected (text, label)"),
    ],
)
def test_data_that_cannot_be_used_leaves_nothing_behind(data, test, message, tmp_path):
    with pytest.raises(RnnkitError, match=".") as caught:
        rnnkit.TextClassifier(**OPTIONS).fit(data, test, to=tmp_path / "deep" / "run")
    assert message in str(caught.value) and "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_scoring_needs_no_two_labels():
    figures = trained().evaluate([("good film", "pos"), ("good film", "pos")])
    assert figures["rows"] == 2 and figures["accuracy"] in (0.0, 1.0)
    with pytest.raises(RnnkitError, match="Fine-tune it on such rows"):
        trained().evaluate([("good film", "mixed")])


@pytest.mark.parametrize(
    "options, message",
    [
        ({"cell": "lsmt"}, "Unknown cell 'lsmt'. Did you mean 'lstm'?"),
        ({"unts": 3}, "Unknown option 'unts'. Did you mean 'units'?"),
        ({"units": "64"}, "units is '64'; expected a whole number"),
        ({"units": 10**9}, "expected a whole number from 1 to 4096"),
        ({"units": True}, "expected a whole number"),
        ({"dropout": float("nan")}, "dropout is nan"),
        ({"pooling": "meen"}, "Did you mean 'mean'?"),
        ({"bidirectional": 1}, "expected True or False"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(RnnkitError) as caught:
        rnnkit.TextClassifier(**options)
    assert message in str(caught.value)


def test_tensorboard_is_asked_for_before_anything_is_done(tmp_path, monkeypatch):
    monkeypatch.setattr("rnnkit.tasks.base.fitting.find_spec", lambda name: None)
    with pytest.raises(RnnkitError, match="--tensorboard needs the package tensorboard, which is not installed"):
        rnnkit.TextClassifier(**OPTIONS, tensorboard=True).fit(rows(), to=tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_an_untrained_task_says_so():
    for call in (lambda t: t.predict("good"), lambda t: t.export("x"), lambda t: t.finetune(rows())):
        with pytest.raises(RnnkitError, match="not trained"):
            call(rnnkit.TextClassifier(**OPTIONS))


def test_inputs_that_are_no_text():
    assert trained().predict([]) == []
    with pytest.raises(RnnkitError, match="expected a string"):
        trained().predict([None])


def test_every_option_has_help_and_a_default_that_passes():
    import dataclasses

    Options().check()
    assert all(spec.metadata["help"] for spec in dataclasses.fields(Options))


@pytest.mark.slow
def test_imbalanced_data_is_calibrated_by_fit_and_tflite_decides_alike(tmp_path):
    positive = [row for row in rows(1600, seed=3) if row[1] == "pos"]
    data = [row for row in rows(1600, seed=3) if row[1] == "neg"] + positive[:80]
    noisy = [(text.replace("great", "film"), label) for text, label in data]
    task = rnnkit.TextClassifier(**{**OPTIONS, "epochs": 4}, validation_share=0.3).fit(noisy, to=tmp_path / "run")
    assert "threshold" in task.results["calibration"]
    task.export(quantize="none", strategy="loop")
    encoded = task.parts.test
    assert np.array_equal(task.lite_outputs(encoded).argmax(-1), task.outputs(encoded).argmax(-1))


def test_a_training_that_learnt_nothing_says_so(monkeypatch):
    figures = {"accuracy": 0.5, "confusion": [[0, 3], [0, 3]]}
    monkeypatch.setattr(rnnkit.TextClassifier, "metrics", lambda *_: figures)
    with console.capture() as capture:
        task = rnnkit.TextClassifier(**{**OPTIONS, "epochs": 1}).fit(rows(60))
    said = " ".join(capture.get().split())
    assert f"WARNING: all of the validation part is answered with '{task.labels[1]}'. Train for more epochs" in said
    task.results["validation"] = {"f1": 0.0, "accuracy": 0.9}
    assert next(iter(task.doubts(1))).startswith("F1 0.0000 on the validation part")
    task.results["validation"] = {"accuracy": 0.5, "confusion": [[1, 2], [0, 3]]}
    assert not list(task.doubts(1))


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (
            {"confusion": [[30, 20], [29, 19]]},
            "50.0% of the validation part is answered rightly, and 51.0%",
        ),
        ({"confusion": [[90, 0], [9, 1]]}, ""),  # better than either
        ({"confusion": [[4, 1], [1, 2]]}, ""),  # likewise, as chance might be in a part that is so small
        (
            {"confusion": [[75, 15], [0, 10]]},
            "",
        ),  # right no more often than with 'bad' for all, but it finds the rare
        (
            {"confusion": [[76, 14], [8, 2]]},
            "78.0% of the validation part is answered rightly, and 90.0%",
        ),
        ({"confusion": [[985, 5], [6, 4]]}, ""),  # likewise, in a part of which nearly all is right by chance
        ({"confusion": [[0, 0], [3, 7]]}, ""),  # nothing to tell apart
        ({"wer": 100.0, "deletions": 40, "words": 40}, "WER 100 on the validation part: nothing was recognised"),
        ({"wer": 130.0, "deletions": 2, "words": 40}, "WER 130 on the validation part: that is no better than to"),
        ({"wer": 99.9, "deletions": 39, "words": 40}, ""),
        # figures of an own task
        ({"confusion": {"bad": {"good": 3}}}, ""),
        ({"confusion": [[5], [3, 4]]}, ""),
        ({"confusion": [[1.0, 0.0], [0.9, 0.1]]}, ""),
        ({"confusion": [[3, 0, 1], [2, 0, 1], [1, 0, 1]]}, ""),
        ({"wer": None, "confusion": "none"}, ""),
    ],
)
def test_answers_at_chance_are_said_to_be_so(figures, said):
    found = list(doubts_of({"accuracy": 0.5, **figures}, ["bad", "good"]))
    assert len(found) == bool(said) and "".join(found).startswith(said)
    assert not said or "Train for more epochs (--epochs)" in found[0]


@pytest.mark.parametrize("figures", [{"log_likelihood": -3.2}, {"r2": -5.0, "rows": 9}, {"mase": 1.4}, {}])
def test_figures_of_which_chance_is_not_known_are_not_doubted(figures):
    assert not list(doubts_of(figures))
