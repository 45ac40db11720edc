"""Background colours of words that speak for an answer or against it."""

from collections.abc import Sequence

import numpy as np

from rnnkit.errors import RnnkitError

AGAINST, NEUTRAL, FOR = (0xEC, 0x75, 0x61), (0xFF, 0xFF, 0xFF), (0x2F, 0xA9, 0xC4)  # red, white, blue-green
FAINT = 0.08  # words below this share of the strongest word are left uncoloured


def strengths(words: Sequence[str], scores: np.ndarray) -> np.ndarray:
    """Scores as shares of the strongest one, -1 to 1; all 0 when no word counts.

    Raises:
        RnnkitError: There is not one finite score a word.

    Example:

    >>> strengths(["good", "bad"], np.array([2.0, -1.0])).tolist()
    [1.0, -0.5]
    """
    scores = np.asarray(scores, dtype=np.float64)
    if scores.shape != (len(words),) or not np.isfinite(scores).all():
        raise RnnkitError(f"{len(words)} words came with scores {scores.shape}; give one finite score a word.")
    strongest = np.abs(scores).max(initial=0.0)
    return scores / strongest if strongest > 0 else scores


def shade(share: float) -> str:
    """The colour between `AGAINST` at -1, white at 0 and `FOR` at 1, as "#rrggbb"; black text stays readable on it.

    Example:

    >>> shade(0.0), shade(1.0)
    ('#ffffff', '#2fa9c4')
    """
    end, weight = np.array(FOR if share > 0 else AGAINST), min(abs(share), 1.0)
    red, green, blue = np.rint(np.array(NEUTRAL) * (1 - weight) + end * weight).astype(int)
    return f"#{red:02x}{green:02x}{blue:02x}"
