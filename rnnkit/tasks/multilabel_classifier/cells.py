"""Lists of labels in one cell: as JSON text, and as Python prints them."""

import ast
import json
from typing import Any

from rnnkit.data.survey import is_missing
from rnnkit.data.tables import brief, cell
from rnnkit.errors import RnnkitError


def is_list(text: str) -> bool:
    """Whether a cell that is not blank looks like a list.

    Example:

    >>> is_list('["toxic"]'), is_list("toxic")
    (True, False)
    """
    return text.startswith("[") and text.endswith("]")


def is_sound_list(text: str) -> bool:
    """Whether a cell is a list of labels, which a label such as "[deleted]" is not.

    Example:

    >>> is_sound_list('["toxic"]'), is_sound_list("[deleted]")
    (True, False)
    """
    try:
        return bool(listed(text, ""))
    except RnnkitError:
        return False


def as_cell(value: Any) -> Any:
    """A list of labels as JSON text; any other value as it is.

    Example:

    >>> as_cell(["toxic", 1]), as_cell("toxic")
    ('["toxic", "1"]', 'toxic')
    """
    if hasattr(value, "tolist") and getattr(value, "ndim", False):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return json.dumps([cell(each) for each in value])
    return json.dumps(sorted(map(cell, value))) if isinstance(value, set | frozenset) else value


def listed(given: str, place: str) -> list[str]:
    """The labels of a list in JSON, or as Python prints one.

    Args:
        given: The cell; a blank one has no labels.
        place: What messages call it.

    Raises:
        RnnkitError: It is no list of texts or numbers.

    Example:

    >>> listed('["toxic", 1]', "row 1"), listed("['toxic']", "row 2"), listed("", "row 3")
    (['toxic', '1'], ['toxic'], [])
    """
    text = given.strip()
    if is_missing(text):
        return []
    try:
        try:
            found = json.loads(text)
        except ValueError:
            found = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        found = None
    if not isinstance(found, list | tuple) or not all(isinstance(each, str | int | float) for each in found):
        raise RnnkitError(f'{place}: {brief(text)} is no list of labels; expected one like ["toxic", "insult"].')
    return list(dict.fromkeys(label for each in found if (label := cell(each).strip())))
