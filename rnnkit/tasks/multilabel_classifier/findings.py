"""Findings of `rnnkit check` on texts with sets of labels, and those that forbid training."""

from collections.abc import Iterator, Mapping

from rnnkit.data.findings import Finding, columns_line, counted, few_rows, name_warnings, reading_warnings, unreadable
from rnnkit.data.labels import MOST_TYPES, too_many
from rnnkit.data.survey import Survey
from rnnkit.tasks.shared.separators import OTHER_SEPARATORS, looks_like_sets

_FEW_ROWS = 20  # a label


def failures(seen: Survey, counts: Mapping[str, int]) -> Iterator[str]:
    """What forbids training.

    Args:
        seen: What `survey` returned of rows with sets of labels.
        counts: The kept rows with each label.
    """
    usable, column = len(seen.kept), seen.columns["labels"]
    if fault := unreadable(seen):
        yield fault
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
        yield f"{counted(seen.blank_texts, 'row')} left out: no text."
    if seen.duplicates:
        yield f"{counted(seen.duplicates, 'row')} left out: the same text and labels as an earlier row."
    if seen.conflicts:
        yield f"{counted(seen.conflicts, 'row')} left out: the text of an earlier row with other labels."
    yield from reading_warnings(seen.oddities, seen.encoding, seen.rows)


def _label_warnings(seen: Survey, counts: Mapping[str, int], names: Mapping[str, str]) -> Iterator[str]:
    yield from few_rows(counts, _FEW_ROWS, "one that is found")
    yield from name_warnings(names, counts)
    if everywhere := [name for name, count in counts.items() if count == len(seen.kept)]:
        yield f"Every row has the label {everywhere[0]!r:.60}, so there is nothing to learn about it."
    if len(seen.kept) and sum(counts.values()) == len(seen.kept) and "[]" not in seen.labels:
        found = ((sign, looks_like_sets(counts, (sign,))) for sign in OTHER_SEPARATORS)
        if each := next((each for each in found if each[1]), None):
            yield f"{each[1]!r:.60} looks like several labels in one cell: --separator {each[0]!r}"
        yield "Every row has exactly one label: rnnkit train text_classifier learns to choose one of them."


def _goods(seen: Survey, counts: Mapping[str, int]) -> Iterator[str]:
    yield columns_line(seen)
    if len(counts) > 1:
        usable = len(seen.kept)
        shares = ", ".join(f"{name!r:.60} {count / usable:.0%}" for name, count in list(counts.items())[:10])
        yield (
            f"{usable:,} usable texts in {seen.rows:,} rows, {len(counts)} labels: {shares}; "
            f"{sum(counts.values()) / usable:.1f} a text on average, {seen.labels.get('[]', 0):,} texts without."
        )
