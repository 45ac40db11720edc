"""Tables of sequences: a row a step with a column that tells sequences apart, a row a sequence, or one recording."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnnkit.codec.number_cells import is_missing
from rnnkit.data.columns import shown
from rnnkit.data.number_columns import text_of
from rnnkit.data.number_tables import OpenTable, Row, steps_of_columns
from rnnkit.data.remembered import LONGEST, Remembered
from rnnkit.errors import RnnkitError
from rnnkit.tasks.sequence_classifier.columns import (
    CHANNELS,
    GROUP,
    LABEL,
    SEQUENCE,
    Columns,
    Given,
    find_columns,
    joined_columns,
    label_without_header,
)
from rnnkit.tasks.sequence_classifier.nested_cells import is_nested, read_nested
from rnnkit.tasks.sequence_classifier.sequence_rows import read_sequence_rows
from rnnkit.tasks.sequence_classifier.sequences import Sequences
from rnnkit.tasks.sequence_classifier.step_rows import read_step_rows

Tell = Callable[[str], None]
_BETWEEN = " / "  # the parts of a sequence's name


def read_table(
    table: OpenTable,
    given: Given,
    per_step: bool,
    tell: Tell,
    channels: Sequence[str] = (),
    recording: str = "",
    labelled: bool = True,
) -> Sequences:
    """All sequences of a table, in the form that its columns have.

    Args:
        table: The opened table.
        given: The columns by role, where they are named.
        per_step: Whether each step has a label of its own.
        tell: Called with a line for what is found and not given.
        channels: The channels that a trained network reads, in order.
        recording: The name of the only sequence, where the table is one.
        labelled: Whether labels and groups are read; sequences to answer may have some.

    Raises:
        RnnkitError: It cannot be told which rows are a sequence, or a value is none; the line and column are named.
    """
    if not (table.named or (given or {}).get(LABEL) or channels or recording):
        given = {**(given or {}), LABEL: _numbered_label(table, tell)}
    if parts := joined_columns(table.header, given, table.name):
        table, given = _joined(table, parts, given)
    columns = _without_index(table, find_columns(table.header, given, table.name, channels), tell)
    if parts and (given or {}).get(CHANNELS) is None:
        columns = replace(columns, values=tuple(column for column in columns.values if column not in parts))
    if not labelled:
        columns = replace(columns, label="", group="")
    if not columns.values:
        beside = f" beside {shown(table.header)}" if table.header else ""
        raise RnnkitError(f"{table.name} has no column of numbers{beside}. Add the channels.")
    known = {**(given.remembered if isinstance(given, Remembered) else {}), **(given or {})}
    if columns.group and not channels and known.get(GROUP) is None:
        tell(
            f"{table.name}: {columns.group!r:.40} is read as the group, whose sequences stay on one side when data are "
            "divided; --group sets it."
        )
    found = _read(table, columns, given, per_step, tell, channels, recording)
    if not len(found):
        raise RnnkitError(f"{table.name} has a header and no row under it. Add rows.")
    if channels and found.channels != tuple(channels):
        found = _in_order(found, channels, table.header)
    remembered, joined = columns.by_role, ",".join(found.channels)
    if columns.values == found.channels and len(joined) <= LONGEST and joined.count(",") == len(found.channels) - 1:
        remembered[CHANNELS] = joined
    found.reading = {"columns": remembered, "encoding": table.encoding, "delimiter": table.delimiter}
    found.encoding, found.path = table.encoding, table.path
    return found


def _read(
    table: OpenTable,
    columns: Columns,
    given: Given,
    per_step: bool,
    tell: Tell,
    channels: Sequence[str],
    recording: str,
) -> Sequences:
    some = table.some()
    if is_nested(table, columns, some):
        return read_nested(table, columns, per_step)
    repeats = bool(columns.sequence) and _repeats(table, columns.sequence, some)
    steps = {} if recording or repeats else steps_of_columns(columns.values)
    if steps:
        found = read_sequence_rows(table, columns, steps, per_step)
        if not channels:
            tell(
                f"{table.name}: read as a row a sequence, {len(steps)} channel{'s' * (len(steps) != 1)} of "
                f"{len(next(iter(steps.values())))} steps. Where a row is one step, a column tells sequences apart: "
                "--sequence sets it."
            )
        return found
    if not (columns.sequence or recording or channels):
        raise RnnkitError(
            f"{table.name} has no column that tells sequences apart, such as one named sequence. It has: "
            f"{shown(table.header)}. Name it: --sequence COLUMN, or add one.{_steps_and_others(columns)}"
        )
    only = recording or ("" if columns.sequence else Path(table.name).name)
    return read_step_rows(table, columns, given, per_step, only)


def _joined(table: OpenTable, parts: Sequence[str], given: Given) -> tuple[OpenTable, Given]:
    """A table with a column for the sequence from several, and the columns by role with its name."""
    name, places = ",".join(parts), [table.header.index(part) for part in parts]

    def rows() -> Iterator[Row]:
        for where, values in table.rows():
            cells = [text_of(values[place]).strip() for place in places]
            yield where, [*values, "" if any(map(is_missing, cells)) else _BETWEEN.join(cells)]

    made = Remembered(given, {"columns": given.remembered}) if isinstance(given, Remembered) else dict(given or {})
    made[SEQUENCE] = name
    return replace(table, header=[*table.header, name], rows=rows), made


def _steps_and_others(columns: Columns) -> str:
    """How to read a table with a row a sequence that has columns beside those of the steps; "" where it is none."""
    steps = [column for column in columns.values if column[-1:].isdecimal()]
    others = [column for column in columns.values if column not in steps]
    if not others or not steps_of_columns(steps):
        return ""
    return f" Where a row is a sequence, leave out {shown(others)}: --channels {','.join(steps[:2])},..."


def _numbered_label(table: OpenTable, tell: Tell) -> str:
    """The label's column in a table without a header."""
    place = label_without_header(table.some())
    if place is None:
        raise RnnkitError(
            f"{table.name} has no header, and it cannot be told which column is the label. Say it by number: --label 1"
        )
    number = str(place + 1)
    tell(
        f"{table.name}: its first line is a row like the others, so it has no header; column {number} is the label: "
        "--label sets it."
    )
    return number


def _without_index(table: OpenTable, columns: Columns, tell: Tell) -> Columns:
    """The columns without one that counts the rows, as pandas writes it."""
    some = table.some()
    for column in (column for column in columns.values if column.lower() in ("unnamed: 0", "index")):
        cells = [str(row[table.header.index(column)]).strip() for row in some]
        if any(cells == [str(number + first) for number in range(len(cells))] for first in (0, 1)):
            tell(f"{table.name}: {column!r} counts the rows and is left out; --channels sets it.")
            columns = replace(columns, values=tuple(each for each in columns.values if each != column))
    return columns


def _repeats(table: OpenTable, column: str, some: Sequence[Sequence[Any]]) -> bool:
    """Whether rows share a value of a column, as those of one sequence do."""
    cells = [str(row[table.header.index(column)]).strip() for row in some]
    return len(set(cells)) < len(cells)


def _in_order(found: Sequences, channels: Sequence[str], header: Sequence[str]) -> Sequences:
    """The sequences with the channels that a network reads, in its order."""
    if lacking := [name for name in channels if name not in found.channels]:
        raise RnnkitError(
            f"{found.name} has no column {lacking[0]!r:.60}. It has: {shown(header)}; the network reads "
            f"{shown(channels)}."
        )
    at = [found.channels.index(name) for name in channels]
    return replace(found, channels=tuple(channels), values=[values[:, at] for values in found.values])
