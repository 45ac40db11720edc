"""`rnnkit predict` on files of tasks that read whole files as inputs, such as recordings, rather than a row each."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rnnkit.cli.answer_columns import rows_of, withheld
from rnnkit.cli.answers import print_json, print_object, show
from rnnkit.cli.overwriting import may_replace_file
from rnnkit.cli.screen import note, say
from rnnkit.cli.shared import answered_role
from rnnkit.cli.table_job import Wanted
from rnnkit.data.delimiters import split_at
from rnnkit.data.file_names import meant_name
from rnnkit.data.remembered import Remembered, remembered_encoding
from rnnkit.data.row_writers import DelimitedWriter, JsonWriter
from rnnkit.data.whole_rows import WholeRow
from rnnkit.errors import RnnkitError
from rnnkit.files.disk import check_writable, disk_errors, refuse_input
from rnnkit.files.writing import write_bytes

_AT_ONCE = 256  # inputs that are answered together
_WRITTEN = (".csv", ".tsv", ".jsonl", ".ndjson")
_STREAM = "-"


def files_among(inputs: Sequence[str], kind_of: Callable[[], Any]) -> list[Path]:
    """The files that the user gave to answer, to a task that reads inputs from whole files (`open_inputs`); none where
    these are inputs themselves.

    Args:
        inputs: What the user gave.
        kind_of: Gives the task's class.

    Raises:
        RnnkitError: There are inputs beside files, or what looks like the name of a file is none.
    """
    if not hasattr(kind_of(), "open_inputs"):
        return []
    files = [Path(one) for one in inputs if os.path.exists(one)]
    if files and len(files) < len(inputs):
        other = next(one for one in inputs if not os.path.exists(one))
        raise RnnkitError(f"There is no file {other}.{meant_name(Path(other))}")
    if not files and (named := next((one for one in inputs if _looks_like_a_file(one)), "")):
        raise RnnkitError(f"There is no file {named}.{meant_name(Path(named))}")
    return files


def _looks_like_a_file(one: str) -> bool:
    return one == _STREAM or (not any(map(str.isspace, one)) and Path(one).suffix[1:2].isalpha())


def answer_files(
    files: Sequence[Path], kind: Any, wanted: Wanted, load: Callable[[], Any], single: bool = False
) -> tuple[Any, list[Any]]:
    """Answer all inputs in files, and write or print them with their names. Return what answered, and the inputs.

    Args:
        files: The files.
        kind: The task's class.
        wanted: What the user asked for.
        load: Gives what answers: the task, or the runner of its bundle.
        single: Whether there may be one input alone, since it is to be drawn.

    Raises:
        RnnkitError: A flag makes no sense, a file cannot be read, or the target cannot be written.
    """
    for flag, given in {"--resume": wanted.resume, "--allow-empty": wanted.allow_empty}.items():
        if given:
            raise RnnkitError(f"{flag} is not for {kind.key}, whose files are answered at once; leave it out.")
    to = None if wanted.to in (None, Path(_STREAM)) else wanted.to
    if to is not None:
        _check_target(to, files, wanted)
    answerer, role = load(), answered_role(kind)
    names, inputs = list[str](), list[Any]()
    for file in files:
        columns = Remembered({role: wanted.column.get(role)}, wanted.reading)
        encoding = remembered_encoding(file, wanted.encoding, wanted.reading)
        with split_at(wanted.delimiter, columns.delimiter):
            found = kind.open_inputs(file, answerer, columns, encoding)
        names += [f"{file.name}: {name}" if len(files) > 1 and len(found) > 1 else name for name in found.ids]
        inputs += found.inputs
    if single and len(inputs) > 1:
        raise RnnkitError(f"--plot draws one answer; these files hold {len(inputs):,} {kind.example_noun}.")
    note(f"answering {len(inputs):,} {kind.example_noun if len(inputs) != 1 else kind.example_noun.removesuffix('s')}")
    answers = list(_answered(answerer, inputs, wanted))
    if to is not None:
        _write(to, names, answers, role, wanted)
    elif wanted.to is not None:
        for name, answer in zip(names, answers, strict=True):
            for row in rows_of(answer, wanted.every_label):
                print_object({role: name, **row})
    elif wanted.as_json:
        print_json(answers, names)
    else:
        show(answers, names, alone=len(names) == 1)
    return answerer, inputs


def _answered(answerer: Any, inputs: Sequence[Any], wanted: Wanted) -> Iterator[Any]:
    for first in range(0, len(inputs), _AT_ONCE):
        made = answerer.predict(inputs[first : first + _AT_ONCE], **wanted.how)
        yield from withheld(made, wanted.threshold, wanted.unknown)


def _check_target(to: Path, files: Sequence[Path], wanted: Wanted) -> None:
    """Refuse a target that cannot be written, before any work."""
    if to.suffix.lower() not in _WRITTEN:
        raise RnnkitError(
            f"--to is {str(to)!r:.60}; expected a name that ends in {', '.join(_WRITTEN)}, or - for JSON lines."
        )
    for file in files:
        refuse_input(to, file, "Give another file with --to.")
    may_replace_file(to, wanted.overwrite)
    check_writable(to, "Give another file with --to.")


class _Named:
    """Names of inputs as a source of rows."""

    def __init__(self, name: str, role: str) -> None:
        self.name, self.header = name, [role]

    def __iter__(self) -> Iterator[WholeRow]:
        return iter(())


def _write(to: Path, names: Sequence[str], answers: Sequence[Any], role: str, wanted: Wanted) -> None:
    """A row for each answer, or for each of its parts, behind the input's name."""
    made = [
        (name, row) for name, answer in zip(names, answers, strict=True) for row in rows_of(answer, wanted.every_label)
    ]
    source: Any = _Named(to.name, role)
    is_json = to.suffix.lower() in _WRITTEN[2:]
    writer = JsonWriter(source) if is_json else DelimitedWriter(source, list(made[0][1]), to)
    rows = [(WholeRow(f"row {number}", [name]), row) for number, (name, row) in enumerate(made, 1)]
    with disk_errors(to, "Give another file with --to."):
        to.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(to, writer.head() + writer.rows(rows))
    say(f"written {to}: {len(rows):,} row{'s' * (len(rows) != 1)}")


def refuse_folders(inputs: Iterable[str]) -> None:
    """Refuse folders among files to answer.

    Raises:
        RnnkitError: One is there.
    """
    for one in inputs:
        if os.path.isdir(one):
            endings = Counter(os.path.splitext(entry)[1] for entry in sorted(os.listdir(one)) if "." in entry[1:])
            like = f"*{endings.most_common(1)[0][0]}" if endings else "*"
            raise RnnkitError(f"{one} is a folder; give its files: rnnkit predict RUN {os.path.join(one, like)}")
