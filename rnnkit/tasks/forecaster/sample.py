"""The offline sample of forecasts: made-up sales of shops, a value a day; and random walks, which none can forecast."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from rnnkit.data.samples import is_named_file
from rnnkit.tasks.forecaster.series import SeriesSet
from rnnkit.tasks.forecaster.source import open_series

#: The choices of made-up data.
SAMPLE, WALKS = "sample", "walks"
COLUMNS = ("shop", "date", "sales", "known_promotion", "known_holiday", "static_kind")
#: The settings with which the sample is learnt.
SETTINGS = {
    "cell": "gru", "units": 48, "horizon": 14, "look_back": 56, "segment": 7, "epochs": 15, "dropout": 0.1,
    "spread": "window",
}  # fmt: skip
_FIRST, _DAYS = date(2022, 1, 3), 730
_KINDS = ("town", "village", "station")
_WEEK = {  # of Monday to Sunday
    "town": (0.9, 0.85, 0.9, 1.0, 1.25, 1.5, 0.6),
    "village": (1.0, 1.0, 1.0, 1.05, 1.2, 1.3, 0.45),
    "station": (1.15, 1.1, 1.1, 1.15, 1.3, 0.7, 0.5),
}


class Day(NamedTuple):
    """A day of a shop; the sales of a day to come are None."""

    shop: str
    day: date
    sales: float | None
    promotion: int
    holiday: int
    kind: str


def make_sales(shops: int = 20, days: int = _DAYS, ahead: int = 0, seed: int = 0) -> list[Day]:
    """Sales of shops day by day, always the same for the same arguments.

    They have a week that depends on the kind of shop, a year, a trend, less on holidays, more on promotions, which are
    known ahead, and noise.

    Args:
        shops: How many.
        days: How many days each has.
        ahead: How many more days, whose promotions and holidays are known, and sales are not.
        seed: Chooses them.

    Example:

    >>> made = make_sales(2, 10, 3)
    >>> len(made), made[0].shop, made[-1].sales
    (26, 'shop 1', None)
    """
    return [day for shop in range(shops) for day in _of_shop(shop, days, ahead, seed)]


def _of_shop(shop: int, days: int, ahead: int, seed: int) -> Iterator[Day]:
    random = np.random.default_rng([seed, shop])
    kind = _KINDS[shop % len(_KINDS)]
    level, trend, wave = random.uniform(40, 400), random.uniform(-0.2, 0.4), random.uniform(0.05, 0.2)
    left = 0
    for number in range(days + ahead):
        day = _FIRST + timedelta(number)
        holiday = int((day.month, day.day) in {(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)})
        left = left - 1 if left else int(random.random() < 0.04) * 4
        usual = level * (1 + trend * number / 365) * (1 + wave * np.sin(2 * np.pi * day.timetuple().tm_yday / 365))
        usual *= _WEEK[kind][day.weekday()] * (0.35 if holiday else 1.0) * (1.45 if left else 1.0)
        sales = round(float(usual * np.exp(random.normal(0, 0.08))), 1)
        yield Day(f"shop {shop + 1}", day, sales if number < days else None, int(left > 0), holiday, kind)


def make_walks(count: int = 5, steps: int = 800, seed: int = 0) -> dict[str, np.ndarray]:
    """Random walks by name: of what comes next, nothing is known but where they are.

    Args:
        count: How many.
        steps: How long each is.
        seed: Chooses them.

    Example:

    >>> [len(walk) for walk in make_walks(2, 50).values()]
    [50, 50]
    """
    random = np.random.default_rng(seed)
    return {f"walk {number + 1}": 100 + random.normal(0, 1, steps).cumsum() for number in range(count)}


def sales_series(data: str = SAMPLE, columns: dict[str, str | None] | None = None) -> SeriesSet:
    """The series of a pipeline.

    Args:
        data: "sample", "walks", or a file of time series.
        columns: Its columns by role.

    Raises:
        RnnkitError: There is no such file, or it cannot be read.

    Example:

    >>> len(sales_series("walks"))
    5
    """
    if data == WALKS:
        return open_series(make_walks())
    if is_named_file(data, (SAMPLE, WALKS)):
        return open_series(data, columns)
    import pandas as pd

    found = open_series(pd.DataFrame(make_sales(), columns=list(COLUMNS)))
    found.name = "made-up sales of shops"
    return found
