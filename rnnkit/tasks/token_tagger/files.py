"""Files and lists of tagged sentences, by what is in them."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnnkit.data.remembered import Remembered
from rnnkit.data.tables import cell
from rnnkit.data.textfile import check_file
from rnnkit.errors import RnnkitError
from rnnkit.tasks.token_tagger.conll import FoundText, is_corpus, looks_like_columns, read_column_file
from rnnkit.tasks.token_tagger.spans import add_texts
from rnnkit.tasks.token_tagger.table import add_tokens, read_tagged_table

_TABLES = (".csv", ".jsonl", ".ndjson", ".json")


def read_file(
    path: Path, columns: Mapping[str, str | None] | None, encoding: str | None, places: str, strict: bool
) -> FoundText:
    """Read a column file, unless the name, the columns' names or a header show that it is a table."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if ".parquet" in suffixes:
        return read_tagged_table(path, columns, encoding, places, strict)
    check_file(path, "tokens and tags", ".conll, .csv, .tsv or .jsonl")
    names = [column for column in (columns or {}).values() if column is not None]
    numbered = all(re.fullmatch(r"-?\d+", str(column)) for column in names)
    table = any(suffix in _TABLES for suffix in suffixes)
    if not table and is_corpus(path, encoding):
        return read_column_file(path, encoding, _as_in_training(columns))
    table = table or not numbered
    if table or (".tsv" in suffixes and not names and not looks_like_columns(path, encoding)):
        return read_tagged_table(path, columns, encoding, places, strict)
    usual = columns.remembered if isinstance(columns, Remembered) else {}
    numbers = {role: column for role, column in usual.items() if column.isdecimal()}
    return read_column_file(path, encoding, {**numbers, **(columns or {})})


def _as_in_training(columns: Mapping[str, str | None] | None) -> dict[str, str | None]:
    """The columns as given, else as in the Run's training data."""
    usual = columns.remembered if isinstance(columns, Remembered) else {}
    return {**usual, **{role: column for role, column in (columns or {}).items() if column is not None}}


def read_list(source: Any, places: str, strict: bool) -> FoundText:
    """Read pairs of tokens and tags, or of a text and its entities."""
    if not isinstance(source, list | tuple):
        raise RnnkitError(
            f"Got tagged text of type {type(source).__name__}; expected a file name, a folder, a data frame, or a list "
            "of (tokens, tags) pairs."
        )
    found, rows = FoundText("The list", unit="sentence"), list[tuple[int, str, Any]]()
    for number, item in enumerate(source, 1):
        pair = (item.tokens, item.tags) if hasattr(item, "tokens") and hasattr(item, "tags") else item
        if not isinstance(pair, list | tuple) or len(pair) != 2 or isinstance(pair[1], str):
            raise RnnkitError(f"{found.place(number)} is {item!r:.60}; expected a pair of tokens and tags.")
        texts = isinstance(pair[0], str)
        if number == 1:
            found.scheme = "iob2" if texts else None
        if texts != (found.scheme is not None):
            kinds = "a text and the first tokens" if texts else "tokens and the first a text"
            raise RnnkitError(f"{found.place(number)} has {kinds}; give all in the same form.")
        if texts:
            rows.append((number, cell(pair[0]), pair[1]))
        else:
            add_tokens(found, number, pair[0], pair[1], strict)
    add_texts(found, rows, places, strict)
    if not found.sentences:
        raise RnnkitError("The list is empty; expected (tokens, tags) pairs such as (['Rome'], ['B-LOC']).")
    return found
