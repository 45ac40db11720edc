"""Sources of trees: a file, a folder with its parts, or a list."""

import os
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from rnnkit.codec.trees import Tree
from rnnkit.data.folds import Divisible, divisible_part
from rnnkit.data.textfile import find_encoding
from rnnkit.errors import RnnkitError
from rnnkit.tasks.tree_classifier.files import read_trees

#: The files of a folder: training, validation and test trees; the last two may be missing.
TRAIN, VALIDATION, TEST = "train.txt", "dev.txt", "test.txt"


@dataclass
class Treebank:
    """Trees with a label at every root, in parts where the data come in parts.

    Attributes:
        trees: The training trees, or all trees.
        name: Their name in messages and reports.
        encoding: The encoding with which the file was read.
        validation: Trees for choosing the best epoch; None samples from `trees`.
        test: Trees for the final evaluation; None samples from `trees`.
    """

    trees: list[Tree]
    name: str
    encoding: str = "utf-8"
    validation: list[Tree] | None = None
    test: list[Tree] | None = None

    @property
    def scored(self) -> list[Tree]:
        """The trees on which a model is scored: the test part where there is one, otherwise all."""
        return self.trees if self.test is None else self.test

    def in_folds(self) -> Divisible:
        """The trees outside a given test part, with the labels of their roots; a given validation part is that of every
        fold."""
        keys = [repr((tree.words, tree.counts)) for tree in self.trees]
        return divisible_part(self, "trees", keys, [str(tree.labels[-1]) for tree in self.trees])


def open_treebank(source: Any, encoding: str | None = None) -> Treebank:
    """Read a file of trees, a folder with train.txt and perhaps dev.txt and test.txt, or a list of trees.

    Args:
        source: File, folder, list of bracketed strings or nested lists, or a `Treebank`, returned unchanged.
        encoding: The files' encoding, where it cannot be detected.

    Raises:
        RnnkitError: There is no such file, or a tree cannot be read; the message names the line and the column.

    Example:

    >>> bank = open_treebank(["(3 (2 It) (4 works))", "(1 bad)"])
    >>> len(bank.trees), bank.test
    (2, None)
    """
    if isinstance(source, Treebank):
        return source
    if not isinstance(source, str | PathLike):
        return Treebank(read_trees(source, "root"), "The list")
    path = Path(source)
    if not os.path.isdir(path):
        return Treebank(read_trees(path, "root", encoding), path.name, encoding or find_encoding(path))
    if not (path / TRAIN).is_file():
        found = ", ".join(sorted(entry.name for entry in path.glob("*.txt"))[:5]) or "no .txt file"
        raise RnnkitError(
            f"{path} has no {TRAIN}; expected {TRAIN} and perhaps {VALIDATION} and {TEST}. It has {found}."
        )
    names = [name for name in (TRAIN, VALIDATION, TEST) if (path / name).is_file()]
    parts = {name: read_trees(path / name, "root", encoding) for name in names}
    found_encoding = encoding or find_encoding(path / TRAIN)
    return Treebank(parts[TRAIN], path.name, found_encoding, parts.get(VALIDATION), parts.get(TEST))
