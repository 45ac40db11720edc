"""How sets of labels are read: one cell, lists, columns of 0 and 1; what is refused; splits that spread labels."""

import json

import numpy as np
import pandas as pd
import pytest
from tasks import tiny

import rnnkit
from rnnkit.data.remembered import Remembered
from rnnkit.data.survey import survey
from rnnkit.errors import RnnkitError
from rnnkit.tasks.multilabel_classifier.preprocessing import counts_of
from rnnkit.tasks.multilabel_classifier.source import labels_of, open_label_sets
from rnnkit.tasks.multilabel_classifier.split import spread

SETS = [("you fool", "toxic;insult"), ("thanks", ""), ("I will find you", "threat; toxic"), ("fool", "insult")]
READ = [["insult", "toxic"], [], ["threat", "toxic"], ["insult"]]


def read(data, **how):
    """The labels of each row, and what was said."""
    said = []
    return [labels_of(row) for _, row in open_label_sets(data, tell=said.append, **how)], said


def written(path, *lines):
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("between", [";", " | ", ", "])
def test_the_separator_is_found_in_the_column_and_said(between, tmp_path):
    rows = [(text, labels.replace("; ", ";").replace(";", between)) for text, labels in SETS]
    found, [said] = read(rows)
    assert found == READ and f"separated by '{between.strip()}'; --separator sets it" in said
    path = written(tmp_path / "x.csv", "text,tags", *(f'{text},"{labels}"' for text, labels in rows))
    assert read(path)[0] == READ


def test_the_separator_is_the_one_that_leaves_the_fewest_labels():
    rows = [("a", "Food, drink|Travel"), ("b", "Food, drink"), ("c", "Travel|Sport, indoors"), ("d", "Sport, indoors")]
    assert read(rows)[0][0] == ["Food, drink", "Travel"]


def test_commas_within_labels_are_asked_about_and_not_guessed():
    rows = [("a", "Food, drink"), ("b", "Travel"), ("c", "Arts, crafts")]
    with pytest.raises(RnnkitError, match="'Food, drink' may be one label, or several.*--separator ',' or --separator"):
        read(rows)
    assert read(rows, separator="none")[0] == [["Food, drink"], ["Travel"], ["Arts, crafts"]]
    assert read(rows, separator=",")[0][0] == ["Food", "drink"]


def test_another_separator_than_the_given_one_is_named():
    with pytest.raises(RnnkitError, match="no cell has a '/', but ';' is in some: --separator ';'"):
        read(SETS, separator="/")
    assert read([("a", "one"), ("b", "two")], separator=";")[0] == [["one"], ["two"]]


def test_lists_are_lists_in_python_json_and_as_pandas_writes_them(tmp_path):
    lists = [labels.replace(" ", "").split(";") if labels else [] for _, labels in SETS]
    texts = [text for text, _ in SETS]
    rows = list(zip(texts, lists, strict=True))
    frame = pd.DataFrame({"text": texts, "labels": lists})
    frame.to_csv(tmp_path / "x.csv", index=False)
    lines = (json.dumps({"text": text, "labels": labels}) for text, labels in rows)
    path = written(tmp_path / "x.jsonl", *lines)
    for data in (rows, frame, path, tmp_path / "x.csv", [(text, set(labels)) for text, labels in rows]):
        assert read(data) == (READ, [])
    with pytest.raises(RnnkitError, match="is a list of labels, and 'x;y' is none. Write all in one way"):
        read([("a", ["x", "y"]), ("b", "x;y")])
    assert read([("a", "[deleted]"), ("b", "x;y")])[0] == [["[deleted]"], ["x", "y"]]
    with pytest.raises(RnnkitError, match=r'row 2: .* is no list of labels; expected one like \["toxic", "insult"\]'):
        read([("a", ["x"]), ("b", '[{"x": 1}]')])


