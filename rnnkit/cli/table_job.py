"""The rows of a table on their way to their answers."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from rnnkit.cli.answer_columns import UNKNOWN, columns_of, withheld
from rnnkit.cli.screen import complain, note
from rnnkit.data.jsonl import picked
from rnnkit.data.row_writers import numbered
from rnnkit.data.whole_rows import TextRows, WholeRow, WholeRows, value_text
from rnnkit.errors import RnnkitError

#: Rows that are answered together.
AT_ONCE = 256
Answered = list[tuple[WholeRow, str, Any]]  # rows, their texts, and their answers; None where there is none


@dataclass(kw_only=True)
class Wanted:
    """What the command line wants of a table.

    Args:
        to: The file to write, "-" for JSON lines on standard output; None for the screen.
        resume: Whether to go on with one that broke off.
        overwrite: Whether a file of that name may be replaced.
        every_label: Whether to write the probability of every label.
        allow_empty: Whether rows without a text may stay without an answer.
        as_json: Whether to print JSON lines where there is no `to`.
        threshold: The probability below which a label is `unknown`.
        unknown: What is said then.
        column: The column to answer by its role, where the user named one.
        encoding: The file's encoding, where the user named one.
        delimiter: The file's delimiter, where the user named one.
        reading: How the Run's training data were read, for what the user did not name.
        how: Options of the task's `predict`.
    """

    to: Path | None = None
    resume: bool = False
    overwrite: bool = False
    every_label: bool = False
    allow_empty: bool = False
    as_json: bool = False
    threshold: float | None = None
    unknown: str = UNKNOWN
    column: dict[str, str] = field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    reading: dict[str, Any] = field(default_factory=dict)
    how: dict[str, Any] = field(default_factory=dict)


@contextmanager
def row_progress(rows: int, done: int = 0) -> Iterator[Callable[[int], None]]:
    """A bar of the rows that are answered, in a terminal.

    Args:
        rows: How many there are; 0: nobody knows.
        done: How many are answered already.

    Yields:
        A function to call with the number of further ones.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from rnnkit.cli.screen import screen

    console = screen(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        shown = bar.add_task("", total=rows or None, completed=done)
        yield lambda count: bar.advance(shown, count)


class Job:
    """The rows of a table on their way to their answers; `note` and `complain` take what there is to say of them."""

    def __init__(self, source: WholeRows, column: str, kind: Any, wanted: Wanted) -> None:
        self.source, self.column, self.kind, self.wanted = source, column, kind, wanted
        self.note: Callable[[str], None] = note
        self.complain: Callable[[str], None] = complain
        self.task: Any = None
        self.writer: Any = None
        self.rows = self.blank = self.faulty = self.unread = 0
        self.renamed: dict[str, str] = {}  # columns of the answers that the table has too
        self._place = source.header.index(column) if column in source.header else None  # None: a path, in JSON alone
        self.which = "a text a line" if isinstance(source, TextRows) else f'its column "{column}"'

    def survey(self) -> None:
        """Read all rows once: what cannot be answered is said before any work."""
        asked = 0
        for row in self.source:
            text = self.text(row)
            if text.strip():
                self.parsed(text, row)
                asked += 1
            self.rows += 1
        if not self.rows:
            raise RnnkitError(f"{self.source.name} has no rows to answer.")
        if not asked:
            raise RnnkitError(f"{self.source.name} has nothing to answer ({self.which}).")

    def text(self, row: WholeRow) -> str:
        """The text of a row to answer; a blank one only where that is allowed."""
        value = row.values[self._place] if not row.line and self._place is not None else picked(row.values, self.column)
        text = value_text(value, f'{self.source.name} {row.place}: "{self.column}"')
        if not text.strip() and not self.wanted.allow_empty:
            raise RnnkitError(
                f"{self.source.name} {row.place} has nothing to answer ({self.which}). Fill it, or leave such rows "
                "without an answer by --allow-empty."
            )
        return text

    def parsed(self, text: str, row: WholeRow) -> Any:
        """A text as the task's input; pictures are looked for beside the table."""
        try:
            parsed = self.kind.parse(text, from_line=True)
        except RnnkitError as error:
            raise RnnkitError(f"{self.source.name} {row.place}: {error}") from None
        if self.kind.inputs_are_files and hasattr(self.source, "path"):
            return str(Path(self.source.path).parent / parsed)
        return parsed

    def identity(self, run_files: Iterable[Path]) -> dict[str, str]:
        """What the answers follow from, for going on with them later."""
        from rnnkit.files.digests import files_digest

        wanted, source = self.wanted, self.source
        named = {"delimiter": wanted.delimiter} if wanted.delimiter else {}
        settings = {
            "threshold": wanted.threshold,
            "unknown": wanted.unknown,
            "all": wanted.every_label,
            **wanted.how,
            **named,
        }
        return {
            "input": files_digest([Path(source.path)]),  # type: ignore[attr-defined]
            "Run": files_digest(run_files),
            "column": self.column,
            "encoding": getattr(source, "encoding", "utf-8"),
            "set of options": json.dumps(settings, sort_keys=True, default=str),
        }

    def batches(self, done: int = 0) -> Iterator[Answered]:
        """Rows with their texts and answers, some hundred at a time.

        Args:
            done: Rows to pass over, which are written already.
        """
        with row_progress(self.rows, done) as advance:
            rows = islice(iter(self.source), done, None)
            while batch := list(islice(rows, AT_ONCE)):
                yield self.answered(batch)
                advance(len(batch))

    def answered(self, batch: list[WholeRow]) -> Answered:
        """Some rows with their texts and answers."""
        texts = [self.text(row) for row in batch]
        given = {place: self.parsed(text, batch[place]) for place, text in enumerate(texts) if text.strip()}
        self.blank += len(batch) - len(given)
        places = list(given)
        faults = self.faults(list(given.values()))
        for number, fault in faults.items():
            self.complain(f"{self.source.name} {batch[places[number]].place}: {fault}")
        self.faulty += len(faults)
        places = [place for number, place in enumerate(places) if number not in faults]
        answers = self.answers([given[place] for place in places]) if places else []
        self.unread += sum(getattr(answer, "nothing_read", False) for answer in answers)
        found = dict(zip(places, answers, strict=True))
        return [(row, texts[place], found.get(place)) for place, row in enumerate(batch)]

    def faults(self, given: list[Any]) -> dict[int, str]:
        """What cannot be answered, such as a broken picture, and why, by its place."""
        return self.task.faults(given) if given and hasattr(self.task, "faults") else {}

    def answers(self, given: list[Any]) -> list[Any]:
        """The answers to inputs; labels below the threshold are unknown."""
        return withheld(self.task.predict(given, **self.wanted.how), self.wanted.threshold, self.wanted.unknown)

    def example(self) -> dict[str, Any]:
        """The columns of the first row that can be answered, under names that the table does not have.

        Raises:
            RnnkitError: None can.
        """
        for row in self.source:
            text = self.text(row)
            given = [self.parsed(text, row)] if text.strip() else []
            if given and not self.faults(given):
                made = self.columns(self.answers(given)[0])
                if self.wanted.how.get("n_best", 1) > 1:  # this one may have no others
                    made.setdefault(self._renamed("others"), [])
                return made
        raise RnnkitError(f"{self.source.name} has no row that can be answered.")

    def names(self) -> list[str]:
        """The names of those columns."""
        return list(self.example())

    def columns(self, answer: Any) -> dict[str, Any]:
        """An answer's columns; one that the table has too is numbered, and that is said once."""
        return {self._renamed(name): value for name, value in columns_of(answer, self.wanted.every_label).items()}

    def _renamed(self, name: str) -> str:
        if name not in self.renamed:
            self.renamed[name] = numbered(name, [*self.source.header, *self.renamed.values()])
            if self.renamed[name] != name:
                self.note(f'{self.source.name} has a column "{name}"; the new one is "{self.renamed[name]}"')
        return self.renamed[name]

    def with_columns(self, batch: Answered) -> list[tuple[WholeRow, dict[str, Any] | None]]:
        """Rows and the columns of their answers."""
        return [(row, None if answer is None else self.columns(answer)) for row, _, answer in batch]

    def print_lines(self, batch: Answered) -> None:
        """Print a JSON object a line."""
        from rnnkit.cli.answers import print_line

        for line in self.writer.lines(self.with_columns(batch)):
            print_line(line)

    def show(self, batch: Answered) -> None:
        """Print answers for a reader."""
        from rnnkit.cli.answers import show

        if given := [(answer, text) for _, text, answer in batch if answer is not None]:
            show([answer for answer, _ in given], [text for _, text in given])
