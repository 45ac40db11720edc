"""Readers of people's data: tables, tagged sentences, pairs, trees, plain text, word vectors."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from fuzz import samples, screen
from fuzz.case import Case, is_text, of_file, of_folder, only_file
from fuzz.edits import edit, edited, files
from fuzz.json_edits import json_files
from fuzz.made import Made
from hypothesis import strategies as st

import rnnkit
from rnnkit.codec.trees import binarized, tree_of
from rnnkit.data.embeddings import read_word_vectors
from rnnkit.data.row_writers import DelimitedWriter, JsonWriter
from rnnkit.data.tables import open_table
from rnnkit.data.whole_rows import open_rows
from rnnkit.tasks.base.examples import Splits
from rnnkit.tasks.forecaster.source import open_series
from rnnkit.tasks.sequence_classifier.source import open_sequences
from rnnkit.tasks.token_tagger.source import open_tagged
from rnnkit.tasks.translator.source import open_parallel
from rnnkit.tasks.tree_classifier.files import read_trees

_SMALL = {"validation_share": 0.3, "batch_size": 2}


def data_cases(bombs: bool = False) -> list[Case]:
    """The cases; with `bombs` some files unpack to 2 GiB."""
    tables, tagged, pairs, texts = samples.tables(), samples.tagged(), samples.pairs(), samples.texts()
    tables_made = st.one_of(files(tables, ("a.txt", "a.json", "a.xlsx", "a.csv.gz"), bombs=bombs), _lines(tables))
    tagged_made = st.one_of(files(tagged, ("a.txt", "a.csv", "a"), bombs=bombs), _lines(tagged))
    pairs_made = st.one_of(files(pairs, ("a.txt", "a.en"), bombs=bombs), _lines(pairs))
    texts_made = st.one_of(files(texts, ("a.md", "a.tsv"), bombs=bombs), _lines(texts))
    sets_made = files(samples.label_sets(), ("a.txt", "a.json", "a.csv.gz"), bombs=bombs)
    sequences_made = st.one_of(
        files(samples.sequences(), ("a.txt", "a.csv.gz"), bombs=bombs), _lines(samples.sequences())
    )
    series_made = st.one_of(files(samples.series(), ("a.txt", "a.csv.gz"), bombs=bombs), _lines(samples.series()))
    trees_made = files(samples.trees(), ("a.csv", "train.txt"), bombs=bombs)
    vectors = files(samples.vectors(), ("a.csv", "a.bin"), bombs=bombs)
    tagged_parts = _folders(tagged, ("train", "dev", "test"))
    pairs_parts = _folders(pairs, ("train", "validation", "test", "en.train", "de.train"))
    return [
        Case("tables: open", tables_made, of_file(lambda path: list(open_table(path))), _rows),
        Case("tables: whole rows", tables_made, of_file(_written_whole), is_text),
        Case("tables: check", tables_made, screen.command("check", "text_classifier", "FILE"), screen.is_sound),
        Case("tables: prepare", tables_made, prepare("TextClassifier"), prepared),
        Case("label sets: check", sets_made, screen.command("check", "multilabel_classifier", "FILE"), screen.is_sound),
        Case("label sets: prepare", sets_made, prepare("MultilabelClassifier"), prepared),
        Case("sequences: open", sequences_made, of_file(open_sequences), _sequences),
        Case(
            "sequences: check", sequences_made, screen.command("check", "sequence_classifier", "FILE"), screen.is_sound
        ),
        Case("sequences: prepare", sequences_made, prepare("SequenceClassifier"), prepared),
        Case("series: open", series_made, of_file(open_series), lambda found: all(map(len, found.series))),
        Case("series: check", series_made, screen.command("check", "forecaster", "FILE"), screen.is_sound),
        Case("series: prepare", series_made, prepare("Forecaster", horizon=3, look_back=6), prepared),
        Case("tagged: open", tagged_made, of_file(open_tagged), _tagged),
        Case("tagged: folder", tagged_parts, of_folder(open_tagged), _tagged),
        Case("tagged: check", tagged_made, screen.command("check", "token_tagger", "FILE"), screen.is_sound),
        Case("tagged: prepare", tagged_made, prepare("TokenTagger"), prepared),
        Case("pairs: open", pairs_made, of_file(lambda path: list(open_parallel(path))), _rows),
        Case("pairs: two files", _two_files(pairs), of_folder(_open_two), _rows),
        Case("pairs: folder", pairs_parts, of_folder(lambda folder: list(open_parallel(folder))), _rows),
        Case("pairs: check", pairs_made, screen.command("check", "translator", "FILE"), screen.is_sound),
        Case("pairs: prepare", pairs_made, prepare("Translator", unit="word"), prepared),
        Case("trees: read", trees_made, of_file(read_trees), _trees),
        Case("trees: check", trees_made, screen.command("check", "tree_classifier", "FILE"), screen.is_sound),
        Case("trees: prepare", trees_made, prepare("TreeClassifier"), prepared, heavy=True),
        Case("text: check", texts_made, screen.command("check", "language_model", "FILE"), screen.is_sound),
        Case("text: prepare", texts_made, prepare("LanguageModel", unit="character", window=4), prepared),
        Case("word vectors: read", vectors, of_file(read_word_vectors), _vectors),
    ]


def _written_whole(path: Path) -> str:
    """The rows of a table with an answer beside each, as JSONL and as the source's own kind."""
    source: Any = open_rows(path)
    rows = [(row, {"a": "b"}) for row in source]
    own = DelimitedWriter(source, ["a"], path)
    return JsonWriter(source).rows(rows).decode() + (own.head() + own.rows(rows)).decode(own.encoding)


