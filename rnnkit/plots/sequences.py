"""Sequences of numbers: examples of each label, and the steps that spoke for an answer."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import COLOURS, DASHES, HEIGHT, RULE, SMALL, legend_below, new_figure, round_ticks, save, style
from rnnkit.plots.fonts import drawable
from rnnkit.plots.shades import shade, strengths

_MOST_LABELS, _MOST_CHANNELS, _EXAMPLES = 9, 6, 3
_ACROSS = 3
_WIDE = 45  # letters of a legend in one line


def sequence_examples(
    examples: Mapping[str, Sequence[np.ndarray]], channels: Sequence[str], path: str | PathLike[str]
) -> Path:
    """Some sequences of each label, a small picture for each label, a line for each channel.

    Shown are up to 9 labels, 3 sequences of each, the fainter ones behind, and the 6 channels that vary most.

    Args:
        examples: Scaled values, `[time, channels]` each, by label.
        channels: The names of the channels.
        path: The PNG to write.

    Raises:
        RnnkitError: There is no label, or one without a sequence.

    Example:

    >>> waves = {"wave": [np.sin(np.arange(20.0))[:, None]], "rest": [np.zeros((20, 1))]}
    >>> sequence_examples(waves, ["x"], "examples.png").name  # doctest: +SKIP
    'examples.png'
    """
    shown = {label: list(rows)[:_EXAMPLES] for label, rows in list(examples.items())[:_MOST_LABELS]}
    if not shown or not all(shown.values()):
        raise RnnkitError(f"{len(examples)} labels with sequences were given; expected one, each with one sequence.")
    spread = np.mean([np.nanstd(row, axis=0) for rows in shown.values() for row in rows], axis=0)
    chosen = np.sort(np.argsort(-spread, kind="stable")[:_MOST_CHANNELS])
    down = -(-len(shown) // _ACROSS)
    parts = [f"{len(shown)} of {len(examples)} labels"] if len(shown) < len(examples) else []
    parts += [f"the {len(chosen)} of {len(channels)} channels that vary most"] if len(chosen) < len(channels) else []
    figure = new_figure(float(np.clip(1.6 * down + 1.2, 2.6, HEIGHT)))
    if parts:
        figure.suptitle(", ".join(parts), x=0.5, fontsize=SMALL)
    axes = figure.subplots(down, min(_ACROSS, len(shown)), sharex=True, sharey=True, squeeze=False)
    for one in axes.flat:
        one.set_axis_off()
    for one, (label, rows) in zip(axes.flat, shown.items(), strict=False):
        one.set_axis_on()
        for faint, row in enumerate(rows):
            _lines(one, row[:, chosen], 0.9 if not faint else 0.25)
        style(one, "", "")
        one.set_title(drawable(label, 24), loc="left", fontsize=SMALL, fontweight="bold")
        one.tick_params(labelsize=SMALL)
        round_ticks(one.xaxis, whole=True, most=5)
        round_ticks(one.yaxis, most=6 if down < _ACROSS else 4)
    for one in axes[-1]:
        one.set_xlabel("step", fontsize=SMALL)
    for one in axes[:, 0]:
        one.set_ylabel("scaled value" if down < _ACROSS else "scaled", fontsize=SMALL)
    _legend(figure, [channels[place] for place in chosen])
    return save(figure, path)


def sequence_saliency(
    values: np.ndarray,
    channels: Sequence[str],
    scores: np.ndarray,
    label: str,
    probability: float,
    path: str | PathLike[str],
) -> Path:
    """A sequence with a background colour for spans of its steps: blue-green speaks for the label, red against it.

    Args:
        values: Scaled values, `[time, channels]`; the 6 channels that vary most are drawn.
        channels: The names of the channels.
        scores: What each step adds to the label's log-odds, `[time]`.
        label: The predicted label.
        probability: Its probability, 0 to 1.
        path: The PNG to write.

    Raises:
        RnnkitError: There is not one finite score a step, or no step.

    Example:

    >>> wave = np.sin(np.arange(20.0))[:, None]
    >>> sequence_saliency(wave, ["x"], np.arange(20.0), "wave", 0.97, "why.png").name  # doctest: +SKIP
    'why.png'
    """
    shares = strengths([str(step) for step in range(len(values))], scores)
    if not len(values):
        raise RnnkitError("There are no steps to draw; give a sequence with at least one.")
    chosen = np.sort(np.argsort(-np.nanstd(values, axis=0), kind="stable")[:_MOST_CHANNELS])
    figure = new_figure()
    axes = figure.subplots()
    said = f"{probability:.1%}; blue-green: steps that speak for it, red: against it"
    style(axes, f"why {drawable(label, 40)!r}?", said)
    for step, share in enumerate(shares):  # steps count from 1, as in answers
        if share:
            axes.axvspan(step + 0.5, step + 1.5, color=shade(float(share)), linewidth=0, zorder=0)
    _lines(axes, values[:, chosen], 1.0)
    axes.set_xlim(0.5, len(values) + 0.5)
    axes.set_xlabel("step")
    axes.set_ylabel("scaled value")
    round_ticks(axes.xaxis, whole=True)
    round_ticks(axes.yaxis)
    _legend(figure, [channels[place] for place in chosen])
    return save(figure, path)


def _lines(axes: Axes, values: np.ndarray, alpha: float) -> None:
    """A line for each channel, from step 1 on; a single step is a point."""
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    for place, row in enumerate(values.T):
        dashes = DASHES[place // len(COLOURS) % len(DASHES)]
        marker = "o" if len(row) == 1 else None
        [line] = axes.plot(range(1, len(row) + 1), row, linestyle=dashes, marker=marker)
        line.set(color=COLOURS[place % len(COLOURS)], linewidth=1.4, alpha=alpha)


def _legend(figure: object, names: Sequence[str]) -> None:
    meanings = {f"{drawable(name, 18)}": Patch(color=COLOURS[place % len(COLOURS)]) for place, name in enumerate(names)}
    legend_below(figure, meanings, columns=6 if sum(map(len, meanings)) <= _WIDE else 3)  # type: ignore[arg-type]
