"""What a task writes: the methods that `rnnkit.tasks.base.task.Task` builds everything else on."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.export.contract import Exporter
from rnnkit.tasks.base.examples import Encoded, Parts
from rnnkit.tasks.base.options import CheckedOptions, Options, TrainingOptions


class TaskContract(ABC):
    """One kind of problem, said in the terms of its data and its network.

    The attributes and abstract methods are what a task must give; the others may be given.
    """

    key: ClassVar[str]
    #: What a row of raw data gives, in this order; also the names of the command line's column flags.
    roles: ClassVar[tuple[str, ...]]
    #: Names of the options that say how to read raw data; flags of every command that reads some.
    reads_with: ClassVar[tuple[str, ...]] = ()
    #: Options of `predict`, here and in `rnnkit.lite`; flags of `rnnkit predict`.
    answers_with: ClassVar[type[CheckedOptions] | None] = None
    options_class: ClassVar[type[TrainingOptions]] = Options
    #: The figure that validation maximises, as Keras names it.
    monitor: ClassVar[str] = "val_accuracy"
    #: The option `unit` of a language model that this task can begin with; "" for none.
    language_unit: ClassVar[str] = ""
    #: Batches are padded to multiples of so many steps; of so many on JAX, which compiles each length anew.
    padded_to: ClassVar[tuple[int, int]] = (8, 32)
    #: The noun for what has an answer of its own, in messages.
    example_noun: ClassVar[str] = "rows"
    network: Any
    options: Any

    @property
    def padding_step(self) -> int:
        """What `collate` pads lengths to a multiple of, on the present backend."""
        import keras

        return self.padded_to[keras.backend.backend() == "jax"]

    # ------------------------------------------------------------------ data and network

    @classmethod
    def open_source(
        cls, source: Any, columns: dict[str, str | None] | None = None, encoding: str | None = None, **how: Any
    ) -> Any:  # fmt: skip
        """Raw data in any form the task takes, opened to be read again and again; what is open already stays as it is.

        Args:
            source: A file, a data frame, a list of rows, or what this gave before.
            columns: Column names by role, where they cannot be guessed.
            encoding: The file's, where it cannot be found out.
            **how: The task's `reading_options`.
        """
        from rnnkit.data.tables import open_table

        return open_table(source, columns, cls.roles, encoding)

    def reading_options(self) -> dict[str, Any]:
        """What `open_source` is given beside these: the values of `reads_with`."""
        return {name: getattr(self.options, name) for name in self.reads_with}

    @abstractmethod
    def prepare(self, source: Any, test: Any = None, *, start: "TaskContract | None" = None) -> Parts:
        """Reads raw rows, makes the splits, learns the preprocessing from the training part and encodes all parts.

        Args:
            source: Training rows (`rnnkit.data.tables.Source`).
            test: Test rows; without them a part of `source` is held out.
            start: The trained task that is fine-tuned: its preprocessing is extended instead of learnt anew.
        """

    @abstractmethod
    def build(self, *, unroll: bool | int = False, masked: bool = True, training: bool = False) -> Any:
        """The network, a new `keras.Model` for the present preprocessing.

        Args:
            unroll: As `Recurrent` takes it (for export); True fixes the length.
            masked: Without a mask the network takes texts of their own length only.
            training: Computes in bfloat16 where `options.mixed_precision` says so; all other networks are float32.
        """

    @abstractmethod
    def compile(self, network: Any, steps: int) -> None:
        """Gives the network its loss, its optimizer for so many steps in all, and its metrics."""

    @abstractmethod
    def collate(self, encoded: Encoded, indices: np.ndarray) -> tuple[Any, ...]:
        """A batch `(inputs, targets[, weights])` of the examples of these numbers."""

    @abstractmethod
    def outputs(self, encoded: Encoded) -> np.ndarray:
        """The network's outputs, in the order of the examples."""

    @abstractmethod
    def encode_inputs(self, inputs: list[Any]) -> Encoded:
        """Raw inputs, as `predict` is given them, with empty targets."""

    def faults(self, inputs: list[Any]) -> dict[int, str]:
        """What is wrong with raw inputs that cannot be answered, by their places: files that are broken, say."""
        return {}

    @abstractmethod
    def encode_rows(self, source: Any) -> Encoded:
        """Labelled raw rows, as `evaluate` is given them."""

    def rows_to_compare(self, source: Any, most: int) -> Encoded:
        """So many of labelled raw rows, to compare an export with Keras on."""
        return self.encode_rows(source).some(most)

    @abstractmethod
    def decode(self, outputs: np.ndarray) -> list[Any]:
        """Answers of the network's outputs."""

    @abstractmethod
    def metrics(self, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
        """The task's figures on encoded examples, under the names of the field."""

    @abstractmethod
    def save_preprocessing(self, folder: Path) -> None:
        """Writes vocabularies and the like as text."""

    @abstractmethod
    def load_preprocessing(self, folder: Path) -> None:
        """Reads what `save_preprocessing` wrote."""

    @abstractmethod
    def start_from(self, start: Any) -> str:
        """Copies what can be kept of another trained task's network into this one's; says in a line what that was."""

    def begin(self, network: Any) -> str:
        """Gives a new network the first weights that are not to be random; says in a line what that was."""
        return ""

    def beginnings(self) -> dict[str, str]:
        """Hashes of what `begin` gives, by the options that name it: a resumed training must begin with the same."""
        return {}

    def calibrate(self, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
        """Adjusts the trained network's decisions on the validation part; says what it did."""
        return {}

    def plot(self, folder: Path, parts: Parts, outputs: np.ndarray) -> None:  # noqa: B027
        """Draws the task's own pictures of the test part."""

    def made_up_rows(self) -> Encoded:
        """Random examples, for an export or a diagnosis when no real ones are at hand.

        Raises:
            RnnkitError: By default: real ones are asked for.
        """
        raise RnnkitError(f"A {self.key} makes up no rows of its own. Give real ones with --data FILE.")

    def exporter(self) -> Exporter:
        """What turns the trained task into files.

        Raises:
            RnnkitError: By default, since a task may have none.
        """
        raise RnnkitError(f"A {self.key} cannot be exported.")
