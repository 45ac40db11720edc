"""The options of `SequenceClassifier`."""

from dataclasses import dataclass
from typing import ClassVar

from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.options import CheckedOptions, Options, option

#: The options that shape the weights, beside those of the recurrent part.
SHAPING = ("per_step", "convolution", "filters", "convolutions", "pooling")


@dataclass(kw_only=True)
class AugmentationOptions(CheckedOptions):
    """Random changes of training sequences, anew in each epoch."""

    panel: ClassVar[str] = "Augmentation"

    jitter: float = option(0.0, "noise added to each value, in standard deviations of its channel", low=0, high=10)
    scaling: float = option(0.0, "spread of a random factor of each channel, such as 0.1", low=0, high=2)
    time_warp: float = option(
        0.0, "spread of a random speed that changes over the sequence, such as 0.2", low=0, high=1
    )
    crop: float = option(0.0, "largest share of the steps that is cut off at both ends together", low=0, high=0.9)
    channel_dropout: float = option(0.0, "probability that a channel is hidden", low=0, high=0.95)


@dataclass(kw_only=True)
class SequenceClassifierOptions(Options, AugmentationOptions):
    """Options of `SequenceClassifier`."""

    panel: ClassVar[str] = "Sequences"
    usual: ClassVar[tuple[str, ...]] = ("per_step",)

    per_step: bool = option(False, "a label for every step instead of one for the sequence")
    convolution: int = option(
        0, "steps that a convolution before the recurrent layers looks at; 0: none", low=0, high=999
    )
    filters: int = option(64, "number of its features", low=1, high=4096, search=4)
    convolutions: int = option(1, "such convolutions, one behind the other", low=1, high=16)
    pooling: str = option(
        "mean_max",
        "pooling of the outputs to one vector",
        choices=("last", "mean", "max", "mean_max", "attention"),
        search=True,
    )
    max_length: int = option(10_000, "steps read of a sequence, from its start", low=1, high=1_000_000)
    dropout: float = option(
        0.3, "dropout rate of the pooled features, or of those of each step", low=0, high=0.95, search=(0, 0.7)
    )
    class_weights: bool = option(False, "weight rare labels as much as frequent ones")
    patience: int = option(
        15, "epochs without a better validation score or a smaller validation loss before training stops", low=1
    )
    batch_size: int = option(32, "sequences per training step", low=1, high=65_536, search=4)

    def check(self) -> None:
        super().check()
        if self.per_step and self.pooling != type(self).pooling:
            raise RnnkitError(
                f"pooling is {self.pooling!r} with per_step, whose labels need no pooling: each step has one of its "
                "own. Leave it out."
            )
