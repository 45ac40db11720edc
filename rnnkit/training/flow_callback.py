"""The Keras callback that watches the gradient flow while a model learns."""

from typing import Any

import keras

from rnnkit.training.flow_verdict import Flow
from rnnkit.training.gradient_flow import measure


class GradientFlow(keras.callbacks.Callback):
    """Measures after each epoch how much gradient reaches each time step of each recurrent layer.

    Adds `gradient_flow_factor` to the epoch's figures, by what the gradient grows or shrinks for each step back; where
    there are several layers or directions, one for each with its name behind it. Keras's own history has it from there.

    Args:
        inputs: One batch of inputs, the same after each epoch. Some ten rows are enough.
        targets: Their targets.

    Attributes:
        history: For each epoch what `measure` found.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import GRU
    >>> x, y = np.ones((4, 10, 1)), np.ones((4, 1))
    >>> inputs = keras.Input((10, 1))
    >>> model = keras.Model(inputs, keras.layers.Dense(1)(GRU(4)(inputs)))
    >>> model.compile("adam", "mse")
    >>> flow = GradientFlow(x, y)
    >>> sorted(model.fit(x, y, epochs=2, verbose=0, callbacks=[flow]).history)
    ['gradient_flow_factor', 'loss']
    >>> [found[0].cell for found in flow.history]
    ['gru', 'gru']
    """

    def __init__(self, inputs: Any, targets: Any) -> None:
        super().__init__()
        self.inputs, self.targets = inputs, targets
        self.history: list[list[Flow]] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        found = measure(self.model, self.inputs, self.targets)
        self.history.append(found)
        if logs is not None:
            for flow in found:
                logs["gradient_flow_factor" + (f"_{flow.name}" if len(found) > 1 else "")] = flow.factor
