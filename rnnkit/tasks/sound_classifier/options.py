"""The options of `SoundClassifier`."""

from dataclasses import dataclass
from typing import ClassVar

from rnnkit.codec.frame_settings import NORMALISE
from rnnkit.tasks.base.options import Options, option
from rnnkit.tasks.shared.sound_options import AUTO, FRAME_SHAPING, SoundAugmentationOptions, SoundOptions

#: The options that shape the weights, beside those of the recurrent part.
SHAPING = (*FRAME_SHAPING, "convolution", "filters", "convolutions", "stride", "pooling")


@dataclass(kw_only=True)
class ClassifiedSoundOptions(SoundOptions, SoundAugmentationOptions):
    """How sounds become frames and are changed, with what suits single words and noises."""

    panel: ClassVar[str] = "Sounds"

    normalise: str = option(
        AUTO,
        "normalisation of each feature; auto: by the training sounds (corpus), which streams can have, or by each "
        "sound where the network reads it whole (utterance)",
        choices=(AUTO, *NORMALISE),
    )
    noise: float = option(0.3, "loudest noise that is added, as a share of the sound's loudness; it is taken from the "
                          "background recordings where there are such", low=0, high=10)  # fmt: skip
    time_masks: int = option(1, "stretches of time that are hidden (SpecAugment)", low=0, high=100)
    time_mask: float = option(0.1, "longest of them, in seconds", low=0, high=10)
    frequency_masks: int = option(1, "ranges of features that are hidden", low=0, high=100)
    shift: float = option(0.15, "seconds of quiet that are put before and behind a sound at most", low=0, high=10)
    gain: float = option(6.0, "decibels by which a sound is made louder or quieter at most", low=0, high=60)


@dataclass(kw_only=True)
class SoundClassifierOptions(Options, ClassifiedSoundOptions):
    """Options of `SoundClassifier`."""

    panel: ClassVar[str] = "Sound classifier"

    units: int = option(96, "width of the recurrent state", low=1, high=4096, search=4)
    convolution: int = option(
        5, "frames that a convolution before the recurrent layers looks at; 0: none", low=0, high=999
    )
    filters: int = option(64, "number of its features", low=1, high=4096, search=4)
    convolutions: int = option(2, "such convolutions, one behind the other", low=1, high=16)
    stride: int = option(2, "frames from one step of the recurrent layers to the next", low=1, high=100)
    pooling: str = option(
        "mean_max",
        "pooling of the outputs to one vector",
        choices=("last", "mean", "max", "mean_max", "attention"),
        search=True,
    )
    dropout: float = option(0.3, "dropout rate of the pooled features", low=0, high=0.95, search=(0, 0.7))
    class_weights: bool = option(False, "weight rare labels as much as frequent ones")
    patience: int = option(
        15, "epochs without a better validation score or a smaller validation loss before training stops", low=1
    )
    batch_size: int = option(16, "sounds per training step", low=1, high=65_536, search=4)
