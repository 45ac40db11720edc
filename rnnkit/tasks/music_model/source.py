"""Tunes in ABC notation from a file, a folder, or a column of a table."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from rnnkit.codec.abc import Skipped, Tune, split_tunes, with_number
from rnnkit.data.columns import shown
from rnnkit.data.tables import Table
from rnnkit.data.textfile import check_file, find_encoding, text_lines
from rnnkit.errors import RnnkitError

_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")
_ABC = (".abc", ".abc.gz")
#: The recognised columns: the tune, and further fields that a table may have (those of thesession.org).
_COLUMNS = {
    "abc": ("abc", "abc notation", "abc_notation", "notation", "tune", "music", "body"),
    "T": ("title", "name"),
    "R": ("rhythm", "type"),
    "M": ("metre", "meter", "time"),
    "L": ("length",),
    "K": ("key", "mode"),
}


@dataclass
class Tunes:
    """Tunes in reading order, and counts of the omitted ones."""

    name: str
    tunes: list[Tune]
    skipped: Skipped = field(default_factory=Skipped)
    reading: dict[str, Any] = field(default_factory=dict)  # for `rnnkit.data.remembered`
    header: list[str] = field(default_factory=list)  # of a table


def read_tunes(
    source: str | PathLike[str], column: str | None = None, encoding: str | None = None, usual: str | None = None
) -> Tunes:
    """Read all tunes of an .abc file, of a folder's .abc files in the order of their names, or of a table's column.

    Unusable tunes and files of a folder are skipped and counted; a single file that cannot be read is an error.

    Args:
        source: The file or folder; a table is a .csv, .tsv or .jsonl file with a tune per row.
        column: The column of a table; by default "abc" or a similar name. Tunes without `K:` get the fields of the
            columns title, rhythm, metre, length and key, where they exist.
        encoding: The files' encoding; by default detected for each.
        usual: The column of a Run's training data, taken where none is named and the table has it.

    Raises:
        RnnkitError: Nothing can be read, or it contains no tune.

    Example:

    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "mine.abc")
    >>> _ = file.write_text("X:1\\nK:G\\nGAB|\\n")
    >>> [tune.header for tune in read_tunes(file).tunes]
    [{'X': '1', 'K': 'G'}]
    """
    if not isinstance(source, str | PathLike):
        raise RnnkitError(
            f"Got tunes of type {type(source).__name__}; expected an .abc file, a folder of these, a table, or a list."
        )
    path = Path(source)
    found = Tunes(path.name, [])
    if os.path.isdir(path):
        _read_folder(path, encoding, found)
    elif any(suffix.lower() in _TABLES for suffix in path.suffixes[-2:]):
        _read_table(path, column, encoding, found, usual)
    else:
        if column is not None:
            raise RnnkitError(f"{path.name} is not a table, so it has no column {column!r}; leave the column out.")
        _read_file(path, encoding, found)
    if not found.tunes:
        why = found.skipped.lines()
        said = why[0] if why else "no line begins with X:, which begins a tune"
        raise RnnkitError(f"{path.name} has no usable tune in ABC notation: {said}.")
    return found


def _read_folder(path: Path, encoding: str | None, found: Tunes) -> None:
    try:
        files = sorted(
            file for file in path.rglob("*") if file.name.lower().endswith(_ABC) and not file.name.startswith(".")
        )
    except OSError as error:
        raise RnnkitError(f"{path} cannot be listed ({error.strerror}); name a folder of ABC tunes.") from None
    if not files:
        raise RnnkitError(f"{path} holds no .abc file; name a folder of ABC tunes, or a file.")
    for file in files:
        try:
            _read_file(file, encoding, found)
        except RnnkitError as error:
            found.skipped.add("a file that cannot be read", str(error).rstrip("."))


def _read_file(path: Path, encoding: str | None, found: Tunes) -> None:
    check_file(path, "tunes in ABC notation", ".abc")
    lines = text_lines(path, find_encoding(path, encoding))
    found.tunes += split_tunes((part for line in lines for part in line.splitlines()), path.name, found.skipped)


def _read_table(path: Path, column: str | None, encoding: str | None, found: Tunes, usual: str | None) -> None:
    header = Table(path, roles=(), encoding=encoding).header
    columns = _columns(header, column, path.name, usual)
    table = Table(path, columns, tuple(columns), encoding)
    found.header = header
    found.reading = {**table.reading, "columns": {"abc": columns["abc"]}}
    for number, (text, *fields) in enumerate(table, 1):
        place = f"{path.name} row {number}"
        if not text.strip():
            found.skipped.add("no text", place)
            continue
        if not any(line.startswith("K:") for line in text.splitlines()):
            text = _with_header(text, dict(zip(list(columns)[1:], fields, strict=True)))
        found.tunes += split_tunes(with_number(text).splitlines(), place, found.skipped)


def _columns(header: Sequence[str], column: str | None, name: str, usual: str | None) -> dict[str, str | None]:
    """The columns by role, the tune's first."""
    if column is None and usual in header:
        column = usual
    if column is not None:
        return {"abc": column}
    folded = {title.strip().lower(): title for title in reversed(header)}
    found: dict[str, str | None] = {}
    for role, names in _COLUMNS.items():
        near = next((folded[wanted] for wanted in names if wanted in folded), None)
        if near is not None and near not in found.values():
            found[role] = near
    if "abc" not in found and usual is not None:
        raise RnnkitError(
            f"{name} has no column {usual!r:.60}, which held the tunes when the Run was trained. It has: "
            f"{shown(header)}. Name the column with --abc."
        )
    if "abc" not in found:
        raise RnnkitError(
            f"{name} has no column 'abc'. It has: {shown(header)}. Name the one that holds the tunes "
            "(--abc; in a pipeline --column), or call it abc."
        )
    return found


def _with_header(text: str, fields: Mapping[str, str]) -> str:
    """Music without a header, preceded by its fields from the table."""
    lines = [f"{letter}:{' '.join(value.split())}" for letter, value in fields.items() if value.strip()]
    if not any(line.startswith("K:") for line in lines):
        return text
    if not any(line.startswith("L:") for line in lines):
        lines.insert(0, "L:1/8")
    return "\n".join([*lines, text])
