"""Cells to compare, as a user names them: keys, files, families, and how many layers of each."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from rnnkit import cells
from rnnkit.cells._layers import cell_and_layers
from rnnkit.cells._own import OWN
from rnnkit.errors import RnnkitError, did_you_mean

#: Names every cell; and begins the name of a family that a cell has too.
ALL, FAMILY = "all", "family:"
_EXAMPLE = "gru,lstm,min_gru:3"


class Stack(NamedTuple):
    """A cell and the number of its layers.

    Attributes:
        cell: The cell's key.
        layers: The number; 0: that of the options.
        by_name: Whether the user named the cell itself, not a family.
    """

    cell: str
    layers: int = 0
    by_name: bool = True

    @property
    def name(self) -> str:
        """As the user names it, "min_gru:3"."""
        return f"{self.cell}:{self.layers}" if self.layers else self.cell

    @property
    def options(self) -> dict[str, Any]:
        """The options of a task that stand for it."""
        return {"cell": self.cell, **({"layers": self.layers} if self.layers else {})}


def stacks_of(given: str | Sequence[str], layers: int = 0) -> list[Stack]:
    """The cells that a user names, in that order.

    Args:
        given: Names, in one text with commas between them or as a list: a cell's key or the file of your own; "all"; a
            family, which stands for its cells that are not named themselves, such as "linear", or "family:gru" where a
            cell has its name; each may end in a number of layers, ":3".
        layers: How many layers a cell has that is named without a number; 0: unknown.

    Raises:
        RnnkitError: A name is unknown, a cell with as many layers stands there twice, or they are fewer than two cells.

    Example:

    >>> [stack.name for stack in stacks_of("gru, lstm, min_gru:3, min_gru")]
    ['gru', 'lstm', 'min_gru:3', 'min_gru']
    """
    names = given.split(",") if isinstance(given, str) else list(given)
    if not all(isinstance(name, str) for name in names) or not (names := [name.strip() for name in names if name]):
        raise RnnkitError(f"cells is {given!r:.80}; expected names with commas between them, such as {_EXAMPLE}.")
    chosen: dict[tuple[str, int], Stack] = {}
    for stack in sorted((each for name in names for each in _named(name)), key=lambda each: not each.by_name):
        same = (stack.cell, stack.layers or layers)
        if stack.by_name and same in chosen:
            other = chosen[same].name
            twice = "twice" if other == stack.name else f"and {other}, which are the same with layers={layers}"
            raise RnnkitError(f"cells names {stack.name} {twice}; name it once.")
        chosen.setdefault(same, stack)
    if len(chosen) < 2:
        alone = next(iter(chosen.values())).name
        raise RnnkitError(
            f"cells names {alone} alone; comparing takes two cells or more, such as {_EXAMPLE}. To train one: rnnkit "
            f"train TASK FILE --cell {alone.partition(':')[0]}"
        )
    return list(chosen.values())


def _named(name: str) -> Iterator[Stack]:
    word, layers = cell_and_layers(name)
    known, family = cells.names(), word.removeprefix(FAMILY)
    if word in known or OWN.is_file(word):
        yield Stack(cells.key_of(word), layers)
    elif word == ALL:
        yield from (Stack(key, layers, by_name=False) for key in known)
    elif family in cells.FAMILIES:
        if not (keys := cells.by_family().get(family, [])):
            raise RnnkitError(f"The family {family} has no cells here; those of your own are named by their file.")
        yield from (Stack(key, layers, by_name=False) for key in keys)
    else:
        near = did_you_mean(word, (*known, *cells.FAMILIES, ALL))
        families = ", ".join((ALL, *cells.FAMILIES))
        raise RnnkitError(f"Unknown cell or family {word!r:.60}.{near} Families: {families}; cells: rnnkit cells.")
