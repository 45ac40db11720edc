"""Data as Keras users hold them in memory: dictionaries, lists of inputs and of targets, `tf.data`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from rnnkit.data.frame_kinds import is_frame
from rnnkit.errors import RnnkitError

#: `tf.data.INFINITE_CARDINALITY`, without importing TensorFlow.
_INFINITE = -1


def rows_in_memory(data: Any, roles: Sequence[str]) -> Any:
    """Rows or a data frame for what is held in memory otherwise; anything else is returned as it is.

    Args:
        data: A list of dictionaries with the same keys, which become columns; a dictionary of lists of equal lengths;
            a tuple with a list or an array for each role, of equal lengths; a `tf.data.Dataset` of single examples,
            tuples or dictionaries; or anything else.
        roles: What a row gives, in this order.

    Raises:
        RnnkitError: The dictionaries differ in their keys, the lists in their lengths, a dataset never ends, or these
            are the parts of one.

    Example:

    >>> rows_in_memory((["good", "bad", "good"], [1, 0, 1]), ("text", "label"))
    [('good', 1), ('bad', 0), ('good', 1)]
    >>> rows_in_memory([{"text": "good", "label": 1}], ("text", "label"))
       text label
    0  good     1
    """
    if hasattr(data, "element_spec") and hasattr(data, "as_numpy_iterator"):
        data = _examples(data)
    if isinstance(data, tuple) and len(data) == len(roles) > 1 and all(map(is_column, data)):
        if all(isinstance(each, list) and len(each) == len(roles) for each in data):
            raise RnnkitError(
                f"Got a tuple of {len(data)} lists of {len(data)}: these may be rows or columns. Give rows as a list, "
                f"[({', '.join(roles)}), ...]."
            )
        return _zipped(data, roles)
    if isinstance(data, list) and data and isinstance(data[0], Mapping):
        return _frame(data)
    return _columns(data) if isinstance(data, Mapping) and data else data


def inputs_and_targets(source: Any, test: Any, roles: Sequence[str]) -> tuple[Any, Any]:
    """`fit(x, y)`, as Keras has it, as one source: a list of texts followed by as many targets is no test data.

    Args:
        source: The first argument of `fit`.
        test: The second.
        roles: What a row gives; only tasks of an input and a target are concerned.

    Returns:
        The source and the test data.

    Example:

    >>> inputs_and_targets(["good", "bad"], [1, 0], ("text", "label"))
    ([('good', 1), ('bad', 0)], None)
    >>> inputs_and_targets([("good", 1)], [("bad", 0)], ("text", "label"))
    ([('good', 1)], [('bad', 0)])
    """
    if len(roles) != 2 or not (is_column(source) and is_column(test)):
        return source, test
    targets = (str, bytes, int, float, np.generic, list, tuple, set)  # several labels, or one
    if not all(isinstance(value, str | bytes) for value in source) or not all(isinstance(v, targets) for v in test):
        return source, test
    return _zipped((source, test), roles), None


def is_column(data: Any) -> bool:
    """Whether these are values one below the other: a list, an array or a pandas Series."""
    return isinstance(data, list | np.ndarray) or (hasattr(data, "to_list") and not hasattr(data, "columns"))


def _zipped(columns: tuple[Any, ...], roles: Sequence[str]) -> list[tuple[Any, ...]]:
    lengths = [len(column) for column in columns]
    if len(set(lengths)) > 1:
        said = ", ".join(f"{length:,} of {role}" for role, length in zip(roles, lengths, strict=True))
        raise RnnkitError(f"Got {said}; expected as many of each.")
    return list(zip(*columns, strict=True))


def _columns(data: Mapping[Any, Any]) -> Any:
    """A dictionary of columns as a data frame."""
    names = [str(name) for name in data]
    if all(is_frame(part) for part in data.values()):
        first, last = names[0], names[-1]
        raise RnnkitError(
            f"Got the parts {', '.join(names[:5])} of a data set; give one of them, such as data[{first!r}], and "
            f"perhaps test=data[{last!r}]."
        )
    if not all(map(is_column, data.values())):
        return data
    lengths = {name: len(column) for name, column in zip(names, data.values(), strict=True)}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{length:,} of {name:.40}" for name, length in lengths.items())
        raise RnnkitError(f"Got {said}; expected as many of each.")
    import pandas as pd

    return pd.DataFrame({name: pd.Series(list(column), dtype=object) for name, column in data.items()})


def _frame(rows: list[Any]) -> Any:
    """Dictionaries as a data frame, with the values as they are."""
    import pandas as pd

    names = list(rows[0])
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping) or {*row} != {*names}:
            keys = list(row) if isinstance(row, Mapping) else type(row).__name__
            raise RnnkitError(f"The list: row {number} has {keys!r:.100}; expected the keys of row 0, {names!r:.100}.")
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=object) for name in names})


def _examples(dataset: Any) -> list[Any]:
    """A dataset's examples, with texts for bytes and lists for tensors."""
    if int(dataset.cardinality()) == _INFINITE:
        raise RnnkitError("The dataset repeats for ever; give it without .repeat(), one example an element.")
    return [_plain(example) for example in dataset]


def _plain(value: Any) -> Any:
    """A tensor, or a structure of tensors, as Python's own values."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return tuple(map(_plain, value))
    if hasattr(value, "to_list"):  # ragged
        return _texts(value.to_list())
    return _texts(np.asarray(value).tolist())


def _texts(value: Any) -> Any:
    """Bytes as text, at any depth."""
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError as error:
            raise RnnkitError(f"The dataset holds {value!r:.60}, which is not UTF-8 at byte {error.start}.") from None
    return [_texts(each) for each in value] if isinstance(value, Iterable) and not isinstance(value, str) else value
