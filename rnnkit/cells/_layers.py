"""How many layers of a cell a user names: "min_gru:3"."""

import re

from rnnkit.errors import RnnkitError

_LAYERED = re.compile(r"(.+):([0-9]{1,4})", re.DOTALL)


def cell_and_layers(name: str) -> tuple[str, int]:
    """The cell, or the family or file, that a user names, and the number of its layers; 0 where none is said.

    Raises:
        RnnkitError: For 0 layers.

    Example:

    >>> cell_and_layers("min_gru:3"), cell_and_layers("my_cell.py:MyCell")
    (('min_gru', 3), ('my_cell.py:MyCell', 0))
    """
    layered = _LAYERED.fullmatch(name)
    if not layered:
        return name, 0
    if not int(layered[2]):
        raise RnnkitError(f"{name!r:.60} says 0 layers; expected 1 or more, such as {layered[1]:.50}:3.")
    return layered[1], int(layered[2])
