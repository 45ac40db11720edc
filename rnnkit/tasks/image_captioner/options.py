"""The options of `ImageCaptioner`."""

from dataclasses import dataclass
from typing import ClassVar

from rnnkit.errors import RnnkitError
from rnnkit.lite.searching import BeamOptions
from rnnkit.tasks.base.options import FILE, Options, option
from rnnkit.tasks.shared.choose_unit import AUTO
from rnnkit.vision.kinds import ENCODERS

_INJECTS = ("attention", "init", "par", "merge")


@dataclass(kw_only=True)
class ImageCaptionerOptions(BeamOptions, Options):
    """Options of `ImageCaptioner`."""

    panel: ClassVar[str] = "Captions"
    usual: ClassVar[tuple[str, ...]] = ("encoder",)

    units: int = option(320, "width of the recurrent state", low=1, high=4096, search=4)
    encoder: str = option("efficientnet_lite0", "image encoder", choices=tuple(ENCODERS))
    image_size: int = option(
        0, "height and width of the pictures in pixels; 0: the encoder's default", low=0, high=1024
    )
    encoder_layers: int = option(
        0,
        "trained convolutions of the encoder, from its end; 0: none, or all where it is not pretrained",
        low=0,
        high=1000,
    )
    inject: str = option("attention", "how the picture reaches the decoder", choices=_INJECTS)
    attention: str = option(
        "additive", "attention type, for --inject attention", choices=("additive", "dot", "general", "multi_head")
    )
    heads: int = option(4, "heads of multi_head attention", low=1, high=64)
    input_feeding: bool = option(False, "feed each step the attention output of the previous one")
    embedding_size: int = option(192, "width of the word vectors", low=1, high=4096, search=4)
    unit: str = option(
        "auto",
        "token type of captions; auto: characters for scripts without blanks, else words; subword: bpe",
        choices=(AUTO, "word", "character", "subword", "bpe", "unigram"),
    )
    vocabulary_size: int = option(8000, "maximum vocabulary size, by frequency", low=8, high=10**6)
    min_count: int = option(3, "minimum occurrences of a word in the vocabulary", low=1)
    max_length: int = option(0, "maximum words or characters in a caption; 0: 40 words, 160 characters", high=1000)
    mirror: bool = option(True, "mirror half of the pictures in training; off where left and right matter")
    picture_dropout: float = option(0.1, "dropout rate of the picture's features", low=0, high=0.95)
    embedding_dropout: float = option(0.1, "dropout rate of word vector features", low=0, high=0.95, search=(0, 0.7))
    dropout: float = option(0.4, "dropout rate of the decoder's outputs", low=0, high=0.95, search=(0, 0.7))
    label_smoothing: float = option(0.1, "share of the probability spread over all words in training", low=0, high=0.9)
    doubly_stochastic: float = option(0.1, "weight of a loss against ignoring parts of the picture", low=0, high=100)
    learning_rate: float = option(1e-3, "peak learning rate of Adam", low=1e-8, high=10, search=4)
    validation_share: float = option(0.1, "share of the pictures held out for validation", low=0.01, high=0.5)
    cache: bool = option(True, "keep picture features on disk, so that none is encoded twice")
    images: str = option(
        "", "folder of the pictures in a table; default: the table's folder, or images in it", names=FILE
    )
    strict: bool = option(False, "refuse data with a broken picture instead of skipping it")

    def check(self) -> None:
        super().check()
        self.unit = "bpe" if self.unit == "subword" else self.unit
        if self.max_length == 1 or self.max_length < 0:
            raise RnnkitError(f"max_length is {self.max_length}; expected 2 or more, or 0 for what suits the unit.")
        stride = ENCODERS[self.encoder].stride
        if self.image_size % stride:
            raise RnnkitError(
                f"image_size is {self.image_size}; {self.encoder} takes multiples of {stride}, such as "
                f"{ENCODERS[self.encoder].size}."
            )
        if self.attention == "multi_head" and self.inject == "attention" and self.units % self.heads:
            raise RnnkitError(f"units is {self.units}, which {self.heads} heads cannot share evenly.")
        if self.bidirectional:
            raise RnnkitError("bidirectional is on; a decoder cannot read the caption it writes from its end.")
        if self.omega:
            raise RnnkitError("omega is for networks that read a sequence; this one writes. Set it to 0.")
        if self.initial_state != "zeros":
            raise RnnkitError(
                f"initial_state is {self.initial_state!r}; here the picture sets the initial state: 'zeros'."
            )
        if self.inject != "attention" and self.coverage_penalty:
            raise RnnkitError(f"coverage_penalty needs attention, and inject is {self.inject!r}. Set it to 0.")


def usual_length(unit: str) -> int:
    """The most units of a caption where the option `max_length` is 0.

    Example:

    >>> usual_length("word"), usual_length("character")
    (40, 160)
    """
    return 160 if unit == "character" else 40
