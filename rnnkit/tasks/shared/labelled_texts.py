"""Labelled texts as numbers, shared by the tasks that label whole texts: tables, units, words and splits."""

import hashlib
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.pieces import SPECIALS as PIECE_SPECIALS
from rnnkit.codec.tokenizer import RegexTokenizer
from rnnkit.codec.unit_tokenizers import SubwordTokenizer, Tokenizer, subword_text, unit_tokenizer
from rnnkit.codec.vocabulary import START
from rnnkit.codec.word_units import WORDS
from rnnkit.data.bucketing import Ragged
from rnnkit.data.findings import require_usable
from rnnkit.data.learn_pieces import learn_pieces
from rnnkit.data.survey import Survey, is_missing, kept_rows, survey
from rnnkit.errors import RnnkitError, one_line
from rnnkit.tasks.base.examples import Encoded, Splits
from rnnkit.tasks.base.finetuning import length_for
from rnnkit.tasks.base.keeping import KeepsParts
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.tasks.shared.choose_unit import AUTO, chosen_unit
from rnnkit.tasks.shared.pretrained import word_encoder
from rnnkit.tasks.shared.word_numbers import WordNumbers
from rnnkit.tasks.shared.words_and_labels import TEST_SHARE, WordsAndLabels

_FITTING = 0.99  # share of the texts that are read whole where `max_length` is chosen


