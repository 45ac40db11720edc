"""A reader and what it is given: a row of the tables that the fuzzing goes through."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fuzz.judge import Judge, Verdict
from fuzz.made import Made
from hypothesis import strategies as st


@dataclass(frozen=True, repr=False)
class Case:
    """One reader.

    Args:
        name: As counts and failures call it, "tables: open".
        made: What it is given.
        read: Reads it: takes the folder and what is in it.
        sound: Whether an answer is one that can be.
        stranger: The folder is a stranger's: nothing outside of it is even read.
        writes: The reader may write into the folder.
        runs: The reader may start processes.
        heavy: Needs TensorFlow or another large package; left out of the quick slice.
        plain: A sound input, where the simplest of `made` is none.
        share: How many examples of it there are beside those of others, 1 as a rule.
    """

    name: str
    made: st.SearchStrategy[Made]
    read: Callable[[Path, Made], Any]
    sound: Callable[[Any], bool]
    stranger: bool = False
    writes: bool = False
    runs: bool = False
    heavy: bool = False
    plain: Made | None = None
    share: float = 1.0

    def __repr__(self) -> str:
        return f"Case({self.name!r})"

    def judged(self, made: Made, judge: Judge) -> Verdict:
        """What the reader makes of it.

        Raises:
            Fault: It does what it must not do.
        """
        return judge.judge(
            made, lambda folder: self.read(folder, made), self.sound,
            stranger=self.stranger, writes=self.writes, runs=self.runs,
        )  # fmt: skip


def of_file(read: Callable[[Path], Any]) -> Callable[[Path, Made], Any]:
    """A reader of the one file."""
    return lambda folder, made: read(only_file(folder, made))


def of_folder(read: Callable[[Path], Any]) -> Callable[[Path, Made], Any]:
    """A reader of the whole folder."""
    return lambda folder, made: read(folder)


def only_file(folder: Path, made: Made) -> Path:
    """The one file of a folder that has one."""
    return folder / next(iter(made.files))


def is_text(value: Any) -> bool:
    """Whether it is text that can be written as UTF-8."""
    return isinstance(value, str) and not any("\ud800" <= sign <= "\udfff" for sign in value)
