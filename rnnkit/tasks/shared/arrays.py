"""The exporter of tasks from sequences of numbers to numbers; their runner is `rnnkit.lite.tasks.arrays`."""

from typing import Any

import numpy as np

from rnnkit.export.contract import Exporter
from rnnkit.export.padded import over_real_steps
from rnnkit.export.parity import Values
from rnnkit.export.servable import FIXED, Input, Servable, unroll_of
from rnnkit.tasks.base.build import Build


class ArraysExporter(Exporter):
    """Exports a task whose network takes `[batch, time, features]` and gives `[batch, outputs]`, both float32.

    With `Build(masked=False)` the task builds it without a mask, for sequences of their own length; with
    `Build(unroll=True)` for exactly `options.max_length` steps, those of padding NaN
    (`rnnkit.layers.padding.NaNMasking`).
    """

    runner = "arrays"
    compares_as = Values()
    quantizations = ("none", "float16", "dynamic")
    strategies = ("padded", "loop", "unroll")
    takes_length = True

    def servables(self, strategy: str) -> dict[str, Servable]:
        """values in, outputs out, padded to a fixed length or not at all."""
        fixed = strategy in FIXED
        network = self.task.build(Build(unroll=unroll_of(strategy), masked=strategy == "unroll"))
        network.set_weights(self.task.network.get_weights())
        features = network.input_shape[-1]
        specs = (Input("values", (1, self.most if fixed else None, features), "float32"),)

        def outputs(values: Any) -> Any:
            return network(values, training=False)

        function = over_real_steps(outputs) if strategy == "padded" else outputs
        return {"model": Servable(network, function, specs, "outputs", fixed_length=fixed)}

    def describe(self) -> dict[str, Any]:
        network = self.task.network
        return {
            "max_length": self.most,
            "features": network.input_shape[-1],
            "outputs": [{"name": "outputs", "shape": [1, network.output_shape[-1]], "dtype": "float32"}],
        }

    def inputs(self, examples: Any, fixed_length: bool) -> list[np.ndarray]:
        return [row[None] for row in examples.inputs]  # in their own lengths: no form that is fed with these is fixed
