"""Tables with all their columns, opened from files and data frames; some of their rows at a time as numbers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.data.delimited import DelimitedFile
from rnnkit.data.frame_kinds import is_pandas
from rnnkit.data.frames import as_pandas
from rnnkit.data.textfile import require_there
from rnnkit.data.whole_rows import TABLES, DelimitedRows, JsonRows, open_rows, suffix_of
from rnnkit.errors import RnnkitError
from rnnkit.tasks.sequence_classifier.columns import Given, is_a_row, is_usual
from rnnkit.tasks.sequence_classifier.number_columns import NumberColumn, all_numbers

_AT_ONCE = 4_096  # rows that are read together
_NULL = "NAType"  # of pandas' missing value
_LOOKED_AT = 200  # rows, from which the form of a table is told

Row = tuple[str, Sequence[Any]]  # what messages call it, and its values


@dataclass
class OpenTable:
    """A table with all its columns.

    Attributes:
        name: What messages call it.
        header: The names of its columns; without a header "1", "2", "3".
        rows: Gives the rows, again and again.
        encoding: The encoding with which its file was read.
        delimiter: What separates the columns of a CSV; None in other tables.
        named: Whether its file has a header.
        path: Its file; None for a data frame.
    """

    name: str
    header: list[str]
    rows: Callable[[], Iterator[Row]]
    encoding: str = "utf-8"
    delimiter: str | None = None
    named: bool = True
    path: Path | None = None

    def some(self) -> list[Sequence[Any]]:
        """The values of its first rows."""
        return [values for _, values in islice(self.rows(), _LOOKED_AT)]

    def chunks(self) -> Iterator[tuple[list[str], dict[str, tuple[Any, ...]]]]:
        """All rows, some thousands at a time: what messages call them, and the cells by column."""
        rows = self.rows()
        while chunk := list(islice(rows, _AT_ONCE)):
            cells = zip(*(values for _, values in chunk), strict=True)
            yield [place for place, _ in chunk], dict(zip(self.header, cells, strict=True))


def open_number_table(source: Any, given: Given = None, encoding: str | None = None) -> OpenTable:
    """Open a file by its name, or a data frame.

    Args:
        source: The file or the frame.
        given: The columns by role, where they are named.
        encoding: The file's encoding, where it cannot be detected.

    Raises:
        RnnkitError: It is no such file, or cannot be read; while reading, a row that does not fit the header.
    """
    if not isinstance(source, str | Path):
        frame = as_pandas(_with_index(source, given) if is_pandas(source) else source)
        nullable = not all(isinstance(kind, np.dtype) for kind in frame.dtypes)

        def of_frame() -> Iterator[Row]:
            for number, row in enumerate(frame.itertuples(index=False, name=None), 1):
                cells = [None if type(each).__name__ == _NULL else each for each in row] if nullable else row
                yield f"row {number}", cells

        return OpenTable("The data frame", [str(column) for column in frame.columns], of_frame)
    path = Path(source)
    require_there(path)
    if suffix_of(path) not in TABLES:
        raise RnnkitError(f"{path.name} is of a kind that is not read: {', '.join(TABLES)}, .ts, .npz, or a folder.")
    opened: Any = open_rows(path, encoding, given)
    if isinstance(opened, DelimitedRows):
        return _delimited(opened)
    header = [column.strip() for column in opened.header]

    def of_file() -> Iterator[Row]:
        for row in opened:
            if not isinstance(opened, JsonRows):
                yield row.place, row.values
                continue
            if unknown := next((key for key in row.values if key not in header), ""):
                raise RnnkitError(f"{path.name} {row.place} has the key {unknown!r:.60}, which rows before lack.")
            yield row.place, [row.values.get(key) for key in header]

    return OpenTable(path.name, header, of_file, getattr(opened, "encoding", "utf-8"), path=path)


def _with_index(frame: Any, given: Given) -> Any:
    """A frame with those parts of its index as columns that are named, or have usual names of roles, or are dates."""
    index, header = frame.index, [str(column) for column in frame.columns]
    if index.nlevels == 1 and index.name is None and index.dtype.kind == "M":
        frame = frame.rename_axis("time")
    named = [name for name in frame.index.names if name is not None and str(name) not in header]
    taken = [name for name in named if is_usual(str(name)) or str(name) in (given or {}).values()]
    return frame.reset_index(level=taken) if taken else frame


def _delimited(opened: DelimitedRows) -> OpenTable:
    """A CSV or TSV file; one whose first line holds numbers has no header."""
    header, path = [column.strip() for column in opened.header], opened.path
    counted = [str(number) for number in range(1, len(header) + 1)]
    without = is_a_row(header)

    def read() -> Iterator[Row]:
        if not without:
            yield from ((row.place, row.values) for row in opened)
            return
        before = 0
        for last, fields in DelimitedFile(path, opened.encoding, opened.delimiter, named=False).records():
            place, before = f"line {before + 1}", last
            if any(fields[len(header) :]):
                raise RnnkitError(f"{path.name} {place} has {len(fields)} fields, and the first line {len(header)}.")
            yield place, (fields + [""] * (len(header) - len(fields)))[: len(header)]

    names = counted if without else header
    return OpenTable(opened.name, names, read, opened.encoding, opened.delimiter, names != counted, path)


def number_columns(table: OpenTable, columns: Sequence[str]) -> dict[str, NumberColumn]:
    """Columns of a table, to be read as numbers."""
    return {column: NumberColumn(column, table.name) for column in columns}


def add_numbers(columns: Mapping[str, NumberColumn], cells: Mapping[str, Sequence[Any]], places: Sequence[str]) -> None:
    """Read some rows of columns of numbers.

    Raises:
        RnnkitError: One holds something else; the others are named as those that could be channels.
    """
    try:
        for name, column in columns.items():
            column.add(cells[name], places)
    except RnnkitError as error:
        able = [name for name in columns if all_numbers(cells[name])]
        advice = f" Columns of numbers: --channels {','.join(able)}" if 0 < len(able) < len(columns) else ""
        raise RnnkitError(f"{error}{advice}") from None
