"""What a trained forecaster knows of its series: from histories to a network's numbers, the same on a phone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from rnnkit.codec.calendar import WIDTHS, calendar_features
from rnnkit.codec.forecast_checks import is_scale, is_sound, static_features
from rnnkit.codec.frequencies import Frequency
from rnnkit.errors import RnnkitError

#: The names of what goes into a network: scaled values and covariates of the past, those ahead, the series.
PAST, FUTURE, NUMBER = "past", "future", "series"
#: Step by step, the scaled value before each step ahead.
BEFORE = "before"
_LEAST_SPREAD = 1e-4  # as a share of the values' size
_CALM = 0.1  # the least deviation of a window, as a share of its series'


@dataclass(frozen=True)
class ForecastPlan:
    """How histories become numbers, and a network's numbers forecasts.

    Attributes:
        look_back: Steps of the history that are read.
        horizon: Steps ahead.
        logarithm: Whether logarithms of the values are read and forecast, all above 0.
        scaling: What is subtracted from a history: its "last" value, its mean ("standard"), nothing ("mean", which
            divides by the mean size, and "none").
        spread: What "last" and "standard" divide by: the deviation of the "window" that is read, or of the "series".
        head: One of `HEADS`.
        decoding: The whole horizon at once ("direct"), or step by step ("stepwise").
        paths: How many futures are drawn step by step.
        missing: Whether the network is told which values are there.
        frequency: The text of a `Frequency`.
        season: Steps in a season.
        week: Steps in a week, where the season is a day; 0 otherwise.
        cycles: Cycles of the calendar that are features.
        known: Columns that are known ahead.
        known_mean: The mean of each.
        known_std: The deviation of each.
        static: Columns that do not change: for each the names of its categories, or its mean and deviation.
        series: The deviation of each training series by its name; their places from 1 are their numbers.
        numbered: Whether the network is told which series it reads; 0 is none of them.
    """

    look_back: int = 1
    horizon: int = 1
    logarithm: bool = False
    scaling: str = "last"
    spread: str = "series"
    head: str = "quantiles"
    decoding: str = "direct"
    paths: int = 1
    missing: bool = False
    frequency: str = "numbers"
    season: int = 1
    week: int = 0
    cycles: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    known_mean: tuple[float, ...] = ()
    known_std: tuple[float, ...] = ()
    static: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    series: Mapping[str, float] = field(default_factory=dict)
    numbered: bool = False

    @property
    def steps(self) -> Frequency:
        """The frequency."""
        return Frequency.of(self.frequency)

    @property
    def future_features(self) -> int:
        """The number of covariates of a step."""
        static = sum(1 if is_scale(known) else len(known) for known in self.static.values())
        return sum(WIDTHS[cycle] for cycle in self.cycles) + len(self.known) + static

    @property
    def past_features(self) -> int:
        """The number of features of a step that is read."""
        return 1 + self.missing + self.future_features

    @property
    def ahead_features(self) -> int:
        """The number of features of a step ahead: the covariates, and step by step the value a season before."""
        return self.future_features + (self.decoding == "stepwise")

    @property
    def seasons(self) -> tuple[int, ...]:
        """The seasons that what is read holds at least once, the week among them."""
        return tuple(each for each in (self.season, self.week) if 1 < each <= self.look_back)

    def season_before(self, season: int = 0) -> np.ndarray:
        """The places in what is read that lie a season before each step ahead, or at its end where there is none.

        Args:
            season: Its steps; 0 for the usual one.
        """
        season = season or (self.season if 1 < self.season <= self.look_back else 1)
        return self.look_back - season + np.arange(self.horizon) % season

    def number_of(self, series: str) -> int:
        """The number of a series; 0 for one that training data did not have."""
        return self._numbers.get(series, 0) if self.numbered else 0

    @property
    def _numbers(self) -> dict[str, int]:
        found = self.__dict__.get("_by_name")
        if found is None:
            found = {name: number for number, name in enumerate(self.series, 1)}
            self.__dict__["_by_name"] = found
        return found  # type: ignore[no-any-return]

    def read(self, values: np.ndarray) -> np.ndarray:
        """Values as the network is given them, before they are scaled: as they are, or their logarithms."""
        return np.log(values) if self.logarithm else values

    def own(self, values: np.ndarray) -> np.ndarray:
        """What `read` made of values as these values again."""
        return np.exp(np.clip(values, -700, 700)) if self.logarithm else values

    def spread_of(self, series: str, values: np.ndarray) -> float:
        """The deviation of a series: of its training part, or where it was not among those of the values given."""
        known = self.series.get(series)
        return float(known) if known is not None else spread_of(self.read(values))

    def covariates(self, start: float, count: int, known: np.ndarray | None, static: Sequence[str]) -> np.ndarray:
        """What is known of steps beside their values, float32 `[count, future_features]`.

        Args:
            start: The time of the first.
            count: How many.
            known: What is known ahead, `[count, columns]`.
            static: A text for each static column.
        """
        parts = [np.zeros((count, 0), np.float32)]
        if self.cycles:
            parts.append(calendar_features(self.steps.after(start, np.arange(count)), self.cycles))
        if self.known and known is not None:
            parts.append(((known - np.array(self.known_mean)) / np.array(self.known_std)).astype(np.float32))
        for text, (name, kinds) in zip(static, self.static.items(), strict=True):
            parts.append(np.tile(np.array(static_features(name, text, kinds), np.float32), (count, 1)))
        return np.concatenate(parts, axis=1)

    def scales(self, past: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What is subtracted from the values of windows and what they are divided by, `[windows, 1]` each.

        Args:
            past: What is read of the values, as `read` gives it, float64 `[windows, look_back]`, NaN where missing.
            spread: The deviation of each one's series, `[windows]`.

        Example:

        >>> plan = ForecastPlan(look_back=3, scaling="last", spread="window")
        >>> [each.round(2).tolist() for each in plan.scales(np.array([[1.0, 2, 3]]), np.ones(1))]
        [[[3.0]], [[0.82]]]
        """
        seen = ~np.isnan(past)
        count = np.maximum(seen.sum(axis=1), 1)
        filled = np.where(seen, past, 0.0)
        mean = filled.sum(axis=1) / count
        size = np.abs(filled).sum(axis=1) / count
        if self.scaling in ("mean", "none"):
            scale = 1 + size if self.scaling == "mean" else np.ones(len(past))
            return np.zeros((len(past), 1)), scale[:, None]
        last = np.where(seen, np.arange(past.shape[1]), -1).max(axis=1, initial=-1)
        at_last = np.where(last >= 0, filled[np.arange(len(past)), last], 0.0)
        deviation = np.sqrt((np.where(seen, past - mean[:, None], 0.0) ** 2).sum(axis=1) / count)
        scale = spread if self.spread == "series" else np.maximum(deviation, _CALM * spread)
        scale = np.where(scale > _LEAST_SPREAD * size, scale, np.where(size > 0, _LEAST_SPREAD * size + 1e-12, 1.0))
        return (at_last if self.scaling == "last" else mean)[:, None], scale[:, None]

    def inputs(
        self, past: np.ndarray, covariates: np.ndarray, numbers: np.ndarray, centre: np.ndarray, scale: np.ndarray
    ) -> dict[str, np.ndarray]:
        """The inputs of the network for windows, by name.

        Args:
            past: As for `scales`.
            covariates: float32 `[windows, look_back + horizon, future_features]`.
            numbers: The number of each one's series.
            centre: As `scales` gave it.
            scale: Likewise.
        """
        seen = ~np.isnan(past)
        places = np.where(seen, np.arange(past.shape[1]), -1)
        last = np.maximum.accumulate(places, axis=1)
        carried = np.take_along_axis(past, np.maximum(last, 0), axis=1)
        scaled = np.where(last >= 0, (carried - centre) / scale, 0.0)
        parts = [scaled[..., None].astype(np.float32)]
        if self.missing:
            parts.append(seen[..., None].astype(np.float32))
        found = {PAST: np.concatenate([*parts, covariates[:, : self.look_back]], axis=2)}
        ahead = covariates[:, self.look_back :]
        if self.decoding == "stepwise":
            before = found[PAST][:, self.season_before(), :1]
            ahead = np.concatenate([before, ahead], axis=2)
        if self.ahead_features:
            found[FUTURE] = np.ascontiguousarray(ahead)
        if self.numbered:
            found[NUMBER] = numbers.astype(np.int32)
        return found

    def to_json(self) -> str:
        """As text, for a Run and a bundle."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def of_json(cls, content: Any, where: str) -> "ForecastPlan":
        """What `to_json` wrote.

        Args:
            content: The parsed JSON, which may come from anyone.
            where: The file, for messages.

        Raises:
            RnnkitError: It is something else.
        """
        names = set(cls.__dataclass_fields__)
        given = {"week": 0, **content} if isinstance(content, dict) else {}  # which plans of earlier files lack
        if set(given) != names or not is_sound(given):
            raise RnnkitError(f"{where} holds no plan of forecasts. Export it again, or train or copy the Run again.")
        lists = ("cycles", "known", "known_mean", "known_std")
        fields: dict[str, Any] = {name: tuple(value) if name in lists else value for name, value in given.items()}
        return cls(**fields)


def spread_of(values: np.ndarray) -> float:
    """The deviation of values, without missing ones; 0 where there is none.

    Example:

    >>> spread_of(np.array([1.0, np.nan, 3.0]))
    1.0
    """
    known = values[~np.isnan(values)]
    return float(known.std()) if len(known) else 0.0
