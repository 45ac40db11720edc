"""Tables whose cells are whole sequences: arrays in a data frame, lists in a JSONL or Parquet file."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnkit.codec.number_cells import number_of
from rnnkit.codec.sequences import values_of
from rnnkit.data.number_columns import text_of
from rnnkit.data.number_tables import OpenTable
from rnnkit.errors import RnnkitError
from rnnkit.tasks.sequence_classifier.columns import Columns
from rnnkit.tasks.sequence_classifier.sequence_rows import refuse_per_step, with_roles
from rnnkit.tasks.sequence_classifier.sequences import Sequences, without_padding


def is_nested(table: OpenTable, columns: Columns, some: Sequence[Sequence[Any]]) -> bool:
    """Whether cells of the value columns are lists or arrays.

    Args:
        table: The opened table.
        columns: Its columns.
        some: Its first rows.
    """
    at = [table.header.index(column) for column in columns.values]
    return any(_is_list(row[place]) for row in some[:1] for place in at)


def read_nested(table: OpenTable, columns: Columns, per_step: bool) -> Sequences:
    """The sequences of a table whose cells are lists: one column `[time, channels]`, or one `[time]` for each channel.

    Args:
        table: The opened table.
        columns: Its columns.
        per_step: Whether each step has a label of its own, which is not read here.

    Raises:
        RnnkitError: A cell is no list of numbers, or channels have different lengths; the row is named.
    """
    refuse_per_step(table, per_step)
    values, places = list[np.ndarray](), list[str]()
    told: dict[str, list[str]] = {name: [] for name in (columns.sequence, columns.label, columns.group) if name}
    for lines, cells in table.chunks():
        places += lines
        for name, kept in told.items():
            kept += [text_of(each).strip() for each in cells[name]]
        for row, line in enumerate(lines):
            values.append(
                _sequence([cells[name][row] for name in columns.values], columns.values, f"{table.name} {line}")
            )
            if values[-1].shape[1] != values[0].shape[1]:
                raise RnnkitError(
                    f"{table.name} {line} has {values[-1].shape[1]} channels, those before it {values[0].shape[1]}."
                )
    width = values[0].shape[1]
    names = columns.values
    if len(names) == 1 and width > 1:
        names = tuple(f"{names[0]}_{number}" for number in range(1, width + 1))
    return with_roles(Sequences(table.name, names, values, [], []), columns, told, places)


def _sequence(cells: Sequence[Any], names: Sequence[str], where: str) -> np.ndarray:
    parts = []
    for name, cell in zip(names, cells, strict=True):
        if not _is_list(cell):
            raise RnnkitError(f"{where}: {name!r:.60} is {str(cell)[:40]!r}; expected a list of numbers, as in others.")
        parts.append(values_of(_numbers(cell, f"{where}: {name!r:.60}"), f"{where}: {name!r:.60}"))
    if len(parts) > 1 and (any(part.shape[1] > 1 for part in parts) or len({len(part) for part in parts}) > 1):
        shapes = ", ".join(f"{name:.30} {list(part.shape)}" for name, part in zip(names[:5], parts, strict=False))
        raise RnnkitError(f"{where}: several columns of lists are a channel each, all as long; got {shapes}.")
    values = without_padding(np.concatenate(parts, axis=1))
    if not len(values):
        raise RnnkitError(f"{where} has no value at all. Fill it, or remove it.")
    return values


def _numbers(cell: Any, where: str) -> Any:
    """A list with the texts in it, as JSON's numbers are kept, as numbers."""
    if isinstance(cell, list | tuple):
        return [_numbers(each, where) for each in cell]
    if isinstance(cell, np.ndarray) and cell.dtype == object:
        return [_numbers(each, where) for each in cell.tolist()]
    if not isinstance(cell, str):
        return cell
    try:
        return number_of(cell)
    except ValueError as error:
        raise RnnkitError(f"{where} holds {cell!r:.40}, {error}.") from None


def _is_list(cell: Any) -> bool:
    return isinstance(cell, list | tuple) or (isinstance(cell, np.ndarray) and cell.ndim > 0)
