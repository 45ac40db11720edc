"""The picture of precision against recall, read back from the figure."""

import numpy as np
import pytest
from plots.drawings import texts

from rnnkit import plots
from rnnkit.errors import RnnkitError

TRUTH = np.array([[1, 0], [1, 0], [0, 1], [0, 0]])
LIKELY = np.array([[0.9, 0.1], [0.4, 0.2], [0.6, 0.8], [0.1, 0.3]])


def test_each_label_has_its_curve_and_a_dot_where_it_is_answered(figure):
    drawn = figure(plots.precision_recall_curves, TRUTH, LIKELY, ["toxic", "insult"])
    (axes,) = drawn.axes
    curve, dot, other, _ = axes.get_lines()
    assert curve.get_xdata().tolist() == [0, 50, 50, 100]
    assert curve.get_ydata() == pytest.approx([100, 100, 50, 200 / 3])
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (50, 50)
    assert other.get_xdata().tolist() == [0, 100]
    assert {"toxic (2)", "insult (1)"} <= set(texts(drawn))


def test_the_most_frequent_eight_are_drawn_and_the_others_counted(figure):
    truth = np.tril(np.ones((12, 12), int))
    drawn = figure(plots.precision_recall_curves, truth, truth * 0.9, [f"label {n}" for n in range(12)])
    assert any("the 8 most frequent of 12 labels" in text for text in texts(drawn))
    assert "label 7 (5)" in texts(drawn) and not any("label 8" in text for text in texts(drawn))


def test_nothing_to_draw_is_refused(tmp_path):
    with pytest.raises(RnnkitError, match="None of the 4 rows has a label"):
        plots.precision_recall_curves(np.zeros((4, 2), int), LIKELY, ["a", "b"], tmp_path / "x.png")
