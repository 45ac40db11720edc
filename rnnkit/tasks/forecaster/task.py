"""Forecasts of time series: their history in, the steps ahead with intervals out, by one network for all series."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rnnkit.codec.forecast_heads import levels_of, quantiles_of
from rnnkit.codec.forecast_paths import chances_of, median_path, quantiles_of_paths
from rnnkit.codec.histories import histories_in, is_one_history
from rnnkit.data.folds import Divisible
from rnnkit.data.frame_kinds import is_frame
from rnnkit.data.remembered import Remembered
from rnnkit.errors import RnnkitError
from rnnkit.export.contract import Exporter
from rnnkit.lite.answers.forecasts import Forecast, forecast_of
from rnnkit.metrics.bootstrap import Statistics
from rnnkit.metrics.forecasts import forecast_statistics, mean_scores, window_scores
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.examples import Splits
from rnnkit.tasks.base.learnt import learnt
from rnnkit.tasks.base.task import Task
from rnnkit.tasks.forecaster.batching import MOST_WINDOWS, WindowBatches, batch_of, known_steps
from rnnkit.tasks.forecaster.columns import KNOWN, ROLES, STATIC
from rnnkit.tasks.forecaster.encoded import Gathered, Windows
from rnnkit.tasks.forecaster.fans import fans_of
from rnnkit.tasks.forecaster.findings import series_findings
from rnnkit.tasks.forecaster.floors import floor_scores, naive_errors, verdict
from rnnkit.tasks.forecaster.options import SHAPING, ForecasterOptions
from rnnkit.tasks.forecaster.planning import require_fitting
from rnnkit.tasks.forecaster.preprocessing import ForecastWindows
from rnnkit.tasks.forecaster.series import SeriesSet
from rnnkit.tasks.forecaster.source import are_series, open_series

_MOST_EPOCHS = 50


class Forecaster(Task):
    """Segments of the history through a recurrent network, then all segments of the horizon at once.

    Example:

    >>> import numpy as np
    >>> days = np.arange(400.0)
    >>> task = Forecaster(cell="gru", units=8, horizon=7, look_back=28, epochs=1).fit([np.sin(days * 0.9)])
    >>> len(task.predict(np.sin(days * 0.9)).values)
    7
    """

    key = "forecaster"
    roles = ROLES
    input_role = "series"
    monitor = "val_loss"
    example_noun = "windows"
    example_input = "history.csv"
    preprocessing_class: ClassVar[Any] = ForecastWindows
    options_class = ForecasterOptions
    reading_names = ("frequency",)
    min_steps: ClassVar[int] = 1500
    loss_size = staticmethod(known_steps)

    plan = learnt("plan")

    def fixed_options(self) -> tuple[str, ...]:
        return (*super().fixed_options(), *SHAPING)

    @classmethod
    def open_source(
        cls, source: Any, columns: dict[str, str | None] | None = None, encoding: str | None = None, **how: Any
    ) -> SeriesSet:
        return open_series(source, columns, encoding, **how)

    def read(self, source: Any, columns: Any = None, encoding: Any = None, delimiter: Any = None, **how: Any) -> Any:
        named = columns or self.reading.get("columns")
        if isinstance(source, Mapping) and not named and are_series(source):
            source = open_series(source, frequency=self.options.frequency)  # which are no columns of one table
        return super().read(source, columns, encoding, delimiter, **how)

    @classmethod
    def check(cls, source: Any, columns: dict[str, str | None] | None = None) -> list[Any]:
        """Findings of `rnnkit check` on time series: good, warn or fail."""
        said = list[str]()
        return series_findings(cls.open_source(source, columns, tell=said.append), cls.options_class(), said)

    def in_folds(self, source: Any) -> Divisible:
        raise RnnkitError(
            "Series are not divided into folds, of which some would lie before what is learnt. --backtests 10 tests "
            "ten forecasts of each series, a horizon apart."
        )

    @classmethod
    def open_inputs(cls, path: Path, answerer: Any, columns: Any = None, encoding: str | None = None) -> SeriesSet:
        """The series of a file to forecast.

        Args:
            path: A table as for `fit`; where something is known ahead, with rows for the steps ahead, without a value.
            answerer: The trained task, or the runner of its bundle; its `plan` is read.
            columns: Column names by role, where they cannot be guessed.
            encoding: The file's encoding, where it cannot be detected.
        """
        plan = answerer.plan
        given = Remembered({}, {"columns": {KNOWN: ",".join(plan.known), STATIC: ",".join(plan.static)}})
        given |= {role: column for role, column in (columns or {}).items() if column is not None}
        if isinstance(columns, Remembered):
            given.remembered = {**given.remembered, **columns.remembered}
        every = plan.frequency if plan.steps.is_calendar else ""
        found = open_series(path, given, encoding, every)
        require_fitting(found, plan)
        return found

    @classmethod
    def is_one(cls, inputs: object) -> bool:
        return is_one_history(inputs)

    def epochs(self, steps: int) -> int:
        """The option `epochs`, or where that is 0 as many as give enough steps; validation ends it before."""
        return self.options.epochs or int(np.clip(-(-self.min_steps // max(steps, 1)), self.min_epochs, _MOST_EPOCHS))

    # ------------------------------------------------------------------ the network

    def build(self, how: Build = INFERENCE) -> Any:
        from rnnkit.tasks.forecaster.network import forecast_network
        from rnnkit.tasks.forecaster.stepwise import stepwise_network

        network = forecast_network if self.plan.decoding == "direct" else stepwise_network
        return network(self.options, self.plan, how, self.key)

    def loss(self, network: Any) -> Any:
        from rnnkit.tasks.forecaster.network import loss

        return loss(self.plan.head, self.options.point_loss)

    def collate(self, encoded: Any, indices: np.ndarray) -> tuple[Any, ...]:
        return batch_of(encoded.take(indices))

    def batches(self, encoded: Any) -> WindowBatches:
        options = self.options
        most = options.windows or MOST_WINDOWS
        return WindowBatches(encoded, options.batch_size, options.seed, most, options.series_dropout)

    def parameters(self, encoded: Windows) -> np.ndarray:
        """The parameters of the head for each step ahead, float32 `[windows, horizon, parameters]`; step by step, those
        on the path of the medians."""
        if self.plan.decoding == "direct":
            return super().outputs(encoded)  # type: ignore[arg-type]
        found = encoded.gather()  # scaled by 1, as a runner has them of windows alone
        return self._walked(found, np.ones_like(found.scale), median_path(self.plan.horizon))[0][:, 0]

    def _walked(self, found: Gathered, scale: np.ndarray, chances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        from rnnkit.tasks.forecaster.stepwise import Stepping

        self.require_trained()
        return Stepping(self.network, self.options, self.plan).walked(found.inputs, scale, chances)

    def outputs(self, encoded: Any) -> np.ndarray:
        """The quantiles of each step ahead, in the series' own scale, float64 `[windows, horizon, levels]`."""
        if self.plan.paths > 1:
            found = encoded.gather()
            values = self._walked(found, found.scale, chances_of(self.plan.paths, self.plan.horizon))[1]
            return self.unscaled(quantiles_of_paths(values, self.plan.head), found)
        return self.in_own_scale(encoded, self.parameters(encoded))

    def in_own_scale(self, encoded: Windows, parameters: np.ndarray) -> np.ndarray:
        """The quantiles that parameters mean."""
        found = encoded.gather()
        return self.unscaled(quantiles_of(self.plan.head, parameters, found.scale[:, None]), found)

    def unscaled(self, quantiles: np.ndarray, found: Gathered) -> np.ndarray:
        """Scaled quantiles in the series' own scale."""
        return self.plan.own(quantiles * found.scale[:, None] + found.centre[:, None])

    def lite_outputs(self, encoded: Any) -> np.ndarray:
        if self.plan.paths > 1:
            found, runner = encoded.gather(), self.open_lite()
            rows = zip(self.exporter().rows(encoded), found.scale[:, 0], strict=True)
            return self.unscaled(np.stack([runner.quantiles(row, float(scale)) for row, scale in rows]), found)
        return self.in_own_scale(encoded, super().lite_outputs(encoded))

    def copy_from(self, parent: Any) -> str:
        from rnnkit.tasks.forecaster.network import copy_fitting

        return copy_fitting(parent.network, self.network)

    def doubts(self, best_epoch: int) -> Iterator[str]:
        """A line where nothing that is validated is better than the last value, or the network worse than a floor."""
        if self.parts is not None:
            part: Any = self.parts.validation
            said = verdict(self._scores(part, self.outputs(part)), floor_scores(part))
            if said.startswith(("nothing", "worse")):
                yield f"On what was validated, {said}."

    # ------------------------------------------------------------------ outputs to answers

    def decode(self, outputs: np.ndarray) -> list[Any]:
        """The medians of the steps ahead; `predict` gives them with their times and quantiles."""
        levels = levels_of(self.plan.head)
        return [row[:, levels.index(0.5)].tolist() for row in outputs]

    def predict(self, inputs: Any) -> Any:
        """Forecast series: one answer for a single history, a list for several.

        Args:
            inputs: The values of a series as a list or an array; a dictionary of these as `values`, with the name of
                the `series`, the time of its first value (`start`), what is `known` ahead and `static`; a list of
                these; or a data frame as for `fit`, whose forecasts are a list.
        """
        if is_frame(inputs) or hasattr(inputs, "to_frame"):
            inputs = self.read(inputs)
        if isinstance(inputs, SeriesSet):
            require_fitting(inputs, self.plan)
            inputs = inputs.inputs
        encoded = self.encode_inputs(histories_in(inputs))
        answers = self.answers(encoded, self.outputs(encoded))
        return answers[0] if is_one_history(inputs) else answers

    def answers(self, encoded: Any, outputs: np.ndarray) -> list[Forecast]:
        """The forecasts of windows."""
        table, levels, found = encoded.table, levels_of(self.plan.head), []
        for series, origin, quantiles in zip(encoded.series.tolist(), encoded.origins.tolist(), outputs, strict=True):
            start = float(table.starts[series])
            known = None if np.isnan(start) else start
            found.append(forecast_of(table.ids[series], known, origin, quantiles, levels, self.plan))
        return found

    def _scores(self, encoded: Windows, outputs: np.ndarray) -> dict[str, np.ndarray]:
        return window_scores(encoded.truth, outputs, levels_of(self.plan.head), naive_errors(encoded))

    def metrics(self, encoded: Any, outputs: np.ndarray) -> dict[str, Any]:
        scores = self._scores(encoded, outputs)
        others = floor_scores(encoded, self.options.classical)
        methods = {"this network": mean_scores(scores)}
        methods |= {name: mean_scores(each) for name, each in others.items()}
        beside = {name: {key: each[key] for key in each if key in methods["drift"]} for name, each in methods.items()}
        return {**mean_scores(scores), "rows": len(encoded), "verdict": verdict(scores, others), "methods": beside}

    def statistics(self, encoded: Any, outputs: np.ndarray) -> Statistics | None:
        return forecast_statistics(self._scores(encoded, outputs))

    def exporter(self) -> Exporter:
        from rnnkit.tasks.forecaster.export import ForecasterExporter

        return ForecasterExporter(self)

    def plot(self, folder: Path, parts: Splits, outputs: np.ndarray) -> None:
        from rnnkit import plots

        plots.fan_chart(fans_of(self, parts.test, outputs), folder / "forecasts.png")

    def draw_explanation(self, history: Any, path: Path) -> None:
        """Plot the end of a series and its forecast."""
        from rnnkit import plots

        encoded = self.encode_inputs([history])
        plots.fan_chart(fans_of(self, encoded, self.outputs(encoded)), path)


TASK = Forecaster
