"""A folder of answers: part files whose rows, in the order of their names, are those of the table."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnnkit.data.row_writers import DelimitedWriter, JsonWriter
from rnnkit.data.whole_rows import LINES, suffix_of
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import read_json

#: What the folder holds beside its parts; readers of folders pass over names that begin with _.
RECORD = "_answers.json"
_KIND, _PREFIX = "rnnkit answers", "part-"
_MOST_ROWS = 100 * 1024  # of a part, to one packet


@dataclass
class Packet:
    """Some answered rows on their way to a part.

    Args:
        table: The number of their table.
        rows: How many.
        content: The rows as the part holds them: lines, or a stream of Arrow.
        blank: Rows without an input.
        unread: Rows of which the model can read nothing.
        faults: Why rows cannot be answered, a line each.
        notes: What else is to be said, a line each.
        error: Why nothing can be answered; "" where all went well.
    """

    table: int = 0
    rows: int = 0
    content: bytes = b""
    blank: int = 0
    unread: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: str = ""


class ParquetContent:
    """Rows and new columns as a stream of Arrow, which a part holds as Parquet.

    Args:
        source: The rows' source.
        example: The new columns of one row.
    """

    def __init__(self, source: Any, example: dict[str, Any]) -> None:
        from rnnkit.data.parquet import ParquetBatches

        self._batches = ParquetBatches(source, example)

    def head(self) -> bytes:
        """The columns, without a row."""
        return self._stream([])

    def rows(self, rows: Iterable[Any]) -> bytes:
        """Some rows."""
        return self._stream([self._batches.batch(rows)])

    def _stream(self, batches: list[Any]) -> bytes:
        import pyarrow

        sink = pyarrow.BufferOutputStream()
        with pyarrow.ipc.new_stream(sink, self._batches.schema) as stream:
            for batch in batches:
                stream.write_batch(batch)
        return bytes(sink.getvalue())


def part_suffix(path: Path) -> str:
    """How the parts of a table's answers end: as the table does, without what it is packed by.

    Example:

    >>> [part_suffix(Path(name)) for name in ("a.CSV.gz", "a.json", "a.txt", "a.parquet")]
    ['.csv', '.jsonl', '.csv', '.parquet']
    """
    ending = suffix_of(path)
    return {".json": ".jsonl", ".ndjson": ".jsonl", **dict.fromkeys(LINES, ".csv")}.get(ending, ending)


def content_of(suffix: str, source: Any, example: dict[str, Any]) -> Any:
    """What makes the content of a part, with `head` and `rows`.

    Args:
        suffix: As `part_suffix` gives it.
        source: The rows' source.
        example: The new columns of one row.
    """
    if suffix == ".parquet":
        return ParquetContent(source, example)
    if suffix == ".jsonl":
        return JsonWriter(source)
    advice = "Leave --ray out, and give --to a name that ends in .jsonl."
    return DelimitedWriter(source, list(example), Path(f"{_PREFIX}*{suffix}"), advice)


class AnswerParts:
    """Writes the parts, each of one table.

    Args:
        folder: The folder, which exists.
        suffix: As `part_suffix` gives it.
        most: Rows after which a part is whole.
    """

    def __init__(self, folder: Path, suffix: str, most: int = _MOST_ROWS) -> None:
        self.folder, self.suffix, self.most = folder, suffix, most
        self.parts = dict[str, int]()  # rows of each part
        self._table = -1
        self._part: _BytesPart | _ParquetPart | None = None

    def add(self, packet: Packet, head: bytes) -> None:
        """Write some rows behind those before.

        Args:
            packet: The rows.
            head: What a part of their table begins with.

        Raises:
            OSError: They cannot be written.
        """
        name = next(reversed(self.parts), "")
        if packet.table != self._table or self.parts[name] >= self.most:
            self.close()
            name = f"{_PREFIX}{len(self.parts) + 1:06d}{self.suffix}"
            self.parts[name], self._table = 0, packet.table
            kind = _ParquetPart if self.suffix == ".parquet" else _BytesPart
            self._part = kind(self.folder / name, head)
        assert self._part is not None
        self._part.add(packet.content)
        self.parts[name] += packet.rows

    def close(self) -> None:
        """End the last part."""
        if self._part is not None:
            self._part.close()
            self._part = None

    def record(self, **more: Any) -> None:
        """Write what the folder is, by which it is known again.

        Args:
            **more: What else there is to say.
        """
        content = {"kind": _KIND, "rows": sum(self.parts.values()), **more, "parts": self.parts}
        (self.folder / RECORD).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


class _BytesPart:
    def __init__(self, path: Path, head: bytes) -> None:
        self._file = path.open("xb")
        self.add(head)

    def add(self, content: bytes) -> None:
        self._file.write(content)

    def close(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


class _ParquetPart:
    def __init__(self, path: Path, head: bytes) -> None:
        import pyarrow
        import pyarrow.parquet

        self._open = pyarrow.ipc.open_stream
        self._writer = pyarrow.parquet.ParquetWriter(path, self._open(head).schema)

    def add(self, content: bytes) -> None:
        self._writer.write_table(self._open(content).read_all())

    def close(self) -> None:
        self._writer.close()


def is_answers(folder: Path) -> bool:
    """Whether a folder holds answers, and nothing else than they."""
    if folder.is_symlink() or not (folder / RECORD).is_file():
        return False
    try:
        found = read_json(folder / RECORD)
    except RnnkitError:
        return False
    parts = found.get("parts") if isinstance(found, dict) and found.get("kind") == _KIND else None
    return isinstance(parts, dict) and {path.name for path in folder.iterdir()} <= {RECORD, *parts}


def refuse_occupied(folder: Path, overwrite: bool) -> None:
    """Refuse a target in which there is something, but for earlier answers that may be replaced.

    Raises:
        RnnkitError: There is.
    """
    another = "Give another folder with --to."
    if folder.is_symlink() or (os.path.lexists(folder) and not folder.is_dir()):
        raise RnnkitError(f"{folder} is {'a link' if folder.is_symlink() else 'no folder'}. {another}")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    if not is_answers(folder):
        raise RnnkitError(f"{folder} holds other things than answers; nothing was written. {another}")
    if not overwrite:
        raise RnnkitError(
            f"{folder} holds answers already; nothing was written. Give another folder with --to, or replace them with "
            "--overwrite."
        )
