"""Figures with confidence intervals beside them, in every task, and where they are shown."""

import numpy as np
import pytest

import rnnkit
from rnnkit.codec.trees import tree_of
from rnnkit.errors import RnnkitError
from rnnkit.metrics.bootstrap import confidence_intervals
from rnnkit.run.figures import figures_of, interval_of, interval_text
from rnnkit.tasks.base.examples import Encoded, Ragged
from rnnkit.tasks.base.scoring import opened, score
from rnnkit.tasks.language_model.preprocessing import EncodedTexts
from rnnkit.tasks.language_model.scores import STRETCH, text_scores, text_statistics
from rnnkit.tasks.tree_classifier.scores import tree_scores, tree_statistics

RANDOM = np.random.default_rng(0)


def classified(rows, right=0.8):
    task = rnnkit.TextClassifier()
    task.labels = ["a", "b", "c"]
    truth = np.arange(rows) % 3
    guess = np.where(RANDOM.random(rows) < right, truth, (truth + 1) % 3)
    return task, Encoded(Ragged.from_iterable([[1]] * rows), truth), np.eye(3)[guess]


def texts(count, seed=0):
    random = np.random.default_rng(seed)
    rows = Ragged.from_iterable([1, *random.integers(2, 9, random.integers(5, 40))] for _ in range(count))
    encoded = EncodedTexts(rows, np.zeros(count), np.array([3 * (length - 1) for length in rows.lengths]))
    return encoded, -random.gamma(2.0, size=len(rows.flat) - 1)


def test_figures_stay_and_intervals_come_beside_them():
    task, encoded, outputs = classified(90)
    plain, found = task.metrics(encoded, outputs), score(task, encoded, outputs)
    intervals = found.pop("confidence_intervals")
    assert found == plain and set(intervals) == {"accuracy", "macro_f1"}
    assert all(low < found[name] < high for name, (low, high) in intervals.items())
    assert score(task, encoded, outputs)["confidence_intervals"] == intervals


def test_a_small_test_part_has_a_wide_interval():
    widths = [np.ptp(score(*classified(rows))["confidence_intervals"]["accuracy"]) for rows in (12, 1200)]
    assert widths[0] > 0.25 > 0.06 > widths[1]


def test_a_task_without_statistics_has_figures_alone():
    class Plain(rnnkit.TextClassifier):
        statistics = rnnkit.Task.statistics

    task, encoded, outputs = classified(30)
    plain = Plain()
    plain.labels = task.labels
    assert score(plain, encoded, outputs) == task.metrics(encoded, outputs)


def test_texts_are_drawn_whole_and_their_sums_are_the_figures():
    encoded, outputs = texts(30)
    for kind in ("character", "byte"):
        expected = text_scores(encoded, outputs, kind, lossless=True)
        made = text_statistics(encoded, outputs, kind)
        all_of_them = made.figures(made.counts[None].astype(float))
        names = set(expected) - {f"{kind}s"}
        assert {name: all_of_them[name][0] for name in names} == pytest.approx(
            {name: expected[name] for name in names}, abs=2e-3
        )
    assert made.counts.sum() == 30


def test_the_interval_of_nats_is_that_of_whole_texts():
    encoded, outputs = texts(25, seed=4)
    ends = np.cumsum(encoded.inputs.lengths)
    of = np.searchsorted(ends, np.arange(1, len(outputs) + 1), side="right")
    sums = np.stack([np.bincount(of, -outputs), np.bincount(of)])
    drawn = np.random.default_rng(1).integers(25, size=(4000, 25))
    brute = [sums[0, row].sum() / sums[1, row].sum() for row in drawn]
    ours = confidence_intervals(text_statistics(encoded, outputs, "byte"), resamples=4000)["nats_per_byte"]
    assert ours == pytest.approx(np.quantile(brute, (0.025, 0.975)).tolist(), abs=0.02)


def test_a_single_text_counts_as_stretches():
    random = np.random.default_rng(0)
    units = 5 * STRETCH + 200
    encoded = EncodedTexts(Ragged.from_iterable([np.ones(units + 1, int)]), np.zeros(1), np.array([units]))
    outputs = -random.gamma(2.0, size=units - 7)  # windows leave a few out
    made = text_statistics(encoded, outputs, "character")
    expected = text_scores(encoded, outputs, "character", lossless=True)
    assert made.counts.sum() == 6
    found = made.figures(made.counts[None].astype(float))
    names = ("nats_per_character", "bits_per_character", "unknown_rate")
    assert {name: found[name][0] for name in names if name in expected} == pytest.approx(
        {name: expected[name] for name in names if name in expected}, abs=1e-4
    )
    low, high = confidence_intervals(made)["nats_per_character"]
    assert low < expected["nats_per_character"] < high


def test_trees_are_drawn_with_all_their_nodes():
    task = rnnkit.TreeClassifier()
    task.labels = ["0", "1", "2", "3", "4"]
    trees = [tree_of(f"({n % 5} ({(n + 1) % 5} a) (2 b))") for n in range(20)]
    encoded = task.encode_trees(trees, "trees")
    probabilities = np.random.default_rng(2).dirichlet(np.ones(5), 60)
    expected, made = (each(encoded, probabilities, task.labels) for each in (tree_scores, tree_statistics))
    found = made.figures(made.counts[None].astype(float))
    assert {name: values[0] for name, values in found.items()} == pytest.approx(
        {name: expected[name] for name in ("root_accuracy", "root_binary_accuracy", "node_accuracy")}, abs=1e-5
    )
    assert made.counts.sum() == 20


@pytest.mark.parametrize(
    "bounds", [None, 3, [0.1], [0.1, 0.2, 0.3], [0.1, None], [0.1, float("inf")], ["a", "b"], [True, False], {"low": 1}]
)
def test_intervals_of_a_strangers_run_are_numbers_or_none(bounds):
    assert interval_of({"f1": 0.5, "confidence_intervals": {"f1": bounds}}, "f1") is None
    assert interval_text({"f1": 0.5, "confidence_intervals": bounds}, "f1") == ""
    assert [figure.key for figure in figures_of({"f1": 0.5, "confidence_intervals": {"f1": bounds}})] == ["f1"]


def test_what_is_scored_may_be_inputs_and_targets_as_for_fit():
    task = rnnkit.TextClassifier()
    pairs = [("good", "1"), ("bad", "0")]
    assert list(opened(task, ["good", "bad"], ["1", "0"])) == list(opened(task, pairs)) == pairs
    table = {"review": ["good", "bad"], "label": ["1", "0"]}
    assert list(opened(task, table, {"text": "review"})) == pairs


@pytest.mark.parametrize(
    ("source", "second", "said"),
    [
        (["good", "bad"], ["1"], "Got 2 of text, 1 of label; expected as many of each."),
        ("data.csv", "label", "The second argument is 'label'; expected the names of columns"),
    ],
)
def test_a_second_argument_that_is_neither_columns_nor_targets_is_refused(source, second, said):
    with pytest.raises(RnnkitError, match=said):
        opened(rnnkit.TextClassifier(), source, second)
