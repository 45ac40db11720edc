"""`rnnkit check` names what will go wrong with sequences, before any training."""

import numpy as np
import pytest
from tasks import sequencing

from rnnkit.tasks.sequence_classifier.findings import sequence_findings
from rnnkit.tasks.sequence_classifier.source import open_sequences


def found(rows, level="warn", test=None, per_step=False):
    source = open_sequences(rows, per_step=per_step)
    source.test = None if test is None else open_sequences(test)
    return " ".join(each.message for each in sequence_findings(source, 100) if each.level == level)


def beside(column, rows=None):
    """Rows with one more channel: a function of a sequence's number and length."""
    rows = rows or sequencing.rows()
    return [(np.column_stack([each, column(place, len(each))]), label) for place, (each, label) in enumerate(rows)]


GROUPED = [(values, label, f"p{place % 7}") for place, (values, label) in enumerate(sequencing.rows())]
STARTS = np.cumsum([0, *(len(values) for values, _ in sequencing.rows())])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (beside(lambda _, n: np.full(n, 7)), "'channel_3' never changes"),
        (beside(lambda _, n: np.full(n, np.nan)), "'channel_3' never changes"),
        (beside(lambda place, n: np.full(n, place % 3)), "'channel_3' is the same at every step of each sequence"),
        (beside(lambda place, n: STARTS[place] + np.arange(n)), "'channel_3' counts up over the whole table"),
        (beside(lambda place, n: 1e6 + np.arange(n) / n), "'channel_3' is far from 0 and hardly changes"),
        (beside(lambda place, n: np.where(np.arange(n) % 2, np.nan, place)), "of the values are missing; leave such"),
        (sequencing.rows(missing=0.1), "% of the values are missing; the network is told which"),
        (
            [(np.zeros((2, 9)) + n / 7, "ab"[n % 2]) for n in range(40)],
            "9 channels of 2 steps: more channels than steps",
        ),
        (sequencing.rows() * 2, "60 sequences left out: equal to an earlier one."),
        (sequencing.rows(), "No column says which sequences belong together."),
        ([(v, x, x) for v, x in sequencing.rows()], "Every group has one label alone"),
        ([(v, x, f"p{n % 3}") for n, (v, x) in enumerate(sequencing.rows())], "Only 3 groups; .* --folds 3"),
        (sequencing.rows(12), r"Few sequences for a label \('fast' 6, 'slow' 6\); expect 10 or more"),
        (GROUPED[:12] + [(v + 1, "slow", "q") for v, _, _ in GROUPED * 2], "Uneven labels: .*--class-weights"),
        ([(v, None if n % 3 else x) for n, (v, x) in enumerate(sequencing.rows())], "40 sequences left out: no label"),
        (
            [(np.random.default_rng(n).normal(size=(120, 1)), "ab"[n % 2]) for n in range(20)],
            "20 sequences of more than 100",
        ),
        (
            [(np.ones((600, 1)) * n, "ab"[n % 2]) for n in range(20)],
            "The longest has 600 steps. Long ones train slowly",
        ),
        (
            [(np.random.default_rng(n).normal(size=(5 + n % 2, 1)), "ab"[n % 2]) for n in range(40)],
            "The length alone tells",
        ),
    ],
)
def test_what_is_doubtful_is_named(rows, said):
    import re

    assert re.search(said, found(rows)), found(rows)


def test_what_is_in_order_is_not_named():
    assert found(GROUPED) == ""
    assert found(GROUPED, "good").startswith(
        "60 sequences of 4 to 19 steps and 2 channels; 2 labels: 'fast' 30, 'slow' 30."
    )


def test_training_sequences_in_the_test_part_are_counted():
    assert "3 training sequences left out: also in the test part" in found(GROUPED, test=GROUPED[:3])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(values, "a") for values, _ in sequencing.rows()], "every label is 'a'; at least 2 labels are needed"),
        ([(values, None) for values, _ in sequencing.rows()], "none of its sequences has a label"),
        ([(values, str(n)) for n, (values, _) in enumerate(sequencing.rows())], "60 different labels of 60 sequences"),
        ([*sequencing.rows(), (np.ones((3, 2)), "lone")], "the label 'lone' has only one sequence"),
    ],
)
def test_what_forbids_training_is_named(rows, said):
    assert said in found(rows, "fail")


def test_labels_for_every_step_are_looked_at_too():
    assert "3 labels: 'fast' 30, 'rest' 60, 'slow' 30" in found(sequencing.rows(steps=True), "good", per_step=True)


def test_a_group_on_both_sides_of_a_given_split_is_named():
    said = found(GROUPED[:30], test=[(values + 1, label, "p3") for values, label, _ in GROUPED[:9]])
    assert "1 group in both the training and the test part, such as 'p3'." in said
