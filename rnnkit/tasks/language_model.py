"""Language modelling: text in, how likely each next word is out; what it learns of words any task can begin with."""

import hashlib
import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rnnkit.data.encode import WordNumbers
from rnnkit.data.plain_text_findings import plain_text_findings
from rnnkit.data.splits import stratified_split
from rnnkit.data.tables import Rows
from rnnkit.data.textfile import check_file, find_encoding, open_bytes
from rnnkit.data.tokenizer import RegexTokenizer
from rnnkit.data.vocabulary import Vocabulary
from rnnkit.data.word_features import normalised
from rnnkit.data.words import split_words
from rnnkit.errors import RnnkitError
from rnnkit.tasks._words_and_labels import TEST_SHARE
from rnnkit.tasks.base import Task, copy_lasting_weights
from rnnkit.tasks.contract import TaskContract
from rnnkit.tasks.options import Options, option
from rnnkit.tasks.parts import Encoded, Parts

_LONGEST = 1_000_000  # ids read of one text
_WINDOWS_A_LANE = 10


@dataclass(kw_only=True)
class LanguageModelOptions(Options):
    """Options of `LanguageModel`."""

    panel: ClassVar[str] = "Language"

    cell: str = option("lstm", "recurrent cell (rnnkit cells lists them), or the file of your own: FILE.py")
    units: int = option(256, "width of the recurrent state", low=1, high=4096)
    unit: str = option(
        "word", "what is predicted: word (as the text classifier reads), token (words and signs, as the tagger reads)",
        choices=("word", "token"),
    )  # fmt: skip
    embedding_size: int = option(128, "width of the word vectors", low=1, high=4096)
    vocabulary_size: int = option(20_000, "most words known, by frequency", low=4, high=1_000_000)
    min_count: int = option(3, "times a word must occur to be known", low=1)
    softmax_samples: int = option(1024, "words drawn to stand for all in a training step; 0: all", low=0, high=100_000)
    window: int = option(64, "steps the gradient flows back; the states go on", low=1, high=10_000)
    embedding_dropout: float = option(0.1, "share of word vector features dropped", low=0, high=0.95)
    dropout: float = option(0.2, "share of output features dropped", low=0, high=0.95)
    learning_rate: float = option(3e-3, "peak learning rate of Adam", low=1e-8, high=10)

    def check(self) -> None:
        super().check()
        if self.initial_state != "zeros":
            raise RnnkitError(
                f"initial_state is {self.initial_state!r}; a language model carries its states on: 'zeros'."
            )
        if self.bidirectional:
            raise RnnkitError("bidirectional is on; a language model that reads backwards too sees what it predicts.")


