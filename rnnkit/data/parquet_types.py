"""The types of Parquet columns that hold the values of JSON objects as they came."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from rnnkit.data.whole_rows import WholeRow, WholeRows

_AT_ONCE = 1024
_MISFITS = (ValueError, TypeError, OverflowError, RecursionError, NotImplementedError)  # Arrow's own are of these


def json_values(row: WholeRow) -> dict[str, Any] | None:
    """The values of a JSON object with its numbers as numbers; NaN and infinities, which are no JSON, are None.

    Returns:
        The values by key; None where the object has a number that Python does not read, of thousands of digits.
    """
    try:
        values: dict[str, Any] = json.loads(row.line, parse_constant=lambda constant: None)
    except (ValueError, RecursionError):
        return None
    return values


def json_types(arrow: Any, source: WholeRows) -> dict[str, Any]:
    """The type of each column of a JSONL file: whole numbers, numbers, truth values, lists and objects keep theirs.

    A column of several kinds, of nothing, or with numbers that no type holds exactly, is text. The file is read twice:
    once to find the types, once to be sure that they hold every value.

    Args:
        arrow: pyarrow.
        source: Rows with their JSON objects.

    Returns:
        Column to type.
    """
    found: dict[str, Any] = {}
    for name, values in _columns(source):
        try:
            kind = arrow.infer_type(values) if values is not None else arrow.string()
            fields = [arrow.schema([("", each)]) for each in (found.get(name, kind), kind)]
            found[name] = arrow.unify_schemas(fields, promote_options="permissive").field(0).type
        except _MISFITS:
            found[name] = arrow.string()
    found = {name: kind if _can_be_written(arrow, kind) else arrow.string() for name, kind in found.items()}
    for name, values in _columns(source):
        try:
            if not arrow.types.is_string(found[name]):
                arrow.array(values, found[name])
        except _MISFITS:
            found[name] = arrow.string()
    return found


def _columns(source: WholeRows) -> Iterator[tuple[str, list[Any] | None]]:
    """(column, some of its values) until all rows are read; None where its values cannot be had."""
    rows = iter(source)
    while batch := list(islice(rows, _AT_ONCE)):
        objects = [json_values(row) for row in batch]
        for name in list(source.header):
            yield name, None if None in objects else [values.get(name) for values in objects if values is not None]


def _can_be_written(arrow: Any, kind: Any) -> bool:
    """Whether Parquet has a type: it has none for objects without a key, and none is known for what is always null."""
    if arrow.types.is_struct(kind):
        return kind.num_fields > 0 and all(_can_be_written(arrow, field.type) for field in kind)
    return _can_be_written(arrow, kind.value_type) if arrow.types.is_list(kind) else not arrow.types.is_null(kind)
