"""The cell contract: the base class of every recurrent cell."""

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from rnnkit.errors import RnnkitError
from rnnkit.layers.cell_config import anew, constructor_arguments, plain
from rnnkit.layers.cell_noise import StateNoise, Tensor
from rnnkit.layers.cell_prepared import Prepared
from rnnkit.layers.chrono import check_longest, chrono_bias
from rnnkit.layers.products import product
from rnnkit.layers.scanning import over_time


class RecurrentCell(StateNoise, Prepared, keras.layers.Layer):
    """One time step of a recurrent network.

    A subclass declares `state_names` and `gate_names`, and writes `step` (and `project`, when the part that depends
    on the input alone is more than one matrix product). Everything else - configuration, dropout, zoneout, running
    over time, stacking, both directions, masks, export - follows from those.

    The definition of a cell is `step(project(x), *states)`, applied over and over. `project` is split off because it
    can be computed for all time steps at once.

    Args:
        units: Width of the state and of the output.
        activation: Squashes the candidate state.
        recurrent_activation: Squashes the gates.
        use_bias: Whether the gates have biases.
        kernel_initializer: For the input weights `kernel`, `[features, gates * units]`.
        recurrent_initializer: For the recurrent weights `recurrent_kernel`, `[units, gates * units]`.
        bias_initializer: For the biases.
        longest: The longest dependency, in time steps: spreads the biases of the gates that hold the state, so that the
            units together remember over all lengths up to it (chrono initialisation, Tallec & Ollivier 2018).
        kernel_regularizer: For `kernel`.
        recurrent_regularizer: For `recurrent_kernel`.
        bias_regularizer: For the biases.
        dropout: Share of input features dropped, 0 to 1.
        recurrent_dropout: Share of the recurrent inputs (the state a cell multiplies by `recurrent_kernel`) dropped.
        variational: One dropout mask for all time steps (Gal & Ghahramani 2016) instead of a fresh one at each.
        zoneout: Chance that a unit keeps its old state for a step (Krueger et al. 2017).
        seed: Seeds the dropout and zoneout masks.
    """

    #: Which kind of cell it is: one of `rnnkit.cells.FAMILIES`.
    family: ClassVar[str] = "own"
    state_names: ClassVar[tuple[str, ...]] = ("h",)
    gate_names: ClassVar[tuple[str, ...]] = ("h",)
    recurrent_gates: ClassVar[tuple[str, ...] | None] = None  #: Blocks of `recurrent_kernel`, if others; () for none.
    #: States through which nothing flows from step to step: an output that the next step does not read, a counter.
    #: Zoneout leaves them alone.
    idle_states: ClassVar[tuple[str, ...]] = ()
    #: States that a sequence must begin with at 0, beside the idle ones: where other numbers would mean nothing.
    zero_start: ClassVar[tuple[str, ...]] = ()
    #: Gates that hold the state (1) or replace it (-1), whose biases `longest` spreads.
    chrono_gates: ClassVar[dict[str, int]] = {}
    #: Shared arguments that mean nothing to this cell, and must stay 0.
    refuses: ClassVar[tuple[str, ...]] = ()
    #: Whether it takes `time="last"`, and the columns of times at the end of its input (`rnnkit.layers.time_columns`).
    reads_time: ClassVar[bool] = False
    time_columns: int = 0

    def __init__(
        self,
        units: int,
        *,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        longest: int | None = None,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        variational: bool = True,
        zoneout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(units, int) or isinstance(units, bool) or units < 1:
            raise ValueError(f"units is {units!r}; expected a whole number of 1 or more, for example units=64.")
        for name, rate in (("dropout", dropout), ("recurrent_dropout", recurrent_dropout), ("zoneout", zoneout)):
            if not 0.0 <= rate < 1.0:
                raise ValueError(f"{name} is {rate!r}; expected a share from 0 up to, not including, 1.")
            if rate and name in self.refuses:
                raise RnnkitError(f"{name} means nothing to {type(self).__name__}, so it must be 0, not {rate}.")
        if longest is not None:
            check_longest(longest, self.chrono_gates, type(self).__name__)
        self.units = units
        self.longest = longest
        self.activation = keras.activations.get(activation)
        self.recurrent_activation = keras.activations.get(recurrent_activation)
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = keras.regularizers.get(recurrent_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.dropout, self.recurrent_dropout = dropout, recurrent_dropout
        self.variational, self.zoneout = variational, zoneout
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self._recurrent_mask: Tensor | None = None
        #: Names of the weights that meet the state.
        self.recurrent_names: list[str] = []
        #: Computes a whole sequence in place of the loop; only an exporter sets it (`rnnkit.export.fused`).
        self.sequence_form: Any = None

    # ------------------------------------------------------------------ what a cell writes

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Create `kernel`, `recurrent_kernel` and `bias`, one block of `units` columns for each of `gate_names`."""
        columns, blocks = len(self.gate_names) * self.units, len(self.recurrent_gates or self.gate_names)
        self.kernel = self.add_kernel("kernel", (input_shape[-1], columns))
        if self.recurrent_gates != ():
            self.recurrent_kernel = self.add_recurrent("recurrent_kernel", (self.units, blocks * self.units))
        self.bias = self.add_bias("bias", (columns,))
        self.built = True

    def project(self, x: Tensor) -> Tensor:
        """The part of a step that depends on the input alone: `[..., features]` to `[..., columns]`."""
        return self.affine(x, self.kernel, self.bias)

    def project_sequence(self, inputs: Tensor) -> Tensor:
        """`project` of all time steps in one go: `[time, batch, features]` to `[time, batch, columns]`."""
        return over_time(lambda x: [self.project(x)], inputs)[0]

    def step(self, x: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        """One time step: the projected input and the old states to the new states, the output first.

        Args:
            x: What `project` made of the input, `[batch, columns]`.
            *states: The states in the order of `state_names`, each `[batch, size]`.

        Returns:
            The new states in the same order. The first is the cell's output.
        """
        raise NotImplementedError(f"{type(self).__name__} has no step(x, *states).")

    def scan(
        self, inputs: Tensor, states: Sequence[Tensor], mask: Tensor | None, begins: Tensor | None = None
    ) -> tuple[Tensor, tuple[Tensor, ...]] | None:
        """All time steps at once, for a cell that can do without the loop; None means that it cannot. A cell whose
        `scan` does not take `begins` runs step by step where there are any.

        Args:
            inputs: Not yet projected, `[time, batch, features]`.
            states: The states before the first step.
            mask: `[time, batch, 1]`, true where a step counts, or None.
            begins: `[time, batch, 1]`, true where a new sequence begins, whose states are zeros; or None.

        Returns:
            The outputs, `[time, batch, size]` (without meaning at hidden steps), and the last states: what applying
            `step` over and over gives.
        """
        return None

    @property
    def state_size(self) -> list[int]:
        """Width of each state, in the order of `state_names`."""
        return [self.units] * len(self.state_names)

    # ------------------------------------------------------------------ what a cell writes with

    def add_kernel(self, name: str, shape: Sequence[int | None]) -> Any:
        """Add a weight matrix that meets the input."""
        return self.add_weight(
            name=name, shape=shape, initializer=anew(self.kernel_initializer), regularizer=self.kernel_regularizer
        )

    def add_recurrent(self, name: str, shape: Sequence[int | None]) -> Any:
        """Add a weight matrix that meets the state."""
        start = anew(self.recurrent_initializer)
        self.recurrent_names.append(name)
        return self.add_weight(name=name, shape=shape, initializer=start, regularizer=self.recurrent_regularizer)

    def add_bias(self, name: str, shape: Sequence[int | None], initializer: Any = None) -> Any:
        """Add a bias, or return None with `use_bias=False`."""
        if not self.use_bias:
            return None
        if self.longest and name == "bias":
            biased = self.gate_names[: (shape[0] or 0) // self.units]
            signs = [self.chrono_gates.get(gate, 0) for gate in biased]
            initializer = chrono_bias(initializer or self.bias_initializer, self.longest, signs, self.seed)
        return self.add_weight(
            name=name, shape=shape, initializer=initializer or self.bias_initializer, regularizer=self.bias_regularizer
        )

    def affine(self, x: Tensor, kernel: Any, bias: Any = None) -> Tensor:
        """`x @ kernel + bias`."""
        return product()(x, kernel, bias)

    def recur(self, h: Tensor, kernel: Any = None, bias: Any = None) -> Tensor:
        """`h @ recurrent_kernel + bias`, or with another kernel, with recurrent dropout on h."""
        return self.affine(self.drop(h), self.recurrent_kernel if kernel is None else kernel, bias)

    def blend(self, gate: Tensor, kept: Tensor, new: Tensor) -> Tensor:
        """`gate * kept + (1 - gate) * new`, in three operators instead of four."""
        return new + gate * (kept - new)

    def gates(self, x: Tensor) -> list[Tensor]:
        """Cut `[batch, gates * units]` into one `[batch, units]` for each of `gate_names`."""
        return ops.split(x, len(self.gate_names), axis=-1)

    # ------------------------------------------------------------------ what runs a cell

    @property
    def output_size(self) -> int:
        """Width of the output: the first state."""
        return self.state_size[0]

    def get_initial_state(self, batch_size: Any) -> list[Tensor]:
        """Zeros, one `[batch, size]` for each state."""
        return [ops.zeros((batch_size, size), dtype=self.compute_dtype) for size in self.state_size]

    def call(self, inputs: Tensor, states: Any, training: bool = False) -> tuple[Tensor, list[Tensor]]:
        """One step as `keras.layers.RNN` wants it, so that `keras.layers.RNN(cell)` works too."""
        states = list(states) if isinstance(states, list | tuple) else [states]
        batch = ops.shape(inputs)[0]
        inputs = self.drop_inputs(inputs) if training and self.dropout else inputs
        recurrent_mask = self.sample_recurrent_mask(batch) if training and self.recurrent_dropout else None
        keep_masks = self.sample_keep_masks(batch) if training and self.zoneout else None
        new = self.advance(self.project(inputs), states, recurrent_mask, keep_masks)
        return new[0], list(new)

    # ------------------------------------------------------------------ configuration

    @classmethod
    def arguments(cls) -> dict[str, Any]:
        """Every constructor argument of the cell and its default, the shared ones last.

        Example:

        >>> from rnnkit.cells import MGUCell
        >>> MGUCell.arguments()["zoneout"]
        0.0
        """
        return constructor_arguments(cls, RecurrentCell)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, read off the attributes of the same names."""
        config = super().get_config()
        for name in self.arguments():
            config[name] = plain(getattr(self, name))
        return config
