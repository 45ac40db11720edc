"""The exporter of a task: the interface that `rnnkit.export` requires to turn it into files for phones and servers."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.export.micro.contract import MicroExporter
from rnnkit.export.parity import Agreement, ComparesAs, Labels, Truth
from rnnkit.export.servable import Servable, ServableParts

#: Number of examples on which an export is compared.
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
    """The exporter of one task, in its folder's `export.py`.

    Args:
        task: The trained task.
    """

    #: The name of the runner in `rnnkit.lite.tasks` that answers with the exported files.
    runner: ClassVar[str]
    #: The kind of its outputs, and how far those of an export may be from those of Keras.
    compares_as: ClassVar[ComparesAs] = Labels()
    #: Supported quantizations.
    quantizations: ClassVar[tuple[str, ...]] = ("none", "float16", "dynamic", "int8")
    #: Ways to turn time into a graph; only the loop where a file runs one step, or a known number of them.
    strategies: tuple[str, ...] = ("padded", "loop", "unroll", "fused")

    #: Whether the length of a padded file may be another than the task's.
    takes_length: ClassVar[bool] = False

    def __init__(self, task: Any) -> None:
        self.task = task
        #: Steps of a padded file, where they are asked for; 0: those that suit the task.
        self.length = 0

    @property
    def most(self) -> int:
        """Steps that are read of an input."""
        return int(self.length or self.task.options.max_length)

    @property
    def compared_noun(self) -> str:
        """The noun for what is compared, in the plural: that of the answers, where an example has several."""
        return self.task.example_noun

    @property
    def row_noun(self) -> str:
        """The noun for what the file is run on, in the plural."""
        return self.task.example_noun

    @property
    def timed(self) -> str:
        """What the time of a row is the time for."""
        return f"a {self.row_noun.removesuffix('s')}"

    @abstractmethod
    def servables(self, strategy: str) -> Mapping[str, Servable | ServableParts]:
        """The files of a bundle, each a `Servable` or `ServableParts` keyed by its name in `bundle.json`; most tasks
        have one, "model".

        Args:
            strategy: One of `strategies`.
        """

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """The entries of `bundle.json` read by the task's runner in `rnnkit.lite`."""

    def expected(self, examples: Examples) -> np.ndarray:
        """Keras's outputs for these examples, in the form the exported file returns."""
        return self.task.outputs(examples)

    def confidence(self, examples: Examples) -> np.ndarray | None:
        """For `Answers`: the probability of each answer, `[rows, answers]`, or the scores of at least the best two."""
        return None

    def truth(self, examples: Examples) -> Truth | None:
        """The true answers, in the order of the outputs, and which of them are known."""
        return Truth(examples.truth, examples.known)

    def rows(self, examples: Examples) -> Sequence[Any]:
        """The examples in the form the runner's `run` takes."""
        return list(examples.inputs)

    def sample(self, examples: Examples) -> Examples:
        """The subset of these examples on which an export is compared."""
        return examples.some(COMPARED_ROWS)

    def fitting(self, examples: Any, strategy: str) -> Any:
        """Of these examples, those that a file takes whole; by default all, but for those above a `length` asked for.

        Raises:
            RnnkitError: None fits.
        """
        return up_to(self.length, examples) if self.length else examples

    def inputs(self, examples: Examples, fixed_length: bool) -> list[np.ndarray]:
        """The examples as the first input of a file, with batch 1 each; int8 calibrates its ranges on them.

        Raises:
            RnnkitError: By default, since most tasks have no int8 export.
        """
        raise RnnkitError(f"{self.task.key} cannot be exported as int8.")

    def micro(self) -> MicroExporter | None:
        """Its files for microcontrollers; None where the task does not run there."""
        return None

    def advice(self, strategy: str) -> str:
        """A line for the user after a TFLite export; "" for none."""
        return ""

    def finish(self, model: bytes, strategy: str) -> bytes:
        """Final changes to a TFLite file, such as metadata."""
        return model

    def saved_model(self, folder: Path, compared: Examples, source: str) -> dict[str, Any]:
        """Write `saved_model/` into a Run folder and compare it with Keras.

        By default it has the signature of the only servable, with batch 1, and is fed with `inputs`.
        """
        from rnnkit.export.saved_model import save_servable

        return save_servable(self, folder, compared, source)

    def other_outputs(self, runner: Any, examples: Examples) -> tuple[np.ndarray, np.ndarray] | None:
        """What other functions of a bundle than `run` give for some of these examples, and Keras's outputs for them;
        None where there are no others, or they are part of `run`.

        Args:
            runner: That of the bundle.
            examples: Those that are compared.
        """
        return None

    def agreement(self, examples: Examples, theirs: np.ndarray, source: str) -> Agreement:
        """The agreement of an export's outputs for these examples with those of Keras."""
        ours = self.expected(examples)
        return self.compares_as.compare(ours, theirs, self.truth(examples), source, self.confidence(examples))


def up_to(length: int, examples: Any) -> Any:
    """The examples of at most so many steps.

    Raises:
        RnnkitError: There are none.
    """
    fits = np.flatnonzero(examples.inputs.lengths <= length)
    if not len(fits):
        least = int(examples.inputs.lengths.min())
        raise RnnkitError(
            f"The file would take {length:,} steps, and the shortest example to compare it on has {least:,}. Give "
            "--length as many or more, or --strategy loop."
        )
    return examples if len(fits) == len(examples) else examples.take(fits)
