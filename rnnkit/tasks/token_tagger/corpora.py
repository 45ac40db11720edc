"""Corpora whose columns have fixed meanings: CoNLL-U, CoNLL-U Plus and CoNLL-2012.

Reference: Nivre et al., "Universal Dependencies v2", LREC 2020 (CoNLL-U); Pradhan et al., "CoNLL-2012 Shared Task:
Modeling Multilingual Unrestricted Coreference in OntoNotes", CoNLL 2012.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rnnkit.errors import RnnkitError, did_you_mean

_UNIVERSAL = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
_ONTONOTES = ("document", "part", "id", "form", "pos", "parse", "lemma", "frameset", "sense", "speaker", "ner")
_RAGGED = "CoNLL-2012"
_NUMBER = re.compile(r"\d+(?:[-.]\d+)?")
_NO_TAGS = {"document", "part", "parse", "lemma", "id", "form", "head", "deps", "misc"}
#: The keys of MISC that hold the tag of a named entity.
_NAMED = ("ner", "ne", "entity")
_LINES = 2_000  # by which a corpus is told


class Corpus(NamedTuple):
    """How a corpus is read.

    Attributes:
        token: The place of the word, from 0.
        tag: The place of the tag.
        key: The key of the tag where the column holds several, as MISC does.
        ragged: Whether sentences differ in their number of columns.
        counted: Whether the first column is the word's number.
        reading: The columns by role, as a user names them.
    """

    token: int
    tag: int
    key: str
    ragged: bool
    counted: bool
    reading: dict[str, str]

    def is_skipped(self, values: list[str]) -> bool:
        """Whether a line is no word of its own: words that are written as one, 1-2, or words left out, 1.1."""
        return self.counted and not values[0].isdecimal()

    def tag_of(self, values: list[str]) -> str:
        """The tag of a word."""
        value = values[self.tag] if self.tag < len(values) else ""
        if not self.key:
            return "O" if value == "_" else value
        pairs = (pair.partition("=") for pair in value.split("|"))
        return next((found for key, _, found in pairs if key.strip().lower() == self.key), "O") or "O"


def corpus_of(path: Path, lines: list[str], columns: Mapping[str, str | None]) -> Corpus | None:
    """How a file is to be read if it is such a corpus, otherwise None.

    Args:
        path: The file.
        lines: Its first lines.
        columns: "token" and "tag" to the name or the number of a column; of MISC also the key.

    Raises:
        RnnkitError: It is one, and what the tag is has to be said.
    """
    kind = corpus_kind(lines)
    return _chosen(path, *kind, lines, columns) if kind else None


def corpus_kind(lines: list[str]) -> tuple[str, tuple[str, ...]] | None:
    """The name of the corpus that a file's first lines show, and its columns; None for any other file."""
    if any(line.startswith("#begin document") for line in lines[:50]) or _is_ontonotes(lines):
        return _RAGGED, _ONTONOTES
    if named := next((line for line in lines[:50] if re.match(r"#\s*global\.columns\s*=", line)), None):
        return "CoNLL-U Plus", tuple(name.lower() for name in named.partition("=")[2].split())
    return ("CoNLL-U", _UNIVERSAL) if _is_universal(lines) else None


def is_counted(sentences: Iterable[Sequence[str]]) -> bool:
    """Whether the words of each sentence are their own numbers, from 0 or 1.

    Example:

    >>> is_counted([["1", "2", "3"], ["1", "2"]]), is_counted([["1", "Rome"]])
    (True, False)
    """
    rows = [list(words) for words in sentences]
    return bool(rows) and all(
        words == [str(place) for place in range(first, first + len(words))]
        for words in rows
        for first in [int(words[0] == "1")]
    )


def _is_universal(lines: list[str]) -> bool:
    rows = [line.rstrip("\r\n").split("\t") for line in lines if line.strip() and not line.startswith("#")]
    return bool(rows) and all(len(row) == len(_UNIVERSAL) and _NUMBER.fullmatch(row[0]) for row in rows[:_LINES])


def _is_ontonotes(lines: list[str]) -> bool:
    rows = [line.split() for line in lines if line.strip() and not line.startswith("#")][:_LINES]
    return bool(rows) and all(len(row) > len(_ONTONOTES) and row[2].isdecimal() and "*" in row[5] for row in rows)


def _chosen(
    path: Path,
    kind: str,
    header: tuple[str, ...],
    lines: list[str],
    columns: Mapping[str, str | None],
) -> Corpus:
    ragged = kind == _RAGGED
    given = {role: str(column) for role, column in columns.items() if column is not None}
    rows = [line.split() if ragged else line.rstrip("\r\n").split("\t") for line in lines]
    rows = [row for row in rows if len(row) >= len(header) and not row[0].startswith("#")]
    keys = _misc_keys(rows, header)
    tag = given.get("tag") or next((name for name in ("ner", *_NAMED) if name in header or name in keys), "")
    if not tag:
        there = [name for name in ("upos", "xpos", "deprel", *header, *keys) if name not in _NO_TAGS]
        useful = [name for name in dict.fromkeys(there) if name in keys or _varies(rows, header, name)]
        raise RnnkitError(
            f"{path.name} is {kind}, whose columns are no tags of names by themselves. Say which one holds the tag: "
            f"--tag {(useful or ['upos'])[0]}{_or(useful[1:])}."
        )
    token = _place(path, kind, header, given.get("token", "form"), "token", {})
    place = _place(path, kind, header, tag, "tag", keys)
    key = tag.lower().removeprefix("misc.").removeprefix("misc:") if place == -1 else ""
    place = header.index("misc") if place == -1 else place
    return Corpus(token, place, key, ragged, header[0] == "id", {**given, "tag": tag})


def _place(path: Path, kind: str, header: tuple[str, ...], name: str, role: str, keys: Mapping[str, int]) -> int:
    """The place of a column, from 0; -1 for a key within MISC."""
    low = name.lower()
    if low in header:
        return header.index(low)
    if re.fullmatch(r"[1-9]\d{0,3}", low):
        return int(low) - 1
    if low.removeprefix("misc.").removeprefix("misc:") in keys:
        return -1
    raise RnnkitError(
        f"{path.name} is {kind} and has no column {name!r:.60}; expected --{role} with one of "
        f"{', '.join((*header, *keys))}.{did_you_mean(low, [*header, *keys])}"
    )


def _misc_keys(rows: list[list[str]], header: tuple[str, ...]) -> dict[str, int]:
    """The keys in MISC, by how often they are there."""
    found: dict[str, int] = {}
    for row in rows if "misc" in header else ():
        for pair in row[header.index("misc")].split("|"):
            key, sign, _ = pair.partition("=")
            if sign and key.strip().lower() != "spaceafter":
                found[key.strip().lower()] = found.get(key.strip().lower(), 0) + 1
    return found


def _varies(rows: list[list[str]], header: tuple[str, ...], name: str) -> bool:
    return name in header and len({row[header.index(name)] for row in rows}) > 1


def _or(names: list[str]) -> str:
    return f" (or {', '.join(names[:6])})" if names else ""
