"""Readers of a stranger's data do work in proportion to it: four times as much takes four times as long."""

import contextlib

import pytest
from data.growth import growth

from rnnkit.codec.abc import Skipped, Tune, split_tunes
from rnnkit.codec.abc_text import plain_text
from rnnkit.codec.normalise import normalised
from rnnkit.codec.pieces import Pieces
from rnnkit.codec.tokenizer import RegexTokenizer
from rnnkit.codec.trees import parse_trees, tree_of
from rnnkit.codec.words import split_words
from rnnkit.data.delimited import Oddities
from rnnkit.data.embeddings import read_word_vectors
from rnnkit.data.findings import findings
from rnnkit.data.labels import normalise_labels, sort_labels
from rnnkit.data.survey import survey
from rnnkit.data.tables import Rows, Table
from rnnkit.errors import RnnkitError
from rnnkit.metrics.caption_words import caption_words
from rnnkit.tasks.image_captioner.source import _by_picture
from rnnkit.tasks.image_captioner.tables import CaptionRow, CaptionRows
from rnnkit.tasks.music_model.bars import check_bars
from rnnkit.tasks.music_model.repeats import without_repeats
from rnnkit.tasks.music_model.transpose import transposed
from rnnkit.tasks.token_tagger.conll import read_column_file
from rnnkit.tasks.token_tagger.findings import tagged_findings
from rnnkit.tasks.token_tagger.source import open_tagged

BODIES = ["{", "[A:", "[", "|", "| ", ":|", "||C", "|1a:|", "|98a:|", "|:a|1b:|2-9c:|", "a>", "&", "[K:G]a", "(9:9:9a",
          "a/9973", '"', "!", "^", "Z9|", "[a", "[1,2", "[L:1/8 ", "\\ ", "%", "$", "a<<b"]  # fmt: skip
TEXTS = ["a", "-", "_", "a-_", "a.", "1.", "'", "n't", "http://", "@", "a@", "\u0301", "東", "ａ", "⁇ ", "(", "\u2581"]


def tune(unit, size):
    return Tune({"K": "C", "M": "4/4"}, "a" + unit * size)


@pytest.mark.parametrize("unit", BODIES)
@pytest.mark.parametrize(
    "read",
    [check_bars, without_repeats, plain_text, lambda tune: transposed(tune, "D")],
    ids=["bars", "repeats", "plain", "key"],
)
def test_tunes(unit, read):
    assert growth(lambda size: lambda: read(tune(unit, size)), 50) < 6


@pytest.mark.parametrize("line", ["X:1", "K:C", "M:4/4", "a", "", "V:1", "%", "X:1\nK:C\nabc"])
def test_files_of_tunes(line):
    assert growth(lambda size: lambda: list(split_tunes((line + "\n").split("\n") * size, "x", Skipped())), 100) < 6


@pytest.mark.parametrize("unit", TEXTS)
def test_texts(unit):
    pieces = [
        Pieces(kind, ["▁", "a", "aa", "aaaa"], [-1, -2, -3, -4]) for kind in ("bpe", "unigram", "word", "character")
    ]

    def read(size):
        text = unit * size
        return lambda: (
            caption_words(text), split_words(text), normalised(text), RegexTokenizer()(text),
            [each.encode(text) for each in pieces],
        )  # fmt: skip

    assert growth(read, 100) < 6


@pytest.mark.parametrize(
    ("name", "head", "row", "end"),
    [
        ("rows.csv", "text,label\n", "good {0},a\n", ""),
        ("short.csv", ",".join(["text", "label", *(f"c{n}" for n in range(300))]) + "\n", "good\n", ""),
        ("wide.csv", "text,label", ",c{0}", "\na,b\n"),
        ("same.csv", "text,label", ",c", "\na,b\n"),
        ("no_column.csv", "first,label", ",column{0}", "\na,b\n"),
        ("quoted.csv", "text,label\n", '"a\n",b\n', ""),
        ("left_open.csv", 'text,label\n"', "a,b\n", ""),
        ("rows.jsonl", "", '{{"text": "good {0}", "label": "a"}}\n', ""),
        ("keys.jsonl", '{"text": "a", "label": "b"', ', "c{0}": 1', "}\n"),
        ("deep.jsonl", '{"text": "a", "label": ', "[", "\n"),
    ],
)  # fmt: skip
def test_tables(tmp_path, name, head, row, end):
    def read(size):
        path = tmp_path / f"{size}_{name}"
        path.write_text(head + "".join(row.format(number) for number in range(size)) + end)

        def call():
            with contextlib.suppress(RnnkitError):
                findings(survey(Table(path)))

        return call

    assert growth(read, 150) < 6


def test_columns_vectors_trees_and_labels(tmp_path):
    def columns(size):
        (tmp_path / f"{size}.conll").write_text("".join(f"w{n} B-T{n}\nx O\n\n" for n in range(size)))
        return lambda: tagged_findings(open_tagged(tmp_path / f"{size}.conll"))

    def vectors(size):
        (tmp_path / f"{size}.vec").write_text("".join(f"w{n} {n} 1\n" for n in range(size)))
        return lambda: read_word_vectors(tmp_path / f"{size}.vec")

    readers = {
        "columns": columns,
        "one sentence": lambda size: _column(tmp_path / f"one{size}.conll", size),
        "vectors": vectors,
        "deep tree": lambda size: lambda: str(tree_of("(" * size + "a" + ")" * size)),
        "wide tree": lambda size: lambda: tree_of("(" + "(a)" * size + ")").depth,
        "open": lambda size: lambda: pytest.raises(RnnkitError, list, parse_trees(["(" * size])),
        "labels": lambda size: lambda: sort_labels(normalise_labels([str(n) for n in range(size)]).values()),
        "rows": lambda size: lambda: survey(Rows([(str(n), str(n)) for n in range(size)])),
    }
    for name, read in readers.items():
        assert growth(read, 200) < 6, name


def _column(path, size):
    path.write_text("w B-X\n" * size)
    return lambda: read_column_file(path)


def test_many_entities_in_a_text_and_captions_of_a_picture():
    def entities(size):
        spans = [[2 * n, 2 * n + 1, "X"] for n in range(size)]
        return lambda: open_tagged([("a " * size, spans), ("a " * size, spans * 2)])

    def captions(size):
        rows = [CaptionRow("a.png", [f"a dog {n}"], None) for n in range(size)]
        return lambda: _by_picture(CaptionRows(rows, "x", {}, "utf-8", Oddities(), None), [])

    assert growth(entities, 100) < 6
    assert growth(captions, 100) < 6
