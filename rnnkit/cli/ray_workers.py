"""What the workers of a Ray cluster do for `rnnkit predict --ray`: read tables by our own readers, and answer rows."""

import copy
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from rnnkit.cli.answer_parts import Packet, content_of
from rnnkit.cli.answering import loaded
from rnnkit.cli.opened_table import opened_table
from rnnkit.cli.shared import kind_in
from rnnkit.cli.table_job import AT_ONCE, Job, Wanted
from rnnkit.errors import RnnkitError

_BATCHES, _BYTES = 4, 2**22  # of a packet: at most so many batches of rows, and none more once it is so large


@dataclass
class Asked:
    """What is asked of the workers.

    Args:
        model: The Run, or its bundle.
        tflite: Whether it is a bundle.
        wanted: What the user asked for.
        suffix: How the parts end.
    """

    model: Path
    tflite: bool
    wanted: Wanted
    suffix: str

    def opened(self, path: str, tell: Callable[[str], None]) -> Job:
        """A table, opened."""
        return opened_table(path, kind_in(self.model, self.tflite), self.wanted, tell)[0]


@dataclass
class Surveyed:
    """A table that was read once.

    Args:
        path: Where it is.
        source: Its rows' source, without the file itself: what its answers are written by.
        column: The column that is answered.
        rows: How many there are.
        notes: What was said of it.
        error: Why it cannot be answered; "" where it can.
        example: The new columns of one of its rows, where they are wanted.
    """

    path: str
    source: Any = None
    column: str = ""
    rows: int = 0
    notes: tuple[str, ...] = ()
    error: str = ""
    example: dict[str, Any] | None = None


def survey(asked: Asked, path: str) -> Surveyed:
    """Read a table once: what cannot be answered is said before any work."""
    notes: list[str] = []
    try:
        job = asked.opened(path, notes.append)
        job.survey()
    except RnnkitError as error:
        return Surveyed(path, error=str(error))
    source: Any = copy.copy(job.source)
    source._file = source.columns = None  # which cannot travel
    return Surveyed(path, source, job.column, job.rows, tuple(notes))


def example(asked: Asked, surveyed: Surveyed) -> Surveyed:
    """The new columns of the first row that can be answered.

    Raises:
        RnnkitError: The Run cannot be loaded.
    """
    task = loaded(asked.model, asked.tflite)
    try:
        job = asked.opened(surveyed.path, print)
        job.note, job.task = lambda line: None, task
        return Surveyed(surveyed.path, example=job.example())
    except RnnkitError as error:
        return Surveyed(surveyed.path, error=str(error))


def packets(given: Any, asked: Asked) -> Iterator[Any]:
    """The rows of tables in packets of some batches; a batch is what one machine would answer together.

    Args:
        given: Arrow's table of a "number" and a "path" for each table.
        asked: What is asked.

    Yields:
        Arrow's tables of a "number" and "batches", the batches pickled, or the error that stopped the reading.
    """
    import pyarrow

    for number, path in zip(given["number"].to_pylist(), given["path"].to_pylist(), strict=True):
        for batches in _batches(asked, path):
            yield pyarrow.table({"number": [number], "batches": pyarrow.array([batches], pyarrow.large_binary())})


def _batches(asked: Asked, path: str) -> Iterator[bytes]:
    try:
        rows = iter(asked.opened(path, print).source)
        made: list[bytes] = []
        while batch := list(islice(rows, AT_ONCE)):
            made.append(pickle.dumps(batch))
            if len(made) >= _BATCHES or sum(map(len, made)) >= _BYTES:
                yield pickle.dumps(made)
                made = []
        if made:
            yield pickle.dumps(made)
    except RnnkitError as error:
        yield pickle.dumps(str(error))


class Desk:
    """Hands each worker the tables, by their numbers, and counts the workers that were started.

    Args:
        tables: The tables.
        most: Starts after which a worker is told not to work.
    """

    def __init__(self, tables: list[Surveyed], most: int) -> None:
        self.tables, self.most, self.starts = tables, most, 0

    def started(self) -> tuple[list[Surveyed], bool]:
        """The tables, and whether workers were lost so often that there is no sense in it."""
        self.starts += 1
        return self.tables, self.starts > self.most


class Answerer:
    """Answers packets; it loads the Run, or its bundle, once.

    Args:
        asked: What is asked.
        desk: The `Desk`, an actor of Ray.
    """

    def __init__(self, asked: Asked, desk: Any) -> None:
        import ray

        self.asked, self.error = asked, ""
        self.kind: Any = None
        self.task: Any = None
        self.tables, lost = ray.get(desk.started.remote())
        if lost:
            self.error = (
                "The workers of Ray were lost again and again, as where memory is short; nothing was written. Give "
                "fewer --workers; what Ray says of it is in its logs."
            )
            return
        try:
            self.kind = kind_in(asked.model, asked.tflite)
            self.task = loaded(asked.model, asked.tflite)
        except RnnkitError as error:  # for all packets, rather than for Ray, which would start it again
            self.error = str(error)

    def __call__(self, given: Any) -> Any:
        import pyarrow

        pairs = zip(given["number"].to_pylist(), given["batches"].to_pylist(), strict=True)
        made = [pickle.dumps(self._answered(number, pickle.loads(batches))) for number, batches in pairs]
        return pyarrow.table({"packet": pyarrow.array(made, pyarrow.large_binary())})

    def _answered(self, number: int, batches: list[bytes] | str) -> Packet:
        if self.error or isinstance(batches, str):
            return Packet(number, error=self.error or str(batches))
        table, packet = self.tables[number], Packet(number)
        job = Job(table.source, table.column, self.kind, self.asked.wanted)
        job.task, job.note, job.complain = self.task, packet.notes.append, packet.faults.append
        content = content_of(self.asked.suffix, table.source, table.example or {})
        answered: list[Any] = []
        try:
            for batch in batches:
                answered += job.with_columns(job.answered(pickle.loads(batch)))
            packet.content, packet.rows = content.rows(answered), len(answered)
        except RnnkitError as error:
            return Packet(number, error=str(error))
        packet.blank, packet.unread = job.blank, job.unread
        return packet
