"""Parquet files as tables to learn from; this takes pyarrow, which is loaded when it is first needed."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rnnkit.data.delimited import Oddities
from rnnkit.data.jsonl import flat_value, picked
from rnnkit.data.parquet import ParquetRows


class ParquetTable:
    """The columns and rows of a Parquet file, with what `rnnkit.data.jsonl.JsonFile` has.

    Numbers that stand for labels, as Hugging Face's `datasets` writes them, are read by the names that are kept in the
    file.

    Args:
        path: The file.

    Raises:
        RnnkitError: It is no such file, or pyarrow is not installed.
    """

    encoding = "utf-8"

    def __init__(self, path: Path):
        self.path = path
        self._rows = ParquetRows(path)
        self.header = list(self._rows.header)
        self._names = _label_names(self._rows.schema.metadata or {})
        #: The columns within structs, by their paths.
        self.inner = [f"{field.name}.{inner.name}" for field in self._rows.schema for inner in _fields(field.type)]

    def rows(self, wanted: Sequence[str], odd: Oddities, nested: Collection[str] = ()) -> Iterator[list[Any]]:
        """The values of the `wanted` columns, row by row, as `JsonFile.rows` gives them."""
        for place, values, _ in self._rows:
            row = dict(zip(self.header, values, strict=True))
            found = [named(picked(row, key), self._names.get(key, ())) for key in wanted]
            where = f"{self.path.name} {place}"
            yield [flat_value(value, key, key in nested, where) for key, value in zip(wanted, found, strict=True)]


def named(value: Any, names: Sequence[str]) -> Any:
    """A number, or each of a list of numbers, as the name that it stands for; -1 has none.

    Example:

    >>> named([0, 2], ["O", "B-PER", "I-PER"]), named(1, ["bad", "good"]), named(1, [])
    (['O', 'I-PER'], 'good', 1)
    """
    if isinstance(value, list) and names:
        return [named(each, names) for each in value]
    if not isinstance(value, int) or isinstance(value, bool) or not names:
        return value
    return names[value] if 0 <= value < len(names) else None


def feature_names(feature: Any) -> list[str]:
    """The names of a feature of Hugging Face's `datasets`, or of what it is a list of; none where it has none.

    Args:
        feature: The feature, or the JSON that a file has of it.
    """
    for inner in (feature, _part(feature, "feature")):
        names = _part(inner, "names")
        if isinstance(names, list) and all(isinstance(name, str) for name in names):
            return names
    return []


def _part(feature: Any, name: str) -> Any:
    return feature.get(name) if isinstance(feature, Mapping) else getattr(feature, name, None)


def _label_names(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"].items()
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
        return {}
    return {name: names for name, feature in features if (names := feature_names(feature))}


def _fields(kind: Any) -> list[Any]:
    """The fields of a struct."""
    return [kind.field(number) for number in range(kind.num_fields)] if str(kind).startswith("struct<") else []
