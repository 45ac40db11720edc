"""`rnnkit predict --ray`: a table, or many files of one, answered by the workers of a Ray cluster into a folder."""

import logging
import os
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnnkit.cli.answer_parts import RECORD, AnswerParts, content_of, is_answers, part_suffix, refuse_occupied
from rnnkit.cli.opened_table import STREAM, opened_table
from rnnkit.cli.overwriting import confirmed
from rnnkit.cli.ray_workers import Answerer, Asked, Desk, Surveyed, example, packets, survey
from rnnkit.cli.screen import complain, note, say
from rnnkit.cli.shared import answered_role
from rnnkit.cli.table_job import Wanted, row_progress
from rnnkit.cli.tables import WRITTEN, say_counts
from rnnkit.data.file_names import require_some
from rnnkit.data.findings import counted
from rnnkit.data.shards import shard_files
from rnnkit.data.whole_rows import LINES, TABLES, suffix_of
from rnnkit.errors import RnnkitError
from rnnkit.files.disk import check_folder, disk_errors
from rnnkit.files.locks import lock
from rnnkit.files.writing import new_folder, replace_folder
from rnnkit.tasks.base.on_ray import LOSSES, connected, require_ray, room_for, said_by

_OTHER = "Give another folder with --to."
_READS, _ANSWERS = 0.1, 0.9  # of a CPU: where all answer, one can be read with as well


def answer_on_ray(
    inputs: Sequence[str], kind: Any, wanted: Wanted, model: Path, tflite: bool, address: str, workers: int | None
) -> bool:
    """Answer the rows of a file, or of all files that a pattern or a folder names, and write a folder of parts.

    Args:
        inputs: What the user gave: one name.
        kind: The task's class.
        wanted: What the user asked for.
        model: The Run, or its bundle.
        tflite: Whether it is a bundle.
        address: As for `rnnkit.tasks.base.on_ray.connected`.
        workers: How many answer at once; None for as many as the cluster has GPUs, or else CPUs.

    Returns:
        Whether all rows could be answered.

    Raises:
        RnnkitError: As `rnnkit.cli.tables.answer_table`; or there is no cluster, or it lost too many workers.
    """
    files = _files(inputs)
    to = _target(wanted, files)
    asked = Asked(model.absolute(), tflite, replace(wanted, to=None), part_suffix(files[0]))
    require_ray("data")
    note(opened_table(str(files[0]), kind, wanted)[1])  # what is wrong with the first file is said at once
    ray = connected(address, "data")
    workers, gpu = room_for(ray, workers, "--workers", "a worker")
    with lock(to, "give another folder with --to"), disk_errors(to, _OTHER), new_folder(to) as folder:
        try:
            tables = _surveyed(ray, asked, files, gpu)
            note(f"answering {counted(sum(one.rows for one in tables), 'row')} on Ray, {counted(workers, 'worker')}")
            parts, counts = _written(_answers(ray, asked, tables, workers, gpu), asked, tables, folder)
        except Exception as error:
            if isinstance(error, RnnkitError | OSError) and not isinstance(error, ray.exceptions.RayError):
                raise
            raise said_by(error, "The answers on Ray failed") from None  # of Ray, around what a worker said
        parts.record(**counts, of=[path.name for path in files])
        refuse_occupied(to, wanted.overwrite)
        known = [path.name for path in to.iterdir()] if to.is_dir() else []
        replace_folder(folder, to, known)
    say(f"written {to}: {counted(sum(parts.parts.values()), 'row')} in {counted(len(parts.parts), 'file')}")
    say_counts(answered_role(kind), counts["blank"], counts["unread"], counts["faulty"])
    return not counts["faulty"]


def _files(inputs: Sequence[str]) -> list[Path]:
    """The files to answer, in the order of their rows.

    Raises:
        RnnkitError: There are none, or of several kinds, or it is standard input.
    """
    kinds = ", ".join(TABLES + LINES)
    if list(inputs) == [STREAM] or len(inputs) != 1:
        raise RnnkitError(
            "--ray answers one table: give a file, a pattern in quotes such as 'part-*.csv', or a folder of tables; "
            f"{kinds}."
        )
    files = shard_files(inputs[0])
    if not files:
        if os.path.isdir(inputs[0]):
            raise RnnkitError(f"{inputs[0]} is no folder of tables alone. Give a pattern in quotes, or files: {kinds}.")
        require_some(Path(inputs[0]))
        files = [Path(inputs[0])]
    for path in files:
        if suffix_of(path) not in TABLES + LINES:
            raise RnnkitError(f"{path} is no table that --ray answers: {kinds}.")
    if len(ends := dict.fromkeys(map(part_suffix, files))) > 1:
        raise RnnkitError(
            f"{inputs[0]} names files of several kinds, {' and '.join(ends)}, whose answers would be, too. Give those "
            "of one kind at a time."
        )
    return [path.absolute() for path in files]


