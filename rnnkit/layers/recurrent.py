"""The layer that runs any cell over time: stacked, in both directions, with masks and states."""

import inspect
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from rnnkit.layers.cell import RecurrentCell
from rnnkit.layers.checks import check_counts
from rnnkit.layers.copies import blocks_of, cells_of, seed_of
from rnnkit.layers.merge import check_merge_mode
from rnnkit.layers.pooling import RunningPool
from rnnkit.layers.stack import run_stack
from rnnkit.layers.states import Start, carried_states, given_states, states_of_batch
from rnnkit.layers.weight_drop import dropped_weights, recurrent_weights

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class Recurrent(keras.layers.Layer):
    """Runs a cell over time.

    Args:
        cell: A `RecurrentCell`; every layer and direction gets a copy with weights of its own.
        layers: How many recurrent layers stand on one another (a stacked RNN).
        input_layers: Fully connected layers from the input to each layer's cell (a deep input-to-hidden RNN).
        transition_layers: The same from one step to the next (a deep transition RNN).
        output_layers: The same behind each layer's cell (a deep output RNN).
        depth_activation: What these squash with.
        bidirectional: Also runs each layer from the end to the start.
        merge_mode: How the two directions meet: "concat", "sum", "mul" or "ave".
        return_sequences: Returns the outputs of all time steps, `[batch, time, features]`.
        return_state: Also returns the last states, layer by layer, forward before backward, in `state_names` order.
        pooling: Without `return_sequences`, what is made of the outputs: "last", "mean", "max" or "mean_max". Each
            direction is pooled, then merged; with `residual` the sum is pooled. "last" of a row of hidden steps only
            is its initial state.
        go_backwards: Runs from the end to the start and returns sequences in that order, as Keras does.
        stateful: Carries the states from one call to the next (needs a fixed batch size); `reset_state()` clears.
        unroll: True writes all steps out (needs a known length); a number so many for each turn of the loop.
        dropout_between: Share of features dropped between layers.
        residual: Shortcuts around each layer from the second on, and around the fully connected layers of each kind.
        block: Puts a `ResidualBlock` around each layer, whose MLP is so many times as wide as `units`; 0 for none. Its
            `dropout_between` is what is dropped of the layers' outputs.
        initial_state: Where none is given, states begin as "zeros", "random" (in training) or "learned".
        truncate: No gradient flows back over each so manieth step (truncated BPTT); 0 for all.
        weight_drop: Share of the recurrent weights dropped in training, the same for all steps of a call.

    Call arguments:
        inputs: `[batch, time, features]`. The last is the time since the step before, for all cells with `time="last"`.
        mask: `[batch, time]`, true where a step counts. Hidden steps change no state and enter no pool, wherever
            they stand; with `return_sequences` what is returned at them has no meaning.
        initial_state: A list of tensors in the order of `return_state`, each `[batch, size]`.
        training: Whether dropout and zoneout are at work.
        begins: `[batch, time]`, true where a new sequence begins, whose states are zeros.

    Raises:
        ValueError: For an unknown name, numbers of layers out of range, or states that do not fit.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import GRUCell
    >>> layer = Recurrent(GRUCell(8), layers=2, bidirectional=True, return_sequences=True)
    >>> layer(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 5, 16])

    Reference:
        Pascanu et al., How to Construct Deep Recurrent Neural Networks, ICLR 2014 (arXiv:1312.6026);
        Schuster & Paliwal, Bidirectional Recurrent Neural Networks, IEEE TSP 45(11), 1997.
    """

    def __init__(
        self,
        cell: RecurrentCell,
        *,
        layers: int = 1,
        input_layers: int = 0,
        transition_layers: int = 0,
        output_layers: int = 0,
        depth_activation: Any = "tanh",
        bidirectional: bool = False,
        merge_mode: str = "concat",
        return_sequences: bool = False,
        return_state: bool = False,
        pooling: str = "last",
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool | int = False,
        dropout_between: float = 0.0,
        residual: bool = False,
        block: int = 0,
        initial_state: str = "zeros",
        truncate: int = 0,
        weight_drop: float = 0.0,
        **kwargs: Any,
    ) -> None:
        if not isinstance(cell, RecurrentCell):
            raise ValueError(f"cell is {cell!r}; expected a RecurrentCell, for example LSTMCell(64).")
        super().__init__(**{"dtype": cell.dtype_policy, **kwargs})
        if self.dtype_policy.name != cell.dtype_policy.name:
            mine, other = self.dtype_policy.name, cell.dtype_policy.name
            raise ValueError(f"The layer's dtype is {mine} and its cell's is {other}; give it to the cell alone.")
        depths = {"input_layers": input_layers, "transition_layers": transition_layers, "output_layers": output_layers}
        check_counts(layers, **depths, truncate=truncate, block=block)
        if block and residual:
            raise ValueError("block has shortcuts of its own; leave residual out.")
        if stateful and initial_state != "zeros":
            raise ValueError(f"stateful=True carries its states over, so initial_state={initial_state!r} is lost.")
        self.cell, self.layers = cell, layers
        self.input_layers, self.transition_layers, self.output_layers = input_layers, transition_layers, output_layers
        self.depth_activation = depth_activation
        self.bidirectional, self.merge_mode = bidirectional, check_merge_mode(merge_mode)
        self.return_sequences, self.return_state = return_sequences, return_state
        self.pooling = pooling
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.dropout_between = dropout_between
        self.residual, self.block = residual, block
        self.initial_state = initial_state
        self.truncate, self.weight_drop = truncate, weight_drop
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(ndim=3)
        self._pool_width = RunningPool(pooling).width
        self._start = Start(initial_state)
        self.forward_cells, self.backward_cells = cells_of(self)
        self.blocks = blocks_of(self)
        self.seed_generator = keras.random.SeedGenerator(seed_of(self, 2 * layers))
        self.states: list[keras.Variable] = []

    @property
    def cells(self) -> list[RecurrentCell]:
        """All cells in the order of their states: layer by layer, forward before backward."""
        if not self.bidirectional:
            return self.forward_cells
        return [cell for pair in zip(self.forward_cells, self.backward_cells, strict=True) for cell in pair]

    @property
    def sequence_size(self) -> int:
        """Features of a layer's output at one time step."""
        return self.cell.units if self.block else self.merged_size

    @property
    def merged_size(self) -> int:
        """The same without a block."""
        doubled = self.bidirectional and self.merge_mode == "concat"
        return self.forward_cells[0].output_size * (2 if doubled else 1)

    @property
    def output_size(self) -> int:
        """Features of the output."""
        return self.sequence_size * (1 if self.return_sequences else self._pool_width)

    def build(self, input_shape: Sequence[int | None]) -> None:
        features = input_shape[-1]
        for index in range(self.layers):
            for cell in self.directions(index):
                if not cell.built:  # one that was loaded from a file is
                    cell.build((input_shape[0], features))
            if self.block:
                self.blocks[index].build((None, (features or 0) - self.cell.time_columns), self.merged_size)
            features = self.sequence_size + self.cell.time_columns
        if self.weight_drop:
            all(map(recurrent_weights, self.cells))  # refused now, not within a call
        self._start.build(self, self.cells)
        if self.stateful:
            self.states = carried_states(self, self.cells, input_shape[0])
        if not self.trainable:  # type: ignore[has-type]  # said again: Keras passes a change on to the parts there are
            self.trainable = True
            self.trainable = False
        self.built = True

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> Any:
        batch, time = input_shape[0], input_shape[1]
        output = (batch, time, self.output_size) if self.return_sequences else (batch, self.output_size)
        if not self.return_state:
            return output
        return [output, *((batch, size) for cell in self.cells for size in cell.state_size)]

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> Any:
        output = mask if self.return_sequences else None
        if output is not None and self.go_backwards:
            output = ops.flip(output, axis=1)  # as the outputs are
        if not self.return_state:
            return output
        return [output, *(None for cell in self.cells for _ in cell.state_size)]

    def call(
        self,
        inputs: Tensor,
        mask: Tensor | None = None,
        initial_state: Any = None,
        training: bool = False,
        begins: Tensor | None = None,
    ) -> Any:
        states = self._initial(inputs, initial_state, training)
        sequence = ops.transpose(inputs, (1, 0, 2))  # [time, batch, features]
        mask, begins = _by_time(mask), _by_time(begins)
        with dropped_weights(self.cells, self.weight_drop if training else 0, self.seed_generator):
            output, last_states = run_stack(self, sequence, mask, states, training, begins)
        if self.return_sequences:
            output = ops.transpose(output, (1, 0, 2))  # [batch, time, features]
            if self.go_backwards:
                output = ops.flip(output, axis=1)
        if self.stateful:
            for variable, state in zip(self.states, last_states, strict=True):
                variable.assign(ops.cast(state, variable.dtype))
        return [output, *last_states] if self.return_state else output

    def directions(self, index: int) -> list[RecurrentCell]:
        """The cells of one layer, forward before backward."""
        return [cells[index] for cells in (self.forward_cells, self.backward_cells) if cells]

    def _initial(self, inputs: Tensor, given: Any, training: bool) -> list[Tensor]:
        """The states before the first step, in the order of `cells`."""
        if given is None and self.stateful:
            given = states_of_batch(self, inputs.shape[0])
        if given is not None:
            return given_states(self.cells, given, self.compute_dtype)
        return self.start_states(ops.shape(inputs)[0], training)

    def start_states(self, batch: Any, training: bool = False) -> list[Tensor]:
        """The initial states where none are given, in the order of `cells`."""
        return self._start.states(self.cells, batch, self.seed_generator, training)

    def reset_state(self) -> None:
        """Zero the states of a stateful layer."""
        for state in self.states:
            state.assign(ops.zeros(state.shape, state.dtype))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "cell": keras.saving.serialize_keras_object(self.cell),
            **{name: getattr(self, name) for name in OPTIONS},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Recurrent":
        cell = config["cell"]
        return cls(
            **{**config, "cell": keras.saving.deserialize_keras_object(cell) if isinstance(cell, dict) else cell}
        )


def _by_time(flags: Tensor | None) -> Tensor | None:
    """`[batch, time]` as `[time, batch, 1]`."""
    return None if flags is None else ops.expand_dims(ops.transpose(ops.cast(flags, "bool")), -1)


#: The layer's own arguments, beside the cell's.
_PARAMETERS = inspect.signature(Recurrent.__init__).parameters.values()
OPTIONS = tuple(each.name for each in _PARAMETERS if each.kind is each.KEYWORD_ONLY)
