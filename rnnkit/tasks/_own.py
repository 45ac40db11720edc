"""`register_task`: tasks of the user's own, known by their keys like rnnkit's tasks."""

from typing import Any

from rnnkit.errors import RnnkitError
from rnnkit.own_files import OwnFiles
from rnnkit.registry import Registry

#: rnnkit's own tasks, one folder each.
FOLDERS = Registry("rnnkit.tasks", "task", without=("base", "shared"))
OWN = OwnFiles("task")


def register_task(task_class: Any) -> Any:
    """Register a task of your own under its `key`, alongside rnnkit's tasks.

    Why: `rnnkit check`, `train`, `finetune`, `evaluate`, `predict` and `export`, and `rnnkit.load`, then accept it.

    Args:
        task_class: A subclass of `rnnkit.Task` with a `key`.

    Returns:
        The class itself.

    Raises:
        RnnkitError: For anything but such a class, a class that lacks a part of the contract, a key with characters
            other than a-z, 0-9 and _, one of rnnkit's own keys, or the key of another class of yours.
    """
    from rnnkit.tasks.base.task import Task

    name = getattr(task_class, "__name__", repr(task_class))
    if not isinstance(task_class, type) or not issubclass(task_class, Task):
        raise RnnkitError(f"register_task was given {name}; expected a subclass of rnnkit.Task.")
    if lacking := sorted(getattr(task_class, "__abstractmethods__", ())):
        raise RnnkitError(f"{name} lacks {', '.join(lacking)}, which every task implements (docs/own_task.md).")
    for attribute in ("key", "roles", "preprocessing_class"):
        if not hasattr(task_class, attribute):
            raise RnnkitError(f"{name} has no {attribute}, which every task defines (docs/own_task.md).")
    if lacking := sorted(getattr(task_class.preprocessing_class, "__abstractmethods__", ())):
        raise RnnkitError(
            f"{task_class.preprocessing_class.__name__}, the preprocessing_class of {name}, lacks {', '.join(lacking)} "
            "(docs/own_task.md)."
        )
    key = task_class.key
    OWN.require_free(key, task_class, FOLDERS.keys(), ".")
    OWN.classes[key] = task_class
    return task_class
