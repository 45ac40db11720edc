"""Windows of time series: what is read, what comes after it, and the numbers that a network takes of both."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnkit.codec.forecast_plan import FUTURE, NUMBER, PAST, ForecastPlan


@dataclass
class SeriesTable:
    """All series one behind the other, each with room for a horizon after it.

    Attributes:
        values: float64 `[all steps]`, NaN where one is missing or lies ahead.
        covariates: float32 `[all steps, features]`.
        base: Where each series begins, int64 `[series]`.
        lengths: Its number of values, int64 `[series]`.
        numbers: Its number in the plan, int32 `[series]`.
        spreads: Its deviation, float64 `[series]`.
        starts: The time of its first step; NaN where it has none.
        ids: Its name.
    """

    values: np.ndarray
    covariates: np.ndarray
    base: np.ndarray
    lengths: np.ndarray
    numbers: np.ndarray
    spreads: np.ndarray
    starts: np.ndarray
    ids: list[str]


@dataclass
class Gathered:
    """Some windows as arrays.

    Attributes:
        inputs: Those of the network, by name.
        truth: float64 `[windows, horizon]`, NaN where it is not known.
        centre: What was subtracted, `[windows, 1]`.
        scale: What was divided by, `[windows, 1]`.
    """

    inputs: dict[str, np.ndarray]
    truth: np.ndarray
    centre: np.ndarray
    scale: np.ndarray


class Windows:
    """Windows of a table of series: the examples of a forecaster.

    Args:
        table: The series.
        plan: How they become numbers.
        series: The series of each window, `[windows]`.
        origins: Its first step ahead, `[windows]`.
    """

    def __init__(self, table: SeriesTable, plan: ForecastPlan, series: np.ndarray, origins: np.ndarray) -> None:
        self.table, self.plan = table, plan
        self.series, self.origins = np.asarray(series, np.int64), np.asarray(origins, np.int64)

    def __len__(self) -> int:
        return len(self.series)

    @property
    def inputs(self) -> "WindowInputs":
        """What is read of each window."""
        return WindowInputs(self)

    @property
    def truth(self) -> np.ndarray:
        """What came, float64 `[windows, horizon]`."""
        return self.values(0, self.plan.horizon)

    #: The same, under the contract's name.
    targets = truth

    @property
    def known(self) -> np.ndarray:
        """Mask of the windows all of whose steps ahead are known."""
        return ~np.isnan(self.truth).any(axis=1)

    def take(self, indices: np.ndarray) -> "Windows":
        """The windows with these indices."""
        return Windows(self.table, self.plan, self.series[indices], self.origins[indices])

    def some(self, count: int) -> "Windows":
        """At most this many, spread evenly."""
        return self.take(np.linspace(0, len(self) - 1, min(count, len(self))).astype(np.int64))

    def values(self, first: int, last: int) -> np.ndarray:
        """The values from one step to before another, counted from the origin, float64 `[windows, steps]`; NaN outside
        of a series."""
        places, inside = self._places(first, last)
        return np.where(inside, self.table.values[places], np.nan)

    def gather(self) -> Gathered:
        """All of these windows as arrays."""
        plan, table = self.plan, self.table
        places, inside = self._places(-plan.look_back, plan.horizon)
        values = np.where(inside, table.values[places], np.nan)
        past = plan.read(values[:, : plan.look_back])
        centre, scale = plan.scales(past, table.spreads[self.series])
        covariates = np.where(inside[..., None], table.covariates[places], np.float32(0))
        inputs = plan.inputs(past, covariates, table.numbers[self.series], centre, scale)
        return Gathered(inputs, values[:, plan.look_back :], centre, scale)

    def _places(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Places in the table of steps counted from the origins, and which of them are of the series."""
        steps = self.origins[:, None] + np.arange(first, last)
        ends = self.table.lengths[self.series][:, None] + self.plan.horizon
        inside = (steps >= 0) & (steps < ends)
        return self.table.base[self.series][:, None] + np.clip(steps, 0, ends - 1), inside


class WindowInputs:
    """The features that are read of each window, `[steps, features]`, of which there are fewer at a series' beginning.

    Args:
        windows: The windows.
    """

    def __init__(self, windows: Windows) -> None:
        self.windows = windows

    def __len__(self) -> int:
        return len(self.windows)

    @property
    def lengths(self) -> np.ndarray:
        """int64 `[windows]`."""
        return np.minimum(self.windows.origins, self.windows.plan.look_back)

    @property
    def flat(self) -> np.ndarray:
        """Those of all windows, one behind the other."""
        return np.concatenate([*self, np.zeros((0, self.windows.plan.past_features), np.float32)])

    def take(self, indices: np.ndarray) -> "WindowInputs":
        """Those of the windows with these indices."""
        return WindowInputs(self.windows.take(indices))

    def __getitem__(self, index: int) -> np.ndarray:
        place = range(len(self))[index]
        row = self.windows.take(np.array([place])).gather().inputs[PAST][0]
        return row[len(row) - int(self.lengths[place]) :]

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[place] for place in range(len(self)))


def rows_of(gathered: Gathered) -> list[dict[str, Any]]:
    """The inputs of each window by name, as the runner of a bundle takes them."""
    names = [name for name in (PAST, FUTURE, NUMBER) if name in gathered.inputs]
    return [{name: gathered.inputs[name][place] for name in names} for place in range(len(gathered.truth))]
