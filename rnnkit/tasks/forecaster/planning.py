"""What is learnt of series before any training: the look-back, scales, covariates and the calendar."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnkit.codec.calendar import cycles_of
from rnnkit.codec.forecast_plan import ForecastPlan, spread_of
from rnnkit.codec.number_cells import is_missing
from rnnkit.errors import RnnkitError
from rnnkit.tasks.forecaster.series import SeriesSet

_MOST_CATEGORIES, _MOST_NUMBERED = 200, 20_000


def plan_of(source: SeriesSet, ends: Sequence[int], options: Any, parent: ForecastPlan | None) -> ForecastPlan:
    """The plan of series.

    Args:
        source: The series.
        ends: How many steps of each are trained on; what comes later is not looked at.
        options: The task's.
        parent: The plan of the task to fine-tune, whose scales are kept.

    Raises:
        RnnkitError: A known or static column cannot be used, or differs from the parent's.
    """
    if parent is not None:
        require_fitting(source, parent)
        new = _spreads(source, ends, parent.logarithm)
        return ForecastPlan(**{**_fields(parent), "series": {**parent.series, **new}})
    season = options.season or source.season
    look_back = options.look_back or _look_back(options.horizon, season)
    known = np.concatenate([each.known[: max(end, 1)] for each, end in zip(source.series, ends, strict=True)])
    mean, std = (known.mean(axis=0), known.std(axis=0)) if source.known else (np.zeros(0), np.zeros(0))
    longest = int(np.argmax(ends))
    first = source.series[longest].start
    seconds = float(source.frequency.after(first, np.array([max(ends[longest], 1) - 1]))[0]) - first
    return ForecastPlan(
        look_back=look_back,
        horizon=options.horizon,
        logarithm=options.logarithm,
        scaling=options.scaling,
        spread=options.spread,
        head=options.head,
        decoding=options.decoding,
        paths=options.paths if options.decoding == "stepwise" and options.head != "point" else 1,
        frequency=source.frequency.text,
        season=season,
        week=source.week if season == source.season else 0,
        cycles=cycles_of(source.frequency, seconds) if options.calendar else (),
        known=source.known,
        known_mean=tuple(mean.tolist()),
        known_std=tuple(np.where(std > 1e-9, std, 1.0).tolist()),
        static=_static(source),
        series=_spreads(source, ends, options.logarithm),
        numbered=options.series_embedding and 1 < len(source) <= _MOST_NUMBERED,
    )


def _spreads(source: SeriesSet, ends: Sequence[int], logarithm: bool) -> dict[str, float]:
    """The deviation of the training part of each series."""
    parts = {each.id: each.values[: max(end, 1)] for each, end in zip(source.series, ends, strict=True)}
    return {name: spread_of(np.log(values) if logarithm else values) for name, values in parts.items()}


def _fields(plan: ForecastPlan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in plan.__dataclass_fields__}


def _look_back(horizon: int, season: int) -> int:
    """Two seasons or the horizon, whichever is more, in whole seasons.

    Example:

    >>> _look_back(24, 24), _look_back(48, 24), _look_back(12, 1)
    (48, 96, 24)
    """
    wanted = max(2 * horizon, 2 * season)
    return -(-wanted // season) * season


def _static(source: SeriesSet) -> dict[str, list[Any]]:
    """For each static column its mean and deviation, or its categories."""
    found: dict[str, list[Any]] = {}
    for place, name in enumerate(source.static):
        texts = [each.static[place] for each in source.series]
        if any(map(is_missing, texts)):
            series = source.ids[next(number for number, text in enumerate(texts) if is_missing(text))]
            raise RnnkitError(f"{source.name}: {name!r:.60}, which is static, is blank for {series!r:.40}. Fill it.")
        try:
            numbers = np.array([float(text) for text in texts])
        except ValueError:
            found[name] = sorted(set(texts))
            if len(found[name]) > _MOST_CATEGORIES:
                raise RnnkitError(
                    f"{source.name}: {name!r:.60}, which is static, has {len(found[name]):,} different texts; at most "
                    f"{_MOST_CATEGORIES} can be read. Leave it out."
                ) from None
            continue
        found[name] = [float(numbers.mean()), float(numbers.std()) or 1.0]
    return found


def require_fitting(source: SeriesSet, plan: ForecastPlan) -> None:
    """Refuse series of another frequency or with other columns than the forecaster reads.

    Raises:
        RnnkitError: Naming both.
    """
    theirs, ours = source.frequency, plan.steps
    differs = theirs.unit != ours.unit or abs(theirs.count - ours.count) > 1e-6 * ours.count
    if differs and any(len(each) > 1 for each in source.series) and (source.timed or plan.cycles):
        said, known = (
            "no dates" if each.unit == "numbers" and one.unit != each.unit else f"a value every {each.said}"
            for each, one in ((theirs, ours), (ours, theirs))
        )
        raise RnnkitError(f"{source.name} has {said}; this forecaster was trained on {known}. Give series like those.")
    for flag, given, wanted in (
        ("--known", source.known, plan.known),
        ("--static", source.static, tuple(plan.static)),
    ):
        if tuple(given) != tuple(wanted):
            said, other = (", ".join(names) or "none" for names in (given, wanted))
            raise RnnkitError(f"{source.name} has as {flag}: {said:.80}; this forecaster reads: {other:.80}.")


def require_positive(source: SeriesSet) -> None:
    """Refuse values that have no logarithm.

    Raises:
        RnnkitError: Naming the series and the step.
    """
    for each in source.series:
        if (each.values <= 0).any():
            step = int(np.argmax(each.values <= 0))
            raise RnnkitError(
                f"{source.name}: {each.id!r:.40} has {each.values[step]:.12g} at step {step + 1}; --logarithm is for "
                "values above 0. Leave it out."
            )


def require_counts(source: SeriesSet) -> None:
    """Refuse values that are no counts.

    Raises:
        RnnkitError: Naming the series and the step.
    """
    for each in source.series:
        wrong = (each.values < 0) | (each.values != np.round(each.values)) & ~np.isnan(each.values)
        if wrong.any():
            step = int(np.argmax(wrong))
            raise RnnkitError(
                f"{source.name}: {each.id!r:.40} has {each.values[step]:.12g} at step {step + 1}; the head "
                "negative_binomial is for counts, 0, 1, 2 and so on. Take another --head."
            )
