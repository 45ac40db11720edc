"""The cell under test, with weights that tell gates apart and data to run it on."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from keras import ops

from rnnkit.layers.cell import RecurrentCell
from rnnkit.layers.recurrent import Recurrent
from rnnkit.testing.require import ContractError

#: `(weights by name, inputs [time, batch, features], states) -> outputs [time, batch, units]`, all NumPy.
Reference = Callable[[dict[str, np.ndarray], np.ndarray, list[np.ndarray]], np.ndarray]
BATCH, TIME = 3, 7


@dataclass
class Subject:
    """A cell class, its constructor's arguments, and deterministic inputs.

    Attributes:
        cell_class: What is tested.
        units: Not equal to `features`, so that a mixed-up axis shows.
        features: Width of the inputs.
        arguments: What the constructor is given beside `units`.
        reference: The formula in NumPy, or None.
    """

    cell_class: type[RecurrentCell]
    units: int
    features: int
    arguments: Mapping[str, Any] = field(default_factory=dict)
    reference: Reference | None = None

    def cell(self, **changes: Any) -> RecurrentCell:
        """A new cell, not yet built."""
        return self.cell_class(self.units, **{**self.arguments, **changes})

    def layer(self, cell: Mapping[str, Any] | None = None, like: Recurrent | None = None, **options: Any) -> Recurrent:
        """A built layer with random weights, or those of `like`; `cell` holds changes of the cell's arguments."""
        layer = Recurrent(self.cell(**(cell or {})), **options)
        layer.build((BATCH if options.get("stateful") else None, None, self.features))
        return fill(layer, like)

    def class_layer(self) -> Callable[..., Recurrent]:
        """The layer made from the cell by `recurrent_layer`, which stands beside it in its module."""
        name = self.cell_class.__name__.removesuffix("Cell")
        found = getattr(importlib.import_module(self.cell_class.__module__), name, None)
        if not (isinstance(found, type) and issubclass(found, Recurrent)):
            raise ContractError(
                f"{self.cell_class.__module__} has no layer {name!r}. Write below the cell: "
                f"{name} = recurrent_layer({self.cell_class.__name__})"
            )
        return found

    def inputs(self, batch: int = BATCH, time: int = TIME) -> np.ndarray:
        """Random inputs, `[batch, time, features]`."""
        return np.random.default_rng(1).normal(size=(batch, time, self.features)).astype("float32")

    def states(self, layer: Recurrent, batch: int = BATCH) -> list[np.ndarray]:
        """States before the first step, for all cells of a layer: those that some random steps lead to, since not
        every number is a state (a normaliser is positive, a counter whole)."""
        random, found = np.random.default_rng(2), []
        for cell in layer.cells:
            states = cell.get_initial_state(batch)
            features = cell.get_build_config()["input_shape"][-1]
            for _ in range(3):
                _, states = cell(ops.convert_to_tensor(random.normal(size=(batch, features)), cell.dtype), states)
            found += [np.asarray(ops.convert_to_numpy(state), "float32") for state in states]
        return found

    @staticmethod
    def mask() -> np.ndarray:
        """Whole, right-padded and hole-ridden rows, `[batch, time]`, true where a step counts."""
        mask = np.ones((BATCH, TIME), bool)
        mask[1, 4:] = False
        mask[2, [0, 3]] = False
        return mask


def fill(layer: Recurrent, like: Recurrent | None = None) -> Recurrent:
    """Give a built layer random weights, or those of `like`, cell by cell; return the layer."""
    if like is None:
        randomize(layer.trainable_weights)
    else:
        for mine, theirs in zip(layer.cells, like.cells, strict=True):
            mine.set_weights(theirs.get_weights())
    return layer


def randomize(weights: list[Any]) -> None:
    """Move every number of every weight, so that none is equal to another and no gate can be taken for another."""
    random = np.random.default_rng(0)
    for weight in weights:
        start = np.asarray(weight.numpy())
        weight.assign(start + random.normal(scale=0.3, size=start.shape).astype(start.dtype))


def named(cell: RecurrentCell) -> dict[str, np.ndarray]:
    """A cell's weights by name, as float64."""
    return {weight.name: weight.numpy().astype("float64") for weight in cell.weights}
