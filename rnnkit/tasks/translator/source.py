"""Sources of sentences and their translations: a table, two text files, a folder of these, or a list."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from rnnkit.data.delimited import Oddities
from rnnkit.data.folds import Divisible
from rnnkit.data.frame_kinds import is_frame
from rnnkit.data.frames import as_pandas
from rnnkit.data.part_files import part_files
from rnnkit.data.tables import Rows, Source, open_table
from rnnkit.data.textfile import check_file, find_encoding, text_lines
from rnnkit.errors import RnnkitError
from rnnkit.tasks.translator.file_names import TABLES, Pair, language_files, other_side
from rnnkit.tasks.translator.files import ROLES, ParallelFiles
from rnnkit.tasks.translator.table import by_languages, open_parallel_table


@dataclass
class ParallelText:
    """Rows (source sentence, target sentence), in parts where the data come in parts. It is a `Source` itself.

    Attributes:
        pairs: The training rows, or all rows.
        name: Their name in messages and reports.
        validation: Rows for choosing the best epoch; None samples from `pairs`.
        test: Rows for the final evaluation; None samples from `pairs`.
        languages: The source and target languages, where known.
    """

    pairs: Source
    name: str
    validation: Source | None = None
    test: Source | None = None
    languages: tuple[str, str] | None = None
    roles: tuple[str, ...] = ROLES

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return iter(self.pairs)

    @property
    def columns(self) -> dict[str, str]:
        """Role to column, or to file."""
        return self.pairs.columns

    @property
    def reading(self) -> dict[str, Any]:
        """How the training rows were read, for `rnnkit.data.remembered`."""
        return getattr(self.pairs, "reading", {})

    @property
    def encoding(self) -> str:
        """The encoding with which the training rows were read."""
        return self.pairs.encoding

    @property
    def oddities(self) -> Oddities:
        """What was skipped in the last reading of the training rows."""
        return self.pairs.oddities

    @property
    def scored(self) -> Source:
        """The rows on which a model is scored: the test part where there is one, otherwise all."""
        return self.pairs if self.test is None else self.test

    def in_folds(self) -> Divisible:
        """The pairs outside a given test part; those with the same source stay together. A given validation part is
        that of every fold."""

        def opened(some: list[tuple[str, ...]], test: bool = False) -> ParallelText:
            return replace(self, pairs=Rows(some, self.roles, self.name), test=None)

        pairs = list(self.pairs)
        return Divisible(self.name, pairs, [row[0].strip() for row in pairs], opened, [])

    @property
    def parts(self) -> dict[str, Source]:
        """The given parts, "train" first."""
        found = {"train": self.pairs, "validation": self.validation, "test": self.test}
        return {name: rows for name, rows in found.items() if rows is not None}


def open_parallel(
    source: Any,
    columns: Mapping[str, str | None] | None = None,
    encoding: str | None = None,
    *,
    usual: tuple[str, str] | None = None,
) -> ParallelText:
    """Open sentences and their translations in any of the usual formats; nothing is held in memory.

    Args:
        source: A CSV, TSV or JSONL file with a pair per row (`rnnkit.tasks.translator.table`), a data frame or a list
            of pairs; a tuple of two text files, or one of two whose names differ in the language, such as corpus.en; a
            folder with en.train.txt and de.train.txt, or train.en and train.de, or train.csv, and optionally
            validation and test; or one of its parts; or a `ParallelText`, returned unchanged.
        columns: "source" and "target" to the column of a table, or to the language in the names of files.
        encoding: The files' encoding, where it cannot be detected.
        usual: The default languages where files exist in more than two and none is named.

    Raises:
        RnnkitError: The source cannot be read as pairs; the message says what was found and how to proceed.

    Example:

    >>> text = open_parallel([("Hello.", "Hallo."), ("Bye.", "Tschau.")])
    >>> list(text)
    [('Hello.', 'Hallo.'), ('Bye.', 'Tschau.')]
    """
    if isinstance(source, ParallelText):
        return source
    if isinstance(source, ParallelFiles):
        return ParallelText(source, source.name)
    if isinstance(source, str | PathLike):
        path = Path(source)
        return _folder(path, columns, encoding, usual) if os.path.isdir(path) else _file(path, columns, encoding, usual)
    if isinstance(source, tuple) and len(source) == 2 and all(isinstance(side, str | PathLike) for side in source):
        files = ParallelFiles(*source, encoding)
        return ParallelText(files, files.name)
    if is_frame(source):
        source = as_pandas(source)
        given = {role: column for role, column in (columns or {}).items() if column is not None}
        columns = {**(columns or {}), **by_languages(list(map(str, source.columns)), given, "The data frame")}
    rows = open_table(source, columns, ROLES)
    return ParallelText(rows, rows.name)


def parallel_text(
    parts: Mapping[str, Sequence[tuple[str, str]]], name: str, languages: tuple[str, str] | None = None
) -> ParallelText:
    """Pairs in memory, by part; "train" is required.

    Example:

    >>> list(parallel_text({"train": [("a", "b")], "test": [("c", "d")]}, "letters").scored)
    [('c', 'd')]
    """
    rows = {part: Rows(pairs, ROLES, f"{name} {part}") for part, pairs in parts.items()}
    return ParallelText(rows["train"], name, rows.get("validation"), rows.get("test"), languages)


def _file(path: Path, columns: Any, encoding: str | None, usual: tuple[str, str] | None) -> ParallelText:
    if not TABLES & {suffix.lower() for suffix in path.suffixes[-2:]}:
        check_file(path, "sentences and their translations")
        if not _looks_like_table(path, columns, encoding) and (found := other_side(path, columns, usual)):
            files, languages = found
            return _of_files({"train": files}, None, languages, encoding)
    table = open_parallel_table(path, columns, encoding)
    return ParallelText(table, table.name)


def _folder(folder: Path, columns: Any, encoding: str | None, usual: tuple[str, str] | None) -> ParallelText:
    if found := language_files(folder, columns, usual):
        files, languages = found
        return _of_files(files, f"{folder.resolve().name} {'-'.join(languages)}", languages, encoding)
    try:
        tables = part_files(folder)
    except RnnkitError as error:
        if "no training file" not in str(error):
            raise
        there = ", ".join(sorted(path.name for path in folder.iterdir())[:5]) or "no file"
        raise RnnkitError(
            f"{folder} has no training files; expected en.train.txt and de.train.txt, or train.csv. It has {there}."
        ) from None
    rows = {part: open_parallel_table(file, columns, encoding) for part, file in tables.items()}
    return ParallelText(rows["train"], folder.resolve().name, rows.get("validation"), rows.get("test"))


def _of_files(
    files: Mapping[str, Pair], name: str | None, languages: tuple[str, str], encoding: str | None
) -> ParallelText:
    rows = {part: ParallelFiles(*pair, encoding) for part, pair in files.items()}
    train = rows["train"]
    return ParallelText(train, name or train.name, rows.get("validation"), rows.get("test"), languages)


def _looks_like_table(path: Path, columns: Mapping[str, str | None] | None, encoding: str | None) -> bool:
    """Whether the first non-blank line has a tab, or the names of the columns."""
    lines = text_lines(path, find_encoding(path, encoding))
    first = next((line for line in lines if line.strip()), "")
    names = {name.strip(' "\n\r').lower() for name in re.split("[,;|]", first)}
    wanted = {column.lower() for column in (columns or {}).values() if column} or set(ROLES)
    return "\t" in first or (len(names) > 1 and wanted <= names)
