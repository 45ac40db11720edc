"""CSV and TSV files without a header: recognised by their first line, with columns by number."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path

from rnnkit.data.columns import is_known, looks_like_data
from rnnkit.data.delimited import DelimitedFile, Oddities, open_delimited
from rnnkit.data.guessing import SAMPLE, columns_by_content, recurs
from rnnkit.data.remembered import Remembered, remembered_in
from rnnkit.errors import RnnkitError

_DIGITS = 6  # of the number of a column
_LEAST_ROWS = 6  # from which a label that stands in the first line alone is a name


def numbers_of(columns: Mapping[str, str | None] | None, header: Sequence[str]) -> dict[str, str]:
    """The columns where all are numbers, and the first line has none of these as names, by role; otherwise none.

    Args:
        columns: As for `match_columns`; those of a Run's training data count too, beside given numbers only as numbers.
        header: The first line.

    Example:

    >>> numbers_of({"text": "2", "label": "1"}, ["neg", "a dull film"]), numbers_of({"text": "2"}, ["1", "2"])
    ({'text': '2', 'label': '1'}, {})
    """
    given = {role: column for role, column in (columns or {}).items() if column is not None}
    usual = columns.remembered if isinstance(columns, Remembered) else {}
    wanted = {**{role: column for role, column in usual.items() if not given or is_number(column)}, **given}
    fits = all(is_number(column) and int(column) > 0 for column in wanted.values())
    return {} if not fits or _numbers_are_names(wanted.values(), header) else wanted


def is_number(column: str) -> bool:
    """Whether a column is named by a number that a table can have.

    Example:

    >>> is_number("12"), is_number("9" * 5000), is_number("age")
    (True, False, False)
    """
    return column.isdecimal() and len(column) <= _DIGITS


def _numbers_are_names(numbers: Iterable[str], header: Sequence[str]) -> bool:
    """Whether the first line counts its columns, from 0 as pandas writes them, or has each number at its own place."""
    counted = list(header) == [str(place) for place in range(len(header))]
    at_home = all(number in header[int(number) - 1 : int(number)] for number in numbers)
    return at_home or (counted and all(number in header for number in numbers))


def open_with_numbers(
    path: Path,
    encoding: str,
    delimiter: str | None,
    columns: Mapping[str, str | None] | None,
    tell: Callable[[str], None] | None = None,
) -> tuple[DelimitedFile, Mapping[str, str | None] | None]:
    """Open a CSV or TSV file, without a header where its columns are given by number and its first line is a row.

    Args:
        path: As for `DelimitedFile`.
        encoding: As for `DelimitedFile`.
        delimiter: As for `DelimitedFile`.
        columns: As for `match_columns`.
        tell: Called with a line where numbers are given and the first line names the columns all the same.

    Returns:
        The file and its columns: by number where there is no header, otherwise by name.

    Raises:
        RnnkitError: There is no column of such a number.
    """
    file = open_delimited(path, encoding, delimiter, True, columns)
    numbers = numbers_of(columns, file.header)
    if not numbers:
        return file, columns
    plain = DelimitedFile(path, encoding, file.delimiter, named=False)
    given = {role for role, column in (columns or {}).items() if column is not None}
    width = len(plain.header)
    if role := next((role for role, column in numbers.items() if int(column) > width), ""):
        if role not in given:
            return file, columns
        many = f"{width} column{'s' * (width > 1)}"
        raise RnnkitError(f"{path.name} has {many}, none with the number {numbers[role]}. Correct --{role}.")
    rows = [row + [""] * (width - len(row)) for row in islice(plain.rows(Oddities()), SAMPLE)]
    if not given:
        return (plain, numbers) if _begins_with_a_row(rows, numbers) else (file, columns)
    known = remembered_in(columns, file.header)
    if not known and not _begins_with_names(rows, numbers):
        return plain, numbers
    named = {role: file.header[int(column) - 1] for role, column in numbers.items()}
    if tell is not None:
        names = ", ".join(f"--{role} {column!r:.60}" for role, column in named.items())
        tell(f"{path.name}: its first line names the columns; {names} are read.")
    return file, {**known, **named}


def guess_without_header(
    file: DelimitedFile, roles: Sequence[str], columns: Mapping[str, str | None] | None
) -> tuple[DelimitedFile, dict[str, str]] | None:
    """The same file without a header, and the numbers of the text and the label, where its first line is evidently a
    row like the others and just one column is like each; otherwise None.

    Args:
        file: The file as one with a header.
        roles: The wanted roles; for others than text and label nothing is guessed.
        columns: As for `match_columns`; where any is known nothing is guessed.
    """
    known = any(column is not None for column in (columns or {}).values())
    known = known or (isinstance(columns, Remembered) and bool(columns.remembered))
    if (
        known
        or tuple(roles) != ("text", "label")
        or any(is_known(name, role) for name in file.header for role in roles)
    ):
        return None
    plain = DelimitedFile(file.path, file.encoding, file.delimiter, named=False)
    rows = [row for row in islice(plain.rows(Oddities()), SAMPLE) if len(row) == len(plain.header)]
    found = columns_by_content(plain.header, rows)
    return (plain, found) if found is not None and _begins_with_a_row(rows, found) else None


def said_without_header(columns: Mapping[str, str]) -> str:
    """The guess in words, with the flags that say the same.

    Example:

    >>> said_without_header({"text": "2", "label": "1"})
    'its first line is a row like the others, so it has no header: read as with --text 2 --label 1.'
    """
    flags = " ".join(f"--{role} {column}" for role, column in columns.items())
    return f"its first line is a row like the others, so it has no header: read as with {flags}."


def _begins_with_a_row(rows: Sequence[Sequence[str]], numbers: Mapping[str, str]) -> bool:
    """Whether the first line's label is that of other rows too."""
    return "label" in numbers and recurs([row[int(numbers["label"]) - 1] for row in rows])


def _begins_with_names(rows: Sequence[Sequence[str]], numbers: Mapping[str, str]) -> bool:
    """Whether the first line has the name of a role; or no sentence, and in the label's column what no row has, though
    labels repeat there."""
    first = {role: rows[0][int(column) - 1].strip() for role, column in numbers.items()}
    if any(is_known(name, role) for role, name in first.items()):
        return True
    if "label" not in numbers or len(rows) < _LEAST_ROWS or any(map(looks_like_data, first.values())):
        return False
    others = [row[int(numbers["label"]) - 1].strip() for row in rows[1:]]
    return first["label"] not in others and len(others) >= 3 * len(set(others))
