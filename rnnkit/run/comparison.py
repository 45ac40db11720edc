"""The folder of a comparison of cells: the record of what is finished, its table, and the Runs that are kept."""

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rnnkit.errors import RnnkitError
from rnnkit.files.disk import check_folder, disk_errors
from rnnkit.files.locks import lock
from rnnkit.files.writing import write_text
from rnnkit.run.folder import is_run, partial, read_json, write_json
from rnnkit.run.manage import delete
from rnnkit.run.target import check_partial, give_up

#: What is finished, as JSON; the same as a table; and its picture.
RECORD, TABLE, PICTURE = "comparison.json", "comparison.csv", "comparison.png"
_ADVICE = "Delete that folder, or give another with --to."
_ANOTHER = "Give another folder with --to."


def refuse_comparison(folder: Path, resume: bool, overwrite: bool) -> None:
    """Refuse to lose the comparison that is there.

    Raises:
        RnnkitError: There is one, and neither `resume` nor `overwrite` is given; or the folder holds something else.
    """
    if not os.path.lexists(folder):
        return
    if folder.is_symlink() or not folder.is_dir():
        raise RnnkitError(f"{folder} is {'a link' if folder.is_symlink() else 'no folder'}. {_ANOTHER}")
    if not (folder / RECORD).exists():
        if any(folder.iterdir()):
            raise RnnkitError(f"{folder} holds other things than a comparison; nothing was written. {_ANOTHER}")
    elif not (resume or overwrite):
        raise RnnkitError(
            f"{folder / RECORD} holds an earlier comparison; nothing was written. Go on with it by --resume, or "
            "replace it with --overwrite (Python: resume=True, overwrite=True)."
        )


@contextmanager
def claimed_comparison(folder: Path, resume: bool, overwrite: bool) -> Iterator[None]:
    """Check and lock the folder of a comparison, which need not exist.

    Raises:
        RnnkitError: As `refuse_comparison`; or it cannot be written, or another process is writing it.
    """
    try:
        check_folder(folder, folder / PICTURE, _ANOTHER)
    except OSError as error:
        raise RnnkitError(f"{folder} cannot be written ({error.strerror}). {_ANOTHER}") from None
    with lock(folder), disk_errors(folder, kept=folder / RECORD, what="the finished cells are kept"):
        refuse_comparison(folder, resume, overwrite)
        yield


def clear_comparison(folder: Path) -> None:
    """Remove a comparison, with its Runs."""
    if (folder / RECORD).is_file():
        remove_runs(folder, [str(one["run"]) for one in read_comparison(folder)["results"]])
    for name in (TABLE, PICTURE, RECORD):
        (folder / name).unlink(missing_ok=True)


def remove_runs(folder: Path, names: Iterable[str]) -> None:
    """Remove these Runs and what is left of their trainings; what their owner put there stays."""
    for name in names:
        if not (folder / name).is_symlink() and is_run(folder / name):
            delete(folder / name)
        if os.path.lexists(partial(folder / name)):
            check_partial(folder / name)
            give_up(partial(folder / name))


def read_comparison(folder: Path) -> dict[str, Any]:
    """The record of a comparison.

    Raises:
        RnnkitError: It is broken.
    """
    path = folder / RECORD
    record = read_json(path, constant=float, advice=_ADVICE)
    results = record.get("results") if isinstance(record, dict) else None
    if not isinstance(results, list) or not all(map(_is_result, results)):
        raise RnnkitError(f"{path} holds no figures of cells. {_ADVICE}")
    return dict(record)


def _is_result(one: Any) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("cell"), str):
        return False
    numbers = type(one.get("layers")) is int and type(one.get("seed")) is int
    run = one.get("run")
    named = isinstance(run, str) and run not in ("", ".", "..") and not {"/", "\\", "\0"} & set(run)
    return numbers and named and (isinstance(one.get("error"), str) or isinstance(one.get("validation"), dict))


def write_comparison(folder: Path, record: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the record and its table, each whole or not at all.

    Args:
        folder: The comparison's.
        record: The content of `comparison.json`.
        rows: A line of `comparison.csv` each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / RECORD, dict(record))
    table = io.StringIO()
    names = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(table, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(folder / TABLE, table.getvalue())
