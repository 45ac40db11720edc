"""A user's file, data frame or list as a source of rows that can be read again and again."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

from rnnkit.data.cell_text import brief as brief
from rnnkit.data.cell_text import cell as cell
from rnnkit.data.columns import match_columns
from rnnkit.data.delimited import DelimitedFile, Oddities
from rnnkit.data.frame_kinds import is_frame
from rnnkit.data.guessing import guess_columns, said_of
from rnnkit.data.headerless import guess_without_header, open_with_numbers, said_without_header
from rnnkit.data.jsonl import JsonFile
from rnnkit.data.textfile import check_file, find_encoding
from rnnkit.errors import RnnkitError

Tell = Callable[[str], None]
_JSON = (".jsonl", ".ndjson", ".json")


class Source(Protocol):
    """Rows that can be read any number of times; each row is a tuple of strings in the order of `roles`."""

    name: str
    roles: tuple[str, ...]
    columns: dict[str, str]
    encoding: str

    @property
    def oddities(self) -> Oddities: ...

    def __iter__(self) -> Iterator[tuple[str, ...]]: ...


class Table:
    """Rows of a file, streamed: a million rows need no more memory than one.

    All is text as it stands in the file: "NA" stays "NA", an empty cell is "". `encoding`, `delimiter`, `header` and
    `columns` say what was found, `oddities` what the last reading passed over.

    Args:
        path: A .csv, .tsv, .jsonl or .json file, may be .gz, or a .parquet file.
        columns: Role to column name; roles left out are found by name (`rnnkit.data.columns`).
        roles: What each row gives, in this order.
        encoding: Decode with this one instead of finding out.
        delimiter: Split at this one instead of finding out.
        nested: Roles that may hold lists or objects in a JSONL file; they come as JSON text.
        named: False for a CSV or TSV whose first row is data, with columns 1, 2, 3; None to find out.
        tell: Called with a line where a text and a label are told apart by their content, since neither their names
            nor `columns` do. None: an error.

    Raises:
        RnnkitError: The file cannot be read as such a table; the message says how to mend it.

    Example:

    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "reviews.csv")
    >>> _ = file.write_text('Review;Stars\\n"good; very";5\\n')
    >>> table = Table(file)
    >>> list(table), table.delimiter, table.columns
    ([('good; very', '5')], ';', {'text': 'Review', 'label': 'Stars'})
    """

    def __init__(
        self,
        path: str | PathLike[str],
        columns: Mapping[str, str | None] | None = None,
        roles: Sequence[str] = ("text", "label"),
        encoding: str | None = None,
        delimiter: str | None = None,
        nested: Sequence[str] = (),
        named: bool | None = None,
        tell: Tell | None = None,
    ):
        self.path = Path(path)
        self.name = self.path.name
        self.roles = tuple(roles)
        self.nested = tuple(nested)
        self.oddities = Oddities()
        self.file, columns = self._opened(columns, encoding, delimiter, named, tell)
        self.encoding = self.file.encoding
        self.delimiter = getattr(self.file, "delimiter", None)
        self.header = [*self.file.header, *getattr(self.file, "inner", [])]
        try:
            self.columns = match_columns(self.header, self.roles, columns, self.name)
        except RnnkitError:
            self.columns, line = self._guessed(columns)
            if not self.columns or tell is None:
                raise
            tell(f"{self.name}: {line}")

    def _opened(
        self,
        columns: Mapping[str, str | None] | None,
        encoding: str | None,
        delimiter: str | None,
        named: bool | None,
        tell: Tell | None,
    ) -> tuple[Any, Mapping[str, str | None] | None]:
        suffixes = [suffix.lower() for suffix in self.path.suffixes[-2:]]
        if ".parquet" in suffixes:
            from rnnkit.data.parquet_table import ParquetTable

            return ParquetTable(self.path), columns
        check_file(self.path)
        found = find_encoding(self.path, encoding, whole=".json" in suffixes)
        if any(suffix in _JSON for suffix in suffixes):
            return JsonFile(self.path, found), columns
        if named is None:
            return open_with_numbers(self.path, found, delimiter, columns, tell)
        return DelimitedFile(self.path, found, delimiter, named), columns

    def _guessed(self, columns: Mapping[str, str | None] | None) -> tuple[dict[str, str], str]:
        """The columns by their content, if that is clear, and a line that says so."""
        if guessed := guess_columns(self.file, self.roles, columns):
            return guessed, said_of(guessed, self.header if isinstance(self.file, DelimitedFile) else ())
        if isinstance(self.file, DelimitedFile) and (found := guess_without_header(self.file, self.roles, columns)):
            self.file, numbers = found
            self.header = self.file.header
            return numbers, said_without_header(numbers)
        return {}, ""

    @property
    def reading(self) -> dict[str, Any]:
        """How it is read, for `rnnkit.data.remembered`."""
        return {"columns": dict(self.columns), "encoding": self.encoding, "delimiter": self.delimiter}

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        self.oddities = Oddities()
        wanted = [self.columns[role] for role in self.roles]
        if not isinstance(self.file, DelimitedFile):
            nested = {self.columns[role] for role in self.nested}
            for values in self.file.rows(wanted, self.oddities, nested):
                yield tuple([cell(value) for value in values])
        else:
            places = [self.header.index(column) for column in wanted]
            for row in self.file.rows(self.oddities):
                width = len(row)
                yield tuple([row[place] if place < width else "" for place in places])


class Rows:
    """Rows in memory, with the protocol of `Table`.

    Args:
        rows: Tuples in the order of `roles` (bare strings where there is one role), or a function giving them anew.
        roles: What each row gives.
        name: What messages call it.
        columns: Role to column name, where the rows came from a data frame.

    Raises:
        RnnkitError: While reading: a row has another number of values; its number is named.

    Example:

    >>> list(Rows([("good", 1), (None, "0")]))
    [('good', '1'), ('', '0')]
    """

    encoding = "utf-8"

    def __init__(
        self,
        rows: Sequence[Any] | Callable[[], Iterable[Any]],
        roles: Sequence[str] = ("text", "label"),
        name: str = "The list",
        columns: Mapping[str, str] | None = None,
    ):
        self.rows = rows
        self.roles = tuple(roles)
        self.name = name
        self.columns = dict(columns or {role: role for role in roles})
        self.reading: dict[str, Any] = {"columns": dict(columns)} if columns else {}
        self.oddities = Oddities()

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        for number, row in enumerate(self.rows() if callable(self.rows) else self.rows):
            values = (row,) if isinstance(row, str) or not isinstance(row, Iterable) else tuple(row)
            if len(values) != len(self.roles) or isinstance(row, Mapping):
                raise RnnkitError(f"{self.name}: row {number} is {brief(row)}; expected ({', '.join(self.roles)}).")
            yield tuple([cell(value) for value in values])


def open_table(
    data: Any,
    columns: Mapping[str, str | None] | None = None,
    roles: Sequence[str] = ("text", "label"),
    encoding: str | None = None,
    tell: Tell | None = None,
) -> Source:
    """A source of rows from a file name, a pattern of names, a data frame, a list of tuples, or a source.

    Args:
        data: The rows.
        columns: As for `Table`.
        roles: As for `Table`.
        encoding: As for `Table`.
        tell: As for `Table`.

    Raises:
        RnnkitError: It is none of these, or cannot be read.
    """
    from rnnkit.data.shards import Shards, shard_files

    if isinstance(data, str | PathLike):
        if files := shard_files(data):
            return Shards(files, str(data), columns, roles, encoding, tell)
        return Table(data, columns, roles, encoding, tell=tell)
    if isinstance(data, Table | Rows | Shards):
        return data
    if is_frame(data):
        from rnnkit.data.frames import rows_from_dataframe

        return rows_from_dataframe(data, columns, roles, tell)
    if isinstance(data, Sequence):
        return Rows(data, roles)
    raise RnnkitError(f"Got data of type {type(data).__name__}; expected a file name, a data frame or a list.")
