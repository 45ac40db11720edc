"""The fixture by which tests look at the figure behind a picture."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib import image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


@pytest.fixture
def figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Figure]:
    """Draws with a function of `rnnkit.plots` and gives the figure that was saved."""
    saved: list[Figure] = []
    print_png = FigureCanvasAgg.print_png

    def keep(canvas: FigureCanvasAgg, *given: object, **named: object) -> None:
        saved.append(canvas.figure)
        print_png(canvas, *given, **named)

    monkeypatch.setattr(FigureCanvasAgg, "print_png", keep)

    def draw(function: Callable[..., Path], *given: object, **named: object) -> Figure:
        path = function(*given, path=tmp_path / "drawing.png", **named)
        np.testing.assert_allclose(image.imread(path).shape[1::-1], saved[-1].bbox.size, atol=1)
        return saved[-1]

    return draw
