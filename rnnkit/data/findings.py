"""Findings of `rnnkit check` about a survey, and those that forbid training."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from rnnkit.data.delimited import Oddities
from rnnkit.data.labels import MOST_LABELS, look, merged_labels, too_many
from rnnkit.data.survey import Survey
from rnnkit.errors import RnnkitError

_FEW_ROWS = 50  # a label
_IMBALANCE = 10
_VERY_LONG = 20_000  # characters
_SHOWN = 5  # labels, or spellings of one
_TALL = 50  # physical lines in one row
#: What is wrong with a row over several lines, such as `"a text` and `"another text` below it, and how to mend it.
RUN_TOGETHER = (
    "a quote is opened on one line and closed within a field of another, so rows may have run together. Close it where "
    'it belongs, or double ("") the quotes of a text.'
)


class Finding(NamedTuple):
    """One line of the report."""

    level: Literal["good", "warn", "fail"]
    message: str


def some_of(names: Sequence[str], most: int = _SHOWN) -> str:
    """Names in a line, those after the first ones counted.

    Example:

    >>> some_of(["a.wav", "b.wav", "c.wav", "d.wav"], 2)
    'a.wav, b.wav and 2 more'
    """
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(f"{name:.80}" for name in names[:most]) + more


def findings(seen: Survey, delimiters: str = "words") -> list[Finding]:
    """The findings on a survey: failures that forbid training, then warnings, then what is in order.

    Args:
        seen: What `survey` returned.
        delimiters: The tokeniser's, since "ascii" loses the letters of other scripts.

    Example:

    >>> from rnnkit.data.survey import survey
    >>> from rnnkit.data.tables import Rows
    >>> findings(survey(Rows([("good", "yes"), ("fine", "yes")])))[0].message
    "The list: all 2 usable rows have the label 'yes'; at least 2 labels are needed. Is 'label' the right column?"
    """
    fails = [Finding("fail", f"{seen.name}: {message}") for message in _fails(seen)]
    warns = [Finding("warn", message) for message in (*_row_warnings(seen), *_text_warnings(seen, delimiters))]
    return fails + warns + [Finding("good", message) for message in _goods(seen, len(fails) + len(warns))]


def require_usable(seen: Survey) -> None:
    """Raise `RnnkitError` with the first failing finding, if there is one."""
    for message in _fails(seen):
        raise RnnkitError(f"{seen.name}: {message}")


def _fails(seen: Survey) -> Iterator[str]:
    usable, labels = len(seen.kept), seen.labels
    column = seen.columns["label"]
    if fault := unreadable(seen):
        yield fault
    elif not usable:
        yield (
            f"none of its {counted(seen.rows, 'row')} has both a {seen.columns['text']!r} and a {column!r}; "
            "fill them or name other columns."
        )
    elif len(labels) == 1:
        yield (
            f"all {usable:,} usable rows have the label {next(iter(labels))!r:.60}; at least 2 labels are needed. "
            f"Is {column!r} the right column?"
        )
    elif fault := too_many(len(labels), MOST_LABELS, "label"):
        yield fault
    elif len(labels) > 20 and len(labels) > usable / 2:
        yield f"{len(labels):,} different labels in {usable:,} rows; labels repeat. Is {column!r} the right column?"
    else:
        lone = [name for name, count in labels.items() if count == 1]
        if len(lone) == 1:
            row = f"only one usable row has the label {lone[0]!r:.60}"
            yield f"{row}. Add rows with it, or give that row another label."
        elif lone:
            names = ", ".join(f"{name!r:.60}" for name in lone[:5])
            names += f" and {len(lone) - 5} more" if len(lone) > 5 else ""
            yield f"each of the labels {names} has only one usable row. Add rows with them, or merge them into others."


def unreadable(seen: Survey) -> str:
    """What is wrong with a table of which there is nothing to read; "" where there is something."""
    everything = seen.rows + seen.oddities.long_rows
    if not everything:
        return "it has no rows (a header is none). Add rows."
    if seen.oddities.long_rows > seen.rows:
        return f"{seen.oddities.long_rows:,} of {everything:,} rows cannot be used: {too_long(seen.oddities)}"
    return ""


def _row_warnings(seen: Survey) -> Iterator[str]:
    if seen.blank_texts:
        yield f"{counted(seen.blank_texts, 'row')} left out: no text."
    if seen.blank_labels:
        yield f"{counted(seen.blank_labels, 'row')} left out: no label."
    if seen.duplicates:
        yield f"{counted(seen.duplicates, 'row')} left out: the same text and label as an earlier row."
    if seen.conflicts:
        yield f"{counted(seen.conflicts, 'row')} left out: the text of an earlier row under another label."
    yield from reading_warnings(seen.oddities, seen.encoding, seen.rows)


def reading_warnings(odd: Oddities, encoding: str, rows: int) -> Iterator[str]:
    """Warnings on rows skipped or mended while a source was read."""
    if 0 < odd.long_rows <= rows:
        yield f"{counted(odd.long_rows, 'row')} left out: {too_long(odd)}"
    if odd.short_rows:
        yield f"{counted(odd.short_rows, 'row')} with fewer fields than the header; the missing ones are blank."
    if odd.unlabelled:
        yield f"{counted(odd.unlabelled, 'row')} left out: nobody has annotated it yet."
    if odd.labelled_again:
        yield f"{counted(odd.labelled_again, 'row')} annotated more than once; the first annotation counts."
    if odd.nul_lines:
        yield f"{counted(odd.nul_lines, 'line')} with NUL bytes; read as spaces."
    if odd.run_together:
        yield f"{counted(odd.run_together, 'row')}, first on line {odd.first_together_line:,}: {RUN_TOGETHER}"
    if odd.most_lines > _TALL:
        yield f"The row that ends on line {odd.tallest_line:,} spans {odd.most_lines:,} lines; is a quote left open?"
    if not encoding.startswith("utf-8"):
        yield f"Read as {encoding}, not as UTF-8; look at the accented letters, or save it as UTF-8."


def _text_warnings(seen: Survey, delimiters: str) -> Iterator[str]:
    labels = seen.labels
    yield from few_rows(labels, _FEW_ROWS, "a useful model")
    if labels and max(labels.values()) > _IMBALANCE * min(labels.values()):
        most, least = max(labels, key=labels.__getitem__), min(labels, key=labels.__getitem__)
        yield (
            f"Uneven labels: {most!r:.60} {labels[most]:,} rows, {least!r:.60} {labels[least]:,}. Weight them alike: "
            "--class-weights"
        )
    yield from name_warnings(seen.label_names, labels)
    if seen.wordless:
        yield f"{counted(seen.wordless, 'text')} without a letter or digit, in which no word is read: --unit character"
    if seen.longest > _VERY_LONG:
        yield f"The text in row {seen.longest_row:,} has {seen.longest:,} characters; only its beginning is used."
    if delimiters == "ascii" and seen.non_ascii:
        yield f"{counted(seen.non_ascii, 'text')} with letters outside ASCII, which this model cannot see."


def few_rows(labels: Mapping[str, int], least: int, purpose: str) -> Iterator[str]:
    """A warning where some labels have fewer rows than are needed for a purpose."""
    if small := {name: count for name, count in labels.items() if count < least}:
        names = ", ".join(f"{name!r:.60} {count}" for name, count in list(small.items())[:_SHOWN])
        more = f" and {len(small) - _SHOWN} more" if len(small) > _SHOWN else ""
        yield f"Few rows for a label ({names}{more}); expect {least} or more for {purpose}."


def name_warnings(names: Mapping[str, str], labels: Iterable[str]) -> Iterator[str]:
    """Warnings on labels that stand in several spellings, and on those that differ in letter case alone or look alike.

    Args:
        names: Each label's name, by how it stands in the source.
        labels: The names.
    """
    for name, spellings in merged_labels(names)[:_SHOWN]:
        yield f"{' and '.join(f'{ascii(each):.60}' for each in spellings[:_SHOWN])} count as one label, {name!r:.60}."
    folded: dict[str, str] = {}
    for name in labels:
        other = folded.setdefault(look(name), name)
        if other == name:
            continue
        if other.casefold() == name.casefold():
            yield f"The labels {other!r:.60} and {name!r:.60} differ in letter case alone; they count as two."
        else:
            yield (
                f"The labels {other!r:.60} and {name!r:.60} look alike, but have other characters ({ascii(other):.60} "
                f"and {ascii(name):.60}); they count as two. Write them in one way."
            )


def columns_line(seen: Survey) -> str:
    """What was read as what."""
    columns = ", ".join(f"{role} = {column!r:.60}" for role, column in seen.columns.items())
    return f"Columns: {columns}; encoding {seen.encoding}."


def _goods(seen: Survey, troubles: int) -> Iterator[str]:
    yield columns_line(seen)
    if len(seen.labels) > 1:
        first = list(seen.labels.items())[:10]
        shares = ", ".join(f"{name!r:.60} {count / len(seen.kept):.0%}" for name, count in first)
        yield f"{len(seen.kept):,} usable texts in {seen.rows:,} rows, {len(seen.labels)} labels: {shares}."
    if not troubles:
        yield "No blank cells, no repeated texts, enough rows for every label."


def too_long(odd: Oddities) -> str:
    """The end of the first row with too many fields, and a remedy."""
    return (
        f"more fields than the header (first on line {odd.first_long_line}): "
        "put quotes around texts that hold the delimiter."
    )


def counted(number: int, noun: str) -> str:
    """A number of things.

    Example:

    >>> counted(1, "row"), counted(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{number:,} {noun}" + "s" * (number != 1)
