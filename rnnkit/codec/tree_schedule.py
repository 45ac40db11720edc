"""A batch of trees as arrays, and the order in which its nodes are visited: many at a time, children first."""

import heapq
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from rnnkit.codec.trees import Tree, children_of
from rnnkit.codec.vocabulary import Vocabulary

#: Nodes composed at once; the last chunks, near the roots, hold fewer and are filled up.
WIDTH = 64


class Forest(NamedTuple):
    """The input of `rnnkit.layers.trees.tree` for a batch of trees.

    States lie in a table of rows: row 0 is the empty child (zeros), then the leaves, then the chunks' nodes.

    Attributes:
        words: Ids of all leaves, tree by tree, int32 `[leaves]`, filled up with 0.
        children: Rows of the children of each node, 0 where there is none, int32 `[chunks, width, most children]`.
        rows: The row of each node, tree by tree in post-order, int32 `[nodes]`.
        roots: The row of each tree's root, int32 `[trees]`.
    """

    words: np.ndarray
    children: np.ndarray
    rows: np.ndarray
    roots: np.ndarray

    @property
    def size(self) -> int:
        """The number of rows."""
        return 1 + len(self.words) + self.children.shape[0] * self.children.shape[1]


def encode_tree(tree: Tree, vocabulary: Vocabulary, fold: Callable[[str], str] = str) -> np.ndarray:
    """A tree as one row of numbers, as `plant` takes it, int32 `[nodes]`.

    Args:
        tree: The tree.
        vocabulary: Gives the ids of words.
        fold: Makes a word what the vocabulary holds, for example lower case.

    Example:

    >>> from rnnkit.codec.trees import tree_of
    >>> encode_tree(tree_of("((a) ((good) (film)))"), Vocabulary(["a", "film"])).tolist()
    [3, 2, 4, -2, -2]
    """
    code = -np.array(tree.counts, np.int32)
    code[code == 0] = vocabulary.encode([fold(word) for word in tree.leaves])[1:]
    return code


def plant(
    codes: Sequence[np.ndarray],
    most_children: int | None = 2,
    width: int = WIDTH,
    leaves_of: int = 1,
    chunks_of: int = 1,
) -> Forest:
    """Order the nodes of a batch of trees.

    All leaves go first; then chunks of at most `width` nodes whose children are all done, the furthest from its root
    first, which needs the fewest chunks there can be.

    Args:
        codes: A row for each tree, an entry a node in post-order: a leaf's word id, or minus an inner node's number
            of children.
        most_children: Largest number of children of a node; None takes the largest there is.
        width: Nodes of a chunk.
        leaves_of: The number of leaves is rounded up to a multiple of this, so that few shapes are compiled.
        chunks_of: The same for the number of chunks.

    Raises:
        ValueError: A node has more children.

    Example:

    >>> forest = plant([np.array([7, 8, -2, 9, -2]), np.array([5])], width=2)
    >>> forest.words.tolist(), forest.children.tolist()
    ([7, 8, 9, 5], [[[1, 2], [0, 0]], [[5, 3], [0, 0]]])
    >>> forest.rows.tolist(), forest.roots.tolist()
    ([1, 2, 5, 3, 7, 4], [7, 4])

    Reference:
        Hu, Parallel Sequencing and Assembly Line Problems, Operations Research 9(6), 1961 (why that order is best).
    """
    flat = np.concatenate([np.asarray(row, np.int32) for row in codes])
    widest = int(-flat.min(initial=0))
    most = max(widest, 1) if most_children is None else most_children
    if widest > most:
        raise ValueError(f"A node has {widest} children; at most {most} are taken.")
    leaf = flat >= 0
    children: list[tuple[int, ...]] = []
    for row in codes:
        first = len(children)
        children += [tuple(first + child for child in below) for below in children_of(np.maximum(-row, 0).tolist())]
    words = flat[leaf]
    words = np.pad(words, (0, -len(words) % leaves_of))
    chunks = _chunks(children, width)
    count = max(-(-len(chunks) // chunks_of) * chunks_of, chunks_of)
    rows = np.zeros(len(flat), np.int32)
    rows[leaf] = np.arange(1, leaf.sum() + 1)
    table = np.zeros((count, width, most), np.int32)
    for number, chunk in enumerate(chunks):
        rows[chunk] = 1 + len(words) + number * width + np.arange(len(chunk))
        for place, node in enumerate(chunk):
            below = children[node]
            table[number, place, : len(below)] = rows[list(below)]
    ends = np.cumsum([len(row) for row in codes]) - 1
    return Forest(words, table, rows, rows[ends])


def _chunks(children: list[tuple[int, ...]], width: int) -> list[list[int]]:
    """Inner nodes in chunks, each node in a later chunk than its children."""
    parent = {child: node for node, below in enumerate(children) for child in below}
    above = [0] * len(children)  # steps to the root
    for node in range(len(children) - 1, -1, -1):
        if node in parent:
            above[node] = above[parent[node]] + 1
    waiting = [sum(bool(children[child]) for child in below) for below in children]
    ready = [(-above[node], node) for node, below in enumerate(children) if below and not waiting[node]]
    heapq.heapify(ready)
    chunks = []
    while ready:
        chunk = [heapq.heappop(ready)[1] for _ in range(min(width, len(ready)))]
        for node in chunk:
            if node in parent:
                waiting[parent[node]] -= 1
                if not waiting[parent[node]]:
                    heapq.heappush(ready, (-above[parent[node]], parent[node]))
        chunks.append(chunk)
    return chunks
