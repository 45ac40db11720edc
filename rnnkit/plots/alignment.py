"""Which part of a recording says which unit: a spectrogram with the letters under it."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import BLUE, BODY, INK, MUTED, ORANGE, RULE, SMALL, new_figure, round_ticks, save, style
from rnnkit.plots.fonts import drawable

#: Seconds and units that are drawn; what comes after them is left out.
MOST_SECONDS, MOST_UNITS = 12.0, 70
_SHADES = [(0.0, "#ffffff"), (0.35, "#d9eaf6"), (0.6, "#8cc0e2"), (0.82, BLUE), (1.0, "#00253b")]
_BLANK = "␣"  # a blank sign as a letter


class Said(NamedTuple):
    """A unit or a word, and when it is said.

    Attributes:
        text: As it is written; a blank is drawn as "␣".
        start: Seconds from the recording's beginning.
        end: Likewise.
    """

    text: str
    start: float
    end: float


def alignment_over_spectrogram(
    spectrogram: np.ndarray,
    units: Sequence[Said],
    path: str | PathLike[str],
    *,
    seconds: float,
    words: Sequence[Said] = (),
    title: str = "what was said when",
) -> Path:
    """A spectrogram, dark where there is sound; under it the time of each unit and, where given, of each word.

    Networks that CTC trains say most units within a frame or two, often late in the sound; the place of a unit tells
    where the network was sure of it. Units closer together than their letters are wide are moved apart, and a line
    leads to each one's time. Of a long recording the first 12 seconds or 70 units are drawn.

    Args:
        spectrogram: Logarithms of energies, `[frames, bands]`, low bands first.
        units: In the order in which they are said.
        path: The PNG to write.
        seconds: From one frame of the spectrogram to the next.
        words: Likewise, in a line below.
        title: What stands above.

    Raises:
        RnnkitError: The spectrogram has no frame or band or holds no numbers, seconds is not above 0, or a unit ends
            before it starts or is not in the recording.

    Example:

    >>> noise = np.random.default_rng(1).normal(size=(100, 40))
    >>> units = [Said("h", 0.1, 0.2), Said("i", 0.5, 0.55)]
    >>> alignment_over_spectrogram(noise, units, "alignment.png", seconds=0.01).name  # doctest: +SKIP
    'alignment.png'
    """
    spectrogram = checked_spectrogram(spectrogram, seconds)
    length = len(spectrogram) * seconds
    for unit in (*units, *words):
        if not 0 <= unit.start <= unit.end <= length + 1e-6:
            raise RnnkitError(
                f"{drawable(unit.text, 20)!r} is said from {unit.start:g} to {unit.end:g} s; expected times from 0 to "
                f"{length:g}, the recording's end."
            )
    shown = min(length, MOST_SECONDS, *(unit.start for unit in units[MOST_UNITS : MOST_UNITS + 1]))
    kept = [unit for unit in units[:MOST_UNITS] if unit.end <= shown]
    figure = new_figure()
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3.0, 1.5 if words else 1.0))
    subtitle = "dark: sound; below: when the network says what"
    style(above, drawable(title, 60), subtitle + (f" (the first {shown:.3g} of {length:.3g} s)" * (shown < length)))
    draw_spectrogram(above, spectrogram, seconds)
    for unit in kept:
        above.axvspan(unit.start, unit.end, color=ORANGE, alpha=0.18, linewidth=0)
        above.axvline(unit.start, color=ORANGE, linewidth=0.7, alpha=0.6)
    _draw_units(below, kept, [word for word in words if word.end <= shown], shown)
    above.set_xlim(0, shown)
    return save(figure, path)


def checked_spectrogram(spectrogram: np.ndarray, seconds: float) -> np.ndarray:
    """A spectrogram as float64 `[frames, bands]`.

    Args:
        spectrogram: What is given as one.
        seconds: From one frame to the next.

    Raises:
        RnnkitError: It has no frame or band or holds no numbers, or seconds is not above 0.
    """
    spectrogram = np.asarray(spectrogram, np.float64)
    if spectrogram.ndim != 2 or not spectrogram.size or not np.isfinite(spectrogram).all():
        raise RnnkitError(f"The spectrogram is {list(spectrogram.shape)}; expected numbers, [frames, bands].")
    if not 0 < seconds < np.inf:
        raise RnnkitError(f"seconds is {seconds!r}; expected the time of a frame, above 0.")
    return spectrogram


def draw_spectrogram(axes: Axes, spectrogram: np.ndarray, seconds: float, grey: bool = False) -> None:
    """Draw a spectrogram, dark where there is sound; in grey, where colours are to be laid over it."""
    low, high = np.percentile(spectrogram, (5, 99.5))
    axes.imshow(
        spectrogram.T,
        cmap="Greys" if grey else LinearSegmentedColormap.from_list("shades", _SHADES),
        vmin=low,
        vmax=max(high, low + 1e-9),
        aspect="auto",
        origin="lower",
        interpolation="nearest",
        extent=(0, len(spectrogram) * seconds, 0, spectrogram.shape[1]),
    )
    axes.set_ylabel("band")
    axes.tick_params(labelbottom=False)
    round_ticks(axes.yaxis, whole=True, most=5)


def _draw_units(axes: Axes, units: Sequence[Said], words: Sequence[Said], shown: float) -> None:
    """Bars at the times, then the letters, then the words."""
    size = SMALL if len(units) <= 40 else 8.0
    floor = 0.0 if words else 0.35
    middles = np.array([(unit.start + unit.end) / 2 for unit in units])
    widths = [len(drawable(_letter(unit.text), 12)) for unit in units]
    places = _apart(middles, 0.0015 * size * shown * np.array(widths), shown)
    for unit, middle, place in zip(units, middles, places, strict=True):
        axes.plot((unit.start, max(unit.end, unit.start + 0.002 * shown)), (0.96, 0.96), color=ORANGE, linewidth=4,
                  solid_capstyle="butt")  # fmt: skip
        axes.plot((middle, place), (0.92, 0.74), color=RULE, linewidth=0.8)
        letter = drawable(_letter(unit.text), 12)
        axes.text(place, 0.62, letter, ha="center", va="center", fontsize=size, color=INK)
    for word in words:
        axes.plot((word.start, max(word.end, word.start + 0.004 * shown)), (0.36, 0.36), color=MUTED, linewidth=1.2)
    centres = np.array([(word.start + word.end) / 2 for word in words])
    names = [drawable(word.text, 24) for word in words]
    wide = 0.0014 * BODY * shown * np.array([len(name) + 1 for name in names])
    for name, place in zip(names, _apart(centres, wide, shown), strict=True):
        axes.text(place, 0.14, name, ha="center", va="center", fontsize=BODY, color=INK)
    axes.set_ylim(floor, 1)
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.tick_params(labelsize=BODY, colors=INK, length=0)
    axes.set_xlabel("seconds", fontsize=BODY, color=INK)
    round_ticks(axes.xaxis)


def _letter(text: str) -> str:
    return _BLANK if text.isspace() else text


def _apart(middles: np.ndarray, widths: np.ndarray, shown: float) -> np.ndarray:
    """Places near the middles, in order, within 0 to `shown`, as far apart as the letters are wide, or closer where
    these do not fit."""
    widths = widths * min(1.0, shown / max(float(widths.sum()), 1e-9))
    gaps = np.concatenate([[0.0], np.cumsum((widths[1:] + widths[:-1]) / 2)]) if len(widths) else np.zeros(0)
    free = middles - gaps  # has to ascend: the nearest such numbers are means of the stretches that do not
    blocks: list[tuple[float, int]] = []
    for each in free:
        total, count = float(each), 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / count:
            total, count = total + blocks[-1][0], count + blocks.pop()[1]
        blocks.append((total, count))
    places = np.array([total / count for total, count in blocks for _ in range(count)]) + gaps
    if not len(places):
        return places
    places = np.maximum(places, widths[0] / 2 + gaps)
    return np.minimum(places, shown - widths[-1] / 2 - (gaps[-1] - gaps))
