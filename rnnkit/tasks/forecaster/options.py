"""The options of `Forecaster`."""

import re
from dataclasses import dataclass
from typing import ClassVar

from rnnkit.codec.forecast_checks import DECODINGS, SCALINGS, SPREADS
from rnnkit.codec.forecast_heads import HEADS
from rnnkit.codec.frequencies import Frequency
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.options import CheckedOptions, Options, option

#: The options that shape the weights, beside those of the recurrent part.
SHAPING = (
    "horizon",
    "look_back",
    "segment",
    "decoding",
    "paths",
    "head",
    "logarithm",
    "scaling",
    "spread",
    "calendar",
    "series_embedding",
    "shortcut",
)
_STEP = re.compile(r"\d[\d:./ TZ+-]{0,39}", re.ASCII)  # the number of a step, or a time


@dataclass(kw_only=True)
class SeriesOptions(CheckedOptions):
    """How series are read and divided."""

    panel: ClassVar[str] = "Series"
    usual: ClassVar[tuple[str, ...]] = ("horizon",)

    horizon: int = option(24, "steps to forecast", low=1, high=10_000)
    look_back: int = option(0, "steps of the history that are read; 0: by horizon and season", low=0, high=100_000)
    frequency: str = option(
        "", "time between two steps, such as h, 15min, D, B, W, MS; found in the times where left out"
    )
    season: int = option(0, "steps in a season; 0: by the frequency", low=0, high=100_000)
    backtests: int = option(
        4,
        "forecasts of each series that are tested, a horizon apart, at its end; fewer of short ones",
        low=1,
        high=1000,
    )
    validation_start: str = option("", "first step to validate on, by time or number from 1; its end otherwise")
    test_start: str = option("", "first step to test on, likewise; then every forecast from there on is tested")
    classical: bool = option(False, "also score exponential smoothing and Theta, which takes statsmodels and time")
    windows: int = option(
        0, "training windows in an epoch, drawn anew in each; 0: all of them, or 20,000", low=0, high=100_000_000
    )

    def check(self) -> None:
        super().check()
        if self.frequency:
            Frequency.of(self.frequency)
        for name in ("validation_start", "test_start"):
            if (start := getattr(self, name)) and not _STEP.fullmatch(start):
                raise RnnkitError(f"{name} is {start!r:.60}; expected a time, such as 2024-01-31, or a step's number.")


@dataclass(kw_only=True)
class ForecasterOptions(Options, SeriesOptions):
    """Options of `Forecaster`."""

    panel: ClassVar[str] = "Forecasts"
    usual: ClassVar[tuple[str, ...]] = ()

    head: str = option("quantiles", "what is forecast of each step", choices=tuple(HEADS))
    decoding: str = option("direct", "the whole horizon at once in segments, or step by step", choices=DECODINGS)
    segment: int = option(0, "steps that the network reads and forecasts at once; 0: by the season", low=0, high=10_000)
    paths: int = option(100, "futures that are drawn step by step", low=2, high=10_000)
    logarithm: bool = option(False, "read and forecast logarithms, for values above 0 that vary by a factor")
    scaling: str = option("last", "what a history is brought to one level by", choices=SCALINGS)
    spread: str = option("series", "what last and standard divide by: the deviation of which", choices=SPREADS)
    shortcut: str = option(
        "gated",
        "what its forecast is added to: the value a season before, gated by it or whole, or a line of the history",
        choices=("gated", "season", "linear", "none"),
    )
    calendar: bool = option(True, "read the hour, the day of the week and the like")
    series_embedding: bool = option(True, "tell the network which series it reads, where there are several")
    series_dropout: float = option(0.1, "share of training windows whose series is not told", low=0, high=1)
    point_loss: str = option("mae", "error that the head point is trained on", choices=("mae", "mse"))
    dropout: float = option(
        0.2, "dropout rate of the features that forecasts are made of", low=0, high=0.95, search=(0, 0.7)
    )
    patience: int = option(
        10, "epochs without a better validation score or a smaller validation loss before training stops", low=1
    )
    batch_size: int = option(64, "windows per training step", low=1, high=65_536, search=4)

    def check(self) -> None:
        super().check()
        if self.head == "negative_binomial" and (self.scaling not in ("mean", "none") or self.shortcut != "none"):
            raise RnnkitError(
                "The head negative_binomial is of counts, which are divided but not moved: add --scaling mean "
                "--shortcut none."
            )
        if self.decoding == "stepwise" and self.shortcut == "linear":
            raise RnnkitError("The shortcut linear is of the whole horizon at once; leave --decoding stepwise out.")
        if self.head == "negative_binomial" and self.logarithm:
            raise RnnkitError("The head negative_binomial is of counts as they are; leave --logarithm out.")
        if self.bidirectional:
            raise RnnkitError("bidirectional is on, but a forecaster reads forward alone; leave --bidirectional out.")
