"""`Forecaster` as files: the scaled numbers of a window in, the parameters of each step ahead out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from rnnkit.codec.forecast_heads import HEADS
from rnnkit.codec.forecast_paths import median_path, walked
from rnnkit.codec.forecast_plan import BEFORE, FUTURE, NUMBER, PAST
from rnnkit.export.contract import Exporter
from rnnkit.export.parity import Agreement, Values
from rnnkit.export.saved_model import write_saved_model
from rnnkit.export.servable import Input, ServableParts, Signature, named, unroll_of
from rnnkit.lite.step_file import STATE, STEP
from rnnkit.lite.tasks.forecaster import ENCODE, FORECAST, STEPS
from rnnkit.tasks.base.build import Build
from rnnkit.tasks.forecaster.encoded import rows_of
from rnnkit.tasks.forecaster.preprocessing import PLAN_FILE
from rnnkit.tasks.forecaster.stepwise import Stepping

Tensor = Any


class ForecasterExporter(Exporter):
    """Exports a `Forecaster`."""

    runner = "forecaster"
    compares_as = Values(together=True)
    quantizations = ("none", "float16", "dynamic")
    strategies = ("loop", "unroll")

    def servables(self, strategy: str) -> dict[str, ServableParts]:
        """The file of a window."""
        network = self._network(Build(unroll=unroll_of(strategy), masked=False))
        if self.task.plan.decoding == "direct":
            return {"model": ServableParts(network, {FORECAST: self._signature(network, 1)})}
        return {"model": ServableParts(network, self._steps(network, 1, self.task.plan.paths))}

    def _steps(self, network: Any, batch: int | None, paths: int | None) -> dict[str, Signature]:
        """encode: past to the states after it; step: the values before a step `[paths, 1]`, its features, the numbers
        of the series and states to the parameters of the step and the new states."""
        plan = self.task.plan
        stepping = Stepping(network, self.task.options, plan)
        states = [Input(f"{STATE}_{at}", (paths, size), "float32") for at, size in enumerate(stepping.sizes)]
        told = [Input(NUMBER, (paths,), "int32")] if plan.numbered else []
        ahead = Input(FUTURE, (paths, plan.ahead_features), "float32")

        def encode(past: Tensor) -> dict[str, Tensor]:
            found = stepping.encoder(past, training=False)
            return named(STATE, found if isinstance(found, list) else [found])

        def step(*tensors: Tensor) -> dict[str, Tensor]:
            found, *after = stepping.stepper(list(tensors), training=False)
            return {STEPS: found, **named(STATE, after)}

        given = Input(PAST, (batch, plan.look_back, plan.past_features), "float32")
        taken = (Input(BEFORE, (paths, 1), "float32"), ahead, *told, *states)
        return {ENCODE: Signature(encode, (given,)), STEP: Signature(step, taken)}

    def _network(self, how: Build) -> Any:
        network = self.task.build(how)
        network.set_weights(self.task.network.get_weights())
        return network

    def _signature(self, network: Any, batch: int | None) -> Signature:
        """past `[batch, look_back, features]`, future `[batch, horizon, features]` and series `[batch]`, as far as the
        network takes them, to steps `[batch, horizon, parameters]`."""
        plan = self.task.plan
        specs = [Input(PAST, (batch, plan.look_back, plan.past_features), "float32")]
        if plan.future_features:
            specs.append(Input(FUTURE, (batch, plan.horizon, plan.ahead_features), "float32"))
        if plan.numbered:
            specs.append(Input(NUMBER, (batch,), "int32"))
        names = [spec.name for spec in specs]

        def forecast(*tensors: Tensor) -> dict[str, Tensor]:
            return {STEPS: network(dict(zip(names, tensors, strict=True)), training=False)}

        return Signature(forecast, tuple(specs))

    def describe(self) -> dict[str, Any]:
        plan = self.task.plan
        shape = [1, plan.horizon, HEADS[plan.head]]
        return {
            "max_length": plan.look_back,
            "outputs": [{"name": STEPS, "shape": shape, "dtype": "float32"}],
            "plan": PLAN_FILE,
            "states": 0 if plan.decoding == "direct" else len(self.task.network.get_layer("recurrent").start_states(1)),
        }

    def expected(self, examples: Any) -> np.ndarray:
        found: np.ndarray = self.task.parameters(examples)
        return found

    def truth(self, examples: Any) -> None:
        return None

    def rows(self, examples: Any) -> Sequence[Any]:
        return rows_of(examples.gather())

    def saved_model(self, folder: Path, compared: Any, source: str) -> dict[str, Any]:
        """Write the signature `serving_default`, of any batch size."""
        network = self._network(Build())
        if self.task.plan.decoding == "stepwise":
            return self._saved_steps(folder, network, compared, source)
        parts = ServableParts(network, {"serving_default": self._signature(network, None)})

        def agreement_of(saved: Path) -> Agreement:
            run = tf.saved_model.load(str(saved)).signatures["serving_default"]
            given = {name: tf.constant(value) for name, value in compared.gather().inputs.items()}
            return self.agreement(compared, run(**given)[STEPS].numpy(), source)

        return write_saved_model(folder, parts.save, agreement_of, self.compares_as)

    def _saved_steps(self, folder: Path, network: Any, compared: Any, source: str) -> dict[str, Any]:
        """Write the signatures `encode` and `step`, of any number of rows."""
        plan, signatures = self.task.plan, self._steps(network, None, None)

        def agreement_of(saved: Path) -> Agreement:
            run, found = tf.saved_model.load(str(saved)).signatures, compared.gather()
            names = [spec.name for spec in signatures[STEP].specs]

            def step(before: Any, future: Any, numbers: Any, states: Any) -> Any:
                given = [before, future, *([numbers] if plan.numbered else []), *states]
                made = run[STEP](**{name: tf.constant(each) for name, each in zip(names, given, strict=True)})
                return made[STEPS].numpy(), [made[name].numpy() for name in names if name.startswith(STATE)]

            made = run[ENCODE](**{PAST: tf.constant(found.inputs[PAST])})
            states = [made[name].numpy() for name in names if name.startswith(STATE)]
            path = median_path(plan.horizon)
            theirs = walked(plan, step, states, found.inputs, np.ones_like(found.scale), path)[0][:, 0]
            return self.agreement(compared, theirs, source)

        return write_saved_model(folder, ServableParts(network, signatures).save, agreement_of, self.compares_as)
