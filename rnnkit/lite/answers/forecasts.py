"""The answer of a forecaster: the steps ahead with their quantiles, as the bundle's runner gives it too."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnkit.codec.forecast_plan import ForecastPlan


@dataclass(frozen=True)
class Forecast:
    """The forecast of a series.

    Attributes:
        series: Its name; "" where none was given.
        times: The steps ahead: dates, or numbers from 1 where there are none.
        values: The median of each.
        quantiles: The quantiles of each, by their levels as text: "0.1", "0.9"; that of 0.5 is `values`.
    """

    series: str
    times: tuple[str, ...]
    values: tuple[float, ...]
    quantiles: dict[str, tuple[float, ...]]

    @property
    def summary(self) -> str:
        """The first and the last step in a line."""
        known = [(time, value) for time, value in zip(self.times, self.values, strict=True)]
        ends = known if len(known) < 3 else [known[0], known[-1]]
        return " ... ".join(f"{time} {value:.6g}" for time, value in ends)


def forecast_of(
    series: str, start: float | None, steps: int, quantiles: np.ndarray, levels: Sequence[float], plan: ForecastPlan
) -> Forecast:
    """The forecast from quantiles in the series' own scale.

    Args:
        series: Its name.
        start: The time of its first value.
        steps: How many values it has.
        quantiles: `[horizon, levels]`.
        levels: Those of the quantiles, 0.5 among them.
        plan: The forecaster's.

    Example:

    >>> forecast_of("a", None, 3, np.array([[1.0, 2, 3]]), (0.1, 0.5, 0.9), ForecastPlan())
    Forecast(series='a', times=('1',), values=(2.0,), quantiles={'0.1': (1.0,), '0.5': (2.0,), '0.9': (3.0,)})
    """
    ahead = np.arange(len(quantiles))
    if start is None:
        times = [str(step + 1) for step in ahead.tolist()]
    else:
        times = plan.steps.written(plan.steps.after(start, steps + ahead))
    columns = {f"{level:g}": tuple(quantiles[:, place].tolist()) for place, level in enumerate(levels)}
    return Forecast(series, tuple(times), columns["0.5"], columns)
