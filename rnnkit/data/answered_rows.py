"""Whether a file holds the rows of a table with answers beside them, as `rnnkit predict --to` writes it."""

import json
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from rnnkit.data.delimited import DelimitedFile
from rnnkit.data.row_writers import DelimitedWriter, JsonWriter
from rnnkit.data.whole_rows import JsonRows, WholeRows
from rnnkit.errors import RnnkitError


def answered_rows(source: WholeRows, path: Path, names: Sequence[str]) -> int | None:
    """Count the rows of a table that a CSV, TSV or JSONL file repeats, all in order, each with the answers' columns.

    Args:
        source: The table.
        path: The file.
        names: The columns of the answers; a JSON line without an answer lacks them.

    Returns:
        The number of rows; None where the file is another one.
    """
    is_json = path.suffix.lower() in (".jsonl", ".ndjson")
    try:
        same = list((_same_json if is_json else _same_delimited)(source, path, list(names)))
    except RnnkitError:  # it cannot be read as such a file
        return None
    return len(same) if all(same) else None


def _same_delimited(source: WholeRows, path: Path, names: list[str]) -> Iterator[bool]:
    writer = DelimitedWriter(source, [], path)
    found = DelimitedFile(path, writer.encoding, writer.delimiter).records()
    header = next(found)[1]
    width = len(source.header)
    if header != [*source.header, *names]:
        yield False
        return
    for row, (_, fields) in _pairs(source, found, (0, [])):
        yield row is not None and len(fields) == len(header) and fields[:width] == writer.cells(row, None)


def _same_json(source: WholeRows, path: Path, names: list[str]) -> Iterator[bool]:
    writer = JsonWriter(source)
    for row, answered in _pairs(source, JsonRows(path), None):
        if row is None or answered is None:
            yield False
            return
        [line] = writer.lines([(row, None)])
        given, found = json.loads(line, parse_constant=str), json.loads(answered.line, parse_constant=str)
        same = all(found.get(name, writer) == value for name, value in given.items())
        yield same and {name for name in found if name not in given} <= set(names)


def _pairs(source: WholeRows, found: Any, missing: Any) -> Iterator[tuple[Any, Any]]:
    for row, answered in zip_longest(source, found):
        yield row, missing if answered is None else answered
