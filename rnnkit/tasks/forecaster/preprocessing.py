"""Time series as windows of numbers: the part of `Forecaster` for parts, scales, covariates and the calendar."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.forecast_plan import ForecastPlan
from rnnkit.codec.histories import History, history_of
from rnnkit.errors import RnnkitError
from rnnkit.run import folder as runs
from rnnkit.tasks.base.digest import digest_of
from rnnkit.tasks.base.examples import Splits
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.tasks.forecaster.encoded import SeriesTable, Windows
from rnnkit.tasks.forecaster.joining import joined
from rnnkit.tasks.forecaster.planning import plan_of, require_counts, require_fitting, require_positive
from rnnkit.tasks.forecaster.series import SeriesSet
from rnnkit.tasks.forecaster.split import borders_of, shortest_context, windows_of

#: The file of the plan, in a Run and in a bundle.
PLAN_FILE = "plan.json"
_PARTS = ("train", "validation", "test")


class ForecastWindows(Preprocessing):
    """Series divided in time, and windows of them: what is read, and what comes after it."""

    noun = "windows"
    #: Series of the last `encode_rows` that were too short.
    unscored = 0

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self.plan = ForecastPlan()

    # ------------------------------------------------------------------ learning

    def learn(self, source: SeriesSet, test: SeriesSet | None = None, parent: Preprocessing | None = None) -> Splits:
        given = source if test is None else joined(source, test)
        tested = None if test is None else [len(each) for each in source.series]
        if self.options.head == "negative_binomial":
            require_counts(given)
        if self.options.logarithm:
            require_positive(given)
        borders = borders_of(given, self.options, tested)
        before = parent.plan if isinstance(parent, ForecastWindows) else None
        self.plan = plan_of(given, [each.validation for each in borders], self.options, before)
        parts = windows_of(given.lengths, borders, self.plan.look_back, self.plan.horizon)
        self._require_windows(given, parts)
        short = any((origins < self.plan.look_back).any() for _, origins in parts.values())
        gaps = any(np.isnan(each.values).any() for each in given.series)
        if before is None:
            self.plan = replace(self.plan, missing=short or gaps)
        elif (short or gaps) and not before.missing:
            raise RnnkitError(
                f"{given.name}: values are missing or series short, and the network has learnt of none such. Fill them."
            )
        table = self.table(given)
        windows = {name: Windows(table, self.plan, *parts[name]) for name in _PARTS}
        report: dict[str, Any] = {"name": given.name, **{name: len(each) for name, each in windows.items()}}
        used = {int(place) for series, _ in parts.values() for place in np.unique(series)}
        report |= {"series": len(given), "steps": int(given.lengths.sum())}
        report |= {"frequency": self.plan.frequency, "season": self.plan.season}
        report |= {"look_back": self.plan.look_back, "horizon": self.plan.horizon}
        report |= {"missing_steps": given.gaps} if given.gaps else {}
        report["left_out"] = len(given) - len(used)
        words = [each.digest() for each in given.series] + [repr(borders), given.frequency.text]
        return Splits(**windows, digest=digest_of(words=words), report=report)  # type: ignore[arg-type]

    def _require_windows(self, source: SeriesSet, parts: dict[str, Any]) -> None:
        """Refuse series that are too short to be divided."""
        if not (empty := [name for name in _PARTS if not len(parts[name][0])]):
            return
        horizon, least = self.plan.horizon, shortest_context(self.plan.look_back, self.plan.horizon)
        borders = [f"--{name.replace('_', '-')}" for name in ("validation_start", "test_start")
                   if getattr(self.options, name)]  # fmt: skip
        mend = f"Set {' and '.join(borders)} otherwise" if borders else "Give a shorter --horizon, or longer series"
        raise RnnkitError(
            f"{source.name}: its longest series has {int(source.lengths.max()):,} values, which leaves no window for "
            f"{', '.join(empty)}; a horizon of {horizon} takes {least + 3 * horizon:,} or more. {mend}."
        )

    # ------------------------------------------------------------------ encoding

    def table(self, source: SeriesSet, ends: Sequence[int] | None = None) -> SeriesTable:
        """All series one behind the other; `ends` as for the deviation of those that training did not have."""
        starts = [each.start if source.timed else None for each in source.series]
        histories = [
            History(each.values, each.id, start, each.known, each.static)
            for each, start in zip(source.series, starts, strict=True)
        ]
        return self._table(histories, ends)

    def _table(self, histories: Sequence[History], ends: Sequence[int] | None = None) -> SeriesTable:
        """A table of histories; the deviation of one that training did not have is that of its values up to its end."""
        plan, horizon = self.plan, self.plan.horizon
        values, covariates, spreads = list[np.ndarray](), list[np.ndarray](), list[float]()
        for place, each in enumerate(histories):
            end = None if ends is None else max(ends[place], 1)
            ahead = np.full(horizon, np.nan)
            values.append(np.concatenate([each.values, ahead]))
            count = len(each.values) + horizon
            known = each.known[:count]
            if len(known) < count and len(plan.known):  # not forecast from there, or refused before
                known = np.concatenate([known, np.tile(np.array(plan.known_mean), (count - len(known), 1))])
            covariates.append(plan.covariates(each.start or 0.0, count, known, each.static))
            spreads.append(plan.spread_of(each.series, each.values[:end]))
        lengths = np.array([len(each.values) for each in histories], np.int64)
        return SeriesTable(
            np.concatenate([*values, np.zeros(0)]),
            np.concatenate([*covariates, np.zeros((0, plan.future_features), np.float32)]),
            np.concatenate([[0], np.cumsum(lengths + horizon)[:-1]]).astype(np.int64),
            lengths,
            np.array([plan.number_of(each.series) for each in histories], np.int32),
            np.array(spreads, np.float64),
            np.array([np.nan if each.start is None else each.start for each in histories], np.float64),
            [each.series for each in histories],
        )

    def encode(self, inputs: list[Any]) -> Any:
        histories = [history_of(given, self.plan, f"Series {place}") for place, given in enumerate(inputs, 1)]
        table = self._table(histories)
        return Windows(table, self.plan, np.arange(len(histories)), table.lengths)

    def encode_rows(self, source: SeriesSet) -> Any:
        require_fitting(source, self.plan)
        if self.plan.logarithm:
            require_positive(source)
        borders = borders_of(source, self.options, None)
        series, origins = windows_of(source.lengths, borders, self.plan.look_back, self.plan.horizon)["test"]
        self.unscored = len(source) - len(np.unique(series))
        table = self.table(source, [each.test for each in borders])
        found, horizon = Windows(table, self.plan, series, origins), self.plan.horizon
        if not len(found):
            raise RnnkitError(
                f"{source.name}: its longest series has {int(source.lengths.max()):,} values; to test a forecast of "
                f"{horizon} steps takes {shortest_context(self.plan.look_back, horizon) + horizon:,} or more."
            )
        if not self.plan.missing and (np.isnan(found.values(-self.plan.look_back, 0)).any()):
            place = int(np.argmax(np.isnan(found.values(-self.plan.look_back, 0)).any(axis=1)))
            raise RnnkitError(
                f"{source.name}: the series {source.ids[series[place]]!r:.40} lacks values, and no training series "
                "did. Fill them, or give longer ones."
            )
        return found

    def made_up(self, count: int = 50) -> Any:
        """Random walks."""
        random, plan = np.random.default_rng(self.options.seed), self.plan
        steps = plan.look_back + plan.horizon
        static = tuple(str(kinds[0]) for kinds in plan.static.values())
        names = list(plan.series) or [""]
        histories = []
        for place in range(count):
            values = np.maximum(random.normal(0, 1, steps).cumsum() + 20, 1).round()
            known = random.normal(plan.known_mean, plan.known_std, (steps + plan.horizon, len(plan.known)))
            histories.append(History(values, names[place % len(names)], 0.0, known, static))
        table = self._table(histories)
        return Windows(table, plan, np.arange(count), np.full(count, plan.look_back))

    def save(self, folder: Path) -> None:
        (folder / PLAN_FILE).write_text(self.plan.to_json(), encoding="utf-8")

    def load(self, folder: Path) -> None:
        path = folder / PLAN_FILE
        self.plan = ForecastPlan.of_json(runs.read_json(path), str(path))
