"""The target folder of a Run: checked before any work, locked while written, named when complete."""

import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rnnkit.errors import RnnkitError
from rnnkit.files.disk import check_folder, disk_errors
from rnnkit.files.locks import lock
from rnnkit.files.writing import UNFINISHED, copy_plain, new_folder, refuse_link, replace_folder
from rnnkit.run.finished import Identity, refuse_changed, refuse_finished
from rnnkit.run.folder import (
    BEGUN,
    CHECKPOINT,
    CONFIG,
    FOLDS,
    HISTORY,
    LITE,
    METRICS,
    MICRO,
    MODEL,
    PLOTS,
    PREPROCESSING,
    SAVED_MODEL,
    SETTINGS,
    TENSORBOARD,
    is_run,
    partial,
    read_json,
    timestamp,
    write_json,
)
from rnnkit.run.pictures import is_ours

_ANOTHER = "Give another folder with --to."
#: What rnnkit writes into a Run, or into one that is not finished.
NAMES = frozenset(
    (CONFIG, METRICS, HISTORY, MODEL, PREPROCESSING, PLOTS, LITE, MICRO, SAVED_MODEL, TENSORBOARD, CHECKPOINT, SETTINGS)
    + (FOLDS,)
)
_FOLDERS = (PREPROCESSING, PLOTS, LITE, MICRO, SAVED_MODEL, TENSORBOARD)
_TEMPORARY = re.compile(rf".+\.[0-9a-f]{{16}}{re.escape(UNFINISHED)}|[a-z.]+\.(json|npz){re.escape(UNFINISHED)}")


@contextmanager
def claimed(to: Path, trains: bool = False, *, overwrite: bool, resume: bool = False) -> Iterator[Path]:
    """Check and lock a target for a Run.

    Args:
        to: The Run's folder, or a link to one, which means the Run behind it.
        trains: Whether a training is put together beside it, in `partial(to)`.
        overwrite: Whether a finished Run there may be replaced, once the new one is complete.
        resume: Whether a training for this folder is resumed, which replaces no Run unless it already began to.

    Yields:
        The folder without links.

    Raises:
        RnnkitError: It cannot be written, holds something else or a finished Run, or another process is writing it.
    """
    place = check_target(to)
    if not overwrite:
        refuse_finished(to, resume)
    with lock(place):
        check_target(place)  # it may have come to hold something else
        if not overwrite:
            refuse_finished(to, resume)
        if trains:
            check_partial(place)
        yield place


def resolved(to: Path) -> Path:
    """The folder that a target names, links followed.

    Raises:
        RnnkitError: The link leads nowhere.
    """
    if not to.is_symlink():
        return to
    place = Path(os.path.realpath(to))
    if not place.is_dir():
        raise RnnkitError(f"{to} is a link that leads to no folder; nothing was written. {_ANOTHER}")
    return place


def check_target(to: Path) -> Path:
    """Refuse a target folder that holds something other than a Run, or that cannot be written.

    Returns:
        The folder without links.

    Raises:
        RnnkitError: Before any work is done.
    """
    if to.name in ("", "..") or "\0" in str(to):
        raise RnnkitError(f"{str(to)!r} cannot be the name of a Run. Give a folder with --to.")
    try:
        place = resolved(to)
        if place.exists() and not is_run(place) and (not place.is_dir() or any(place.iterdir())):
            raise RnnkitError(f"{to} exists and is no Run; nothing was written. {_ANOTHER}")
        if os.path.ismount(place):
            raise RnnkitError(f"{to} is a disk of its own, which cannot be replaced; give a folder in it with --to.")
        check_folder(place, partial(place) / PREPROCESSING, _ANOTHER, replaced=True)
    except OSError as error:
        raise RnnkitError(f"{to} cannot be written ({error.strerror}). {_ANOTHER}") from None
    return place


def check_partial(place: Path) -> None:
    """Refuse to train where another thing has the name of the partial Run.

    Raises:
        RnnkitError: `partial(place)` is there, and is no training that broke off.
    """
    folder = partial(place)
    if os.path.lexists(folder) and (reason := _foreign(folder)):
        raise RnnkitError(
            f"{folder} is no training that broke off ({reason}), and its name is needed. Move it away, or give another "
            "folder with --to."
        )


