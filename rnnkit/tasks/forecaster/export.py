"""`Forecaster` as files: the scaled numbers of a window in, the parameters of each step ahead out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from rnnkit.codec.forecast_heads import HEADS
from rnnkit.codec.forecast_plan import FUTURE, NUMBER, PAST
from rnnkit.export.contract import Exporter
from rnnkit.export.parity import Agreement, Values
from rnnkit.export.saved_model import write_saved_model
from rnnkit.export.servable import Input, ServableParts, Signature, unroll_of
from rnnkit.lite.tasks.forecaster import FORECAST, STEPS
from rnnkit.tasks.base.build import Build
from rnnkit.tasks.forecaster.encoded import rows_of
from rnnkit.tasks.forecaster.preprocessing import PLAN_FILE

Tensor = Any


class ForecasterExporter(Exporter):
    """Exports a `Forecaster`."""

    runner = "forecaster"
    compares_as = Values()
    quantizations = ("none", "float16", "dynamic")
    strategies = ("loop", "unroll")

    def servables(self, strategy: str) -> dict[str, ServableParts]:
        """The file of a window."""
        network = self._network(Build(unroll=unroll_of(strategy), masked=False))
        return {"model": ServableParts(network, {FORECAST: self._signature(network, 1)})}

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
            specs.append(Input(FUTURE, (batch, plan.horizon, plan.future_features), "float32"))
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
        parts = ServableParts(network, {"serving_default": self._signature(network, None)})

        def agreement_of(saved: Path) -> Agreement:
            run = tf.saved_model.load(str(saved)).signatures["serving_default"]
            given = {name: tf.constant(value) for name, value in compared.gather().inputs.items()}
            return self.agreement(compared, run(**given)[STEPS].numpy(), source)

        return write_saved_model(folder, parts.save, agreement_of, self.compares_as)
