"""Small made-up time series, and a Run trained on them, made once for all tests of a process."""

import functools

import numpy as np
from tasks import tiny

OPTIONS = {"units": 6, "epochs": 2, "horizon": 4, "look_back": 8, "season": 4, "segment": 4, "batch_size": 16}


def series(count=6, steps=40, seed=0):
    """Waves of four steps on other levels, by name."""
    random = np.random.default_rng(seed)
    wave = np.array([0.0, 2.0, 1.0, -1.0])
    made = {}
    for number in range(count):
        values = wave[np.arange(steps) % 4] * (1 + number) + 10 * number + random.normal(0, 0.3, steps)
        made[f"s{number}"] = values.round(3)
    return made


def rows(count=6, steps=40, seed=0):
    """The same as rows of a series and a value; the last series is short."""
    made = series(count, steps, seed)
    made[f"s{count - 1}"] = made[f"s{count - 1}"][:19]
    return [(name, float(value)) for name, values in made.items() for value in values]


def inputs():
    """Histories, one of them shorter than what is read."""
    made = [{"series": name, "values": values[:40]} for name, values in series().items()]
    return [*made, {"values": np.arange(5.0)}, [3.0, 5, 4, 2, 3, 5, 4, 2, 3]]


@functools.cache
def trained():
    """A trained forecaster, saved as a Run. Do not change either."""
    import rnnkit

    return rnnkit.Forecaster(**OPTIONS).fit(rows(), to=tiny.folder() / "forecasts")
