"""Occlusion: the words behind a prediction, found by hiding each in turn and measuring the label's probability."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from rnnkit.codec.vocabulary import PAD, START, UNKNOWN
from rnnkit.errors import RnnkitError
from rnnkit.plots.shades import FAINT, shade, strengths
from rnnkit.streams import visible

if TYPE_CHECKING:
    from rich.text import Text

_FLOOR = 1e-7  # float32 cannot tell 1 - 1e-8 from 1, so odds beyond this are rounding noise


def occlusion(
    probabilities: Callable[[list[np.ndarray]], np.ndarray],
    ids: np.ndarray,
    label: int,
    unknown: int = UNKNOWN,
    *,
    batch_size: int = 64,
) -> np.ndarray:
    """The drop of the label's log-odds when a single word is replaced by the unknown word, for each word.

    It needs only the model's answers, so it works for any cell and for an exported file. Log-odds rather than
    probability, because a confident model barely moves from 0.999 however much a word matters. A text of T words costs
    T + 1 predictions, `batch_size` of them in memory at a time.

    Args:
        probabilities: Maps id arrays `[length]` to class probabilities `[rows, classes]`, each row summing to 1.
        ids: Word ids of one text, `[length]`.
        label: The class to explain, from 0.
        unknown: The id that replaces a word.
        batch_size: Number of texts per call of `probabilities`.

    Returns:
        float64 `[length]`: positive speaks for the label, negative against it. `<START>`, `<PAD>` and words already
        unknown get 0.

    Raises:
        RnnkitError: `ids` is not one text, `label` is not a class, or `probabilities` returns another shape or NaN.

    Example:

    >>> def positive_when_3(texts):
    ...     return np.array([[0.1, 0.9] if 3 in text else [0.5, 0.5] for text in texts])
    >>> occlusion(positive_when_3, np.array([1, 3, 4]), label=1).round(2).tolist()
    [0.0, 2.2, 0.0]

    Reference:
        Zeiler & Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014;
        Li, Monroe & Jurafsky, Understanding Neural Networks through Representation Erasure, arXiv 1612.08220, 2016.
    """
    ids = np.asarray(ids)
    if ids.ndim != 1 or not np.issubdtype(ids.dtype, np.integer):
        raise RnnkitError(f"ids is {ids.dtype} of shape {ids.shape}; give the word ids of one text, integers [length].")
    if batch_size < 1:
        raise RnnkitError(f"batch_size is {batch_size}; give 1 or more.")
    scores = np.zeros(len(ids))
    positions = np.flatnonzero(~np.isin(ids, (PAD, START, unknown)))
    if not len(positions):
        return scores
    whole = _log_odds(probabilities, [ids], label)[0]
    for first in range(0, len(positions), batch_size):
        batch = positions[first : first + batch_size]
        scores[batch] = whole - _log_odds(probabilities, [_replaced(ids, at, unknown) for at in batch], label)
    return scores


def highlight(words: Sequence[str], scores: np.ndarray) -> "Text":
    """Colour the words for the terminal: blue-green behind those that speak for the label, red behind those against.

    Args:
        words: The words of one text.
        scores: As from `occlusion`, `[words]`.

    Returns:
        A text for `rich.console.Console.print`; with colours off it prints as plain words.

    Raises:
        RnnkitError: There is not one finite score per word.

    Example:

    >>> text = highlight(["a", "great", "film"], np.array([0.0, 2.0, -0.5]))
    >>> text.plain, len(text.spans)
    ('a great film', 2)
    """
    from rich.text import Text

    text = Text()
    for index, (word, share) in enumerate(zip(words, strengths(words, scores), strict=True)):
        if index:
            text.append(" ")
        text.append(visible(word), style=f"black on {shade(share)}" if abs(share) >= FAINT else "")
    return text


def _replaced(ids: np.ndarray, position: int, unknown: int) -> np.ndarray:
    copy = ids.copy()
    copy[position] = unknown
    return copy


def _log_odds(
    probabilities: Callable[[list[np.ndarray]], np.ndarray], texts: list[np.ndarray], label: int
) -> np.ndarray:
    """log p / (1 - p) of the label for each text, `[texts]`."""
    table = np.asarray(probabilities(texts), dtype=np.float64)
    if table.ndim != 2 or len(table) != len(texts) or not np.isfinite(table).all():
        raise RnnkitError(
            f"probabilities gave shape {table.shape} for {len(texts)} texts; expected finite numbers [texts, classes]."
        )
    if not 0 <= label < table.shape[1]:
        raise RnnkitError(f"label is {label}; the model has the classes 0 to {table.shape[1] - 1}.")
    chance = np.clip(table[:, label], _FLOOR, 1 - _FLOOR)
    return np.log(chance) - np.log1p(-chance)
