"""The bars of entity types, read back from the figure."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from plots.drawings import NASTY, texts

from rnnkit import plots
from rnnkit.errors import RnnkitError
from rnnkit.metrics.entities import entity_scores


def scores(names: list[str]) -> dict[str, dict[str, Any]]:
    rng = np.random.default_rng(len(names))
    made = {}
    for at, name in enumerate(names):
        precision, recall = rng.uniform(0.2, 1, 2)
        f1 = 2 * precision * recall / (precision + recall)
        made[name] = {"f1": f1, "precision": precision, "recall": recall, "entities": (at * 7919) % 5000}
    return made


def bars(drawn: Figure) -> list[Rectangle]:
    return sorted(drawn.axes[0].patches, key=lambda bar: bar.get_y())


def beside(drawn: Figure, x: float) -> list[str]:
    """Texts at the left (0) or right (1) edge of the axes, from top to bottom."""
    found = [text for text in drawn.axes[0].texts if text.xycoords == ("axes fraction", "data") and text.xy[0] == x]
    return [text.get_text() for text in sorted(found, key=lambda text: text.xy[1])]


@pytest.mark.parametrize("count", [1, 4, 40])
def test_bars_marks_and_counts_of_each_type(figure: Callable[..., Figure], count: int) -> None:
    types = scores([f"T{at}" for at in range(count)])
    order = sorted(types, key=lambda name: -types[name]["entities"])
    drawn = figure(plots.type_scores, types)
    axes = drawn.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == order and axes.yaxis_inverted()
    np.testing.assert_allclose([bar.get_width() for bar in bars(drawn)], [types[name]["f1"] for name in order])
    precision, recall = axes.get_lines()
    for line, score in ((precision, "precision"), (recall, "recall")):
        np.testing.assert_allclose(line.get_xdata(), [types[name][score] for name in order])
        np.testing.assert_allclose(line.get_ydata(), np.arange(count), atol=0.33)  # on its own bar
    assert precision.get_marker() != recall.get_marker()
    assert beside(drawn, 0) == [f"{types[name]['entities']:,}" for name in order]
    assert beside(drawn, 1) == [f"{types[name]['f1']:.3f}" for name in order]
    total = sum(row["entities"] for row in types.values())
    assert any(text.startswith(f"{total:,} entit") for text in texts(drawn))
    assert {"precision", "recall", "F1, also at the right"} <= set(texts(drawn))
    assert axes.get_xlim() == (0, 1) and drawn.get_figheight() <= 9


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 15, 40])
def test_no_text_covers_another_or_leaves_the_picture(figure: Callable[..., Figure], count: int) -> None:
    types = scores([f"a very long name of a type, number {at}" for at in range(count)])
    next(iter(types.values()))["entities"] = 12_345_678
    drawn = figure(plots.type_scores, types)
    shown = [text for text in drawn.findobj(Text) if text.get_text() and text.get_visible()]
    boxes = [text.get_window_extent() for text in shown]
    assert all(box.x0 >= 0 and box.x1 <= drawn.bbox.width and box.y0 >= 0 for box in boxes)
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:  # neighbours' boxes may touch by less than two pixels: the space above letters
            apart = one.x1 < other.x0 or other.x1 < one.x0 or one.y1 < other.y0 + 2 or other.y1 < one.y0 + 2
            assert apart, (one, other)


def test_marks_at_0_and_1_are_drawn_whole(figure: Callable[..., Figure]) -> None:
    all_right = {"f1": 1.0, "precision": 1.0, "recall": 1.0, "entities": 3}
    drawn = figure(plots.type_scores, {"A": all_right, "B": dict.fromkeys(all_right, 0)})
    assert not any(line.get_clip_on() for line in drawn.axes[0].get_lines() if isinstance(line, Line2D))


def test_takes_what_entity_scores_gives(figure: Callable[..., Figure]) -> None:
    truth = [["B-PER", "I-PER", "O", "B-LOC"], ["B-LOC", "O", "B-LOC", "O"]]
    guess = [["B-PER", "I-PER", "O", "B-PER"], ["B-LOC", "O", "O", "B-NEW"]]
    drawn = figure(plots.type_scores, entity_scores(truth, guess)["types"])
    assert [label.get_text() for label in drawn.axes[0].get_yticklabels()] == ["LOC", "PER", "NEW"]
    np.testing.assert_allclose([bar.get_width() for bar in bars(drawn)], [0.5, 2 / 3, 0], atol=1e-5)


@pytest.mark.slow
def test_of_many_types_the_most_frequent_ones_are_drawn(figure: Callable[..., Figure]) -> None:
    types = scores([f"T{at}" for at in range(57)])
    drawn = figure(plots.type_scores, types)
    least = sorted(row["entities"] for row in types.values())[-40]
    shown = [label.get_text() for label in drawn.axes[0].get_yticklabels()]
    assert len(shown) == 40 and all(types[name]["entities"] >= least for name in shown)
    assert any("57 types; the 40 most frequent types" in text for text in texts(drawn))


def test_any_name_can_be_drawn(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    plots.type_scores(scores(NASTY), tmp_path / "types.png")
    assert not caplog.records


def test_without_a_type_the_picture_says_so(figure: Callable[..., Figure]) -> None:
    assert "there was no entity to find" in texts(figure(plots.type_scores, {}))


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    one, two = (plots.type_scores(scores(["A", "B"]), tmp_path / name) for name in ("one.png", "two.png"))
    assert one.read_bytes() == two.read_bytes() and len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("change", [{"f1": 83.2}, {"recall": float("nan")}, {"precision": -0.1}, {"entities": -1},
                                    {"f1": None}])  # fmt: skip
def test_figures_that_are_none_are_refused(change: dict[str, Any], tmp_path: Path) -> None:
    row = {"f1": 0.5, "precision": 0.5, "recall": 0.5, "entities": 3} | change
    given = {name: value for name, value in row.items() if value is not None}
    with pytest.raises(RnnkitError, match="'PER'.*expected f1, precision, recall"):
        plots.type_scores({"PER": given}, tmp_path / "types.png")
    assert not list(tmp_path.iterdir())
