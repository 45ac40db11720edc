"""Sequences that are in memory already: arrays, and lists of arrays with their labels."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnkit.codec.number_cells import is_missing
from rnnkit.codec.sequences import values_of
from rnnkit.data.tables import brief, cell
from rnnkit.errors import RnnkitError
from rnnkit.tasks.sequence_classifier.sequences import Label, Sequences, without_padding

_ROW = "(numbers [time, channels], label)"


def sequences_of_rows(rows: Sequence[Any], per_step: bool, name: str = "The list") -> Sequences:
    """Sequences of rows such as `(array, label)` or `(array, label, group)`.

    Args:
        rows: The rows.
        per_step: Whether a label is a list of one for each step.
        name: What messages call them.

    Raises:
        RnnkitError: A row is another one, or holds what are no numbers.

    Example:

    >>> found = sequences_of_rows([([[0, 1], [2, 3]], "a"), ([[4, 5]], "b")], False)
    >>> found.lengths.tolist(), found.labels, found.channels
    ([2, 1], ['a', 'b'], ('channel_1', 'channel_2'))
    """
    for number, row in enumerate(rows, 1):
        if not isinstance(row, tuple | list) or len(row) not in (2, 3):
            raise RnnkitError(f"{name}: row {number} is {brief(row)}; expected {_ROW}, or with a group behind it.")
    grouped = {len(row) for row in rows}
    if len(grouped) > 1:
        raise RnnkitError(f"{name}: some rows have a group and others none; give all one, or none.")
    groups = [row[2] for row in rows] if grouped == {3} else None
    return sequences_of_arrays(name, [row[0] for row in rows], [row[1] for row in rows], per_step, groups)


def sequences_of_arrays(
    name: str, inputs: Any, targets: Any, per_step: bool, groups: Sequence[Any] | None = None
) -> Sequences:
    """Sequences of an array `[sequences, time, channels]`, or of a list of arrays, and of their labels.

    Args:
        name: What messages call them.
        inputs: The sequences; `[sequences, time]` are of one channel. Steps without any value at the end are padding.
        targets: A label each, or None where there are none.
        per_step: Whether a label is a list of one for each step.
        groups: A group each, or None.

    Raises:
        RnnkitError: They do not fit each other, or hold what are no numbers.
    """
    if isinstance(inputs, np.ndarray) and inputs.ndim not in (2, 3):
        raise RnnkitError(f"{name} is {list(inputs.shape)}; expected [sequences, time, channels].")
    if not len(inputs):
        raise RnnkitError(f"{name} is empty; expected rows of {_ROW}.")
    targets = _label_each(name, targets, per_step)
    for what, others in (("labels", targets), ("groups", groups)):
        if others is not None and len(others) != len(inputs):
            raise RnnkitError(
                f"{name}: {len(inputs):,} sequences and {len(others):,} {what}; expected as many of each."
            )
    values, labels = list[np.ndarray](), list[Label]()
    for place, given in enumerate(inputs):
        what = f"{name}: sequence {place + 1}"
        whole = values_of(given, what)
        values.append(without_padding(whole))
        if not len(values[-1]):
            raise RnnkitError(f"{what} has no value at all. Remove it.")
        if values[-1].shape[1] != values[0].shape[1]:
            raise RnnkitError(
                f"{what} has {values[-1].shape[1]} channels, those before it {values[0].shape[1]}; all have as many."
            )
        label = None if targets is None else _label(targets[place], len(whole), per_step, what)
        labels.append(label[: len(values[-1])] if isinstance(label, tuple) else label)
    channels = tuple(f"channel_{number}" for number in range(1, values[0].shape[1] + 1))
    ids = [str(number) for number in range(1, len(values) + 1)]
    return Sequences(
        name, channels, values, labels, ids, groups=None if groups is None else [cell(each) for each in groups]
    )


def _label_each(name: str, targets: Any, per_step: bool) -> Any:
    """The labels, as far as they are a list; those of a column are one."""
    if targets is None:
        return None
    shape = targets.shape if isinstance(targets, np.ndarray) else None
    if shape and shape[1:] == (1,) and not per_step:
        return targets.ravel()
    single = isinstance(targets, str | bytes) or not hasattr(targets, "__len__")
    if single or (shape is not None and len(shape) not in ((1, 2) if per_step else (1,))):
        raise RnnkitError(
            f"{name}: the labels are {brief(targets) if shape is None else list(shape)}; expected one for each "
            "sequence. Of one-hot rows take y.argmax(axis=1); a label at every step, [sequences, time], is read with "
            "--per-step."
        )
    return targets


def _label(given: Any, steps: int, per_step: bool, what: str) -> Label:
    """The label of a sequence, or those of its steps."""
    several = isinstance(given, list | tuple) or (isinstance(given, np.ndarray) and given.ndim > 0)
    if several and not per_step:
        raise RnnkitError(f"{what} has the labels {brief(given)}; expected one. For a label at every step: --per-step")
    if not per_step:
        return _one(given)
    if not several or len(given) != steps:
        count = f"{len(given)} labels" if several else f"the label {brief(given)}"
        raise RnnkitError(f"{what} has {count} for {steps} steps; expected a list with one for each step (--per-step).")
    return tuple(_one(each) for each in given)


def _one(given: Any) -> str | None:
    text = cell(given.item() if isinstance(given, np.generic) else given).strip()
    return None if is_missing(text) else text
