"""Forecast time series with an exported forecaster, from their raw values."""

from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any

import numpy as np

from rnnkit.codec.forecast_heads import HEADS, levels_of, quantiles_of
from rnnkit.codec.forecast_paths import chances_of, median_path, quantiles_of_paths, walked
from rnnkit.codec.forecast_plan import BEFORE, FUTURE, NUMBER, PAST, ForecastPlan
from rnnkit.codec.histories import History, histories_in, history_of
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import parse_json
from rnnkit.lite.answers.forecasts import Forecast, forecast_of
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.finite import finite
from rnnkit.lite.interpreter import open_model, require_shapes, require_signatures
from rnnkit.lite.step_file import STEP, state_names

#: The signature of the file, and the name of what it gives.
FORECAST, STEPS = "forecast", "steps"
#: Step by step: the signature before `STEP`.
ENCODE = "encode"


class Forecaster:
    """Runs a bundle of the task "forecaster"; `rnnkit.lite.load` makes it.

    A lock lets threads share one forecaster, one series at a time.

    Args:
        bundle: what `read_bundle` gave.
        num_threads: threads the runtime may use.

    Raises:
        RnnkitError: a file of the bundle is missing or altered, or the files do not fit each other.
    """

    def __init__(self, bundle: Bundle, num_threads: int = 1):
        self.bundle = bundle
        where = str(bundle.folder / bundle.setting("plan", str))
        self.plan = ForecastPlan.of_json(parse_json(bundle.read("plan"), where), where)
        self._model = open_model(bundle.read("model"), num_threads)
        self._lock = Lock()
        self._open()

    def predict(self, series: Any) -> list[Forecast]:
        """Forecast series: one answer for each; a single one counts as a list of one.

        Args:
            series: the values of each as a list, an array or text ("1 2 3"); or a dictionary of these as `values`, with
                the name of the `series`, the time of its first value (`start`), what is `known` ahead and `static`.

        Raises:
            RnnkitError: one is none of these, or lacks what the forecaster needs.

        Example:

        >>> import rnnkit.lite
        >>> forecaster = rnnkit.lite.load("saved_models/demand/lite")  # doctest: +SKIP
        >>> forecaster.predict({"values": values, "start": "2024-01-01"})[0].values[:3]  # doctest: +SKIP
        (31.4, 28.7, 27.9)
        """
        given = enumerate(histories_in(series), 1)
        return [self._forecast(history_of(one, self.plan, f"Series {place}")) for place, one in given]

    def run(self, rows: Iterable[Mapping[str, np.ndarray]]) -> np.ndarray:
        """The parameters of each step ahead, float32 `[windows, horizon, parameters]`.

        Args:
            rows: for each window what the network takes, by name and without a batch.
        """
        found = [self._run(row) for row in rows]
        shape = (0, self.plan.horizon, HEADS[self.plan.head])
        return np.stack(found) if found else np.zeros(shape, np.float32)

    def _forecast(self, history: History) -> Forecast:
        plan, values = self.plan, history.values
        past = np.full((1, plan.look_back), np.nan)
        read = plan.read(values[-plan.look_back :])
        past[0, plan.look_back - len(read) :] = read
        centre, scale = plan.scales(past, np.array([plan.spread_of(history.series, values)]))
        count = len(values) + plan.horizon
        covariates = plan.covariates(history.start or 0.0, count, history.known, history.static)[None]
        wanted = plan.look_back + plan.horizon
        missing = max(wanted - count, 0)
        covariates = np.pad(covariates, ((0, 0), (missing, 0), (0, 0)))[:, -wanted:]
        number = np.array([plan.number_of(history.series)])
        inputs = plan.inputs(past, covariates, number, centre, scale)
        quantiles = self.quantiles({name: value[0] for name, value in inputs.items()}, float(scale[0, 0]))
        quantiles = plan.own(quantiles * scale + centre)
        return forecast_of(history.series, history.start, len(values), quantiles, levels_of(plan.head), plan)

    def quantiles(self, row: Mapping[str, np.ndarray], scale: float) -> np.ndarray:
        """The quantiles of the scaled steps ahead, `[horizon, levels]`.

        Args:
            row: what the network takes, by name and without a batch.
            scale: what values were divided by.
        """
        plan, divided = self.plan, np.full((1, 1), scale)
        if plan.paths == 1:
            return quantiles_of(plan.head, self._run(row), divided)
        values = self._walk(row, divided, chances_of(plan.paths, plan.horizon))[1]
        return np.asarray(quantiles_of_paths(values, plan.head)[0])

    def _walk(self, row: Mapping[str, np.ndarray], scale: np.ndarray, chances: np.ndarray) -> Any:
        """`rnnkit.codec.forecast_paths.walked` for a window."""
        inputs = {name: np.asarray(value)[None] for name, value in row.items()}
        with self._lock:
            made = self._call(**{PAST: inputs[PAST]})
            states = [made[name] for name in self._states]
            return walked(self.plan, self._step, states, inputs, scale, chances)

    def _step(self, before: Any, future: Any, numbers: Any, states: Any) -> Any:
        told = {NUMBER: numbers} if self.plan.numbered else {}
        named = dict(zip(self._states, states, strict=True))
        made = self._next(**{BEFORE: before, FUTURE: future, **told, **named})
        return finite(made[STEPS]), [made[name] for name in self._states]

    def _run(self, row: Mapping[str, np.ndarray]) -> np.ndarray:
        if self._states:  # the model takes all paths at once, all of which are that of the medians
            path = np.repeat(median_path(self.plan.horizon), self.plan.paths, axis=0)
            return np.array(self._walk(row, np.ones((1, 1)), path)[0][0, 0])
        with self._lock:
            made = self._call(**{name: np.asarray(value)[None] for name, value in row.items()})
        return np.array(finite(made[STEPS][0]))

    def _open(self) -> None:
        """Check that model and plan fit, before the first series."""
        plan, folder = self.plan, self.bundle.folder
        self._states = state_names(self.bundle)
        if (plan.decoding == "stepwise") != bool(self._states):
            raise RnnkitError(f"{folder}: its plan is {plan.decoding}, with {len(self._states)} states. Export again.")
        if self._states:
            self._open_steps()
            return
        shapes: dict[str, list[int]] = {PAST: [1, plan.look_back, plan.past_features]}
        shapes |= {FUTURE: [1, plan.horizon, plan.ahead_features]} if plan.future_features else {}
        shapes |= {NUMBER: [1]} if plan.numbered else {}
        require_signatures(self._model, {FORECAST: set(shapes)}, {FORECAST: {STEPS: "f"}}, folder, "forecaster")
        self._call = self._model.get_signature_runner(FORECAST)
        taken = {name: _shape(each) for name, each in self._call.get_input_details().items()}
        made = _shape(self._call.get_output_details()[STEPS])
        if taken != shapes or made != [1, plan.horizon, HEADS[plan.head]]:
            raise RnnkitError(f"{folder}: the model takes {taken} and gives {made}; its plan is another. Export again.")

    def _open_steps(self) -> None:
        """The same for a model that goes step by step."""
        plan, folder, states = self.plan, self.bundle.folder, set(self._states)
        told = {NUMBER: [plan.paths]} if plan.numbered else {}
        shapes = {BEFORE: [plan.paths, 1], FUTURE: [plan.paths, plan.ahead_features], **told}
        given = dict.fromkeys(states, "f")
        require_signatures(
            self._model,
            {ENCODE: {PAST}, STEP: {*shapes, *states}},
            {ENCODE: given, STEP: {STEPS: "f", **given}},
            folder,
            "forecaster",
        )
        self._call, self._next = (self._model.get_signature_runner(name) for name in (ENCODE, STEP))
        taken, made = self._next.get_input_details(), self._next.get_output_details()
        require_shapes(made, taken, self._states, folder)
        past = _shape(self._call.get_input_details()[PAST])
        found = {name: _shape(taken[name]) for name in shapes}
        wanted = [plan.paths, HEADS[plan.head]]
        if past != [1, plan.look_back, plan.past_features] or found != shapes or _shape(made[STEPS]) != wanted:
            raise RnnkitError(f"{folder}: the model takes {past} and {found}; its plan is another. Export again.")


def _shape(details: Mapping[str, Any]) -> list[int]:
    return [int(side) for side in details["shape"]]
