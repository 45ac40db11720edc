"""Opens texts with their labels: in one cell, as lists, or as a column of 0 and 1 for each label."""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from os import PathLike
from typing import Any

from rnnkit.data.delimited import Oddities
from rnnkit.data.frame_kinds import is_frame, is_pandas
from rnnkit.data.frames import as_pandas
from rnnkit.data.guessing import SAMPLE
from rnnkit.data.labels import normalise_labels, sort_labels
from rnnkit.data.remembered import LONGEST, Remembered, default_tell
from rnnkit.data.survey import is_missing
from rnnkit.data.tables import Rows, Table, brief, open_table
from rnnkit.errors import RnnkitError
from rnnkit.tasks.multilabel_classifier.cells import as_cell, is_list, is_sound_list, listed
from rnnkit.tasks.multilabel_classifier.columns import (
    LABELS,
    ROLES,
    TEXT,
    Columns,
    is_on,
    own_columns,
    recognised_columns,
    text_column,
)
from rnnkit.tasks.shared.separators import find_separator, split_labels

AUTO, NONE = "auto", "none"


class LabelSets:
    """Rows of a text and its set of labels, with the protocol of `rnnkit.data.tables.Table`. A set is JSON text in one
    spelling, which `labels_of` reads: equal sets are equal texts, and no labels are "[]".

    Args:
        rows: The opened rows, the text first.
        read: The labels as they stand in a row, from its other values and what messages call it.
        columns: The columns by role, to be remembered.
        separator: What separates labels in a cell; "" where nothing does.

    Raises:
        RnnkitError: The labels of a row cannot be read.
    """

    roles: tuple[str, ...] = ROLES

    def __init__(
        self, rows: Any, read: Callable[[Sequence[str], str], list[str]], columns: dict[str, str], separator: str = ""
    ) -> None:
        self.name, self.encoding, self.columns, self.separator = rows.name, rows.encoding, columns, separator
        self.oddities: Oddities = rows.oddities
        self._rows = rows
        self._known: dict[tuple[str, ...], str] = {}
        first: dict[tuple[str, ...], int] = {}
        for number, row in enumerate(rows, 1):
            first.setdefault(tuple(row[1:]), number)
        raw = {values: read(values, f"{self.name} row {number}") for values, number in first.items()}
        #: Each label's name, by how it stands in the source.
        self.names = normalise_labels(dict.fromkeys(label for labels in raw.values() for label in labels))
        for values, labels in raw.items():
            self._known[values] = json.dumps(sort_labels({self.names[label] for label in labels}))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for row in self._rows:
            yield row[0], self._known[tuple(row[1:])]
        self.oddities = self._rows.oddities

    @property
    def reading(self) -> dict[str, Any]:
        """How it is read, for `rnnkit.data.remembered`."""
        known = dict(getattr(self._rows, "reading", None) or {})
        fits = {role: column for role, column in self.columns.items() if len(column) <= LONGEST}
        return {**known, "columns": fits} if known.get("columns") else known

    @property
    def path(self) -> Any:
        """The file; None for what is in memory."""
        return getattr(self._rows, "path", None)


def labels_of(row: str) -> list[str]:
    """The labels of a row of `LabelSets`.

    Example:

    >>> labels_of('["insult", "toxic"]')
    ['insult', 'toxic']
    """
    return list(json.loads(row))


def open_label_sets(
    data: Any,
    columns: Columns = None,
    encoding: str | None = None,
    separator: str = AUTO,
    tell: Callable[[str], None] = default_tell,
) -> LabelSets:
    """Open texts with their labels.

    Args:
        data: A CSV, TSV or JSONL file, a data frame, a list of (text, labels), or an earlier result.
        columns: Role to column, where they cannot be guessed; "toxic,insult" for the labels names a column of 0 and 1
            for each.
        encoding: The file's encoding, where it cannot be detected.
        separator: What separates labels in one cell; "auto": found in the column as a whole; "none": nothing.
        tell: Called with a line for what is found and not given.

    Raises:
        RnnkitError: It cannot be read, or it is not clear what the labels are.

    Example:

    >>> opened = open_label_sets([("a fool", ["toxic", "insult"]), ("thanks", [])])
    >>> list(opened)
    [('a fool', '["insult", "toxic"]'), ('thanks', '[]')]
    """
    if isinstance(data, LabelSets):
        return data
    if is_frame(data) and not is_pandas(data):
        data = as_pandas(data)
    header = _header(data, columns, encoding)
    name = getattr(data, "name", None) or (data if isinstance(data, str | PathLike) else "The data frame")
    named = own_columns(header, columns, str(name)) if header else []
    if named:
        return _of_own_columns(data, header, named, columns, encoding)
    try:
        rows = _opened(data, columns, ROLES, encoding)
    except RnnkitError:
        found = _recognised(data, header, columns, encoding, str(name)) if header else []
        if not found:
            raise
        made = _of_own_columns(data, header, found, columns, encoding)
        tell(f"{made.name}: {_and(found)} hold 0 and 1 alone and are read as the labels; --labels names others.")
        return made
    return _of_cells(rows, separator, tell)


