"""Pictures with their captions, and the attention of each word."""

import math
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import BODY, INK, MUTED, SMALL, TITLE, WIDTH, new_figure, save
from rnnkit.plots.fonts import drawable

_COLUMNS, _MOST = 4, 24  # pictures of a sheet
_LETTERS = 24  # of a line under a picture
_WORDS_A_ROW, _MOST_WORDS = 5, 24
_HEAD = 0.55  # inches for the title


def caption_sheet(
    pictures: Sequence[np.ndarray],
    captions: Sequence[str],
    path: str | PathLike[str],
    notes: Sequence[str] = (),
    title: str = "captions",
) -> Path:
    """A contact sheet: each picture with its caption under it, four in a row.

    Args:
        pictures: uint8 `[height, width, 3]` each; of more than 24 the first ones are drawn.
        captions: What was written for each.
        path: The PNG to write.
        notes: A line in grey under each caption, such as one that a person wrote.
        title: What stands above.

    Raises:
        RnnkitError: There is no picture, or not a caption for each.

    Example:

    >>> caption_sheet([np.zeros((8, 8, 3), "uint8")], ["a black square"], "sheet.png").name  # doctest: +SKIP
    'sheet.png'
    """
    if not len(pictures) or len(pictures) != len(captions) or (notes and len(notes) != len(captions)):
        raise RnnkitError(f"There are {len(pictures)} pictures and {len(captions)} captions; expected one for each.")
    shown = min(len(pictures), _MOST)
    said = [_lines(caption) for caption in captions[:shown]]
    added = [_lines(note) for note in notes[:shown]] if notes else [[] for _ in range(shown)]
    rows, side = math.ceil(shown / _COLUMNS), WIDTH / _COLUMNS
    lines = max(len(one) + len(other) for one, other in zip(said, added, strict=True))
    row = side * 0.94 + 0.17 * lines + 0.15
    figure = _headed(_HEAD + rows * row, title)
    for place in range(shown):
        left, top = place % _COLUMNS * side, _HEAD + place // _COLUMNS * row
        _picture(figure, pictures[place], left + 0.03 * side, top, 0.94 * side)
        below = top + 0.94 * side + 0.06
        for number, (line, colour) in enumerate(
            [*((each, INK) for each in said[place]), *((each, MUTED) for each in added[place])]
        ):
            _text(figure, left + 0.04 * side, below + 0.17 * number, line, colour, SMALL)
    return save(figure, path)


def attention_over_picture(
    picture: np.ndarray, weights: np.ndarray, words: Sequence[str], path: str | PathLike[str], title: str = "attention"
) -> Path:
    """The picture once per word, bright where the decoder attended.

    Args:
        picture: uint8 `[height, width, 3]`.
        weights: `[words, regions]`, the regions of a square grid row by row; a row's sum is 1.
        words: What was written; of more than 24 the first ones are drawn.
        path: The PNG to write.
        title: What stands above.

    Raises:
        RnnkitError: The weights have no row for each word, or the regions are no square.

    Example:

    >>> black = np.zeros((8, 8, 3), "uint8")
    >>> attention_over_picture(black, np.full((2, 4), 0.25), ["a", "dog"], "seen.png").name  # doctest: +SKIP
    'seen.png'

    Reference:
        Xu et al., Show, Attend and Tell, ICML 2015 (arXiv:1502.03044), figure 3.
    """
    weights = np.asarray(weights, np.float64)
    grid = math.isqrt(weights.shape[-1]) if weights.ndim == 2 else 0
    if weights.ndim != 2 or len(weights) != len(words) or grid**2 != weights.shape[1] or not len(words):
        raise RnnkitError(
            f"The weights are {weights.shape} for {len(words)} words; expected a row for each word, and a square "
            "number of regions."
        )
    shown = min(len(words), _MOST_WORDS)
    rows, side = math.ceil((shown + 1) / _WORDS_A_ROW), WIDTH / _WORDS_A_ROW
    row = 0.94 * side + 0.3
    figure = _headed(_HEAD + rows * row, title)
    for place in range(shown + 1):
        left, top = place % _WORDS_A_ROW * side, _HEAD + place // _WORDS_A_ROW * row
        lit = picture if not place else _lit(picture, weights[place - 1].reshape(grid, grid))
        _picture(figure, lit, left + 0.03 * side, top, 0.94 * side)
        name = "" if not place else drawable(words[place - 1], 18)
        _text(figure, left + 0.04 * side, top + 0.94 * side + 0.05, name, INK, BODY)
    return save(figure, path)


def _lit(picture: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The picture, dark where attention is low; the grid is interpolated."""
    from PIL import Image

    height, width = picture.shape[:2]
    share = weights / max(weights.max(), 1e-9)
    large = Image.fromarray((255 * share).astype(np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    light = 0.25 + 0.75 * np.asarray(large, np.float64)[..., None] / 255
    return np.clip(picture * light, 0, 255).astype(np.uint8)


def _headed(height: float, title: str) -> Figure:
    figure = new_figure(height, managed=False)
    named = title[:1].upper() + title[1:]
    figure.text(0.012, 1 - 0.16 / height, drawable(named, 70), fontsize=TITLE, fontweight="bold", color=INK, va="top")
    return figure


def _picture(figure: Figure, picture: np.ndarray, left: float, top: float, side: float) -> None:
    """Inches from the top left corner."""
    height = figure.get_figheight()
    axes = figure.add_axes((left / WIDTH, 1 - (top + side) / height, side / WIDTH, side / height))
    axes.imshow(picture, aspect="auto", interpolation="antialiased")
    axes.set_axis_off()


def _text(figure: Figure, left: float, top: float, text: str, colour: str, size: float) -> None:
    figure.text(left / WIDTH, 1 - top / figure.get_figheight(), text, fontsize=size, color=colour, va="top")


def _lines(text: str, most: int = 3) -> list[str]:
    """A caption in lines that fit under a picture."""
    lines = [""]
    for word in drawable(text, 120).split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _LETTERS:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]} …"]
    return lines
