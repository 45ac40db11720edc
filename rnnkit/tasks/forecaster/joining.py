"""Test data given in a file of their own, joined to the series that they continue."""

from dataclasses import replace

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.tasks.forecaster.series import Series, SeriesSet


def joined(source: SeriesSet, test: SeriesSet) -> SeriesSet:
    """The series with those of the test behind them.

    Args:
        source: The training series.
        test: Series of the same names that go on where the training ones end.

    Raises:
        RnnkitError: A series is in one of both alone, or does not go on where it ended.
    """
    by_name = {each.id: each for each in test.series}
    if unknown := [each.id for each in test.series if each.id not in set(source.ids)]:
        raise RnnkitError(f"{test.name} has the series {unknown[0]!r:.40}, which {source.name} lacks.")
    if source.known != test.known or source.static != test.static:
        raise RnnkitError(f"{test.name} has other --known and --static columns than {source.name}; expected the same.")
    if source.timed != test.timed:
        one, other = ("has", "has not") if source.timed else ("has not", "has")
        raise RnnkitError(f"{source.name} {one} times, and {test.name} {other}. Give both of them times, or none.")
    return replace(source, series=[_joined(source, test, each, by_name.get(each.id)) for each in source.series])


def _joined(source: SeriesSet, test: SeriesSet, series: Series, later: Series | None) -> Series:
    if later is None:
        raise RnnkitError(f"{test.name} lacks the series {series.id!r:.40} of {source.name}. Add its values.")
    if source.timed:
        place = float(source.frequency.places(np.array([later.start]), series.start)[0])
        if abs(place - len(series)) > 1e-3:
            starts = source.frequency.written(np.array([later.start]))[0]
            last = source.frequency.after(series.start, np.array([len(series) - 1]))
            raise RnnkitError(
                f"{test.name}: {series.id!r:.40} begins at {starts}, and in {source.name} it ends at "
                f"{source.frequency.written(last)[0]}; expected the step after that."
            )
    known = np.concatenate([series.known[: len(series)], later.known]) if source.known else series.known
    return replace(series, values=np.concatenate([series.values, later.values]), known=known)