class LabelledTexts(WordsAndLabels, KeepsParts):
    """Rows of a text and what it is labelled with: splits without repeated texts, a vocabulary from the training part,
    ids. A task says what its targets are, and how texts are divided by them."""

    language_unit = "word"
    of_the_data = ("unit", "delimiters", "max_length", "vocabulary_size", "min_count", "seed", "validation_share")
    #: Rows of the last `encode_rows` without a text, or without a label where each needs one.
    unscored = 0

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        #: Splits a text into the strings of the vocabulary.
        self.tokenizer: Tokenizer = RegexTokenizer(options.delimiters)
        #: Length of each training text before truncation, for the plot of lengths.
        self.uncut_lengths = np.zeros(0, np.int64)

    # ------------------------------------------------------------------ what a task says

    @abstractmethod
    def label_counts(self, seen: Survey) -> dict[str, int]:
        """The labels in their order, with the number of usable rows that have each."""

    @abstractmethod
    def targets_of(self, seen: Survey) -> np.ndarray:
        """The targets of the kept rows, one entry a row."""

    @abstractmethod
    def divided(self, seen: Survey, usable: np.ndarray, fractions: Mapping[str, float]) -> dict[str, np.ndarray]:
        """The parts of a data set, as places among `usable`, which are places among the kept rows."""

    @abstractmethod
    def targets_by_label(self, seen: Survey, name: str) -> dict[str, Any]:
        """The target of each different label cell, for scoring; `name` is what messages call the data.

        Raises:
            RnnkitError: This model does not know a label.
        """

    def require_usable(self, seen: Survey) -> None:
        """Refuse data that cannot be trained on.

        Raises:
            RnnkitError: With what is wrong, and how to mend it.
        """
        require_usable(seen)

    # ------------------------------------------------------------------ learning

    def learn(self, source: Any, test: Any = None, parent: Preprocessing | None = None) -> Splits:
        from rnnkit.training.bars import passing  # which needs rich, and a Run says first that Keras is missing

        seen = survey(source, partial(passing, said="reading"))
        self.require_usable(seen)
        seen_test = survey(test) if test is not None else None
        if seen_test is not None:
            self._require_rows(seen_test)
        counted = self.label_counts(seen)
        self.choose_labels(list(counted), parent)
        targets = self.targets_of(seen)

        parts = self._split(seen, seen_test)
        report: dict[str, Any] = {"name": seen.name, **self._choose_units(source, seen, parts["train"], parent)}
        if self.chooses_length and parent is not None:
            lengths = np.array([1 + len(self.tokenizer(text)) for text, _ in kept_rows(source, seen)])
            self.options.max_length = max(length_for(lengths[parts["train"]], self.options, _FITTING), 2)
        words = WordNumbers(self.tokenizer, self.options.max_length)
        rows = passing(kept_rows(source, seen), "finding words", len(seen.kept))
        numbered = words.number(text for text, _ in rows)
        self.uncut_lengths = words.uncut_lengths[parts["train"]]
        counts = words.counts(numbered.take(parts["train"]))
        learnt = self.learn_vocabulary(counts, parent, seen.name, self.tokenizer.words)
        self.tokenizer = unit_tokenizer(self.options.unit, self.options.delimiters, self.vocabulary.words)
        encoded = Encoded(words.encode(numbered, self.vocabulary), targets)
        made = {name: encoded.take(indices) for name, indices in parts.items()}
        if test is not None and seen_test is not None:
            made["test"] = self._encode_labelled(test, seen_test)
        report |= {name: len(part) for name, part in made.items()}
        report |= {"labels": counted, "encoding": seen.encoding, "left_out": seen.rows - len(seen.kept)}
        report |= learnt
        return Splits(made["train"], made["validation"], made["test"], _data_hash(seen, seen_test), report)

    def beside_parts(self) -> dict[str, np.ndarray]:
        return {"uncut_lengths": self.uncut_lengths}

    def restore(self, parts: Splits, beside: dict[str, np.ndarray]) -> None:
        self.uncut_lengths = beside["uncut_lengths"]

    def _choose_units(
        self, source: Any, seen: Survey, training: np.ndarray, parent: Preprocessing | None
    ) -> dict[str, Any]:
        """Set the unit and the tokeniser; those of a fine-tuned Run stay. Return what was chosen by the texts."""
        options, report = self.options, dict[str, str]()

        def texts() -> Iterator[str]:
            wanted = np.zeros(len(seen.kept), bool)
            wanted[training] = True
            return (text for (text, _), is_wanted in zip(kept_rows(source, seen), wanted, strict=True) if is_wanted)

        if isinstance(parent, LabelledTexts):
            options.unit, options.delimiters, self.tokenizer = (
                parent.options.unit,
                parent.options.delimiters,
                parent.tokenizer,
            )
            return {}
        if options.init_from:
            self._encoder = word_encoder(options.init_from, self.language_unit)
            if options.delimiters == WORDS:
                options.delimiters = self._encoder.delimiters
        if options.pretrained_from:
            options.unit = "word"
        if options.unit == AUTO:
            options.unit, report = chosen_unit(texts())
        self.tokenizer = unit_tokenizer(options.unit, options.delimiters)
        if options.unit == "subword":
            learnt = learn_pieces(map(subword_text, texts()), "bpe", options.vocabulary_size + 1)
            self.tokenizer = SubwordTokenizer(learnt.pieces[len(PIECE_SPECIALS) :])
        return report

    def _split(self, seen: Survey, seen_test: Survey | None) -> dict[str, np.ndarray]:
        """Indices among the kept rows; training rows whose text is also a test row are omitted."""
        share = self.options.validation_share
        usable = np.arange(len(seen.kept))
        fractions = {"train": 1 - share - TEST_SHARE, "validation": share, "test": TEST_SHARE}
        if seen_test is not None:
            usable = np.flatnonzero(~np.isin(seen.digests, seen_test.digests))
            fractions = {"train": 1 - share, "validation": share}
        chosen = self.divided(seen, usable, fractions)
        if empty := [name for name, indices in chosen.items() if not len(indices)]:
            gone = "" if len(usable) == len(seen.kept) else " whose text is not also a test row"
            raise RnnkitError(
                f"{seen.name}: {len(usable)} usable rows{gone} leave none for {' and '.join(empty)}; "
                f"add rows, at least {len(fractions)} per label."
            )
        return {name: usable[indices] for name, indices in chosen.items()}

    # ------------------------------------------------------------------ encoding

    def _encode_labelled(self, source: Any, seen: Survey) -> Encoded:
        """Encode every row that has a text and a known label, repeated texts included."""
        known = self.targets_by_label(seen, source.name)
        targets: list[Any] = []

        def texts() -> Iterator[str]:
            for text, label in labelled(source):
                targets.append(known[label])
                yield text

        inputs = self._encode_texts(texts())
        return Encoded(inputs, np.array(targets, self.no_targets(0).dtype))

    def _encode_texts(self, texts: Any) -> Ragged:
        return Ragged.from_iterable(
            self.vocabulary.encode(self.tokenizer(text), self.options.max_length) for text in texts
        )

    def load(self, folder: Path) -> None:
        super().load(folder)
        if self.options.unit == AUTO:  # a Run of earlier, which knew words alone
            self.options.unit = "word"
        self.tokenizer = unit_tokenizer(self.options.unit, self.options.delimiters, self.vocabulary.words)

    def no_targets(self, count: int) -> np.ndarray:
        """Targets of this many examples of which none is known."""
        return np.zeros(count, np.int32)

    def encode(self, inputs: list[Any]) -> Encoded:
        for text in inputs:
            if not isinstance(text, str):
                raise RnnkitError(f"A text to predict is {one_line(repr(text)):.80}; expected a string.")
        return Encoded(self._encode_texts(inputs), self.no_targets(len(inputs)))

    def encode_rows(self, source: Any) -> Encoded:
        seen = survey(source)
        self._require_rows(seen)
        encoded = self._encode_labelled(source, seen)
        self.unscored = seen.rows - len(encoded)
        return encoded

    def _require_rows(self, seen: Survey) -> None:
        """Require at least one row, which is enough for scoring."""
        if not len(seen.kept) or seen.oddities.long_rows > seen.rows:
            self.require_usable(seen)

    def made_up(self, count: int = 100) -> Encoded:
        """Rows of random words, frequent ones more often."""
        options, words = self.options, len(self.vocabulary)
        random = np.random.default_rng(options.seed)
        ranks = np.arange(1, max(words - 2, 2))
        chances = 1 / ranks / (1 / ranks).sum()
        lengths = random.integers(1, options.max_length + 1, count)
        rows = ([START, *(random.choice(ranks, size=n - 1, p=chances) + 2)] for n in lengths)
        return Encoded(Ragged.from_iterable(rows), self.no_targets(count))


def labelled(source: Any) -> Iterator[tuple[str, str]]:
    """Text and raw label of the rows that have both, which are those that are scored."""
    for text, label in source:
        if not is_missing(text.strip()) and not is_missing(label.strip()):
            yield text, label.strip()


def _data_hash(seen: Survey, seen_test: Survey | None) -> str:
    """A digest of the texts and labels, for recognising the same data."""
    digest = hashlib.sha256()
    for part in (seen, seen_test):
        if part is not None:
            digest.update(part.digests.tobytes() + part.label_ids.tobytes() + "\n".join(part.labels).encode())
    return digest.hexdigest()
