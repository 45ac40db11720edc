"""Depth within a time step: a cell with more layers before it, between its steps, or after it."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import keras
from keras import ops

from rnnkit.errors import RnnkitError
from rnnkit.layers.cell import RecurrentCell
from rnnkit.layers.pooling import last_shown
from rnnkit.layers.scanning import scanned
from rnnkit.layers.time_columns import split_times, with_times

Tensor = Any
#: The arguments of `Recurrent` that say how deep each part is.
DEPTHS = ("input_layers", "transition_layers", "output_layers")
_OUTPUT = "deep_output"


class DeepCell(RecurrentCell):
    """A deep cell after Pascanu et al.; `Recurrent` builds it from its own arguments.

    Equations:
        x~ = MLP(x)                      deep input-to-hidden, `input_layers`
        h~ = MLP(h')                     deep transition, `transition_layers`; what the cell then sees as its last h
        (h, ...) = cell(x~, h~, ...)
        y = MLP(h)                       deep output, `output_layers`; h itself goes on to the next step
    with MLP(v) = f(W_n ... f(W_1 v + b_1) ... + b_n), and with shortcuts v + MLP(v), through a matrix where the widths
    of the two differ.

    Args:
        cell: The cell that is made deep, not yet built.
        input_layers: Layers before the cell, each of its `units`.
        transition_layers: Layers between its steps, each of its output's width.
        output_layers: Layers behind it, each of its output's width.
        activation: f.
        shortcuts: Adds what goes into each of the three to what comes out.

    Raises:
        RnnkitError: For a deep transition of a cell whose next step does not read its output.

    Example:

    >>> from rnnkit.cells import GRUCell
    >>> DeepCell(GRUCell(8), output_layers=1).state_names
    ('deep_output', 'h')

    Reference:
        Pascanu et al., How to Construct Deep Recurrent Neural Networks, ICLR 2014 (arXiv:1312.6026), figure 2 and
        section 3.3.
    """

    def __init__(
        self,
        cell: RecurrentCell,
        *,
        input_layers: int = 0,
        transition_layers: int = 0,
        output_layers: int = 0,
        activation: Any = "tanh",
        shortcuts: bool = False,
    ) -> None:
        if transition_layers and not takes_transition(cell):
            raise RnnkitError(
                f"transition_layers means nothing to {type(cell).__name__}: its next step does not read its last "
                "output. Use input_layers or output_layers."
            )
        super().__init__(
            cell.units,
            activation=activation,
            dropout=cell.dropout,
            recurrent_dropout=cell.recurrent_dropout,
            variational=cell.variational,
            zoneout=cell.zoneout,
            seed=cell.seed,
            dtype=cell.dtype_policy,
            name=f"deep_{cell.name}",
        )
        self.cell, self.time_columns = cell, cell.time_columns
        self.input_part = DeepPart(input_layers, cell.units, self.activation, shortcuts, self.dtype_policy)
        self.transition = DeepPart(transition_layers, cell.output_size, self.activation, shortcuts, self.dtype_policy)
        self.output_part = DeepPart(output_layers, cell.output_size, self.activation, shortcuts, self.dtype_policy)

    @property
    def state_names(self) -> tuple[str, ...]:  # type: ignore[override]
        return (_OUTPUT, *self.cell.state_names) if self.output_part.layers else self.cell.state_names

    @property
    def state_size(self) -> list[int]:
        inner = self.cell.state_size
        return [inner[0], *inner] if self.output_part.layers else inner

    @property
    def idle_states(self) -> tuple[str, ...]:  # type: ignore[override]
        return (_OUTPUT, *self.cell.idle_states) if self.output_part.layers else self.cell.idle_states

    @property
    def zero_start(self) -> tuple[str, ...]:  # type: ignore[override]
        return self.cell.zero_start

    def build(self, input_shape: Sequence[int | None]) -> None:
        features = (input_shape[-1] or 0) - self.time_columns
        self.input_part.build((None, features))
        self.transition.build((None, self.cell.output_size))
        self.output_part.build((None, self.cell.output_size))
        if not self.cell.built:
            entering = self.cell.units if self.input_part.layers else features
            self.cell.build((input_shape[0], entering + self.time_columns))
        self.built = True

    def preparing(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return self.cell.preparing()

    def project(self, x: Tensor) -> Tensor:
        return self.cell.project(self._entering(x))

    def step(self, x: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        h, *rest = self._inner(states)
        new = self.cell.dropped_step(x, (self.transition(h), *rest), self._recurrent_mask)
        return (self.output_part(new[0]), *new) if self.output_part.layers else new

    def scan(
        self, inputs: Tensor, states: Sequence[Tensor], mask: Tensor | None, begins: Tensor | None = None
    ) -> tuple[Tensor, tuple[Tensor, ...]] | None:
        whole = None
        if not self.transition.layers:
            whole = scanned(self.cell, self._entering(inputs), self._inner(states), mask, begins)
        if whole is None or not self.output_part.layers:
            return whole
        outputs = self.output_part(whole[0])
        return outputs, (last_shown(outputs, states[0], mask), *whole[1])

    def sample_recurrent_mask(self, *leading: Any) -> Tensor:
        return self.cell.sample_recurrent_mask(*leading)

    def _entering(self, x: Tensor) -> Tensor:
        """What the inner cell gets as its input."""
        features, times = split_times(x, self.time_columns)
        return with_times(self.input_part(features), times)

    def _inner(self, states: Sequence[Tensor]) -> Sequence[Tensor]:
        return states[1:] if self.output_part.layers else states


def takes_transition(cell: RecurrentCell | type[RecurrentCell]) -> bool:
    """Whether a cell allows layers between its output and its next step.

    Example:

    >>> from rnnkit.cells import GRUCell, LRUCell
    >>> takes_transition(GRUCell), takes_transition(LRUCell)
    (True, False)
    """
    return cell.state_names[0] not in cell.idle_states


class DeepPart(keras.layers.Layer):
    """`layers` fully connected layers of the same width, with or without a shortcut; 0 layers are the identity."""

    def __init__(self, layers: int, units: int, activation: Any, shortcut: bool, dtype: Any) -> None:
        super().__init__(dtype=dtype)
        self.units, self.shortcut = units, shortcut
        self.layers = [keras.layers.Dense(units, activation, dtype=dtype) for _ in range(layers)]
        self.adapter: keras.layers.Dense | None = None

    def build(self, input_shape: Sequence[int | None]) -> None:
        features = input_shape[-1]
        if self.layers and self.shortcut and features != self.units:
            self.adapter = keras.layers.Dense(self.units, use_bias=False, dtype=self.dtype_policy)
            self.adapter.build((None, features))
        for layer in self.layers:
            layer.build((None, features))
            features = self.units
        self.built = True

    def call(self, v: Tensor) -> Tensor:
        if not self.layers:
            return v
        around = v if self.adapter is None else self.adapter(v)
        for layer in self.layers:
            v = layer(v)
        return v + ops.cast(around, v.dtype) if self.shortcut else v
