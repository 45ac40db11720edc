"""A translator's attention over the source, for each written piece."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from rnnkit.codec.normalise import MARK
from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import BLUE, BODY, HEIGHT, INK, SMALL, TINY, new_figure, save, style
from rnnkit.plots.fonts import drawable

MAX_PIECES = 50  # on either side; what comes after them is left out
_NUMBERS = 12  # pieces on either side up to which the cells show numbers
_SHADES = [(0.0, "#f6f8fb"), (0.1, "#d9eaf6"), (0.4, "#8cc0e2"), (0.7, BLUE), (1.0, "#003a5c")]


def attention_map(
    weights: np.ndarray,
    source_pieces: Sequence[str],
    target_pieces: Sequence[str],
    path: str | PathLike[str],
    title: str = "attention",
) -> Path:
    """An attention map: a row per written piece; the darker a cell, the more attention to that source piece.

    Up to 12 pieces a side the cells show percentages. Of more than 50 pieces a side the first ones are drawn.

    Args:
        weights: 0-1, `[target, source]`; a row's sum is 1 (of several heads: their mean).
        source_pieces: Words or pieces that were read. Where U+2581 begins words it is left out, and pieces that go on
            with a word's letters are drawn after a dot.
        target_pieces: The same, as they were written.
        path: The PNG to write.
        title: What stands above.

    Raises:
        RnnkitError: The weights have no row for each target piece and column for each source piece, or are not 0-1.

    Example:

    >>> weights = np.array([[0.9, 0.1], [0.2, 0.8]])
    >>> attention_map(weights, ["▁ein", "▁Hund"], ["▁a", "▁dog"], "attention.png").name  # doctest: +SKIP
    'attention.png'

    Reference:
        Bahdanau, Cho & Bengio, Neural Machine Translation by Jointly Learning to Align and Translate, ICLR 2015.
    """
    weights = np.asarray(weights, dtype=np.float64)
    rows, columns = len(target_pieces), len(source_pieces)
    if weights.shape != (rows, columns) or not weights.size:
        raise RnnkitError(
            f"The weights are {weights.shape} for {rows} target and {columns} source pieces; expected "
            "a row for each target piece and a column for each source piece."
        )
    if not (np.nan_to_num(weights, nan=-1) >= -0.001).all() or weights.max() > 1.001:
        raise RnnkitError(f"The weights go from {weights.min():g} to {weights.max():g}; expected 0 to 1.")
    weights = weights[:MAX_PIECES, :MAX_PIECES]
    names = [_names(pieces[:MAX_PIECES]) for pieces in (target_pieces, source_pieces)]
    angle = 0 if sum(map(len, names[1])) + 2 * weights.shape[1] < 70 else 90 if weights.shape[1] > 20 else 45
    figure = new_figure(_height(names, angle))
    axes = figure.subplots()
    image = axes.pcolormesh(
        weights,
        cmap=LinearSegmentedColormap.from_list("shades", _SHADES),
        vmin=0,
        vmax=1,
        edgecolors="white",
        linewidth=min(1.5, 20 / max(weights.shape)),
    )
    if max(weights.shape) <= _NUMBERS:
        _cell_numbers(axes, weights)
    cut = f" (the first {MAX_PIECES} pieces)" if max(rows, columns) > MAX_PIECES else ""
    style(axes, drawable(title, 60), f"left: what was written, below: what it looked at{cut}")
    _name_cells(axes, names, angle)
    bar = figure.colorbar(image, ax=axes, aspect=35, pad=0.02, format=lambda share, _: f"{share:.0%}")
    bar.ax.tick_params(labelsize=SMALL, colors=INK, length=0)
    bar.outline.set_visible(False)  # type: ignore[operator]
    return save(figure, path)


def _names(pieces: Sequence[str]) -> list[str]:
    """ "▁Wies", "e" as "Wies", "·e"; pieces without word boundaries, such as characters, as they are."""
    if any(piece.startswith(MARK) and len(piece) > 1 for piece in pieces):
        goes_on = [not piece.startswith(MARK) and piece[:1].isalnum() for piece in pieces]
        pieces = ["·" * on + (piece.removeprefix(MARK) or MARK) for piece, on in zip(pieces, goes_on, strict=True)]
    return [drawable(piece, 16) for piece in pieces]


def _height(names: Sequence[Sequence[str]], angle: int) -> float:
    """Inches: what the title and the turned names take, and a line a row."""
    longest = max(map(len, names[1]))
    return float(np.clip(1.9 + 0.075 * longest * np.sin(np.radians(angle)) + 0.26 * len(names[0]), HEIGHT, 2 * HEIGHT))


def _name_cells(axes: Axes, names: Sequence[Sequence[str]], angle: int) -> None:
    sizes = [BODY if len(side) <= 15 else TINY if len(side) <= 30 else 7.5 for side in names]
    sizes[0] = min(sizes[0], 0.75 * 72 * (axes.figure.get_figheight() - 2.5) / len(names[0]))  # type: ignore[union-attr]
    axes.set_yticks(np.arange(len(names[0])) + 0.5, names[0], fontsize=sizes[0])
    axes.set_xticks(
        np.arange(len(names[1])) + 0.5,
        names[1],
        fontsize=sizes[1],
        rotation=angle,
        ha="right" if angle else "center",
        va="center" if angle == 90 else "top",
        rotation_mode="anchor" if angle else "default",
    )
    axes.invert_yaxis()
    axes.spines[:].set_visible(False)
    axes.set_xlabel("source")
    axes.set_ylabel("translation")


def _cell_numbers(axes: Axes, weights: np.ndarray) -> None:
    for (row, column), share in np.ndenumerate(weights):
        if share >= 0.005:
            axes.text(
                column + 0.5,
                row + 0.5,
                f"{100 * share:.0f}",
                ha="center",
                va="center",
                fontsize=TINY,
                color="white" if share > 0.55 else INK,
            )
