"""Labelled sequences as numbers: the part of `SequenceClassifier` for parts, channels and labels."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit import cells
from rnnkit.codec.channels import Channels
from rnnkit.codec.channels_file import channels_of, channels_text
from rnnkit.data.bucketing import Ragged
from rnnkit.data.group_split import split_by_group
from rnnkit.data.labels import normalise_label, normalise_labels
from rnnkit.data.remembered import default_tell
from rnnkit.data.splits import stratified_split
from rnnkit.errors import RnnkitError
from rnnkit.run import folder as runs
from rnnkit.tasks.base.digest import digest_of
from rnnkit.tasks.base.examples import UNKNOWN, Encoded, EncodedLabels, Splits
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.tasks.sequence_classifier.findings import failures
from rnnkit.tasks.sequence_classifier.sequences import (
    Label,
    Sequences,
    differences,
    is_irregular,
    is_labelled,
    label_counts,
    usual_time,
)
from rnnkit.tasks.sequence_classifier.shown_examples import shown_examples
from rnnkit.tasks.shared.labelled import Labelled
from rnnkit.tasks.shared.words_and_labels import TEST_SHARE

#: The file of the channels, in a Run and in a bundle.
CHANNELS_FILE = "channels.json"


class LabelledSequences(Labelled):
    """Sequences with a label each, or one for every step: features of the channels, and the index of the label."""

    noun = "sequences"
    #: Sequences of the last `encode_rows` without a label.
    unscored = 0

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self.channels = Channels((), (), ())
        #: Weight of each label in the loss; None where all are equal.
        self.class_weights: np.ndarray | None = None
        #: Of each training sequence before it is cut, for the plot of lengths.
        self.uncut_lengths = np.zeros(0, np.int64)
        #: Some training sequences and their labels, for the plot of examples.
        self.shown: Sequences | None = None

    # ------------------------------------------------------------------ learning

    def learn(self, source: Sequences, test: Any = None, parent: Preprocessing | None = None) -> Splits:
        for message in failures(source):
            raise RnnkitError(f"{source.name}: {message}")
        given = source.test if test is None else test.scored
        if given is not None and not any(map(is_labelled, given.labels)):
            raise RnnkitError(f"{given.name}: none of its sequences has a label, so none can be tested.")
        counts = label_counts(source, given)
        self.choose_labels(list(counts), parent)
        parts, left_out = self._parts(source, given)
        train = parts["train"]
        self.channels = _learnt(parts)
        if isinstance(parent, LabelledSequences) and _fit(parent.channels, self.channels, source):
            self.channels = replace(parent.channels, longest=self.channels.longest)
        encoded = {name: self._encoded(part, part.name) for name, part in parts.items()}
        self.uncut_lengths, self.shown = train.lengths, train
        self.class_weights = self._class_weights(encoded["train"].truth) if self.options.class_weights else None
        report: dict[str, Any] = {"name": source.name, **{name: len(part) for name, part in encoded.items()}}
        report |= {"channels": len(self.channels.names), "steps": len(encoded["train"].inputs.flat)}
        report |= {"longest": int(self.uncut_lengths.max()), "labels": counts}
        if source.groups is not None:
            report["groups"] = len(set(source.groups))
        if self.channels.interval:
            report["time"] = f"irregular, usually {self.channels.interval:.4g} between steps"
            if cells.get_cell(self.options.cell).reads_time:
                report["time"] += f"; the cell {self.options.cell} reads it in units of that"
        if self.channels.missing:
            share = float(np.mean([np.isnan(values).mean() for values in train.values]))
            report["missing values"] = f"{share:.1%}"
        report |= {"encoding": source.encoding, "left_out": left_out}
        report["longer_than_max_length"] = int((self.uncut_lengths > self.options.max_length).sum())
        return Splits(**encoded, digest=_digest(source, given), report=report)

    def _parts(self, source: Sequences, test: Sequences | None) -> tuple[dict[str, Sequences], int]:
        """The parts, and how many sequences are in none: those without a label, and those that are there already."""
        taken = set(test.digests()) if test is not None else set[str]()
        kept = list[int]()
        for place, digest in enumerate(source.digests()):
            if is_labelled(source.labels[place]) and digest not in taken:
                taken.add(digest)
                kept.append(place)
        mine = source.take(kept)
        share = self.options.validation_share
        fractions = {"train": 1 - share - TEST_SHARE, "validation": share, "test": TEST_SHARE}
        if test is not None:
            fractions = {"train": 1 - share, "validation": share}
        parts = {name: mine.take(places) for name, places in self._divided(mine, fractions).items()}
        if test is not None:
            parts["test"] = test.take([place for place, label in enumerate(test.labels) if is_labelled(label)])
        if empty := [name for name, part in parts.items() if not len(part)]:
            few = f"{len(kept)} different sequences with a label"
            if mine.groups is not None:
                few = f"{len(set(mine.groups))} groups ({few})"
            raise RnnkitError(f"{source.name}: {few} leave none for {' and '.join(empty)}; add some.")
        return parts, len(source) - len(kept)

    def _divided(self, mine: Sequences, fractions: Mapping[str, float]) -> dict[str, np.ndarray]:
        labels = [_usual(label) for label in mine.labels]
        if mine.groups is not None:
            return split_by_group(labels, mine.groups, fractions, self.options.seed)
        return stratified_split(np.array(labels), fractions, self.options.seed)

    def _class_weights(self, targets: np.ndarray) -> np.ndarray:
        counts = np.bincount(targets[targets != UNKNOWN], minlength=len(self.labels))
        return (counts.sum() / (np.count_nonzero(counts) * np.maximum(counts, 1))).astype(np.float32)

    # ------------------------------------------------------------------ encoding

    def features(self, values: np.ndarray, elapsed: np.ndarray | None, place: str) -> np.ndarray:
        """The features of the steps of a sequence that are read."""
        most = self.options.max_length
        return self.channels.encode(values[:most], None if elapsed is None else elapsed[:most], place)

    def _encoded(self, source: Sequences, name: str) -> Encoded:
        """Sequences and their labels as numbers; channels and labels unknown to the model are refused."""
        if source.channels != self.channels.names:
            _require_channels(source, self.channels)
        elapsed: list[Any] = [None] * len(source) if source.elapsed is None else list(source.elapsed)
        names = zip(source.values, elapsed, source.ids, strict=True)
        rows = [self.features(values, times, f"{name}: the sequence {each!r:.40}") for values, times, each in names]
        inputs, numbers = Ragged.from_iterable(rows), self._numbers(source, name)
        if not self.options.per_step:
            return Encoded(inputs, np.array([numbers[label] for label in source.labels], np.int32))
        most = self.options.max_length
        steps = ([numbers[each] for each in label[:most]] for label in source.labels if isinstance(label, tuple))
        return EncodedLabels(inputs, Ragged.from_iterable(steps))

    def _numbers(self, source: Sequences, name: str) -> dict[Label, int]:
        """The index of each label; that of none is -1."""
        steps = any(isinstance(label, tuple) for label in source.labels)
        if steps != self.options.per_step:
            given, expected = ("every step", "each sequence") if steps else ("each sequence", "every step")
            raise RnnkitError(f"{name} has a label for {given}; this model was trained on one for {expected}.")
        raw = source.places_by_label()
        spelled = normalise_labels(raw)
        found: dict[Label, int] = {None: UNKNOWN}
        for label in raw:
            known = normalise_label(label) if normalise_label(label) in self.labels else spelled[label]
            found[label] = self.label_number(known, name)
        return found

    def encode(self, inputs: list[Any]) -> Encoded:
        rows = []
        for number, given in enumerate(inputs, 1):
            values, elapsed = self.channels.given(given, f"Sequence {number}")
            if self.options.per_step and len(values) > self.options.max_length:
                raise RnnkitError(
                    f"Sequence {number} has {len(values):,} steps; max_length is {self.options.max_length:,}. Give it "
                    "in parts, or train with a greater --max-length."
                )
            rows.append(self.features(values, elapsed, f"Sequence {number}"))
        return self.unlabelled(Ragged.from_iterable(rows))

    def unlabelled(self, inputs: Ragged) -> Encoded:
        """Features without a label."""
        if self.options.per_step:
            return EncodedLabels(inputs, Ragged(np.full(len(inputs.flat), UNKNOWN), inputs.offsets))
        return Encoded(inputs, np.zeros(len(inputs), np.int32))

    def encode_rows(self, source: Sequences) -> Encoded:
        scored = source.scored
        labelled = [place for place, label in enumerate(scored.labels) if is_labelled(label)]
        self.unscored = len(scored) - len(labelled)
        if not labelled:
            raise RnnkitError(f"{scored.name}: none of its {len(scored)} sequences has a label.")
        for line in differences(scored, self.channels, self.options.max_length):
            default_tell(line)
        return self._encoded(scored.take(labelled), scored.name)

    def made_up(self, count: int = 100) -> Encoded:
        """Random sequences of like lengths."""
        random = np.random.default_rng(self.options.seed)
        rows, channels = [], self.channels
        for length in random.integers(1, min(channels.longest, self.options.max_length) + 1, count):
            values = random.normal(channels.mean, channels.std, (length, len(channels.names))).astype(np.float32)
            if channels.missing:
                values[random.random(values.shape) < 0.2] = np.nan
            elapsed = random.exponential(channels.interval, length) if channels.interval else None
            rows.append(channels.encode(values, elapsed))
        return self.unlabelled(Ragged.from_iterable(rows))

    def examples(self) -> dict[str, list[np.ndarray]]:
        """Some training sequences of each label, scaled, for a picture."""
        return {} if self.shown is None else shown_examples(self.shown, self.features, self.labels)

    def save(self, folder: Path) -> None:
        super().save(folder)
        (folder / CHANNELS_FILE).write_text(channels_text(self.channels), encoding="utf-8")

    def load(self, folder: Path) -> None:
        super().load(folder)
        self.channels = channels_of(runs.read_json(folder / CHANNELS_FILE), str(folder / CHANNELS_FILE))


def _usual(label: Label) -> str:
    """A label to divide by: that of the sequence, or the most frequent of its steps."""
    if not isinstance(label, tuple):
        return str(label)
    return Counter(each for each in label if each is not None).most_common(1)[0][0]


def _learnt(parts: Mapping[str, Sequences]) -> Channels:
    """Scales and times of the training part; of the others that values may be missing, and the greatest length."""
    train = parts["train"]
    elapsed = train.elapsed if train.elapsed is not None and is_irregular(train.elapsed) else None
    missing = any(bool(np.isnan(values).any()) for part in parts.values() for values in part.values)
    longest = max(int(part.lengths.max()) for part in parts.values())
    regular = usual_time(train.elapsed) if train.elapsed is not None and elapsed is None else 0.0
    learnt = Channels.learnt(train.channels, train.values, elapsed)
    return replace(learnt, missing=missing, longest=longest, regular=regular)


def _fit(known: Channels, new: Channels, source: Sequences) -> bool:
    """Whether the channels of a Run can be those of new data: they have the same names, and nothing lacks a value or a
    time that the Run's always had."""
    timed = not known.interval or source.elapsed is not None
    return known.names == new.names and timed and known.missing >= new.missing


def _require_channels(source: Sequences, channels: Channels) -> None:
    """Refuse channels that the model does not read; those without names need be as many."""
    unnamed = all(name == f"channel_{number}" for number, name in enumerate(source.channels, 1))
    if len(source.channels) != len(channels.names) or not unnamed:
        shown = ", ".join(f"{name:.30}" for name in source.channels[:30])
        raise RnnkitError(f"{source.name} has the channels {shown}; {channels.expected}")


def _digest(source: Sequences, test: Sequences | None) -> str:
    """A digest of all sequences and labels, for recognising the same data."""
    tables, words = list[np.ndarray](), list[str](source.channels)
    for part in (source, test):
        if part is not None:
            words += [*part.digests(), *map(repr, part.labels), *(part.groups or ()), ""]
    return digest_of(*tables, words=words)
