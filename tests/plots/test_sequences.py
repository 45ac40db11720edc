"""Sequences drawn: a small picture a label, and colours behind the steps that tell."""

import numpy as np
import pytest
from plots.drawings import NASTY, WAVE, texts

from rnnkit import plots
from rnnkit.errors import RnnkitError


def test_examples_have_a_picture_a_label_and_the_channels_that_vary_most(figure):
    many = np.random.default_rng(0).normal(size=(30, 9)) * np.arange(9)
    drawn = figure(plots.sequence_examples, {f"label {n}": [many] * 5 for n in range(12)}, [f"c{n}" for n in range(9)])
    shown = texts(drawn)
    assert [text for text in shown if text.startswith("label")] == [f"label {n}" for n in range(9)]
    assert [text for text in shown if text.startswith("c")] == [f"c{n}" for n in range(3, 9)]
    assert "9 of 12 labels, the 6 of 9 channels that vary most" in shown
    assert all(len(axes.lines) == 3 * 6 for axes in drawn.axes)


def test_saliency_colours_steps_by_their_share(figure):
    scores = np.zeros(20)
    scores[3], scores[7] = 2.0, -1.0
    drawn = figure(plots.sequence_saliency, WAVE, ["x", "y"], scores, "wave", 0.97)
    [axes] = drawn.axes
    assert len(axes.patches) == 2 and axes.get_xlim() == (0.5, 20.5)
    assert any("97.0%" in text for text in texts(drawn)) and any("'wave'" in text for text in texts(drawn))


def test_any_label_and_one_step_are_drawn(figure):
    for label in NASTY:
        figure(plots.sequence_saliency, WAVE[:1], [label, "y"], np.ones(1), label, 0.5)
    figure(plots.sequence_examples, {label: [WAVE[:1]] for label in NASTY}, ["x", "y"])


def test_what_cannot_be_drawn_is_refused(tmp_path):
    with pytest.raises(RnnkitError, match="0 labels with sequences"):
        plots.sequence_examples({}, ["x"], tmp_path / "a.png")
    with pytest.raises(RnnkitError, match="no steps to draw"):
        plots.sequence_saliency(WAVE[:0], ["x", "y"], np.zeros(0), "a", 0.5, tmp_path / "a.png")
    with pytest.raises(RnnkitError, match="one finite score"):
        plots.sequence_saliency(WAVE, ["x", "y"], np.zeros(3), "a", 0.5, tmp_path / "a.png")
