"""Contact sheets and attention over pictures, read back from the figure."""

import numpy as np
import pytest
from plots.drawings import NASTY, texts

from rnnkit import plots
from rnnkit.errors import RnnkitError

RANDOM = np.random.default_rng(0)


def pictures(count):
    return [RANDOM.integers(0, 256, (12, 16, 3)).astype("uint8") for _ in range(count)]


@pytest.mark.parametrize("count", [1, 4, 5, 30])
def test_each_picture_has_its_caption(figure, count):
    given = pictures(count)
    captions = [f"picture number {number}" for number in range(count)]
    drawn = figure(plots.caption_sheet, given, captions, notes=[f"note {number}" for number in range(count)])
    assert len(drawn.axes) == min(count, 24)
    for axes, picture in zip(drawn.axes, given, strict=False):
        np.testing.assert_array_equal(axes.images[0].get_array(), picture)
    shown = texts(drawn)
    assert all(caption in shown for caption in captions[:24]) and "note 0" in shown


@pytest.mark.slow
def test_captions_of_any_kind_stay_under_their_picture(figure):
    captions = [*NASTY, "word " * 50, "x" * 300, ""]
    drawn = figure(plots.caption_sheet, pictures(len(captions)), captions)
    lines = [text for text in drawn.texts if text.get_text()]
    assert all(len(text.get_text()) <= 130 for text in lines)


def test_what_was_looked_at_is_bright(figure):
    picture = np.full((40, 40, 3), 200, "uint8")
    weights = np.eye(4)
    drawn = figure(plots.attention_over_picture, picture, weights, ["a", "b", "c", "d"])
    plain, *words = (np.asarray(axes.images[0].get_array(), float)[..., 0] for axes in drawn.axes)
    assert (plain == 200).all() and len(words) == 4
    for place, shown in enumerate(words):
        corners = [shown[5, 5], shown[5, -5], shown[-5, 5], shown[-5, -5]]
        assert int(np.argmax(corners)) == place and max(corners) > 1.5 * min(corners)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda path: plots.caption_sheet([], [], path), "There are 0 pictures"),
        (lambda path: plots.caption_sheet(pictures(2), ["a"], path), "2 pictures and 1 captions"),
        (lambda path: plots.attention_over_picture(pictures(1)[0], np.ones((1, 3)), ["a"], path), "square"),
        (lambda path: plots.attention_over_picture(pictures(1)[0], np.ones((2, 4)), ["a"], path), "for 1 words"),
    ],
)
def test_mistakes(call, message, tmp_path):
    with pytest.raises(RnnkitError, match=message):
        call(tmp_path / "a.png")
    assert not any(tmp_path.iterdir())
