"""Forecasts by exponential smoothing and Theta, from statsmodels, to stand beside the network's."""

import warnings
from collections.abc import Callable

import numpy as np

from rnnkit.installed import missing
from rnnkit.tasks.forecaster.encoded import Windows

ETS, THETA = "ETS", "Theta"
_READ = 20  # seasons of a history that are fitted; longer ones take minutes and change little
_LEAST = 1_000  # and steps that are always fitted


def classical_forecasts(windows: Windows) -> dict[str, np.ndarray]:
    """What damped exponential smoothing and Theta forecast, float64 `[windows, horizon]` by name.

    Each window's history is fitted by itself; where that fails, as with a few values, its last value stands.

    Args:
        windows: The windows; what comes after their origins is not looked at.

    Raises:
        RnnkitError: statsmodels is not installed.
    """
    try:
        from statsmodels.tsa.forecasting.theta import ThetaModel
        from statsmodels.tsa.holtwinters import ExponentialSmoothing
    except ImportError:
        raise missing("statsmodels", "--classical") from None
    season, horizon = windows.plan.season, windows.plan.horizon

    def ets(values: np.ndarray) -> np.ndarray:
        seasonal = {"seasonal": "add", "seasonal_periods": season} if 1 < season <= len(values) // 2 else {}
        how = {"trend": "add", "damped_trend": True, "initialization_method": "estimated", **seasonal}
        return np.asarray(ExponentialSmoothing(values, **how).fit().forecast(horizon))

    def theta(values: np.ndarray) -> np.ndarray:
        seasonal = 1 < season <= len(values) // 2
        model = ThetaModel(values, period=season if seasonal else 1, deseasonalize=seasonal)
        return np.asarray(model.fit().forecast(horizon))

    found: dict[str, np.ndarray] = {}
    for name, method in ((ETS, ets), (THETA, theta)):
        found[name] = np.stack([_forecast(windows, place, method) for place in range(len(windows))])
    return found


def _forecast(windows: Windows, place: int, method: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The forecast of a method for a window."""
    table, series, origin = windows.table, windows.series[place], int(windows.origins[place])
    read = max(_LEAST, _READ * windows.plan.season)
    base = int(table.base[series])
    values = table.values[base + max(0, origin - read) : base + origin]
    there = np.flatnonzero(~np.isnan(values))
    values = np.interp(np.arange(len(values)), there, values[there])
    last = np.full(windows.plan.horizon, values[-1])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of fits that did not converge
            found = method(values)
    except (ValueError, np.linalg.LinAlgError, NotImplementedError):
        return last
    return found if np.isfinite(found).all() else last
