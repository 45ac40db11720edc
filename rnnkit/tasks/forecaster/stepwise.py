"""The network of `Forecaster` step by step: a cell over the history and on into the future, a value after the other."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from rnnkit.codec.forecast_heads import HEADS
from rnnkit.codec.forecast_paths import walked
from rnnkit.codec.forecast_plan import BEFORE, FUTURE, NUMBER, PAST, ForecastPlan
from rnnkit.lite.step_file import STATE
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.recurrent_part import recurrent, recurrent_model
from rnnkit.tasks.forecaster.network import HorizonQueries, placed

Tensor = Any
_ROWS = 8_192  # paths that are walked together


class _Parts:
    """The layers, by which the network is called as a whole and in parts."""

    def __init__(self, options: Any, plan: ForecastPlan, how: Build) -> None:
        policy = how.policy(options)
        self.options, self.plan = options, plan
        self.read = layers.Dense(options.units, activation="relu", dtype=policy, name="steps_read")
        self.ask = layers.Dense(options.units, activation="relu", dtype=policy, name="step_ahead")
        series = len(plan.series) if plan.numbered else 0
        self.named = HorizonQueries(options.units, 1, series, dtype=policy, name="queries")
        self.cell = recurrent(options, policy, unroll=how.unroll, return_sequences=True, return_state=True)
        self.dropout = layers.Dropout(options.dropout, seed=options.seed + 2, dtype=policy, name="dropout")
        self.gate = layers.Dense(1, activation="sigmoid", dtype="float32", name="gate")
        self.head = layers.Dense(HEADS[plan.head], dtype="float32", name="steps")

    def states(self, past: Tensor) -> list[Tensor]:
        """The states after the history."""
        return list(self.cell(self.read(past))[1:])

    def ahead(
        self, before: Tensor, future: Tensor, number: Tensor | None, states: Sequence[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """From the values before steps `[batch, steps, 1]`, their features and states to their parameters and the
        states after them."""
        asked = self.ask(ops.concatenate([before, future], axis=-1)) + self.named(before, number)
        found, *after = self.cell(asked, initial_state=list(states))
        found = self.dropout(found)
        parameters = self.head(found)
        if self.options.shortcut in ("season", "gated"):
            season = placed(future[:, :, :1], self.plan.head)
            parameters = parameters + (season * self.gate(found) if self.options.shortcut == "gated" else season)
        return parameters, list(after)


def _inputs(plan: ForecastPlan) -> dict[str, Any]:
    """The inputs of the windows."""
    given = {PAST: keras.Input((plan.look_back, plan.past_features), dtype="float32", name=PAST)}
    given[FUTURE] = keras.Input((plan.horizon, plan.ahead_features), dtype="float32", name=FUTURE)
    if plan.numbered:
        given[NUMBER] = keras.Input((), dtype="int32", name=NUMBER)
    return given


def stepwise_network(options: Any, plan: ForecastPlan, how: Build = INFERENCE, name: str = "forecaster") -> keras.Model:
    """The network as it is trained, on the true values before each step, to the parameters of all steps ahead.

    Args:
        options: `ForecasterOptions`.
        plan: That of the preprocessing.
        how: What it is built for.
        name: The name of the Keras model.

    Reference:
        Salinas et al., DeepAR: Probabilistic Forecasting with Autoregressive Recurrent Networks, IJF 36(3), 2020
        (arXiv:1704.04110).
    """
    parts, given = _Parts(options, plan, how), _inputs(plan)
    given[BEFORE] = before = keras.Input((plan.horizon, 1), dtype="float32", name=BEFORE)
    outputs, _ = parts.ahead(before, given[FUTURE], given.get(NUMBER), parts.states(given[PAST]))
    return recurrent_model(given, outputs, options, how, name)


class Stepping:
    """A trained network in two functions: the states after a history, and a step ahead.

    Args:
        network: What `stepwise_network` gave.
        options: Its options.
        plan: Its plan.
    """

    def __init__(self, network: keras.Model, options: Any, plan: ForecastPlan) -> None:
        parts = _Parts.__new__(_Parts)
        parts.options, parts.plan = options, plan
        parts.read, parts.ask, parts.named, parts.cell, parts.dropout, parts.head = (
            network.get_layer(name) for name in ("steps_read", "step_ahead", "queries", "recurrent", "dropout", "steps")
        )
        parts.gate = network.get_layer("gate") if options.shortcut == "gated" else parts.head
        self.plan = plan
        past = keras.Input((plan.look_back, plan.past_features), dtype="float32", name=PAST)
        self.encoder = keras.Model(past, parts.states(past))
        self.sizes = [int(size) for cell in parts.cell.cells for size in cell.state_size]
        before = keras.Input((1,), dtype="float32", name=BEFORE)
        future = keras.Input((plan.ahead_features,), dtype="float32", name=FUTURE)
        number = keras.Input((), dtype="int32", name=NUMBER)
        states = [keras.Input((size,), dtype="float32", name=f"{STATE}_{at}") for at, size in enumerate(self.sizes)]
        told = number if plan.numbered else None
        parameters, after = parts.ahead(before[:, None], future[:, None], told, states)
        given = [before, future, *([number] if plan.numbered else []), *states]
        self.stepper = keras.Model(given, [parameters[:, 0], *after])

    def step(
        self, before: np.ndarray, future: np.ndarray, numbers: np.ndarray, states: Sequence[np.ndarray]
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """A step of the network, in NumPy's numbers."""
        told = [numbers] if self.plan.numbered else []
        found, *after = self.stepper.predict_on_batch([before, future, *told, *states])
        return found, after

    def walked(
        self, inputs: Mapping[str, np.ndarray], scale: np.ndarray, chances: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """`rnnkit.codec.forecast_paths.walked`, some windows at a time."""
        most = max(1, _ROWS // len(chances))
        found = []
        for first in range(0, len(scale), most):
            some = {name: value[first : first + most] for name, value in inputs.items()}
            states = self.encoder.predict_on_batch(some[PAST])
            states = states if isinstance(states, list) else [states]
            found.append(walked(self.plan, self.step, states, some, scale[first : first + most], chances))
        parameters, values = zip(*found, strict=True)
        return np.concatenate(parameters), np.concatenate(values)
