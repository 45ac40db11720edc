"""A check that a model's outputs are finite."""

import numpy as np

from rnnkit.errors import RnnkitError


def finite(numbers: np.ndarray) -> np.ndarray:
    """The same numbers.

    Args:
        numbers: Probabilities or logits, of any shape.

    Raises:
        RnnkitError: One of them is NaN or infinite, as all are that broken weights make.

    Example:

    >>> finite(np.array([0.25, 0.75])).tolist()
    [0.25, 0.75]
    """
    if not np.isfinite(numbers).all():
        raise RnnkitError(
            "The model's answer is no finite number, so its weights are broken or too large. Copy or export it again, "
            "or train anew."
        )
    return numbers
