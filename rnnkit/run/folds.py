"""The folder of a cross-validation: what its finished folds found, kept until a Run takes it over."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rnnkit.errors import RnnkitError
from rnnkit.files.disk import check_folder, disk_errors
from rnnkit.files.locks import lock
from rnnkit.files.writing import UNFINISHED
from rnnkit.run.folder import FOLDS, PLOTS, is_run, read_json, write_json

#: The picture beside the figures.
PICTURE = "folds.png"
_ADVICE = "Delete it, or start over with --overwrite (Python: overwrite=True)."


def folds_beside(to: Path) -> Path:
    """The folder of the cross-validation for a Run: on its disk, beside what a link leads to.

    Example:

    >>> folds_beside(Path("saved_models/reviews")).name
    'reviews.folds'
    """
    place = Path(os.path.realpath(to)) if to.is_symlink() else to
    return place.with_name(place.name + ".folds")


def refuse_folds(folder: Path, resume: bool, overwrite: bool) -> None:
    """Refuse to lose the folds that are there.

    Raises:
        RnnkitError: There are some, and neither `resume` nor `overwrite` is given; or the folder is of another kind.
    """
    if not os.path.lexists(folder):
        return
    if folder.is_symlink() or not folder.is_dir() or any(not _ours(path) for path in folder.iterdir()):
        raise RnnkitError(f"{folder} is no cross-validation's, and its name is needed. Move it away, or give another.")
    if (folder / FOLDS).exists() and not (resume or overwrite):
        raise RnnkitError(
            f"{folder / FOLDS} holds the folds of an earlier cross-validation; nothing was written. Go on with them by "
            "--resume, or replace them with --overwrite (Python: resume=True, overwrite=True)."
        )


def _ours(path: Path) -> bool:
    kept = path.name in (FOLDS, PICTURE) or path.name.endswith(UNFINISHED)
    return kept and path.is_file() and not path.is_symlink()


@contextmanager
def claimed_folds(folder: Path, resume: bool, overwrite: bool) -> Iterator[None]:
    """Check and lock the folder of a cross-validation, and make it.

    Raises:
        RnnkitError: As `refuse_folds`; or it cannot be written, or another process is writing it.
    """
    try:
        check_folder(folder, folder / PICTURE, "Give another folder with --to.")
    except OSError as error:
        raise RnnkitError(f"{folder} cannot be written ({error.strerror}). Give another folder with --to.") from None
    with lock(folder), disk_errors(folder, kept=folder / FOLDS):
        refuse_folds(folder, resume, overwrite)
        folder.mkdir(parents=True, exist_ok=True)
        yield


def read_folds(folder: Path) -> dict[str, Any] | None:
    """The record of finished folds in a folder, a Run's or its own; None where there is none.

    Raises:
        RnnkitError: It is broken.
    """
    path = folder / FOLDS
    if not path.is_file() or path.is_symlink():
        return None
    record = read_json(path, constant=float, advice=_ADVICE)
    results = record.get("results") if isinstance(record, dict) else None
    if not isinstance(results, list) or not all(map(_is_result, results)):
        raise RnnkitError(f"{path} holds no figures of folds. {_ADVICE}")
    return dict(record)


def _is_result(one: Any) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("figures"), dict):
        return False
    return all(type(one.get(part)) is int and one[part] > 0 for part in ("train", "test"))


def write_folds(folder: Path, record: dict[str, Any]) -> None:
    """Write the record, whole or not at all."""
    write_json(folder / FOLDS, record)


def adopt_folds(folder: Path, run: Path) -> None:
    """Move what a cross-validation found into the Run that was trained after it."""
    place = Path(os.path.realpath(run))
    if not (folder / FOLDS).is_file() or not is_run(place):
        return
    with lock(place), disk_errors(run):
        os.replace(folder / FOLDS, place / FOLDS)
        if (folder / PICTURE).is_file() and (place / PLOTS).is_dir() and not (place / PLOTS).is_symlink():
            os.replace(folder / PICTURE, place / PLOTS / PICTURE)
    try:
        folder.rmdir()
    except OSError:  # its owner has put something there
        pass
