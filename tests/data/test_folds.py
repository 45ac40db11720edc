"""Examples divided into folds: stratified, equal ones together, rare labels kept in training."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest

from rnnkit.data.folds import ALWAYS_TRAINED, Divisible, divisible_part, divisible_rows, folds_of, rare_labels
from rnnkit.data.tables import Rows
from rnnkit.errors import RnnkitError


def labelled(**counts):
    rows = [(f"{label} text {number}", label) for label, count in counts.items() for number in range(count)]
    return divisible_rows(Rows(rows), "mine", labelled=True)


def test_every_example_is_in_one_fold_and_every_label_in_all():
    data = labelled(good=31, bad=17, fair=5)
    of = folds_of(data, 5, seed=3)
    assert sorted(Counter(of.tolist()).values()) == [10, 10, 11, 11, 11]
    for label in ("good", "bad", "fair"):
        counts = Counter(fold for fold, own in zip(of.tolist(), data.labels, strict=True) if own == label)
        assert len(counts) == 5 and max(counts.values()) - min(counts.values()) <= 1


def test_the_seed_alone_decides():
    data = labelled(good=20, bad=20)
    assert (folds_of(data, 4, 1) == folds_of(data, 4, 1)).all()
    assert (folds_of(data, 4, 1) != folds_of(data, 4, 2)).any()


def test_equal_examples_stay_together_whatever_their_labels():
    rows = [(f"text {number % 9}", str(number % 2)) for number in range(45)]
    of = folds_of(divisible_rows(Rows(rows), "mine", labelled=True), 3)
    assert all(len({of[place] for place in range(45) if place % 9 == text}) == 1 for text in range(9))


def test_equal_inputs_stay_together_whatever_they_are_to_be_answered_with():
    rows = Rows([(f"text {number % 9}", str(number)) for number in range(45)], ("text", "score"))
    of = folds_of(divisible_rows(rows, "mine", labelled=False), 3)
    assert all(len({of[place] for place in range(45) if place % 9 == text}) == 1 for text in range(9))


def test_labels_too_rare_to_be_tested_and_learnt_stay_in_training():
    data = labelled(good=20, three=3, two=2, one=1)
    of = folds_of(data, 5)
    trained = {label for fold, label in zip(of.tolist(), data.labels, strict=True) if fold == ALWAYS_TRAINED}
    assert trained == {"two", "one"}
    assert rare_labels(data, 5) == [
        "label three (3): fewer examples than folds, so that not every fold tests them.",
        "labels two (2), one (1): too few examples to be tested and learnt; they stay in training.",
    ]
    assert {*folds_of(labelled(good=20, three=3), 2)[-3:].tolist()} == {ALWAYS_TRAINED}  # a fold could take two of them
    assert rare_labels(labelled(good=20, bad=5), 5) == []


def test_more_folds_than_different_examples_are_refused():
    rows = Rows([("same", "1")] * 9 + [("other", "2")])
    with pytest.raises(RnnkitError, match="2 different examples cannot be divided into 3 folds"):
        folds_of(divisible_rows(rows, "mine", labelled=False), 3)
    with pytest.raises(RnnkitError, match="too few examples to be tested in 4 folds"):
        folds_of(labelled(a=1, b=2, c=1), 4)


def test_opened_rows_are_those_given_with_their_columns():
    rows = Rows([("a", "1"), ("b", "2"), ("c", "1")], name="mine.csv", columns={"text": "Text", "label": "Stars"})
    data = divisible_rows(rows, "mine", labelled=True)
    opened = data.opened(data.examples[1:])
    assert list(opened) == [("b", "2"), ("c", "1")] and (opened.name, opened.columns["label"]) == ("mine.csv", "Stars")


def test_lists_of_ones_own_keep_their_class_and_arrays_are_told_apart_in_full():
    class Frame(list):
        name = "The frame"

    long = np.zeros(5000)
    other = long.copy()
    other[2500] = 1  # where its text has dots
    source = Frame([(long, 1.0), (other, 1.0), (long.copy(), 1.0)])
    data = divisible_rows(source, "mine", labelled=False)
    assert len(set(data.keys)) == 2 and data.keys[0] == data.keys[2]
    assert isinstance(data.opened(data.examples[:1]), Frame) and len(data.opened(data.examples[:1])) == 1
    assert len(source) == 3


def test_what_cannot_be_divided_is_said():
    with pytest.raises(RnnkitError, match="wave gives no examples to divide into folds: its method `in_folds`"):
        divisible_rows(object(), "wave", labelled=False)


def test_given_parts_are_left_alone():
    @dataclass
    class Parts:
        name: str
        trees: list
        validation: list
        test: list | None

    source = Parts("bank", [1, 2, 3], [4], [5])
    opened = divisible_part(source, "trees", ["1", "2", "3"]).opened([2])
    assert opened == Parts("bank", [2], [4], None) and source.test == [5]


def test_the_digest_is_that_of_examples_and_labels():
    data = labelled(good=3, bad=3)
    assert data.digest == labelled(good=3, bad=3).digest != labelled(good=3, bat=3).digest
    assert Divisible("x", [], ["ab", "c"], list, []).digest != Divisible("x", [], ["a", "bc"], list, []).digest


def test_what_is_learnt_is_in_the_digest():
    def digest(tag):
        return Divisible("x", [(("Ann", "sings"), (tag, "O"))], ["Ann sings"], list, []).digest

    assert digest("B-PER") == digest("B-PER") != digest("B-LOC")
