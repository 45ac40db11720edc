"""The stages of an export on the screen, with the time that each has taken and, where it can be known, has left."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from rnnkit.training.bars import TimeLeft, console

_BAR = 20  # columns
_Item = TypeVar("_Item")


class Stages:
    """Shows the stage that an export is in; in a terminal alone.

    Args:
        bar: What shows it.
        count: Stages in all.
    """

    def __init__(self, bar: Progress, count: int) -> None:
        self.bar, self.count, self.number = bar, count, 0
        self.task = bar.add_task("", total=None, visible=False)

    def begin(self, what: str, total: int | None = None) -> None:
        """Begin the next stage.

        Args:
            what: What is done, such as "converting".
            total: Its steps, where they can be counted.
        """
        self.number += 1
        self.bar.reset(self.task, total=total, visible=True, description=f"{self.number}/{self.count} {what}")

    def each(self, what: str, items: Iterable[_Item], total: int) -> Iterator[_Item]:
        """The items, in a stage of their own, which shows the time left."""
        self.begin(what, total)
        for item in items:
            yield item
            self.bar.advance(self.task)


@contextmanager
def stages(count: int) -> Iterator[Stages]:
    """Show stages until the export ends, or fails; then the screen is as before.

    Args:
        count: Stages in all.
    """
    columns = (TextColumn("{task.description}"), BarColumn(_BAR), TimeLeft(TimeElapsedColumn()))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield Stages(bar, count)
