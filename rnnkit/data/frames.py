"""Data frames as sources of rows."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from itertools import islice
from typing import Any

from rnnkit.data.columns import match_columns
from rnnkit.data.frame_kinds import is_arrow, is_hugging_face, is_pandas
from rnnkit.data.guessing import SAMPLE, guess_by_rows, said_of
from rnnkit.data.jsonl import inner_names, picked
from rnnkit.data.parquet_table import feature_names, named
from rnnkit.data.tables import Rows, cell
from rnnkit.errors import RnnkitError


def as_pandas(data: Any) -> Any:
    """Anything that `rnnkit.data.frame_kinds.is_frame` knows as a `pandas.DataFrame`.

    What is within objects gets columns of its own, named by the path: "translation.en". Numbers that stand for names in
    a Hugging Face data set become these names.

    Args:
        data: A data frame of pandas, polars, Arrow or another that has the interchange protocol; a `datasets.Dataset`.

    Raises:
        RnnkitError: It takes a package that is not installed, or cannot be exchanged.

    Example:

    >>> import pandas
    >>> list(as_pandas(pandas.DataFrame({"translation": [{"en": "Hello.", "de": "Hallo."}]})).columns)
    ['translation', 'translation.en', 'translation.de']
    """
    return _with_inner(data if is_pandas(data) else _exchanged(data))


def rows_from_dataframe(
    frame: Any,
    columns: Mapping[str, str | None] | None = None,
    roles: Sequence[str] = ("text", "label"),
    tell: Callable[[str], None] | None = None,
) -> Rows:
    """A data frame as a source of rows; missing values become "".

    Args:
        frame: As for `as_pandas`.
        columns: As for `Table`.
        roles: As for `Table`.
        tell: As for `Table`.

    Raises:
        RnnkitError: A role has no column.
    """
    frame = as_pandas(frame)
    header, name = [str(column) for column in frame.columns], "The data frame"
    real = {str(column): column for column in frame.columns}

    def values(wanted: Sequence[str], few: Any) -> Iterator[tuple[Any, ...]]:
        chosen = [few[real[column]] for column in wanted]
        return zip(*(column.astype(object).where(column.notna(), None) for column in chosen), strict=True)

    try:
        names = match_columns(header, roles, columns, name)
    except RnnkitError:
        sample = (map(_shown, row) for row in values(header, frame.head(SAMPLE)))
        guessed = guess_by_rows(header, (list(row) for row in sample), roles, columns)
        if guessed is None or tell is None:
            raise
        names = guessed
        tell(f"{name}: {said_of(guessed)}")
    return Rows(lambda: values([names[role] for role in roles], frame), roles, name, names)


def _shown(value: Any) -> str:
    nested = isinstance(value, list | tuple | dict | set) or bool(getattr(value, "ndim", False))
    return "" if nested else cell(value)


def _exchanged(data: Any) -> Any:
    import pandas

    if is_hugging_face(data):
        features = data.features if isinstance(data.features, Mapping) else {}
        names = {name: feature_names(feature) for name, feature in features.items()}
        rows = [{key: named(value, names.get(key, ())) for key, value in row.items()} for row in data]
        header = list(data.column_names or (rows[0] if rows else []))
        return pandas.DataFrame({name: pandas.Series([row.get(name) for row in rows], dtype=object) for name in header})
    try:
        if is_arrow(data):
            rows = import_module("pyarrow").table(data).to_pydict()
            return pandas.DataFrame({name: pandas.Series(values, dtype=object) for name, values in rows.items()})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that pandas will take frames in another way
            return pandas.api.interchange.from_dataframe(data)
    except ImportError:
        raise RnnkitError(
            f"Data of type {type(data).__name__} take pyarrow: pip install pyarrow. Or give its to_pandas()."
        ) from None
    except (TypeError, ValueError, NotImplementedError, RuntimeError) as error:
        raise RnnkitError(
            f"Data of type {type(data).__name__} cannot be exchanged ({str(error)[:100]}); give its to_pandas()."
        ) from None


def _with_inner(frame: Any) -> Any:
    """A frame with the values of objects in columns of their own."""
    added = {}
    for column in frame.columns if frame.columns.is_unique else ():  # what is twice is refused elsewhere
        if str(frame[column].dtype) != "object":
            continue
        first = next(islice((value for value in frame[column] if value is not None), 1), None)
        if isinstance(first, Mapping):
            for name in inner_names({str(column): first}):
                if name not in frame.columns:
                    added[name] = [
                        picked({str(column): value}, name) if isinstance(value, Mapping) else None
                        for value in frame[column]
                    ]
    return frame.assign(**added) if added else frame
