"""Attributes of a task that its preprocessing has."""

from typing import Any


def learnt(name: str) -> Any:
    """A task's attribute delegated to its preprocessing: `labels = learnt("labels")`."""

    def read(task: Any) -> Any:
        return getattr(task.preprocessing, name)

    def write(task: Any, value: Any) -> None:
        setattr(task.preprocessing, name, value)

    return property(read, write, doc=f"`{name}` of the task's preprocessing.")
