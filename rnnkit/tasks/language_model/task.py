"""Language modelling: predicts each next unit of a text; generates text, and pretrains other tasks."""

from collections.abc import Callable, Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rnnkit.data.folds import Divisible, divisible_rows
from rnnkit.data.textfile import check_file, find_encoding
from rnnkit.data.unpacked import MOST_BYTES, MOST_HELD
from rnnkit.errors import RnnkitError
from rnnkit.export.contract import Exporter
from rnnkit.files.writing import write_text
from rnnkit.lite.writing import Writer
from rnnkit.metrics.bootstrap import Statistics
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.examples import Encoded
from rnnkit.tasks.base.learnt import learnt
from rnnkit.tasks.base.task import Task
from rnnkit.tasks.base.word_encoder import WordEncoder
from rnnkit.tasks.language_model.doubts import doubts_of
from rnnkit.tasks.language_model.findings import plain_text_findings
from rnnkit.tasks.language_model.options import LanguageModelOptions
from rnnkit.tasks.language_model.preprocessing import PlainText, TextFile
from rnnkit.tasks.language_model.sample import LongText
from rnnkit.tasks.language_model.scores import text_scores, text_statistics
from rnnkit.tasks.language_model.stream_batches import StreamBatches, stream_of, units_of

#: Each lane of a scored text starts without context, so lanes are long: lengths during training, and at the end.
_SHORT_LANE, _LONG_LANE = 10_000, 200_000