def _foreign(folder: Path) -> str:
    """Why a folder cannot be one that `begin` made; "" where it can."""
    if folder.is_symlink() or not folder.is_dir():
        return "it is a link" if folder.is_symlink() else "it is no folder"
    for path in folder.iterdir():
        kind = os.lstat(path).st_mode
        temporary = _TEMPORARY.fullmatch(path.name) is not None
        if path.name not in NAMES and not temporary:
            return f"it holds {path.name!r:.60}"
        if not (
            stat.S_ISDIR(kind) if path.name in _FOLDERS else stat.S_ISREG(kind) or (temporary and stat.S_ISDIR(kind))
        ):
            return f"{path.name!r} in it is of another kind"
        if stat.S_ISDIR(kind) and any(os.path.islink(each) for each in path.rglob("*")):
            return f"{path.name!r} in it holds links"
    try:
        settings = read_json(folder / SETTINGS)
    except RnnkitError:
        return f"its {SETTINGS} cannot be read"
    whole = isinstance(settings, dict) and {"options", "data", "start"} <= set(settings)
    return "" if whole else f"its {SETTINGS} are not those of a training"


def begin(place: Path, settings: dict[str, Any]) -> Path:
    """A new folder in which to assemble a Run; an earlier one, seen by `check_partial`, is removed."""
    folder = partial(place)
    give_up(folder)
    with new_folder(folder) as new:
        write_json(new / SETTINGS, {**settings, BEGUN: timestamp()})
        if os.path.lexists(folder):  # or else an empty folder would be replaced
            raise RnnkitError(f"{folder} is in the way. Move it away, or give another folder with --to.")
        os.rename(new, folder)
    return folder


def give_up(folder: Path) -> None:
    """Remove a training's files, and its folder if nothing else is in it."""
    if folder.is_symlink() or not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.name in NAMES or _TEMPORARY.fullmatch(path.name):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    try:
        folder.rmdir()
    except OSError:  # its owner has put something there
        pass


def finish(new: Path, place: Path, before: Identity) -> None:
    """Give a finished Run its name; an earlier Run of that name goes only when the new one is whole.

    Args:
        new: The Run.
        place: Its name.
        before: The Run that may be replaced, by `identity_of`; None for none.

    Raises:
        RnnkitError: Meanwhile the folder came to hold something else, or another Run.
    """
    check_target(place)
    refuse_changed(place, before)
    replace_folder(new, place, NAMES, {PLOTS: is_ours})


def copy_extras(source: Path, target: Path) -> list[Path]:
    """Copy the rest of a Run: everything but the model, pictures and exports; links are left out.

    Returns:
        What was left out.
    """
    left_out: list[Path] = []
    for name in (PLOTS, LITE, MICRO, SAVED_MODEL):
        if (source / name).is_symlink():
            left_out.append(source / name)
        elif (source / name).is_dir() and not (target / name).exists():
            left_out += copy_plain(source / name, target / name)
    if (source / FOLDS).is_symlink():
        left_out.append(source / FOLDS)
    elif (source / FOLDS).is_file():
        shutil.copyfile(source / FOLDS, target / FOLDS)
    return left_out


@contextmanager
def held_folder(folder: Path, *parts: str) -> Iterator[Path]:
    """Lock a folder, a Run's or a new one, while something is added to it.

    Args:
        folder: The folder, or a link to it.
        parts: Folders in it that are written to, which must not be links.

    Yields:
        The folder without links.

    Raises:
        RnnkitError: It cannot be written, or another process is writing it.
    """
    try:
        place = resolved(folder)
        if place.exists() and not place.is_dir():
            raise RnnkitError(f"{folder} is no folder; nothing was written. {_ANOTHER}")
        check_folder(place, place / MODEL, _ANOTHER)
        for part in parts:
            refuse_link(place / part)
    except OSError as error:
        raise RnnkitError(f"{folder} cannot be written ({error.strerror}). {_ANOTHER}") from None
    with lock(place), disk_errors(folder):
        yield place
