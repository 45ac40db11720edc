"""The exporter of a task: what `rnnkit.export` asks of a task that can become a file for phones and servers."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.export.parity import Agreement, ComparesAs, Labels, Truth
from rnnkit.export.servable import Servable, ServableParts

#: Examples that an export is compared on.
COMPARED_ROWS = 200


class Examples(Protocol):
    """Encoded examples, as far as an export reads them; `rnnkit.tasks.base.examples.Encoded` is one."""

    @property
    def inputs(self) -> Iterable[Any]: ...
    @property
    def truth(self) -> np.ndarray: ...
    @property
    def known(self) -> np.ndarray | None: ...
    def some(self, count: int) -> "Examples": ...


class Exporter(ABC):
    """One task's exporter, in its folder's `export.py`.

    Args:
        task: The trained task.
    """

    #: The name of the runner in `rnnkit.lite.tasks` that answers with the exported files.
    runner: ClassVar[str]
    #: The kind of its outputs, and how far those of an export may be from those of Keras.
    compares_as: ClassVar[ComparesAs] = Labels()
    #: Quantizations it can be had in.
    quantizations: ClassVar[tuple[str, ...]] = ("none", "float16", "dynamic", "int8")
    #: How time can become a graph; the loop alone where a file does one step, or any number of them.
    strategies: ClassVar[tuple[str, ...]] = ("loop", "unroll", "fused")

    def __init__(self, task: Any) -> None:
        self.task = task

    @abstractmethod
    def servables(self, strategy: str) -> Mapping[str, Servable | ServableParts]:
        """The files of a bundle, each a `Servable` or `ServableParts` under its name in `bundle.json`; most tasks have
        one, "model".

        Args:
            strategy: One of `strategies`.
        """

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """The entries of `bundle.json` that the task's runner in `rnnkit.lite` reads."""

    def expected(self, examples: Examples) -> np.ndarray:
        """Keras's outputs for these examples, in the form that the exported file gives."""
        return self.task.outputs(examples)

    def confidence(self, examples: Examples) -> np.ndarray | None:
        """For `Answers`: the probability of each answer, `[rows, answers]`, or the scores of at least the best two."""
        return None

    def truth(self, examples: Examples) -> Truth | None:
        """The true answers in the order of the outputs, and which of them are known."""
        return Truth(examples.truth, examples.known)

    def rows(self, examples: Examples) -> Sequence[Any]:
        """The examples as the runner's `run` takes them."""
        return list(examples.inputs)

    def sample(self, examples: Examples) -> Examples:
        """The part of these examples that an export is compared on."""
        return examples.some(COMPARED_ROWS)

    def inputs(self, examples: Examples, fixed_length: bool) -> list[np.ndarray]:
        """The examples as the first input of a file, batch 1 each: int8 measures its ranges on them.

        Raises:
            RnnkitError: By default, since most tasks have no int8 export.
        """
        raise RnnkitError(f"{self.task.key} cannot be had as int8.")

    def advice(self, strategy: str) -> str:
        """A line for the user after a TFLite export; "" for none."""
        return ""

    def finish(self, model: bytes, strategy: str) -> bytes:
        """Last changes to a TFLite file, such as metadata."""
        return model

    def saved_model(self, folder: Path, compared: Examples, source: str) -> dict[str, Any]:
        """Writes `saved_model/` into a Run folder and compares it with Keras.

        By default it has the signature of the only servable, with batch 1, fed with `inputs`.
        """
        from rnnkit.export.saved_model import save_servable

        return save_servable(self, folder, compared, source)

    def agreement(self, examples: Examples, theirs: np.ndarray, source: str) -> Agreement:
        """How outputs for these examples agree with those of Keras."""
        ours = self.expected(examples)
        return self.compares_as.compare(ours, theirs, self.truth(examples), source, self.confidence(examples))
