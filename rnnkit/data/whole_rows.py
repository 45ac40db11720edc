"""Tables with all their columns, row by row, as `rnnkit predict` answers them: nothing mended, nothing left out."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from rnnkit.data.columns import is_known, looks_like_data, match_columns, or_by_number, shown
from rnnkit.data.delimited import Oddities
from rnnkit.data.findings import RUN_TOGETHER
from rnnkit.data.headerless import open_with_numbers
from rnnkit.data.jsonl import JsonFile, inner_names, object_of
from rnnkit.data.tables import cell
from rnnkit.data.textfile import check_file, find_encoding, text_lines
from rnnkit.errors import RnnkitError

#: How the names of tables end, and those of files with a text a line.
TABLES, LINES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet"), (".txt",)
_JSON = (".jsonl", ".ndjson", ".json")
_Columns = Mapping[str, str | None] | None
_Tell = Callable[[str], None] | None


class WholeRow(NamedTuple):
    """A row as it came.

    Args:
        place: Where it stands, such as "line 7", for messages.
        values: Its values: by column in a JSONL file, else in the order of the header.
        line: The row's JSON object as it stands in a JSONL file; "" in others.
    """

    place: str
    values: Any
    line: str = ""


class WholeRows(Protocol):
    """Rows with all their columns, which can be read again and again."""

    name: str
    header: list[str]

    def __iter__(self) -> Iterator[WholeRow]: ...


class DelimitedRows:
    """The rows of a CSV or TSV file; `delimiter`, `encoding`, `newline` and `quoting` say how it is written, `columns`
    which were given, by name or by number as the file has them.

    Args:
        path: The file, which may be .gz.
        encoding: Decode with this one instead of finding out.
        columns: As for `open_with_numbers`; a file without a header has the columns 1, 2, 3.
        tell: As for `open_with_numbers`.

    Raises:
        RnnkitError: It cannot be read; while reading, a row has more fields than the header, and its line is named.

    Example:

    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "reviews.csv")
    >>> _ = file.write_text('id;review\\n01;"good; very"\\n')
    >>> [row.values for row in DelimitedRows(file)]
    [['01', 'good; very']]
    """

    def __init__(self, path: Path, encoding: str | None = None, columns: _Columns = None, tell: _Tell = None):
        check_file(path)
        self.path, self.name = path, path.name
        self.encoding = find_encoding(path, encoding)
        self._file, self.columns = open_with_numbers(path, self.encoding, None, columns, tell)
        self.delimiter, self.quoting = self._file.delimiter, self._file.quoting
        self.header = next(self._file.records())[1] if self._file.named else self._file.header
        self.newline = "\r\n" if next(text_lines(path, self.encoding)).endswith("\r\n") else "\n"

    def __iter__(self) -> Iterator[WholeRow]:
        width, odd = len(self.header), Oddities()
        records = self._file.records(odd)
        before = next(records)[0] if self._file.named else 0
        for last, fields in records:
            place, before = f"line {before + 1}", last
            if odd.run_together:
                raise RnnkitError(f"{self.name} {place}: {RUN_TOGETHER}")
            if any(fields[width:]):
                raise RnnkitError(
                    f"{self.name} {place} has {len(fields)} fields, and the header {width}; no one knows which is "
                    "which. Mend that line, or quote the field that holds a delimiter."
                )
            yield WholeRow(place, (fields + [""] * (width - len(fields)))[:width])


class JsonRows:
    """The rows of a JSONL file; see `DelimitedRows`. `header` holds the keys seen so far, all after one reading, and
    `inner` the paths of those within objects."""

    def __init__(self, path: Path, encoding: str | None = None):
        check_file(path)
        self.path, self.name = path, path.name
        self._file = JsonFile(path, find_encoding(path, encoding, whole=suffix_of(path) == ".json"), raw=True)
        self.header, self.inner = self._file.header, self._file.inner

    def __iter__(self) -> Iterator[WholeRow]:
        keys = dict.fromkeys(self.header)
        for number, line, values in self._file.objects():
            if not values.keys() <= keys.keys():
                keys |= dict.fromkeys(values)
                self.header[:] = keys
            yield WholeRow(f"{self._file.unit} {number}", values, line)


class JsonStream:
    """The rows of a stream of JSON objects, a line each, which is read once; the first one gives the `header`.

    Args:
        lines: The lines.
        name: What messages call it.

    Raises:
        RnnkitError: There is none, or a line is no object; the line is named.
    """

    def __init__(self, lines: Iterable[str], name: str = "Standard input"):
        self.name = name
        self._rows = self._read(lines)
        self._first = next(self._rows, None)
        if self._first is None:
            raise RnnkitError(f"{name} is empty; expected one JSON object on each line.")
        self.header, self.inner = list(self._first.values), list(inner_names(self._first.values))

    def _read(self, lines: Iterable[str]) -> Iterator[WholeRow]:
        for number, line in enumerate(lines, 1):
            line = line.removeprefix("\ufeff").strip() if number == 1 else line.strip()
            if line:
                yield WholeRow(f"line {number}", object_of(line, f"{self.name} line {number}"), line)

    def __iter__(self) -> Iterator[WholeRow]:
        if self._first is not None:
            yield self._first
        yield from self._rows


class TextRows:
    """The lines of a text file as rows with the one column "text"; see `DelimitedRows`."""

    def __init__(self, path: Path, encoding: str | None = None):
        check_file(path, "a text on each line", ".txt")
        self.path, self.name = path, path.name
        self.encoding, self.header = find_encoding(path, encoding), ["text"]

    def __iter__(self) -> Iterator[WholeRow]:
        for number, line in enumerate(text_lines(self.path, self.encoding), 1):
            yield WholeRow(f"line {number}", [line.rstrip("\r\n")])


def open_rows(path: Path, encoding: str | None = None, columns: _Columns = None, tell: _Tell = None) -> WholeRows:
    """A file's rows with all their columns, by the file's name; .txt holds a text a line.

    Raises:
        RnnkitError: It cannot be read, or its name ends in none of `TABLES` and `LINES`.
    """
    ending = suffix_of(path)
    if ending == ".parquet":
        from rnnkit.data.parquet import ParquetRows

        return ParquetRows(path)
    if ending in LINES:
        return TextRows(path, encoding)
    return JsonRows(path, encoding) if ending in _JSON else DelimitedRows(path, encoding, columns, tell)


def suffix_of(path: Path) -> str:
    """What says a file's kind: its suffix in small letters, that before .gz or .zst where it is packed.

    Example:

    >>> suffix_of(Path("a.CSV.gz")), suffix_of(Path("a.jsonl.zst")), suffix_of(Path("a"))
    ('.csv', '.jsonl', '')
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    return next(iter(suffixes[:-1][-1:] if suffixes[-1:] in ([".gz"], [".zst"]) else suffixes[-1:]), "")


