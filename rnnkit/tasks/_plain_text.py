"""Plain text as ids: the part of `LanguageModel` that knows texts, words and parts, and no network."""

import hashlib
import io
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.data.bucketing import Ragged
from rnnkit.data.encode import WordNumbers
from rnnkit.data.plain_text_findings import plain_text_findings
from rnnkit.data.splits import stratified_split
from rnnkit.data.survey import text_digest
from rnnkit.data.tables import Rows
from rnnkit.data.textfile import check_file, find_encoding, open_bytes
from rnnkit.data.tokenizer import RegexTokenizer
from rnnkit.data.vocabulary import SPECIALS, START, Vocabulary
from rnnkit.data.word_features import normalised
from rnnkit.data.words import split_words
from rnnkit.errors import RnnkitError
from rnnkit.tasks._words_and_labels import TEST_SHARE
from rnnkit.tasks.contract import TaskContract
from rnnkit.tasks.parts import Encoded, Parts

_LONGEST = 1_000_000  # ids read of one text


class PlainText(TaskContract):
    """Texts without labels: parts in which no text stands twice, a vocabulary from the training part, ids."""

    roles = ("text",)
    #: What splits the words of the unit "word".
    delimiters = "unicode"
    vocabulary: Vocabulary

    @classmethod
    def open_source(
        cls, source: Any, columns: dict[str, str | None] | None = None, encoding: str | None = None, **how: Any
    ) -> Any:
        """As other tasks', and a .txt file is read a text a line."""
        if not isinstance(source, str | PathLike) or ".txt" not in Path(source).suffixes[-2:]:
            return super().open_source(source, columns, encoding)
        path = Path(source)
        check_file(path, "lines of text")
        found = find_encoding(path, encoding)

        def lines() -> Iterator[str]:
            with open_bytes(path) as file, io.TextIOWrapper(file, found) as text:
                yield from (line for line in text if line.strip())

        return Rows(lines, cls.roles, path.name)

    @classmethod
    def check(cls, source: Any) -> list[Any]:
        """What `rnnkit check` says of plain text: a list of findings, good, warn or fail."""
        return plain_text_findings(cls.open_source(source))

    def tokens(self, text: str) -> list[str]:
        """The units of a text."""
        if self.options.unit == "word":
            return RegexTokenizer(self.delimiters)(text)
        return [normalised(token) for token, _, _ in split_words(text)]

    def prepare(self, source: Any, test: Any = None, *, start: TaskContract | None = None) -> Parts:
        numbers = WordNumbers(self.tokens, _LONGEST)
        held_out = {text_digest(text) for text in _texts(test)} if test is not None else set()
        rows = numbers.number(_different(_texts(source), held_out))
        if len(rows) < 3:
            raise RnnkitError(
                f"{source.name} has too few different texts: {len(rows)}; expected 3 or more to train and test on."
            )
        share = self.options.validation_share
        wanted = {"train": 1 - share - TEST_SHARE, "validation": share, "test": TEST_SHARE}
        if test is not None:
            wanted = {"train": 1 - share, "validation": share}
        chosen = stratified_split(np.zeros(len(rows), np.int32), wanted, self.options.seed)
        counts = numbers.counts(rows.take(chosen["train"]))
        if isinstance(start, PlainText):
            self.vocabulary = start.vocabulary
        else:
            self.vocabulary = Vocabulary.from_counts(counts, self.options.vocabulary_size, self.options.min_count)
        ids = numbers.encode(rows, self.vocabulary)
        made = {name: _encoded(ids.take(places)) for name, places in chosen.items()}
        if test is not None:
            made["test"] = self.encode_rows(test)
        for name, part in made.items():
            if len(part.inputs.flat) <= self.options.batch_size:
                raise RnnkitError(
                    f"{source.name}: the {name} part has {len(part.inputs.flat)} words, fewer than a batch's "
                    f"{self.options.batch_size} rows. Add texts, or lower --batch-size."
                )
        digest = hashlib.sha256(ids.flat.tobytes() + made["test"].inputs.flat.tobytes())
        report: dict[str, Any] = {"name": source.name, "sha256": digest.hexdigest()}
        report |= {name: len(part) for name, part in made.items()}
        report |= {"words": len(made["train"].inputs.flat), "vocabulary": len(self.vocabulary)}
        unknown = round(self.vocabulary.unknown_rate(counts), 4)
        return Parts(made["train"], made["validation"], made["test"],
                     {**report, "unknown_rate": unknown, "padding_waste": 0.0})  # fmt: skip

    def encode_inputs(self, inputs: list[Any]) -> Encoded:
        numbers = WordNumbers(self.tokens, _LONGEST)
        return _encoded(numbers.encode(numbers.number(inputs), self.vocabulary))

    def encode_rows(self, source: Any) -> Encoded:
        return self.encode_inputs(list(_texts(source)))

    def made_up_rows(self, rows: int = 100) -> Encoded:
        """Random words, frequent ones more often, a window of them a row: for where no real texts are at hand."""
        random = np.random.default_rng(self.options.seed)
        ids = np.arange(len(SPECIALS), max(len(self.vocabulary), len(SPECIALS) + 1))
        shares = 1 / (1 + np.arange(len(ids)))
        drawn = random.choice(ids, size=(rows, self.options.window), p=shares / shares.sum())
        return _encoded(Ragged.from_iterable([START, *row] for row in drawn))

    def save_preprocessing(self, folder: Path) -> None:
        self.vocabulary.save(folder / "vocab.txt")

    def load_preprocessing(self, folder: Path) -> None:
        self.vocabulary = Vocabulary.load(folder / "vocab.txt")


def _texts(source: Any) -> Iterator[str]:
    return (row[0] if isinstance(row, tuple) else row for row in source)


def _different(texts: Iterator[str], taken: set[bytes]) -> Iterator[str]:
    """Each text once, and none that is taken already."""
    for text in texts:
        digest = text_digest(text)
        if digest not in taken:
            taken.add(digest)
            yield text


def _encoded(rows: Any) -> Encoded:
    return Encoded(rows, np.zeros(len(rows), np.int32))
