"""What an answer rests on, drawn or printed."""

import os
from pathlib import Path
from typing import Any

from rnnkit import tasks as task_zoo
from rnnkit.cli.screen import say, screen
from rnnkit.errors import RnnkitError


def draw(task: Any, text: Any, options: dict[str, Any], path: Path) -> None:
    """Draw what an answer rests on: attention, words or a tree.

    Args:
        task: The task.
        text: The input.
        options: Options of the task's `predict`.
        path: The PNG file.

    Raises:
        RnnkitError: The task draws nothing, or the file cannot be written.
    """
    from rnnkit.files.disk import disk_errors
    from rnnkit.plots.naming import pictures_of_the_user

    _require(task, "draw_explanation", "--plot")
    if not path.name or os.path.isdir(path):
        raise RnnkitError(f"--plot is {str(path)!r}, a folder; name a file, such as answer.png.")
    with disk_errors(path, "Give --plot another file."), pictures_of_the_user():
        task.draw_explanation(text, path, **options)


def _require(task: Any, method: str, flag: str) -> None:
    """Refuse a flag that needs a method the task lacks."""
    if not hasattr(task, method):
        able = [key for key in task_zoo.names() if hasattr(task_zoo.get(key), method)]
        raise RnnkitError(f"{flag} is not for {task.key} but for {_listed(able)}; leave it out.")


def _listed(names: list[str]) -> str:
    """ "a, b and c"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def explain_texts(task: Any, inputs: list[str]) -> None:
    """Print the words of texts, coloured by what they weigh in their answers."""
    from rnnkit.tasks.shared.occlusion import highlight

    _require(task, "explain", "--explain")
    for text in inputs:
        words, scores, answer = task.explain(text)
        say(f"{answer.label} {answer.probability:.1%}", "bold")
        screen().print(highlight(words, scores))
