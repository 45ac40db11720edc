"""The options of `SpeechRecognizer`."""

from dataclasses import dataclass
from typing import ClassVar

from rnnkit.codec.transcript_units import KINDS
from rnnkit.metrics.transcripts import NORMALISATIONS
from rnnkit.tasks.base.options import Options, option
from rnnkit.tasks.shared.sound_options import FRAME_SHAPING, SoundAugmentationOptions, SoundOptions

#: The options that shape the weights or what they stand for, beside those of the recurrent part.
SHAPING = (*FRAME_SHAPING, "tail", "unit", "transcripts", "convolutions", "convolution", "filters", "stride")


@dataclass(kw_only=True)
class SpeechRecognizerOptions(Options, SoundOptions, SoundAugmentationOptions):
    """Options of `SpeechRecognizer`."""

    panel: ClassVar[str] = "Speech"
    unit: str = option("character", "what speech is written in; subword: BPE", choices=KINDS)
    vocabulary_size: int = option(300, "most subwords or words", low=8, high=100_000)
    transcripts: str = option(
        "letters", "how transcripts are written: letters: in lower case without signs; spelling: as they are",
        choices=NORMALISATIONS,
    )  # fmt: skip
    convolutions: int = option(2, "convolutions before the recurrent layers", low=0, high=16)
    convolution: int = option(5, "frames that each looks at", low=1, high=99)
    filters: int = option(128, "number of features of each", low=1, high=4096, search=4)
    tail: float = option(
        0.0, "seconds of silence put behind each recording where the network reads in one direction: time for the last "
        "word", low=0, high=2)  # fmt: skip
    stride: int = option(3, "frames that one step of the recurrent layers reads", low=1, high=16)
    units: int = option(256, "width of the recurrent state", low=1, high=4096, search=4)
    layers: int = option(3, "number of stacked recurrent layers", low=1, high=16, search=(1, 3))
    bidirectional: bool = option(True, "read the recording in both directions; --no-bidirectional: can run on streams")
    dropout_between: float = option(0.2, "dropout rate between recurrent layers", low=0, high=0.95, search=(0, 0.7))
    dropout: float = option(
        0.3, "dropout rate of the last recurrent layer's outputs", low=0, high=0.95, search=(0, 0.7)
    )
    learning_rate: float = option(1e-3, "peak learning rate of Adam", low=1e-8, high=10, search=4)
    batch_size: int = option(16, "recordings per training step", low=1, high=65_536, search=4)
    patience: int = option(
        10, "epochs without a lower word error rate or a smaller validation loss before training stops", low=1
    )
