"""Options of tasks that hear: how sounds become frames, and how training ones are changed at random."""

from dataclasses import dataclass
from typing import Any, ClassVar

from rnnkit.codec.frame_settings import NORMALISE
from rnnkit.tasks.base.options import CheckedOptions, option

#: Normalisation by the whole utterance where the network reads it whole, otherwise one that streams have.
AUTO = "auto"
#: The options that shape the frames, and so the weights.
FRAME_SHAPING = ("rate", "window", "hop", "bands", "coefficients", "low", "high", "pre_emphasis", "deltas", "normalise")


@dataclass(kw_only=True)
class SoundOptions(CheckedOptions):
    """How sounds become frames; see `rnnkit.codec.spectrogram_settings`."""

    panel: ClassVar[str] = "Sounds"
    usual: ClassVar[tuple[str, ...]] = ("rate",)

    rate: int = option(16_000, "samples a second that sounds are resampled to", low=1_000, high=768_000)
    window: float = option(25.0, "length of a frame in milliseconds", low=1, high=500)
    hop: float = option(10.0, "milliseconds from one frame to the next, ready-made ones too", low=0.5, high=500)
    bands: int = option(40, "mel bands of a frame", low=1, high=512)
    coefficients: int = option(0, "cepstral coefficients (MFCC) of a frame; 0: the bands themselves", low=0, high=512)
    low: float = option(20.0, "where the lowest band begins, in hertz", low=0, high=384_000)
    high: float = option(0.0, "where the highest band ends, in hertz; 0: half the rate", low=0, high=384_000)
    pre_emphasis: float = option(0.97, "share of the sample before that is taken off each", low=0, high=1)
    deltas: int = option(0, "slopes over time beside each feature; 2: also the slopes of these", low=0, high=2)
    normalise: str = option(
        AUTO,
        "normalisation of each feature; auto: utterance, or running where the network can run on streams",
        choices=(AUTO, *NORMALISE),
    )
    longest: float = option(35.0, "seconds that a recording may last", low=0.05, high=3600)
    cache: bool = option(True, "keep frames on disk, so that no recording is read twice")


@dataclass(kw_only=True)
class SoundAugmentationOptions(CheckedOptions):
    """Random changes of training recordings, anew in each epoch."""

    panel: ClassVar[str] = "Augmentation"

    speed: float = option(
        0.1,
        "largest change of the speed, such as 0.1 for 0.9 to 1.1; the pitch follows",
        low=0,
        high=0.5,
    )
    warp: float = option(
        0.0,
        "largest stretch of the frequencies, such as 0.1 for 0.9 to 1.1, as if another one spoke; for few speakers",
        low=0,
        high=0.5,
    )
    noise: float = option(0.0, "loudest noise that is added, as a share of the recording's loudness", low=0, high=10)
    time_masks: int = option(2, "stretches of time that are hidden (SpecAugment)", low=0, high=100)
    time_mask: float = option(0.15, "longest of them, in seconds", low=0, high=10)
    frequency_masks: int = option(2, "ranges of features that are hidden", low=0, high=100)
    frequency_mask: float = option(0.15, "widest of them, as a share of the features", low=0, high=0.9)


def augments(options: Any) -> bool:
    """Whether any change is on."""
    return changes_sounds(options) or masks(options)


def changes_sounds(options: Any) -> bool:
    """Whether sounds are changed, and not their frames alone."""
    return bool(options.speed or options.warp or options.noise)


def masks(options: Any) -> bool:
    """Whether anything of the frames is hidden."""
    times = options.time_masks and options.time_mask
    return bool(times or (options.frequency_masks and options.frequency_mask))