def test_columns_of_0_and_1_are_recognised_said_and_remembered(tmp_path):
    lines = ["id,comment_text,toxic,insult", "a7,you fool,1,1", "b8,thanks,0,0", "c9,well,1.0,"]
    path = written(tmp_path / "x.csv", *lines)
    found, [said] = read(path)
    assert found == [["insult", "toxic"], [], ["toxic"]]
    assert said == "x.csv: 'toxic' and 'insult' hold 0 and 1 alone and are read as the labels; --labels names others."
    opened = open_label_sets(path, {"labels": "insult, toxic"})
    assert opened.reading["columns"] == {"text": "comment_text", "labels": "insult,toxic"}
    few = written(tmp_path / "few.csv", "other,comment_text,toxic,insult", "1,fine,0,1")
    remembered = Remembered({}, opened.reading)
    assert [labels_of(row) for _, row in open_label_sets(few, remembered)] == [["insult"]]
    frame = pd.DataFrame({"text": ["a", "b"], "toxic": [True, False], "insult": [False, False]})
    assert read(frame)[0] == [["toxic"], []]


def test_what_is_neither_0_nor_1_is_refused_with_its_place(tmp_path):
    path = written(tmp_path / "x.csv", "text,toxic,insult", "a,1,0", "b,maybe,0")
    with pytest.raises(RnnkitError, match="x.csv row 2: the column 'toxic' holds 'maybe'; expected 0 or 1"):
        read(path, columns={"labels": "toxic,insult"})
    with pytest.raises(RnnkitError, match="no column 'insullt'. Did you mean 'insult'"):
        read(path, columns={"labels": "toxic,insullt"})
    with pytest.raises(RnnkitError, match="no column 'labels'. It has: text, toxic, insult"):
        read(path)


def test_texts_count_once_blank_labels_stay_and_spellings_are_one():
    rows = [
        ("one", "Caf\u00e9; 1"),
        ("two", ""),
        ("three", "1;Cafe\u0301"),
        ("one ", "1;caf\u00e9"),
        ("two", " "),
        ("", "1"),
    ]
    opened = open_label_sets(rows)
    seen = survey(opened)
    assert (len(seen.kept), seen.duplicates, seen.conflicts, seen.blank_texts) == (3, 1, 1, 1)
    assert counts_of(seen) == {"1": 2, "Caf\u00e9": 2}
    found = rnnkit.MultilabelClassifier.check(rows)
    said = [finding.message for finding in found]
    assert "1 row left out: the same text and labels as an earlier row." in said
    assert "1 row left out: the text of an earlier row with other labels." in said
    assert any("count as one label, 'Caf\u00e9'" in line for line in said)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(f"text {n}", "toxic" * (n % 2)) for n in range(40)], "the only label is 'toxic'; at least 2"),
        ([(f"text {n}", "") for n in range(40)], "no row has a label; at least 2"),
        ([("", "a;b")] * 5, "none of its 5 rows has a 'text'"),
        ([(f"text {n}", f"id{n};code{n}") for n in range(40)], "80 different labels in 40 rows; labels repeat"),
    ],
)
def test_what_cannot_be_learnt_is_said_by_check_and_by_fit(rows, said):
    [failed] = [each for each in rnnkit.MultilabelClassifier.check(rows) if each.level == "fail"]
    assert said in failed.message
    task = rnnkit.MultilabelClassifier()
    with pytest.raises(RnnkitError) as refused:
        task.preprocessing.learn(task.read(rows))
    assert str(refused.value) == failed.message


def test_separators_that_are_none_are_refused():
    for wrong in ("", "and", "x", "------"):
        with pytest.raises(RnnkitError, match="separator is .*; expected up to 5 signs"):
            rnnkit.MultilabelClassifier(separator=wrong)


def test_check_of_single_labels_names_the_task_that_reads_sets_and_the_other_way_round():
    rows = [(f"text number {n}", ("a", "b", "a;b")[n % 3]) for n in range(60)]
    warned = [each.message for each in rnnkit.TextClassifier.check(rows) if each.level == "warn"]
    assert any("rnnkit check multilabel_classifier FILE --text text --labels label" in line for line in warned)
    single = [(text, labels.replace(";", " ")) for text, labels in rows]
    assert not any("multilabel" in each.message for each in rnnkit.TextClassifier.check(single))
    assert any("exactly one label: rnnkit train" in each.message for each in rnnkit.MultilabelClassifier.check(single))


