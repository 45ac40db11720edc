"""What a preprocessing has learnt: as attributes of its task, and as JSON in a Run."""

import json
from pathlib import Path
from typing import Any

from rnnkit.errors import RnnkitError
from rnnkit.run import folder as runs

#: The file of what was learnt, where a preprocessing keeps it as JSON.
LEARNT = "learnt.json"


def learnt(name: str) -> Any:
    """A task's attribute delegated to its preprocessing: `labels = learnt("labels")`."""

    def read(task: Any) -> Any:
        return getattr(task.preprocessing, name)

    def write(task: Any, value: Any) -> None:
        setattr(task.preprocessing, name, value)

    return property(read, write, doc=f"`{name}` of the task's preprocessing.")


def save_learnt(preprocessing: Any, folder: Path) -> None:
    """Write the attributes that a preprocessing names as learnt."""
    runs.write_json(folder / LEARNT, {name: getattr(preprocessing, name) for name in preprocessing.learnt_names})


def load_learnt(preprocessing: Any, folder: Path) -> None:
    """Read what `save_learnt` wrote.

    Raises:
        RnnkitError: The file is missing, damaged or altered, or a value is of another type than the one it replaces.
    """
    content = runs.read_json(folder / LEARNT)
    if not isinstance(content, dict):
        raise RnnkitError(
            f"{folder / LEARNT} is {content!r:.80}; expected an object. The Run is broken; copy it again."
        )
    for name in preprocessing.learnt_names:
        kind = type(getattr(preprocessing, name))
        value = content.get(name)
        value = float(value) if kind is float and type(value) is int else value
        if type(value) is not kind:
            raise RnnkitError(
                f"{folder / LEARNT} has {value!r:.80} as {name}; expected a {kind.__name__}. The Run is broken; "
                "train or copy it again."
            )
        setattr(preprocessing, name, value)


def require_savable(preprocessing: Any) -> None:
    """Refuse, before the training, learnt attributes that would not come back from JSON as they are.

    Raises:
        RnnkitError: One is no attribute, or not of JSON's kinds.
    """
    for name in preprocessing.learnt_names:
        value = getattr(preprocessing, name, None)
        if type(value) not in (bool, int, float, str, list, dict) or not _survives(value):
            raise RnnkitError(
                f"{type(preprocessing).__name__}.{name} is {value!r:.60}; what is learnt is kept as JSON: numbers, "
                "texts, lists and dictionaries by text."
            )


def _survives(value: Any) -> bool:
    """Whether a value comes back from JSON as it was."""
    try:
        return bool(json.loads(json.dumps(value, allow_nan=False)) == value)
    except (TypeError, ValueError):
        return False
