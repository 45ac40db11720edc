"""Rows as they came with further columns, as bytes of a CSV, TSV or JSONL file."""

import codecs
import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rnnkit.data.delimited import NO_DELIMITER
from rnnkit.data.tables import cell
from rnnkit.data.whole_rows import DelimitedRows, WholeRow, WholeRows, suffix_of, value_cell
from rnnkit.errors import RnnkitError

#: A row and the values of its new columns by name; None where it has none.
Answered = tuple[WholeRow, dict[str, Any] | None]
_ADVICE = "Give --to a name that ends in .jsonl."
_WITHOUT_MARK = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_MARKS = {"utf-8-sig": codecs.BOM_UTF8, "utf-16": codecs.BOM_UTF16_LE, "utf-32": codecs.BOM_UTF32_LE}


class DelimitedWriter:
    """Rows and new columns as CSV or TSV; a CSV or TSV is written in its own encoding, delimiter and line ends.

    Values are written as they came: one that a spreadsheet would take for a formula stays what it is.

    Args:
        source: The rows' source.
        names: The new columns, other than the source's.
        path: The file to write; its name says whether to write a TSV.
        advice: What to do where it cannot hold a value.
    """

    def __init__(self, source: WholeRows, names: Sequence[str], path: Path, advice: str = _ADVICE):
        self.source, self.names, self.path, self.advice = source, list(names), path, advice
        self.delimiter, self.quoting = "\t" if suffix_of(path) == ".tsv" else ",", 0
        self.newline, self.encoding = "\n", "utf-8"
        if isinstance(source, DelimitedRows):
            self.newline, self.encoding = source.newline, codecs.lookup(source.encoding).name
            if suffix_of(source.path) == suffix_of(path) and source.delimiter != NO_DELIMITER:
                self.delimiter = source.delimiter
            if self.delimiter == source.delimiter:
                self.quoting = source.quoting

    def head(self) -> bytes:
        """The header line, with a byte order mark where the source has one."""
        return _MARKS.get(self.encoding, b"") + self._bytes([[*self.source.header, *self.names]], "The header")

    def rows(self, rows: Iterable[Answered]) -> bytes:
        """Some rows.

        Raises:
            RnnkitError: The file's encoding, or its way without quotes, cannot hold a value.
        """
        return b"".join(self._bytes([self.cells(row, new)], f"{self.source.name} {row.place}") for row, new in rows)

    def cells(self, row: WholeRow, new: dict[str, Any] | None) -> list[str]:
        """A row's values and those of its new columns as they are written, in the order of the header.

        Raises:
            RnnkitError: A list or an object holds what the file cannot.
        """
        values = row.values
        if row.line:  # numbers within lists are wanted as they are, and not as text
            nested = any(isinstance(value, list | dict) for value in values.values())
            whole = self._parsed(row) if nested else values
            values = [
                whole[key] if isinstance(values.get(key), list | dict) else values.get(key)
                for key in self.source.header
            ]
        return [*map(value_cell, values), *(value_cell((new or {}).get(name)) for name in self.names)]

    def _parsed(self, row: WholeRow) -> dict[str, Any]:
        try:
            whole: dict[str, Any] = json.loads(row.line)
        except (ValueError, RecursionError) as error:  # a number of thousands of digits, for one
            raise RnnkitError(
                f"{self.source.name} {row.place} has a list or an object that {self.path.suffix} cannot hold "
                f"({error}). {self.advice}"
            ) from None
        return whole

    def _bytes(self, rows: list[list[str]], place: str) -> bytes:
        text = io.StringIO()
        signs: Any = {"quoting": self.quoting, "quotechar": None if self.quoting else '"'}
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.newline, **signs)
        try:
            writer.writerows(rows)
            return text.getvalue().encode(_WITHOUT_MARK.get(self.encoding, self.encoding))
        except (csv.Error, UnicodeEncodeError) as error:
            why = str(error)
            if isinstance(error, UnicodeEncodeError):
                why = f"{error.object[error.start]!r} is not in {self.encoding}"
            raise RnnkitError(
                f"{place}: {self.path.name}, written like {self.source.name}, cannot hold the answer ({why}). "
                f"{self.advice}"
            ) from None


class JsonWriter:
    """Rows and new columns as JSONL, UTF-8; the objects of a JSONL file stay letter by letter what they are.

    Args:
        source: The rows' source.

    Raises:
        RnnkitError: Two columns have one name.

    Example:

    >>> from rnnkit.data.whole_rows import JsonStream
    >>> stream = JsonStream(['{"text": "good", "stars": 5.0}'])
    >>> JsonWriter(stream).lines((row, {"answer": "positive"}) for row in stream)
    ['{"text": "good", "stars": 5.0, "answer": "positive"}']
    """

    def __init__(self, source: WholeRows):
        self.source = source
        if twice := [name for name in source.header if source.header.count(name) > 1]:
            raise RnnkitError(
                f"{source.name} has {twice[0]!r:.60} as a column twice, which JSON cannot hold; rename one."
            )

    def head(self) -> bytes:
        """Nothing: a JSONL file has no header."""
        return b""

    def rows(self, rows: Iterable[Answered]) -> bytes:
        """Some rows as bytes."""
        return "".join(f"{line}\n" for line in self.lines(rows)).encode("utf-8")

    def lines(self, rows: Iterable[Answered]) -> list[str]:
        """Some rows, a JSON object each."""
        return [self._line(row, new or {}) for row, new in rows]

    def _line(self, row: WholeRow, new: dict[str, Any]) -> str:
        added = json.dumps(new, ensure_ascii=False, default=cell)
        if not row.line:
            values = dict(zip(self.source.header, row.values, strict=True))
            values = {name: _finite(value) for name, value in values.items()}
            return json.dumps({**values, **new}, ensure_ascii=False, default=cell)
        if both := new.keys() & row.values.keys():  # of a stream, whose further keys nobody could know
            raise RnnkitError(
                f"{self.source.name} {row.place} has a {min(both)!r} of its own, unlike line 1; rename it."
            )
        body = row.line.removesuffix("}").rstrip()
        return row.line if not new else f"{body}{'' if body == '{' else ', '}{added[1:]}"


def _finite(value: Any) -> Any:
    """A value, or None for NaN and infinities, which JSON has no word for."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def numbered(name: str, taken: Iterable[str]) -> str:
    """A column's name, with a number where there is such a column already.

    Example:

    >>> numbered("answer", ["text", "answer"])
    'answer_2'
    """
    used = set(taken)
    return next(each for each in (name, *(f"{name}_{n}" for n in range(2, len(used) + 3))) if each not in used)
