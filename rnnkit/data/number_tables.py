"""Tables with all their columns, opened from files and data frames; some of their rows at a time as numbers."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.number_cells import number_of
from rnnkit.data.delimited import DelimitedFile
from rnnkit.data.file_names import require_there
from rnnkit.data.frame_kinds import is_pandas
from rnnkit.data.frames import as_pandas
from rnnkit.data.number_columns import NumberColumn, all_numbers
from rnnkit.data.whole_rows import TABLES, DelimitedRows, JsonRows, open_rows, suffix_of
from rnnkit.errors import RnnkitError

_AT_ONCE = 4_096  # rows that are read together
_NULL = "NAType"  # of pandas' missing value
_LOOKED_AT = 200  # rows, from which the form of a table is told
_FEWEST = 4  # steps in a row of a wide table
_NUMBER = re.compile(r"\[?(\d{1,6})\]?\Z")
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([T ].*)?")
_YEARS = range(1500, 2200)  # the first of a series' columns
_JOINTS = " \t_.:/-"  # between a channel's name and the number of a step

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


def open_number_table(
    source: Any,
    given: Mapping[str, str | None] | None = None,
    encoding: str | None = None,
    others: str = ".ts, .npz, or a folder",
    is_usual: Callable[[str], bool] | None = None,
) -> OpenTable:
    """Open a file by its name, or a data frame.

    Args:
        source: The file or the frame.
        given: The columns by role, where they are named.
        encoding: The file's encoding, where it cannot be detected.
        others: What the task reads beside tables, for a message.
        is_usual: Whether a name is that of a role; parts of a frame's index with such a name, or with dates, become
            columns. Without it no index does. A first line with such a name is a header.

    Raises:
        RnnkitError: It is no such file, or cannot be read; while reading, a row that does not fit the header.
    """
    if not isinstance(source, str | Path):
        frame = as_pandas(_with_index(source, given, is_usual) if is_usual and is_pandas(source) else source)
        nullable = not all(isinstance(kind, np.dtype) for kind in frame.dtypes)

        def of_frame() -> Iterator[Row]:
            for number, row in enumerate(frame.itertuples(index=False, name=None), 1):
                cells = [None if type(each).__name__ == _NULL else each for each in row] if nullable else row
                yield f"row {number}", cells

        return OpenTable("The data frame", [str(column) for column in frame.columns], of_frame)
    path = Path(source)
    require_there(path)
    if suffix_of(path) not in TABLES:
        raise RnnkitError(f"{path.name} is of a kind that is not read: {', '.join(TABLES)}, {others}.")
    opened: Any = open_rows(path, encoding, given)
    if isinstance(opened, DelimitedRows):
        return _delimited(opened, is_usual)
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


def _with_index(frame: Any, given: Mapping[str, str | None] | None, is_usual: Callable[[str], bool]) -> Any:
    """A frame with those parts of its index as columns that are named, or have usual names of roles, or are dates."""
    index, header = frame.index, [str(column) for column in frame.columns]
    if index.nlevels == 1 and index.name is None and index.dtype.kind == "M":
        frame = frame.rename_axis("time")
    named = [name for name in frame.index.names if name is not None and str(name) not in header]
    taken = [name for name in named if is_usual(str(name)) or str(name) in (given or {}).values()]
    return frame.reset_index(level=taken) if taken else frame


def _delimited(opened: DelimitedRows, is_usual: Callable[[str], bool] | None) -> OpenTable:
    """A CSV or TSV file; one whose first line holds numbers has no header."""
    header, path = [column.strip() for column in opened.header], opened.path
    counted = [str(number) for number in range(1, len(header) + 1)]
    without = is_a_row(header) and not (_rising(header) and is_usual and any(map(is_usual, header)))

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


def number_columns(table: OpenTable, columns: Sequence[str], exact: bool = True) -> dict[str, NumberColumn]:
    """Columns of a table, to be read as numbers; `exact` as for `NumberColumn`."""
    return {column: NumberColumn(column, table.name, exact) for column in columns}


def add_numbers(
    columns: Mapping[str, NumberColumn],
    cells: Mapping[str, Sequence[Any]],
    places: Sequence[str],
    flag: str = "--channels",
) -> None:
    """Read some rows of columns of numbers.

    Args:
        columns: What `number_columns` gave.
        cells: The cells by column.
        places: What messages call the rows.
        flag: The flag that names such columns.

    Raises:
        RnnkitError: One holds something else; the others are named as those that could be channels.
    """
    try:
        for name, column in columns.items():
            column.add(cells[name], places)
    except RnnkitError as error:
        able = [name for name in columns if all_numbers(cells[name])]
        advice = f" Columns of numbers: {flag} {','.join(able)}" if 0 < len(able) < len(columns) else ""
        raise RnnkitError(f"{error}{advice}") from None


def steps_of_columns(values: Sequence[str]) -> dict[str, list[str]]:
    """Of the value columns of a wide table, those of each channel in the order of their steps; none where they are no
    such columns.

    A column's name is a step's number, or a channel's name and the number: "x_0", "x_1".

    Args:
        values: The columns.

    Example:

    >>> steps_of_columns(["x_1", "x_2", "x_3", "x_0", "y_0", "y_1", "y_2", "y_3"])
    {'x': ['x_0', 'x_1', 'x_2', 'x_3'], 'y': ['y_0', 'y_1', 'y_2', 'y_3']}
    >>> steps_of_columns(["acc_x", "acc_y"]), steps_of_columns(["0", "1", "2", "3"])
    ({}, {'value': ['0', '1', '2', '3']})
    """
    found: dict[str, dict[int, str]] = {}
    for column in values:
        match = _NUMBER.search(column.strip())
        channel = (match.string[: match.start()].rstrip(_JOINTS) if match else "") or "value"
        if match is None or int(match[1]) in found.setdefault(channel, {}):
            return {}
        found[channel][int(match[1])] = column
    numbers = [sorted(steps) for steps in found.values()]
    regular = all(each == list(range(each[0], each[0] + len(each))) for each in numbers)
    if not numbers or not regular or any(each != numbers[0] for each in numbers) or len(numbers[0]) < _FEWEST:
        return {}
    return {channel: [steps[number] for number in numbers[0]] for channel, steps in found.items()}


def _rising(header: Sequence[str]) -> bool:
    """Whether the numbers of a first line are whole and rise, as those of steps do."""
    numbers = [int(column) for column in header if column.isdecimal()]
    return numbers == sorted(set(numbers)) and sum(column[:1].isdecimal() for column in header) == len(numbers)


def is_a_row(header: Sequence[str]) -> bool:
    """Whether a first line holds numbers like the rows below it rather than names.

    Numbers that count from 0, 1 or a year are names, as are dates with no number beside them.

    Example:

    >>> is_a_row(["1", "0.52", "-0.33"]), is_a_row(["label", "0", "1", "2"]), is_a_row(["x", "y", "7"])
    (True, False, False)
    >>> is_a_row(["2024-01-31", "7"]), is_a_row(["id", "2024-01-31", "2024-02-29"]), is_a_row(["id", "1999", "2000"])
    (True, False, False)
    """
    numbers: list[float] = []
    for column in header:
        try:
            numbers.append(number_of(column, "," in column))
        except ValueError:
            continue
    known = [number for number in numbers if number == number]
    dates = sum(bool(_DATE.fullmatch(column.strip())) for column in header)
    if 2 * (len(known) + dates) <= len(header) or not known:
        return False
    counts = known == [known[0] + more for more in range(len(known))] and known[0] in (0, 1, *_YEARS)
    return len(known) == 1 or not counts
