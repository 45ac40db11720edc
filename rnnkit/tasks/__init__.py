"""The tasks. A folder a task; the folder's name is the task's key; they are found by a scan, never listed by hand."""

import importlib
from os import PathLike
from typing import TYPE_CHECKING, Any

from rnnkit.registry import Registry

if TYPE_CHECKING:
    from rnnkit.tasks.base.task import Task

_TASKS = Registry(__name__, "task", without=("base", "shared"))


def names() -> list[str]:
    """The keys of all tasks, sorted.

    Example:

    >>> "text_classifier" in names()
    True
    """
    return _TASKS.keys()


def module(key: str, name: str) -> Any:
    """A module of a task's folder, for what a task offers beside its class (`music_model` draws and plays tunes).

    Raises:
        RnnkitError: For an unknown key.

    Example:

    >>> module("text_classifier", "sample").__name__
    'rnnkit.tasks.text_classifier.sample'
    """
    return importlib.import_module(f"{_TASKS.module(key).__name__}.{name}")


def get(key: str) -> "type[Task]":
    """The task class of a key.

    Raises:
        RnnkitError: For an unknown key; the message names the nearest one.

    Example:

    >>> get("text_classifier").__name__
    'TextClassifier'
    """
    return module(key, "task").TASK


def load(folder: str | PathLike[str]) -> Any:
    """Gives back the trained task of a Run folder.

    Args:
        folder: A Run, for example `saved_models/imdb_sentiment`; the Runs shipped with rnnkit are found by this name
            from any folder.

    Raises:
        RnnkitError: When there is no such Run, or it is broken or of a newer version.
    """
    from rnnkit.run.folder import find_run, read_config

    path = find_run(folder)
    config = read_config(path)
    return get(config["task"]).load(path)
