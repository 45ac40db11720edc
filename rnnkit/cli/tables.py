"""`rnnkit predict` on a file: its rows, as they came, with their answers."""

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnnkit import tasks as task_zoo
from rnnkit.cli.opened_table import STREAM, opened_table
from rnnkit.cli.overwriting import may_replace_file
from rnnkit.cli.screen import note, say
from rnnkit.cli.shared import answered_role
from rnnkit.cli.table_job import Job, Wanted
from rnnkit.data.answered_rows import answered_rows
from rnnkit.data.file_names import meant_name
from rnnkit.data.findings import counted
from rnnkit.data.remembered import checked_reading
from rnnkit.data.row_writers import DelimitedWriter, JsonWriter
from rnnkit.data.textfile import check_file
from rnnkit.data.whole_rows import LINES, TABLES, JsonStream, suffix_of
from rnnkit.errors import RnnkitError
from rnnkit.files.disk import check_writable, disk_errors, refuse_existing, refuse_input
from rnnkit.files.resumable import is_partial, resumable

_AS_TEXT = "To answer these words as a text, add --as-text."
_OTHER = "Give another file with --to."
#: How the names of files end that answers are written to.
WRITTEN = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")


def table_among(inputs: list[str], as_text: bool, kind_of: Callable[[], Any]) -> str | None:
    """The one file of rows among what the user gave to answer; "-" is standard input; None where there is none.

    Args:
        inputs: What the user gave.
        as_text: Whether names of files are answered as texts.
        kind_of: Gives the task's class; one that answers files, such as pictures, takes any number of them.

    Raises:
        RnnkitError: There is one beside other inputs, or what looks like the name of one is none.
    """
    named = [one for one in inputs if one == STREAM or suffix_of(Path(one)) in TABLES + LINES]
    if as_text or (named and len(inputs) > 1 and kind_of().inputs_are_files):
        return None
    for one in named:
        if one != STREAM and not os.path.isfile(one):
            if os.path.exists(one):
                check_file(Path(one))  # which says what it is instead
            if any(map(str.isspace, one)):
                continue
            raise RnnkitError(f"There is no file {one}.{meant_name(Path(one))} {_AS_TEXT}")
        if len(inputs) > 1:
            raise RnnkitError(f"{one} is a file of rows, and is answered alone. Give one file at a time.")
        return one
    return None


def refuse_files(inputs: Iterable[str]) -> None:
    """Refuse files and folders among texts to answer: their names would be answered as texts.

    Raises:
        RnnkitError: One is there.
    """
    for one in inputs:
        if os.path.isdir(one):
            raise RnnkitError(f"{one} is a folder; give one of its files: {', '.join(TABLES + LINES)}. {_AS_TEXT}")
        if os.path.isfile(one):
            if suffix_of(Path(one)):
                check_file(Path(one))  # which knows some kinds by name
            raise RnnkitError(f"{one} is a file of a kind that is not read: {', '.join(TABLES + LINES)}. {_AS_TEXT}")


def check_labels(kind: Any, threshold: float | None, unknown: str | None, every_label: bool) -> None:
    """Refuse flags about labels for tasks that answer with none.

    Raises:
        RnnkitError: The flag is named.
    """
    given = {"--threshold": threshold is not None, "--unknown": unknown is not None, "--all": every_label}

    def takes(one: Any, flag: str) -> bool:  # a threshold is for one label alone: sets have their own
        return bool(one.answers_labels or (flag == "--all" and one.answers_label_sets))

    for flag in (flag for flag, is_given in given.items() if is_given and not takes(kind, flag)):
        able = [key for key in task_zoo.names() if takes(task_zoo.get(key), flag)]
        raise RnnkitError(f"{flag} is not for {kind.key} but for {' and '.join(able)}; leave it out.")
    if threshold is None and unknown is not None:
        raise RnnkitError("--unknown says what to answer below a threshold; give --threshold too.")
    if threshold is not None and not 0 <= threshold <= 1:
        raise RnnkitError(f"--threshold is {threshold:g}; expected a probability, 0 to 1.")


def answer_table(name: str, kind: Any, wanted: Wanted, run_files: Iterable[Path], load: Any) -> bool:
    """Answer the rows of a file, or of standard input, and write or print them.

    Args:
        name: The file, or "-".
        kind: The task's class.
        wanted: What the user asked for.
        run_files: The files that the answers follow from.
        load: Gives what answers: the task or the runner of its bundle.

    Returns:
        Whether all rows could be answered.

    Raises:
        RnnkitError: Before the network is loaded wherever that can be known: a row or a flag that makes no sense, or a
            target that cannot be written.
    """
    job, said = opened_table(name, kind, wanted)
    to = wanted.to if wanted.to != Path(STREAM) else None
    if wanted.resume and to is None:
        raise RnnkitError("--resume goes on with a file; give --to too, or leave --resume out.")
    if to is not None:
        _check_target(to, name, wanted)
        if wanted.resume and not wanted.overwrite and os.path.isfile(to) and not is_partial(to):
            _require_complete(to, job, load)
            return True
        job.wanted = wanted = replace(wanted, overwrite=_may_replace(to, wanted))
    note(said)
    if name != STREAM:
        job.survey()
    if to is not None:
        _to_file(job, to, run_files, load)
    else:
        lines = wanted.to is not None or wanted.as_json or name == STREAM
        job.writer = JsonWriter(job.source) if lines else None
        job.task = load()
        for batch in job.batches():
            job.print_lines(batch) if lines else job.show(batch)
    say_counts(answered_role(kind), job.blank, job.unread, job.faulty)
    return not job.faulty


