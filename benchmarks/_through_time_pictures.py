"""Plots of the measurements of benchmarks/through_time.py, in the style of a Run's plots."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rnnkit.plots.canvas import COLOURS, INK, MUTED, RULE, legend_below, new_figure, round_ticks, save, style
from rnnkit.plots.flow import log_scale

_GUESSING = 1 / 6  # the mean squared error of always saying the mean
_LEAST_NORM = 1e-12  # what is less is not shown
#: Colour and dashes of each network, the same in every picture.
_LINES = {
    "tanh": ("tanh RNN", COLOURS[1], "solid"),
    "tanh, omega 1": ("tanh RNN with Omega", COLOURS[3], (0, (4, 2))),
    "irnn": ("IRNN", COLOURS[2], "solid"),
    "lstm": ("LSTM", COLOURS[0], "solid"),
}


def draw_all(ways: dict[str, Any], mean_over: int, folder: Path) -> list[Path]:
    """All pictures of docs/learning_through_time.md."""
    return [
        gradients(ways, folder / "through_time_gradients.png"),
        learning(ways, mean_over, folder / "through_time_learning.png"),
        clipping(ways, mean_over, folder / "through_time_clipping.png"),
        truncation(ways, mean_over, folder / "through_time_truncation.png"),
    ]


def gradients(ways: dict[str, Any], path: Path) -> Path:
    """The gradient that reaches each step, before and after training."""
    figure = new_figure()
    both = figure.subplots(1, 2, sharey=True)
    every = [np.array(ways[name][when]["norms"]) for name in _LINES for when in ("flow_before", "flow_after")]
    for axes, when, title in zip(
        both, ("flow_before", "flow_after"), ("Before training", "After training"), strict=True
    ):
        for name, (label, colour, dashes) in _LINES.items():
            norms = np.array(ways[name][when]["norms"])
            axes.plot(norms, color=colour, linestyle=dashes, linewidth=2, label=label)
        style(axes, title, "gradient that reaches each time step")
        log_scale(axes, np.concatenate([norms[norms > _LEAST_NORM] for norms in every]))
        round_ticks(axes.xaxis, whole=True)
        axes.set_xlabel("time steps back from the last one")
    both[0].set_ylabel("norm of the gradient")
    legend_below(figure, _legend(both[0]))
    return save(figure, path)


def learning(ways: dict[str, Any], mean_over: int, path: Path) -> Path:
    """Who learns the problem."""
    figure = new_figure()
    axes = figure.subplots()
    for name, (label, colour, dashes) in _LINES.items():
        _curve(axes, ways[name]["loss"], mean_over, label, colour, dashes)
    _losses(axes, "Who learns to add two numbers that are far apart", "error while training, the same rows for all")
    legend_below(figure, _legend(axes))
    return save(figure, path)


def clipping(ways: dict[str, Any], mean_over: int, path: Path) -> Path:
    """The same network with and without clipping."""
    figure = new_figure()
    left, right = figure.subplots(1, 2)
    for name, label, colour, dashes in (
        ("irnn", "clipped at norm 1", COLOURS[2], "solid"),
        ("irnn, not clipped", "not clipped", COLOURS[1], (0, (4, 2))),
    ):
        _curve(left, ways[name]["loss"], mean_over, label, colour, dashes)
        _curve(right, ways[name]["largest_norm"], mean_over, label, colour, dashes)
    _losses(left, "IRNN: error", "clipping on and off")
    style(right, "Its gradients", f"largest norm in {mean_over} steps, before clipping")
    norms = np.array([norm for name in ("irnn", "irnn, not clipped") for norm in ways[name]["largest_norm"]])
    log_scale(right, norms[norms > 0])
    right.axhline(1, color=MUTED, linewidth=1.2, linestyle=":")
    round_ticks(right.xaxis, whole=True)
    right.set_xlabel("training steps")
    legend_below(figure, _legend(left))
    return save(figure, path)


def truncation(ways: dict[str, Any], mean_over: int, path: Path) -> Path:
    """What a cut of the gradient costs, where one rule serves all steps and where it does not."""
    figure = new_figure()
    both = figure.subplots(1, 2, sharey=True)
    for axes, kind, title in zip(both, ("lstm", "lstm, difference"), ("The sum", "The difference"), strict=True):
        for suffix, label, colour, dashes in (
            ("", "whole gradient", COLOURS[0], "solid"),
            (", truncated at 25", "cut every 25 steps", COLOURS[2], (0, (6, 2))),
            (", truncated at 10", "cut every 10 steps", COLOURS[1], (0, (3, 2))),
        ):
            if kind + suffix in ways:
                _curve(axes, ways[kind + suffix]["loss"], mean_over, label, colour, dashes)
        _losses(axes, title, "LSTM, error while training")
    both[1].set_ylabel("")
    legend_below(figure, _legend(both[1]))
    return save(figure, path)


def _curve(axes: Axes, values: list[float], mean_over: int, label: str, colour: str, dashes: Any) -> None:
    steps = mean_over * (np.arange(len(values)) + 1)
    axes.plot(steps, values, color=colour, linestyle=dashes, linewidth=2, label=label)


def _losses(axes: Axes, title: str, subtitle: str) -> None:
    """A logarithmic axis of the error, with the error of guessing marked."""
    style(axes, title, subtitle)
    axes.set_yscale("log")
    axes.set_ylim(0.0003, 1)
    axes.set_yticks([0.001, 0.01, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
    axes.minorticks_off()
    axes.axhline(_GUESSING, color=MUTED, linewidth=1.5, linestyle=":", label="always the mean")
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    round_ticks(axes.xaxis, whole=True)
    axes.set_xlabel("training steps")
    axes.set_ylabel("mean squared error", color=INK)


def _legend(axes: Axes) -> dict[str, Any]:
    handles, labels = axes.get_legend_handles_labels()
    return dict(zip(labels, handles, strict=True))
