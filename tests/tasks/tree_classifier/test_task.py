"""Trees in, a label for every node out: trained, saved, exported, on made-up and on real trees."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pipelines.running import run_pipeline
from tasks.trees import OPTIONS, TREES, trained

import rnnkit
from rnnkit import lite
from rnnkit.codec.trees import tree_of
from rnnkit.errors import RnnkitError
from rnnkit.tasks.tree_classifier.files import read_trees, write_trees
from rnnkit.tasks.tree_classifier.sample import make_trees, tree_data
from rnnkit.tasks.tree_classifier.scores import binary_accuracy
from rnnkit.tasks.tree_classifier.source import Treebank, open_treebank
from rnnkit.tasks.tree_classifier.task import TreeClassifier

UNSEEN = "(((that) (film)) ((is) ((not) (wonderful))))"
UNSEEN_TEXT = "that film is not wonderful"
PIPELINE = Path(__file__).parents[3] / "pipelines" / "sentiment_trees.py"


@pytest.mark.slow
def test_a_run_holds_what_the_design_says_and_learns():
    task = trained()
    names = {str(path.relative_to(task.folder)) for path in task.folder.rglob("*") if path.is_file()}
    assert names - {name for name in names if name.startswith(("lite/", "saved_model/"))} == {
        "config.json", "metrics.json", "history.csv", "model.keras", "preprocessing/vocab.txt",
        "preprocessing/labels.txt", "plots/learning_curves.png", "plots/confusion.png", "plots/tree.png",
    }  # fmt: skip
    metrics = json.loads((task.folder / "metrics.json").read_text(encoding="utf-8"))
    figures = {"root_accuracy", "root_binary_accuracy", "node_accuracy"}
    assert set(metrics["test"]) == {*figures, "rows", "confusion", "confidence_intervals"}
    assert set(metrics["test"]["confidence_intervals"]) == figures
    assert sum(metrics["data"][part] for part in ("train", "validation", "test")) == 200
    assert metrics["data"]["train"] == 160 and metrics["data"]["test"] == metrics["test"]["rows"] >= 18
    assert metrics["data"]["nodes"] > 1500 and sum(metrics["data"]["labels"].values()) > metrics["data"]["nodes"]
    assert metrics["validation"]["node_accuracy"] > 0.8 and metrics["validation"]["root_accuracy"] > 0.4
    best = task.history[metrics["best_epoch"] - 1]
    assert best["val_root_accuracy"] == pytest.approx(metrics["validation"]["root_accuracy"], abs=1e-4)


@pytest.mark.slow
def test_metrics_are_those_counted_by_hand():
    task, trees = trained(), TREES[:40]
    answers = task.predict(list(trees))
    found = task.evaluate([str(tree) for tree in trees])
    roots = [(tree.labels[-1], answer) for tree, answer in zip(trees, answers, strict=True)]
    assert found["root_accuracy"] == pytest.approx(np.mean([own == answer.label for own, answer in roots]), abs=1e-5)
    polar = [
        (int(own) > 2) == (answer.probabilities["3"] + answer.probabilities["4"]
                           > answer.probabilities["0"] + answer.probabilities["1"])
        for own, answer in roots if own != "2"
    ]  # fmt: skip
    assert found["root_binary_accuracy"] == pytest.approx(np.mean(polar), abs=1e-5)
    nodes = [
        own == node.label
        for tree, answer in zip(trees, answers, strict=True)
        for own, node in zip(tree.labels, answer.nodes, strict=True)
    ]
    assert found["node_accuracy"] == pytest.approx(np.mean(nodes), abs=1e-5) and found["rows"] == 40
    assert binary_accuracy(np.array([2, 2]), np.ones((2, 5))) == 0.0


@pytest.mark.slow
def test_predict_takes_trees_in_any_form_and_answers_for_every_node():
    task = trained()
    answer = task.predict(UNSEEN)
    assert [node.text for node in answer.nodes][-3:] == ["not wonderful", "is not wonderful", UNSEEN_TEXT]
    assert answer.label == answer.nodes[-1].label and sum(answer.probabilities.values()) == pytest.approx(1, abs=1e-5)
    nested = [[["that"], ["film"]], [["is"], [["not"], ["wonderful"]]]]
    both = task.predict([tree_of(UNSEEN), nested])
    assert both[0].probability == pytest.approx(answer.probability, abs=1e-5) and both[1].nodes == both[0].nodes
    assert task.predict("(4 Wonderful)").probabilities == task.predict("(wonderful)").probabilities
    assert task.predict([]) == []
    with pytest.raises(RnnkitError, match="has 3 children; n_ary takes 2"):
        task.predict("((a) (good) (film))")
    with pytest.raises(RnnkitError, match="stands outside all brackets"):
        task.predict("a good film")


@pytest.mark.slow
def test_a_saved_run_gives_the_same_answers_and_a_finished_one_is_not_trained_again(capsys):
    task = trained()
    assert rnnkit.load(task.folder).predict(UNSEEN) == task.predict(UNSEEN)
    TreeClassifier(**OPTIONS).fit(list(TREES), to=task.folder, resume=True)
    assert "already trained with these settings" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("composition", ["n_ary", "child_sum", "rntn"])
def test_every_composition_exports_and_agrees(composition):
    task = trained(composition)
    done = task.export(quantize="none")
    assert done["agreement"]["largest_difference"] < 1e-5 and done["agreement"]["same_label"] == 1
    assert done["agreement"]["source"] == "validation" and done["agreement"]["keras_accuracy"] is not None
    bundle = json.loads((task.folder / "lite" / "bundle.json").read_text())
    sides = {"children", "before"} if composition == "child_sum" else {"left", "right"}
    assert {entry["name"] for entry in bundle["inputs"]} == {"word", "state"} | sides
    assert bundle["strategy"] == "padded" and all(None not in entry["shape"] for entry in bundle["inputs"])
    runner = lite.load(task.folder / "lite")
    theirs = runner.predict([UNSEEN, str(TREES[0])])
    for ours, their in zip(task.predict([UNSEEN, str(TREES[0])]), theirs, strict=True):
        assert [node.label for node in their.nodes] == [node.label for node in ours.nodes]
        assert their.probability == pytest.approx(ours.probability, abs=1e-5)
    parts = task.parts.test
    assert task.lite_outputs(parts) == pytest.approx(task.probabilities(task.outputs(parts)), abs=1e-5)
    if composition == "child_sum":
        wide = "((a) (good) (and) (funny) (film))"
        assert runner.predict(wide)[0].probability == pytest.approx(task.predict(wide).probability, abs=1e-5)
    else:
        with pytest.raises(RnnkitError, match="Binarize the tree"):
            runner.predict("((a) (good) (film))")


@pytest.mark.slow
def test_other_formats_and_what_cannot_be_exported(tmp_path):
    task = trained()
    assert task.export(tmp_path, quantize="dynamic")["agreement"]["same_label_decided"] >= 0.97
    assert task.export(tmp_path, format="keras")["agreement"]["largest_difference"] < 1e-5
    saved = task.export(tmp_path, format="saved_model")
    assert saved["agreement"]["largest_difference"] < 1e-5 and (tmp_path / "saved_model").is_dir()
    for arguments, message in (({"quantize": "int8"}, "tree_classifier cannot be exported as int8; expected"),
                               ({"strategy": "unroll"}, "cannot be exported with the strategy 'unroll'")):  # fmt: skip
        with pytest.raises(RnnkitError, match=message):
            task.export(tmp_path, **arguments)
    assert rnnkit.load(task.folder).export(tmp_path, format="keras", overwrite=True)["agreement"]["source"] == "made up"


@pytest.mark.slow
def test_the_runner_needs_neither_tensorflow_nor_pandas():
    if not (trained().folder / "lite").is_dir():
        trained().export(quantize="none")
    code = (
        "import sys, rnnkit.lite; runner = rnnkit.lite.load(sys.argv[1]); print(runner.predict(sys.argv[2])[0].label,"
        "[name for name in ('tensorflow', 'keras', 'pandas', 'matplotlib') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(trained().folder / "lite"), UNSEEN]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PIPELINE.parents[1], check=True)
    assert done.stdout.strip() == f"{trained().predict(UNSEEN).label} []"


@pytest.mark.slow
def test_words_are_explained_and_the_tree_is_drawn(tmp_path):
    words, scores, answer = trained().explain(UNSEEN)
    assert words == ["that", "film", "is", "not", "wonderful"] and scores.shape == (5,)
    assert answer == trained().predict(UNSEEN) and np.isfinite(scores).all() and np.abs(scores).max() > 0
    trained().draw_explanation(UNSEEN, tmp_path / "tree.png")
    assert (tmp_path / "tree.png").read_bytes().startswith(b"\x89PNG")


def test_parts_given_as_a_folder_are_kept(tmp_path):
    for name, trees in (("train", TREES[:60]), ("dev", TREES[60:80]), ("test", TREES[80:90])):
        write_trees(trees, tmp_path / f"{name}.txt")
    task = TreeClassifier(**{**OPTIONS, "epochs": 1})
    parts = task.preprocessing.learn(task.open_source(tmp_path))
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (60, 20, 10)
    again = task.preprocessing.learn(task.open_source(tmp_path), task.open_source([str(tree) for tree in TREES[:5]]))
    assert len(again.test) == 5 and again.digest != parts.digest
    assert tree_data(str(tmp_path)).name == tmp_path.name and tree_data().test is None
    with pytest.raises(RnnkitError, match="Did you mean 'sample'"):
        tree_data("smaple")


def test_unlabelled_nodes_count_for_nothing():
    bare = [tree_of(f"({tree.labels[-1]} {str(tree)[3:]}") for tree in TREES[:40]]
    stripped = [type(tree)(tree.words, (*[None] * (len(tree) - 1), tree.labels[-1]), tree.counts) for tree in bare]
    task = TreeClassifier(**OPTIONS)
    parts = task.preprocessing.learn(Treebank(stripped, "roots"))
    inputs, targets, weights = task.collate(parts.train, np.arange(4))
    assert weights["nodes"].sum() == 4 and weights["root"].tolist() == [0.25] * 4 and parts.report["unlabelled"] > 300
    assert weights["nodes"][inputs["roots"]].all() and (targets["root"] == targets["nodes"][inputs["roots"]]).all()


@pytest.mark.slow
def test_finetune_keeps_what_it_can(tmp_path):
    other = [f"(3 (2 zebra) {tree})" for tree in TREES[:40]]
    task = trained().finetune(other, epochs=1)
    assert task.labels == trained().labels and "zebra" in task.vocabulary
    named = trained().finetune(
        [f"({('no', 'yes')[n % 2]} {str(tree)[3:]}" for n, tree in enumerate(TREES[:40])], epochs=1
    )
    assert set(named.labels) > {"no", "yes"} and named.predict(UNSEEN).label in named.labels
    with pytest.raises(RnnkitError, match="cannot change"):
        trained().finetune(other, units=5)


@pytest.mark.parametrize(
    "trees, message",
    [
        (["(1 a)"] * 5, "every label is '1'"),
        (["(1 a)", "(2 b)"], "leave none for"),
        (["(1 (1 a) (2 b) (2 c))"] * 3, "has 3 children"),
        ([f"({n % 2} word{n})" for n in range(40)], "no word occurs 2 times"),
    ],
)
def test_data_that_cannot_be_used(trees, message):
    with pytest.raises(RnnkitError, match=message):
        TreeClassifier(epochs=1).fit(trees)


def test_wrong_options_are_named():
    with pytest.raises(RnnkitError, match="Did you mean 'child_sum'"):
        TreeClassifier(composition="childsum")
    with pytest.raises(RnnkitError, match="Unknown option 'cell'"):
        TreeClassifier(cell="lstm")


@pytest.mark.slow
def test_the_pipeline_goes_from_trees_to_a_phone(tmp_path):
    write_trees(make_trees(300), tmp_path / "mine.txt")
    done = run_pipeline(PIPELINE.name, "--quick", "--data", tmp_path / "mine.txt", "--to", "run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    for part in (
        "DATA  mine.txt",
        "test    root accuracy",
        "TFLite  root accuracy",
        "next: rnnkit predict run --tflite",
    ):
        assert part in done.stdout
    assert (tmp_path / "run" / "lite" / "model.tflite").is_file()
    assert (tmp_path / "run" / "plots" / "own_tree.png").is_file()


@pytest.mark.data
def test_real_trees_train_as_they_should():
    """The Stanford Sentiment Treebank in RNNKIT_TREES: after one epoch far above the most frequent label."""
    if "RNNKIT_TREES" not in os.environ:
        pytest.skip("RNNKIT_TREES names no folder with train.txt, dev.txt and test.txt")
    bank = open_treebank(os.environ["RNNKIT_TREES"])
    assert (len(bank.trees), len(bank.validation), len(bank.test)) == (8544, 1101, 2210)
    assert all(str(tree) == line for tree, line in zip(
        bank.trees, Path(os.environ["RNNKIT_TREES"], "train.txt").read_text(encoding="utf-8").split("\n"), strict=False
    ))  # fmt: skip
    bank.test = read_trees([str(tree) for tree in bank.validation[:50]])
    task = TreeClassifier(units=50, embedding_size=50, epochs=1).fit(bank)
    assert task.results["validation"]["root_accuracy"] > 0.33 and task.results["validation"]["node_accuracy"] > 0.75
