"""The base of all tasks: from raw data to a saved Run and an exported model."""

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.quiet import load_keras
from rnnkit.run import folder as runs
from rnnkit.tasks.base.contract import TaskContract
from rnnkit.tasks.base.examples import Encoded, Splits
from rnnkit.tasks.base.shown import Shown

if TYPE_CHECKING:
    import keras

    from rnnkit.data.batches import Batches

_MOST_EPOCHS = 30


class Task(Shown, TaskContract):
    """One kind of problem, from raw data to an answer.

    A subclass names its `preprocessing_class` and defines how to `build` the network, its `loss`, how to `collate` a
    batch, `decode` outputs and compute `metrics` (`TaskContract`). The base provides fit, evaluate, predict, save,
    load, finetune and export. Options are keyword arguments, listed in `options_class`.

    Example:

    >>> import rnnkit
    >>> rnnkit.TextClassifier(cell="mgu", units=32).options.cell
    'mgu'
    """

    #: Where the option `epochs` is 0: the number of epochs on large data, and the minimum of steps on small data.
    min_epochs: ClassVar[int] = 5
    min_steps: ClassVar[int] = 600

    def __init__(self, **options: Any) -> None:
        self.options: Any = self.options_class.from_dict(options)
        self.preprocessing: Any = self.preprocessing_class(self.options)
        self.network: Any = None
        self.results: dict[str, Any] = {}
        self.history: list[dict[str, float]] = []
        self.folder: Path | None = None
        self.parts: Splits | None = None
        #: How the training data were read: the defaults of `read` (`rnnkit.data.remembered`).
        self.reading: dict[str, Any] = {}

    def fit(
        self,
        source: Any,
        test: Any = None,
        *,
        to: str | PathLike[str] | None = None,
        resume: bool = False,
        overwrite: bool = False,
        columns: dict[str, str | None] | None = None,
        callbacks: "tuple[keras.callbacks.Callback, ...]" = (),
        parent: "Task | None" = None,
    ) -> "Task":
        """Train on raw data and, with `to`, save the Run.

        Args:
            source: A CSV, TSV or JSONL file, a data frame, rows in the order of `roles` or as dictionaries, a tuple of
                a list for each role, or a `tf.data.Dataset`; also `fit(texts, labels)`.
            test: Test data in the same forms; without it a tenth of `source` is held out.
            to: The Run folder to write. Of several workers (docs/scale.md) the first writes it; at others nothing is
                written, and `results` are those of the first.
            resume: Whether to continue an interrupted training for this folder with the same settings and data.
            overwrite: Whether a finished Run in that folder may be replaced, once the new one is complete.
            columns: Column names by role, where they cannot be guessed.
            callbacks: Keras callbacks.
            parent: A trained task to continue from (set by `finetune`).

        Raises:
            RnnkitError: For data or settings that cannot be used, or a finished Run in the folder.
        """
        from rnnkit.data.in_memory import inputs_and_targets
        from rnnkit.run.finished import refuse_finished
        from rnnkit.training.cluster import writes_runs

        source, test = inputs_and_targets(source, test, self.roles)
        to = to if writes_runs() else None
        if to is not None and not overwrite:
            refuse_finished(Path(to), resume)  # before seconds go by
        load_keras()
        from rnnkit.tasks.base.fitting import fit

        how: dict[str, Any] = {"columns": columns, "callbacks": callbacks, "parent": parent}
        fit(self, source, test, to=None if to is None else Path(to), resume=resume, overwrite=overwrite, **how)
        return self

    def read(
        self,
        source: Any,
        columns: dict[str, str | None] | None = None,
        encoding: str | None = None,
        delimiter: str | None = None,
        **changed: Any,
    ) -> Any:
        """`open_source` with this task's reading options, and columns, encoding and the like of its training data.

        Args:
            source: As for `fit`.
            columns: Column names by role; a missing role is read from the column that it had in training.
            encoding: The file's encoding.
            delimiter: The character between the columns of a CSV or TSV file.
            **changed: Reading options other than the task's.

        Raises:
            RnnkitError: The source cannot be read; where it lacks a column of the training data, that is named.
        """
        from rnnkit.data.delimiters import require_split, split_at
        from rnnkit.data.in_memory import rows_in_memory
        from rnnkit.data.remembered import Remembered, remembered_encoding

        source = rows_in_memory(source, self.roles)
        how = {name: changed.get(name, value) for name, value in self.reading_options().items()}
        if self.reading:
            encoding = remembered_encoding(source, encoding, self.reading)
            columns = Remembered(columns, self.reading)
        with split_at(delimiter, self.reading.get("delimiter")):
            return require_split(self.open_source(source, columns, encoding, **how), delimiter)

    def finetune(self, source: Any, test: Any = None, **arguments: Any) -> "Task":
        """Continue training on other data. The head is kept for the same labels and new for others, on top of the same
        encoder; new words get new embedding rows, initialised to the mean of the old ones.

        Args:
            source: As for `fit`.
            test: As for `fit`.
            **arguments: Those of `fit`, and options to change; the network's sizes are fixed. Where the task has the
                option `max_length`, it is chosen for the new data unless it is given.

        Returns:
            A new task; this one is unchanged. Its `results` also have "test_before": the test figures before training.
        """
        from rnnkit.tasks.base.finetuning import finetune

        return finetune(self, source, test, arguments)

    def fixed_options(self) -> tuple[str, ...]:
        """Options that shape the network's weights and therefore cannot change in `finetune`."""
        depth = ("residual", "block", "input_layers", "transition_layers", "output_layers", "depth_activation")
        return ("cell", "units", "layers", "bidirectional", *depth, "recurrent_initializer", "initial_state")

    def finetune_defaults(self) -> dict[str, Any]:
        """Default options of fine-tuning; frozen word vectors are trained as well."""
        thawed = {name: False for name in ("freeze_embeddings",) if hasattr(self.options, name)}
        return {"epochs": 0, "minutes": 0.0, **thawed}

    def outputs(self, encoded: Encoded) -> np.ndarray:
        """The network's outputs, in the order of the examples."""
        self.require_trained()
        result = np.zeros((len(encoded), *self.network.output_shape[1:]), dtype=np.float32)
        for indices, batch in self.batches(encoded).in_order():
            result[indices] = self.network.predict_on_batch(batch[0])
        return result

    def batches(self, encoded: Encoded) -> "Batches":
        """The examples in batches of similar lengths."""
        from rnnkit.data.batches import Batches
        from rnnkit.data.bucketing import LengthBuckets

        lengths = np.minimum(encoded.inputs.lengths, getattr(self.options, "max_length", encoded.inputs.lengths))
        buckets = LengthBuckets(lengths, self.options.batch_size, self.options.seed)
        return Batches(buckets, lambda indices: self.collate(encoded, indices))

    def validate(self, network: "keras.Model", encoded: Encoded) -> dict[str, float]:
        """The figures monitored after each epoch, `monitor` among them: the compiled loss and metrics."""
        from rnnkit.training.loop import score

        return score(network, self.batches(encoded))

    def predict(self, inputs: Any) -> Any:
        """Answer raw inputs: one answer for a single input, a list for a list."""
        single = self.is_one(inputs)
        encoded = self.encode_inputs([inputs] if single else list(inputs))
        answers = self.decode(self.outputs(encoded))
        return answers[0] if single else answers

    def evaluate(
        self, source: Any, columns: dict[str, str | None] | Any = None, *, tflite: bool = False
    ) -> dict[str, Any]:
        """Evaluate on labelled raw data, in the forms that `fit` accepts. Return the task's metrics, and under
        "confidence_intervals" their 95 % intervals.

        Args:
            source: As for `fit`; also `evaluate(texts, labels)`.
            columns: As for `fit`.
            tflite: Whether to run the Run's exported TFLite file instead of Keras.
        """
        from rnnkit.tasks.base.scoring import opened, score_rows

        encoded = self.encode_rows(opened(self, source, columns))
        return score_rows(self, encoded, self.lite_outputs(encoded) if tflite else self.outputs(encoded))

    def lite_outputs(self, encoded: Encoded) -> np.ndarray:
        """The outputs of the exported TFLite file, in the order of the examples."""
        return self.open_lite().run(self.exporter().rows(encoded))

    def open_lite(self) -> Any:
        """The runner of the Run's exported TFLite file."""
        from rnnkit import lite

        if self.folder is None:
            raise RnnkitError("This task is not saved; call save() and export() before its TFLite file can be run.")
        return lite.load(self.folder / runs.LITE)

    def export(
        self, folder: str | PathLike[str] | None = None, *, overwrite: bool = False, **arguments: Any
    ) -> dict[str, Any]:
        """Export the trained network, by default into the Run's own folder: see `rnnkit.export.export`. Elsewhere,
        `overwrite` allows it to replace an earlier export, or to go into another Run."""
        from rnnkit.export import export

        target = Path(folder) if folder is not None else self.folder
        if target is None:
            raise RnnkitError("This task is not saved; give export() a folder.")
        return export(self, target, overwrite=overwrite, **arguments)

    def epochs(self, steps: int) -> int:
        """The option `epochs`, or where that is 0 a number suited to this many steps per epoch."""
        return self.options.epochs or int(np.clip(-(-self.min_steps // max(steps, 1)), self.min_epochs, _MOST_EPOCHS))

    # ------------------------------------------------------------------ the Run

    def config(self) -> dict[str, Any]:
        """The content of `config.json`."""
        config = {"format": runs.FORMAT, "task": self.key, "options": self.options.to_dict()}
        return {**config, "reading": self.reading} if self.reading else config

    def save(self, to: str | PathLike[str], half: bool = False, overwrite: bool = False) -> Path:
        """Write the Run folder, completely or not at all. The targets of links in this Run are not copied.

        Args:
            to: The folder.
            half: Whether to store the weights in half precision: half the size, and the same answers except near ties.
            overwrite: Whether another finished Run in that folder may be replaced; this task's own always is.

        Raises:
            RnnkitError: The folder cannot be written, or holds another finished Run.
        """
        from rnnkit.tasks.base.saving import save

        return save(self, Path(to), half, overwrite)

    @classmethod
    def load(cls, folder: str | PathLike[str]) -> Any:
        """Load the trained task of a Run folder. Only numbers and text are read: the network is rebuilt from
        `config.json` and given the weights of `model.keras`, so nothing in the folder is executed."""
        from rnnkit.tasks.base.saving import load

        return load(cls, Path(folder))
