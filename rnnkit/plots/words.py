"""A text with its words coloured by their influence on the predicted label."""

import unicodedata
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import BODY, DPI, INK, MUTED, RULE, SMALL, TITLE, WIDTH, new_figure, save
from rnnkit.plots.fonts import drawable, families
from rnnkit.plots.shades import FAINT, shade, strengths

MAX_WORDS = 120
_MARGIN, _HEADER, _FOOTER, _LINE, _PAD = 40, 96, 92, 37, 4  # pixels


def word_attribution(
    words: Sequence[str], scores: np.ndarray, label: str, probability: float, path: str | PathLike[str]
) -> Path:
    """The text with a background colour per word: blue-green speaks for the predicted label, red against it.

    Of a long text it shows the `MAX_WORDS` words in a row that weigh most.

    Args:
        words: The words of one text.
        scores: What each adds to the label's log-odds, `[words]`, as from `explain.occlusion`.
        label: The predicted label.
        probability: Its probability, 0 to 1.
        path: The PNG to write.

    Raises:
        RnnkitError: There is no word, or not one finite score a word.

    Example:

    >>> scores = np.array([0.0, 3.0, -0.5])
    >>> word_attribution(["a", "great", "film"], scores, "positive", 0.97, "words.png").name  # doctest: +SKIP
    'words.png'
    """
    shares = strengths(words, scores)
    if not len(words):
        raise RnnkitError("There are no words to draw; give a text with at least one word.")
    first, last = _heaviest(shares, MAX_WORDS)
    pieces = [
        (drawable(word, 30), "black", shade(share) if abs(share) >= FAINT else "white")
        for word, share in zip(words[first:last], shares[first:last], strict=True)
    ]
    if first:
        pieces.insert(0, (f"… {first:,} more", MUTED, "white"))
    if last < len(words):
        pieces.append((f"{len(words) - last:,} more …", MUTED, "white"))
    placed, lines = _lay_out([text for text, _, _ in pieces], WIDTH * DPI - 2 * _MARGIN)
    figure = new_figure((_HEADER + lines * _LINE + _FOOTER) / DPI, managed=False)
    top = figure.bbox.height - _HEADER
    for (text, ink, background), (x, line, width) in zip(pieces, placed, strict=True):
        y = top - (line + 1) * _LINE
        if background != "white":
            figure.add_artist(
                FancyBboxPatch(
                    (_MARGIN + x - _PAD, y),
                    width + 2 * _PAD,
                    _LINE - 6,
                    boxstyle="round,pad=0,rounding_size=6",
                    facecolor=background,
                    edgecolor="none",
                    transform=IdentityTransform(),
                )
            )
        figure.add_artist(Text(_MARGIN + x, y + 10, text, fontsize=TITLE, color=ink, transform=IdentityTransform()))
    _explain_colours(figure, drawable(label, 40), probability, np.abs(scores).max())
    return save(figure, path)


def _heaviest(shares: np.ndarray, size: int) -> tuple[int, int]:
    """Start and end of the `size` consecutive words with the largest sum of absolute scores."""
    if len(shares) <= size:
        return 0, len(shares)
    sums = np.concatenate([[0.0], np.cumsum(np.abs(shares))])
    first = int(np.argmax(np.round(sums[size:] - sums[:-size], 9)))
    return first, first + size


def _lay_out(texts: list[str], room: float) -> tuple[list[tuple[float, int, float]], int]:
    """Left edge, line and width in pixels of each piece of running text, and how many lines; from the right if RTL."""
    renderer = FigureCanvasAgg(new_figure()).get_renderer()
    font = font_manager.FontProperties(family=families(), size=TITLE)
    placed, x, line = [], 0.0, 0
    for text in texts:
        width = renderer.get_text_width_height_descent(text, font, ismath=False)[0]
        if x and x + width > room:
            x, line = 0.0, line + 1
        placed.append((x, line, width))
        x += width + 11
    if sum(unicodedata.bidirectional(text[0]) in ("R", "AL") for text in texts) > len(texts) / 2:
        placed = [(room - x - width, line, width) for x, line, width in placed]
    return placed, line + 1


def _explain_colours(figure: Figure, label: str, probability: float, strongest: float) -> None:
    height = figure.bbox.height
    figure.text(
        _MARGIN / figure.bbox.width,
        1 - 44 / height,
        f"Predicted ({probability:.1%}): {label}",
        fontsize=TITLE,
        fontweight="bold",
        color=INK,
    )
    figure.text(
        _MARGIN / figure.bbox.width,
        1 - 72 / height,
        "what each word adds to the log-odds of this label" if strongest else "no word alone makes a difference",
        fontsize=BODY,
        color=MUTED,
    )
    axes = figure.add_axes((0.34, 44 / height, 0.32, 14 / height))
    bar = LinearSegmentedColormap.from_list("words", [shade(share) for share in (-1, 0, 1)])
    axes.imshow([np.linspace(-1, 1, 256)], aspect="auto", extent=(-1, 1, 0, 1), cmap=bar)
    axes.set_xticks([-1, 0, 1], [f"−{strongest:.2g}", "0", f"+{strongest:.2g}"] if strongest else ["", "0", ""])
    axes.set_yticks([])
    axes.tick_params(length=0, labelsize=SMALL, colors=INK)
    axes.spines[:].set_color(RULE)
    for x, side, text in ((-0.02, "right", "against"), (1.02, "left", "for this label")):
        axes.text(x, 0.5, text, transform=axes.transAxes, ha=side, va="center", fontsize=BODY, color=INK)
