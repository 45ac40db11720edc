"""The options of `LanguageModel`."""

from dataclasses import dataclass
from typing import ClassVar

from rnnkit.codec.word_units import UNITS
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.options import CELL, CELL_HELP, Options, option


@dataclass(kw_only=True)
class LanguageModelOptions(Options):
    """Options of `LanguageModel`."""

    panel: ClassVar[str] = "Language"
    usual: ClassVar[tuple[str, ...]] = ("unit",)

    cell: str = option("lstm", CELL_HELP, names=CELL)
    units: int = option(256, "width of the recurrent state", low=1, high=4096, search=4)
    unit: str = option(
        "word",
        "unit to predict: words as read by the text classifier (word) or by the tagger, with separate punctuation "
        "(token), characters, bytes, or subwords",
        choices=UNITS,
    )
    embedding_size: int = option(128, "width of the units' vectors", low=2, high=4096, search=4)
    vocabulary_size: int = option(
        0,
        "maximum number of units, by frequency; 0: 20,000 words, 2,000 subwords, all characters",
        low=0,
        high=1_000_000,
    )
    min_count: int = option(0, "minimum occurrences of a known word or character; 0: 3 and 1", low=0)
    softmax_samples: int = option(
        1024,
        "sampled softmax: units sampled per training step, if there are four times more; 0: all",
        low=0,
        high=100_000,
    )
    window: int = option(64, "steps of backpropagation; states are carried on", low=1, high=10_000)
    embedding_dropout: float = option(0.1, "dropout rate of the units' vectors", low=0, high=0.95, search=(0, 0.7))
    dropout: float = option(0.2, "dropout rate of the outputs", low=0, high=0.95, search=(0, 0.7))
    weight_drop: float = option(
        0.0, "dropout rate of the recurrent weights, for cells that have them", low=0, high=0.95
    )
    learning_rate: float = option(3e-3, "peak learning rate of Adam", low=1e-8, high=10, search=4)
    validation_share: float = option(0.05, "share of the training data held out for validation", low=0.01, high=0.5)

    def check(self) -> None:
        super().check()
        if self.initial_state != "zeros":
            raise RnnkitError(
                f"initial_state is {self.initial_state!r}; a language model carries its states over: 'zeros'."
            )
        if self.omega:
            raise RnnkitError(
                "omega is for networks that read whole sequences; this one reads window by window. Set it to 0."
            )
        if self.bidirectional:
            raise RnnkitError("bidirectional is on; a language model that also reads backwards sees what it predicts.")
