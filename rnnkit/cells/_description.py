"""The parts of a cell's docstring, for the command line and docs/cells.md."""

import inspect
import re
from typing import Any

#: The sections of a docstring, in their order; "Equations" and "Example" hold code, the others prose.
SECTIONS = ("Why", "Use it when", "Equations", "Gates", "Args", "Example", "Reference")
_CODE = ("Equations", "Example")


def docstring_parts(cell_class: Any) -> dict[str, str]:
    """The first paragraph under "", and each section there is under its name.

    Example:

    >>> from rnnkit.cells import MinGRUCell
    >>> parts = docstring_parts(MinGRUCell)
    >>> parts["Equations"].splitlines()[0], list(parts)[:3]
    ('z = sigmoid(Wz x + bz)', ['', 'Why', 'Use it when'])
    """
    pieces = re.split(rf"^({'|'.join(SECTIONS)}):[ \n]", inspect.getdoc(cell_class) or "", flags=re.M)
    parts = {"": prose(pieces[0])}
    for name, content in zip(pieces[1::2], pieces[2::2], strict=True):
        parts[name] = inspect.cleandoc(" \n" + content).strip("\n") if name in _CODE else prose(content)
    return parts


def arguments_of(cell_class: Any) -> list[tuple[str, str]]:
    """The arguments that a cell has beside those of all cells, as `name=default`, and what is written of each.

    Example:

    >>> from rnnkit.cells import ClockworkCell
    >>> [name for name, text in arguments_of(ClockworkCell)]
    ['periods=(1, 2, 4, 8)']
    """
    from rnnkit.layers.cell import RecurrentCell

    shared, written = RecurrentCell.arguments(), dict[str, str]()
    for base in inspect.getmro(cell_class)[::-1]:
        section = re.search(r"^Args:\n(.*?)(?=^\S|\Z)", inspect.cleandoc(vars(base).get("__doc__") or ""), re.M | re.S)
        for name, text in re.findall(r"^ {4}(\w+): (.*?)(?=^ {4}\S|\Z)", section[1] if section else "", re.M | re.S):
            written[name] = prose(text)
    own = {name: default for name, default in cell_class.arguments().items() if name not in shared}
    return [(f"{name}={default!r}", written.get(name, "")) for name, default in own.items()]


def prose(text: str) -> str:
    """Words with a blank between each two."""
    return " ".join(text.split())
