"""Precision against coverage and reliability, read back from the figure."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure
from plots.drawings import JUDGED, texts

from rnnkit import plots
from rnnkit.errors import RnnkitError
from rnnkit.metrics.confidence import Judged, calibration, selected, threshold_for


def test_the_curve_ends_where_all_rows_are_answered(figure: Callable[..., Figure]) -> None:
    chosen = threshold_for(JUDGED, 0.8)
    assert chosen is not None
    drawn = figure(plots.precision_coverage, JUDGED, chosen=chosen)
    curve, *dots = drawn.axes[0].lines
    assert curve.get_xdata()[-1] == 100 and curve.get_ydata()[-1] == pytest.approx(100 * JUDGED.correct.mean())
    assert f"all 900 rows answered: {JUDGED.correct.mean():.1%} right; dots are thresholds of the probability" in texts(
        drawn
    )
    assert f"{chosen.threshold:g}" in texts(drawn)
    places = {(round(dot.get_xdata()[0], 6), round(dot.get_ydata()[0], 6)) for dot in dots}
    here = selected(JUDGED, 0.9)
    assert (round(100 * here.coverage, 6), round(100 * here.precision, 6)) in places
    assert max(drawn.axes[0].get_yticks()) <= 100


def test_bars_are_the_share_right_in_each_bin(figure: Callable[..., Figure]) -> None:
    drawn, found = figure(plots.reliability, JUDGED), calibration(JUDGED)
    some = found.counts > 0
    assert [bar.get_height() for bar in drawn.axes[0].patches] == pytest.approx(list(100 * found.accuracy[some]))
    assert [bar.get_height() for bar in drawn.axes[1].patches] == list(found.counts[some])
    assert f"expected calibration error {found.error:.1%} on 900 rows" in texts(drawn)
    assert {f"{count:,}" for count in found.counts[some]} <= set(texts(drawn))


@pytest.mark.parametrize("draw", [plots.precision_coverage, plots.reliability])
def test_one_answer_is_drawn_and_none_is_refused(figure: Callable[..., Figure], draw: Callable, tmp_path) -> None:
    figure(draw, Judged(np.array([True]), np.array([1.0])))
    with pytest.raises(RnnkitError, match="no answers"):
        draw(Judged(np.zeros(0, bool), np.zeros(0)), tmp_path / "picture.png")