class LanguageModel(Task):
    """Predicts each next word of running text, its states carried over the whole of it.

    Example:

    >>> task = LanguageModel(units=8, embedding_size=8, min_count=1, batch_size=4, epochs=1)
    >>> texts = [f"the film number {i} is good and long and good again" for i in range(40)]
    >>> task.fit(texts).results["test"]["perplexity"] > 1
    True

    Reference:
        Mikolov et al., Recurrent Neural Network Based Language Model, Interspeech 2010; Dai & Le, Semi-supervised
        Sequence Learning, NeurIPS 2015 (arXiv:1511.01432), for beginning other tasks with it.
    """

    key = "language_model"
    roles = ("text",)
    options_class = LanguageModelOptions
    monitor = "val_loss"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.vocabulary = Vocabulary([])

    @classmethod
    def open_source(
        cls, source: Any, columns: dict[str, str | None] | None = None, encoding: str | None = None, **how: Any
    ) -> Any:
        """As other tasks', and a .txt file is read a text a line."""
        if not isinstance(source, str | PathLike) or Path(source).suffix.lower() != ".txt":
            return super().open_source(source, columns, encoding)
        path = Path(source)
        check_file(path, "lines of text")
        found = find_encoding(path, encoding)

        def lines() -> Iterator[str]:
            with open_bytes(path) as file, io.TextIOWrapper(file, found) as text:
                yield from (line for line in text if line.strip())

        return Rows(lines, cls.roles, path.name)

    @classmethod
    def check(cls, source: Any) -> list[Any]:
        """What `rnnkit check` says of plain text: a list of findings, good, warn or fail."""
        return plain_text_findings(cls.open_source(source))

    def tokens(self, text: str) -> list[str]:
        """The units of a text."""
        if self.options.unit == "word":
            return RegexTokenizer("unicode")(text)
        return [normalised(token) for token, _, _ in split_words(text)]

    # ------------------------------------------------------------------ data

    def prepare(self, source: Any, test: Any = None, *, start: TaskContract | None = None) -> Parts:
        numbers = WordNumbers(self.tokens, _LONGEST)
        rows = numbers.number(_texts(source))
        if len(rows) < 3:
            raise RnnkitError(f"{source.name} has {len(rows)} texts; expected 3 or more, to train, choose and test on.")
        share = self.options.validation_share
        wanted = {"train": 1 - share - TEST_SHARE, "validation": share, "test": TEST_SHARE}
        if test is not None:
            wanted = {"train": 1 - share, "validation": share}
        chosen = stratified_split(np.zeros(len(rows), np.int32), wanted, self.options.seed)
        counts = numbers.counts(rows.take(chosen["train"]))
        if isinstance(start, LanguageModel):
            self.vocabulary = start.vocabulary
        else:
            self.vocabulary = Vocabulary.from_counts(counts, self.options.vocabulary_size, self.options.min_count)
        ids = numbers.encode(rows, self.vocabulary)
        made = {name: _encoded(ids.take(places)) for name, places in chosen.items()}
        if test is not None:
            made["test"] = self.encode_rows(test)
        for name, part in made.items():
            if len(part.inputs.flat) <= self.options.batch_size:
                raise RnnkitError(
                    f"{source.name}: the {name} part has {len(part.inputs.flat)} words, fewer than a batch's "
                    f"{self.options.batch_size} rows. Add texts, or lower --batch-size."
                )
        report: dict[str, Any] = {"name": source.name, "sha256": hashlib.sha256(ids.flat.tobytes()).hexdigest()}
        report |= {name: len(part) for name, part in made.items()}
        report |= {"words": len(made["train"].inputs.flat), "vocabulary": len(self.vocabulary)}
        unknown = round(self.vocabulary.unknown_rate(counts), 4)
        return Parts(made["train"], made["validation"], made["test"],
                     {**report, "unknown_rate": unknown, "padding_waste": 0.0})  # fmt: skip

    def encode_inputs(self, inputs: list[Any]) -> Encoded:
        numbers = WordNumbers(self.tokens, _LONGEST)
        return _encoded(numbers.encode(numbers.number(inputs), self.vocabulary))

    def encode_rows(self, source: Any) -> Encoded:
        return self.encode_inputs(list(_texts(source)))

    def batches(self, encoded: Encoded) -> Any:
        return self._stream(encoded, self.options.batch_size, lambda: self.network)

    def _stream(self, encoded: Encoded, lanes: int, network: Callable[[], Any]) -> Any:
        from rnnkit.training.stream_batches import StreamBatches
        from rnnkit.training.truncated import reset_states

        options = self.options
        return StreamBatches(encoded.inputs, lanes, options.window, options.seed, lambda: reset_states(network()))

    def collate(self, encoded: Encoded, indices: np.ndarray) -> tuple[Any, ...]:
        raise RnnkitError("A language model reads one stream of text; its gradients cannot be measured row by row.")

    def save_preprocessing(self, folder: Path) -> None:
        self.vocabulary.save(folder / "vocab.txt")

    def load_preprocessing(self, folder: Path) -> None:
        self.vocabulary = Vocabulary.load(folder / "vocab.txt")

    # ------------------------------------------------------------------ the network

    def build(self, *, unroll: bool | int = False, masked: bool = True, training: bool = False) -> Any:
        policy = "mixed_bfloat16" if training and self.options.mixed_precision else "float32"
        return self._network(self.options.batch_size if training else None, policy)

    def _network(self, lanes: int | None, policy: str = "float32") -> Any:
        from rnnkit.tasks._language_network import language_network

        return language_network(self.options, len(self.vocabulary), policy, lanes)

    def fixed_options(self) -> tuple[str, ...]:
        return (*super().fixed_options(), "unit", "embedding_size")

    def compile(self, network: Any, steps: int) -> None:
        import keras

        from rnnkit.tasks._language_network import loss_of
        from rnnkit.training.trainer import optimizer

        network.compile(
            optimizer=optimizer(self.options, steps),
            loss=loss_of(network),
            jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
        )

    def start_from(self, start: Any) -> str:
        copy_lasting_weights(start.network, self.network)
        return "all weights go on"

    def validate(self, network: Any, encoded: Encoded) -> dict[str, float]:
        return {"loss": float(-self._log_probabilities(network, encoded).mean())}

    def outputs(self, encoded: Encoded) -> np.ndarray:
        """log p of each word but the first of the joined texts."""
        if self.network is None:
            raise RnnkitError("This task is not trained; call fit() or rnnkit.load() first.")
        return self._log_probabilities(self.network, encoded)

    def _log_probabilities(self, network: Any, encoded: Encoded) -> np.ndarray:
        from rnnkit.tasks._language_network import log_probabilities

        words = len(encoded.inputs.flat)
        if words < 2:
            raise RnnkitError(f"The text has {words} words; expected 2 or more, since the first is given.")
        # Each lane begins without a past, so there are as few as there can be windows enough to fill.
        lanes = int(np.clip(words // (_WINDOWS_A_LANE * self.options.window), 1, self.options.batch_size))
        scorer = self._network(lanes)
        copy_lasting_weights(network, scorer)
        found = [
            log_probabilities(scorer, targets, scorer.predict_on_batch(inputs))
            for inputs, targets in self._stream(encoded, lanes, lambda: scorer).in_order()
        ]
        return np.concatenate(found, axis=1).ravel()

    def predict(self, inputs: Any) -> Any:
        raise RnnkitError("A language model does not answer texts; `rnnkit evaluate` gives their perplexity.")

    def decode(self, outputs: np.ndarray) -> list[float]:
        """How likely each word was, 0 to 1."""
        return np.exp(outputs).tolist()

    def metrics(self, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
        nats = float(-outputs.mean())
        return {"nats_per_word": round(nats, 5), "perplexity": round(math.exp(nats), 3), "words": len(outputs)}


def _texts(source: Any) -> Iterator[str]:
    return (row[0] if isinstance(row, tuple) else row for row in source)


def _encoded(rows: Any) -> Encoded:
    return Encoded(rows, np.zeros(len(rows), np.int32))


TASK = LanguageModel
