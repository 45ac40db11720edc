"""The tasks. One file a task; the file's name is the task's key; the folder is scanned, never listed by hand."""

from os import PathLike
from typing import TYPE_CHECKING, Any

from rnnkit.registry import Registry

if TYPE_CHECKING:
    from rnnkit.tasks.base import Task

_TASKS = Registry(__name__, "task", without=("base", "contract", "options", "parts", "run"))


def names() -> list[str]:
    """The keys of all tasks, sorted.

    Example:

    >>> "text_classifier" in names()
    True
    """
    return _TASKS.keys()


def get(key: str) -> "type[Task]":
    """The task class of a key.

    Raises:
        RnnkitError: For an unknown key; the message names the nearest one.

    Example:

    >>> get("text_classifier").__name__
    'TextClassifier'
    """
    return _TASKS.module(key).TASK


def load(folder: str | PathLike[str]) -> Any:
    """Gives back the trained task of a Run folder.

    Args:
        folder: A Run, for example `saved_models/imdb_sentiment`; the Runs shipped with rnnkit are found by this name
            from any folder.

    Raises:
        RnnkitError: When there is no such Run, or it is broken or of a newer version.
    """
    from rnnkit.tasks.run import find_run, read_config

    path = find_run(folder)
    config = read_config(path)
    return get(config["task"]).load(path)
