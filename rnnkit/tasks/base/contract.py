"""The task contract: the methods on which `rnnkit.tasks.base.task.Task` builds everything else."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnkit.data.batches import rows_of
from rnnkit.data.folds import Divisible, divisible_rows
from rnnkit.data.in_memory import is_column
from rnnkit.errors import RnnkitError
from rnnkit.export.contract import Exporter
from rnnkit.metrics.bootstrap import Statistics
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
    """One kind of problem, in terms of its data and its network.

    A task must define the first attributes, and `build`, `loss`, `collate`, `decode`, `metrics`; the rest has defaults.
    """

    key: ClassVar[str]
    #: The fields of a row of raw data, in this order; also the names of the command line's column flags.
    roles: ClassVar[tuple[str, ...]]
    preprocessing_class: ClassVar[type[Preprocessing]]
    options_class: ClassVar[type[TrainingOptions]] = Options

    #: Names of the options that control how raw data are read; flags of every command that reads any.
    reading_names: ClassVar[tuple[str, ...]] = ()
    #: Options of `predict`, here and in `rnnkit.lite`; flags of `rnnkit predict`.
    predict_options: ClassVar[type[CheckedOptions] | None] = None
    #: The figure that decides on validation, as Keras names it; a loss or an error is minimised, others are maximised.
    monitor: ClassVar[str] = "val_accuracy"
    #: The option `unit` of a language model that can initialise this task's network; "" for none.
    language_unit: ClassVar[str] = ""
    #: Batches are padded to multiples of the first number of steps; of the second on JAX, which compiles each length.
    padded_to: ClassVar[tuple[int, int]] = (8, 32)
    #: Whether `predict` answers raw inputs; a language model generates text instead.
    answers_inputs: ClassVar[bool] = True
    #: The role of the column that `predict` answers in a table; "" for the first of `roles`.
    input_role: ClassVar[str] = ""
    #: Whether the inputs are names of files, such as pictures.
    inputs_are_files: ClassVar[bool] = False
    #: Whether an answer is a `label` with its `probability`, which may be withheld below a threshold.
    answers_labels: ClassVar[bool] = False
    #: Whether an answer is all `labels` that apply, with the `probabilities` of all.
    answers_label_sets: ClassVar[bool] = False
    #: Whether an answer is a sentence with `entities`.
    answers_entities: ClassVar[bool] = False
    #: The noun for examples, in the plural, in messages.
    example_noun: ClassVar[str] = "rows"
    #: The noun for what the parts of a data set count, where it is another.
    parts_noun: ClassVar[str] = ""
    #: An input of `rnnkit predict`, as the commands that are printed as the next ones have it.
    example_input: ClassVar[str] = "..."
    network: Any
    options: Any
    preprocessing: Any

    @property
    def padding_step(self) -> int:
        """The multiple to which `collate` pads lengths on the current backend."""
        import keras

        return self.padded_to[keras.backend.backend() == "jax"]

    # ------------------------------------------------------------------ raw data

    @classmethod
    def open_source(
        cls, source: Any, columns: dict[str, str | None] | None = None, encoding: str | None = None, **how: Any
    ) -> Any:
        """Open raw data in any form the task accepts, for repeated reading; open data are returned unchanged.

        Args:
            source: A file, a data frame, a list of rows, or an earlier result of this method.
            columns: Column names by role, where they cannot be guessed.
            encoding: The file's encoding, where it cannot be detected.
            **how: The task's `reading_options`.
        """
        from rnnkit.data.remembered import default_tell
        from rnnkit.data.tables import open_table

        return open_table(source, columns, cls.roles, encoding, default_tell)

    def reading_options(self) -> dict[str, Any]:
        """The values of `reading_names`, which `open_source` takes."""
        return {name: getattr(self.options, name) for name in self.reading_names}

    @classmethod
    def check(cls, source: Any, columns: dict[str, str | None] | None = None) -> "list[Finding]":
        """Findings of `rnnkit check` on raw data: good, warn or fail. By default the data are prepared as `fit` would,
        without training: an error there is the only finding."""
        from rnnkit.data.findings import Finding

        try:
            splits = cls.preprocessing_class(cls.options_class()).learn(cls.open_source(source, columns))
        except RnnkitError as error:
            return [Finding("fail", str(error))]
        counts = f"{len(splits.train)} {cls.example_noun} to train on, {len(splits.validation)} to validate"
        return [Finding("good", f"{counts}, {len(splits.test)} to test.")]

    def in_folds(self, source: Any) -> Divisible:
        """The examples of opened raw data, to divide into folds; by default its rows."""
        return divisible_rows(source, self.key, self.answers_labels)

    @classmethod
    def is_one(cls, inputs: object) -> bool:
        """Whether `predict` was given a single input rather than a list of them."""
        return not (isinstance(inputs, tuple) or is_column(inputs))

    @classmethod
    def parse(cls, text: str, from_line: bool = False) -> Any:
        """Parse an input as a user writes it: a command-line argument, or a line of standard input.

        Raises:
            RnnkitError: It is not an input.
        """
        return text if from_line else argument_text(text)

    def faults(self, inputs: list[Any]) -> dict[int, str]:
        """Raw inputs that cannot be answered, such as broken files: their indices and what is wrong with each."""
        return {}

    # ------------------------------------------------------------------ the network

    @abstractmethod
    def build(self, how: Build = INFERENCE) -> "keras.Model":
        """Build the network, a new `keras.Model` for the current preprocessing."""

    @abstractmethod
    def loss(self, network: "keras.Model") -> Callable[[Any, Any], Any]:
        """The loss of a network, as `keras.Model.compile` takes it."""

    def watched(self, network: "keras.Model") -> "list[str | keras.Metric] | None":
        """The Keras metrics that training shows beside the loss."""
        return None

    def compile(self, network: "keras.Model", steps: int) -> None:
        """Compile the network with its loss, its optimizer for this total number of steps, and its metrics."""
        from rnnkit.training.trainer import compile_network, optimizer

        compile_network(network, optimizer(self.options, steps), self.loss(network), metrics=self.watched(network))

    @abstractmethod
    def collate(self, encoded: Encoded, indices: np.ndarray) -> tuple[Any, ...]:
        """A batch `(inputs, targets[, weights])` of the examples with these indices."""

    def loss_size(self, batch: tuple[Any, ...]) -> float:
        """What the loss of a batch is a mean over: by default its rows. Several devices weigh their parts by it."""
        return rows_of(batch)

    @abstractmethod
    def outputs(self, encoded: Encoded) -> np.ndarray:
        """The network's outputs, in the order of the examples."""

    def copy_from(self, parent: "TaskContract") -> str:
        """Copy the weights of the fine-tuned task, by default all, of a network of one shape. Return a summary line."""
        from rnnkit.layers.weights import copy_lasting_weights

        copy_lasting_weights(parent.network, self.network)
        return "all weights are kept"

    def word_encoder(self) -> WordEncoder | None:
        """The trained words and cells that may initialise other tasks (their option `init_from`); by default None."""
        return None

    def calibrate(self, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
        """Adjust the trained network's decisions on the validation part. Return a record of the change."""
        return {}

    # ------------------------------------------------------------------ answers

    @abstractmethod
    def decode(self, outputs: np.ndarray) -> list[Any]:
        """Turn the network's outputs into answers."""

    @abstractmethod
    def metrics(self, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
        """The task's metrics on encoded examples, under the field's usual names."""

    def statistics(self, encoded: Encoded, outputs: np.ndarray) -> Statistics | None:
        """What each example adds to `metrics` (`base.sums`), for confidence intervals; by default there are none."""
        return None

    def plot(self, folder: Path, parts: Splits, outputs: np.ndarray) -> None:  # noqa: B027
        """Draw the task's own pictures of the test part."""

    def exporter(self) -> Exporter:
        """The exporter that turns the trained task into files.

        Raises:
            RnnkitError: By default, since a task may have none.
        """
        raise RnnkitError(f"A {self.key} cannot be exported.")

    # ------------------------------------------------------------------ the preprocessing

    def encode_inputs(self, inputs: list[Any]) -> Encoded:
        """Encode raw inputs, as given to `predict`, with empty targets."""
        return self.preprocessing.encode(inputs)

    def encode_rows(self, source: Any) -> Encoded:
        """Encode labelled raw rows, as given to `evaluate`."""
        return self.preprocessing.encode_rows(source)

    def rows_to_compare(self, source: Any, most: int) -> Encoded:
        """At most this number of encoded rows of labelled raw data, for comparing an export with Keras."""
        return self.encode_rows(source).some(most)

    def made_up_rows(self) -> Encoded:
        """Random examples, for an export or a diagnosis without real ones."""
        return self.preprocessing.made_up()
