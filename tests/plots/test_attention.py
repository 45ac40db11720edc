"""Attention as a picture, read back from the figure."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from plots.drawings import NASTY, texts

from rnnkit import plots
from rnnkit.errors import RnnkitError


def weights(rows: int, columns: int) -> np.ndarray:
    return np.random.default_rng(rows).dirichlet(np.full(columns, 0.3), rows)


def words(count: int) -> list[str]:
    return [f"▁word{at}" for at in range(count)]


def labels(drawn: Figure) -> tuple[list[str], list[str]]:
    axes = drawn.axes[0]
    return [text.get_text() for text in axes.get_yticklabels()], [text.get_text() for text in axes.get_xticklabels()]


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (5, 9), (12, 12)])
def test_rows_are_the_target_and_cells_show_percentages(figure: Callable[..., Figure], rows: int, columns: int) -> None:
    given = weights(rows, columns)
    drawn = figure(plots.attention_map, given, words(columns), words(rows))
    axes = drawn.axes[0]
    np.testing.assert_allclose(np.asarray(axes.collections[0].get_array()).reshape(rows, columns), given)
    assert labels(drawn) == tuple([f"word{at}" for at in range(count)] for count in (rows, columns))
    assert axes.yaxis_inverted() and (axes.get_xlabel(), axes.get_ylabel()) == ("source", "translation")
    cells = {text.get_position(): int(text.get_text()) for text in axes.texts if text.get_position()[0] % 1 == 0.5}
    assert len(cells) == (given >= 0.005).sum()
    for (x, y), number in cells.items():
        assert number == pytest.approx(100 * given[int(y), int(x)], abs=0.501)


def test_the_scale_is_the_same_for_all_and_dark_means_much(figure: Callable[..., Figure]) -> None:
    mesh = figure(plots.attention_map, weights(3, 30), words(30), words(3)).axes[0].collections[0]
    assert mesh.get_clim() == (0, 1)
    light = [sum(mesh.cmap(mesh.norm(share))[:3]) for share in np.linspace(0, 1, 21)]
    assert light == sorted(light, reverse=True) and light[0] - light[-1] > 2


def test_pieces_are_drawn_as_words_and_what_goes_on_with_them(figure: Callable[..., Figure]) -> None:
    source = ["▁Wies", "e", ".", "▁", "▁("]
    assert labels(figure(plots.attention_map, weights(2, 5), source, ["a", "b"])) == (
        ["a", "b"],
        ["Wies", "·e", ".", "▁", "("],
    )
    assert labels(figure(plots.attention_map, weights(4, 1), ["x"], [*"▁a▁b"]))[0] == [*"▁a▁b"]


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "columns"), [(3, 40), (40, 40), (40, 3), (13, 16), (50, 50)])
def test_every_piece_can_be_read(figure: Callable[..., Figure], rows: int, columns: int) -> None:
    drawn = figure(plots.attention_map, weights(rows, columns), words(columns), words(rows))
    assert [len(side) for side in labels(drawn)] == [rows, columns] and drawn.get_figheight() <= 9
    axes = drawn.axes[0]
    assert axes.bbox.width > 0.6 * drawn.bbox.width
    for count, length, names in ((rows, axes.bbox.height, axes.get_yticklabels()),
                                 (columns, axes.bbox.width, axes.get_xticklabels())):  # fmt: skip
        for text in names:
            assert text.get_fontsize() >= 7 and text.get_fontsize() * drawn.dpi / 72 < 1.02 * length / count
    shown = [text for text in drawn.findobj(Text) if text.get_text() and text.get_visible()]
    assert all(0 <= box.x0 and box.x1 <= drawn.bbox.width for box in (text.get_window_extent() for text in shown))


def test_of_very_long_sentences_the_beginning_is_drawn(figure: Callable[..., Figure]) -> None:
    drawn = figure(plots.attention_map, weights(70, 9), words(9), words(70))
    assert [len(side) for side in labels(drawn)] == [50, 9]
    assert any("the first 50 pieces" in text for text in texts(drawn))


def test_numbers_can_be_read_on_their_colours(figure: Callable[..., Figure]) -> None:
    given = np.linspace(0, 1, 144).reshape(12, 12)
    axes = figure(plots.attention_map, given, words(12), words(12)).axes[0]
    mesh = axes.collections[0]
    for text in axes.texts:
        x, y = text.get_position()
        if x % 1 == 0.5:
            behind = mesh.cmap(mesh.norm(given[int(y), int(x)]))[:3]
            assert abs(np.mean(behind) - np.mean(to_rgb(text.get_color()))) > 0.3


@pytest.mark.slow
def test_any_name_and_title_can_be_drawn_and_the_same_bytes_each_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    count = len(NASTY)
    for title in NASTY:
        plots.attention_map(np.eye(1), ["a"], ["b"], tmp_path / "title.png", title=title)
    one, two = (
        plots.attention_map(weights(count, count), NASTY, ["▁" + name for name in NASTY], tmp_path / name)
        for name in ("one.png", "two.png")
    )
    assert one.read_bytes() == two.read_bytes() and len(list(tmp_path.iterdir())) == 3
    assert not caplog.records


@pytest.mark.parametrize(("given", "message"), [
    (np.ones((2, 3)) / 3, "a row for each target piece"), (np.ones((3, 2, 1)), "a row for each target piece"),
    (np.full((3, 2), np.nan), "expected 0 to 1"), (np.full((3, 2), 1.5), "expected 0 to 1"),
    (np.full((3, 2), -1), "expected 0 to 1"), (np.full((3, 2), np.inf), "expected 0 to 1"),
])  # fmt: skip
def test_weights_that_cannot_be_drawn_are_refused(given: np.ndarray, message: str, tmp_path: Path) -> None:
    with pytest.raises(RnnkitError, match=message):
        plots.attention_map(given, ["a", "b"], ["c", "d", "e"], tmp_path / "attention.png")
    with pytest.raises(RnnkitError, match="a row for each target piece"):
        plots.attention_map(np.zeros((0, 0)), [], [], tmp_path / "attention.png")
    assert not list(tmp_path.iterdir())