def _header(data: Any, columns: Columns, encoding: str | None) -> list[str]:
    """The column names of a file or a data frame; none of other data."""
    if isinstance(data, str | PathLike):
        return list(Table(data, _named({}, columns), (), encoding).header)
    return [str(column) for column in data.columns] if is_pandas(data) else []


def _named(roles: dict[str, str], columns: Columns) -> Remembered:
    """The columns by role, with the delimiter of a Run's training data, where there is one."""
    return Remembered(roles, {"delimiter": columns.delimiter if isinstance(columns, Remembered) else None})


def _opened(data: Any, columns: Columns, roles: Sequence[str], encoding: str | None) -> Any:
    """A table of these roles, with lists of labels as JSON text."""
    if isinstance(data, str | PathLike):
        return Table(data, columns, roles, encoding, nested=[role for role in roles if role == LABELS])
    if is_pandas(data):
        data = data.assign(**{column: data[column].map(as_cell) for column in data.columns if isinstance(column, str)})
    elif isinstance(data, Sequence):
        given = data
        return Rows(lambda: (_row(row) for row in given), roles)
    return open_table(data, columns, roles, encoding)


def _row(row: Any) -> Any:
    """A row in memory, with its last value as a cell."""
    return (row[0], as_cell(row[1])) if isinstance(row, tuple | list) and len(row) == 2 else row


def _of_cells(rows: Any, separator: str, tell: Callable[[str], None]) -> LabelSets:
    """Label sets of a single column."""
    where = f"{rows.name}, {rows.columns[LABELS]!r:.60}"
    cells = dict.fromkeys(row[1] for row in rows)
    filled = [each.strip() for each in cells if not is_missing(each.strip())]
    lists = [each for each in filled if is_list(each)]
    if lists and len(lists) < len(filled) and (mixed := next(filter(is_sound_list, lists), "")):
        other = next(each for each in filled if not is_list(each))
        raise RnnkitError(
            f"{where}: {brief(mixed)} is a list of labels, and {brief(other)} is none. Write all in one way."
        )
    if lists and len(lists) == len(filled):
        return LabelSets(rows, lambda values, place: listed(values[0], place), rows.columns)
    if separator == AUTO:
        found = find_separator(filled, where)
        if found:
            tell(f"{where}: labels are read as separated by {found!r}; --separator sets it.")
    else:
        found = "" if separator == NONE else separator
        other = find_separator(filled, where) if not any(found in each for each in filled) else ""
        if found and other:
            raise RnnkitError(f"{where}: no cell has a {found!r}, but {other!r} is in some: --separator {other!r}")
    return LabelSets(
        rows,
        lambda values, _: [] if is_missing(values[0].strip()) else split_labels(values[0], found),
        rows.columns,
        found or (NONE if separator == NONE else ""),
    )


def _of_own_columns(
    data: Any, header: Sequence[str], labels: list[str], columns: Columns, encoding: str | None
) -> LabelSets:
    """Label sets of columns of 0 and 1."""
    name = str(data) if isinstance(data, str | PathLike) else "The data frame"
    text = text_column(header, columns, name)
    if text in labels:
        raise RnnkitError(f"{name}: the column {text!r:.60} cannot be both --text and one of --labels.")
    roles = [TEXT, *(f"label {number}" for number in range(1, len(labels) + 1))]
    rows = _opened(data, _named(dict(zip(roles, [text, *labels], strict=True)), columns), roles, encoding)

    def read(values: Sequence[str], place: str) -> list[str]:
        said = [is_on(value) for value in values]
        if None in said:
            wrong = said.index(None)
            raise RnnkitError(
                f"{place}: the column {labels[wrong]!r:.60} holds {values[wrong]!r:.40}; expected 0 or 1, since it is "
                "read as one label's own. --labels names others."
            )
        return [label for label, is_there in zip(labels, said, strict=True) if is_there]

    return LabelSets(rows, read, {TEXT: text, LABELS: ",".join(labels)})


def _recognised(data: Any, header: Sequence[str], columns: Columns, encoding: str | None, name: str) -> list[str]:
    """The columns of 0 and 1, where no column of labels is named and there are some."""
    if (columns or {}).get(LABELS) is not None:
        return []
    roles = [f"column {number}" for number in range(len(header))]
    try:
        text = text_column(header, columns, name)
        rows = _opened(data, _named(dict(zip(roles, header, strict=True)), columns), roles, encoding)
        return recognised_columns(header, islice(rows, SAMPLE), text)
    except RnnkitError:
        return []


def _and(names: Sequence[str]) -> str:
    shown = [f"{name!r:.40}" for name in names[:8]]
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"{', '.join(shown)}{more}" if more else f"{', '.join(shown[:-1])} and {shown[-1]}"
