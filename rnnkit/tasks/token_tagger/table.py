"""Tagged sentences from tables: per row a token, a text and its entities, or lists of tokens and tags."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from typing import Any

from rnnkit.data.columns import match_columns
from rnnkit.data.delimited import DelimitedFile
from rnnkit.data.frames import as_pandas, rows_from_dataframe
from rnnkit.data.headerless import numbers_of, open_with_numbers
from rnnkit.data.remembered import default_tell
from rnnkit.data.tables import Source, Table, cell
from rnnkit.errors import RnnkitError
from rnnkit.tasks.token_tagger.conll import FoundSentence, FoundText
from rnnkit.tasks.token_tagger.spans import add_texts, parsed_list, pass_over

#: The roles of a table with a token per row, and with a sentence per row.
TOKEN_ROLES, TEXT_ROLES = ("token", "tag", "sentence"), ("text", "entities")
_Reader = Callable[[Source, FoundText, str, bool], None]


def read_tagged_table(
    source: Any,
    columns: Mapping[str, str | None] | None = None,
    encoding: str | None = None,
    places: str = "auto",
    strict: bool = False,
) -> FoundText:
    """Read the sentences of a CSV, TSV or JSONL file or of a data frame.

    A row is a token with its tag and the id of its sentence (an empty id repeats that of the row above, as in files
    with one id per sentence), or a text with its entities as JSON, or (JSONL, data frame) the lists of tokens and tags.

    Args:
        source: File name or data frame.
        columns: Role to column, of "token", "tag", "sentence" or of "text", "entities"; found by name if omitted.
        encoding: The file's encoding, where it cannot be detected.
        places: As for `add_texts`.
        strict: Whether to refuse rows that are otherwise skipped or repaired.

    Raises:
        RnnkitError: The table cannot be read as tagged text; names the row, counted after the header.
    """
    if isinstance(source, str | PathLike):
        table = Table(source, roles=(), encoding=encoding)
        if numbers_of(columns, table.header) and isinstance(table.file, DelimitedFile):
            path = table.path
            file, columns = open_with_numbers(path, table.encoding, table.delimiter, columns, default_tell)
            table = Table(path, roles=(), encoding=table.encoding, delimiter=table.delimiter, named=file.named)
        read, roles = _layout(table.header, columns, table.name, table.delimiter is None)
        table.roles, table.columns = roles, match_columns(table.header, roles, columns, table.name)
        table.nested = () if read is _token_rows else roles
        rows: Source = table
    else:
        frame = as_pandas(source).copy(deep=False)
        header = [str(column) for column in frame.columns]
        read, roles = _layout(header, columns, "The data frame", True)
        for column in frame.columns if read is not _token_rows else ():
            frame[column] = frame[column].map(_as_json)
        rows = rows_from_dataframe(frame, columns, roles)
    found = FoundText(rows.name, encoding=rows.encoding, unit="row", reading=getattr(rows, "reading", {}))
    read(rows, found, places, strict)
    found.oddities["unlabelled"] += rows.oddities.unlabelled
    found.oddities["labelled_again"] += rows.oddities.labelled_again
    if rows.oddities.long_rows and strict:
        raise RnnkitError(
            f"{rows.name} line {rows.oddities.first_long_line} has more fields than the header; put quotes around "
            "tokens or texts that contain the delimiter."
        )
    found.oddities["long_rows"] += rows.oddities.long_rows
    if not found.sentences:
        raise RnnkitError(f"{rows.name} has no row with a {roles[0]}; fill them or name other columns.")
    return found


def _layout(
    header: Sequence[str], columns: Mapping[str, str | None] | None, name: str, lists: bool
) -> tuple[_Reader, tuple[str, ...]]:
    """The reader for the table's layout, and the roles of its columns."""
    given = {role for role, column in (columns or {}).items() if column is not None}
    if given & {*TOKEN_ROLES} and given & {*TEXT_ROLES}:
        raise RnnkitError(
            f"{name}: --{' --'.join(sorted(given))} do not go together; expected --token, --tag and --sentence for a "
            "token per row, or --text and --entities for a sentence per row."
        )
    options: list[tuple[_Reader, tuple[str, ...]]] = [(_token_rows, TOKEN_ROLES), (_text_rows, TEXT_ROLES)]
    if lists:
        options.append((_list_rows, TOKEN_ROLES[:2]))
    options = [option for option in options if given <= {*option[1]}] or options[:1]
    refused = []
    for read, roles in options:
        try:
            match_columns(header, roles, columns, name)
        except RnnkitError as error:
            refused.append(str(error))
        else:
            return read, roles
    raise RnnkitError(refused[0] + ("" if given else " For a sentence per row use --text and --entities."))


