"""Sources of sentences with a tag for each word: a column file, a table, a folder of these, or a list."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from rnnkit.codec.tag_schemes import Span, faults, guess_scheme, known_scheme, spans, split_tag, to_iob2
from rnnkit.data.folds import Divisible, divisible_part
from rnnkit.data.frame_kinds import is_frame
from rnnkit.data.labels import breaks_line
from rnnkit.data.part_files import part_files
from rnnkit.errors import RnnkitError
from rnnkit.tasks.token_tagger.conll import FoundText
from rnnkit.tasks.token_tagger.files import read_file, read_list
from rnnkit.tasks.token_tagger.remembered_scheme import usual_scheme
from rnnkit.tasks.token_tagger.spelled import usual_tags
from rnnkit.tasks.token_tagger.table import read_tagged_table


@dataclass(frozen=True)
class TaggedSentence:
    """The words of a sentence and their tags in IOB2: B-X begins an entity of type X, I-X continues it, O is outside.

    Args:
        tokens: Words and punctuation.
        tags: One per token.

    Raises:
        RnnkitError: The numbers of tags and tokens differ.

    Example:

    >>> TaggedSentence(("Ada", "Lovelace", "wrote"), ("B-PER", "I-PER", "O")).entities
    [(0, 2, 'PER')]
    """

    tokens: tuple[str, ...]
    tags: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.tokens) != len(self.tags):
            raise RnnkitError(
                f"A sentence has {len(self.tokens)} tokens and {len(self.tags)} tags; expected a tag for each token."
            )

    @property
    def entities(self) -> list[Span]:
        """(first token, one past the last, type) from left to right."""
        return spans(self.tags)

    def __len__(self) -> int:
        return len(self.tokens)


@dataclass
class TaggedText:
    """Tagged sentences, in parts where the data come in parts.

    Attributes:
        sentences: The training sentences, or all sentences; none is empty, tags are valid IOB2.
        name: Their name in messages and reports.
        encoding: The encoding with which the file was read.
        validation: Sentences for choosing the best epoch; None samples from `sentences`.
        test: Sentences for the final evaluation; None samples from `sentences`.
        scheme: The tag scheme of the data.
        repaired: Number of tags that the scheme did not allow at their position, in all parts.
        oddities: Counts of what else was skipped or repaired, by the names in `rnnkit.tasks.token_tagger.findings`.
        reading: How the training sentences were read, for `rnnkit.data.remembered`.
        notes: What is unusual about how they are written.
    """

    sentences: list[TaggedSentence]
    name: str
    encoding: str = "utf-8"
    validation: list[TaggedSentence] | None = None
    test: list[TaggedSentence] | None = None
    scheme: str = "iob2"
    repaired: int = 0
    oddities: Counter[str] = field(default_factory=Counter)
    reading: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def scored(self) -> list[TaggedSentence]:
        """The sentences on which a model is scored: the test part where there is one, otherwise all."""
        return self.sentences if self.test is None else self.test

    def in_folds(self) -> Divisible:
        """The sentences outside a given test part; a given validation part is that of every fold."""
        return divisible_part(self, "sentences", [repr(row.tokens) for row in self.sentences])

    @property
    def parts(self) -> dict[str, list[TaggedSentence]]:
        """The given parts, "train" first."""
        found = {"train": self.sentences, "validation": self.validation, "test": self.test}
        return {name: sentences for name, sentences in found.items() if sentences is not None}


def open_tagged(
    source: Any,
    columns: Mapping[str, str | None] | None = None,
    encoding: str | None = None,
    *,
    scheme: str = "auto",
    tag_names: str = "",
    places: str = "auto",
    strict: bool = False,
) -> TaggedText:
    """Read tagged sentences in any of the usual formats, and convert their tags to IOB2.

    Args:
        source: A column file (`.conll`); a CSV, TSV, JSON or Parquet file or a data frame with a token per row or a
            text and its entities per row; a folder with such files for train, dev and test; a list of (tokens, tags) or
            (text, entities) pairs; or a `TaggedText`, returned unchanged.
        columns: Role ("token", "tag", "sentence" or "text", "entities") to column; found by name if omitted. For
            column files the numbers of "token" and "tag", from 1.
        encoding: The files' encoding, where it cannot be detected.
        scheme: The tag scheme: "iob1", "iob2", "iobes", "bilou", "plain", or "auto" to detect it.
        tag_names: The names of tags that are numbers, from 0, separated by commas.
        places: What the places of entities count: "characters", "utf-16", "bytes", or "auto" to detect it.
        strict: Whether to refuse what is otherwise repaired or skipped, such as I-X after O.

    Raises:
        RnnkitError: The source cannot be read as tagged sentences; the message names file and line.

    Example:

    >>> text = open_tagged([(["Ada", "met", "Bo"], ["I-PER", "O", "I-PER"])])
    >>> text.sentences[0].tags, text.scheme
    (('B-PER', 'O', 'B-PER'), 'iob1')
    >>> open_tagged([("Rome fell.", [(0, 4, "LOC")])]).sentences
    [TaggedSentence(tokens=('Rome', 'fell', '.'), tags=('B-LOC', 'O', 'O'))]
    """
    if isinstance(source, TaggedText):
        return source
    name = None
    if isinstance(source, str | PathLike):
        path = Path(source)
        name = path.name
        files = part_files(path) if os.path.isdir(path) else {"train": path}
        found = {part: read_file(file, columns, encoding, places, strict) for part, file in files.items()}
    elif is_frame(source):
        found = {"train": read_tagged_table(source, columns, places=places, strict=strict)}
    else:
        found = {"train": read_list(source, places, strict)}
    words = usual_tags(found, tag_names)
    if scheme == "auto":
        scheme = usual_scheme(found, columns)
    text = tagged_text(found, name, scheme=scheme, strict=strict)
    text.reading = {**found["train"].reading, "scheme": text.scheme}
    text.notes = list(
        dict.fromkeys([*filter(None, [words]), *(note for each in found.values() for note in each.notes)])
    )
    return text


def tagged_text(
    found: Mapping[str, FoundText], name: str | None = None, *, scheme: str = "auto", strict: bool = False
) -> TaggedText:
    """Convert the sentences of each part to IOB2; "train" is required, "validation" and "test" are optional.

    Args:
        found: The text read for each part.
        name: The name of the whole; by default that of the training part.
        scheme: As for `open_tagged`.
        strict: As for `open_tagged`.

    Raises:
        RnnkitError: A tag does not belong to the scheme, or `strict` refuses it.
    """
    scheme = scheme if scheme == "auto" else known_scheme(scheme)
    open_parts = [text for text in found.values() if text.scheme is None]
    if scheme == "auto":
        scheme = guess_scheme(sentence.tags for text in open_parts for sentence in text.sentences)
    made: dict[str, list[TaggedSentence]] = {}
    repaired = 0
    for part, text in found.items():
        made[part], mended = _in_iob2(text, text.scheme or scheme, strict)
        repaired += mended
    train = found["train"]
    return TaggedText(
        made["train"],
        name or train.name,
        train.encoding,
        made.get("validation"),
        made.get("test"),
        scheme if open_parts else "iob2",
        repaired,
        sum((text.oddities for text in found.values()), Counter()),
    )


def _in_iob2(text: FoundText, scheme: str, strict: bool) -> tuple[list[TaggedSentence], int]:
    """The sentences in IOB2, and the number of tags that the scheme did not allow."""
    made, mended = [], 0
    for sentence in text.sentences:
        for tag, line in zip(sentence.tags, sentence.lines, strict=True):
            if breaks_line(tag):
                raise RnnkitError(f"{text.place(line)}: the tag {tag!r:.60} contains a line break; remove it.")
        try:
            wrong = faults(sentence.tags, scheme)
        except RnnkitError:
            raise _unknown_tag(text, sentence.tags, sentence.lines, scheme) from None
        if wrong and strict:
            place = text.place(sentence.lines[wrong[0].place])
            raise RnnkitError(f"{place}: {wrong[0].message}. Correct it, or leave --strict out to have it repaired.")
        mended += len(wrong)
        made.append(TaggedSentence(tuple(sentence.tokens), tuple(to_iob2(sentence.tags, scheme))))
    return made, mended


def _unknown_tag(text: FoundText, tags: Iterable[str], lines: Iterable[int], scheme: str) -> RnnkitError:
    for tag, line in zip(tags, lines, strict=True):
        try:
            split_tag(tag, scheme)
        except RnnkitError as error:
            return RnnkitError(f"{text.place(line)}: {error}. Where tags are types only, use --scheme plain.")
    raise ValueError(f"{text.name} has no unknown tag")
