"""Confusion matrices."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import BLUE, BODY, HEIGHT, INK, SMALL, TINY, new_figure, save, style
from rnnkit.plots.fonts import drawable

SHARES = [(0.0, "#f6f8fb"), (0.05, "#d9eaf6"), (0.3, "#8cc0e2"), (0.65, BLUE), (1.0, "#003a5c")]  # rare errors show


def confusion_matrix(matrix: np.ndarray, labels: Sequence[str], path: str | PathLike[str]) -> Path:
    """The labels predicted for each true label: counts and, by colour, the share of the row.

    Up to 8 labels the cells show count and share, up to 20 the share alone, beyond that the colour alone.

    Args:
        matrix: Counts, `[classes, classes]`, a row for each true label, as from `metrics.confusion_matrix`.
        labels: The names in the matrix's order; long ones are shortened.
        path: The PNG to write.

    Raises:
        RnnkitError: The matrix is not square with a row for each label.

    Example:

    >>> counts = np.array([[90, 10], [20, 80]])
    >>> confusion_matrix(counts, ["negative", "positive"], "confusion_matrix.png").name  # doctest: +SKIP
    'confusion_matrix.png'
    """
    matrix, count = np.asarray(matrix), len(labels)
    if matrix.shape != (count, count) or not count:
        raise RnnkitError(f"The matrix is {matrix.shape} for {count} labels; expected a row and a column a label.")
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    names = [drawable(label, 20 if count <= 20 else 16) for label in labels]
    longest = max(map(len, names))
    angle = 90 if count > 20 else 45 if count > 8 or longest * count > 80 else 0
    room = 1.7 + (0.07 * longest * np.sin(np.radians(angle))) + count * (0.46 if count <= 8 else 0.29)
    figure = new_figure(float(np.clip(room, HEIGHT, 2 * HEIGHT)))
    axes = figure.subplots()
    image = axes.pcolormesh(
        shares,
        cmap=LinearSegmentedColormap.from_list("shares", SHARES),
        vmin=0,
        vmax=1,
        edgecolors="white",
        linewidth=min(2, 30 / count) if count <= 60 else 0,
    )
    if count <= 20:
        _cell_numbers(axes, matrix, shares)
    right = np.trace(matrix) / max(matrix.sum(), 1)
    style(axes, "confusion matrix", f"{right:.1%} of {matrix.sum():,} right; shares are of the true label")
    name_cells(axes, names, angle, "true", "predicted")
    if count > 8:
        bar = figure.colorbar(image, ax=axes, aspect=35, pad=0.02, format=lambda share, _: f"{share:.0%}")
        bar.set_label("share" + (" (numbers: %)" if count <= 20 else ""), fontsize=SMALL, color=INK)
        bar.ax.tick_params(labelsize=SMALL, colors=INK, length=0)
        bar.outline.set_visible(False)  # type: ignore[operator]
    return save(figure, path)


def name_cells(axes: Axes, names: Sequence[str], angle: int, rows: str, columns: str) -> None:
    """Names beside the rows and below the columns of a square of cells, at most 40 of them, the first row on top.

    Args:
        axes: The square is drawn there, a unit a cell.
        names: Of rows and columns alike.
        angle: By which those of the columns are turned, in degrees.
        rows: What the rows are.
        columns: What the columns are.
    """
    count = len(names)
    shown = slice(None, None, -(-count // 40))
    places, size = np.arange(count)[shown] + 0.5, BODY if count <= 8 else TINY
    axes.set_xticks(
        places,
        names[shown],
        fontsize=size,
        rotation=angle,
        ha="right" if angle else "center",
        va="center" if angle == 90 else "top",
        rotation_mode="anchor" if angle else "default",
    )
    axes.set_yticks(places, names[shown], fontsize=size)
    axes.invert_yaxis()
    axes.spines[:].set_visible(False)
    axes.set_xlabel(columns)
    axes.set_ylabel(rows)


def _cell_numbers(axes: Axes, matrix: np.ndarray, shares: np.ndarray) -> None:
    count = len(matrix)
    size = 15 if count <= 3 else BODY if count <= 8 else TINY
    for (row, column), share in np.ndenumerate(shares):
        if count <= 8:
            text = f"{matrix[row, column]:,}\n{share:.1%}" if count <= 3 else f"{matrix[row, column]:,}\n{share:.0%}"
        else:
            text = f"{100 * share:.0f}" if share > 0.005 else ""
        axes.text(
            column + 0.5,
            row + 0.5,
            text,
            ha="center",
            va="center",
            fontsize=size,
            color="white" if share > 0.5 else INK,
        )