def test_every_label_has_its_share_of_every_part():
    random = np.random.default_rng(0)
    chances = np.array([0.5, 0.3, 0.1, 0.05, 0.02])
    targets = (random.random((2000, 5)) < chances).astype(np.int8)
    fractions = {"train": 0.8, "validation": 0.1, "test": 0.1}
    parts = spread(targets, fractions, seed=3)
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(2000))
    for name, share in fractions.items():
        wanted = share * targets.sum(axis=0)
        assert np.abs(targets[parts[name]].sum(axis=0) - wanted).max() <= 2.5, name
        assert abs(len(parts[name]) - share * 2000) <= 10
    again, other = (spread(targets, fractions, seed) for seed in (3, 4))
    assert all(np.array_equal(parts[name], again[name]) for name in parts)
    assert not np.array_equal(parts["test"], other["test"])


def test_a_run_reads_other_files_with_its_separator():
    task = rnnkit.MultilabelClassifier(**tiny.OPTIONS)
    rows = [(text, " / ".join(labels)) for text, labels in tiny.label_sets(60)]
    task.preprocessing.learn(task.read(rows, separator="/"))
    assert task.options.separator == "/" and task.labels == ["neg", "pos", "so so"]
    assert task.encode_rows(task.read([("a good film", "pos")])).targets.tolist() == [[0, 1, 0]]
    with pytest.raises(RnnkitError, match="label 'new', which this model does not know"):
        task.encode_rows(task.read([("a good film", "pos/new")]))


SAID = [["toxic", "insult"], [], ["toxic"], ["a, b"]]


@pytest.mark.parametrize(
    "name, row",
    [
        ("doccano.jsonl", lambda labels: {"id": 1, "text": "t", "label": labels}),
        ("spacy.jsonl", lambda labels: {"text": "t", "cats": {name: float(name in labels) for name in sum(SAID, [])}}),
        (
            "studio.jsonl",
            lambda labels: {
                "data": {"text": "t"},
                "annotations": [{"result": [{"type": "choices", "value": {"choices": labels}}] * bool(labels)}],
            },
        ),
        ("minimal.jsonl", lambda labels: {"text": "t", "label": {"choices": labels}}),
    ],
)
def test_lists_of_one_label_beside_longer_ones_stay_lists(name, row, tmp_path):
    path = written(tmp_path / name, *(json.dumps(row(labels)) for labels in SAID))
    assert read(path)[0] == [sorted(labels) for labels in SAID]
    alone = written(tmp_path / f"one_{name}", *(json.dumps(row(["a, b"])) for _ in range(3)))
    assert read(alone) == ([["a, b"]] * 3, [])


@pytest.mark.parametrize("key", ["label", "kinds"])
def test_several_labels_are_for_this_task(key, tmp_path):
    path = written(tmp_path / "a.jsonl", json.dumps({"text": "t", key: ["a", "b"]}))
    with pytest.raises(RnnkitError, match=f"'{key}' holds a list; .*rnnkit train multilabel_classifier"):
        list(rnnkit.TextClassifier().open_source(path, {"text": "text", "label": key}))


@pytest.mark.parametrize("sign", ["；", "、", "/", " "])
def test_a_separator_of_another_kind_is_asked_about_with_the_flag(sign):
    rows = [(f"text {n}", (f"tea{sign}good", "tea", "good", f"cake{sign}bad", "cake")[n % 5]) for n in range(60)]
    said = [finding.message for finding in rnnkit.MultilabelClassifier.check(rows)]
    assert any(f"looks like several labels in one cell: --separator {sign!r}" in line for line in said)
    assert not any(
        "looks like" in each.message for each in rnnkit.MultilabelClassifier.check([(t, "a b") for t, _ in rows])
    )


def test_a_first_line_that_may_be_a_row_is_said_with_the_flags(tmp_path):
    path = written(tmp_path / "a.csv", "good tea,tea;good", "bad cake,cake")
    with pytest.raises(RnnkitError, match="If that line is a row, give the columns by number: --text 1 --labels 2"):
        read(path)
    assert read(path, columns={"text": "1", "labels": "2"})[0] == [["good", "tea"], ["cake"]]


def test_lists_in_any_data_frame_are_labels():
    import pyarrow

    rows = [("a fool", ["toxic", "insult"]), ("thanks", []), ("you fool", ["insult"])]
    table = pyarrow.table({"text": [text for text, _ in rows], "labels": [labels for _, labels in rows]})
    assert list(open_label_sets(table)) == list(open_label_sets(rows))
    columns = pyarrow.table({"text": ["a fool", "thanks", "you"], "toxic": [1, 0, 0], "insult": [True, False, True]})
    assert [labels for _, labels in open_label_sets(columns)][0] == '["insult", "toxic"]'