def say_counts(role: str, blank: int, unread: int, faulty: int) -> None:
    """Say how many rows have no answer, or one that says nothing.

    Args:
        role: What the task answers.
        blank: Rows without it.
        unread: Rows of which the model can read nothing.
        faulty: Rows that cannot be answered.
    """
    if blank:
        note(f"{counted(blank, 'row')} without {role}, and so without an answer")
    if unread:
        rows = counted(unread, "row")
        note(f"{rows} with no {role} that the model can read; what they are answered with says nothing")
    if faulty:
        note(f"{counted(faulty, 'row')} that cannot be answered")


def reading_of_run(run: Path) -> dict[str, Any]:
    """How the Run's training data were read; nothing where a bundle stands alone."""
    from rnnkit.run.folder import CONFIG, is_run, read_json

    if not is_run(run):
        return {}
    content = read_json(run / CONFIG)
    return checked_reading(content.get("reading") if isinstance(content, dict) else None, str(run / CONFIG))


def _check_target(to: Path, name: str, wanted: Wanted) -> None:
    """Refuse a target that cannot be written, whatever is there."""
    if to.suffix.lower() not in WRITTEN:
        raise RnnkitError(
            f"--to is {str(to)!r:.60}; expected a name that ends in {', '.join(WRITTEN)}, or - for JSON lines."
        )
    if name == STREAM and to.suffix.lower() not in WRITTEN[2:4]:
        raise RnnkitError("Standard input is answered as JSON lines: give --to a name that ends in .jsonl, or -.")
    if name == STREAM and wanted.resume:
        raise RnnkitError("Standard input cannot be read again, so --resume is not for it.")
    if to.suffix.lower() == ".parquet" and wanted.resume:
        raise RnnkitError("A Parquet file cannot be gone on with; write .csv or .jsonl, or leave --resume out.")
    if name != STREAM:
        refuse_input(to, Path(name), _OTHER)


def _require_complete(to: Path, job: Job, load: Any) -> None:
    """Say that a target to go on with is whole already.

    Raises:
        RnnkitError: It is a file of another content.
    """
    source, job.task = job.source, load()
    count = answered_rows(source, to, job.names())
    if count is None:
        raise RnnkitError(
            f"{to} exists already and does not hold the rows of {source.name} with such answers, so --resume cannot "
            "go on with it; nothing was written. Give another file with --to, or replace it with --overwrite."
        )
    rows = counted(count, "row")
    say(f"{to} is complete: it has the {rows} of {source.name} with answers. To answer anew: --overwrite")


def _may_replace(to: Path, wanted: Wanted) -> bool:
    """Whether a file of the target's name may be replaced; where it may not, refuse it."""
    exists = os.path.lexists(to)
    may_replace_file(to, wanted.overwrite)
    check_writable(to, _OTHER)
    return wanted.overwrite or exists


def _to_file(job: Job, to: Path, run_files: Iterable[Path], load: Any) -> None:
    """Answer into a file, which takes its name once it is whole."""
    wanted, source = job.wanted, job.source
    kept = None if isinstance(source, JsonStream) else Path(f"{to}.partial.json")
    with disk_errors(to, _OTHER, kept, "the rows answered so far are kept"):
        to.parent.mkdir(parents=True, exist_ok=True)
        if to.suffix.lower() == ".parquet":
            _to_parquet(job, to, load)
            return
        identity = {} if isinstance(source, JsonStream) else job.identity(run_files)
        if is_partial(to) and not (wanted.resume or wanted.overwrite):
            raise RnnkitError(
                f"{to}.partial holds answers that broke off; nothing was written. Go on with --resume, or start over "
                "with --overwrite."
            )
        job.task = load()
        is_json = to.suffix.lower() in (".jsonl", ".ndjson")
        job.writer = JsonWriter(source) if is_json else DelimitedWriter(source, job.names(), to)
        with resumable(to, identity, wanted.resume, wanted.overwrite) as parts:
            if parts.done:
                note(f"going on after {counted(parts.done, 'row')}")
                job.blank, job.faulty, job.unread = (
                    parts.counts.get(name, 0) for name in ("blank", "faulty", "unread")
                )
            else:
                parts.add(job.writer.head(), 0)
            for batch in job.batches(parts.done):
                rows = job.writer.rows(job.with_columns(batch))
                parts.add(rows, len(batch), blank=job.blank, faulty=job.faulty, unread=job.unread)
            done = parts.done
    say(f"written {to}: {counted(done, 'row')}")


def _to_parquet(job: Job, to: Path, load: Any) -> None:
    from rnnkit.data.parquet import ParquetWriter
    from rnnkit.files.locks import lock
    from rnnkit.files.writing import whole

    job.task = load()
    with lock(to, "give another file with --to"), whole(to) as file:
        writer = ParquetWriter(file, job.source, job.example())
        for batch in job.batches():
            writer.write(job.with_columns(batch))
        writer.close()
        refuse_existing(to, job.wanted.overwrite)
    say(f"written {to}: {counted(job.rows, 'row')}")
