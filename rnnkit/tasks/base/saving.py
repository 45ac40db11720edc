"""Saving a trained task as another Run, with its pictures and exports."""

import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from rnnkit.errors import RnnkitError
from rnnkit.files.disk import disk_errors
from rnnkit.files.locks import lock
from rnnkit.files.writing import new_folder
from rnnkit.run import folder as runs
from rnnkit.run import target as targets

if TYPE_CHECKING:
    from rnnkit.tasks.base.task import Task


def save(task: "Task", to: Path, half: bool = False) -> Path:
    """See `Task.save`."""
    if task.network is None:
        raise RnnkitError("This task is not trained; call fit() or rnnkit.load() before save().")
    with targets.claimed(to) as place, disk_errors(to), new_folder(place) as new:
        task._write(new)
        if half:
            from rnnkit.run.half import halve

            halve(new / runs.MODEL)
        if task.folder is not None:
            _copy_extras(task.folder, new)
        targets.finish(new, place)
    task.folder = to
    return to


def _copy_extras(source: Path, new: Path) -> None:
    """Copy the Run's pictures and exports, while nobody writes to them."""
    from rnnkit.training.progress import console

    place = Path(os.path.realpath(source))
    changes = place.is_dir() and os.access(place, os.W_OK)
    with lock(place) if changes else nullcontext():
        for path in targets.copy_extras(source, new):
            console.print(f"{path} is a link or the like, and was not copied.", soft_wrap=True)
