"""Parquet files, read and written in batches; this takes pyarrow, which is loaded when it is first needed."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from rnnkit.data.file_names import meant_name
from rnnkit.data.parquet_types import json_types, json_values
from rnnkit.data.row_writers import Answered
from rnnkit.data.whole_rows import JsonRows, WholeRow, WholeRows, value_cell
from rnnkit.errors import RnnkitError

_AT_ONCE = 1024


def _parquet() -> tuple[Any, Any]:
    """pyarrow and its module for Parquet.

    Raises:
        RnnkitError: They are not installed.
    """
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise RnnkitError("Parquet files take pyarrow: pip install pyarrow. Or use .csv, .tsv or .jsonl.") from None


class ParquetRows:
    """The rows of a Parquet file, some at a time; see `rnnkit.data.whole_rows`.

    Args:
        path: The file.

    Raises:
        RnnkitError: It is no such file, or pyarrow is not installed.
    """

    def __init__(self, path: Path):
        arrow, parquet = _parquet()
        self.path, self.name = path, path.name
        if not path.is_file():
            raise RnnkitError(f"There is no file {path}.{meant_name(path)}")
        try:
            self._file = parquet.ParquetFile(path)
        except (arrow.ArrowException, OSError) as error:
            raise RnnkitError(f"{path.name} cannot be read as Parquet ({_short(error)}).") from None
        self.schema = self._file.schema_arrow
        self.header = list(self.schema.names)

    def __iter__(self) -> Iterator[WholeRow]:
        arrow, _ = _parquet()
        number = 0
        try:
            for batch in self._file.iter_batches(_AT_ONCE):
                columns = [_values(arrow, column) for column in batch.columns]
                for values in zip(*columns, strict=True):
                    number += 1
                    yield WholeRow(f"row {number}", list(values))
        except (arrow.ArrowException, OSError) as error:
            raise RnnkitError(f"{self.name} cannot be read after row {number} ({_short(error)}).") from None


class ParquetBatches:
    """Rows and new columns as Arrow's batches: columns of a Parquet or JSONL file keep their types, others are text.

    Args:
        source: The rows' source.
        example: The new columns of one row: whole and other numbers stay numbers, anything else is text.
    """

    def __init__(self, source: WholeRows, example: dict[str, Any]):
        arrow, _ = _parquet()
        self._arrow = arrow
        kinds = {float: arrow.float64(), int: arrow.int64(), bool: arrow.bool_()}
        added = [arrow.field(name, kinds.get(type(value), arrow.string())) for name, value in example.items()]
        types = json_types(arrow, source) if isinstance(source, JsonRows) else {}
        schema = getattr(source, "schema", None) or arrow.schema(
            [arrow.field(name, types.get(name, arrow.string())) for name in source.header]
        )
        self._header, self._typed = source.header, hasattr(source, "schema")
        self._names = list(example)
        self.schema = arrow.schema([*schema, *added], metadata=schema.metadata)
        self._texts = {field.name for field in self.schema if arrow.types.is_string(field.type)}

    def batch(self, rows: Iterable[Answered]) -> Any:
        """Some rows.

        Raises:
            RnnkitError: A value is of another type than its column.
        """
        made: list[list[Any]] = []
        for row, new in rows:
            made.append([*self._values(row), *((new or {}).get(name) for name in self._names)])
        arrays = []
        try:
            for field, column in zip(self.schema, zip(*made, strict=True), strict=True):
                text = self._arrow.types.is_string(field.type)
                cells = [value_cell(value) if text and value is not None else value for value in column]
                arrays.append(self._arrow.array(cells, field.type))
            return self._arrow.record_batch(arrays, schema=self.schema)
        except self._arrow.ArrowException as error:
            raise RnnkitError(f"The answers do not fit the Parquet columns ({_short(error)}).") from None

    def _values(self, row: WholeRow) -> list[Any]:
        """A row's values, in the order of the header, as their columns' types want them."""
        if self._typed:
            return list(row.values)
        if not row.line:
            return [None if value is None else value_cell(value) for value in row.values]
        numbers = json_values(row) or row.values
        plain = {name for name in self._texts if not isinstance(row.values.get(name), list | dict)}
        return [(row.values if name in plain else numbers).get(name) for name in self._header]


class ParquetWriter:
    """Rows and new columns as a Parquet file; see `ParquetBatches`.

    Args:
        file: Where to write.
        source: The rows' source.
        example: The new columns of one row.
    """

    def __init__(self, file: IO[bytes], source: WholeRows, example: dict[str, Any]):
        self._batches = ParquetBatches(source, example)
        self._writer = _parquet()[1].ParquetWriter(file, self._batches.schema)

    def write(self, rows: Iterable[Answered]) -> None:
        """Write some rows.

        Raises:
            RnnkitError: A value is of another type than its column.
        """
        self._writer.write_batch(self._batches.batch(rows))

    def close(self) -> None:
        """Write the file's end."""
        self._writer.close()


def _values(arrow: Any, column: Any) -> list[Any]:
    """A column's values as Python's; times finer than Python's, in nanoseconds, stay Arrow's."""
    kinds = arrow.types
    timed = kinds.is_timestamp(column.type) or kinds.is_time64(column.type) or kinds.is_duration(column.type)
    if timed and column.type.unit == "ns":
        return [value if value.is_valid else None for value in column]
    values: list[Any] = column.to_pylist()
    return values


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
