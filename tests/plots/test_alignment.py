"""Alignments as pictures, read back from the figure."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from plots.drawings import NASTY, texts

from rnnkit import plots
from rnnkit.errors import RnnkitError
from rnnkit.plots import Said

SOUND = np.random.default_rng(0).normal(size=(300, 40))


def spelt(text: str, start: float = 0.2, step: float = 0.12) -> list[Said]:
    return [Said(sign, start + step * place, start + step * place + 0.04) for place, sign in enumerate(text)]


def letters(figure: Figure) -> list[tuple[str, float]]:
    """What stands under the spectrogram and where, from left to right."""
    below = figure.axes[1]
    return sorted(((text.get_text(), text.get_position()[0]) for text in below.texts), key=lambda each: each[1])


def test_letters_stand_at_their_times(figure: Callable[..., Figure]) -> None:
    units = spelt("a fox")
    drawn = figure(plots.alignment_over_spectrogram, SOUND, units, seconds=0.01)
    assert [text for text, _ in letters(drawn)] == ["a", "␣", "f", "o", "x"]
    np.testing.assert_allclose([at for _, at in letters(drawn)], [(unit.start + unit.end) / 2 for unit in units])
    above = drawn.axes[0]
    np.testing.assert_array_equal(above.images[0].get_array(), SOUND.T)
    assert list(above.images[0].get_extent()) == [0, 3, 0, 40] and above.get_xlim() == (0, 3)
    assert above.images[0].origin == "lower" and drawn.axes[1].get_xlabel() == "seconds"
    spans = [patch.get_x() for patch in above.patches]
    np.testing.assert_allclose(spans, [unit.start for unit in units])


def test_words_stand_below(figure: Callable[..., Figure]) -> None:
    words = [Said("a", 0.2, 0.3), Said("fox", 0.5, 0.8)]
    drawn = figure(plots.alignment_over_spectrogram, SOUND, spelt("a fox"), seconds=0.01, words=words)
    places = dict(letters(drawn))
    assert places["fox"] == pytest.approx(0.65)
    heights = {text.get_text(): text.get_position()[1] for text in drawn.axes[1].texts}
    assert heights["fox"] < heights["x"]


def test_letters_that_come_at_once_stand_side_by_side_in_order(figure: Callable[..., Figure]) -> None:
    units = [Said("abcdefghij"[place], 2.8 + 0.01 * place, 2.8 + 0.01 * place) for place in range(10)]
    drawn = figure(plots.alignment_over_spectrogram, SOUND, units, seconds=0.01)
    assert "".join(text for text, _ in letters(drawn)) == "abcdefghij"
    boxes = [text.get_window_extent() for text in drawn.axes[1].texts]
    assert all(one.x1 < other.x0 for one, other in zip(boxes, boxes[1:], strict=False))
    assert all(0 <= box.x0 and box.x1 <= drawn.bbox.width for box in boxes)


def test_of_a_long_recording_the_beginning_is_drawn(figure: Callable[..., Figure]) -> None:
    sound = np.random.default_rng(1).normal(size=(2000, 4))
    drawn = figure(plots.alignment_over_spectrogram, sound, spelt("a" * 150), seconds=0.01)
    assert len(letters(drawn)) == 70 and drawn.axes[0].get_xlim() == (0, pytest.approx(0.2 + 70 * 0.12))
    assert any("the first 8.6 of 20 s" in text for text in texts(drawn))
    drawn = figure(plots.alignment_over_spectrogram, sound, spelt("ab", step=14.0), seconds=0.01)
    assert [text for text, _ in letters(drawn)] == ["a"] and drawn.axes[0].get_xlim() == (0, 12)


@pytest.mark.parametrize("units", [[], spelt("a")])
def test_silence_and_no_units_can_be_drawn(figure: Callable[..., Figure], units: list[Said]) -> None:
    assert len(letters(figure(plots.alignment_over_spectrogram, np.zeros((50, 8)), units, seconds=0.01))) == len(units)


@pytest.mark.slow
def test_any_text_can_be_drawn_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    units = [Said(text, 0.1 * place, 0.1 * place + 0.05) for place, text in enumerate(NASTY)]
    one, two = (
        plots.alignment_over_spectrogram(SOUND, units, tmp_path / name, seconds=0.01, words=units, title=NASTY[-1])
        for name in ("one.png", "two.png")
    )
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize(
    ("sound", "units", "seconds", "message"),
    [
        (np.zeros((0, 4)), [], 0.01, r"is \[0, 4\]; expected numbers"),
        (np.full((3, 4), np.nan), [], 0.01, "expected numbers"),
        (np.zeros((3, 4)), [], 0.0, "seconds is 0.0"),
        (np.zeros((3, 4)), [Said("a", 0.02, 0.01)], 0.01, "'a' is said from 0.02 to 0.01 s"),
        (np.zeros((3, 4)), [Said("a", 0.0, 0.04)], 0.01, "to 0.03, the recording's end"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    tmp_path: Path, sound: np.ndarray, units: list[Said], seconds: float, message: str
) -> None:
    with pytest.raises(RnnkitError, match=message):
        plots.alignment_over_spectrogram(sound, units, tmp_path / "x.png", seconds=seconds)
    assert not (tmp_path / "x.png").exists()
