"""Which columns of a table hold the labels: one column of label sets, or one of 0 and 1 for each label."""

from collections.abc import Iterable, Mapping, Sequence

from rnnkit.data.columns import match_columns, shown
from rnnkit.data.remembered import Remembered
from rnnkit.errors import RnnkitError, did_you_mean

TEXT, LABELS = ROLES = ("text", "labels")
_YES, _NO = ("1", "1.0", "true"), ("0", "0.0", "false", "")
_FEWEST = 2  # columns of 0 and 1 that are taken for labels without being named

Columns = Mapping[str, str | None] | None


def is_on(cell: str) -> bool | None:
    """Whether a cell of a label's own column says yes; None where it says neither yes nor no.

    Example:

    >>> is_on("1"), is_on("False"), is_on(""), is_on("maybe")
    (True, False, False, None)
    """
    word = cell.strip().lower()
    return True if word in _YES else False if word in _NO or word == "nan" else None


def own_columns(header: Sequence[str], columns: Columns, name: str) -> list[str]:
    """The columns that are named as those of one label each; none where one column of label sets is meant, or none is
    named.

    Args:
        header: The table's column names.
        columns: The named ones by role; "toxic,insult" names two for the labels.
        name: What messages call the table.

    Raises:
        RnnkitError: One of them is not there.

    Example:

    >>> own_columns(["text", "toxic", "insult"], {"labels": "toxic, insult"}, "The table")
    ['toxic', 'insult']
    """
    given = (columns or {}).get(LABELS)
    known = columns.remembered.get(LABELS) if isinstance(columns, Remembered) else None
    wanted = given or known
    if wanted is None or "," not in wanted or wanted in header:
        return []
    by_name = {column.strip().lower(): column for column in reversed(header)}
    parts = [part.strip() for part in wanted.split(",") if part.strip()]
    missing = [part for part in parts if part.lower() not in by_name]
    if missing and given:
        raise RnnkitError(
            f"{name} has no column {missing[0]!r:.60}.{did_you_mean(missing[0], header)} It has: {shown(header)}. "
            "--labels names one column of labels, or several of 0 and 1 with commas between."
        )
    return [] if missing else list(dict.fromkeys(by_name[part.lower()] for part in parts))


def recognised_columns(header: Sequence[str], rows: Iterable[Sequence[str]], text: str) -> list[str]:
    """The columns beside the text that hold nothing but 0 and 1; none where these are fewer than two.

    Args:
        header: The table's column names.
        rows: Its first rows, as text.
        text: The column of the text.

    Example:

    >>> recognised_columns(["id", "text", "a", "b"], [["7", "x", "1", "0"], ["8", "y", "0", "0"]], "text")
    ['a', 'b']
    """
    made = [row for row in rows if len(row) == len(header)]
    others = [place for place, column in enumerate(header) if column != text and column.strip()]
    found = [
        header[place]
        for place in others
        if any(row[place].strip() for row in made) and all(is_on(row[place]) is not None for row in made)
    ]
    return found if len(found) >= _FEWEST else []


def text_column(header: Sequence[str], columns: Columns, name: str) -> str:
    """The column of the text.

    Raises:
        RnnkitError: There is none.
    """
    return match_columns(header, (TEXT,), _without_labels(columns), name)[TEXT]


def _without_labels(columns: Columns) -> Columns:
    """The named and remembered columns but for that of the labels."""
    given = {role: column for role, column in (columns or {}).items() if role != LABELS}
    if not isinstance(columns, Remembered):
        return given
    left = {role: column for role, column in columns.remembered.items() if role != LABELS}
    reading = {"columns": left, "delimiter": columns.delimiter}
    return Remembered(given, reading, columns.tell)
