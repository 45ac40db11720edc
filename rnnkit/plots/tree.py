"""A tree with the predicted label of every node in colour, its words below."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.lines import Line2D

from rnnkit.codec.trees import Tree
from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import BODY, HEIGHT, INK, MUTED, RULE, SMALL, TINY, WIDTH, new_figure, save, style
from rnnkit.plots.fonts import drawable

MAX_LEAVES = 120
#: Ordered labels run from red over white to blue-green; other labels take these, by Okabe & Ito.
ORDERED = LinearSegmentedColormap.from_list("ordered", ["#d1495b", "#f3b3a6", "#ffffff", "#9fd0dd", "#1b85a3"])
NAMED = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#b8c0cc")


def tree_labels(
    tree: Tree,
    predicted: Sequence[str],
    labels: Sequence[str],
    path: str | PathLike[str],
    probability: float | None = None,
) -> Path:
    """Draw a tree: each node in the colour of its predicted label; a dashed ring where the tree says another one.

    Whole numbers as labels are an order, such as sentiment from 0 to 4, and run from red to blue-green.

    Args:
        tree: The tree; its own labels, where it has some, are the truth.
        predicted: The predicted label of each node, in the order of the tree.
        labels: All labels, in their order.
        path: The PNG to write.
        probability: That of the root's label, 0 to 1.

    Raises:
        RnnkitError: The tree has too many words, or there is not one known label a node.

    Example:

    >>> from rnnkit.codec.trees import tree_of
    >>> tree = tree_of("(1 (1 not) (3 good))")
    >>> tree_labels(tree, ["1", "3", "1"], ["0", "1", "2", "3", "4"], "tree.png").name  # doctest: +SKIP
    'tree.png'
    """
    words = len(tree.leaves)
    if words > MAX_LEAVES:
        raise RnnkitError(f"The tree has {words} words; at most {MAX_LEAVES} can be drawn. Give a smaller one.")
    if len(predicted) != len(tree) or not set(predicted) <= set(labels):
        raise RnnkitError(f"{len(predicted)} labels for {len(tree)} nodes; expected a known label for each.")
    places = _places(tree)
    figure = new_figure(float(np.clip(1.9 + 0.42 * tree.depth, HEIGHT, 2.2 * HEIGHT)))
    figure.set_figwidth(max(WIDTH, 0.27 * words))
    axes = figure.subplots()
    sure = f" ({probability:.0%})" if probability is not None else ""
    wrong = any(own is not None and own != label for own, label in zip(tree.labels, predicted, strict=True))
    note = "a dashed ring: labelled otherwise by a person" if wrong else ""
    style(axes, f"predicted{sure}: {drawable(predicted[-1], 40)}", note)
    for node, children in enumerate(tree.children):
        x, y = places[node]
        for left, low in (places[child] for child in children):
            axes.plot([x, left, left], [y, y, low], color=RULE, linewidth=1.5, zorder=1)
    colours = _colours(labels)
    size = float(np.clip(420 / words, 9, 19))
    for node, ((x, y), label) in enumerate(zip(places, predicted, strict=True)):
        own = tree.labels[node]
        axes.plot(x, y, "o", markersize=size, color=colours[label], markeredgecolor=MUTED, markeredgewidth=0.8)
        if own is not None and own != label:
            axes.scatter([x], [y], s=(size + 6) ** 2, facecolors="none", edgecolors=INK, linestyles="dashed")
        axes.annotate(
            drawable(label, 3),
            (x, y),
            ha="center",
            va="center",
            fontsize=min(SMALL, 0.62 * size),
            color="white" if _dark(colours[label]) else INK,
            zorder=3,
        )
    _words(axes, tree, places)
    shown = [
        Line2D([], [], marker="o", linestyle="", markersize=10, color=colours[label], markeredgecolor=MUTED)
        for label in labels[:10]
    ]
    figure.legend(
        shown,
        [drawable(label, 16) for label in labels[:10]],
        loc="outside lower center",
        ncols=min(len(labels), 5),
        frameon=False,
        fontsize=BODY,
        labelcolor=INK,
    )
    return save(figure, path)


def _places(tree: Tree) -> list[tuple[float, float]]:
    """x and y of each node: leaves side by side, a parent over the middle of its children and above all of them."""
    places: list[tuple[float, float]] = []
    seen = 0
    for children in tree.children:
        if children:
            below = [places[child] for child in children]
            places.append((sum(x for x, _ in below) / len(below), 1 + max(y for _, y in below)))
        else:
            places.append((float(seen), 0.0))
            seen += 1
    return places


def _words(axes: Axes, tree: Tree, places: list[tuple[float, float]]) -> None:
    few = len(tree.leaves) <= 10 and max(map(len, tree.leaves)) <= 9
    leaves = [node for node, word in enumerate(tree.words) if word is not None]
    for node, word in zip(leaves, tree.leaves, strict=True):
        axes.annotate(
            drawable(word, 20),
            places[node],
            (0, -14),
            textcoords="offset points",
            va="top",
            ha="center",
            rotation=0 if few else 90,
            fontsize=BODY if few else TINY,
            color=INK,
        )
    axes.axis("off")
    axes.margins(x=0.04)
    longest = max(len(drawable(word, 20)) for word in tree.leaves)
    room = 0.6 if few else 0.35 + 0.12 * longest
    axes.set_ylim(-room * max(1, tree.depth / 9), max(tree.depth, 1) + 0.6)


def _colours(labels: Sequence[str]) -> dict[str, Any]:
    numbers = [label.lstrip("+-").isdigit() for label in labels]
    if all(numbers) and len(labels) > 1:
        return {label: ORDERED(place / (len(labels) - 1)) for place, label in enumerate(labels)}
    return {label: NAMED[min(place, len(NAMED) - 1)] for place, label in enumerate(labels)}


def _dark(colour: Any) -> bool:
    red, green, blue = to_rgb(colour)
    return 0.3 * red + 0.59 * green + 0.11 * blue < 0.5
