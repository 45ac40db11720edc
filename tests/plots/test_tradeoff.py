"""The picture of cells by score and time."""

import pytest
from PIL import Image

from rnnkit import plots
from rnnkit.errors import RnnkitError
from rnnkit.plots.tradeoff import front

Tradeoff = plots.Tradeoff
CELLS = [Tradeoff("gru", 1.2, 0.84, (0.8, 0.87)), Tradeoff("lstm", 1.9, 0.86, (0.83, 0.89), True)]


def ink(path, colour):
    with Image.open(path) as picture:
        return sum(count for count, each in picture.convert("RGB").getcolors(10**6) if each == colour)


def test_the_kept_cell_is_told_apart_and_intervals_are_drawn(tmp_path):
    orange, grey = (0xD5, 0x5E, 0x00), (0x5F, 0x6C, 0x7B)
    kept = plots.tradeoff_figure(CELLS, tmp_path / "kept.png", timed="a text on one thread")
    none = plots.tradeoff_figure([each._replace(is_kept=False) for each in CELLS], tmp_path / "none.png")
    assert ink(kept, orange) > 100 and ink(none, orange) == 0
    slower = [CELLS[0], CELLS[1]._replace(milliseconds=1.0)]  # better and faster: there is no line to draw
    alone = plots.tradeoff_figure(slower, tmp_path / "alone.png", timed="a text on one thread")
    assert ink(alone, grey) < ink(kept, grey)
    many = [Tradeoff(f"cell_{n}", 0.1 * 1.4**n, 2 - n / 40) for n in range(20)]
    assert plots.tradeoff_figure(many, tmp_path / "many.png", "bits_per_character").is_file()


def test_the_line_has_what_no_other_cell_beats():
    cells = [Tradeoff(name, ms, score) for name, ms, score in (("a", 1, 5), ("b", 1, 6), ("c", 2, 6), ("d", 3, 9))]
    assert [one.name for one in front(cells)] == ["b", "d"]
    assert [one.name for one in front(cells, less=True)] == ["a"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [([], "no cell to draw"), ([Tradeoff("gru", 0.0, 0.5)], "gru has 0.0 ms"),
     ([Tradeoff("gru", 1.0, float("nan"))], "the score nan")],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(cells, said, tmp_path):
    with pytest.raises(RnnkitError, match=said):
        plots.tradeoff_figure(cells, tmp_path / "none.png")
