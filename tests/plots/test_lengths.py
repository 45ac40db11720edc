"""Length histograms: split exactly at the cut."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from plots.drawings import LENGTHS, texts

from rnnkit import plots
from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import BLUE, ORANGE


@pytest.mark.parametrize(
    ("lengths", "cut"),
    [(LENGTHS, 200), (LENGTHS, 1), (LENGTHS, 5000), (np.append(LENGTHS, 10**6), 400), (np.array([3]), 200),
     (np.array([0]), 1), (np.array([200]), 200), (np.array([201]), 200), (np.arange(100, 2000), 777)],
)  # fmt: skip
def test_histogram_splits_exactly_at_the_cut(figure: Callable[..., Figure], lengths: np.ndarray, cut: int) -> None:
    drawn = figure(plots.length_histogram, lengths, cut)
    axes = drawn.axes[0]
    end = max(bar.get_x() + bar.get_width() for bar in axes.patches)
    for colour, inside in ((BLUE, lengths <= cut), (ORANGE, (lengths > cut) & (lengths <= end))):
        heights = [bar.get_height() for bar in axes.patches if to_hex(bar.get_facecolor()) == colour]
        assert sum(heights) == (inside & (lengths <= end)).sum()
    assert len(axes.patches) <= 80
    share = sum(length > cut for length in lengths.tolist()) / len(lengths)
    assert {f"read whole: {1 - share:.1%}", f"cut at {cut:,} words: {share:.1%}"} <= set(texts(drawn))
    left_out = (lengths > end).mean()
    assert left_out <= 0.005 and axes.get_xlabel().startswith("words")
    assert (f"{left_out:.1%} of the texts are longer" in axes.get_xlabel()) == bool(left_out)


def test_histogram_names_its_unit_and_padding(figure: Callable[..., Figure]) -> None:
    shown = texts(figure(plots.length_histogram, LENGTHS, 100, unit="characters", padding=0.0725))
    assert any("7.2% padding" in text for text in shown) and "Characters in a text" in shown
    assert not any("padding" in text for text in texts(figure(plots.length_histogram, LENGTHS, 100)))


def test_histogram_of_what_is_never_cut_says_nothing_of_a_cut(figure: Callable[..., Figure]) -> None:
    drawn = figure(plots.length_histogram, LENGTHS, None, unit="frames", noun="sound")
    assert not any("cut" in text or "read whole" in text for text in texts(drawn))
    assert {to_hex(bar.get_facecolor()) for bar in drawn.axes[0].patches} == {BLUE}


@pytest.mark.parametrize("lengths", [np.array([]), np.array([3, -1])])
def test_impossible_lengths_are_refused(lengths: np.ndarray) -> None:
    with pytest.raises(RnnkitError, match="lengths were given"):
        plots.length_histogram(lengths, 10, "never.png")
