"""The part of a sound that spoke for its label, over its spectrogram."""

from os import PathLike
from pathlib import Path

import numpy as np

from rnnkit.plots.alignment import checked_spectrogram, draw_spectrogram
from rnnkit.plots.canvas import RULE, new_figure, round_ticks, save, style
from rnnkit.plots.fonts import drawable
from rnnkit.plots.shades import FAINT, shade, strengths

_VEIL = 0.5  # how much of a colour covers the spectrogram


def sound_saliency(
    spectrogram: np.ndarray,
    scores: np.ndarray,
    label: str,
    probability: float,
    path: str | PathLike[str],
    *,
    seconds: float,
) -> Path:
    """A spectrogram under a colour for each part, and its score below: blue-green speaks for the label, red against it.

    Args:
        spectrogram: Logarithms of energies, `[frames, bands]`, low bands first.
        scores: What each frame adds to the label's log-odds, `[frames]`.
        label: The predicted label.
        probability: Its probability, 0 to 1.
        path: The PNG to write.
        seconds: From one frame to the next.

    Raises:
        RnnkitError: There is not one finite score a frame, or as `alignment_over_spectrogram`.

    Example:

    >>> noise = np.random.default_rng(1).normal(size=(100, 40))
    >>> sound_saliency(noise, np.linspace(-1, 2, 100), "yes", 0.97, "why.png", seconds=0.01).name  # doctest: +SKIP
    'why.png'
    """
    spectrogram = checked_spectrogram(spectrogram, seconds)
    scores = np.asarray(scores, np.float64)
    shares = strengths([str(frame) for frame in range(len(spectrogram))], scores)
    figure = new_figure()
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3.0, 1.2))
    said = f"{probability:.1%}; blue-green: what speaks for it, red: against it"
    style(above, f"why {drawable(label, 40)!r}?", said)
    draw_spectrogram(above, spectrogram, seconds, grey=True)
    edges = np.flatnonzero(np.diff(scores, prepend=np.nan, append=np.nan))
    for first, last in zip(edges[:-1], edges[1:], strict=True):
        start, end, colour = first * seconds, last * seconds, shade(float(shares[first]))
        if abs(shares[first]) >= FAINT:
            above.axvspan(start, end, color=colour, alpha=_VEIL, linewidth=0)
        below.fill_between((start, end), 0, scores[first], color=colour, linewidth=0)
    below.spines[:].set_visible(False)
    below.axhline(0, color=RULE, linewidth=0.8)
    below.set_xlim(0, len(spectrogram) * seconds)
    below.set_xlabel("seconds")
    below.set_ylabel("log-odds")
    round_ticks(below.xaxis)
    round_ticks(below.yaxis, most=4)
    return save(figure, path)
