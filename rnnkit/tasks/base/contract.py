"""What a task writes: the methods that `rnnkit.tasks.base.task.Task` builds everything else on."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.export.contract import Exporter
from rnnkit.streams import argument_text
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.examples import Encoded, Splits
from rnnkit.tasks.base.options import CheckedOptions, Options, TrainingOptions
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.tasks.base.word_encoder import WordEncoder

if TYPE_CHECKING:
    import keras

    from rnnkit.data.findings import Finding


class TaskContract(ABC):
    """One kind of problem, said in the terms of its data and its network.

    A task must give the first group of attributes and the abstract methods: `build`, `loss`, `collate`, `decode` and
    `metrics`. All else has a default.
    """

    key: ClassVar[str]
    #: What a row of raw data gives, in this order; also the names of the command line's column flags.
    roles: ClassVar[tuple[str, ...]]
    preprocessing_class: ClassVar[type[Preprocessing]]
    options_class: ClassVar[type[TrainingOptions]] = Options

    #: Names of the options that say how to read raw data; flags of every command that reads some.
    reading_names: ClassVar[tuple[str, ...]] = ()
    #: Options of `predict`, here and in `rnnkit.lite`; flags of `rnnkit predict`.
    predict_options: ClassVar[type[CheckedOptions] | None] = None
    #: The figure that validation maximises, as Keras names it; "val_loss" is minimised.
    monitor: ClassVar[str] = "val_accuracy"
    #: The option `unit` of a language model that can initialise this task's network; "" for none.
    language_unit: ClassVar[str] = ""
    #: Batches are padded to multiples of so many steps; of the second number on JAX, which compiles each length.
    padded_to: ClassVar[tuple[int, int]] = (8, 32)
    #: Whether `predict` answers raw inputs; a language model writes instead.
    answers_inputs: ClassVar[bool] = True
    #: The noun for what has an answer of its own, in messages.
    example_noun: ClassVar[str] = "rows"
    network: Any
    options: Any
    preprocessing: Any

    @property
    def padding_step(self) -> int:
        """What `collate` pads lengths to a multiple of, on the present backend."""
        import keras

        return self.padded_to[keras.backend.backend() == "jax"]

    # ------------------------------------------------------------------ raw data

    @classmethod
    def open_source(
        cls, source: Any, columns: dict[str, str | None] | None = None, encoding: str | None = None, **how: Any
    ) -> Any:
        """Opens raw data in any form the task takes, to be read again and again; what is open already stays as it is.

        Args:
            source: A file, a data frame, a list of rows, or what this gave before.
            columns: Column names by role, where they cannot be guessed.
            encoding: The file's, where it cannot be found out.
            **how: The task's `reading_options`.
        """
        from rnnkit.data.tables import open_table

        return open_table(source, columns, cls.roles, encoding)

    def reading_options(self) -> dict[str, Any]:
        """The values of `reading_names`, which `open_source` takes."""
        return {name: getattr(self.options, name) for name in self.reading_names}

    @classmethod
    def check(cls, source: Any, columns: dict[str, str | None] | None = None) -> "list[Finding]":
        """Findings of `rnnkit check` on opened raw data: good, warn or fail.

        By default the data are learnt from as `fit` would, without training: what that refuses is the one finding.
        """
        from rnnkit.data.findings import Finding

        try:
            splits = cls.preprocessing_class(cls.options_class()).learn(cls.open_source(source, columns))
        except RnnkitError as error:
            return [Finding("fail", str(error))]
        return [
            Finding(
                "good",
                f"{len(splits.train)} {cls.example_noun} to train on, {len(splits.validation)} to "
                f"validate, {len(splits.test)} to test.",
            )
        ]

    @classmethod
    def is_one(cls, inputs: object) -> bool:
        """Whether `predict` was given one input, and not a list of them."""
        return not isinstance(inputs, list | tuple | np.ndarray)

    @classmethod
    def parse(cls, text: str, from_line: bool = False) -> Any:
        """An input as a user writes it: an argument of the command line, or a line of standard input.

        Raises:
            RnnkitError: It is none.
        """
        return text if from_line else argument_text(text)

    def faults(self, inputs: list[Any]) -> dict[int, str]:
        """Raw inputs that cannot be answered, such as broken files: their places and what is wrong with each."""
        return {}

    # ------------------------------------------------------------------ the network

    @abstractmethod
    def build(self, how: Build = INFERENCE) -> "keras.Model":
        """The network, a new `keras.Model` for the present preprocessing."""

    @abstractmethod
    def loss(self, network: "keras.Model") -> Callable[[Any, Any], Any]:
        """The loss of a network, as `keras.Model.compile` takes it."""

    def watched(self, network: "keras.Model") -> "list[str | keras.Metric] | None":
        """The Keras metrics that training shows beside the loss."""
        return None

    def compile(self, network: "keras.Model", steps: int) -> None:
        """Gives the network its loss, its optimizer for this number of steps in all, and its metrics."""
        from rnnkit.training.trainer import compile_network, optimizer

        compile_network(network, optimizer(self.options, steps), self.loss(network), metrics=self.watched(network))

    @abstractmethod
    def collate(self, encoded: Encoded, indices: np.ndarray) -> tuple[Any, ...]:
        """A batch `(inputs, targets[, weights])` of the examples of these numbers."""

    @abstractmethod
    def outputs(self, encoded: Encoded) -> np.ndarray:
        """The network's outputs, in the order of the examples."""

    def copy_from(self, parent: "TaskContract") -> str:
        """Copies the weights that can be kept of the trained task that is fine-tuned. Returns a one-line summary.

        By default all of them go on, and so the networks must be of one shape.
        """
        from rnnkit.layers.weights import copy_lasting_weights

        copy_lasting_weights(parent.network, self.network)
        return "all weights go on"

    def word_encoder(self) -> WordEncoder | None:
        """The words and cells of the trained network with which other tasks may begin (their option `init_from`).

        By default None: no other task can begin with this one.
        """
        return None

    def calibrate(self, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
        """Adjusts the trained network's decisions on the validation part. Returns what it did."""
        return {}

    # ------------------------------------------------------------------ answers

    @abstractmethod
    def decode(self, outputs: np.ndarray) -> list[Any]:
        """Answers of the network's outputs."""

    @abstractmethod
    def metrics(self, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
        """The task's figures on encoded examples, under the names of the field."""

    def plot(self, folder: Path, parts: Splits, outputs: np.ndarray) -> None:  # noqa: B027
        """Draws the task's own pictures of the test part."""

    def exporter(self) -> Exporter:
        """What turns the trained task into files.

        Raises:
            RnnkitError: By default, since a task may have none.
        """
        raise RnnkitError(f"A {self.key} cannot be exported.")

    # ------------------------------------------------------------------ the preprocessing

    def encode_inputs(self, inputs: list[Any]) -> Encoded:
        """Raw inputs, as `predict` is given them, with empty targets."""
        return self.preprocessing.encode(inputs)

    def encode_rows(self, source: Any) -> Encoded:
        """Labelled raw rows, as `evaluate` is given them."""
        return self.preprocessing.encode_rows(source)

    def rows_to_compare(self, source: Any, most: int) -> Encoded:
        """At most this number of labelled raw rows, encoded, to compare an export with Keras on."""
        return self.encode_rows(source).some(most)

    def made_up_rows(self) -> Encoded:
        """Random examples, for an export or a diagnosis when no real ones are at hand."""
        return self.preprocessing.made_up()


def learnt(name: str) -> Any:
    """A task's attribute that its preprocessing has: `labels = learnt("labels")`."""

    def read(task: Any) -> Any:
        return getattr(task.preprocessing, name)

    def write(task: Any, value: Any) -> None:
        setattr(task.preprocessing, name, value)

    return property(read, write, doc=f"`{name}` of the task's preprocessing.")
