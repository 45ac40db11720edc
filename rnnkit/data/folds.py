"""Examples divided into folds for cross-validation: stratified by label, equal ones in one fold."""

import copy
import dataclasses
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnkit.data.shards import Shards
from rnnkit.data.tables import Rows, Table
from rnnkit.errors import RnnkitError

#: In no fold: always in training.
ALWAYS_TRAINED = -1
_LEAST_TRAINED = 2  # examples of a label
_SHOWN = 5  # labels in a line


@dataclass
class Divisible:
    """Opened raw data as examples that can be divided.

    Attributes:
        name: The data's name, in messages.
        examples: The examples, without a given test part.
        keys: What makes an example itself: those with the same key stay together.
        opened: Gives opened data that hold some examples: to train on, or with `test=True` to test on.
        labels: The label of each example; empty where examples have none, or several.
    """

    name: str
    examples: list[Any]
    keys: list[str]
    opened: Callable[..., Any]
    labels: list[str]

    @property
    def digest(self) -> str:
        """A digest of the examples, by which an interrupted cross-validation recognises them."""
        found = hashlib.sha256()
        for each in (*self.keys, *self.labels, *map(_content, self.examples)):
            found.update(each.encode("utf-8", "backslashreplace") + b"\0")
        return found.hexdigest()


def divisible_rows(source: Any, name: str, labelled: bool) -> Divisible:
    """Rows of a table, or of a list of any values, as examples.

    Args:
        source: A `Table` or `Rows`, or a list of a class of one's own.
        name: The task's key, for messages.
        labelled: Whether the last value of a row is its label.

    Raises:
        RnnkitError: It is neither.

    Example:

    >>> made = divisible_rows(Rows([("good", "1"), ("bad", "0")]), "mine", labelled=True)
    >>> made.labels, list(made.opened(made.examples[:1]))
    (['1', '0'], [('good', '1')])
    """
    if not isinstance(source, Table | Rows | Shards | list):
        raise RnnkitError(f"{name} gives no examples to divide into folds: its method `in_folds` is to say how.")
    rows, called = list(source), getattr(source, "name", "The list")

    def opened(some: Sequence[Any], test: bool = False) -> Any:
        if not isinstance(source, list):
            return Rows(some, source.roles, called, source.columns)
        made = copy.copy(source)
        made[:] = some
        return made

    answered = labelled or len(getattr(source, "roles", ())) > 1  # then the last value is what is to be answered
    keys = [_key(row[:-1] if answered else row) for row in rows]
    return Divisible(called, rows, keys, opened, [str(row[-1]) for row in rows] if labelled else [])


def divisible_part(source: Any, part: str, keys: list[str], labels: list[str] | None = None) -> Divisible:
    """The examples of a dataclass outside its given test part; a given validation part is that of every fold.

    Args:
        source: With the attributes `name` and `test`.
        part: The name of the attribute that holds the examples.
        keys: As in `Divisible`.
        labels: Likewise.
    """

    def opened(some: list[Any], test: bool = False) -> Any:
        return dataclasses.replace(source, **{part: some, "test": None})

    return Divisible(source.name, getattr(source, part), keys, opened, labels or [])


def _content(example: Any) -> str:
    """All of an example, what is learnt from it too, as text."""
    if isinstance(example, np.ndarray):  # whose text leaves out the middle
        return hashlib.sha256(example.tobytes()).hexdigest()
    return repr(list(map(_content, example))) if isinstance(example, list | tuple) else repr(example)


def _key(row: Iterable[Any]) -> str:
    values: Iterable[Any] = [row] if isinstance(row, str) else row
    return repr([_content(value) if isinstance(value, np.ndarray) else str(value).strip() for value in values])


def folds_of(data: Divisible, folds: int, seed: int = 0) -> np.ndarray:
    """The fold of each example, from 0; `ALWAYS_TRAINED` for those of labels too rare to be tested.

    Folds have about equal numbers of different examples, and of each label's.

    Args:
        data: The examples.
        folds: Their number, 2 or more.
        seed: Of the division; the same seed gives the same one.

    Raises:
        RnnkitError: There are fewer different examples than folds.

    Example:

    >>> made = divisible_rows(Rows([(f"text {n}", str(n % 2)) for n in range(6)]), "mine", labelled=True)
    >>> sorted(folds_of(made, 3).tolist())
    [0, 0, 1, 1, 2, 2]
    """
    labels = _labels(data)
    if folds > len(labels):
        raise RnnkitError(
            f"{data.name}: {len(labels)} different examples cannot be divided into {folds} folds; give fewer folds, or "
            "add examples."
        )
    rare = set(_too_rare(Counter(labels.values()), folds))
    kept = [key for key, label in labels.items() if label not in rare]
    if len(kept) < folds:
        raise RnnkitError(
            f"{data.name}: its labels have too few examples to be tested in {folds} folds and learnt. Add examples."
        )
    order = [kept[place] for place in np.random.default_rng([seed, folds]).permutation(len(kept))]
    order.sort(key=labels.__getitem__)  # at random within a label
    fold_of = {key: place % folds for place, key in enumerate(order)}
    return np.array([fold_of.get(key, ALWAYS_TRAINED) for key in data.keys])


def rare_labels(data: Divisible, folds: int) -> list[str]:
    """Lines about labels that not every fold can test; none where all can."""
    counts = Counter(_labels(data).values())
    never = _too_rare(counts, folds)
    seldom = [label for label, count in counts.items() if label and count < folds and label not in never]
    lines = []
    if seldom:
        lines.append(f"{_named(seldom, counts)}: fewer examples than folds, so that not every fold tests them.")
    if never:
        lines.append(f"{_named(never, counts)}: too few examples to be tested and learnt; they stay in training.")
    return lines


def _labels(data: Divisible) -> dict[str, str]:
    """The label of each different example, by its key: that of the first; "" where there are none."""
    labels = data.labels or [""] * len(data.keys)
    first = dict(zip(reversed(data.keys), reversed(labels), strict=True))
    return {key: first[key] for key in data.keys}


def _too_rare(counts: Counter[str], folds: int) -> list[str]:
    """Labels of which some fold would leave fewer than 2 to learn from."""
    return [label for label, count in counts.items() if label and count - -(-count // folds) < _LEAST_TRAINED]


def _named(labels: list[str], counts: Counter[str]) -> str:
    more = f" and {len(labels) - _SHOWN} more" if len(labels) > _SHOWN else ""
    shown = ", ".join(f"{label:.40} ({counts[label]})" for label in labels[:_SHOWN])
    return f"label{'s' * (len(labels) > 1)} {shown}{more}"
