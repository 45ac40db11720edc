"""Forecasts as fan charts: what is known of a series, the median ahead, and the intervals around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import (
    BLUE,
    HEIGHT,
    INK,
    ORANGE,
    RULE,
    SMALL,
    legend_below,
    new_figure,
    round_ticks,
    save,
    style,
)
from rnnkit.plots.fonts import drawable

_BANDS = ((95, 0.18), (80, 0.3), (50, 0.45))  # percent of an interval, and how strong it is drawn
_MOST, _TICKS = 6, {1: 5, 2: 3}  # panels, and dates below one by the number of panels in a row


@dataclass(frozen=True)
class Fan:
    """A series and its forecast, for a picture.

    Attributes:
        name: The series' name.
        history: What was known, float `[steps]`, NaN where a value is missing.
        quantiles: By their levels as text, `[steps ahead]` each; "0.5" is the forecast.
        times: Of all steps, those ahead too, as text; empty for numbers.
        truth: What came, `[steps ahead]`; None where it is not known.
    """

    name: str
    history: np.ndarray
    quantiles: Mapping[str, Sequence[float]]
    times: Sequence[str] = ()
    truth: np.ndarray | None = None


def fan_chart(fans: Sequence[Fan], path: str | PathLike[str]) -> Path:
    """Up to six forecasts, a panel each.

    Args:
        fans: The series with their forecasts.
        path: The PNG to write.

    Raises:
        RnnkitError: There is none.

    Example:

    >>> fan = Fan("sales", np.arange(9.0), {"0.1": [8.0, 8.5], "0.5": [9.0, 10.0], "0.9": [10.0, 11.5]})
    >>> fan_chart([fan], "fan.png").name  # doctest: +SKIP
    'fan.png'
    """
    if not fans:
        raise RnnkitError("There is no forecast to draw; give at least one.")
    shown = list(fans)[:_MOST]
    across = 1 if len(shown) == 1 else 2
    down = -(-len(shown) // across)
    figure = new_figure(HEIGHT if down == 1 else float(np.clip(2.0 * down + 0.8, HEIGHT, 8.0)))
    panels = figure.subplots(down, across, squeeze=False)
    for panel in panels.flat:
        panel.set_axis_off()
    for panel, fan in zip(panels.flat, shown, strict=False):
        panel.set_axis_on()
        _draw(panel, fan, _TICKS[across])
    legend_below(figure, _meanings(shown), columns=6)
    return save(figure, path)


def _draw(panel: Axes, fan: Fan, ticks: int) -> None:
    steps, ahead = len(fan.history), len(fan.quantiles["0.5"])
    style(panel, "", "")
    panel.set_title(drawable(fan.name, 40) or "series", loc="left", fontsize=SMALL, fontweight="bold", color=INK)
    panel.grid(axis="y", color=RULE, linewidth=0.8)
    later = np.arange(steps, steps + ahead)
    for percent, strength in _BANDS:
        if (ends := _interval(fan, percent)) is not None:
            panel.fill_between(later, *ends, color=BLUE, alpha=strength, linewidth=0)
    panel.plot(np.arange(steps), fan.history, color=INK, linewidth=1.2)
    median = [*fan.history[-1:], *fan.quantiles["0.5"]]
    panel.plot(np.arange(steps + ahead - len(median), steps + ahead), median, color=BLUE, linewidth=1.8)
    if fan.truth is not None:
        panel.plot(later, fan.truth, color=ORANGE, linewidth=1.2, linestyle=(0, (4, 2)))
    panel.margins(x=0.01)
    panel.tick_params(labelsize=SMALL)
    round_ticks(panel.yaxis)
    if len(fan.times) == steps + ahead:
        places = np.unique(np.linspace(0, steps + ahead - 1, ticks).astype(int))
        panel.set_xticks(places, [_short(fan.times[place]) for place in places])
    else:
        round_ticks(panel.xaxis, whole=True)


def _short(time: str) -> str:
    """A time without its seconds, on two lines."""
    return time.removesuffix(":00").replace(" ", "\n", 1)


def _interval(fan: Fan, percent: int) -> tuple[Sequence[float], Sequence[float]] | None:
    low, high = (f"{0.5 + side * percent / 200:g}" for side in (-1, 1))
    return (fan.quantiles[low], fan.quantiles[high]) if low in fan.quantiles and high in fan.quantiles else None


def _meanings(fans: Sequence[Fan]) -> dict[str, Artist]:
    found: dict[str, Artist] = {"known": Line2D([], [], color=INK), "forecast": Line2D([], [], color=BLUE)}
    for percent, strength in reversed(_BANDS):
        if _interval(fans[0], percent) is not None:
            found[f"{percent} %"] = Patch(color=BLUE, alpha=strength)
    if any(fan.truth is not None for fan in fans):
        found["what came"] = Line2D([], [], color=ORANGE, linestyle=(0, (4, 2)))
    return found
