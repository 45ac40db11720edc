"""Reading and writing files of bracketed trees."""

import os
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

from rnnkit.codec.tree_parser import EXAMPLE
from rnnkit.codec.trees import Tree, parse_trees, tree_of
from rnnkit.data.textfile import check_file, find_encoding, text_lines
from rnnkit.errors import RnnkitError


def read_trees(source: Any, labels: str = "every", encoding: str | None = None) -> list[Tree]:
    """All trees of a file, of a list of bracketed strings, or of a list of nested lists.

    Args:
        source: A file name (may be .gz), or a list with one tree per item.
        labels: Which nodes must have a label: "every", "root" or "none".
        encoding: The file's encoding; detected by default.

    Raises:
        RnnkitError: There is no tree, or one cannot be read; the message names the line and the column.

    Example:

    >>> [len(tree) for tree in read_trees(["(1 bad)", [3, [2, "It"], [4, "works"]]])]
    [1, 3]
    """
    if isinstance(source, str | PathLike):
        path = Path(source)
        _check_file(path)
        found = list(parse_trees(text_lines(path, find_encoding(path, encoding)), path.name, labels))
        name = str(path)
    elif isinstance(source, list | tuple):
        found = [tree_of(item, f"Tree {number}", labels) for number, item in enumerate(source, 1)]
        name = "The list"
    else:
        raise RnnkitError(f"Got trees of type {type(source).__name__}; expected a file name or a list of trees.")
    if not found:
        raise RnnkitError(f"{name} is empty; expected trees such as {EXAMPLE}, one per line.")
    return found


def write_trees(trees: Iterable[Tree], path: str | PathLike[str]) -> None:
    """Write trees, one per line, in UTF-8; `read_trees` reads them back."""
    Path(path).write_text("".join(f"{tree}\n" for tree in trees), encoding="utf-8")


def _check_file(path: Path) -> None:
    if os.path.isdir(path):
        raise RnnkitError(f"{path} is a folder; expected a file of trees.")
    check_file(path, f"trees such as {EXAMPLE}, one per line", ".txt")
