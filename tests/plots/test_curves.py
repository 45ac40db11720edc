"""Learning curves, read back from the figure, and their ticks."""

from collections.abc import Callable
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from plots.drawings import history, texts

from rnnkit import plots
from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import round_ticks


@pytest.mark.parametrize(
    ("metric", "title", "epochs"),
    [("accuracy", "Accuracy", 1), ("f1", "F1", 2), ("bleu", "BLEU", 9), ("macro_f1", "Macro F1", 200)],
)
def test_learning_curves_show_the_history(figure: Callable[..., Figure], metric: str, title: str, epochs: int) -> None:
    rows, best = history(epochs, metric), (epochs + 1) // 2
    drawn = figure(plots.learning_curves, rows, best_epoch=best, metric=metric)
    assert len(drawn.axes) == 2
    for axes, name in zip(drawn.axes, ("loss", metric), strict=True):
        lines = {line.get_label(): line for line in axes.get_lines()}
        for label, key in (("training", name), ("validation", f"val_{name}")):
            assert lines[label].get_xdata().tolist() == [row["epoch"] for row in rows]
            assert lines[label].get_ydata().tolist() == [row[key] for row in rows]
            assert lines[label].get_marker() if epochs == 1 else True
        assert axes.get_title("left") == ("Loss" if name == "loss" else title)
        assert any(f"{rows[best - 1][f'val_{name}']:#.4g} in epoch {best}" in text for text in texts(drawn))
        assert lines["best epoch"].get_xdata() == [best, best]
        low, high = axes.get_xlim()
        ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
        assert ticks and all(tick == round(tick) for tick in ticks)
    assert {"training", "validation", "best epoch"} <= set(texts(drawn))


@pytest.mark.parametrize("best", [None, 0, 99])
def test_no_best_epoch_is_marked_when_there_is_none(figure: Callable[..., Figure], best: int | None) -> None:
    shown = texts(figure(plots.learning_curves, history(3), best_epoch=best))
    assert not any("in epoch" in text or text == "best epoch" for text in shown)


def test_learning_curves_leave_out_what_was_not_measured(figure: Callable[..., Figure]) -> None:
    rows = [{"epoch": 1, "loss": 2.0, "val_bleu": float("nan")}, {"epoch": 2, "loss": 1.0, "val_bleu": 20.0}]
    drawn = figure(plots.learning_curves, rows, best_epoch=2, metric="bleu")
    assert [line.get_label() for line in drawn.axes[0].get_lines()][0] == "training"
    assert "validation" not in [line.get_label() for line in drawn.axes[0].get_lines()]
    assert [line.get_marker() for line in drawn.axes[1].get_lines() if line.get_label() == "validation"] == ["o"]
    assert len(figure(plots.learning_curves, rows, metric="loss").axes) == 1


@pytest.mark.parametrize("rows", [[], [{"epoch": 1, "seconds": 3.0}]])
def test_a_history_without_figures_is_refused(rows: list[dict[str, float]], tmp_path: Path) -> None:
    with pytest.raises(RnnkitError, match="'accuracy'"):
        plots.learning_curves(rows, tmp_path / "curves.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("low", "high", "expected"), [(0.0, 1.0, "0.2"), (0.8, 0.9, "0.82"), (1e-6, 5e-6, "0.000002"),
                                                       (0, 4000, "1,000"), (-3, 3, "−2")])  # fmt: skip
def test_ticks_have_as_many_decimals_as_they_need(low: float, high: float, expected: str) -> None:
    drawn = Figure()
    axes = drawn.subplots()
    axes.set_ylim(low, high)
    round_ticks(axes.yaxis)
    drawn.draw_without_rendering()
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert expected in labels and len(set(labels)) == len(labels) <= 11
    for label, tick in zip(labels, axes.get_yticks(), strict=True):
        assert float(label.replace("−", "-").replace(",", "")) == pytest.approx(tick)
