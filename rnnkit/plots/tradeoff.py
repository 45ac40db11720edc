"""Cells by their score and the time of an answer: what a better answer costs on the device."""

from collections.abc import Iterable, Sequence
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import (
    BLUE,
    INK,
    MUTED,
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
from rnnkit.run.figures import less_is_better, shown, usual_name

_WIDE = 8  # times the least: from there on the times are drawn on a logarithmic scale
_LABEL = 24  # characters of a name
_LETTER, _LINE = 0.58, 1.25  # of the font's size
_BESIDE = ((1, 0), (-1, 0))  # where a name may stand: to the right or left of its dot, and above or below that
_ABOVE = tuple((right, up) for far in (1, 2, 3) for up in (far, -far) for right in (1, -1))


class Tradeoff(NamedTuple):
    """A cell in the picture.

    Attributes:
        name: Its name.
        milliseconds: The time of an answer, more than 0.
        score: Its score.
        interval: The score's interval, if there is one.
        is_kept: Whether its Run is kept.
    """

    name: str
    milliseconds: float
    score: float
    interval: Sequence[float] | None = None
    is_kept: bool = False


def tradeoff_figure(
    points: Sequence[Tradeoff], path: str | PathLike[str], figure: str = "accuracy", timed: str = ""
) -> Path:
    """A dot for each cell, its interval, and a line through those that no other beats in both score and time.

    Args:
        points: The cells.
        path: The PNG to write.
        figure: The score's key, as in `metrics.json`.
        timed: What the time is that of, such as "a text on one thread".

    Raises:
        RnnkitError: There is no cell, or one without a time or a score.

    Example:

    >>> cells = [Tradeoff("gru", 1.2, 0.84, (0.8, 0.87)), Tradeoff("lstm", 1.9, 0.86, (0.83, 0.89), True)]
    >>> tradeoff_figure(cells, "tradeoff.png", timed="a text on one thread").name  # doctest: +SKIP
    'tradeoff.png'
    """
    if not points:
        raise RnnkitError("There is no cell to draw; expected at least one.")
    for point in points:
        if not (point.milliseconds > 0 and np.isfinite([point.milliseconds, point.score]).all()):
            raise RnnkitError(f"{point.name:.40} has {point.milliseconds} ms and the score {point.score}; not drawn.")
    picture = new_figure()
    axes = picture.subplots()
    name = usual_name(figure)
    best = next((point for point in points if point.is_kept), None)
    kept = f"kept: {drawable(best.name, _LABEL)}, {shown(best.score)}" if best else ""
    style(axes, f"validation {name} against time", kept)
    meanings = draw_tradeoff(axes, points, less_is_better(figure))
    axes.set_xlabel(f"milliseconds{f' for {drawable(timed, 60)}' if timed else ''}")
    axes.set_ylabel(f"validation {drawable(name, 30)}")
    legend_below(picture, meanings)
    name_points(picture, [(axes, points, front(points, less_is_better(figure)))])
    return save(picture, path)


def front(points: Sequence[Tradeoff], less: bool = False) -> list[Tradeoff]:
    """The cells that no other one beats in both, by their times.

    Args:
        points: The cells.
        less: Whether a smaller score is better.

    Example:

    >>> [one.name for one in front([Tradeoff("a", 1, 0.8), Tradeoff("b", 2, 0.7), Tradeoff("c", 3, 0.9)])]
    ['a', 'c']
    """
    found: list[Tradeoff] = []
    for point in sorted(points, key=lambda one: (one.milliseconds, one.score if less else -one.score)):
        if not found or (point.score < found[-1].score if less else point.score > found[-1].score):
            found.append(point)
    return found


def draw_tradeoff(axes: Axes, points: Sequence[Tradeoff], less: bool = False) -> dict[str, Artist]:
    """The dots, intervals and the line of such a picture, without names; what they mean, for a legend.

    Args:
        axes: Where.
        points: The cells.
        less: Whether a smaller score is better.
    """
    meanings: dict[str, Artist] = {}
    best = front(points, less)
    for kept in (False, True):
        some = [point for point in points if point.is_kept == kept]
        if not some:
            continue
        colour = ORANGE if kept else BLUE
        times = [point.milliseconds for point in some]
        for point in some:
            if point.interval:
                [bar] = axes.plot([point.milliseconds] * 2, list(point.interval), color=colour, alpha=0.45, linewidth=2)
                meanings["95 % interval"] = bar
        [dots] = axes.plot(times, [point.score for point in some], "o", color=colour, markersize=8 if kept else 6)
        meanings["kept" if kept else "a cell"] = dots
    if len(best) > 1:
        [line] = axes.plot(
            [one.milliseconds for one in best],
            [one.score for one in best],
            color=MUTED,
            linewidth=1.2,
            linestyle=(0, (4, 2)),
            zorder=1,
        )
        meanings["no other is both better and faster"] = line
    scale_costs(axes, [point.milliseconds for point in points])
    axes.margins(x=0.12, y=0.12)
    if less:
        axes.invert_yaxis()
    round_ticks(axes.yaxis)
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    return {name: meanings[name] for name in ("kept", "a cell", *meanings) if name in meanings}


def scale_costs(axes: Axes, times: Sequence[float]) -> None:
    """Set the horizontal axis for times or other costs: from 0, or on a logarithmic scale where they differ much."""
    if max(times) < _WIDE * min(times):
        axes.set_xlim(0, 1.12 * max(times))
        round_ticks(axes.xaxis)
        return
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")


def name_points(
    picture: Figure, panels: Iterable[tuple[Axes, Sequence[Tradeoff], Sequence[Tradeoff]]], size: float = SMALL
) -> None:
    """Write the names beside the dots, where they cover neither a dot nor another name. First come those on the line,
    and the kept one; of the others, those that have room.

    Args:
        picture: The figure, with all else in it.
        panels: Axes, the cells in it, and those on its line.
        size: Of the font, in points.
    """
    picture.draw_without_rendering()  # so that it is known where the dots are
    for axes, points, best in panels:
        scale = picture.dpi / 72
        places = {point.name: axes.transData.transform((point.milliseconds, point.score)) for point in points}
        taken = [(x - 4 * scale, y - 4 * scale, x + 4 * scale, y + 4 * scale) for x, y in places.values()]
        inside = axes.get_window_extent()
        first = {point.name for point in best} | {point.name for point in points if point.is_kept}
        for point in sorted(points, key=lambda one: (one.name not in first, one.milliseconds)):
            text = drawable(point.name, _LABEL)
            width, height = (len(text) * _LETTER * size * scale, _LINE * size * scale)
            x, y = places[point.name]
            boxes = []
            for right, up in _BESIDE + (_ABOVE if point.name in first else ()):
                left = x + 6 * scale if right > 0 else x - 6 * scale - width
                low = y - height / 2 + up * 0.9 * height
                boxes.append((left, low, left + width, low + height))
            free = [box for box in boxes if inside.x0 <= box[0] and box[2] <= inside.x1 and not _covers(box, taken)]
            if not free and point.name not in first:
                continue
            left, low = (free or boxes)[0][:2]
            taken.append((free or boxes)[0])
            colour, middle = INK if point.name in first else MUTED, low + height / 2
            written = axes.annotate(text, (left, middle), xycoords="figure pixels", va="center", color=colour)
            written.set(fontsize=size, in_layout=False)


def _covers(box: tuple[float, ...], others: Iterable[tuple[float, ...]]) -> bool:
    return any(box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in others)
