"""Transition scores of few and many tags, read back from the figure and from its pixels."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from plots.drawings import NASTY, texts

from rnnkit import plots
from rnnkit.errors import RnnkitError
from rnnkit.plots.transitions import FORBIDDEN_BELOW


def matrix(tags: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and where I-X follows what it must not follow."""
    learnt = np.random.default_rng(len(tags)).normal(0, 2, (len(tags), len(tags)))
    forbidden = np.array([[to[0] == "I" and origin[1:] != to[1:] for to in tags] for origin in tags])
    return learnt - 1e4 * forbidden, forbidden


def tags(count: int) -> list[str]:
    return ["O", *(f"{letter}-TYPE{at}" for at in range(count // 2) for letter in "BI")]


def pixels(drawn: Figure, row: int, column: int) -> np.ndarray:
    """The colours, 0-1, `[pixels, 3]`, of a cell's lower part, where no number stands."""
    canvas = FigureCanvasAgg(drawn)
    canvas.draw()
    image = np.asarray(canvas.buffer_rgba())[..., :3] / 255
    (left, top), (right, bottom) = drawn.axes[0].transData.transform(
        [(column + 0.1, row + 0.7), (column + 0.9, row + 0.9)]
    )
    rows = slice(int(len(image) - top), int(len(image) - bottom))
    return image[rows, int(left) : int(right)].reshape(-1, 3)


@pytest.mark.parametrize("count", [3, 9, 17])
def test_cells_show_the_scores_that_are_learnt(figure: Callable[..., Figure], count: int) -> None:
    names = tags(count)
    scores, forbidden = matrix(names)
    drawn = figure(plots.transition_matrix, scores, names)
    cells = {text.get_position(): text.get_text().replace("−", "-") for text in drawn.axes[0].texts if text.get_text()}
    cells = {place: float(text) for place, text in cells.items() if place[0] % 1 == 0.5}
    assert set(cells) == {(column + 0.5, row + 0.5) for row, column in np.argwhere(~forbidden)}
    for (x, y), number in cells.items():
        assert number == pytest.approx(scores[int(y), int(x)], abs=0.0501)
    assert drawn.axes[0].get_ylabel() == "from" and drawn.axes[0].get_xlabel() == "to"
    assert [label.get_text() for label in drawn.axes[0].get_yticklabels()] == names
    assert drawn.axes[0].yaxis_inverted() and "forbidden by the tag scheme" in texts(drawn)
    assert drawn.get_figheight() <= 9


@pytest.mark.slow
def test_numbers_fit_their_cells(figure: Callable[..., Figure]) -> None:
    drawn = figure(plots.transition_matrix, np.random.default_rng(0).uniform(-99, -10, (20, 20)), [*tags(19), "B-Y"])
    width = drawn.axes[0].bbox.width / 20
    numbers = [text for text in drawn.axes[0].texts if text.get_position()[0] % 1 == 0.5]
    assert len(numbers) == 400 and all(text.get_window_extent().width < width - 2 for text in numbers)


def test_colours_diverge_around_0_and_forbidden_cells_have_none(figure: Callable[..., Figure]) -> None:
    scores = np.array([[3.0, -3.0, -1e4 + 2], [0.0, 1.0, -1.0], [-0.5, -np.inf, 0.5]])
    drawn = figure(plots.transition_matrix, scores, ["O", "B-X", "I-X"])
    mesh = drawn.axes[0].collections[0]
    assert mesh.get_clim() == (-3, 3)  # forbidden scores do not stretch the scale
    assert np.ma.getmaskarray(mesh.get_array()).reshape(3, 3).tolist() == (scores < -1000).tolist()
    red, _, blue = pixels(drawn, 0, 0).mean(axis=0)
    assert blue > red + 0.3
    red, _, blue = pixels(drawn, 0, 1).mean(axis=0)
    assert red > blue + 0.3
    np.testing.assert_allclose(pixels(drawn, 1, 0), 1, atol=0.01)
    for row, column in ((0, 2), (2, 1)):
        seen = pixels(drawn, row, column)
        assert np.ptp(seen, axis=1).max() < 0.08 and seen.std(axis=0).max() > 0.02  # grey, and hatched


@pytest.mark.slow
def test_numbers_can_be_read_on_their_colours(figure: Callable[..., Figure]) -> None:
    scores = np.linspace(-5, 5, 256).reshape(16, 16)
    drawn = figure(plots.transition_matrix, scores, [*tags(15), "B-Y"])
    mesh = drawn.axes[0].collections[0]
    for text in drawn.axes[0].texts:
        x, y = text.get_position()
        if x % 1 == 0.5:
            behind = mesh.cmap(mesh.norm(scores[int(y), int(x)]))[:3]
            assert contrast(to_rgb(text.get_color()), behind) > 3.4


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """WCAG 2.1's contrast ratio."""
    light = []
    for colour in (one, other):
        parts = np.array(colour)
        light.append(
            np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722)
        )
    return (max(light) + 0.05) / (min(light) + 0.05)


@pytest.mark.parametrize("count", [3, 13])
def test_small_scores_look_small_and_have_two_decimals(figure: Callable[..., Figure], count: int) -> None:
    scores = np.full((count, count), -0.0004)
    scores[0] = -0.12
    drawn = figure(plots.transition_matrix, scores, tags(count))
    assert drawn.axes[0].collections[0].get_clim() == (-1, 1)
    numbers = [text for text in drawn.axes[0].texts if text.get_position()[0] % 1 == 0.5]
    assert [text.get_text() for text in numbers] == ["−0.12"] * count + ["0.00"] * count * (count - 1)
    assert all(text.get_window_extent().width < drawn.axes[0].bbox.width / count for text in numbers)


def test_many_tags_have_colours_alone(figure: Callable[..., Figure]) -> None:
    names = tags(73)
    drawn = figure(plots.transition_matrix, matrix(names)[0], names)
    assert not any(text.get_position()[0] % 1 == 0.5 for text in drawn.axes[0].texts)
    assert len(drawn.axes[0].get_yticks()) <= 40 and drawn.get_figheight() <= 9


def test_without_forbidden_ones_no_legend_and_equal_scores_are_white(figure: Callable[..., Figure]) -> None:
    drawn = figure(plots.transition_matrix, np.zeros((2, 2)), ["a", "b"])
    assert not drawn.legends
    np.testing.assert_allclose(pixels(drawn, 0, 1), 1, atol=0.01)
    figure(plots.transition_matrix, np.full((1, 1), -1e4), ["a"])


def test_a_crf_s_constraint_is_below_the_limit() -> None:
    crf = pytest.importorskip("rnnkit.layers.crf.crf", reason="needs Keras")
    assert crf.FORBIDDEN < 5 * FORBIDDEN_BELOW


@pytest.mark.slow
def test_any_name_can_be_drawn_and_the_same_bytes_each_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    scores = np.eye(len(NASTY)) - 1e4 * np.eye(len(NASTY))[::-1]
    one, two = (plots.transition_matrix(scores, NASTY, tmp_path / name) for name in ("one.png", "two.png"))
    assert one.read_bytes() == two.read_bytes() and len(list(tmp_path.iterdir())) == 2
    assert not caplog.records


@pytest.mark.parametrize(("scores", "labels", "message"), [
    (np.zeros((2, 3)), ["a", "b"], "a row and a column a tag"), (np.eye(2), ["a"], "a row and a column a tag"),
    (np.eye(0), [], "a row and a column a tag"), (np.array([[np.nan]]), ["a"], "NaN or infinity"),
    (np.array([[np.inf]]), ["a"], "NaN or infinity"),
])  # fmt: skip
def test_a_matrix_that_cannot_be_drawn_is_refused(scores: np.ndarray, labels: list[str], message: str,
                                                   tmp_path: Path) -> None:  # fmt: skip
    with pytest.raises(RnnkitError, match=message):
        plots.transition_matrix(scores, labels, tmp_path / "transitions.png")
    assert not list(tmp_path.iterdir())
