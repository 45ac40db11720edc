"""Trees in brackets: `(3 (2 It) (4 (2 's) (4 good)))` read, checked and written back.

The form of the Penn Treebank and of the Stanford Sentiment Treebank: a node is `(label child child ...)`, a leaf
`(label word)`. Nested lists say the same: `[3, [2, "It"], [4, [2, "'s"], [4, "good"]]]`. Labels may be left out:
`((not) (good))`. Words are taken as they stand, -LRB- and the like too.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rnnkit.codec.tree_parser import EXAMPLE, Node, nested_tokens, parse_nodes, text_tokens
from rnnkit.errors import RnnkitError


@dataclass(frozen=True)
class Tree:
    """A tree as flat tuples, an entry a node, children before their parent, the root last (post-order).

    Flat, so that a tree of any depth can be read, walked and compared without recursion.

    Args:
        words: The word of each leaf, None for each inner node.
        labels: The label of each node, None where there is none.
        counts: How many children each node has, 0 for a leaf.

    Example:

    >>> tree = tree_of("(3 (2 not) (1 bad))")
    >>> tree.words, tree.labels, tree.children
    (('not', 'bad', None), ('2', '1', '3'), ((), (), (0, 1)))
    >>> str(tree), tree.text(2), tree.depth
    ('(3 (2 not) (1 bad))', 'not bad', 1)
    """

    words: tuple[str | None, ...]
    labels: tuple[str | None, ...]
    counts: tuple[int, ...]

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """The numbers of each node's children."""
        return tuple(children_of(self.counts))

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The words from left to right."""
        return tuple(word for word in self.words if word is not None)

    @cached_property
    def _spans(self) -> tuple[tuple[int, int], ...]:
        spans: list[tuple[int, int]] = []
        seen = 0
        for below in self.children:
            spans.append((spans[below[0]][0], seen) if below else (seen, seen + 1))
            seen += not below
        return tuple(spans)

    def text(self, node: int) -> str:
        """The words below a node, with blanks between."""
        first, end = self._spans[node]
        return " ".join(self.leaves[first:end])

    @property
    def depth(self) -> int:
        """Steps from the root to its furthest leaf."""
        heights: list[int] = []
        for below in self.children:
            heights.append(1 + max(heights[child] for child in below) if below else 0)
        return heights[-1]

    def __len__(self) -> int:
        return len(self.words)

    def __str__(self) -> str:
        pieces: list[str] = []
        pending: list[int | str] = [len(self) - 1]
        while pending:
            node = pending.pop()
            if isinstance(node, str):
                pieces.append(node)
                continue
            inside = [text for text in (self.labels[node], self.words[node]) if text is not None]
            blank = " " if pieces and not pieces[-1].endswith("(") else ""
            pieces.append(blank + "(" + " ".join(inside))
            pending += [")", *reversed(self.children[node])]
        return "".join(pieces)


def children_of(counts: Sequence[int]) -> list[tuple[int, ...]]:
    """The numbers of each node's children, from how many each has, in post-order.

    Example:

    >>> children_of([0, 0, 2, 1])
    [(), (), (0, 1), (2,)]
    """
    open_nodes: list[int] = []
    children = []
    for node, count in enumerate(counts):
        first = len(open_nodes) - count
        children.append(tuple(open_nodes[first:]))
        open_nodes[first:] = [node]
    return children


def parse_trees(lines: Iterable[str], name: str = "The text", labels: str = "every") -> Iterator[Tree]:
    """The trees of bracketed text, one a line or spread over lines.

    Args:
        lines: The text, line by line.
        name: What messages call it.
        labels: Which nodes must have a label: "every", "root" or "none".

    Raises:
        RnnkitError: The brackets do not match, or a label or word is missing; names the line and the column.
    """
    return map(_tree, parse_nodes(text_tokens(lines, name), labels))


def tree_of(value: Any, name: str = "The tree", labels: str = "none") -> Tree:
    """One tree from bracketed text, nested lists or tuples, or a `Tree`.

    Raises:
        RnnkitError: It is no tree, or more than one.

    Example:

    >>> str(tree_of([3, [2, "It"], [4, "works"]]))
    '(3 (2 It) (4 works))'
    >>> tree_of("((not) (good))").labels
    (None, None, None)
    """
    if isinstance(value, Tree):
        return value
    if isinstance(value, str):
        found = list(parse_trees(value.split("\n"), name, labels))
    elif isinstance(value, list | tuple):
        found = [_tree(nodes) for nodes in parse_nodes(nested_tokens(value, name), labels)]
    else:
        raise RnnkitError(f"{name} is {value!r:.60}; expected brackets such as {EXAMPLE}, or nested lists.")
    if len(found) != 1:
        raise RnnkitError(f"{name} holds {len(found)} trees; expected one, such as {EXAMPLE}.")
    return found[0]


def binarized(tree: Tree) -> Tree:
    """The same tree with at most two children a node: `(x a b c)` becomes `(x ((a b)) c)`, new nodes unlabelled.

    Example:

    >>> str(binarized(tree_of("(x (a 1) (b 2) (c 3))")))
    '(x ((a 1) (b 2)) (c 3))'
    """
    words: list[str | None] = []
    labels: list[str | None] = []
    counts: list[int] = []
    # A node is followed by its parent's later children; the new nodes over the first ones come right after the second.
    place = {child: number for below in tree.children for number, child in enumerate(below)}
    last = {below[-1] for below in tree.children if below}
    for node, count in enumerate(tree.counts):
        words.append(tree.words[node])
        labels.append(tree.labels[node])
        counts.append(min(count, 2))
        if place.get(node, 0) >= 1 and node not in last:
            words.append(None)
            labels.append(None)
            counts.append(2)
    return Tree(tuple(words), tuple(labels), tuple(counts))


def _tree(nodes: list[Node]) -> Tree:
    words, labels, counts = zip(*nodes, strict=True)
    return Tree(words, labels, counts)