def _token_rows(rows: Source, found: FoundText, places: str, strict: bool) -> None:
    """Read a token per row; another id begins another sentence."""
    current, known = "", {""}
    sentence = FoundSentence([], [], [])
    for number, values in enumerate(rows, 1):
        token, tag, identity = (value.strip() for value in values)
        if identity and identity != current:
            found.oddities["scattered"] += identity in known
            known.add(identity)
            current = identity
            if sentence.tokens:
                found.sentences.append(sentence)
                sentence = FoundSentence([], [], [])
        if not token:
            pass_over(found, "blank_rows", strict, f"{found.place(number)} has no token. Fill it or leave it out.")
            continue
        if not tag:
            raise RnnkitError(f"{found.place(number)}: the token {token!r:.60} has no tag; expected O or a type's tag.")
        sentence.tokens.append(token)
        sentence.tags.append(tag)
        sentence.lines.append(number)
    if sentence.tokens:
        found.sentences.append(sentence)


def _text_rows(rows: Source, found: FoundText, places: str, strict: bool) -> None:
    """Read a text and its entities per row."""
    found.scheme = "iob2"
    add_texts(found, ((number, row[0], row[1]) for number, row in enumerate(rows, 1)), places, strict)


def _list_rows(rows: Source, found: FoundText, places: str, strict: bool) -> None:
    """Read the tokens and the tags of a sentence per row."""
    for number, values in enumerate(rows, 1):
        tokens, tags = (parsed_list(value) for value in values)
        if not isinstance(tokens, list) or not isinstance(tags, list):
            raise RnnkitError(
                f"{found.place(number)} is {values[0]!r:.40} and {values[1]!r:.40}; expected lists of tokens and tags. "
                "Where a row is one token, name the column with the sentence's id: --sentence."
            )
        add_tokens(found, number, tokens, tags, strict)


def add_tokens(found: FoundText, number: int, tokens: Iterable[Any], tags: Iterable[Any], strict: bool) -> None:
    """Add a tokenised sentence; one without tokens is skipped.

    Raises:
        RnnkitError: The numbers of tags and tokens differ, or one of them is empty.
    """
    where = found.place(number)
    tokens, tags = list(tokens), list(tags)
    nested = next((each for each in (*tokens, *tags) if isinstance(each, list | tuple | dict | set)), None)
    if nested is not None:
        raise RnnkitError(f"{where}: {type(nested).__name__} within the tokens or tags; expected text only.")
    words, names = [cell(token).strip() for token in tokens], [cell(tag).strip() for tag in tags]
    if len(words) != len(names):
        raise RnnkitError(f"{where} has {len(words)} tokens and {len(names)} tags; expected a tag for each token.")
    if not words:
        return pass_over(found, "blank_rows", strict, f"{where} has no tokens. Leave it out.")
    if "" in words or "" in names:
        place = (words if "" in words else names).index("") + 1
        raise RnnkitError(f"{where}: {'token' if '' in words else 'tag'} {place} is empty. Fill it or leave it out.")
    found.sentences.append(FoundSentence(words, names, [number] * len(words)))


def _as_json(value: Any) -> Any:
    """A list in a data frame's cell as JSON, anything else unchanged."""
    value = value.tolist() if hasattr(value, "tolist") else value
    return json.dumps(value, default=_as_list) if isinstance(value, list | tuple | dict) else value


def _as_list(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)
