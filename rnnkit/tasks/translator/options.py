"""The options of `Translator`."""

from dataclasses import dataclass
from typing import ClassVar

from rnnkit.codec.pieces import KINDS
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.translations import SPELLINGS
from rnnkit.lite.searching import BeamOptions
from rnnkit.metrics.translations import TOKENIZERS
from rnnkit.tasks.base.options import CELL, Options, option
from rnnkit.tasks.shared.choose_unit import AUTO


@dataclass(kw_only=True)
class TranslatorOptions(BeamOptions, Options):
    """Options of `Translator`."""

    panel: ClassVar[str] = "Translation"
    usual: ClassVar[tuple[str, ...]] = ("unit",)

    units: int = option(256, "width of the encoder's recurrent state", low=1, high=4096, search=4)
    bidirectional: bool = option(True, "bidirectional encoder")
    decoder_cell: str = option("", "the decoder's cell; default: the encoder's", names=CELL)
    decoder_units: int = option(0, "width of the decoder's state; 0: same as the encoder's", low=0, high=4096)
    attention: str = option(
        "additive", "attention type of the decoder", choices=("none", "additive", "dot", "general", "multi_head")
    )
    heads: int = option(4, "heads of multi_head attention", low=1, high=64)
    input_feeding: bool = option(False, "feed each step the attention output of the previous one")
    embedding_size: int = option(256, "width of the word vectors", low=1, high=4096, search=4)
    tied: str = option(
        "all",
        "shared embedding tables: both languages' and the softmax's (all), the target's and the softmax's, or none",
        choices=("all", "target", "none"),
    )
    unit: str = option("bpe", "token type of sentences", choices=KINDS)
    joint: bool = option(True, "one vocabulary for both languages")
    spelling: str = option(
        AUTO,
        "how source sentences are spelt before they are read: in one way (one), as they are (given); auto: one",
        choices=(AUTO, *SPELLINGS),
    )
    vocabulary_size: int = option(4000, "maximum vocabulary size per language, or of both if joint", low=8, high=10**6)
    min_count: int = option(1, "minimum occurrences of a word or character, for these units", low=1)
    keep_same: bool = option(False, "also learn from pairs of over 3 words with identical sides")
    max_length: int = option(0, "maximum tokens in a sentence; 0: 100, or 400 characters", low=0, high=10_000)
    embedding_dropout: float = option(0.2, "dropout rate of word vector features", low=0, high=0.95, search=(0, 0.7))
    dropout: float = option(
        0.4, "dropout rate of the encoder's and decoder's outputs", low=0, high=0.95, search=(0, 0.7)
    )
    label_smoothing: float = option(0.1, "share of the probability spread over all words in training", low=0, high=0.9)
    scheduled_sampling: float = option(0.0, "share of its own predictions the decoder reads in training", low=0, high=1)
    coverage_loss: float = option(0.0, "weight of a loss against attending to a word twice", low=0, high=100)
    batch_tokens: int = option(1500, "tokens per side in a training batch, padding included", low=1, high=10**7)
    batch_size: int = option(64, "sentences translated at a time", low=1, high=65_536, search=4)
    bleu_tokenize: str = option(
        AUTO,
        "tokenisation for BLEU; auto: zh for Chinese, char for Japanese, Thai and the like, else 13a",
        choices=(AUTO, *TOKENIZERS),
    )
    patience: int = option(5, "epochs without a better validation score before training stops", low=1)

    def check(self) -> None:
        super().check()
        self.max_length = self.max_length or (400 if self.unit == "character" else 100)
        if self.max_length == 1:
            raise RnnkitError("max_length is 1, which is the end mark only; expected 2 or more, or 0 for the default.")
        if self.tied == "all" and not self.joint:
            raise RnnkitError("tied is 'all', which needs one vocabulary for both sides: --joint, or --tied target.")
        for name in ("coverage_loss", "coverage_penalty"):
            if self.attention == "none" and getattr(self, name):
                raise RnnkitError(
                    f"{name} {getattr(self, name):g} concerns attention, and attention is 'none'. Set {name} to 0, or "
                    "choose an attention."
                )
        if self.truncate and self.input_feeding:
            raise RnnkitError(
                "truncate cannot be combined with input_feeding. Set truncate to 0, or leave input_feeding out."
            )
        if self.omega:
            raise RnnkitError("omega is for networks with one recurrent part; a translator has two. Set it to 0.")
        if self.scheduled_sampling and self.minutes and not self.epochs:
            raise RnnkitError("scheduled_sampling grows over the epochs, whose number minutes leave open. Set epochs.")

    @property
    def decoder_width(self) -> int:
        """Width of the decoder's state."""
        return self.decoder_units or self.units

    @property
    def longest_text(self) -> int:
        """Maximum characters of a side before a pair is dropped; few sentences have 10 per token."""
        return 10 * max(self.max_length, 100)
