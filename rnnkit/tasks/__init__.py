"""The tasks, one folder each; the folder's name is the task's key. They are found by a scan, never listed by hand."""

import importlib
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnkit.tasks._own import FOLDERS, OWN
from rnnkit.tasks._own import register_task as register_task

if TYPE_CHECKING:
    from rnnkit.tasks.base.task import Task


def names() -> list[str]:
    """The keys of all tasks, sorted: rnnkit's and the registered ones of your own.

    Raises:
        RnnkitError: For a file in RNNKIT_TASKS that cannot be loaded.

    Example:

    >>> "text_classifier" in names()
    True
    """
    OWN.load_known()
    return sorted({*FOLDERS.keys(), *OWN.classes})


def module(key: str, name: str) -> Any:
    """A module of a task's folder, for features beyond the task's class (`music_model` draws and plays tunes).

    Raises:
        RnnkitError: For an unknown key.

    Example:

    >>> module("text_classifier", "sample").__name__
    'rnnkit.tasks.text_classifier.sample'
    """
    return importlib.import_module(f"{FOLDERS.module(key).__name__}.{name}")


def get(key: str) -> "type[Task]":
    """The task class of a key, or of a file with a task of your own, which is executed once.

    Args:
        key: A key, or a file of your own that registers a task, "my_task.py" or "my_task.py:MyTask".

    Raises:
        RnnkitError: For an unknown key; the message names the nearest one. For a file that cannot be loaded.

    Example:

    >>> get("text_classifier").__name__
    'TextClassifier'
    """
    if OWN.is_file(key):
        key = OWN.key_of_file(key)
    if key in FOLDERS.keys():
        return module(key, "task").TASK
    if key not in names():
        raise FOLDERS.unknown(key, names())
    return OWN.classes[key]


def environment_for(key: str) -> str:
    """The prefix of a shell command on a Run that makes its task known; "" for rnnkit's own tasks."""
    return OWN.environment_for(key)


def load(folder: str | PathLike[str]) -> Any:
    """Load the trained task of a Run folder.

    Args:
        folder: A Run, for example `saved_models/imdb_sentiment`; Runs shipped with rnnkit are found by this name from
            any working directory.

    Raises:
        RnnkitError: When there is no such Run, or it is broken or from a newer version.
    """
    from rnnkit.run.folder import find_run

    path = find_run(folder)
    return class_of(path).load(path)


def unloaded(folder: str | PathLike[str]) -> Any:
    """The task of a Run without its network, to read data as the Run does before Keras is loaded.

    Args:
        folder: As for `load`.

    Raises:
        RnnkitError: As for `load`.
    """
    from rnnkit.run.folder import find_run
    from rnnkit.tasks.base.saving import unloaded as without_network

    path = find_run(folder)
    return without_network(class_of(path), path)


def class_of(folder: Path) -> "type[Task]":
    """The class of a Run's task.

    Args:
        folder: The Run, as `rnnkit.run.folder.find_run` gives it.

    Raises:
        RnnkitError: The Run is broken, or its task is not known here; the message says how to make it known.
    """
    from rnnkit.run.folder import read_config

    key = read_config(folder)["task"]
    if key not in names():
        raise OWN.unknown(key, folder, names())
    return get(key)
