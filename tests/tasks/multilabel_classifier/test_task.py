"""A multi-label classifier from data to the phone: answers, thresholds, the command line, fine-tuning, folds."""

import csv
import json
import random
from pathlib import Path

import numpy as np
import pytest
from tasks import tiny

import rnnkit
from rnnkit import lite
from rnnkit.run.figures import key_figure

pytestmark = pytest.mark.slow
LEARNT = {**tiny.OPTIONS, "units": 12, "embedding_size": 12, "epochs": 12}


def noisy():
    """Rows of which a twentieth lacks a label or has one too many."""
    chance = random.Random(5)
    names = tuple(tiny.TELLING)[:3]
    return [
        (text, [name for name in names if (name in labels) != (chance.random() < 0.05)])
        for text, labels in tiny.label_sets(600, seed=2)
    ]


@pytest.fixture(scope="module")
def run():
    """A Run that has learnt its labels, exported."""
    rows = [(text, ";".join(labels)) for text, labels in noisy()]
    path = tiny.folder() / "sets.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "labels"), *rows])
    task = rnnkit.MultilabelClassifier(**LEARNT).fit(path, to=tiny.folder() / "sets_learnt")
    task.export(quantize="none")
    return task


def test_it_learns_and_the_phone_answers_with_the_same_labels(run):
    assert run.results["test"]["micro_f1"] > 0.85 and key_figure(run.results["test"]).name == "micro F1"
    assert set(run.results["test"]["confidence_intervals"]) >= {"micro_f1", "macro_f1", "subset_accuracy"}
    texts = [text for text, _ in tiny.label_sets(200, seed=9)]
    ours, phone = run.predict(texts), lite.load(run.folder / "lite")
    theirs = phone.predict(texts)
    assert [one.labels for one in ours] == [one.labels for one in theirs]
    assert {len(one.labels) for one in ours} >= {0, 1, 2, 3}
    for one, other in zip(ours, theirs, strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-4)
    assert run.predict("xyzzy").nothing_read and phone.predict("xyzzy")[0].nothing_read
    bundle = json.loads((run.folder / "lite/bundle.json").read_text())
    assert bundle["agreement"]["same_label"] == 1 and bundle["agreement"]["export_accuracy"] > 0.7


def test_a_saved_run_and_the_file_have_the_same_figures(run):
    rows = tiny.label_sets(150, seed=5)
    plain = run.evaluate(rows)
    loaded = rnnkit.load(run.folder)
    assert loaded.evaluate(rows) == plain == loaded.evaluate(rows, tflite=True)
    answers = run.predict([text for text, _ in rows])
    exact = np.mean([set(one.labels) == set(labels) for one, (_, labels) in zip(answers, rows, strict=True)])
    assert plain["subset_accuracy"] == pytest.approx(exact, abs=1e-5)


def test_thresholds_are_in_the_bias_and_the_best_on_validation(run):
    task = rnnkit.load(run.folder)
    parts = task.preprocessing.learn(task.read(noisy()))
    task.network.get_layer("logits").bias.assign_add(np.array([6.0, -6.0, 0.0], np.float32))  # too many, too few
    before = task.metrics(parts.validation, task.outputs(parts.validation))
    record = task.calibrate(parts.validation, task.outputs(parts.validation))
    after = task.metrics(parts.validation, task.outputs(parts.validation))
    assert record["thresholds"]["neg"] > 0.7 > 0.3 > record["thresholds"]["pos"]
    assert record["validation_micro_f1_gain"] == pytest.approx(after["micro_f1"] - before["micro_f1"], abs=1e-4)
    assert all(after["by_label"][label]["f1"] >= before["by_label"][label]["f1"] for label in task.labels)


def test_the_command_line_answers_texts_and_files(run, tmp_path, command_line):
    answer = run.predict("bad good")
    code, out, _ = command_line("predict", run.folder, "bad good", "xyzzy")
    said = ", ".join(f"{label} {answer.probabilities[label]:.1%}" for label in answer.labels)
    assert code == 0 and out.splitlines()[0].startswith(said) and "(nothing was read)" in out
    code, out, _ = command_line("predict", run.folder, "--json", "bad good")
    assert json.loads(out)["labels"] == list(answer.labels)
    given = tmp_path / "mine.csv"
    texts = [text for text, _ in tiny.label_sets(20, seed=7)]
    given.write_text("text,labels\n" + "".join(f"{text},\n" for text in texts), encoding="utf-8")
    for flags, columns in (((), ["answer"]), (("--all",), ["answer", *(f"probability_{name}" for name in run.labels)])):
        code, _, err = command_line("predict", run.folder, given, "--to", tmp_path / f"out{len(flags)}.csv", *flags)
        assert code == 0, err
        with (tmp_path / f"out{len(flags)}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0]) == ["text", "labels", *columns]
        assert [row["answer"] for row in rows] == [";".join(one.labels) for one in run.predict(texts)]
    code, _, err = command_line("predict", run.folder, given, "--threshold", "0.7")
    assert code == 1 and "--threshold is not for multilabel_classifier but for" in err and "text_classifier" in err


def test_the_command_line_scores_and_draws(run, command_line):
    code, out, _ = command_line("evaluate", run.folder, Path(tiny.folder(), "sets.csv"))
    assert code == 0 and "micro F1" in out and "Hamming loss" in out
    heads = next(line.split() for line in out.splitlines() if line.startswith("label "))
    assert heads == ["label", "precision", "recall", "F1", "support"]
    assert {path.name for path in (run.folder / "plots").iterdir()} == {
        "learning_curves.png", "lengths.png", "precision_recall.png"
    }  # fmt: skip


def test_fine_tuning_keeps_the_head_for_the_same_labels_and_renews_it_for_others(run, tmp_path, capsys):
    same = run.finetune(tiny.label_sets(100, seed=4), epochs=1)
    assert same.labels == run.labels and "the head is kept" in capsys.readouterr().err
    new = tiny.label_sets(100, labels=("neg", "1.0 stars"), seed=4)
    other = run.finetune(new, epochs=1, to=tmp_path / "other")
    assert other.labels == ["1.0 stars", "neg"] and "the head is new" in capsys.readouterr().err


@pytest.mark.parametrize("strategy", ["unroll", "fused"])
def test_every_strategy_and_the_saved_model_agree(strategy, tmp_path):
    task = rnnkit.MultilabelClassifier(**tiny.OPTIONS, cell="lstm").fit(tiny.label_sets(), to=tmp_path / "run")
    made = task.export(strategy=strategy, quantize="none")
    assert made["agreement"]["same_label"] == 1
    assert task.export(format="saved_model")["agreement"]["same_label"] == 1


def test_folds_test_every_text_once(tmp_path):
    rows = tiny.label_sets(60)
    whole = rnnkit.cross_validate(rnnkit.MultilabelClassifier(**{**tiny.OPTIONS, "epochs": 1}), rows, folds=2)
    assert sum(one["test"] for one in whole["results"]) == 60 and "micro_f1" in whole["summary"]
