"""A search of settings: how its trials went on, which options mattered, and what one goal costs the other."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist

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
from rnnkit.plots.tradeoff import scale_costs
from rnnkit.run.figures import shown, usual_name

_BAR = 0.32  # inches
_MOST_BARS = 20
_LABEL = 28  # characters


class Tried(NamedTuple):
    """A trial in the pictures.

    Attributes:
        number: From 1.
        score: Its best one.
        ended: Whether it was trained to its end; otherwise it was given up.
    """

    number: int
    score: float
    ended: bool


def search_history(
    trials: Sequence[Tried], path: str | PathLike[str], figure: str = "accuracy", less: bool = False
) -> Path:
    """The score of each trial, and the best up to each.

    Args:
        trials: In their order; the first has the task's own settings.
        path: The PNG to write.
        figure: The score's key, as in `metrics.json`.
        less: Whether a smaller score is better.

    Raises:
        RnnkitError: None was trained to its end.

    Example:

    >>> search_history([Tried(1, 0.8, True), Tried(2, 0.83, True)], "history.png").name  # doctest: +SKIP
    'history.png'
    """
    ended = [trial for trial in trials if trial.ended and np.isfinite(trial.score)]
    if not ended:
        raise RnnkitError("No trial was trained to its end, so there is no history to draw.")
    picture = new_figure()
    axes = picture.subplots()
    best = (np.minimum if less else np.maximum).accumulate([trial.score for trial in ended])
    winner = next(trial for trial, value in zip(ended, best, strict=True) if value == best[-1])
    style(axes, f"validation {usual_name(figure)} of each trial", f"best: trial {winner.number}, {shown(best[-1])}")
    meanings: dict[str, Artist] = {}
    numbers = [trial.number for trial in ended]
    [line] = axes.step(numbers, best, where="post", color=ORANGE, linewidth=2, zorder=2)
    [dots] = axes.plot(numbers, [trial.score for trial in ended], "o", color=BLUE, markersize=6, zorder=3)
    meanings |= {"best so far": line, "a trial": dots}
    if poor := [trial for trial in trials if not trial.ended and np.isfinite(trial.score)]:
        [crosses] = axes.plot([one.number for one in poor], [one.score for one in poor], "x", color=MUTED, markersize=5)
        meanings["given up early"] = crosses
    if ended[0].number == 1:
        meanings["the settings it began with"] = axes.axhline(ended[0].score, color=MUTED, linewidth=1.2, linestyle=":")
    axes.set_xlabel("trial")
    round_ticks(axes.xaxis, whole=True)
    round_ticks(axes.yaxis)
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.margins(y=0.08)
    legend_below(picture, meanings)
    return save(picture, path)


def search_importance(shares: Mapping[str, float], path: str | PathLike[str]) -> Path:
    """How much each option had to do with a good score.

    Args:
        shares: Of each option, 0 to 1.
        path: The PNG to write.

    Raises:
        RnnkitError: There is none.

    Example:

    >>> search_importance({"units": 0.7, "dropout": 0.3}, "importance.png").name  # doctest: +SKIP
    'importance.png'
    """
    if not shares:
        raise RnnkitError("There is no option whose importance is known; expected at least one.")
    names = sorted(shares, key=lambda name: shares[name])[-_MOST_BARS:]
    picture = new_figure(1.5 + _BAR * len(names))
    axes = picture.subplots()
    style(axes, "What made trials good", f"most: {drawable(names[-1], _LABEL)}, {shares[names[-1]]:.0%}")
    axes.barh(
        [drawable(name, _LABEL) for name in names], [100 * shares[name] for name in names], color=BLUE, height=0.6
    )
    for place, name in enumerate(names):
        said = f"{shares[name]:.0%}"
        axes.annotate(said, (100 * shares[name], place), (4, 0), "data", "offset points", va="center", fontsize=SMALL)
    axes.set_xlabel("share of the importance in %")
    round_ticks(axes.xaxis)
    axes.margins(x=0.1)
    return save(picture, path)


class Reached(NamedTuple):
    """A trial that was trained to its end, for two goals.

    Attributes:
        number: From 1.
        score: The first goal.
        cost: The second, which is to be small.
        is_kept: Whether no other beats it in both.
    """

    number: int
    score: float
    cost: float
    is_kept: bool


def search_front(
    trials: Sequence[Reached], path: str | PathLike[str], figure: str = "accuracy", less: bool = False, cost: str = ""
) -> Path:
    """The score of each trial against what it costs, and the line of those that no other beats in both.

    Args:
        trials: Those trained to their end.
        path: The PNG to write.
        figure: The score's key.
        less: Whether a smaller score is better.
        cost: The other goal, with its unit.

    Raises:
        RnnkitError: There is none.

    Example:

    >>> two = [Reached(1, 0.83, 120.0, True), Reached(2, 0.86, 300.0, True)]
    >>> search_front(two, "front.png", cost="kilobytes").name  # doctest: +SKIP
    'front.png'
    """
    if not trials:
        raise RnnkitError("No trial was trained to its end, so there is no front to draw.")
    picture = new_figure()
    axes = picture.subplots()
    front = sorted((one for one in trials if one.is_kept), key=lambda one: one.cost)
    name = usual_name(figure)
    style(axes, f"validation {name} against {cost}", f"{len(front)} of {len(trials)} trials are beaten by no other")
    meanings: dict[str, Artist] = {}
    if beaten := [one for one in trials if not one.is_kept]:
        [dots] = axes.plot([one.cost for one in beaten], [one.score for one in beaten], "o", color=BLUE, markersize=5)
        meanings["a trial"] = dots
    [line] = axes.plot(
        [one.cost for one in front], [one.score for one in front], "o-", color=ORANGE, markersize=8, linewidth=1.5
    )
    meanings["beaten by no other"] = line
    for one in front:
        axes.annotate(
            str(one.number), (one.cost, one.score), (6, 5), "data", "offset points", fontsize=SMALL, color=INK
        )
    axes.set_xlabel(cost)
    axes.set_ylabel(f"validation {drawable(name, 30)}")
    if less:
        axes.invert_yaxis()
    scale_costs(axes, [one.cost for one in trials])
    round_ticks(axes.yaxis)
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.margins(x=0.08, y=0.1)
    legend_below(picture, meanings)
    return save(picture, path)
