"""Writing a trained task as a Run, and loading it again."""

import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from rnnkit.data.remembered import checked_reading
from rnnkit.errors import RnnkitError
from rnnkit.files.disk import disk_errors
from rnnkit.files.locks import lock
from rnnkit.files.writing import new_folder
from rnnkit.quiet import load_keras
from rnnkit.run import folder as runs
from rnnkit.run import target as targets
from rnnkit.run.finished import identity_of
from rnnkit.run.summary import history_of

if TYPE_CHECKING:
    from rnnkit.tasks.base.task import Task


def save(task: "Task", to: Path, half: bool = False, overwrite: bool = False) -> Path:
    """See `Task.save`."""
    if task.network is None:
        raise RnnkitError("This task is not trained; call fit() or rnnkit.load() before save().")
    own = task.folder is not None and os.path.realpath(task.folder) == os.path.realpath(to)
    with targets.claimed(to, overwrite=overwrite or own) as place, disk_errors(to), new_folder(place) as new:
        before = identity_of(place)
        write(task, new)
        if half:
            from rnnkit.run.half import halve

            halve(new / runs.MODEL)
        if task.folder is not None:
            _copy_extras(task.folder, new)
        targets.finish(new, place, before)
    task.folder = to
    return to


def write(task: "Task", folder: Path) -> None:
    """Write all of a Run except plots and exports into a new folder."""
    from rnnkit.layers.weights import copy_lasting_weights
    from rnnkit.training.trainer import write_history

    (folder / runs.PREPROCESSING).mkdir()
    task.preprocessing.save(folder / runs.PREPROCESSING)
    bare = task.build()  # without the optimizer, whose state is twice the weights
    copy_lasting_weights(task.network, bare)
    bare.save(folder / runs.MODEL)
    if task.history:
        write_history(folder / runs.HISTORY, task.history)
    runs.write_json(folder / runs.METRICS, task.results)
    runs.write_json(folder / runs.CONFIG, task.config())


def unloaded(task_class: "type[Task]", folder: Path) -> "Task":
    """The task of a Run without its network, vocabulary and figures: enough to read data as the Run does.

    Keras is not loaded, so a file that cannot be used is refused at once.

    Args:
        task_class: The class of the Run's task.
        folder: The Run.

    Raises:
        RnnkitError: The Run's `config.json` is broken or from a newer version.
    """
    config = runs.read_config(folder)
    task = task_class(**task_class.options_class.of_run(config["options"], folder).to_dict())
    task.reading = checked_reading(config.get("reading"), str(folder / runs.CONFIG))
    return task


def load(task_class: "type[Task]", folder: Path) -> "Task":
    """See `Task.load`."""
    task = unloaded(task_class, folder)
    load_keras()
    from rnnkit.run.weights_file import network_of

    task.preprocessing.load(folder / runs.PREPROCESSING)
    task.results = runs.read_json(folder / runs.METRICS, constant=float)
    if not isinstance(task.results, dict):
        raise RnnkitError(f"{folder / runs.METRICS} holds no figures. The Run is broken; train or copy it again.")
    task.network = network_of(task, folder)
    task.history = history_of(folder)
    task.folder = folder
    return task


def _copy_extras(source: Path, new: Path) -> None:
    """Copy the Run's pictures and exports, while nobody writes to them."""
    from rnnkit.training.progress import console

    place = Path(os.path.realpath(source))
    changes = place.is_dir() and os.access(place, os.W_OK)
    with lock(place) if changes else nullcontext():
        for path in targets.copy_extras(source, new):
            console.print(f"{path} is a link or the like, and was not copied.", soft_wrap=True)
