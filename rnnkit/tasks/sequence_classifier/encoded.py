"""Encoded sequences with a label for each of their steps."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnkit.tasks.base.examples import Encoded

#: The index of a label that is not known.
UNKNOWN = -1


@dataclass
class EncodedSteps(Encoded):
    """Sequences with a label for each step: `targets` has as many as `inputs` has steps, -1 for an unknown one."""

    targets: Any  # Ragged

    @property
    def truth(self) -> np.ndarray:
        return self.targets.flat

    @property
    def known(self) -> np.ndarray:
        return self.targets.flat != UNKNOWN

    def take(self, indices: np.ndarray) -> "EncodedSteps":
        return EncodedSteps(self.inputs.take(indices), self.targets.take(indices))


def known_only(encoded: Encoded, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The known labels, and the outputs for them."""
    return (encoded.truth, outputs) if encoded.known is None else (encoded.truth[encoded.known], outputs[encoded.known])
