"""Dictionaries, pairs of lists and `tf.data` are the rows that they hold; what is no such thing is refused."""

import numpy as np
import pandas as pd
import pytest

from rnnkit.data.in_memory import inputs_and_targets, rows_in_memory
from rnnkit.data.tables import open_table
from rnnkit.errors import RnnkitError

ROLES = ("text", "label")
ROWS = [("good, very", "1"), ("naïve", "0"), ("", "1")]
TEXTS, LABELS = zip(*ROWS, strict=True)


def rows_of(data, columns=None):
    return list(open_table(rows_in_memory(data, ROLES), columns, ROLES))


@pytest.mark.parametrize(
    "data",
    [
        (list(TEXTS), list(LABELS)),
        (list(TEXTS), [1, 0, 1]),
        (np.array(TEXTS), np.array([1, 0, 1])),
        (pd.Series(TEXTS), pd.Series([1, 0, 1])),
        [{"text": text, "label": label} for text, label in ROWS],
        [{"label": int(label), "text": text} for text, label in ROWS],
        list(ROWS),
    ],
    ids=["lists", "numbers", "arrays", "series", "dictionaries", "another order", "rows"],
)
def test_every_form_is_the_same_rows(data):
    assert rows_of(data) == ROWS


def test_dictionaries_may_have_other_keys_and_keep_their_values():
    given = [{"note": 7, "opinion": "1.0", "kind": 1}, {"note": None, "opinion": "NA", "kind": 0}]
    assert rows_of(given, {"text": "opinion", "label": "kind"}) == [("1.0", "1"), ("NA", "0")]


def test_fit_may_be_given_inputs_and_targets():
    assert inputs_and_targets(list(TEXTS), list(LABELS), ROLES) == (ROWS, None)
    assert inputs_and_targets(np.array(TEXTS), np.array([1, 0, 1]), ROLES)[0] == [(text, int(n)) for text, n in ROWS]
    for source, test, roles in (
        (ROWS, ROWS[:1], ROLES),  # rows and test rows
        (["a", "b"], ["c"], ("text",)),  # texts and test texts of a language model
        ("data.csv", "test.csv", ROLES),
        ([["a", "b"]], [["A", "B"]], ("tokens", "tags")),
        (["a"], None, ROLES),
    ):
        assert inputs_and_targets(source, test, roles) == (source, test)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((["a", "b"], ["1"]), "Got 2 of text, 1 of label; expected as many of each"),
        ([{"text": "a"}, {"txt": "b"}], r"row 1 has \['txt'\]; expected the keys of row 0, \['text'\]"),
        ([{"text": "a"}, ("b", 1)], "row 1 has 'tuple'"),
        ([(["a", "b"], "1")], r"A row holds the list \['a', 'b'\]; expected a text"),
        ([{"text": {"a": 1}, "label": 1}], r"A row holds the dict \{'a': 1\}"),
    ],
    ids=["lengths", "keys", "kinds", "lists", "nested"],
)
def test_what_does_not_fit_is_named(data, message):
    with pytest.raises(RnnkitError, match=message) as error:
        rows_of(data)
    assert "\n" not in str(error.value)


def test_a_dataset_of_tensorflow_is_its_examples():
    tf = pytest.importorskip("tensorflow")
    dataset = tf.data.Dataset.from_tensor_slices((list(TEXTS), [1, 0, 1]))
    assert rows_of(dataset) == ROWS
    assert rows_of(dataset.map(lambda text, label: {"label": label, "text": text})) == ROWS
    for wrong, message in (
        (dataset.repeat(), "repeats for ever"),
        (dataset.batch(2), r"without batches: \.unbatch\(\)"),
        (tf.data.Dataset.from_tensors((b"\xff", 1)), "not UTF-8 at byte 0"),
    ):
        with pytest.raises(RnnkitError, match=message):
            rows_of(wrong)


def test_a_tuple_that_may_be_rows_or_columns_is_refused():
    with pytest.raises(RnnkitError, match="may be rows or columns"):
        rows_of((["good", "pos"], ["bad", "neg"]))


@pytest.mark.parametrize(
    "given", [["a"], np.array(["a"]), pd.Series(["a"]), ("a",)], ids=lambda given: type(given).__name__
)
def test_a_column_of_inputs_is_many(given):
    from rnnkit import TextClassifier

    assert not TextClassifier.is_one(given) and TextClassifier.is_one("a")
