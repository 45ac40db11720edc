"""Tables with a row a step: sequences in the order in which they begin, their steps in the order of time."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnkit.codec.number_cells import is_missing
from rnnkit.data.number_columns import text_of, texts_of
from rnnkit.data.number_tables import OpenTable, add_numbers, number_columns
from rnnkit.data.times import times_of
from rnnkit.errors import RnnkitError
from rnnkit.tasks.sequence_classifier.columns import TIME, Columns, Given
from rnnkit.tasks.sequence_classifier.sequences import Sequences, label_of_steps


def read_step_rows(table: OpenTable, columns: Columns, given: Given, per_step: bool, only: str = "") -> Sequences:
    """The sequences of a table with a row a step.

    Rows of a sequence stand together, or have a time by which they are ordered.

    Args:
        table: The opened table.
        columns: Its columns.
        given: Those that are named; a time is sorted by where it is.
        per_step: Whether each step has a label of its own.
        only: The name of the only sequence, where all rows are one.

    Raises:
        RnnkitError: Naming the line: of a value that is no number, a label that changes, a time that is there twice.
    """
    numbers = number_columns(table, columns.values)
    told: dict[str, list[Any]] = {name: [] for name in (columns.time, columns.label, columns.group) if name}
    starts: dict[str, int] = {}
    of_row, places = list[int](), list[str]()
    for lines, cells in table.chunks():
        add_numbers(numbers, cells, lines)
        places += lines
        for name, kept in told.items():
            kept += cells[name]
        if only:
            of_row += [starts.setdefault(only, 0)] * len(lines)
            continue
        for line, each in zip(lines, texts_of(cells[columns.sequence]), strict=True):
            name = each.strip()
            if is_missing(name):
                raise RnnkitError(f"{table.name} {line}: the sequence {columns.sequence!r:.60} is blank. Fill it.")
            of_row.append(starts.setdefault(name, len(starts)))
    names = list(starts)
    found = Sequences(table.name, columns.values, [], [], names)
    if not names:
        return found
    labels, groups = (list(map(str.strip, texts_of(told.get(name, ())))) for name in (columns.label, columns.group))
    if groups:
        _require_one_group(of_row, groups, places, names, columns, table.name)
    of = np.array(of_row, np.int64)
    times = told.get(columns.time, ())
    when = times_of(times, places, columns.time, table.name)[0] if columns.time else None
    order = _in_order(of, when, times, places, names, columns, given, table.name)
    parts = np.split(order, np.cumsum(np.bincount(of, minlength=len(names)))[:-1])
    values = np.stack([column.numbers() for column in numbers.values()], axis=1).astype(np.float32)
    found.values = [values[part] for part in parts]
    blank = next((part for part, each in zip(parts, found.values, strict=True) if np.isnan(each).all()), None)
    if blank is not None:
        raise RnnkitError(
            f"{table.name} {places[blank[0]]}: the sequence {names[of_row[blank[0]]]!r:.40} has no value at all. Fill "
            "it, or remove it."
        )
    found.elapsed = None if when is None else [np.diff(when[part], prepend=when[part[:1]]) for part in parts]
    for name, part in zip(names, parts, strict=True):
        what, lines = "the file" if only else f"the sequence {name!r:.40}", [places[row] for row in part]
        mine = [labels[row] for row in part] if labels else [""] * len(part)
        found.labels.append(label_of_steps(mine, lines, per_step, table.name, what))
    found.groups = [groups[part[0]] for part in parts] if groups else None
    return found


def _require_one_group(
    of_row: Sequence[int],
    groups: Sequence[str],
    places: Sequence[str],
    names: Sequence[str],
    columns: Columns,
    table: str,
) -> None:
    """Refuse a sequence whose rows are of several groups."""
    first = dict[int, str]()
    for of, group, place in zip(of_row, groups, places, strict=True):
        if group != first.setdefault(of, group):
            raise RnnkitError(
                f"{table} {place}: {columns.group!r:.40} within the sequence {names[of]!r:.40} changes from "
                f"{first[of]!r:.40} to {group!r:.40}; expected one. Where each has sequences 1, 2, 3 of its own, "
                f"both name them: --sequence {columns.group:.40},{columns.sequence:.40}. Where it is no group, "
                "name another: --group"
            )


def _in_order(
    of_row: np.ndarray,
    when: np.ndarray | None,
    times: Sequence[Any],
    places: Sequence[str],
    names: Sequence[str],
    columns: Columns,
    given: Given,
    table: str,
) -> np.ndarray:
    """The rows by sequence and time."""
    order = np.argsort(of_row, kind="stable") if when is None else np.lexsort((when, of_row))
    apart = (order[1:] - order[:-1] != 1) & (of_row[order][1:] == of_row[order][:-1])
    if when is not None:
        same = (np.diff(of_row[order]) == 0) & (np.diff(when[order]) == 0)
        if same.any():
            one, two = (order[int(np.argmax(same)) + more] for more in (0, 1))
            raise RnnkitError(
                f"{table} {places[two]}: the sequence {names[of_row[two]]!r:.40} has the time "
                f"{text_of(times[two]).strip():.40} in {places[one]} already. Is {columns.time!r:.40} its time? --time "
                "names another column; where it is a channel, name all of them with --channels."
            )
    named = (given or {}).get(TIME) is not None
    if not apart.any() or (when is not None and named):
        return order
    row = int(order[int(np.argmax(apart)) + 1])
    if when is not None:
        raise RnnkitError(
            f"{table} {places[row]}: {columns.time!r:.40} looks like the time, and the rows of the sequence "
            f"{names[of_row[row]]!r:.40} are not in its order. Sort them by it: --time {columns.time}. Where it is a "
            "channel, name all of them with --channels."
        )
    raise RnnkitError(
        f"{table} {places[row]}: the sequence {names[of_row[row]]!r:.40} goes on after rows of another. Rows of a "
        "sequence stand together, or --time names the column that orders them."
    )
