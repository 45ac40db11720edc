"""The gradient that reaches each time step."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import BODY, COLOURS, HEIGHT, INK, RULE, new_figure, round_ticks, save, style

_LEAST_SPAN = 100.0  # what stays about the same must look so, so the axis spans a factor of 100 at least
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def gradient_flow(curves: Sequence[tuple[str, np.ndarray]], path: str | PathLike[str], subtitle: str = "") -> Path:
    """The gradient's norm at each time step, counted back from the last one, on a logarithmic scale.

    Args:
        curves: A name and the norms of each line, `[steps]`, the last step's first; a norm of 0 leaves a gap. Lines
            with "backward" in their name are dashed.
        path: The PNG to write.
        subtitle: What the norms were measured on.

    Raises:
        RnnkitError: There is no line, or none with a number above 0.

    Example:

    >>> gradient_flow([("layer 1: vanishing", 0.9 ** np.arange(100))], "flow.png").name  # doctest: +SKIP
    'flow.png'
    """
    if not any((np.isfinite(norms) & (norms > 0)).any() for _, norms in curves):
        raise RnnkitError(f"{len(curves)} lines were given and none has a gradient above 0; there is nothing to draw.")
    figure = new_figure(HEIGHT + 0.25 * len(curves))
    axes = figure.subplots()
    flow_axes(axes, curves)
    style(axes, "Gradient that reaches each time step", subtitle)
    figure.legend(loc="outside lower left", ncols=1, frameon=False, fontsize=BODY, labelcolor=INK)
    return save(figure, path)


def flow_axes(axes: Axes, curves: Sequence[tuple[str, np.ndarray]]) -> None:
    """Draw the lines of `gradient_flow` and their scales into axes."""
    seen: list[np.ndarray] = []
    for number, (name, norms) in enumerate(curves):
        usable = np.isfinite(norms) & (norms > 0)
        values = np.where(usable, norms, np.nan)
        axes.plot(
            np.arange(len(norms)),
            values,
            label=name,
            linewidth=2,
            color=COLOURS[number % len(COLOURS)],
            linestyle=(0, (4, 2)) if "backward" in name else "solid",
            marker="o" if usable.sum() == 1 else "",
            markersize=5,
        )
        seen.append(norms[usable])
    log_scale(axes, np.concatenate(seen))
    axes.set_xlim(-0.5, max(max(len(norms) for _, norms in curves) - 0.5, 1))
    axes.set_xlabel("time steps back from the last one")
    axes.set_ylabel("norm of the gradient")
    round_ticks(axes.xaxis, whole=True)


def log_scale(axes: Axes, values: np.ndarray) -> None:
    """A logarithmic y axis with powers of ten, over a factor of 100 at least."""
    middle = np.sqrt(values.min()) * np.sqrt(values.max())
    low, high = min(values.min() / 1.5, middle / _LEAST_SPAN**0.5), max(values.max() * 1.5, middle * _LEAST_SPAN**0.5)
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(LogLocator(numticks=9))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(lambda value, _: f"10{f'{np.log10(value):.0f}'.translate(_SUPERSCRIPTS)}")
    axes.grid(axis="y", color=RULE, linewidth=0.8)
