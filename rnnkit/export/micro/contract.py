"""The interface that an export for microcontrollers requires of a task."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from rnnkit.export.servable import ServableParts

#: Weights of a product below which the two casts weigh more than int8 weights save.
FEWEST_WEIGHTS = 256
#: The inputs of a file's calls one after the other, by name; states go from call to call.
Calls = Sequence[Mapping[str, np.ndarray]]
#: The strategy of a file that takes one step, with its states beside it.
STEP = "step"


class MicroExporter(ABC):
    """The files of one task for microcontrollers, in its folder's `micro.py`; `Exporter.micro` gives it."""

    #: Weights of a product that becomes int8, at least; what has fewer stays float32.
    fewest_weights: ClassVar[int] = FEWEST_WEIGHTS

    @property
    @abstractmethod
    def strategies(self) -> tuple[str, ...]:
        """How time can become a graph, the default first: "step", "unroll" (all steps) or "loop" (float32 only)."""

    @abstractmethod
    def servable(self, strategy: str) -> ServableParts:
        """The one function of the file. An output named as an input is that state's new value; states begin with zeros,
        and everything is of a fixed size.

        Args:
            strategy: One of `strategies`.
        """

    @abstractmethod
    def calls(self, examples: Any, strategy: str) -> list[Calls]:
        """For each example the inputs of its calls, raw as a board has them."""

    @abstractmethod
    def outputs(self, answers: Sequence[dict[str, np.ndarray]]) -> np.ndarray:
        """What an example's calls gave, `[outputs, ...]`, in the form of the exporter's `expected`."""

    @abstractmethod
    def describe(self, strategy: str) -> dict[str, Any]:
        """The entries of `bundle.json` that say what the file takes."""

    def fitting(self, examples: Any, strategy: str) -> Any:
        """Of these examples those that the file takes, cut to its length where that is fixed; asked for first.

        Raises:
            RnnkitError: None fits.
        """
        return examples

    def about(self) -> list[str]:
        """Lines about what goes in and comes out, for the header."""
        return []

    def lists(self) -> list[tuple[str, Sequence[str] | Sequence[bool]]]:
        """Arrays of texts or truth values for the header, such as `("kLabels", labels)`."""
        return []
