"""Column files: one token per line, its tag in another column, a blank line after each sentence.

The format of the CoNLL shared tasks, of WNUT and many others. Columns are separated by blanks or tabs.

Reference: Tjong Kim Sang and De Meulder, "Introduction to the CoNLL-2003 Shared Task", CoNLL 2003.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from rnnkit.data.delimited import sample_lines
from rnnkit.data.textfile import check_file, find_encoding, text_lines
from rnnkit.errors import RnnkitError
from rnnkit.tasks.token_tagger.corpora import Corpus, corpus_kind, corpus_of, is_counted
from rnnkit.tasks.token_tagger.foreign import refuse_foreign_tags
from rnnkit.tasks.token_tagger.spelling import stand_for_outside

#: The columns' roles and their default positions, from 1; -1 is the last.
COLUMNS = {"token": 1, "tag": -1}
_DOCUMENT = "-DOCSTART-"
_BLANKS = re.compile(r"[ \t]+")  # not str.split, which also splits at blanks within a token
_TAG = re.compile(r"(?:[BIESLU](?:-\S+)?|O)")


class FoundSentence(NamedTuple):
    """A sentence as read from a source: in any scheme, with the line, row or index of each token for messages."""

    tokens: list[str]
    tags: list[str]
    lines: list[int]


@dataclass
class FoundText:
    """All sentences of one source before their scheme is known, and what was noticed while reading.

    Attributes:
        name: Its name in messages.
        sentences: The sentences in order, none empty.
        encoding: The encoding with which it was read.
        unit: The unit of `FoundSentence.lines`: "line", "row" or "sentence".
        scheme: The tags' scheme where the format determines it.
        oddities: Counts of what was skipped or repaired, by the names in `rnnkit.tasks.token_tagger.findings`.
        reading: How it was read, for `rnnkit.data.remembered`.
        notes: What is unusual about it, in words.
    """

    name: str
    sentences: list[FoundSentence] = field(default_factory=list)
    encoding: str = "utf-8"
    unit: str = "line"
    scheme: str | None = None
    oddities: Counter[str] = field(default_factory=Counter)
    reading: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def place(self, number: int) -> str:
        """The name of one of its lines, rows or sentences in messages."""
        return f"{self.name} {self.unit} {number}"


def looks_like_columns(path: Path, encoding: str | None = None) -> bool:
    """Whether a file's first line with more than one column ends with a tag, which no header does.

    Args:
        path: An existing file.
        encoding: Its encoding, where it cannot be detected.
    """
    for line in sample_lines(text_lines(path, find_encoding(path, encoding))):
        values = _values(line, "\t" if "\t" in line else None)
        if len(values) > 1 and not _is_comment(line, values, len(values)):
            return values[0] == _DOCUMENT or _is_tag(values[-1])
    return False


def is_corpus(path: Path, encoding: str | None = None) -> bool:
    """Whether a file is a corpus of known columns, as `rnnkit.tasks.token_tagger.corpora` has them.

    Args:
        path: An existing file.
        encoding: Its encoding, where it cannot be detected.
    """
    lines = sample_lines(text_lines(path, find_encoding(path, encoding)))
    return corpus_kind(lines) is not None


def read_column_file(
    path: Path, encoding: str | None = None, columns: Mapping[str, str | None] | None = None
) -> FoundText:
    """Read the sentences of a column file.

    -DOCSTART- lines end a sentence and are skipped, as are comments: a # with no other column, or a leading # and a
    blank, unless the line has as many columns as the others and ends with a tag, as for a token "#".

    Of a corpus of known columns (`rnnkit.tasks.token_tagger.corpora`) the words' own columns are read.

    Args:
        path: The file; may be .gz.
        encoding: Its encoding, where it cannot be detected.
        columns: "token" and "tag" to the column's number, from 1, by default the first and the last; in a corpus of
            known columns also to its name.

    Raises:
        RnnkitError: A line has too few or too many columns, or an empty token or tag, which the message names; or the
            columns have to be named.
    """
    check_file(path, "tokens and tags, one per line", ".conll or .txt")
    found = FoundText(path.name, encoding=find_encoding(path, encoding))
    numbers = {role: str(value) for role, value in (columns or {}).items() if value is not None}
    lines_seen = sample_lines(text_lines(path, found.encoding))[:2_000]
    refuse_foreign_tags(path, lines_seen)
    corpus = corpus_of(path, lines_seen, numbers)
    places = {} if corpus else {role: _place(path.name, role, value) for role, value in numbers.items()}
    found.reading = {"columns": corpus.reading if corpus else numbers, "encoding": found.encoding}
    tokens, tags, lines = FoundSentence([], [], [])
    for number, values in _rows(path, found.encoding, corpus):
        if not values:
            if tokens:
                found.sentences.append(FoundSentence(tokens, tags, lines))
                tokens, tags, lines = FoundSentence([], [], [])
            continue
        where = f"{path.name} line {number}"
        if corpus:
            pair = [_filled(values[corpus.token], "token", where), _filled(corpus.tag_of(values), "tag", where)]
        else:
            pair = [_value(values, role, places, where) for role in COLUMNS]
        tokens.append(pair[0])
        tags.append(pair[1])
        lines.append(number)
    if not found.sentences:
        raise RnnkitError(
            f"{path.name} has no sentences; expected tokens and tags, one per line, such as 'Rome B-LOC'."
        )
    if not corpus:
        _require_words_and_tags(found, numbers)
    return found


def _require_words_and_tags(found: FoundText, numbers: Mapping[str, str]) -> None:
    """Refuse columns that nobody named and that are none of words, or none of tags."""
    if "token" not in numbers and is_counted(sentence.tokens for sentence in found.sentences):
        raise RnnkitError(
            f"{found.name}: its first column counts the words; give the columns by number: --token 2 --tag NUMBER."
        )
    tags = {tag for sentence in found.sentences for tag in sentence.tags}
    unnamed = "tag" not in numbers and "O" not in tags and not tags.isdisjoint({"_", "-"})
    if unnamed and not stand_for_outside(tags):
        raise RnnkitError(
            f"{found.name}: its last column has {'_' if '_' in tags else '-'!r}, which is no tag; give the column of "
            "the tags by number: --tag NUMBER."
        )


def _rows(path: Path, encoding: str, corpus: Corpus | None) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, columns), without columns where a sentence ends."""
    separator: str | None = None
    width = number = 0
    for number, line in enumerate(text_lines(path, encoding), 1):
        if not line.strip() or line.startswith(_DOCUMENT):
            yield number, []
            continue
        if corpus and line.startswith("#"):
            continue
        if not width:
            separator = "\t" if "\t" in line.strip() else None
        values = _values(line, separator)
        while len(values) > (width or 2) and not values[-1]:  # a delimiter at the line's end
            values.pop()
        if _is_comment(line, values, width or len(values)):
            continue
        width = width or len(values)
        if corpus and corpus.is_skipped(values):
            continue
        if len(values) == 1:
            table = set(values[0]) & set(",;|")
            raise RnnkitError(
                f"{path.name} line {number}: {values[0]!r:.60} stands alone; expected a token and its tag, "
                f"separated by a blank or tab.{' Is it a table? Then name it .csv.' if table else ''}"
            )
        if len(values) != width and not (corpus and corpus.ragged):
            raise RnnkitError(
                f"{path.name} line {number} has {len(values)} columns, but the lines before have {width}; give every "
                "line the same number."
            )
        yield number, values
    yield number + 1, []


