"""Renaming and deleting Runs: only what is a Run, never what came with rnnkit, and nothing behind a link."""

import os
import shutil
import stat
from pathlib import Path

from rnnkit.errors import RnnkitError
from rnnkit.files.disk import check_folder, disk_errors
from rnnkit.files.locks import lock
from rnnkit.files.reading import inside
from rnnkit.run.folder import CONFIG, PLOTS, is_run, partial
from rnnkit.run.pictures import is_ours
from rnnkit.run.summary import is_shipped
from rnnkit.run.target import NAMES

_WAIT = "try again then"


def own_run(folder: Path, verb: str) -> Path:
    """Refuse a folder that is no Run of the user's.

    Args:
        folder: The folder.
        verb: What is to be done with it, such as "deleted".

    Returns:
        The same folder.

    Raises:
        RnnkitError: It is a link, no Run, a disk of its own, or a Run that came with rnnkit.
    """
    if not folder.name or folder.name == ".." or "\0" in str(folder):
        raise RnnkitError(f"{str(folder)!r} is not the name of a Run's folder; nothing was {verb}. Name the folder.")
    if folder.is_symlink():
        raise RnnkitError(
            f"{folder} is a link to {os.readlink(folder)}; nothing was {verb}. Name the folder itself, or remove the "
            "link yourself."
        )
    if not inside(folder, folder / CONFIG) or not is_run(folder):
        raise RnnkitError(f"{folder} is not a Run; nothing was {verb}. `rnnkit runs` lists yours.")
    if is_shipped(folder):
        raise RnnkitError(f"{folder} came with rnnkit, and is not {verb}. `rnnkit runs` lists which are yours.")
    if os.path.ismount(folder):
        raise RnnkitError(f"{folder} is a disk of its own, which is not {verb}.")
    return folder


def rename(folder: Path, new: Path) -> Path:
    """Give a Run another name, or another place on the same disk.

    Args:
        folder: The Run.
        new: A name beside it, such as `Path("better")`, or a path.

    Returns:
        The new folder.

    Raises:
        RnnkitError: The Run is not the user's, is being written, or the new name is taken or cannot be had.
    """
    own_run(folder, "renamed")
    target = folder.with_name(new.name) if new.parent == Path() and new.name else new
    if target.name in ("", "..") or "\0" in str(target):
        raise RnnkitError(f"{str(new)!r} cannot be the name of a Run. Give another name.")
    if around := next((each for each in target.absolute().parents if is_run(each)), None):
        raise RnnkitError(f"{target} lies in the Run {around}, which would take it along. Give another place.")
    if os.path.lexists(partial(target)):
        raise RnnkitError(f"{partial(target)} is a training of that name that broke off. Give another name.")
    with lock(folder, _WAIT), disk_errors(target, "Give another name."):
        if os.path.lexists(target):
            raise RnnkitError(f"{target} exists already; nothing was renamed. Give another name.")
        check_folder(target, target, "Give another name.", replaced=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        with lock(target, _WAIT):
            os.rename(folder, target)
    return target


def delete(folder: Path) -> list[Path]:
    """Delete a Run: the files and folders that rnnkit writes, and its folder where nothing else is in it. In its
    `plots`, only what rnnkit drew goes.

    Links in the Run are removed, and what they lead to stays. `config.json` goes last, so that a Run whose deletion
    was interrupted can be deleted again.

    Args:
        folder: The Run.

    Returns:
        What stays, since the user put it there.

    Raises:
        RnnkitError: The Run is not the user's, is being written, or cannot be deleted.
    """
    own_run(folder, "deleted")
    with lock(folder, _WAIT), disk_errors(folder):
        own_run(folder, "deleted")  # it may have become something else
        for name in sorted(NAMES - {CONFIG}) + [CONFIG]:
            path = folder / name
            if not os.path.lexists(path):
                continue
            if name == PLOTS and stat.S_ISDIR(os.lstat(path).st_mode):
                _delete_pictures(path)
            elif stat.S_ISDIR(os.lstat(path).st_mode):
                shutil.rmtree(path)  # which follows no link
            else:
                path.unlink()
        left = sorted(folder.iterdir())
        if not left:
            folder.rmdir()
    return [each for path in left for each in (sorted(path.iterdir()) if path == folder / PLOTS else [path])]


def _delete_pictures(plots: Path) -> None:
    """Delete what rnnkit drew, and the folder where nothing else is in it."""
    for path in plots.iterdir():
        if is_ours(path):
            path.unlink()
    if not any(plots.iterdir()):
        plots.rmdir()
