"""The bars of a score by sentence length, read back from the figure."""

from collections.abc import Callable
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from plots.drawings import NASTY, texts

from rnnkit import plots
from rnnkit.errors import RnnkitError

GROUPS = [("≤5", 43.14, 24), ("6-10", 40.0, 1504), ("11-15", 36.46, 364), ("16+", 18.2, 3)]


def test_bars_values_and_counts(figure: Callable[..., Figure]) -> None:
    drawn = figure(plots.score_by_length, GROUPS, score="chrF", unit="pieces")
    axes = drawn.axes[0]
    assert [bar.get_height() for bar in axes.patches] == [43.14, 40.0, 36.46, 18.2]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["≤5", "6-10", "11-15", "16+"]
    assert {"43.1", "40.0", "36.5", "18.2", "24", "1,504", "364", "3"} <= set(texts(drawn))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("pieces", "chrF") and axes.get_ylim()[0] == 0
    colours = [bar.get_facecolor() for bar in axes.patches]
    assert colours[0] == colours[1] == colours[2] != colours[3]
    assert any("1,895 sentences" in text and "fewer than 20" in text for text in texts(drawn))
    assert not any("fewer" in text for text in texts(figure(plots.score_by_length, GROUPS[:3])))


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 6, 12, 20])
def test_no_text_covers_another_or_leaves_the_picture(figure: Callable[..., Figure], count: int) -> None:
    groups = [(f"{at * 5 + 91}-{at * 5 + 95}", 100 - at * 4.9, 12_345) for at in range(count)]
    drawn = figure(plots.score_by_length, groups)
    shown = [text for text in drawn.findobj(Text) if text.get_text() and text.get_visible()]
    boxes = [text.get_window_extent() for text in shown]
    assert all(box.x0 >= 0 and box.x1 <= drawn.bbox.width and box.y0 >= 0 for box in boxes)
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = one.x1 < other.x0 or other.x1 < one.x0 or one.y1 < other.y0 + 2 or other.y1 < one.y0 + 2
            assert apart, (one, other)


def test_takes_what_bleu_by_length_gives(figure: Callable[..., Figure]) -> None:
    pytest.importorskip("sacrebleu", reason="counts BLEU")
    from rnnkit.metrics.translations import bleu_by_length

    groups = bleu_by_length(["ein Hund", "ein Hund und drei Katzen"], ["a dog", "b"], ["a dog", "c d"], [3])
    assert [bar.get_height() for bar in figure(plots.score_by_length, groups).axes[0].patches] == [100, 0]


@pytest.mark.slow
def test_any_label_can_be_drawn_and_the_same_bytes_each_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    groups = [(label, 30.0, 40) for label in NASTY]
    one, two = (plots.score_by_length(groups, tmp_path / name) for name in ("one.png", "two.png"))
    assert one.read_bytes() == two.read_bytes() and len(list(tmp_path.iterdir())) == 2
    assert not caplog.records


@pytest.mark.parametrize(("groups", "message"), [
    ([], "no group"), ([("5", 101.0, 2)], "expected 0-100"), ([("5", float("nan"), 2)], "expected 0-100"),
    ([("5", -1.0, 2)], "expected 0-100"), ([("5", 1.0, 0)], "1 or more"),
])  # fmt: skip
def test_what_cannot_be_drawn_is_refused(groups: list[tuple[str, float, int]], message: str, tmp_path: Path) -> None:
    with pytest.raises(RnnkitError, match=message):
        plots.score_by_length(groups, tmp_path / "bleu.png")
    assert not list(tmp_path.iterdir())
