"""The picture of the gradient flow, read back from the figure."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from plots.drawings import texts

from rnnkit import plots
from rnnkit.errors import RnnkitError

VANISHING = 0.5 ** np.arange(40)


def test_each_line_is_drawn_with_its_norms(figure: Callable[..., Figure]) -> None:
    curves = [("layer 1: vanishing", VANISHING), ("layer 1 backward: healthy", np.array([1.0, 0, np.inf, 2]))]
    drawn = figure(plots.gradient_flow, curves, subtitle="my_run, 9 rows")
    (axes,) = drawn.axes
    first, second = axes.get_lines()
    assert first.get_ydata().tolist() == VANISHING.tolist() and axes.get_yscale() == "log"
    assert np.isnan(second.get_ydata()[1:3]).all() and second.get_ydata()[3] == 2
    assert first.get_linestyle() != second.get_linestyle()
    assert {"layer 1: vanishing", "layer 1 backward: healthy", "my_run, 9 rows", "10⁻¹⁰"} <= set(texts(drawn))


def test_what_stays_about_the_same_looks_so(figure: Callable[..., Figure]) -> None:
    low, high = figure(plots.gradient_flow, [("flat", np.array([1.0, 1.1, 0.9]))]).axes[0].get_ylim()
    assert high / low > 99


@pytest.mark.parametrize("norms", [[1e-100, 1e100], [1e-45], [5.0], [1.0] * 2000])
def test_any_numbers_are_drawn(norms: list[float], tmp_path: Path) -> None:
    assert plots.gradient_flow([("one", np.array(norms))], tmp_path / "flow.png").is_file()


@pytest.mark.parametrize("curves", [[], [("one", np.zeros(3))], [("one", np.array([np.nan]))]])
def test_nothing_to_draw_is_refused(curves: list[tuple[str, np.ndarray]], tmp_path: Path) -> None:
    with pytest.raises(RnnkitError, match="none has a gradient above 0"):
        plots.gradient_flow(curves, tmp_path / "flow.png")
