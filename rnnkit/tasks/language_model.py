"""Language modelling: text in, how likely each next word is out; what it learns of words any task can begin with."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnnkit.data.vocabulary import Vocabulary
from rnnkit.errors import RnnkitError
from rnnkit.tasks._plain_text import PlainText
from rnnkit.tasks.base import Task
from rnnkit.tasks.options import Options, option
from rnnkit.tasks.parts import Encoded

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


class LanguageModel(PlainText, Task):
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
    options_class = LanguageModelOptions
    monitor = "val_loss"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.vocabulary = Vocabulary([])

    def batches(self, encoded: Encoded) -> Any:
        return self._stream(encoded, self.options.batch_size, lambda: self.network)

    def _stream(self, encoded: Encoded, lanes: int, network: Callable[[], Any]) -> Any:
        from rnnkit.training.stream_batches import StreamBatches
        from rnnkit.training.truncated import reset_states

        options = self.options
        return StreamBatches(encoded.inputs, lanes, options.window, options.seed, lambda: reset_states(network()))

    def collate(self, encoded: Encoded, indices: np.ndarray) -> tuple[Any, ...]:
        """The first window of these texts as one stream, in a lane for each text if they fill so many."""
        from rnnkit.training.stream_batches import StreamBatches

        texts, window = encoded.inputs.take(indices), self.options.window
        lanes = int(np.clip((len(texts.flat) - 1) // window, 1, len(indices)))
        return next(iter(StreamBatches(texts, lanes, window).in_order()))

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
        from rnnkit.tasks._language_network import loss_of
        from rnnkit.training.trainer import compile_network, optimizer

        compile_network(network, optimizer(self.options, steps), loss_of(network))

    def start_from(self, start: Any) -> str:
        from rnnkit.tasks._encoder import copy_lasting_weights

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
        from rnnkit.tasks._encoder import copy_lasting_weights
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


TASK = LanguageModel
