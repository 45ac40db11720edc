"""Label the nodes of trees with an exported tree classifier."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnkit.codec.tree_schedule import encode_tree, plant
from rnnkit.codec.trees import Tree, tree_of
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.labels import Prediction, WordsAndLabels, prediction_of
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.interpreter import in_turns, require_shapes, require_signatures

#: The model's signatures, and the names of what goes into them: compose takes left and right, or children.
LEAF, COMPOSE, CLASSIFY = "leaf", "compose", "classify"
WORD, CHILDREN, SIDES, STATE, PROBABILITIES = "word", "children", ("left", "right"), "state", "probabilities"
#: Where compose takes so many children: the sums over those of earlier calls go in, and come out with these added.
BEFORE, SUMS = "before", "sums"
GIVES = {LEAF: STATE, COMPOSE: STATE, CLASSIFY: PROBABILITIES}
#: Nodes composed in one call.
WIDTH = 16


@dataclass(frozen=True)
class NodePrediction:
    """The answer to one node.

    Args:
        text: the words below it.
        label: the most probable label.
        probability: its probability, 0-1.
    """

    text: str
    label: str
    probability: float


@dataclass(frozen=True)
class TreePrediction(Prediction):
    """The answer to one tree: that of its root, and those of all nodes.

    Args:
        nodes: the answer to every node, children before their parent, the root last.
    """

    nodes: tuple[NodePrediction, ...]


class TreeClassifier(WordsAndLabels):
    """Runs a bundle of the task "tree_classifier"; `rnnkit.lite.load` makes it.

    The model holds three small networks: `leaf` turns a word into a state, `compose` the children's states into their
    parent's, `classify` a state into probabilities. This walks the tree from its leaves up, nodes that are ready
    together in one call. A lock lets threads share one classifier.

    Args:
        bundle: what `read_bundle` gave.
        num_threads: threads the runtime may use.

    Raises:
        RnnkitError: a file of the bundle is missing or altered, or the files do not fit each other.
    """

    def __init__(self, bundle: Bundle, num_threads: int = 1):
        super().__init__(bundle, num_threads)
        self._fold = str.lower if bundle.setting("lowercase", bool) else str
        self._any_children = bundle.setting("any_children", bool)
        known = self._interpreter.get_signature_list()
        if not set(GIVES) <= set(known):
            raise RnnkitError(f"{bundle.folder}: the model is no tree classifier; it has {sorted(known)}.")
        in_parts = self._any_children and BEFORE in known[COMPOSE]["inputs"]
        children = {CHILDREN, BEFORE} if in_parts else {CHILDREN}
        takes = {LEAF: {WORD}, COMPOSE: children if self._any_children else set(SIDES), CLASSIFY: {STATE}}
        gives = {name: {made: "f"} for name, made in GIVES.items()}
        gives[COMPOSE] |= {SUMS: "f"} if in_parts else {}
        require_signatures(self._interpreter, takes, gives, bundle.folder, "tree classifier")
        self._runners = {name: self._interpreter.get_signature_runner(name) for name in GIVES}
        state = self._runners[CLASSIFY].get_input_details()
        for name in (LEAF, COMPOSE):
            require_shapes(self._runners[name].get_output_details(), state, [STATE], bundle.folder)
        self._at_once = self._checked_parts() if in_parts else 0  # children that compose takes; 0: any number
        self._check_outputs(int(self._runners[CLASSIFY].get_output_details()[PROBABILITIES]["shape"][-1]))

    def predict(self, trees: Any) -> list[TreePrediction]:
        """Label trees: one answer for each; a single string or `Tree` counts as a list of one.

        Args:
            trees: trees in brackets, labelled or not, nested lists, or `Tree`s.

        Raises:
            RnnkitError: something in `trees` is no tree, or has more children than the model takes.
        """
        listed = [trees] if isinstance(trees, str | Tree) else list(trees)
        parsed = [tree_of(value, f"Tree {number}") for number, value in enumerate(listed, 1)]
        codes = [encode_tree(tree, self.vocabulary, self._fold) for tree in parsed]
        return answers_of(parsed, self.run(codes), self.labels)

    def run(self, codes: Sequence[np.ndarray]) -> np.ndarray:
        """The probabilities of all nodes of encoded trees, tree by tree: float32 [nodes, labels].

        Args:
            codes: for each tree what `rnnkit.codec.tree_schedule.encode_tree` gave.

        Raises:
            RnnkitError: a tree has a word outside the vocabulary or more children than the model takes.
        """
        rows = [self._run(np.asarray(code)) for code in codes]
        return np.concatenate(rows) if rows else np.zeros((0, len(self.labels)), np.float32)

    def _run(self, code: np.ndarray) -> np.ndarray:
        if code.max() >= len(self.vocabulary):
            raise RnnkitError(f"A tree has the word id {code.max()}; the vocabulary has {len(self.vocabulary)}.")
        with self._lock:
            return walk(code, self._any_children, self._call)

    def _call(self, name: str, **given: np.ndarray) -> np.ndarray:
        rows = len(next(iter(given.values())))
        in_parts = name == COMPOSE and self._at_once
        made: np.ndarray = (self._composed(**given) if in_parts else in_turns(self._runners[name], given))[GIVES[name]]
        if made.ndim != 2 or len(made) != rows:
            raise RnnkitError(
                f"{self.bundle.folder}: {name} gives {list(made.shape)} for {rows} rows. Export it again."
            )
        return made

    def _composed(self, children: np.ndarray) -> dict[str, np.ndarray]:
        """Compose nodes of any number of children, so many in each call: the sums over them are carried along."""
        rows, count, size = children.shape
        made = {SUMS: np.zeros((rows, size), np.float32)}
        for start in range(0, count, self._at_once):
            part = np.zeros((rows, self._at_once, size), np.float32)
            part[:, : count - start] = children[:, start : start + self._at_once]
            made = in_turns(self._runners[COMPOSE], {CHILDREN: part, BEFORE: made[SUMS]})
        return made

    def _checked_parts(self) -> int:
        """The number of children that compose takes in a call."""
        made, taken = self._runners[COMPOSE].get_output_details(), self._runners[COMPOSE].get_input_details()
        require_shapes({BEFORE: made[SUMS]}, taken, [BEFORE], self.bundle.folder)
        shape = [int(side) for side in taken[CHILDREN]["shape_signature"]]
        if len(shape) != 3 or shape[1] < 1:
            raise RnnkitError(
                f"{self.bundle.folder}: compose takes children {shape}; expected some of them. Export it again."
            )
        return shape[1]


def walk(code: np.ndarray, any_children: bool, call: Callable[..., np.ndarray]) -> np.ndarray:
    """The probabilities of all nodes of a tree, from its leaves up: float32 [nodes, labels].

    Args:
        code: what `rnnkit.codec.tree_schedule.encode_tree` gave.
        any_children: compose takes a list of children instead of left and right.
        call: takes a signature's name and its inputs by name, gives its output.

    Raises:
        RnnkitError: a node has more than two children and the model takes two.
    """
    try:
        forest = plant([code], None if any_children else len(SIDES), WIDTH)
    except ValueError as error:
        raise RnnkitError(f"{error} Binarize the tree (rnnkit.codec.trees.binarized), or train child_sum.") from None
    leaves = call(LEAF, **{WORD: forest.words})
    states = np.zeros((forest.size, leaves.shape[-1]), np.float32)
    states[1 : 1 + len(leaves)] = leaves
    for number, children in enumerate(forest.children):
        below = states[children]  # [width, children, state]
        given = {CHILDREN: below} if any_children else {side: below[:, at] for at, side in enumerate(SIDES)}
        first = 1 + len(leaves) + number * WIDTH
        states[first : first + WIDTH] = call(COMPOSE, **given)
    return call(CLASSIFY, **{STATE: states[forest.rows]})


def answers_of(trees: Sequence[Tree], probabilities: np.ndarray, labels: Sequence[str]) -> list[TreePrediction]:
    """The answers to whole trees, from those of all their nodes, `[nodes, labels]`."""
    answers, first = [], 0
    for tree in trees:
        rows = probabilities[first : first + len(tree)]
        first += len(tree)
        best = rows.argmax(axis=-1)
        nodes = tuple(
            NodePrediction(tree.text(node), labels[label], float(rows[node, label])) for node, label in enumerate(best)
        )
        answers.append(TreePrediction(**vars(prediction_of(rows[-1], labels)), nodes=nodes))
    return answers
