"""The picture of a cross-validation's folds."""

import pytest
from PIL import Image

from rnnkit import plots
from rnnkit.errors import RnnkitError


def test_folds_are_drawn_with_and_without_an_interval(tmp_path):
    sizes = []
    for name, interval in (("with.png", (0.6, 0.9)), ("without.png", None)):
        path = plots.fold_figure([0.7, 0.8, 0.75, 0.72], 0.7425, interval, tmp_path / name, "macro F1", folds=2)
        with Image.open(path) as picture:
            colours = picture.convert("RGB").getcolors(10**6)
            sizes.append(sum(count for count, colour in colours if colour == (255, 255, 255)))
    assert sizes[0] < sizes[1] - 10_000  # the band


def test_no_folds_are_refused(tmp_path):
    with pytest.raises(RnnkitError, match="no fold to draw"):
        plots.fold_figure([], 0.0, None, tmp_path / "none.png")
