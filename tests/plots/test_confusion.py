"""Confusion matrices of few and many labels, read back from the figure."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure
from plots.drawings import texts

from rnnkit import plots
from rnnkit.errors import RnnkitError


def counts(classes: int) -> np.ndarray:
    return np.random.default_rng(classes).integers(0, 3000, (classes, classes)) + 4000 * np.eye(classes, dtype=int)


@pytest.mark.parametrize("classes", [1, 3, 8])
def test_small_matrices_show_counts_and_shares_of_the_row(figure: Callable[..., Figure], classes: int) -> None:
    matrix = counts(classes)
    drawn = figure(plots.confusion_matrix, matrix, [f"label {at}" for at in range(classes)])
    cells = {text.get_position(): text.get_text() for text in drawn.axes[0].texts if "\n" in text.get_text()}
    digits = 1 if classes <= 3 else 0
    assert cells == {
        (column + 0.5, row + 0.5): f"{count:,}\n{count / matrix[row].sum():.{digits}%}"
        for (row, column), count in np.ndenumerate(matrix)
    }
    assert any(f"{np.trace(matrix) / matrix.sum():.1%} of {matrix.sum():,} right" in text for text in texts(drawn))
    assert drawn.axes[0].yaxis_inverted()  # the first label is at the top


@pytest.mark.parametrize(("classes", "numbers"), [(9, True), (20, True), (150, False)])
def test_large_matrices_show_shares_and_then_colour_alone(
    figure: Callable[..., Figure], classes: int, numbers: bool
) -> None:
    matrix = counts(classes)
    drawn = figure(plots.confusion_matrix, matrix, [f"{'👍' * at} {at}" for at in range(classes)])
    shares = matrix / matrix.sum(axis=1, keepdims=True)
    cells = [text.get_text() for text in drawn.axes[0].texts if text.get_text().isdigit()]
    assert len(cells) == ((shares > 0.005).sum() if numbers else 0)
    np.testing.assert_allclose(drawn.axes[0].collections[0].get_array(), shares)
    assert len(drawn.axes[0].get_yticks()) <= 40
    assert drawn.get_figheight() <= 9


def test_a_row_without_texts_and_an_empty_matrix(figure: Callable[..., Figure]) -> None:
    assert "0\n0.0%" in texts(figure(plots.confusion_matrix, np.array([[0, 0], [1, 2]]), ["never", "seen"]))
    figure(plots.confusion_matrix, np.zeros((2, 2), int), ["a", "b"])


@pytest.mark.parametrize(("matrix", "labels"), [(np.zeros((2, 3)), ["a", "b"]), (np.eye(2), ["a"]), (np.eye(0), [])])
def test_a_matrix_that_does_not_fit_its_labels_is_refused(matrix: np.ndarray, labels: list[str]) -> None:
    with pytest.raises(RnnkitError, match="a row and a column a label"):
        plots.confusion_matrix(matrix, labels, "never.png")