def _values(line: str, separator: str | None) -> list[str]:
    line = line.rstrip("\r\n")
    return [value.strip(" ") for value in line.split("\t")] if separator else _BLANKS.split(line.strip(" \t"))


def _is_comment(line: str, values: list[str], width: int) -> bool:
    token = len(values) == width and _is_tag(values[-1])
    return line.startswith("#") and (len(values) == 1 or line.startswith("# ") and not token)


def _is_tag(value: str) -> bool:
    return _TAG.fullmatch(value) is not None


def _place(name: str, role: str, value: str) -> int:
    if role not in COLUMNS or not re.fullmatch(r"-?[1-9]\d{0,8}", str(value)):
        raise RnnkitError(
            f"{name} is a column file, without names; expected --token and --tag with a column's number from 1, "
            f"got --{role} {value!s:.20}."
        )
    return int(value)


def _value(values: list[str], role: str, places: Mapping[str, int], where: str) -> str:
    place = places.get(role, COLUMNS[role])
    if abs(place) > len(values):
        raise RnnkitError(f"{where} has {len(values)} columns, none with the number {place}. Correct --{role}.")
    return _filled(values[place - 1 if place > 0 else place], role, where)


def _filled(value: str, role: str, where: str) -> str:
    if not value:
        raise RnnkitError(f"{where}: the {role} is empty. Fill it, or leave the line out.")
    return value
