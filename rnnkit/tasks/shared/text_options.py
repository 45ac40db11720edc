"""The options of the tasks that label whole texts: what is read, the network over it, its regularisation."""

from dataclasses import dataclass
from typing import ClassVar

from rnnkit.codec.tokenizer import DELIMITERS
from rnnkit.codec.unit_tokenizers import UNITS
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.options import Options, PretrainedOptions, option
from rnnkit.tasks.shared.choose_unit import AUTO

#: The options that shape the weights of `text_network`, beside those of the recurrent part.
SHAPING = ("unit", "pooling", "embedding_size", "delimiters", "embeddings", "init_from")


@dataclass(kw_only=True)
class TextOptions(Options, PretrainedOptions):
    """Options of a task that labels whole texts."""

    panel: ClassVar[str] = "Text"

    unit: str = option("auto", "what is read: words, or what suits the texts better (auto)", choices=(AUTO, *UNITS))
    pooling: str = option(
        "max",
        "pooling of the outputs to one vector",
        choices=("last", "mean", "max", "mean_max", "attention"),
        search=True,
    )
    embedding_size: int = option(64, "width of the word vectors", low=1, high=4096, search=4)
    max_length: int = option(800, "words or other units read per text, and the start mark", low=2, high=100_000)
    vocabulary_size: int = option(10_000, "maximum vocabulary size, by frequency", low=4, high=1_000_000)
    min_count: int = option(2, "minimum occurrences of a word or character in the vocabulary", low=1)
    delimiters: str = option("words", "how words are found; unicode, ascii: without normalisation", choices=DELIMITERS)
    word_dropout: float = option(
        0.2, "share of words replaced by the unknown word in training", low=0, high=0.95, search=(0, 0.3)
    )
    embedding_dropout: float = option(0.4, "dropout rate of word vector features", low=0, high=0.95, search=(0, 0.7))
    adversarial: float = option(
        0.0,
        "adversarial training: shift of the word vectors as a share of their size; the paper's: 0.016; 0: none",
        low=0,
        high=1,
    )
    dropout: float = option(0.5, "dropout rate of the pooled features", low=0, high=0.95, search=(0, 0.7))

    def check(self) -> None:
        super().check()
        if self.pretrained_from and self.unit not in (AUTO, "word"):
            raise RnnkitError(
                f"unit is {self.unit!r}, and {self.pretrained_from} has words. Leave --unit out, or start at random."
            )
