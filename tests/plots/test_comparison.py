"""Validation curves of Runs over one another, and the Run's name on its pictures."""

import pytest
from plots.drawings import DRAWINGS, NASTY, history, texts

from rnnkit import plots
from rnnkit.errors import RnnkitError
from rnnkit.plots.comparison import MOST_RUNS, comparison_curves
from rnnkit.plots.naming import pictures_of, run_name


def test_each_run_has_a_curve_of_its_own(figure):
    histories = {"first": history(9), "second": history(4)}
    drawn = figure(comparison_curves, histories)
    loss, score = drawn.axes
    for axes, name in ((loss, "val_loss"), (score, "val_accuracy")):
        assert [line.get_label() for line in axes.lines] == ["first", "second"]
        for line, rows in zip(axes.lines, histories.values(), strict=True):
            assert list(line.get_ydata()) == [row[name] for row in rows]
    assert len({(line.get_color(), line.get_marker()) for line in loss.lines}) == 2
    assert {"Loss", "Accuracy", "first", "second"} <= set(texts(drawn))


def test_a_score_that_not_all_have_is_left_out(figure):
    assert len(figure(comparison_curves, {"a": history(3), "b": history(3, "f1")}).axes) == 1


@pytest.mark.slow
def test_any_names_and_holes_can_be_drawn(figure):
    rows = [{"epoch": 1}, {"epoch": 2, "val_loss": float("nan")}, {"epoch": 3, "val_loss": 0.5}]
    for name in NASTY:
        figure(comparison_curves, {name: rows, "other": rows})


@pytest.mark.parametrize("histories", [{}, {str(n): history(2) for n in range(MOST_RUNS + 1)}, {"a": []}])
def test_what_cannot_be_drawn_is_refused(histories, tmp_path):
    with pytest.raises(RnnkitError):
        comparison_curves(histories, tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_picture_carries_the_name_of_its_run(name, figure):
    with pictures_of("my_reviews"):
        assert "my_reviews" in texts(figure(lambda path: DRAWINGS[name](path)))
    assert run_name() == "" and "my_reviews" not in texts(figure(lambda path: DRAWINGS[name](path)))


def test_an_odd_name_is_drawn_as_it_can_be(figure):
    with pictures_of("$x^2$\x1b" + "long" * 99):
        figure(plots.learning_curves, history(3))
