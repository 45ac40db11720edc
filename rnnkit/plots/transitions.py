"""A CRF's learnt transition scores."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Patch

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import BODY, HEIGHT, INK, SMALL, TINY, legend_below, new_figure, save, style
from rnnkit.plots.confusion import name_cells
from rnnkit.plots.fonts import drawable

#: Scores below this are forbidden: `rnnkit.layers.crf.crf.FORBIDDEN` is far below it, and what is learnt far above.
FORBIDDEN_BELOW = -1000.0
DIVERGING = LinearSegmentedColormap.from_list("diverging", ["#9c4000", "#f0a066", "#ffffff", "#74b6de", "#005a8c"])
_GREY, _STROKES = "#eceff3", "#c3cad3"
_NUMBERS = 20  # tags up to which the cells show numbers


def transition_matrix(matrix: np.ndarray, labels: Sequence[str], path: str | PathLike[str]) -> Path:
    """The score of each tag after each other: blue above 0, orange below, hatched where it is forbidden.

    Up to 20 tags the cells show the scores, beyond that the colour alone.

    Args:
        matrix: Scores, `[from tag, to tag]`, such as `CRF.potentials[0]`; below -1000 means forbidden.
        labels: The tags in the matrix's order; long ones are shortened.
        path: The PNG to write.

    Raises:
        RnnkitError: The matrix is not square with a row for each tag, or holds NaN or plus infinity.

    Example:

    >>> scores = np.array([[0.5, 1.0, -1e4], [0.2, -0.4, 2.0], [0.9, 0.1, 0.3]])
    >>> transition_matrix(scores, ["O", "B-PER", "I-PER"], "transitions.png").name  # doctest: +SKIP
    'transitions.png'
    """
    matrix, count = np.asarray(matrix, dtype=np.float64), len(labels)
    if matrix.shape != (count, count) or not count:
        raise RnnkitError(f"The matrix is {matrix.shape} for {count} tags; expected a row and a column a tag.")
    forbidden = matrix < FORBIDDEN_BELOW
    if not np.isfinite(matrix[~forbidden]).all():
        raise RnnkitError("The matrix holds NaN or infinity; expected scores. The training has gone wrong.")
    scores = np.ma.masked_array(matrix, forbidden)
    limit = float(np.abs(matrix[~forbidden]).max(initial=1.0))  # 1 at least: what hardly differs must look so
    figure = new_figure(float(np.clip(2.2 + 0.3 * count, HEIGHT, 2 * HEIGHT)))
    axes = figure.subplots()
    image = axes.pcolormesh(
        scores,
        cmap=DIVERGING,
        vmin=-limit,
        vmax=limit,
        edgecolors="white",
        linewidth=min(2, 30 / count) if count <= 60 else 0,
    )
    if count <= _NUMBERS:
        _cell_numbers(axes, scores, limit)
    style(axes, "transitions between tags", "learnt scores: above 0 the CRF favours it, below 0 it avoids it")
    axes.set_facecolor(_GREY)  # seen through where the mesh is masked
    axes.patch.set(hatch="////", edgecolor=_STROKES, linewidth=0)
    _tag_names(axes, labels)
    bar = figure.colorbar(image, ax=axes, aspect=35, pad=0.02, format=lambda score, _: f"{score:g}".replace("-", "−"))
    bar.ax.tick_params(labelsize=SMALL, colors=INK, length=0)
    bar.outline.set_visible(False)  # type: ignore[operator]
    if forbidden.any():
        patch = Patch(facecolor=_GREY, edgecolor=_STROKES, hatch="////", linewidth=0)
        legend_below(figure, {"forbidden by the tag scheme": patch})
    return save(figure, path)


def _tag_names(axes: Axes, labels: Sequence[str]) -> None:
    count = len(labels)
    names = [drawable(label, 20 if count <= 20 else 16) for label in labels]
    angle = 90 if count > 20 else 45 if max(map(len, names)) * count > 60 else 0
    name_cells(axes, names, angle, "from", "to")


def _cell_numbers(axes: Axes, scores: np.ma.MaskedArray, limit: float) -> None:
    size = BODY if len(scores) <= 8 else TINY if len(scores) <= 14 else 7.5
    forbidden, decimals = np.ma.getmaskarray(scores), 2 if limit == 1 and len(scores) <= 14 else 1
    for (row, column), score in np.ndenumerate(scores.data):
        if not forbidden[row, column]:
            digits = decimals if abs(score) < 9.95 else 0
            text = f"{round(float(score), digits) + 0.0:.{digits}f}"  # + 0.0: -0.0 is written 0.0
            axes.text(
                column + 0.5,
                row + 0.5,
                text.replace("-", "−"),
                ha="center",
                va="center",
                fontsize=size,
                color="white" if abs(score) > 0.75 * limit else INK,
            )
