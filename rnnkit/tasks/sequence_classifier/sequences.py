"""Labelled sequences of numbers in memory, whatever they were read from."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.channels import Channels
from rnnkit.codec.number_cells import is_missing
from rnnkit.data.findings import counted
from rnnkit.data.folds import Divisible
from rnnkit.data.labels import normalise_labels, sort_labels
from rnnkit.errors import RnnkitError

#: A label for a sequence, or for each of its steps; None for an unknown one.
Label = str | None | tuple[str | None, ...]
_OTHER_RATE = 1.5  # times faster or slower, from which it is said
_IRREGULAR, _SHARE = 0.1, 0.01  # of the usual time between two steps, and the share of steps that far from it


@dataclass
class Sequences:
    """Sequences with their labels.

    Attributes:
        name: Their name in messages and reports.
        channels: The names of the channels.
        values: float32 `[time, channels]` each, NaN where a value is missing.
        labels: The label of each, or of each of its steps.
        ids: The name of each, for messages and answers.
        elapsed: The time since the step before, 0 at the first, float64 `[time]` each; None where steps have no time.
        groups: What stays together when data are divided, such as a person, for each; None where there is no such.
        test: The sequences to test on, where the data come in parts.
        encoding: The encoding with which files were read.
        reading: How they were read, for `rnnkit.data.remembered`.
        path: The file or folder; None for what is in memory.
    """

    name: str
    channels: tuple[str, ...]
    values: list[np.ndarray]
    labels: list[Label]
    ids: list[str]
    elapsed: list[np.ndarray] | None = None
    groups: list[str] | None = None
    test: "Sequences | None" = None
    encoding: str = "utf-8"
    reading: dict[str, Any] = field(default_factory=dict)
    path: Path | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def scored(self) -> "Sequences":
        """The sequences on which a model is scored: the test part where there is one, otherwise all."""
        return self if self.test is None else self.test

    @property
    def lengths(self) -> np.ndarray:
        """int64 `[sequences]`."""
        return np.array([len(each) for each in self.values], np.int64)

    @property
    def inputs(self) -> list[Any]:
        """The sequences as `predict` takes them, with their times where they have some."""
        if self.elapsed is None:
            return list(self.values)
        pairs = zip(self.values, self.elapsed, strict=True)
        return [{"values": values, "elapsed": elapsed} for values, elapsed in pairs]

    def take(self, places: Sequence[int] | np.ndarray) -> "Sequences":
        """Those at these places, without a test part."""

        def some(items: Any) -> Any:
            return None if items is None else [items[place] for place in places]

        lists = {name: some(getattr(self, name)) for name in ("values", "labels", "ids", "elapsed", "groups")}
        return replace(self, **lists, test=None)

    def digests(self) -> list[str]:
        """What tells each sequence from others: a hash of its numbers and times."""
        found = []
        for place, values in enumerate(self.values):
            digest = hashlib.sha256(repr(values.shape).encode() + np.ascontiguousarray(values).tobytes())
            if self.elapsed is not None:
                digest.update(np.ascontiguousarray(self.elapsed[place]).tobytes())
            found.append(digest.hexdigest())
        return found

    def in_folds(self) -> Divisible:
        """The sequences outside a given test part that have a label; those of a group stay together."""
        labelled = [place for place, label in enumerate(self.labels) if is_labelled(label)]
        mine = self.take(labelled)
        keys = mine.digests() if mine.groups is None else mine.groups
        alike = mine.groups is None and not any(isinstance(label, tuple) for label in mine.labels)
        labels = [str(each) for each in mine.labels] if alike else []  # a group may have several

        def opened(some: list[Any], test: bool = False) -> Sequences:
            return mine.take([int(place) for place, _ in some])

        examples = [(place, digest) for place, digest in enumerate(mine.digests())]
        return Divisible(self.name, examples, keys, opened, labels)

    def places_by_label(self) -> dict[str, list[int]]:
        """The places of the sequences of each label; those of labels a step are in each that they have."""
        found: dict[str, list[int]] = {}
        for place, label in enumerate(self.labels):
            for each in dict.fromkeys(label if isinstance(label, tuple) else (label,)):
                if each is not None:
                    found.setdefault(each, []).append(place)
        return found


def label_counts(*parts: Sequences | None) -> dict[str, int]:
    """The labels in their order, with the number of sequences that have each.

    Args:
        parts: Sequences whose labels are one list; None is no part.
    """
    places = [part.places_by_label() for part in parts if part is not None]
    names = normalise_labels(dict.fromkeys(label for each in places for label in each))
    counts = Counter[str]()
    for each in places:
        for label, where in each.items():
            counts[names[label]] += len(where)
    return {name: counts[name] for name in sort_labels(counts)}


def is_labelled(label: Label) -> bool:
    """Whether a label, or that of any step, is known."""
    return any(each is not None for each in label) if isinstance(label, tuple) else label is not None


def label_of_steps(cells: Sequence[str], places: Sequence[str], per_step: bool, name: str, what: str) -> Label:
    """The label of a sequence, from the cells of its steps.

    Args:
        cells: The label at each step; a blank one is unknown.
        places: What messages call the rows.
        per_step: Whether each step has one of its own.
        name: What messages call the table.
        what: What messages call the sequence.

    Raises:
        RnnkitError: The label changes, or stands at some steps alone, and each step is to have one of its own.

    Example:

    >>> label_of_steps(["a", "a"], ["", ""], False, "", ""), label_of_steps(["a", ""], ["", ""], True, "", "")
    ('a', ('a', None))
    """
    found = [None if is_missing(cell) else cell.strip() for cell in cells]
    if per_step:
        return tuple(found)
    if other := next((place for place, label in enumerate(found) if label != found[0]), 0):
        one, two = (f"{found[place]!r:.40}" if found[place] else "none" for place in (0, other))
        raise RnnkitError(
            f"{name} {places[other]}: the label within {what} changes from {one} to {two}. To learn a label for every "
            "step: --per-step"
        )
    return found[0] if found else None


def is_irregular(elapsed: Sequence[np.ndarray]) -> bool:
    """Whether steps come at irregular times.

    Args:
        elapsed: The time since the step before, of the steps of each sequence.

    Example:

    >>> is_irregular([np.array([0.0, 1.0, 1.0])]), is_irregular([np.array([0.0, 1.0, 8.0])])
    (False, True)
    """
    inner, usual = np.concatenate([each[1:] for each in elapsed] or [np.zeros(0)]), usual_time(elapsed)
    return bool(usual) and bool(np.mean(np.abs(inner - usual) > _IRREGULAR * usual) > _SHARE)


def usual_time(elapsed: Sequence[np.ndarray]) -> float:
    """The median of the time between two steps; 0 where there are no two.

    Args:
        elapsed: As for `is_irregular`.
    """
    inner = np.concatenate([each[1:] for each in elapsed] or [np.zeros(0)])
    return float(np.median(inner)) if len(inner) else 0.0


def differences(source: Sequences, channels: Channels, max_length: int) -> Iterator[str]:
    """Lines on what sets sequences apart from those that were learnt, and is not refused.

    Args:
        source: The sequences to answer or score.
        channels: Those of the training data.
        max_length: Steps that are read of each; 0: all.

    Example:

    >>> source = Sequences("a.csv", ("x",), [np.zeros((3, 1))], [None], ["1"], [np.array([0.0, 20, 20])])
    >>> for line in differences(source, Channels(("x",), (0.0,), (1.0,), regular=0.02), 2):
    ...     print(line)
    a.csv: steps come 20 apart, those of the training data 0.02. Is it the same unit, and the same rate?
    a.csv: 1 sequence of more than 2 steps, of which only the beginning is read.
    """
    known, here = channels.interval or channels.regular, usual_time(source.elapsed or ())
    if known and here and not 1 / _OTHER_RATE < here / known < _OTHER_RATE:
        yield (
            f"{source.name}: steps come {here:.4g} apart, those of the training data {known:.4g}. Is it the same unit, "
            "and the same rate?"
        )
    if max_length and (cut := int((source.lengths > max_length).sum())):
        yield f"{source.name}: {cut_text(cut, max_length)}"


def cut_text(cut: int, max_length: int) -> str:
    """What is said of sequences that are not read to their end."""
    return f"{counted(cut, 'sequence')} of more than {max_length:,} steps, of which only the beginning is read."


def without_padding(values: np.ndarray) -> np.ndarray:
    """A sequence without the steps at its end of which no channel has a value.

    Example:

    >>> without_padding(np.array([[1.0], [np.nan], [2.0], [np.nan]])).tolist()
    [[1.0], [nan], [2.0]]
    """
    filled = np.flatnonzero(~np.isnan(values).all(axis=1))
    return values[: filled[-1] + 1] if len(filled) else values[:0]