def _target(wanted: Wanted, files: Sequence[Path]) -> Path:
    """The folder to write.

    Raises:
        RnnkitError: None is given, or it cannot be written, or something is there.
    """
    to = wanted.to
    if wanted.resume:
        raise RnnkitError("--resume goes on with a file that one machine writes; leave it out with --ray.")
    if to is None or to == Path(STREAM) or wanted.as_json:
        raise RnnkitError("--ray writes a folder of files: give its name with --to, and leave --json out.")
    if to.suffix.lower() in WRITTEN:
        raise RnnkitError(
            f"--to is {str(to)!r:.60}, the name of a file; --ray writes a folder of files, of the kind of the table. "
            f"Give the name of a folder, such as {str(to.with_suffix(''))!r:.60}."
        )
    if any(path.parent == to.absolute() for path in files):
        raise RnnkitError(f"{to} is the folder that is read. {_OTHER}")
    if to.name in ("", ".."):
        raise RnnkitError(f"{str(to)!r} is no name for a new folder. {_OTHER}")
    try:
        check_folder(to, to / RECORD, _OTHER, replaced=True)
    except OSError as error:
        raise RnnkitError(f"{str(to)!r} cannot be written ({error.strerror}). {_OTHER}") from None
    if not wanted.overwrite and is_answers(to) and confirmed(f"{to} holds answers already. Replace them?"):
        wanted.overwrite = True
    refuse_occupied(to, wanted.overwrite)
    return to


def _surveyed(ray: Any, asked: Asked, files: Sequence[Path], gpu: bool) -> list[Surveyed]:
    """The tables, each read once, with the new columns where the parts need to know them beforehand.

    Raises:
        RnnkitError: One cannot be answered, or has other columns than the first.
    """
    task = ray.remote(num_cpus=1, max_retries=LOSSES)(survey)
    tables: list[Surveyed] = ray.get([task.remote(asked, str(path)) for path in files])
    first = tables[0]
    for table in tables:
        if table.error:
            raise RnnkitError(table.error)
        if asked.suffix != ".jsonl" and table.source.header != first.source.header:
            raise RnnkitError(
                f"{table.source.name} has other columns than {first.source.name}, so that their answers are no one "
                "table. Answer them one at a time."
            )
        for line in table.notes if table is not first else ():
            note(line)
    if asked.suffix == ".jsonl":  # so that a new column has one name in all parts
        every = list(dict.fromkeys(name for table in tables for name in table.source.header))
        for table in tables:
            table.source.header = every
        return tables
    alone = ray.remote(num_cpus=1, num_gpus=int(gpu), max_retries=LOSSES, max_calls=1)(example)
    for table in tables:  # in most cases the first has one
        found: Surveyed = ray.get(alone.remote(asked, table))
        if not found.error:
            break
    if found.error:
        raise RnnkitError(ray.get(alone.remote(asked, first)).error)
    return [replace(table, example=found.example) for table in tables]


def _answers(ray: Any, asked: Asked, tables: Sequence[Surveyed], workers: int, gpu: bool) -> Iterator[Any]:
    """The packets of answered rows, in the order of the rows."""
    data = ray.data
    context = data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    context.target_max_block_size = 1  # every packet travels alone, and is answered as soon as it is read
    for name in ("ray.data", "ray"):
        logging.getLogger(name).setLevel(logging.ERROR)
    named = [{"number": number, "path": table.path} for number, table in enumerate(tables)]
    desk = ray.remote(num_cpus=0)(Desk).remote([replace(table, path="") for table in tables], workers + LOSSES)
    rows = data.from_items(named, override_num_blocks=len(named)).map_batches(
        packets, fn_kwargs={"asked": asked}, batch_size=1, batch_format="pyarrow", num_cpus=_READS
    )
    answered = rows.map_batches(
        Answerer,
        fn_constructor_args=(asked, desk),
        batch_size=1,
        batch_format="pyarrow",
        compute=data.ActorPoolStrategy(size=workers),
        num_cpus=_ANSWERS,
        num_gpus=int(gpu),
    )
    for block in answered.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=1):
        for packet in block["packet"].to_pylist():
            yield pickle.loads(packet)


def _written(
    answers: Iterator[Any], asked: Asked, tables: Sequence[Surveyed], folder: Path
) -> tuple[AnswerParts, dict[str, int]]:
    """Write the parts. Return them, and how many rows have no answer or one that says nothing.

    Raises:
        RnnkitError: What a worker said; or a table has changed since it was surveyed.
    """
    parts, heads = AnswerParts(folder, asked.suffix), dict[int, bytes]()
    counts, done, said = {"blank": 0, "unread": 0, "faulty": 0}, [0] * len(tables), set[str]()
    with row_progress(sum(one.rows for one in tables)) as advance:
        for packet in answers:
            if packet.error:
                raise RnnkitError(packet.error)
            for line in (line for line in packet.notes if line not in said):
                said.add(line)
                note(line)
            for line in packet.faults:
                complain(line)
            table = tables[packet.table]
            if packet.table not in heads:
                heads = {packet.table: content_of(asked.suffix, table.source, table.example or {}).head()}
            parts.add(packet, heads[packet.table])
            for name, count in (("blank", packet.blank), ("unread", packet.unread), ("faulty", len(packet.faults))):
                counts[name] += count
            done[packet.table] += packet.rows
            advance(packet.rows)
    parts.close()
    for table, rows in zip(tables, done, strict=True):
        if rows != table.rows:
            raise RnnkitError(f"{table.source.name} changed while it was answered; nothing was written. Try again.")
    return parts, counts
