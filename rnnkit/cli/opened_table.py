"""A table opened to be answered: by the settings of the command line, and those that the Run remembers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rnnkit.cli.screen import note
from rnnkit.cli.shared import answered_role
from rnnkit.cli.table_job import Job, Wanted
from rnnkit.data.delimiters import split_at
from rnnkit.data.jsonl import answerable, inner_column
from rnnkit.data.remembered import Remembered, remembered_encoding, remembered_in
from rnnkit.data.whole_rows import DelimitedRows, JsonStream, WholeRows, doubtful_header, input_column, open_rows
from rnnkit.errors import RnnkitError
from rnnkit.streams import input_lines

#: The name that stands for standard input, and as a target for standard output.
STREAM = "-"


def opened_table(name: str, kind: Any, wanted: Wanted, tell: Callable[[str], None] = note) -> tuple[Job, str]:
    """A file of rows, or standard input, and what is to be said of it.

    Args:
        name: The file, or "-".
        kind: The task's class.
        wanted: What the user asked for.
        tell: Called with a line where the file is read in another way than the training data.

    Raises:
        RnnkitError: It cannot be read so, or it cannot be told which column to answer.
    """
    encoding = remembered_encoding(name, wanted.encoding, wanted.reading)
    role = answered_role(kind)
    remembered = Remembered({role: wanted.column.get(role)}, wanted.reading)
    with split_at(wanted.delimiter, remembered.delimiter):
        source: Any = JsonStream(input_lines()) if name == STREAM else open_rows(Path(name), encoding, remembered, tell)
    if wanted.delimiter is not None and not isinstance(source, DelimitedRows):
        raise RnnkitError(f"{source.name} is no CSV or TSV file, and has no delimiter; leave --delimiter out.")
    column, doubt = column_to_answer(source, role, remembered)
    job = Job(source, column, kind, wanted)
    return job, doubt or f"answering {source.name}, {job.which}"


def column_to_answer(source: WholeRows, role: str, remembered: Remembered) -> tuple[str, str]:
    """The column of a table to answer, which in JSON may be a path; and what is to be said of a doubtful header.

    Args:
        source: The table.
        role: What the task answers.
        remembered: The column that the user named, and those of the Run's training data.

    Raises:
        RnnkitError: There is no such column, or it cannot be told.
    """
    given = (source.columns if isinstance(source, DelimitedRows) else remembered) or {}
    names = answerable(source.header, getattr(source, "inner", ()))
    usual = inner_column(names, given.get(role)) or remembered_in(remembered, names).get(role)
    column = input_column(names, role, usual, source.name)
    return column, "" if usual else doubtful_header(source, column, role)
