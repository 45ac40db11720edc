"""Tagged sentences as numbers: the part of `TokenTagger` for tokens, tags and schemes, independent of the network."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.normalise import canonical
from rnnkit.codec.tag_schemes import from_iob2, to_iob2
from rnnkit.codec.vocabulary import SPECIALS, Vocabulary
from rnnkit.codec.word_features import WordFeatures, joined, normalised
from rnnkit.data.bucketing import Ragged
from rnnkit.data.labels import MOST_TYPES, too_many
from rnnkit.data.splits import stratified_split
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.entities import tokens_of
from rnnkit.tasks.base.digest import digest_of_parts
from rnnkit.tasks.base.examples import Encoded, Splits
from rnnkit.tasks.base.finetuning import length_for
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.tasks.shared.words_and_labels import TEST_SHARE, WordsAndLabels
from rnnkit.tasks.token_tagger.findings import entity_counts
from rnnkit.tasks.token_tagger.source import TaggedSentence, TaggedText

OUTSIDE = "O"
_SHOWN = 20  # types in a message


@dataclass
class EncodedSentences(Encoded):
    """Sentences as numbers. `inputs` has a row of indices into `forms` per sentence; `targets` a row of tag indices,
    -1 for unknown ones.

    Attributes:
        forms: Words, casings and characters of each distinct token, as returned by `WordFeatures.encode`; the first
            is padding.
        unknown: Tags that the network lacks; their indices follow those of its labels.
    """

    targets: Any  # Ragged
    forms: tuple[np.ndarray, ...]
    unknown: tuple[str, ...] = ()

    @property
    def truth(self) -> np.ndarray:
        return self.targets.flat

    def take(self, indices: np.ndarray) -> "EncodedSentences":
        return EncodedSentences(self.inputs.take(indices), self.targets.take(indices), self.forms, self.unknown)

    def cut(self, most: int) -> "EncodedSentences":
        """The same tokens in stretches of at most this many."""
        ends = zip(self.inputs.offsets, self.inputs.offsets[1:], strict=False)
        starts = [place for first, after in ends for place in range(first, after, most)]
        offsets = np.array([*starts, self.inputs.offsets[-1]], np.int64)
        inputs, targets = (Ragged(rows.flat, offsets) for rows in (self.inputs, self.targets))
        return EncodedSentences(inputs, targets, self.forms, self.unknown)

    def features(self, index: int) -> tuple[np.ndarray, ...]:
        """Words, casings and characters of one sentence."""
        row = self.inputs[index]
        return tuple(table[row] for table in self.forms)


class TaggedSentences(WordsAndLabels):
    """Sentences with a tag at each token: parts, vocabularies of words and characters, ids and tag indices."""

    noun = "sentences"
    language_unit = "token"

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self.characters = Vocabulary([])
        #: The first id of the words seen once in training.
        self.rare_from: int | None = None

    def fold(self, word: str) -> str:
        return normalised(word)

    @property
    def features(self) -> WordFeatures:
        """The conversion of tokens to numbers."""
        return WordFeatures(self.vocabulary, self.characters, self.options.word_length)

    def learn(self, source: Any, test: Any = None, parent: Preprocessing | None = None) -> Splits:
        parts, repeated = self._parts(source, None if test is None else test.scored)
        if self.chooses_length and parent is not None:
            self.options.max_length = length_for(np.array([len(row) for row in parts["train"]]), self.options)
        types = sorted(entity_counts([*parts["train"], *parts["validation"]]))
        if not types:
            raise RnnkitError(f"{source.name}: every tag is O, so there is nothing to learn. Tag some entities.")
        if fault := too_many(len(types), MOST_TYPES, "type"):
            raise RnnkitError(f"{source.name}: {fault}")
        letters = "BIES" if self.options.tag_scheme == "iobes" else "BI"
        self.choose_labels([OUTSIDE, *(f"{letter}-{kind}" for kind in types for letter in letters)], parent)
        words = Counter(self.fold(canonical(token)) for row in parts["train"] for token in row.tokens)
        learnt = self.learn_vocabulary(words, parent, source.name)
        if isinstance(parent, TaggedSentences):
            self.characters = parent.characters
        else:
            letters_seen = Counter(
                letter for row in parts["train"] for token in row.tokens for letter in canonical(token)
            )
            self.characters = Vocabulary.from_counts(letters_seen, self.options.characters_size, 1)
            often = [word for word in self.vocabulary.words if words[word] > 1]
            self.rare_from = len(SPECIALS) + len(often)  # words are in order of frequency
        made = {name: self.encode_sentences(rows, source.name, name == "test") for name, rows in parts.items()}
        entities = entity_counts(parts["train"])
        report: dict[str, Any] = {"name": source.name}
        report |= {name: len(rows) for name, rows in parts.items()}
        report |= {"tokens": len(made["train"].inputs.flat), "labels": entities}
        report |= {"scheme": source.scheme, "repaired": source.repaired, "left_out": repeated}
        learnt_types = set(self.types)
        if never := {name: count for name, count in entity_counts(parts["test"]).items() if name not in learnt_types}:
            counts = ", ".join(f"{name:.60} {count}" for name, count in list(never.items())[:_SHOWN])
            counts += f" and {len(never) - _SHOWN} more" if len(never) > _SHOWN else ""
            report["missed"] = f"{counts} in the test part, of types that the other parts lack"
        self.options.scheme = "auto"  # it applied to these files; others may use another
        report |= {**learnt, "encoding": source.encoding}
        return Splits(
            made["train"],
            made["validation"],
            made["test"],
            digest_of_parts(parts, lambda row: repr((row.tokens, row.tags))),
            report,
        )

    def _parts(
        self, source: TaggedText, test: list[TaggedSentence] | None
    ) -> tuple[dict[str, list[TaggedSentence]], int]:
        """The given parts; missing ones are random samples of the distinct sentences."""
        given = {"validation": source.validation, "test": test if test is not None else source.test}
        known = {name: rows for name, rows in given.items() if rows is not None}
        wanted = {"validation": self.options.validation_share, "test": TEST_SHARE}
        shares = {name: share for name, share in wanted.items() if name not in known}
        if not shares:
            return {"train": source.sentences, **known}, 0
        taken = {row.tokens for rows in known.values() for row in rows}
        first = {row.tokens: row for row in reversed(source.sentences) if row.tokens not in taken}
        rows = [row for row in source.sentences if first.pop(row.tokens, None) is not None]
        fractions = {"train": 1 - sum(shares.values()), **shares}
        chosen = stratified_split(np.zeros(len(rows), np.int32), fractions, self.options.seed)
        parts = {name: [rows[i] for i in indices] for name, indices in chosen.items()} | known
        if empty := [name for name, part in parts.items() if not part]:
            unseen = " that are in no given part" if known else ""
            raise RnnkitError(
                f"{source.name}: too few different sentences{unseen} ({len(rows)}) to leave any for "
                f"{' and '.join(empty)}; add sentences."
            )
        return parts, len(source.sentences) - len(rows)

    @property
    def types(self) -> list[str]:
        """The entity types, sorted."""
        return sorted({label[2:] for label in self.labels if label != OUTSIDE})

    def encode_sentences(
        self, sentences: Sequence[TaggedSentence], name: str, take_unknown: bool = False
    ) -> EncodedSentences:
        """Encode sentences as numbers; unknown entity types are refused, or accepted and counted as missed."""
        rows = [from_iob2(row.tags, self.options.tag_scheme) for row in sentences]
        unknown = tuple(sorted({tag for row in rows for tag in row} - set(self.labels)))
        if unknown and not take_unknown:
            self.label_number(f"B-{unknown[0][2:]}", name)
        numbers = {label: number for number, label in enumerate((*self.labels, *unknown))}
        targets = Ragged.from_iterable([numbers[tag] for tag in row] for row in rows)
        return replace(self._encoded([row.tokens for row in sentences]), targets=targets, unknown=unknown)

    def _encoded(self, sentences: Sequence[Sequence[str]]) -> EncodedSentences:
        """Encode token lists as numbers, with unknown tags."""
        numbers: dict[str, int] = {}
        inputs = Ragged.from_iterable(
            [numbers.setdefault(token, len(numbers) + 1) for token in row] for row in sentences
        )
        known = self.features.encode(list(numbers))
        forms = tuple(np.concatenate([np.zeros_like(table[:1], shape=(1, *table.shape[1:])), table]) for table in known)
        return EncodedSentences(inputs, Ragged(np.full(len(inputs.flat), -1), inputs.offsets), forms)

    def encode(self, inputs: list[Any]) -> EncodedSentences:
        return self._encoded([[token for token, _, _ in tokens_of(given)] for given in inputs])

    def encode_rows(self, source: Any) -> EncodedSentences:
        return self.encode_sentences(source.scored, source.name)

    def made_up(self, rows: int = 100) -> EncodedSentences:
        """Random words, frequent ones more often, with random one-word entities, in place of real rows."""
        random = np.random.default_rng(self.options.seed)
        words, tags = self.vocabulary.words[len(SPECIALS) :], [OUTSIDE, *(f"B-{kind}" for kind in self.types)]
        shares, made = 1 / np.arange(1, len(words) + 1), []
        for length in random.integers(1, 41, rows):
            drawn = [words[place] for place in random.choice(len(words), size=length, p=shares / shares.sum())]
            written = [str(random.choice([word, word.title(), word.upper()])) for word in drawn]
            made.append(TaggedSentence(tuple(written), tuple(random.choice(tags, size=length).tolist())))
        return self.encode_sentences(made, "made-up rows")

    def in_pieces(self, encoded: EncodedSentences) -> EncodedSentences:
        """The sentences as the network reads them, longer ones cut into pieces of `max_length`. Each piece is tagged
        like a sentence: an entity that is cut ends with one piece, and a new one starts with the next."""
        most, scheme = self.options.max_length, self.options.tag_scheme
        cut = encoded.cut(most)
        names = (*self.labels, *encoded.unknown)
        numbers = {name: number for number, name in enumerate(names)}
        targets = Ragged(encoded.targets.flat.copy(), encoded.targets.offsets)
        for row in np.flatnonzero(targets.lengths > most).tolist():
            whole = targets[row]  # a view: assignments go into `targets`
            for start in range(0, len(whole), most):
                piece = whole[start : start + most]
                if piece[0] >= 0:
                    tags = from_iob2(to_iob2([names[number] for number in piece], scheme), scheme)
                    piece[:] = [numbers.get(tag, was) for tag, was in zip(tags, piece, strict=True)]
        return replace(cut, targets=Ragged(targets.flat, cut.targets.offsets))

    def true_tags(self, encoded: EncodedSentences) -> list[list[str]]:
        """The true IOB2 tags of each sentence."""
        names = (*self.labels, *encoded.unknown)
        return [to_iob2([names[number] for number in row], self.options.tag_scheme) for row in encoded.targets]

    def answer_tags(self, numbers: Sequence[int] | np.ndarray) -> list[str]:
        """The IOB2 tags of a sentence, from the network's tag indices."""
        tags = to_iob2([self.labels[number] for number in numbers], self.options.tag_scheme)
        return joined(tags, self.options.max_length)

    def save(self, folder: Path) -> None:
        super().save(folder)
        self.characters.save(folder / "characters.txt")

    def load(self, folder: Path) -> None:
        super().load(folder)
        self.characters = Vocabulary.load(folder / "characters.txt")
