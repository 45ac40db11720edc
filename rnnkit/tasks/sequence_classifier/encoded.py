"""Encoded sequences of which some labels are not known."""

import numpy as np

from rnnkit.tasks.base.examples import Encoded


def known_only(encoded: Encoded, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The known labels, and the outputs for them."""
    return (encoded.truth, outputs) if encoded.known is None else (encoded.truth[encoded.known], outputs[encoded.known])
