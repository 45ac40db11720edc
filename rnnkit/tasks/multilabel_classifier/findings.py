"""Findings of `rnnkit check` on texts with sets of labels, and those that forbid training."""

from collections.abc import Iterator, Mapping

from rnnkit.data.findings import Finding, reading_warnings, too_long
from rnnkit.data.labels import MOST_TYPES, merged_labels, too_many
from rnnkit.data.survey import Survey

_FEW_ROWS = 20  # a label
_SHOWN = 5  # labels, or spellings of one


def failures(seen: Survey, counts: Mapping[str, int]) -> Iterator[str]:
    """What forbids training.

    Args:
        seen: What `survey` returned of rows with sets of labels.
        counts: The kept rows with each label.
    """
    usable, column = len(seen.kept), seen.columns["labels"]
    if seen.rows + seen.oddities.long_rows == 0:
        yield "there is a header but no row under it. Add rows."
    elif seen.oddities.long_rows > seen.rows:
        everything = seen.rows + seen.oddities.long_rows
        yield f"{seen.oddities.long_rows:,} of {everything:,} rows cannot be used: {too_long(seen.oddities)}"
    elif not usable:
        yield f"none of its {seen.rows:,} rows has a {seen.columns['text']!r:.60}; fill them or name other columns."
    elif len(counts) < 2:
        only = f"the only label is {next(iter(counts))!r:.60}" if counts else "no row has a label"
        yield (
            f"{only}; at least 2 labels are needed. Is {column!r:.60} the right column? Where each text has one label "
            "or the other: rnnkit train text_classifier."
        )
    elif fault := too_many(len(counts), MOST_TYPES, "label"):
        yield fault
    elif len(counts) > 20 and len(counts) > usable / 2:
        yield (
            f"{len(counts):,} different labels in {usable:,} rows; labels repeat. Is {column!r:.60} the right column, "
            "and its --separator?"
        )


def label_findings(seen: Survey, counts: Mapping[str, int], names: Mapping[str, str]) -> list[Finding]:
    """Findings on rows and labels: failures, then warnings, then what is in order.

    Args:
        seen: What `survey` returned of rows with sets of labels.
        counts: The kept rows with each label.
        names: Each label's name, by how it stands in the source.
    """
    fails = [Finding("fail", f"{seen.name}: {message}") for message in failures(seen, counts)]
    warns = [Finding("warn", message) for message in (*_row_warnings(seen), *_label_warnings(seen, counts, names))]
    return fails + warns + [Finding("good", message) for message in _goods(seen, counts)]


def _row_warnings(seen: Survey) -> Iterator[str]:
    if seen.blank_texts:
        yield f"{_rows(seen.blank_texts)} left out: no text."
    if seen.duplicates:
        yield f"{_rows(seen.duplicates)} left out: the same text and labels as an earlier row."
    if seen.conflicts:
        yield f"{_rows(seen.conflicts)} left out: the text of an earlier row with other labels."
    yield from reading_warnings(seen.oddities, seen.encoding, seen.rows)


def _label_warnings(seen: Survey, counts: Mapping[str, int], names: Mapping[str, str]) -> Iterator[str]:
    few = {name: count for name, count in counts.items() if count < _FEW_ROWS}
    if few:
        shown = ", ".join(f"{name!r:.60} {count}" for name, count in list(few.items())[:_SHOWN])
        more = f" and {len(few) - _SHOWN} more" if len(few) > _SHOWN else ""
        yield f"Few rows for a label ({shown}{more}); expect {_FEW_ROWS} or more for one that is found."
    for name, spellings in merged_labels(names)[:_SHOWN]:
        yield f"{' and '.join(f'{ascii(each):.60}' for each in spellings[:_SHOWN])} count as one label, {name!r:.60}."
    folded: dict[str, str] = {}
    for name in counts:
        other = folded.setdefault(name.casefold(), name)
        if other != name:
            yield f"The labels {other!r:.60} and {name!r:.60} differ in letter case alone; they count as two."
    if everywhere := [name for name, count in counts.items() if count == len(seen.kept)]:
        yield f"Every row has the label {everywhere[0]!r:.60}, so there is nothing to learn about it."
    if len(seen.kept) and sum(counts.values()) == len(seen.kept) and "[]" not in seen.labels:
        yield "Every row has exactly one label: rnnkit train text_classifier learns to choose one of them."


def _goods(seen: Survey, counts: Mapping[str, int]) -> Iterator[str]:
    columns = ", ".join(f"{role} = {column!r:.60}" for role, column in seen.columns.items())
    yield f"Columns: {columns}; encoding {seen.encoding}."
    if len(counts) > 1:
        usable = len(seen.kept)
        shares = ", ".join(f"{name!r:.60} {count / usable:.0%}" for name, count in list(counts.items())[:10])
        yield (
            f"{usable:,} usable texts in {seen.rows:,} rows, {len(counts)} labels: {shares}; "
            f"{sum(counts.values()) / usable:.1f} a text on average, {seen.labels.get('[]', 0):,} texts without."
        )


def _rows(number: int) -> str:
    return f"{number:,} row" + "s" * (number != 1)
