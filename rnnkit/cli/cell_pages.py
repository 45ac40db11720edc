"""`rnnkit cells`: the cells by family, and the page of one."""

import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

from rnnkit import cells as cell_zoo
from rnnkit.cells._description import arguments_of, docstring_parts
from rnnkit.cli.screen import named_lines, say, table
from rnnkit.cli.shared import first_line
from rnnkit.errors import RnnkitError, did_you_mean

_NAMED = 11  # columns of the names on a page
#: Where the cells' speed and memory stand, which are not measured here.
_MEASURED = "docs/cells.md, in rnnkit's repository, has what was measured of it"


def print_list(family: str | None = None) -> None:
    """Print the cells, family by family.

    Args:
        family: The one to print; None for all.

    Raises:
        RnnkitError: There is no such family.
    """
    if family is not None and family not in cell_zoo.FAMILIES:
        raise RnnkitError(
            f"Unknown family {family!r:.60}; expected one of {', '.join(cell_zoo.FAMILIES)}."
            f"{did_you_mean(family, cell_zoo.FAMILIES)}"
        )
    found = cell_zoo.by_family()
    if family is not None:
        found = {family: found.get(family, [])}
    width = max((len(key) for keys in found.values() for key in keys), default=0)
    for number, (name, keys) in enumerate(found.items()):
        if number:
            say("")
        say(f"{name}: {cell_zoo.FAMILIES[name]}", "bold")
        if not keys:
            say("  none")
        rows = [(f"  {key:{width}}", _in_short(first_line(cell_zoo.get_cell(key)))) for key in keys]
        table(rows, styles=["cyan"])


def print_page(cell: str, units: int, features: int) -> None:
    """Print what a cell is, its equations, its arguments, and its size.

    Args:
        cell: Its key, or its file.
        units: Width of its state.
        features: Width of its input.

    Raises:
        RnnkitError: As `rnnkit.cells.key_of`.
    """
    key = cell_zoo.key_of(cell)
    found = cell_zoo.get_cell(key)
    parts = docstring_parts(found)
    say(f"{key}: {parts['']}" if parts[""] else key, "bold")
    say("")
    _print_lines((section.lower(), parts[section]) for section in ("Why", "Use it when") if section in parts)
    if "Equations" in parts:
        say("\nequations", "bold")
        for line in parts["Equations"].splitlines():
            say(f"  {line}", indent=4)
        say("")
    _print_lines(_facts(found, parts, units, features))


def _facts(found: Any, parts: dict[str, str], units: int, features: int) -> Iterator[tuple[str, str]]:
    """What stands below the equations: names and texts."""
    if "Gates" in parts:
        yield "gates", parts["Gates"]
    yield "states", ", ".join(found.state_names)
    for number, (name, text) in enumerate(arguments_of(found)):
        yield "" if number else "arguments", f"{name}: {text}" if text else name
    if "Reference" in parts:
        yield "paper", parts["Reference"]
    family = cell_zoo.family_of(found)
    yield "family", f"{family}: {cell_zoo.FAMILIES[family]}"
    yield "parameters", _parameters(found, units, features)
    if family != "own":
        yield "speed", _MEASURED


def _print_lines(lines: Iterable[tuple[str, str]]) -> None:
    """Names and texts, these below one another."""
    named_lines((f"{name:{_NAMED}}", text) for name, text in lines)


def _parameters(found: Any, units: int, features: int) -> str:
    """How many numbers a cell learns."""
    cell = found(units)
    cell.build((None, features))
    learnt = sum(math.prod(weight.shape) for weight in cell.trainable_weights)
    fixed = cell.count_params() - learnt
    more = f"; {fixed:,} more are not learnt" if fixed else ""
    return f"{learnt:,} with --units {units} and --features {features}{more}"


def _in_short(sentence: str) -> str:
    """A docstring's first line up to its colon, or all of it where the part before is only a name."""
    head = re.split(r": |, so |\.", sentence)[0]
    return head if " " in head else re.split(r", so |\.", sentence)[0]
