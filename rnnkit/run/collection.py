"""A folder of Runs that were trained to be compared: the record of what is finished, its table, its pictures."""

import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnkit.errors import RnnkitError
from rnnkit.files.disk import check_folder, disk_errors
from rnnkit.files.locks import lock
from rnnkit.files.writing import write_text
from rnnkit.run.folder import is_run, partial, read_json, write_json
from rnnkit.run.manage import delete
from rnnkit.run.target import check_partial, give_up

_ADVICE = "Delete that folder, or give another with --to."
_ANOTHER = "Give another folder with --to."


@dataclass(frozen=True)
class Collection:
    """A kind of such folders.

    Args:
        noun: What one is, with its article.
        of: What it has finished, as a plural.
        record: The file of what is finished, JSON.
        table: The same as CSV.
        others: Further files: pictures, and what a search keeps.
        fits: Whether a result of the record, which names its Run, has what belongs to it.
    """

    noun: str
    of: str
    record: str
    table: str
    others: tuple[str, ...]
    fits: Callable[[dict[str, Any]], bool]

    def refuse(self, folder: Path, resume: bool, overwrite: bool) -> None:
        """Refuse to lose what is there.

        Raises:
            RnnkitError: There is one, and neither `resume` nor `overwrite` is given; or the folder holds something
                else.
        """
        if not os.path.lexists(folder):
            return
        if folder.is_symlink() or not folder.is_dir():
            raise RnnkitError(f"{folder} is {'a link' if folder.is_symlink() else 'no folder'}. {_ANOTHER}")
        if not (folder / self.record).exists():
            if any(folder.iterdir()):
                raise RnnkitError(f"{folder} holds other things than {self.noun}; nothing was written. {_ANOTHER}")
        elif not (resume or overwrite):
            raise RnnkitError(
                f"{folder / self.record} holds an earlier {self.noun.split(' ', 1)[1]}; nothing was written. Go on "
                "with it by --resume, or replace it with --overwrite (Python: resume=True, overwrite=True)."
            )

    @contextmanager
    def claimed(self, folder: Path, resume: bool, overwrite: bool) -> Iterator[None]:
        """Check and lock a folder, which need not exist.

        Raises:
            RnnkitError: As `refuse`; or it cannot be written, or another process is writing it.
        """
        try:
            check_folder(folder, folder / self.others[0], _ANOTHER)
        except OSError as error:
            raise RnnkitError(f"{folder} cannot be written ({error.strerror}). {_ANOTHER}") from None
        with lock(folder), disk_errors(folder, kept=folder / self.record, what=f"the finished {self.of} are kept"):
            self.refuse(folder, resume, overwrite)
            yield

    def clear(self, folder: Path) -> None:
        """Remove it, with its Runs."""
        if (folder / self.record).is_file():
            remove_runs(folder, [str(one["run"]) for one in self.read(folder)["results"]])
        for name in (self.table, *self.others, self.record):
            (folder / name).unlink(missing_ok=True)

    def read(self, folder: Path) -> dict[str, Any]:
        """Its record.

        Raises:
            RnnkitError: It is broken.
        """
        path = folder / self.record
        record = read_json(path, constant=float, advice=_ADVICE)
        results = record.get("results") if isinstance(record, dict) else None
        if not isinstance(results, list) or not all(map(self._is_result, results)):
            raise RnnkitError(f"{path} holds no figures of {self.of}. {_ADVICE}")
        return dict(record)

    def _is_result(self, one: Any) -> bool:
        run = one.get("run") if isinstance(one, dict) else None
        named = isinstance(run, str) and run not in ("", ".", "..") and not set("/\\:\0") & set(run)
        return named and self.fits(one)

    def write(self, folder: Path, record: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the record and its table, each whole or not at all.

        Args:
            folder: Where.
            record: The content of the record.
            rows: A line of the table each.
        """
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / self.record, dict(record))
        table = io.StringIO()
        names = dict.fromkeys(name for row in rows for name in row)
        writer = csv.DictWriter(table, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_text(folder / self.table, table.getvalue())


def remove_runs(folder: Path, names: Iterable[str]) -> None:
    """Remove these Runs and what is left of their trainings; what their owner put there stays."""
    for name in names:
        if not (folder / name).is_symlink() and is_run(folder / name):
            delete(folder / name)
        if os.path.lexists(partial(folder / name)):
            check_partial(folder / name)
            give_up(partial(folder / name))
