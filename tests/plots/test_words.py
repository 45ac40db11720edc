"""Words with their colours: where they stand, and which colour each has."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text
from plots.drawings import texts

from rnnkit import plots
from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import TITLE
from rnnkit.tasks.shared import occlusion as explain


def words_drawn(drawn: Figure) -> list[Text]:
    return [artist for artist in drawn.get_children() if type(artist) is Text and artist.get_fontsize() == TITLE
            and artist.get_fontweight() == "normal"]  # fmt: skip


@pytest.mark.parametrize("number", [1, 3, 121, 400])
def test_words_stand_in_order_inside_the_picture_and_do_not_overlap(figure: Callable[..., Figure], number: int) -> None:
    rng = np.random.default_rng(number)
    words = ["n" * rng.integers(1, 9) + str(at) for at in range(number)]
    scores = rng.normal(size=number) * np.linspace(0.1, 1, number)
    drawn = figure(plots.word_attribution, words, scores, "positive", 0.9)
    first = max(range(max(number - 119, 1)), key=lambda at: np.abs(scores[at : at + 120]).sum())
    last = min(first + 120, number)
    shown = [f"… {first:,} more"] * (first > 0) + words[first:last] + [f"{number - last:,} more …"] * (last < number)
    artists = words_drawn(drawn)
    assert [artist.get_text() for artist in artists] == shown
    boxes = [artist.get_window_extent() for artist in artists]
    for one, other in zip(boxes, boxes[1:], strict=False):
        assert one.x1 < other.x0 or one.y0 > other.y1
    assert all(box.x0 >= 30 and box.x1 <= 930 and box.y0 > 70 for box in boxes)
    assert drawn.get_figheight() < 8


def test_each_word_has_its_own_colour(figure: Callable[..., Figure]) -> None:
    scores = np.array([0.0, 3.0, -1.5, 0.1, 1.0])
    drawn = figure(plots.word_attribution, ["a", "great", "dull", "film", "really"], scores, "positive", 0.973)
    boxes = [artist for artist in drawn.get_children() if isinstance(artist, FancyBboxPatch)]
    assert [to_hex(box.get_facecolor()) for box in boxes] == [explain.shade(share) for share in (1, -0.5, 1 / 3)]
    for box, word in zip(boxes, ("great", "dull", "really"), strict=True):
        ink = next(artist for artist in words_drawn(drawn) if artist.get_text() == word).get_window_extent()
        area = box.get_window_extent()
        assert area.x0 < ink.x0 and ink.x1 < area.x1 and area.y0 < ink.y0 and ink.y1 < area.y1
    assert {"Predicted (97.3%): positive", "−3", "0", "+3", "against", "for this label"} <= set(texts(drawn))


def test_right_to_left_words_run_from_the_right(figure: Callable[..., Figure]) -> None:
    drawn = figure(plots.word_attribution, ["שלום", "עולם", "טוב"], np.array([1.0, 0, -1]), "חיובי", 0.9)
    places = [artist.get_window_extent().x0 for artist in words_drawn(drawn)]
    assert places == sorted(places, reverse=True) and places[0] > 800


def test_words_without_weight_are_said_to_have_none(figure: Callable[..., Figure]) -> None:
    drawn = figure(plots.word_attribution, ["a", "b"], np.zeros(2), "x", 0.5)
    assert "no word alone makes a difference" in texts(drawn)


@pytest.mark.parametrize(("words", "scores"), [([], []), (["a"], [1.0, 2.0]), (["a"], [np.nan])])
def test_words_without_their_scores_are_refused(words: list[str], scores: list[float]) -> None:
    with pytest.raises(RnnkitError, match="word"):
        plots.word_attribution(words, np.array(scores), "positive", 0.9, "never.png")
