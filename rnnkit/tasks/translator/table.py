"""Tables of sentences and their translations, with column names or, where that is unambiguous, without."""

import itertools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from rnnkit.data.columns import is_known, match_columns, missed_column, tell_other_columns
from rnnkit.data.delimited import DelimitedFile, Oddities
from rnnkit.data.headerless import is_number
from rnnkit.data.remembered import Remembered, remembered_in
from rnnkit.data.tables import Table
from rnnkit.data.textfile import check_file, find_encoding
from rnnkit.errors import RnnkitError
from rnnkit.tasks.translator.file_names import CODES, choose_languages
from rnnkit.tasks.translator.files import ROLES

_SAMPLE = 50  # rows
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”’»)]*$")


def open_parallel_table(
    path: Path, columns: Mapping[str, str | None] | None = None, encoding: str | None = None
) -> Table:
    """Open a CSV, TSV or JSONL file with a pair per row.

    The columns are those the user names, otherwise "source" and "target" or their common synonyms, otherwise the two
    whose names are language codes (en is then the source). A table without a header is read when columns are given by
    number, or when it clearly consists of sentences: a TSV as distributed by ManyThings and Tatoeba, or one of two
    columns whose first row is two complete sentences.

    Args:
        path: The file; may be .gz.
        columns: "source" and "target" to the name or the number of a column.
        encoding: The file's encoding; detected by default.

    Raises:
        RnnkitError: It cannot be read as such a table.
    """
    suffixes = {suffix.lower() for suffix in path.suffixes[-2:]}
    if ".parquet" not in suffixes:
        check_file(path)
    found = "utf-8" if ".parquet" in suffixes else find_encoding(path, encoding, whole=".json" in suffixes)
    given = {role: column for role, column in (columns or {}).items() if column is not None}
    if {".jsonl", ".ndjson", ".json", ".parquet"} & suffixes:
        return _remembering(path, Table(path, roles=(), encoding=found).header, columns, given, found)
    file = DelimitedFile(path, found)
    header = file.header
    if isinstance(columns, Remembered) and not given and not _fits(header):
        usual = columns.remembered
        given = dict(usual) if all(is_number(column) and column not in header for column in usual.values()) else given
    numbered = bool(given) and all(is_number(column) and column not in header for column in given.values())
    if numbered and _names_both(header, given):  # the columns have names, and are given by their places all the same
        given, numbered = {role: header[int(number) - 1] for role, number in numbers_of_both(given).items()}, False
    if numbered or (not given and not _fits(header)):
        numbers = given if numbered else _columns_of_sentences(path, found)
        if numbers:
            return Table(path, numbers_of_both(numbers), ROLES, found, named=False)
    return _remembering(path, header, columns, given, found)


def _remembering(
    path: Path, header: Sequence[str], columns: Mapping[str, str | None] | None, given: Mapping[str, str], encoding: str
) -> Table:
    """The table with the columns of a Run's training data as far as it has them."""
    usual = remembered_in(columns, header)
    try:
        table = _named(path, header, {**usual, **given}, encoding)
    except RnnkitError:
        if any(missed_column(columns, role, header) for role in ROLES):
            match_columns(header, ROLES, columns, path.name)  # whose error names that column
        raise
    tell_other_columns(columns, table.columns, header, path.name)
    return table


def numbers_of_both(given: Mapping[str, str]) -> dict[str, str]:
    """Column numbers for both roles; an omitted one is the other of 1 and 2."""
    free = [number for number in ("1", "2") if number not in given.values()]
    return {role: given.get(role) or free[0] for role in ROLES}


def _named(path: Path, header: Sequence[str], given: Mapping[str, str], encoding: str) -> Table:
    given = by_languages(header, given, path.name)
    try:
        return Table(path, given, ROLES, encoding)
    except RnnkitError as error:
        if _fits(header):
            raise
        if given and isinstance(_columns_of_sentences(path, encoding), dict):
            raise RnnkitError(f"{path.name} has no header; give columns by number: --source 1 --target 2.") from None
        if given or "rename all but one" in str(error):
            raise
        if len(header) == 1:
            raise RnnkitError(
                f"{path.name} has a single column; expected a sentence and its translation in each row. For two text "
                "files, name one of them with its languages: corpus.en --source en --target de."
            ) from None
        raise RnnkitError(f"{error} Or, if the first line is already a pair: --source 1 --target 2.") from None


def by_languages(header: Sequence[str], given: Mapping[str, str], name: str) -> dict[str, str]:
    """The columns of both roles where the columns are named by languages, or those within an object are; otherwise as
    given.

    Args:
        header: The columns.
        given: "source" and "target" to a column or a language.
        name: What messages call the table.

    Example:

    >>> by_languages(["translation", "translation.de", "translation.en"], {}, "a.jsonl")
    {'source': 'translation.en', 'target': 'translation.de'}
    """
    plain = {column: column for column in header if column.lower() in CODES}
    inner = {column.rpartition(".")[2]: column for column in header if "." in column}
    inner = {language: column for language, column in inner.items() if language.lower() in CODES}
    found = plain if len(plain) == 2 else inner
    if len(given) == 2 or len(found) < 2 or _fits(header) or not set(given.values()) <= {*found}:
        return {role: inner.get(column, column) if column not in header else column for role, column in given.items()}
    chosen = choose_languages(list(found), given, name)
    return dict(zip(ROLES, (found[language] for language in chosen), strict=True))


def _names_both(header: Sequence[str], given: Mapping[str, str]) -> bool:
    """Whether the columns of these numbers have the names of their roles, or of languages."""
    places = {role: int(number) - 1 for role, number in numbers_of_both(given).items()}
    names = {role: header[place] for role, place in places.items() if 0 <= place < len(header)}
    languages = [name for name in names.values() if name.strip().lower() in CODES]
    return len(names) == 2 and (len(languages) == 2 or any(is_known(name, role) for role, name in names.items()))


def _fits(header: Sequence[str]) -> bool:
    """Whether the columns' names alone determine both roles."""
    try:
        return bool(match_columns(header, ROLES))
    except RnnkitError:
        return False


def _columns_of_sentences(path: Path, encoding: str) -> dict[str, str] | None:
    """The column numbers, where the first rows of a table show that it has no header."""
    file = DelimitedFile(path, encoding, named=False)
    rows = list(itertools.islice(file.rows(Oddities()), _SAMPLE))
    width = len(file.header)
    rows = [row + [""] * (width - len(row)) for row in rows]
    tabbed = file.delimiter == "\t"
    if (
        tabbed and width == 3 and all("CC-BY" in row[2] for row in rows)
    ):  # ManyThings: the third is the sentences' authors
        return {"source": "1", "target": "2"}
    if (
        tabbed and width == 4 and all(row[0].isdecimal() and row[2].isdecimal() for row in rows)
    ):  # Tatoeba: 1 and 3 are numbers
        return {"source": "2", "target": "4"}
    if width == 2 and rows and all(_SENTENCE_END.search(side.strip()) for side in rows[0]):
        return {"source": "1", "target": "2"}
    return None
