"""Which of two columns is the text and which the label, by what is in them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from rnnkit.codec.words import UNSPACED
from rnnkit.data.columns import may_be_data
from rnnkit.data.delimited import DelimitedFile, Oddities
from rnnkit.data.remembered import Remembered

_MISSING = ("", "nan", "NaN")  # as in `rnnkit.data.survey`
SAMPLE = 2_000  # rows that are looked at
_LEAST_ROWS = 6
_LEAST_REPEATS = 3  # rows that have a label, on average
_MOST_LABELS, _LONGEST_LABEL = 100, 40
_LEAST_WORDS = 2  # of a text, on average
_LEAST_DIFFERENT = 0.5  # of the texts
_DENSE = re.compile(f"[{UNSPACED}\uac00-\ud7ff]")  # and Korean, whose words say as much as a phrase


def guess_columns(file: Any, roles: Sequence[str], columns: Mapping[str, str | None] | None) -> dict[str, str] | None:
    """Guess the columns of a text and a label in a file of two columns, where neither the user nor a Run names one.

    Args:
        file: The opened file, a `DelimitedFile` or one whose `rows` take the wanted columns.
        roles: The wanted roles; for others than text and label nothing is guessed.
        columns: As for `match_columns`.

    Returns:
        Role to column; None where the file does not make them clear.
    """
    odd = Oddities()
    rows = file.rows(odd) if isinstance(file, DelimitedFile) else file.rows(file.header, odd, file.header)
    cells = (["" if cell is None else str(cell) for cell in row] for row in islice(rows, SAMPLE))
    return guess_by_rows(file.header, cells, roles, columns)


def guess_by_rows(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    roles: Sequence[str],
    columns: Mapping[str, str | None] | None,
) -> dict[str, str] | None:
    """Guess as `guess_columns` does, by the names of the columns and the first rows.

    Args:
        header: The names.
        rows: The rows as text, which are read only where there is something to guess.
        roles: The wanted roles.
        columns: As for `match_columns`.
    """
    named = any(column is not None for column in (columns or {}).values())
    if named or (isinstance(columns, Remembered) and columns.remembered):
        return None
    if tuple(roles) != ("text", "label") or len(header) != 2:
        return None
    return guess_text_and_label(header, rows)


def said_of(columns: Mapping[str, str], header: Sequence[str] = ()) -> str:
    """The guess in words, with the flags that change it; of a table whose first line may be a row, its `header`.

    Example:

    >>> said_of({"text": "opinion", "label": "nota"})
    "'opinion' is read as the text and 'nota' as the label; --text and --label name others."
    >>> said_of({"text": "A fine day.", "label": "good"}, ["good", "A fine day."])[-50:]
    'others. If that line is a row: --text 2 --label 1.'
    """
    text, label = columns["text"], columns["label"]
    said = f"{text!r:.60} is read as the text and {label!r:.60} as the label; --text and --label name others."
    if text not in header or label not in header or not may_be_data(text):
        return said
    return f"{said} If that line is a row: --text {header.index(text) + 1} --label {header.index(label) + 1}."


def guess_text_and_label(header: Sequence[str], rows: Iterable[Sequence[str]]) -> dict[str, str] | None:
    """Tell the text from the label in a table of two columns: the label has few short values that repeat, the text
    many different ones of several words.

    Args:
        header: The names of the columns.
        rows: Their first rows, as text.

    Returns:
        Role to column; None where it is not exactly two columns, or not exactly one of each kind.

    Example:

    >>> rows = [(f"the film number {number} was fine", "good" if number % 2 else "bad") for number in range(9)]
    >>> guess_text_and_label(["opinion", "nota"], rows)
    {'text': 'opinion', 'label': 'nota'}
    >>> guess_text_and_label(["a", "b"], [(label, label) for _, label in rows])
    """
    if len(header) != 2:
        return None
    kept = [row for row in rows if len(row) == 2]
    found = columns_by_content(header, kept)
    if found is None:
        return None
    place = header.index(found["label"])
    if found["label"].strip() in {row[place].strip() for row in kept}:  # the first row is one like the others
        return None
    return found


def columns_by_content(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, str] | None:
    """The column of the text and that of the label, where just one is like a text and just one like a label.

    Args:
        header: The names of the columns.
        rows: The first rows, as long as the header.

    Returns:
        Role to column, or None.
    """
    if len(set(header)) != len(header) or len(header) < 2 or not all(header):
        return None
    columns = list(zip(*rows, strict=True))
    cells = [[value.strip() for value in column if value.strip() not in _MISSING] for column in columns]
    if len(cells) != len(header):
        return None
    enough = [place for place, column in enumerate(cells) if len(column) >= _LEAST_ROWS]
    labels, texts = ([place for place in enough if fits(cells[place])] for fits in (_are_labels, _are_texts))
    if len(labels) != 1 or len(texts) != 1 or labels == texts:
        return None
    return {"text": header[texts[0]], "label": header[labels[0]]}


def recurs(cells: Sequence[str]) -> bool:
    """Whether the first of some cells is filled and comes again.

    Example:

    >>> recurs(["pos", "neg", "pos"]), recurs(["label", "neg", "pos"])
    (True, False)
    """
    return bool(cells) and bool(cells[0].strip()) and cells[0].strip() in {cell.strip() for cell in cells[1:]}


def _are_labels(cells: Sequence[str]) -> bool:
    different = set(cells)
    few = 2 <= len(different) <= min(_MOST_LABELS, len(cells) / _LEAST_REPEATS)
    return few and max(map(len, different)) <= _LONGEST_LABEL


def _are_texts(cells: Sequence[str]) -> bool:
    words = sum(len(cell.split()) if any(map(str.isalpha, cell)) else 0 for cell in cells)
    many = len(set(cells)) >= _LEAST_DIFFERENT * len(cells)
    return many and (words >= _LEAST_WORDS * len(cells) or _without_blanks(cells))


def _without_blanks(cells: Sequence[str]) -> bool:
    """Whether these are texts of a script that puts no blanks between words, as Chinese and Thai."""
    letters = sum(sign.isalpha() for cell in cells for sign in cell)
    dense = sum(len(_DENSE.findall(cell)) for cell in cells)
    return dense >= max(4 * len(cells), letters / 2)
