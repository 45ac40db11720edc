"""Data frames as sources of rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rnnkit.data.columns import match_columns
from rnnkit.data.guessing import SAMPLE, guess_by_rows, said_of
from rnnkit.data.tables import Rows, cell
from rnnkit.errors import RnnkitError


def rows_from_dataframe(
    frame: Any,
    columns: Mapping[str, str | None] | None = None,
    roles: Sequence[str] = ("text", "label"),
    tell: Callable[[str], None] | None = None,
) -> Rows:
    """A pandas data frame as a source of rows; missing values become "".

    Args:
        frame: The `pandas.DataFrame`.
        columns: As for `Table`.
        roles: As for `Table`.
        tell: As for `Table`.

    Raises:
        RnnkitError: A role has no column.
    """
    header, name = [str(column) for column in frame.columns], "The data frame"
    real = {str(column): column for column in frame.columns}

    def values(wanted: Sequence[str], few: Any) -> Iterator[tuple[Any, ...]]:
        chosen = [few[real[column]] for column in wanted]
        return zip(*(column.astype(object).where(column.notna(), None) for column in chosen), strict=True)

    try:
        names = match_columns(header, roles, columns, name)
    except RnnkitError:
        sample = (map(cell, row) for row in values(header, frame.head(SAMPLE)))
        guessed = guess_by_rows(header, (list(row) for row in sample), roles, columns)
        if guessed is None or tell is None:
            raise
        names = guessed
        tell(f"{name}: {said_of(guessed)}")
    return Rows(lambda: values([names[role] for role in roles], frame), roles, name, names)