class LanguageModel(Writer, Task):
    """Predicts each next unit of running text, carrying its states over the whole of it, and generates text.

    Example:

    >>> task = LanguageModel(units=8, embedding_size=8, min_count=1, batch_size=4, epochs=1)
    >>> texts = [f"the film number {i} is good and long and good again" for i in range(40)]
    >>> task.fit(texts).results["test"]["perplexity"] > 1
    True
    >>> task.generate("the film", length=3, seed=1)[0].startswith("the film")
    True

    Reference:
        Mikolov et al., Recurrent Neural Network Based Language Model, Interspeech 2010; Dai & Le, Semi-supervised
        Sequence Learning, NeurIPS 2015 (arXiv:1511.01432), for beginning other tasks with it; Graves, Generating
        Sequences With Recurrent Neural Networks, 2013 (arXiv:1308.0850), for writing.
    """

    key = "language_model"
    roles = ("text",)
    preprocessing_class: ClassVar[type[PlainText]] = PlainText
    options_class: ClassVar[type[LanguageModelOptions]] = LanguageModelOptions
    monitor, answers_inputs = "val_loss", False
    loss_size = staticmethod(units_of)
    example_noun = "texts"

    alphabet, vocabulary, many = learnt("alphabet"), learnt("vocabulary"), learnt("many")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._stepper: tuple[Any, Any] = (None, None)
        self._scorers: dict[int, tuple[Any, Any]] = {}

    @classmethod
    def open_source(
        cls, source: Any, columns: dict[str, str | None] | None = None, encoding: str | None = None, **how: Any
    ) -> Any:
        """Open the sources of other tasks, text files, or long texts in parts (`LongText`)."""
        if isinstance(source, LongText):
            return source
        if not isinstance(source, str | PathLike):
            return super().open_source(source, columns, encoding)
        path = Path(source)
        text = ".txt" in path.suffixes[-2:]
        formats, most = ".txt, .csv, .tsv or .jsonl", MOST_HELD if text else MOST_BYTES
        check_file(path, "lines of text", formats, most, any_text=text)
        if not text:
            return super().open_source(source, columns, encoding)
        if named := next((column for column in (columns or {}).values() if column is not None), None):
            raise RnnkitError(f"{path.name} is plain text, without columns; leave --text {named} out.")
        return TextFile(path, find_encoding(path, encoding, whole=True), cls.roles)

    @classmethod
    def check(cls, source: Any, columns: dict[str, str | None] | None = None) -> list[Any]:
        """Findings of `rnnkit check` on plain text: good, warn or fail."""
        return plain_text_findings(cls.open_source(source, columns))

    def in_folds(self, source: Any) -> Divisible:
        if isinstance(source, LongText) or (isinstance(source, TextFile) and self.preprocessing.reads_whole):
            raise RnnkitError(
                f"{source.name} is one long text, and folds take many: a table with a text per row. Its test figures "
                "have intervals as it is."
            )
        return divisible_rows(source, self.key, labelled=False)

    def batches(self, encoded: Encoded) -> Any:
        return self._stream(encoded, self.options.batch_size, lambda: self.network)

    def _stream(self, encoded: Encoded, lanes: int, network: Callable[[], Any]) -> Any:
        return stream_of(encoded.inputs, lanes, self.options, self.alphabet, network)

    def collate(self, encoded: Encoded, indices: np.ndarray) -> tuple[Any, ...]:
        """The first window of these texts as one stream, with up to one lane per text."""
        texts, window = encoded.inputs.take(indices), self.options.window
        lanes = int(np.clip((len(texts.flat) - 1) // window, 1, len(indices)))
        return next(iter(StreamBatches(texts, lanes, window).in_order()))

    # ------------------------------------------------------------------ the network

    def build(self, how: Build = INFERENCE) -> Any:
        lanes = how.rows(self.options.batch_size) if how.training else None
        return self._network(lanes, how.policy(self.options))

    def _network(self, lanes: int | None, policy: str = "float32") -> Any:
        from rnnkit.tasks.language_model.network import language_network

        return language_network(self.options, len(self.alphabet), policy, lanes, lanes is not None or self.ends)

    def without_lanes(self) -> Any:
        """The trained network for any number of rows, without carried states."""
        from rnnkit.layers.weights import copy_lasting_weights

        network = self._network(None)
        copy_lasting_weights(self.network, network)
        return network

    def fixed_options(self) -> tuple[str, ...]:
        return (*super().fixed_options(), "unit", "embedding_size", "vocabulary_size", "min_count")

    def loss(self, network: Any) -> Any:
        from rnnkit.tasks.language_model.network import loss_of

        return loss_of(network)

    def copy_from(self, parent: Any) -> str:
        super().copy_from(parent)
        return "all weights are kept; the units are fixed, and what they lack stays unknown"

    def word_encoder(self) -> WordEncoder:
        words = () if self.vocabulary is None else self.vocabulary.words
        return WordEncoder(self.options.unit, self.preprocessing.delimiters, words, self.network)

    def doubts(self, best_epoch: int) -> Iterator[str]:
        return doubts_of(self.history[best_epoch - 1], len(self.alphabet), self.alphabet.kind)

    def validate(self, network: Any, encoded: Encoded) -> dict[str, float]:
        return {"loss": float(-self._log_probabilities(network, encoded, _SHORT_LANE).mean())}

    def outputs(self, encoded: Encoded) -> np.ndarray:
        """Log-probability of every unit after the first, over the concatenated texts."""
        self.require_trained()
        return self._log_probabilities(self.network, encoded, _LONG_LANE)

    def _log_probabilities(self, network: Any, encoded: Encoded, lane: int) -> np.ndarray:
        from rnnkit.tasks.language_model.network import log_probabilities

        scorer, windows = self._scorer(network, encoded, lane)
        found = [log_probabilities(scorer, y, scorer.predict_on_batch(x)) for x, y in windows.in_order()]
        return np.concatenate(found, axis=1).ravel()

    def _scorer(self, network: Any, encoded: Encoded, lane: int) -> tuple[Any, Any]:
        """A network that carries its states over lanes of about this many units, and the windows for it."""
        from rnnkit.layers.weights import copy_lasting_weights

        count = len(encoded.inputs.flat)
        if count < 2:
            kind = self.alphabet.kind
            raise RnnkitError(f"The text has {count} {kind}s; expected 2 or more, since the first is given.")
        lanes = int(np.clip(count // lane, 1, self.options.batch_size))
        made_of = (lanes, len(self.alphabet), self.ends)
        if self._scorers.get(lanes, (None,))[0] != made_of:  # each is compiled anew
            self._scorers[lanes] = made_of, self._network(lanes)
        scorer = self._scorers[lanes][1]
        copy_lasting_weights(network, scorer)
        return scorer, self._stream(encoded, lanes, lambda: scorer)

    def evaluate_dynamically(
        self, source: Any, columns: dict[str, str | None] | None = None, *, learning_rate: float = 0.1
    ) -> dict[str, Any]:
        """Evaluate on a text while learning from it: each window is first scored, then learnt. Return the metrics.

        Why: what was rare in training may be frequent in this text, such as a name. The task itself is unchanged.

        Args:
            source: As for `evaluate`.
            columns: As for `evaluate`.
            learning_rate: The rate of gradient descent, with gradients clipped as in training; tune it on a validation
                text.

        Reference:
            Krause et al., Dynamic Evaluation of Neural Sequence Models, ICML 2018 (arXiv:1709.07432), with plain
            gradient descent.
        """
        from rnnkit.tasks.language_model.dynamic_evaluation import dynamic_log_probabilities

        self.require_trained()
        encoded = self.encode_rows(self.read(source, columns))
        scorer, windows = self._scorer(self.network, encoded, len(encoded.inputs.flat))
        self._scorers.clear()  # this one is changed
        found = dynamic_log_probabilities(scorer, windows.in_order(), learning_rate, self.options.clipping())
        return self.metrics(encoded, found)

    # ------------------------------------------------------------------ writing

    def begin_writing(self, samples: int) -> tuple[Any, Any]:
        from rnnkit.tasks.language_model.network import Stepping, stepper

        self.require_trained()
        if self._stepper[0] is not self.network:
            self._stepper = self.network, stepper(self.network, self.ends)
        return self._stepper[1], Stepping(self.network, self.ends).start(samples)

    @property
    def ends(self) -> bool:
        data = self.results.get("data")
        texts = data.get("train") if isinstance(data, dict) else None
        return (texts > 1 if isinstance(texts, int) else True) if self.many is None else self.many

    #: The suffixes of files that `write_texts` writes; any if empty.
    text_suffixes: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def write_texts(cls, texts: Sequence[str], path: Path) -> Iterator[str]:
        """Write generated texts into a file, and return a one-line summary."""
        write_text(path, "\n\n".join(texts) + "\n")
        yield f"saved {path}: {len(texts)} text{'s' * (len(texts) != 1)}"

    def predict(self, inputs: Any) -> Any:
        raise RnnkitError(
            "A language model does not answer texts: `rnnkit generate` continues them, `rnnkit evaluate` gives the "
            "perplexity."
        )

    def decode(self, outputs: np.ndarray) -> list[float]:
        """The probability of each unit."""
        return np.exp(outputs).tolist()

    def metrics(self, encoded: Any, outputs: np.ndarray) -> dict[str, Any]:
        return text_scores(encoded, outputs, self.alphabet.kind, lossless=self.vocabulary is None)

    def statistics(self, encoded: Any, outputs: np.ndarray) -> Statistics:
        return text_statistics(encoded, outputs, self.alphabet.kind)

    def exporter(self) -> Exporter:
        from rnnkit.tasks.language_model.export import LanguageModelExporter

        return LanguageModelExporter(self)

    def lite_outputs(self, encoded: Encoded) -> np.ndarray:
        """Log-probability of every token after the first, over the concatenated texts."""
        return self.open_lite().log_probabilities(encoded.inputs.flat)


TASK = LanguageModel
