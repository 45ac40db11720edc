"""Sentences and their translations as numbers: the part of `Translator` for texts and subwords, without the network."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.normalise import canonical
from rnnkit.codec.pieces import END, SPECIALS, Pieces
from rnnkit.codec.vocabulary import UNKNOWN
from rnnkit.data.bucketing import Ragged
from rnnkit.data.learn_pieces import NEW_SHARE, learn_pieces, more_pieces
from rnnkit.data.splits import stratified_split
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.translations import SPELLINGS, checked_texts, source_ids, spelt
from rnnkit.metrics.translations import TOKENIZERS, tokenize_for
from rnnkit.tasks.base.digest import digest_of_parts
from rnnkit.tasks.base.examples import Encoded, Splits
from rnnkit.tasks.base.finetuning import length_for
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.tasks.shared.choose_unit import AUTO
from rnnkit.tasks.shared.words_and_labels import TEST_SHARE
from rnnkit.tasks.translator.cleaning import CleanPairs, source_digests

_SOURCE_FILE, _TARGET_FILE = "source.pieces", "target.pieces"


@dataclass
class EncodedPairs(Encoded):
    """Sentence pairs as numbers: `inputs` are source ids with END, `targets` target ids with END; an empty row where
    the translation is unknown.

    Attributes:
        sources: The original source sentences, for unknown words and plots; none in the training part.
        references: Their original translations, to score against; none in the training part.
        nats: -log p of each row's target, `[rows]`, once the network has been run on them.
    """

    targets: Any  # Ragged
    sources: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    nats: np.ndarray | None = None

    def take(self, indices: np.ndarray) -> "EncodedPairs":
        sources, references = (
            tuple(side[i] for i in indices) if side else () for side in (self.sources, self.references)
        )
        return EncodedPairs(self.inputs.take(indices), self.targets.take(indices), sources, references)


class ParallelPairs(Preprocessing):
    """Sentence pairs: cleaned parts, subwords of both sides from the training part, ids."""

    source_pieces: Pieces
    target_pieces: Pieces
    #: Rows of given parts without both sides, by part.
    not_scored: dict[str, int]
    #: Rows of the last `encode_rows` without both sides.
    unscored = 0

    def learn(self, source: Any, test: Any = None, parent: Preprocessing | None = None) -> Splits:
        scored = source.test if test is None else test.scored
        held_out = source_digests(source.validation, scored)
        how = {"longest": self.options.longest_text, "keep_same": self.options.keep_same}
        clean = CleanPairs(source, held_out=held_out, **how)
        parts = self._split(list(clean), source.validation, scored, f"{source.name}: {clean.line()}")
        if self.options.bleu_tokenize == AUTO:
            self.options.bleu_tokenize = tokenize_for(target for _, target in parts["train"])
        if self.options.spelling == AUTO:
            self.options.spelling = parent.options.spelling if isinstance(parent, ParallelPairs) else SPELLINGS[0]
        self._learn_pieces(parts["train"], parent)
        self.source_pieces = spelt(self.source_pieces, self.options.spelling)
        train = self.encode_pairs(parts["train"], texts=False)
        longer_side = np.maximum(train.inputs.lengths, train.targets.lengths)
        if self.chooses_length and parent is not None:
            self.options.max_length = length_for(longer_side, self.options)
        made = {name: train if name == "train" else self.encode_pairs(rows) for name, rows in parts.items()}
        fits = np.flatnonzero(longer_side <= self.options.max_length)
        too_long, made["train"] = len(made["train"]) - len(fits), made["train"].take(fits)
        if not len(made["train"]):
            raise RnnkitError(f"{source.name}: no pair fits max_length {self.options.max_length}; raise --max-length.")
        report: dict[str, Any] = {"name": source.name}
        report |= {name: len(rows) for name, rows in made.items()}
        report |= {"cleaning": clean.line(), "longer_than_max_length": too_long, "encoding": source.encoding}
        if unread := [f"{count:,} of {part}" for part, count in self.not_scored.items() if count]:
            report["without a side"] = f"{' and '.join(unread)}, which are not scored"
        source_size, target_size = len(self.source_pieces), len(self.target_pieces)
        report["pieces"] = target_size if self.options.joint else f"{source_size} and {target_size}"
        if source.languages:
            report["languages"] = "-".join(source.languages)
        if self.options.bleu_tokenize != TOKENIZERS[0]:
            report["bleu"] = f"cut by {self.options.bleu_tokenize} (--bleu-tokenize sets it)"
        report["unknown_rate"] = _unknown_rate(made["validation"].inputs)
        if isinstance(parent, ParallelPairs):
            report["unknown_rate_before"] = _unknown_rate(parent.encode_pairs(parts["validation"]).inputs)
        return Splits(
            made["train"],
            made["validation"],
            made["test"],
            digest_of_parts(parts, lambda pair: "\0".join(pair) + "\n"),
            report,
        )

    def _split(
        self, pairs: list[tuple[str, str]], validation: Any, test: Any, described: str
    ) -> dict[str, list[tuple[str, str]]]:
        """The given parts; missing ones are random samples."""
        known = {"validation": validation, "test": test}
        rows_of = {part: list(rows) for part, rows in known.items() if rows is not None}
        given = {part: _stripped(rows) for part, rows in rows_of.items()}
        self.not_scored = {part: len(rows_of[part]) - len(given[part]) for part in given}
        wanted = {"validation": self.options.validation_share, "test": TEST_SHARE}
        shares = {part: share for part, share in wanted.items() if part not in given}
        # Pairs with the same source stay together: otherwise the test would ask for what training has shown.
        groups: dict[str, int] = {}
        numbers = np.array([groups.setdefault(canonical(source), len(groups)) for source, _ in pairs], np.int64)
        shares = {"train": 1 - sum(shares.values()), **shares}
        chosen = stratified_split(np.zeros(len(groups), np.int32), shares, self.options.seed)
        parts = {part: [pairs[i] for i in np.flatnonzero(np.isin(numbers, found))] for part, found in chosen.items()}
        parts |= given
        if empty := [part for part, rows in parts.items() if not rows]:
            raise RnnkitError(
                f"{described}. The {len(pairs)} that can be learnt from leave none for {' and '.join(empty)}; fix "
                "what was dropped, or add pairs."
            )
        return parts

    def _learn_pieces(self, pairs: list[tuple[str, str]], parent: Preprocessing | None) -> None:
        options = self.options
        first = canonical if options.spelling == SPELLINGS[0] else str
        sides = [[first(source) for source, _ in pairs], [target for _, target in pairs]]
        if isinstance(parent, ParallelPairs):
            more = int(options.vocabulary_size * NEW_SHARE), options.min_count
            if options.joint:
                self.source_pieces = self.target_pieces = more_pieces(parent.target_pieces, sides[0] + sides[1], *more)
                return
            self.source_pieces = more_pieces(parent.source_pieces, sides[0], *more)
            self.target_pieces = more_pieces(parent.target_pieces, sides[1], *more)
            return
        learn = (options.unit, options.vocabulary_size, options.min_count)
        if options.joint:
            self.source_pieces = self.target_pieces = learn_pieces(sides[0] + sides[1], *learn)
            return
        self.source_pieces, self.target_pieces = learn_pieces(sides[0], *learn), learn_pieces(sides[1], *learn)

    def new_pieces(self, parent: "ParallelPairs") -> str:
        """The number of subwords added to those of another task, in words."""
        source = len(self.source_pieces) - len(parent.source_pieces)
        target = len(self.target_pieces) - len(parent.target_pieces)
        if self.options.joint:
            return f"{target} new subwords"
        return f"{source} new subwords of the source, {target} of the target"

    def encode_pairs(self, pairs: Iterable[tuple[str, ...]], texts: bool = True) -> EncodedPairs:
        """Encode pairs as numbers; `texts` also keeps the original sentences."""
        pairs = list(pairs)
        most = self.options.max_length if texts else 10**9
        sources, targets = [source for source, _ in pairs], [target for _, target in pairs]
        inputs = Ragged.from_iterable(source_ids(source, self.source_pieces, most) for source in sources)
        ids = Ragged.from_iterable(np.append(self.target_pieces.encode(target), np.int32(END)) for target in targets)
        written = (tuple(sources), tuple(targets)) if texts else ()
        return EncodedPairs(inputs, ids, *written)

    def encode(self, inputs: list[Any]) -> EncodedPairs:
        texts = tuple(checked_texts(inputs))
        rows = Ragged.from_iterable(source_ids(text, self.source_pieces, self.options.max_length) for text in texts)
        none = Ragged(np.zeros(0, np.int32), np.zeros(len(rows) + 1, np.int64))
        return EncodedPairs(rows, none, texts, ("",) * len(texts))

    def encode_rows(self, source: Any) -> EncodedPairs:
        given = list(source.scored)
        pairs = _stripped(given)
        self.unscored = len(given) - len(pairs)
        if not pairs:
            raise RnnkitError(f"{source.name} has no pair with two sides to score.")
        return self.encode_pairs(pairs)

    def made_up(self, rows: int = 50) -> EncodedPairs:
        """Random subwords, frequent ones more often, in place of real sentences."""
        random = np.random.default_rng(self.options.seed)

        def sentences(pieces: Pieces) -> list[str]:
            words = pieces.pieces[len(SPECIALS) :]
            shares = 1 / np.arange(1, len(words) + 1)
            lengths = random.integers(1, min(31, self.options.max_length), rows)
            drawn = (random.choice(len(words), size=length, p=shares / shares.sum()) for length in lengths)
            return [pieces.join(words[place] for place in each) for each in drawn]

        return self.encode_pairs(zip(sentences(self.source_pieces), sentences(self.target_pieces), strict=True))

    def save(self, folder: Path) -> None:
        self.source_pieces.save(folder / _SOURCE_FILE)
        if not self.options.joint:
            self.target_pieces.save(folder / _TARGET_FILE)

    def load(self, folder: Path) -> None:
        if self.options.spelling == AUTO:  # a Run of earlier, which read sentences as they are
            self.options.spelling = SPELLINGS[1]
        found = Pieces.load(folder / _SOURCE_FILE)
        self.source_pieces = spelt(found, self.options.spelling)
        self.target_pieces = found if self.options.joint else Pieces.load(folder / _TARGET_FILE)


def _unknown_rate(inputs: Ragged) -> float:
    return round(float(np.mean(inputs.flat == UNKNOWN)), 4)


def _stripped(rows: Iterable[tuple[str, ...]]) -> list[tuple[str, str]]:
    """Pairs to score on: all that have both sides, however different."""
    pairs = ((source.strip(), target.strip()) for source, target in rows)
    return [(source, target) for source, target in pairs if source and target]