def input_column(header: Sequence[str], role: str, given: str | None = None, name: str = "The table") -> str:
    """The column to answer: the one given, else the only one, else the one named like the role.

    Args:
        header: The table's column names.
        role: What the task answers, such as "text".
        given: The column, where the user said so.
        name: The table's name in messages.

    Raises:
        RnnkitError: There is no such column, or it cannot be told; the columns are named.

    Example:

    >>> input_column(["id", "Review"], "text"), input_column(["note"], "text")
    ('Review', 'note')
    """
    if given is None and len(header) == 1:
        return header[0]
    try:
        return match_columns(header, (role,), {role: given}, name)[role]
    except RnnkitError:
        if given is not None or len(set(header)) < len(header):
            raise
        use = or_by_number(f"Say which one to answer: --{role} COLUMN.", header, (role,))
        raise RnnkitError(f"{name} has {len(header)} columns and none named {role}: {shown(header)}. {use}") from None


def doubtful_header(source: WholeRows, column: str, role: str) -> str:
    """Doubt the header of a CSV or TSV with one column of no usual name: it may be a row like the others.

    Args:
        source: The table.
        column: The column to answer.
        role: What the task answers.

    Returns:
        A line that says what is done; "" where there is no doubt.

    Raises:
        RnnkitError: The header reads like a text rather than like a name.
    """
    if not isinstance(source, DelimitedRows) or len(source.header) > 1 or is_known(column, role):
        return ""
    read = f"{source.name} has one column, and its first line is {column!r:.60}"
    if looks_like_data(column):
        raise RnnkitError(
            f"{read}, which reads like a row and not like a name. Add a line that says {role} before it, or, if it is "
            f"the name: --{role} {column!r:.60}"
        )
    return f"{read}: it is read as the column's name. If it is a row to answer, add a line that says {role} before it."


def value_text(value: Any, place: str) -> str:
    """A row's value as the text to answer; a NUL becomes a blank, as in training.

    Raises:
        RnnkitError: It is a list or an object.
    """
    if isinstance(value, list | dict):
        raise RnnkitError(f"{place} holds a {'list' if isinstance(value, list) else 'object'}; expected text.")
    return cell(value).replace("\0", " ")


def value_cell(value: Any) -> str:
    """A value as the cell of a CSV: text as it is, nothing for None, else JSON.

    Example:

    >>> [value_cell(value) for value in ("=1+1", None, True, 0.5, ["a"])]
    ['=1+1', '', 'true', '0.5', '["a"]']
    """
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=cell)
