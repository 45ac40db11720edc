"""The offline sample of trees: made-up sentences about films, every phrase labelled from 0 to 4, with negation."""

import os
import random
from pathlib import Path
from typing import Any

from rnnkit.codec.trees import Tree, tree_of
from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.tasks.tree_classifier.source import Treebank, open_treebank

SAMPLE = "sample"
_NOUNS = "film story plot acting music ending cast script dialogue pacing camera hero".split()
_NAMES = "the this that its their".split()
_VALUES = {
    -2: "awful dreadful terrible unbearable hopeless".split(),
    -1: "dull bad weak slow silly".split(),
    0: "long short quiet dark french".split(),
    1: "good nice funny warm clever".split(),
    2: "brilliant wonderful superb perfect stunning".split(),
}
_STRONGER = "very really truly so".split()


def make_trees(count: int = 800, seed: int = 0) -> list[Tree]:
    """Distinct labelled trees, the same for the same arguments.

    `very` strengthens a word, `not` turns a phrase into the weaker opposite, and after `but` the second half decides: a
    network must compose, since the words alone do not determine the label.

    Args:
        count: Number of trees.
        seed: Random seed.

    Example:

    >>> str(make_trees(1)[0]).startswith("(")
    True
    """
    chance = random.Random(seed)
    made: dict[Tree, None] = {}
    while len(made) < count:
        made.setdefault(tree_of(_labelled(_sentence(chance))[0]))
    return list(made)


def tree_data(choice: str = SAMPLE) -> Treebank:
    """The trees of the pipeline: the sample, a file, or a folder with train.txt, dev.txt and test.txt.

    Raises:
        RnnkitError: There is no such file.
    """
    if choice == SAMPLE:
        return Treebank(make_trees(), "made-up film sentences (offline sample)")
    if not os.path.exists(choice) and not Path(choice).suffix:
        near = did_you_mean(choice, (SAMPLE,))
        raise RnnkitError(f"--data is {choice!r}; expected {SAMPLE}, or the name of a file or folder of trees.{near}")
    return open_treebank(choice)


def _sentence(chance: random.Random) -> Any:
    """An unlabelled tree: a word, or a rule's name and two children."""
    clause = _clause(chance)
    if chance.random() < 0.35:
        clause = ("but", clause, ("plain", "but", _clause(chance)))
    return ("plain", clause, ".")


def _clause(chance: random.Random) -> Any:
    subject = ("plain", chance.choice(_NAMES), chance.choice(_NOUNS))
    return ("plain", subject, ("plain", "is", _phrase(chance)))


def _phrase(chance: random.Random) -> Any:
    phrase: Any = chance.choice(_VALUES[chance.choice((-2, -1, -1, 0, 1, 1, 2))])
    if chance.random() < 0.35:
        phrase = ("very", chance.choice(_STRONGER), phrase)
    if chance.random() < 0.35:
        phrase = ("not", "not", phrase)
    return phrase


def _labelled(tree: Any) -> tuple[list[Any], int]:
    """The tree as nested lists with labels, and its value from -2 to 2."""
    if isinstance(tree, str):
        value = next((value for value, words in _VALUES.items() if tree in words), 0)
        value = -1 if tree == "not" else value
        return [value + 2, tree], value
    rule, *parts = tree
    (left, first), (right, second) = (_labelled(part) for part in parts)
    sign = (second > 0) - (second < 0)
    value = {"plain": first or second, "but": second or first, "not": -sign, "very": second + sign}[rule]
    value = max(-2, min(2, value))
    return [value + 2, left, right], value
