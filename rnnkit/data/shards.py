"""Many files of one table, named by a pattern or a folder: their rows, one file after another."""

import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from os import PathLike
from pathlib import Path
from typing import Any

from rnnkit.data.delimited import Oddities
from rnnkit.data.findings import counted
from rnnkit.data.tables import Table, Tell
from rnnkit.errors import RnnkitError

_SIGNS, _PACKED = "*?[", (".gz", ".zst")
_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet")


def shard_files(named: str | PathLike[str]) -> list[Path]:
    """The files that a pattern, such as part-*.csv.gz, or a folder of tables names, in the order of their names; none
    where it names a file.

    What other programs put beside tables, files that begin with _ or a point, does not count.

    Args:
        named: As a user writes it; `**` stands for folders within folders.

    Raises:
        RnnkitError: A pattern fits no file, or a folder holds other files than tables.
    """
    text = os.fspath(named)
    if os.path.isdir(text):
        found = [path for path in sorted(Path(text).iterdir()) if path.is_file() and path.name[0] not in "._"]
        if not found or not all(map(_is_table, found)):
            return []  # a folder of another kind, which the task knows or refuses
        return found
    if os.path.lexists(text) or not set(_SIGNS) & set(text):
        return []
    matches = map(Path, sorted(set(glob.glob(text, recursive=True))))  # ** twice finds files more than once
    found = [path for path in matches if path.is_file() and path.name[0] not in "._"]
    if not found:
        raise RnnkitError(f"No file fits {text!r:.200}; expected a pattern such as 'reviews/part-*.csv.gz'.")
    return found


def _is_table(path: Path) -> bool:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in _PACKED:
        suffixes.pop()
    return bool(suffixes) and suffixes[-1] in _TABLES


class Shards:
    """Rows of many files, streamed one file after another, with the protocol of `Table`. All have the columns of the
    first.

    Args:
        files: Tables of any of the kinds of `Table`.
        name: What messages call them.
        columns: As for `Table`.
        roles: As for `Table`.
        encoding: As for `Table`.
        tell: As for `Table`.

    Raises:
        RnnkitError: As `Table`; a file that lacks a column is named.
    """

    def __init__(
        self,
        files: Sequence[Path],
        name: str,
        columns: Mapping[str, str | None] | None = None,
        roles: Sequence[str] = ("text", "label"),
        encoding: str | None = None,
        tell: Tell | None = None,
    ) -> None:
        first = Table(files[0], columns, roles, encoding, tell=tell)
        others = [Table(path, first.columns, roles, encoding) for path in files[1:]]
        self.tables, self.roles = [first, *others], first.roles
        self.name = f"{name} ({counted(len(self.tables), 'file')})"
        self.columns, self.delimiter, self.header = first.columns, first.delimiter, first.header
        encodings = dict.fromkeys(table.encoding for table in self.tables)
        self.encoding = next(iter(encodings)) if len(encodings) == 1 else ", ".join(encodings)

    @property
    def files(self) -> list[Path]:
        """The files, in the order of their rows."""
        return [table.path for table in self.tables]

    @property
    def oddities(self) -> Oddities:
        """What the last reading of all files passed over; lines are those of the first file that has some."""
        found = Oddities()
        for each in (table.oddities for table in self.tables):
            for spec in fields(Oddities):
                mine, theirs = getattr(found, spec.name), getattr(each, spec.name)
                one_of_them = mine or theirs if spec.name.endswith("_line") else max(mine, theirs)
                is_count = spec.name != "most_lines" and not spec.name.endswith("_line")
                setattr(found, spec.name, mine + theirs if is_count else one_of_them)
        return found

    @property
    def reading(self) -> dict[str, Any]:
        """How they are read, for `rnnkit.data.remembered`."""
        return self.tables[0].reading

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        for table in self.tables:
            yield from table
