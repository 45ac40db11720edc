"""A tree's picture: every node and word is there, in its colour, and no line runs through another node."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from plots.drawings import NASTY, texts

from rnnkit import plots
from rnnkit.codec.trees import tree_of
from rnnkit.errors import RnnkitError
from rnnkit.plots.tree import NAMED, ORDERED
from rnnkit.tasks.tree_classifier.sample import make_trees

LABELS = ["0", "1", "2", "3", "4"]


def nodes(drawn: Figure) -> list[tuple[float, float, str]]:
    lines = drawn.axes[0].get_lines()
    return [(*map(float, (line.get_xdata()[0], line.get_ydata()[0])), to_hex(line.get_markerfacecolor()))
            for line in lines if line.get_marker() == "o"]  # fmt: skip


def test_nodes_words_and_colours(figure: Callable[..., Figure]) -> None:
    tree = tree_of("(1 (2 (1 not) (3 good)) (4 !))")
    drawn = figure(plots.tree_labels, tree, ["1", "3", "2", "4", "3"], LABELS, probability=0.87)
    colours = [to_hex(ORDERED(int(label) / 4)) for label in ("1", "3", "2", "4", "3")]
    assert nodes(drawn) == [(0, 0, colours[0]), (1, 0, colours[1]), (0.5, 1, colours[2]), (2, 0, colours[3]),
                            (1.25, 2, colours[4])]  # fmt: skip
    assert {"Predicted (87%): 3", "not", "good", "!", *LABELS} <= set(texts(drawn))
    rings = [item for item in drawn.axes[0].collections if isinstance(item, PathCollection)]
    assert len(rings) == 1 and "labelled otherwise" in " ".join(texts(drawn))  # the root, which a person called 1


def test_other_labels_have_colours_of_their_own(figure: Callable[..., Figure]) -> None:
    tree = tree_of("(S (NP cats) (VP sleep))")
    drawn = figure(plots.tree_labels, tree, ["NP", "VP", "S"], ["NP", "S", "VP"])
    assert [colour for *_, colour in nodes(drawn)] == [NAMED[0], NAMED[2], NAMED[1]]
    assert not drawn.axes[0].collections and "Predicted: S" in texts(drawn)


@pytest.mark.slow
def test_lines_do_not_cross_nodes(figure: Callable[..., Figure]) -> None:
    for tree in make_trees(8):
        drawn = figure(plots.tree_labels, tree, list(tree.labels), LABELS)
        places = [(x, y) for x, y, _ in nodes(drawn)]
        assert len(places) == len(set(places)) == len(tree)
        for line in drawn.axes[0].get_lines():
            if line.get_marker() != "o":
                (start, side, low), (y, _, bottom) = line.get_xdata(), line.get_ydata()
                assert side == low
                passed = [(a, b) for a, b in places if a == side and bottom < b < y]
                passed += [(a, b) for a, b in places if b == y and min(start, side) < a < max(start, side)]
                assert not passed


def test_one_word_many_words_and_awkward_words(figure: Callable[..., Figure]) -> None:
    assert len(nodes(figure(plots.tree_labels, tree_of("(2 ok)"), ["2"], LABELS))) == 1
    words = [[2, f"word{n}"] for n in range(70)]
    drawn = figure(plots.tree_labels, tree_of([3, *words]), [*["2"] * 70, "3"], LABELS)
    assert drawn.get_figwidth() > 15
    words = [text for text in map(str.strip, NASTY) if text and not set(text) & set("() \t\n") and len(text) < 99]
    tree = tree_of([1, *([2, word] for word in words)])
    figure(plots.tree_labels, tree, ["2"] * len(words) + ["1"], LABELS)


@pytest.mark.parametrize(
    ("labels", "message"), [(["1"], "1 labels for 3 nodes"), (["1", "9", "1"], "a known label for each")]
)
def test_what_cannot_be_drawn_is_refused(labels: list[str], message: str) -> None:
    with pytest.raises(RnnkitError, match=message):
        plots.tree_labels(tree_of("(1 (1 a) (1 b))"), labels, LABELS, "never.png")
    with pytest.raises(RnnkitError, match="at most 120"):
        tree = tree_of([1, *([2, str(word)] for word in np.arange(121))])
        plots.tree_labels(tree, ["1"] * 122, LABELS, "never.png")
