"""Tables with a row a sequence: a column for each channel at each step."""

from collections.abc import Mapping, Sequence

import numpy as np

from rnnkit.codec.number_cells import is_missing
from rnnkit.data.number_columns import text_of
from rnnkit.data.number_tables import OpenTable, add_numbers, number_columns
from rnnkit.errors import RnnkitError
from rnnkit.tasks.sequence_classifier.columns import Columns
from rnnkit.tasks.sequence_classifier.sequences import Sequences, without_padding


def read_sequence_rows(
    table: OpenTable, columns: Columns, steps: Mapping[str, Sequence[str]], per_step: bool
) -> Sequences:
    """The sequences of a table with a row a sequence; blank cells at a row's end are no steps.

    Args:
        table: The opened table.
        columns: Its columns.
        steps: Those of each channel, in the order of the steps.
        per_step: Whether each step has a label of its own, which such a table cannot have.

    Raises:
        RnnkitError: A value is no number, or a row has none; the line is named.
    """
    refuse_per_step(table, per_step)
    by_step = [column for at_step in zip(*steps.values(), strict=True) for column in at_step]
    numbers = number_columns(table, by_step)
    places, told = list[str](), {name: list[str]() for name in (columns.sequence, columns.label, columns.group) if name}
    for lines, cells in table.chunks():
        add_numbers(numbers, cells, lines)
        places += lines
        for name, kept in told.items():
            kept += [text_of(each).strip() for each in cells[name]]
    if not places:
        return Sequences(table.name, tuple(steps), [], [], [])
    flat = np.stack([numbers[column].numbers() for column in by_step], axis=1).astype(np.float32)
    values = [without_padding(row) for row in flat.reshape(len(places), -1, len(steps))]
    if blank := next((line for line, row in zip(places, values, strict=True) if not len(row)), ""):
        raise RnnkitError(f"{table.name} {blank} has no value at all. Fill it, or remove it.")
    return with_roles(Sequences(table.name, tuple(steps), values, [], []), columns, told, places)


def refuse_per_step(table: OpenTable, per_step: bool) -> None:
    """Refuse labels for every step of a table with a row a sequence."""
    if per_step:
        raise RnnkitError(
            f"{table.name} has a row a sequence, and so one label for each. Leave --per-step out, or give a row a step."
        )


def with_roles(
    found: Sequences, columns: Columns, told: Mapping[str, Sequence[str]], places: Sequence[str]
) -> Sequences:
    """Sequences of a row each, with their labels, names and groups.

    Args:
        found: The sequences.
        columns: The table's columns.
        told: The texts of the columns of roles.
        places: What messages call the rows.
    """
    labels = told.get(columns.label, [""] * len(places))
    found.labels = [None if is_missing(each) else each for each in labels]
    found.ids = list(told.get(columns.sequence, places))
    found.groups = list(told[columns.group]) if columns.group else None
    return found
