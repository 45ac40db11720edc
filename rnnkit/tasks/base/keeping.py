"""What a preprocessing has whose encoded examples are kept for large files."""

from typing import Any, ClassVar

import numpy as np

from rnnkit.tasks.base.examples import Splits


class KeepsParts:
    """A preprocessing for which what `save` and `beside_parts` give and its examples, of `Encoded` itself, are all that
    `learn` finds: so a second training on the same large files maps them, and does not learn again
    (`rnnkit.tasks.base.kept_parts`)."""

    #: The options that say what becomes of the data.
    of_the_data: ClassVar[tuple[str, ...]] = ()
    options: Any

    def beside_parts(self) -> dict[str, np.ndarray]:
        """What `learn` set and `save` does not write."""
        return {}

    def restore(self, parts: Splits, beside: dict[str, np.ndarray]) -> None:
        """Set what `learn` would, after `load`.

        Args:
            parts: The examples that were kept.
            beside: What `beside_parts` gave.
        """
