"""The kinds of cells that there are."""

from typing import Any

#: What the cells of a family have in common, from the simplest to the strangest.
FAMILIES = {
    "plain": "a squashed sum of the input and of the state before, without gates",
    "lstm": "a memory beside the output, which gates write to and read from",
    "gru": "one state, and gates that say how much of it is new",
    "light": "fewer gates or fewer weights than a GRU",
    "linear": "linear in the state: all time steps at once",
    "dynamical": "steps of a differential equation, matrices that keep a state's size",
    "clocks": "the time between steps, delays, and units of several speeds",
    "own": "yours, from a file or an installed package",
}


def family_of(cell_class: Any) -> str:
    """The family of a cell; one that is not among `FAMILIES` counts as your own.

    Example:

    >>> from rnnkit.cells import GRUCell
    >>> family_of(GRUCell)
    'gru'
    """
    family: str = cell_class.family
    return family if family in FAMILIES else "own"