def _open_two(folder: Path) -> list[tuple[str, ...]]:
    return list(open_parallel((folder / "a.en", folder / "a.de")))


def _lines(seeds: dict[str, bytes]) -> st.SearchStrategy[Made]:
    return json_files({name: content for name, content in seeds.items() if name.endswith((".jsonl", ".json"))})


def _folders(seeds: dict[str, bytes], parts: tuple[str, ...]) -> st.SearchStrategy[Made]:
    """A folder with some of the parts, each made of any of the seeds."""
    one = st.tuples(st.sampled_from(parts), files(seeds, odd=True, most=1))

    def made(chosen: list[tuple[str, Made]]) -> Made:
        found: dict[str, bytes | str] = {}
        for part, each in chosen:
            name, content = next(iter(each.files.items()))
            found[part + name[name.find(".") :]] = content
        return Made(found, tuple(each.how for _, each in chosen))

    return st.lists(one, min_size=1, max_size=4).map(made)


def _two_files(seeds: dict[str, bytes]) -> st.SearchStrategy[Made]:
    edits = st.lists(edit(), max_size=2)
    return st.builds(
        lambda a, b: Made({"a.en": edited(seeds["corpus.en"], a), "a.de": edited(seeds["corpus.de"], b)}, (a, b)),
        edits,
        edits,  # fmt: skip
    )


def prepare(name: str, **options: Any) -> Callable[[Path, Made], Any]:
    """All that training does before there is a network."""

    def read(folder: Path, made: Made) -> Any:
        task_class = getattr(rnnkit, name)
        known = {**_SMALL, **options}
        task = task_class(**{key: value for key, value in known.items() if hasattr(task_class.options_class, key)})
        return task.preprocessing.learn(task.read(only_file(folder, made)))

    return read


def prepared(parts: Any) -> bool:
    return isinstance(parts, Splits) and all(len(part) > 0 for part in (parts.train, parts.validation, parts.test))


def _rows(rows: Any) -> bool:
    return all(isinstance(row, tuple) and len(row) == 2 and all(map(is_text, row)) for row in rows)


def _sequences(found: Any) -> bool:
    shapes = {values.shape[1] for values in found.values}
    return len(found) == len(found.labels) == len(found.ids) > 0 and shapes == {len(found.channels)} and all(
        len(values) and not np.isinf(values).any() for values in found.values
    )  # fmt: skip


def _tagged(text: Any) -> bool:
    tags = [tag for part in text.parts.values() for one in part for tag in one.tags]
    tokens = [token for part in text.parts.values() for one in part for token in one.tokens]
    return len(tags) == len(tokens) > 0 and all(map(is_text, [*tags, *tokens])) and all(
        tag == "O" or tag[:2] in ("B-", "I-") for tag in tags
    ) and all(tokens)  # fmt: skip


def _trees(trees: Any) -> bool:
    """Whether they are the same after writing and reading, and with two children a node at most."""
    return all(
        tree_of(str(tree)) == tree and tree.depth < len(tree) and max(binarized(tree).counts) <= 2
        and binarized(tree).leaves == tree.leaves for tree in trees[:50]
    )  # fmt: skip


def _vectors(found: Any) -> bool:
    shape = found.vectors.shape
    return shape == (len(found.words), found.size) and bool(np.isfinite(found.vectors).all()) and len(
        set(found.words)
    ) == len(found.words) > 0 and all(map(is_text, found.words))  # fmt: skip
