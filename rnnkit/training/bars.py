"""Bars on the screen without Keras: what each shows, and how far the reading of data has come."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from rnnkit.wrapping import console_of

console = console_of(stderr=True)
#: Columns of a bar.
BAR = 24
_NEWS, _MANY = 1_000, 100_000  # items, and rows of a table, between two lines where there is no terminal
_Item = TypeVar("_Item")
_shown = list[tuple[Progress, TaskID]]()  # the bar of `reading`, while there is one


class Percentage(ProgressColumn):
    """The share done; nothing before the first step."""

    def render(self, task: Task) -> Text:
        return Text("" if task.total is None else f"{task.percentage:>3.0f} %")


class TimeLeft(TimeRemainingColumn):
    """The time left; at the end that which has passed.

    Args:
        uncounted: What is shown while steps cannot be counted; nothing by default.
    """

    def __init__(self, uncounted: TimeElapsedColumn | None = None) -> None:
        super().__init__(elapsed_when_finished=True)
        self.uncounted = uncounted

    def render(self, task: Task) -> Text:
        if task.total is None:
            return self.uncounted.render(task) if self.uncounted else Text("")
        return Text.assemble(super().render(task), "" if task.finished else " left")


class _CountedBar(BarColumn):
    """A bar where there is something to count, otherwise nothing."""

    def render(self, task: Task) -> Text:  # type: ignore[override]
        return Text("") if task.total is None else super().render(task)  # type: ignore[return-value]


@contextmanager
def reading() -> Iterator[None]:
    """Show that data are read, in a terminal alone; `counted` shows its bar in the same place."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), _CountedBar(BAR), Percentage(), TimeLeft())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        _shown.append((bar, bar.add_task("reading the data", total=None)))
        try:
            yield
        finally:
            _shown.pop()


def counted(items: Sequence[_Item], noun: str) -> Iterator[_Item]:
    """The items, while a bar shows how many have come and how long the others will take. Where there is no terminal, a
    training says a line for each thousand.

    Args:
        items: What is read.
        noun: Their noun, in the plural.

    Example:

    >>> list(counted("abc", "letters"))
    ['a', 'b', 'c']
    """
    if _shown:
        yield from _shown_in(*_shown[-1], items, noun)
    else:
        with reading():
            yield from _shown_in(*_shown[-1], items, noun, news=False)


def passing(rows: Iterable[_Item], said: str, total: int | None = None) -> Iterator[_Item]:
    """The rows of a table, while the bar of `reading` shows how many have come; where there is no terminal, a line says
    so for each 100,000. Outside of `reading` nothing is shown.

    Args:
        rows: As they are read.
        said: What is done with them.
        total: How many there are, where that is known.

    Example:

    >>> list(passing("abc", "reading"))
    ['a', 'b', 'c']
    """
    if not _shown:
        yield from rows
        return
    bar, before = _shown[-1]
    bar.update(before, visible=False)
    of = f" of {total:,}" if total else ""
    task = bar.add_task(said, total=total)
    for done, row in enumerate(rows, 1):
        yield row
        if done % _NEWS == 0:
            bar.update(task, completed=done, description=f"{said}: {done:,}{of} rows")
            if done % _MANY == 0 and not console.is_terminal:
                console.print(f"{said}: {done:,}{of} rows", soft_wrap=True)
    _ended(bar, task, before)


def _shown_in(bar: Progress, before: TaskID, items: Sequence[_Item], noun: str, news: bool = True) -> Iterator[_Item]:
    bar.update(before, visible=False)
    task = bar.add_task(f"reading {len(items):,} {noun}", total=len(items))
    for done, item in enumerate(items, 1):
        yield item
        bar.update(task, completed=done)
        if news and not console.is_terminal and done % _NEWS == 0:
            console.print(f"read {done:,} of {len(items):,} {noun}", soft_wrap=True)
    _ended(bar, task, before)


def _ended(bar: Progress, task: TaskID, before: TaskID) -> None:
    bar.remove_task(task)
    bar.update(before, visible=True)
