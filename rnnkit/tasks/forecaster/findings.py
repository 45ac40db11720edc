"""Findings of `rnnkit check` on time series: what cannot be forecast, what spoils a forecast, and what is there."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from rnnkit.data.findings import Finding, counted
from rnnkit.errors import RnnkitError
from rnnkit.tasks.forecaster.planning import plan_of
from rnnkit.tasks.forecaster.series import SeriesSet
from rnnkit.tasks.forecaster.split import shortest_context

_MUCH_MISSING, _TOLD = 0.3, 5
_SAME = 0.98  # of the values of a column and of a series one step later, that are equal: the future is told
_JUMP = 20.0  # times the usual step


def series_findings(source: SeriesSet, options: Any, said: Sequence[str] = ()) -> list[Finding]:
    """The findings: failures that forbid training, then warnings, then what is in order.

    Args:
        source: The opened series.
        options: Those of the task, for the horizon.
        said: Lines that were told while it was opened.
    """
    found = [Finding("fail", message) for message in _fails(source, options)]
    if not found:
        warnings = (*said, *_of_horizon(source, options), *_of_steps(source), *_of_values(source), *_of_known(source))
        found = [Finding("warn", message) for message in warnings]
    return found + [Finding("good", message) for message in _goods(source, options)]


def _fails(source: SeriesSet, options: Any) -> Iterator[str]:
    try:
        plan_of(source, source.lengths.tolist(), options, None)
    except RnnkitError as error:
        yield str(error)
    if (longest := int(source.lengths.max())) < (least := shortest_context(2, 1) + 3):
        has = counted(longest, "value")
        yield f"{source.name}: its longest series has {has}; to forecast a step takes {least} or more."


def _of_horizon(source: SeriesSet, options: Any) -> Iterator[str]:
    """Whether the usual horizon is too long."""
    longest, horizon = int(source.lengths.max()), options.horizon
    if longest < shortest_context(2 * horizon, horizon) + 3 * horizon:
        most = max(each for each in range(1, horizon) if longest >= shortest_context(2 * each, each) + 3 * each)
        steps = counted(most, "step")
        yield f"The longest series has {longest} values, from which {steps} can be forecast: --horizon {most}"


def _of_steps(source: SeriesSet) -> Iterator[str]:
    lengths = source.lengths
    missing = np.array([np.isnan(each.values).sum() for each in source.series])
    if missing.sum():
        share = missing.sum() / lengths.sum()
        yield (
            f"{counted(int(missing.sum()), 'step')} within the series without a value ({share:.1%}): no row, or a "
            "blank one. They are not learnt, and the network is told which."
        )
    if much := [source.ids[place] for place in np.flatnonzero(missing > _MUCH_MISSING * lengths)]:
        yield f"{_named(much)}: more than {_MUCH_MISSING:.0%} of the steps lack a value. Is the frequency right?"
    if not source.frequency.is_calendar and source.season == 1 and not source.doubt:
        yield "There are no dates, so no season is known; where there is one, name it: --season 24 or --frequency h"
    if len(set(lengths.tolist())) > 1 and lengths.min() * 4 < np.median(lengths):
        short = [source.ids[place] for place in np.flatnonzero(lengths * 4 < np.median(lengths))]
        yield f"{_named(short)}: much shorter than the others; what comes before their beginning counts as missing."


def _of_values(source: SeriesSet) -> Iterator[str]:
    constant = [each.id for each in source.series if np.nanmax(each.values) == np.nanmin(each.values)]
    if constant:
        yield f"{_named(constant)}: all values are equal; leave such series out."
    digests = Counter(each.values.tobytes() for each in source.series if len(each) > 1)
    if repeated := sum(count - 1 for count in digests.values()):
        yield f"{repeated:,} series {'is' if repeated == 1 else 'are'} equal to another."
    jumps = list[str]()
    for each in source.series:
        steps = np.abs(np.diff(each.values))
        usual = float(np.nanmedian(steps)) if np.isfinite(steps).any() else 0.0
        if usual > 0 and float(np.nanmax(steps)) > _JUMP * max(usual, float(np.nanstd(each.values)) / 2):
            jumps.append(each.id)
    if jumps:
        yield f"{_named(jumps)}: a value far from the one before; a mistake there spoils what divides the series."


def _of_known(source: SeriesSet) -> Iterator[str]:
    for place, name in enumerate(source.known):
        pairs = [(each.known[: len(each), place], each.values) for each in source.series]
        known, values = (np.concatenate(each) for each in zip(*pairs, strict=True))
        there = ~np.isnan(known) & ~np.isnan(values)
        if there.any() and np.mean(np.isclose(known[there], values[there])) > _SAME:
            yield (
                f"{name!r:.60} is given as known ahead and equals the values. Is it known before they are? If it is "
                "not, leave it out of --known, or forecasts are of no use."
            )
        elif there.sum() > 10 and _correlation(known[there], values[there]) > 0.999:
            yield f"{name!r:.60} is given as known ahead and tells the values; is it known before they are?"
        if there.any() and known[there].min() == known[there].max():
            yield f"{name!r:.60}, which is known ahead, is the same everywhere; leave it out of --known."


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return abs(float(np.corrcoef(one, other)[0, 1]))


def _goods(source: SeriesSet, options: Any) -> Iterator[str]:
    columns = ", ".join(f"{role} = {name!r:.40}" for role, name in source.reading.get("columns", {}).items())
    if columns:
        yield f"Columns: {columns}; encoding {source.encoding}."
    lengths = source.lengths
    steps = f"{lengths.min():,} to {lengths.max():,}" if lengths.min() < lengths.max() else f"{lengths.max():,}"
    every = f", a value every {source.frequency.text}" if source.frequency.is_calendar else ""
    season = f", a season of {source.season}" if source.season > 1 else ""
    yield f"{len(source):,} series of {steps} values{every}{season}."
    if source.frequency.is_calendar:
        first = min(each.start for each in source.series)
        last = max(float(source.frequency.after(each.start, np.array([len(each) - 1]))[0]) for each in source.series)
        yield f"From {' to '.join(source.frequency.written(np.array([first, last])))}."


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(f"{name!r:.40}" for name in names[:_TOLD]) + more
