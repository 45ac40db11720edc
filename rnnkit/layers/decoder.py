"""A recurrent decoder with attention: all steps of a known sequence, or one step at a time."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from rnnkit.errors import RnnkitError
from rnnkit.layers.attention.attention import Attention
from rnnkit.layers.noise import input_noise, noise_at, state_noise
from rnnkit.layers.recurrent import Recurrent
from rnnkit.layers.stack import joined, read, step_stack
from rnnkit.layers.states import given_states
from rnnkit.layers.time_loop import time_loop

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class Decoder(keras.layers.Layer):
    """Recurrent layers that look at a memory after each step.

    Equations:
        h_t, ... = layers(x_t, states)                  without input feeding
        h_t, ... = layers([x_t; h~_{t-1}], states)      with it; h~_0 = 0
        c_t, a_t = attention(h_t, memory)
        h~_t = tanh(W_c [c_t; h_t] + b)                 without attention tanh(W_c h_t + b)
    Why input feeding: a step then knows where the last one looked. It costs speed in training, since attention can
    no longer wait until all h_t are there.

    Args:
        recurrent: The layers, which run forward, are not stateful, and give sequences and states.
        attention: How they look at the memory; None does not look.
        units: Width of h~.
        input_feeding: Whether h~ goes into the next step.

    Call arguments:
        inputs: x, such as word vectors, `[batch, time, features]`.
        initial_state: The states before the first step, in the order of `recurrent.cells`, each `[batch, size]`.
        memory: `[batch, source, features]`; None without attention.
        memory_mask: `[batch, source]`, true where a step of the memory counts.

    Returns:
        h~, `[batch, time, units]`, and the weights a, `[batch, time, source]` (without attention h~ alone).

    Raises:
        ValueError: For other recurrent layers, or where there is attention and no memory.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import GRUCell
    >>> from rnnkit.layers.attention.attention import AdditiveAttention
    >>> stack = Recurrent(GRUCell(6), return_sequences=True, return_state=True)
    >>> decoder = Decoder(stack, AdditiveAttention(6), units=4)
    >>> x, start, memory = (np.zeros(shape, "float32") for shape in ((2, 5, 3), (2, 6), (2, 7, 8)))
    >>> [each.shape for each in decoder(x, initial_state=[start], memory=memory)]
    [TensorShape([2, 5, 4]), TensorShape([2, 5, 7])]

    Reference:
        Luong, Pham & Manning, EMNLP 2015 (arXiv:1508.04025), sections 3.1 and 3.3 (input feeding).
    """

    def __init__(
        self,
        recurrent: Recurrent,
        attention: Attention | None,
        units: int,
        *,
        input_feeding: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if recurrent.bidirectional or recurrent.go_backwards or recurrent.stateful:
            raise ValueError("A decoder's recurrent layer runs forward alone, and is not stateful.")
        if not (recurrent.return_sequences and recurrent.return_state):
            raise ValueError("A decoder's recurrent layer needs return_sequences=True and return_state=True.")
        if recurrent.cell.time_columns:
            raise RnnkitError("A decoder's steps have no times: give its cell time='count' instead of 'last'.")
        if recurrent.truncate and input_feeding:
            raise RnnkitError("truncate does not cut h~, which input feeding carries on; leave one of the two out.")
        if recurrent.block and recurrent.dropout_between and input_feeding:
            raise RnnkitError("dropout_between does not reach into a block's MLP with input feeding; leave one out.")
        self.recurrent, self.attention, self.units, self.input_feeding = recurrent, attention, units, input_feeding
        self.combine = keras.layers.Dense(units, "tanh", dtype=self.dtype_policy, name="combine")

    def build(self, inputs_shape: Any, initial_state_shape: Any = None, memory_shape: Any = None, **_: Any) -> None:
        features = inputs_shape[-1] + (self.units if self.input_feeding else 0)
        if not self.recurrent.built:  # parts that were loaded from a file are
            self.recurrent.build((inputs_shape[0], None, features))
        size = self.recurrent.output_size
        if self.attention is not None:
            if memory_shape is None:
                raise ValueError("A decoder with attention needs memory=, `[batch, source, features]`, to look at.")
            if not self.attention.built:
                self.attention.build((None, None, size), memory_shape)
            size += self.attention.context_size(memory_shape)
        self.combine.build((None, size))
        self.built = True

    def call(
        self,
        inputs: Tensor,
        initial_state: Sequence[Tensor],
        memory: Tensor | None = None,
        memory_mask: Tensor | None = None,
        training: bool = False,
    ) -> Any:
        projected = self.project(memory)
        if self.input_feeding:
            h = self._fed(inputs, list(initial_state), projected, memory_mask, training)
        else:
            h = self.recurrent(inputs, initial_state=list(initial_state), training=training)[0]
        vectors, weights = self._look(h, projected, memory_mask)
        return vectors if weights is None else (vectors, weights)

    def compute_output_shape(self, inputs_shape: Any, memory_shape: Any = None, **_: Any) -> Any:
        vectors = (*inputs_shape[:-1], self.units)
        return vectors if self.attention is None else (vectors, (*inputs_shape[:-1], memory_shape[1]))

    def get_config(self) -> dict[str, Any]:
        parts = {"recurrent": self.recurrent, "attention": self.attention}
        made = {name: keras.saving.serialize_keras_object(part) for name, part in parts.items()}
        return {**super().get_config(), **made, "units": self.units, "input_feeding": self.input_feeding}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Decoder":
        parts = {name: keras.saving.deserialize_keras_object(config[name]) for name in ("recurrent", "attention")}
        return cls(**{**config, **parts})

    # ------------------------------------------------------------------ one step

    def project(self, memory: Tensor | None) -> tuple[Tensor, ...]:
        """The projected memory that every step reads, `[batch, source, ...]`."""
        return () if self.attention is None else tuple(self.attention.project(memory))

    def first_states(self, initial_state: Sequence[Tensor]) -> list[Tensor]:
        """The states of `step` before the first one: with input feeding h~ comes first."""
        states = [ops.cast(state, self.variable_dtype) for state in initial_state]
        return [self._first_vector(states), *states] if self.input_feeding else states

    def step(
        self, x: Tensor, states: Sequence[Tensor], projected: Sequence[Tensor], memory_mask: Tensor | None
    ) -> tuple[Tensor, list[Tensor], Tensor | None]:
        """One step, outside training and in the weights' own precision.

        Args:
            x: `[batch, features]`.
            states: What `first_states` or the last step gave.
            projected: What `project` made of the memory; all rows may share one, `[1, source, ...]`.
            memory_mask: As for a call.

        Returns:
            h~ `[batch, units]`, the new states, and the weights a `[batch, source]` or None.
        """
        states, x = list(states), ops.cast(x, self.variable_dtype)
        if self.input_feeding:
            x = ops.concatenate([x, states.pop(0)], axis=-1)
        h, new = step_stack(self.recurrent, x, states)
        axis = 0 if projected and projected[0].shape[0] == 1 else 1  # one memory is read as by one row's many steps
        vector, weights = self._look(ops.expand_dims(h, axis), projected, memory_mask)
        vector = ops.cast(ops.squeeze(vector, axis), self.variable_dtype)
        new = [vector, *new] if self.input_feeding else new
        return vector, new, None if weights is None else ops.squeeze(weights, axis)

    def _first_vector(self, states: Sequence[Tensor]) -> Tensor:
        """h~_0."""
        return ops.zeros((ops.shape(states[0])[0], self.units), dtype=states[0].dtype)

    def _look(self, h: Tensor, projected: Sequence[Tensor], mask: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """h~ and the weights of h, `[batch, time, size]`."""
        if self.attention is None:
            return self.combine(h), None
        context, weights = self.attention.attend(h, projected, mask)
        return self.combine(ops.concatenate([context, h], axis=-1)), weights

    # ------------------------------------------------------------------ all steps, with input feeding

    def _fed(
        self, inputs: Tensor, states: list[Tensor], projected: Sequence[Tensor], mask: Tensor | None, training: bool
    ) -> Tensor:
        """h of all steps, `[batch, time, size]`, each with the h~ of the one before."""
        cells, sequence = self.recurrent.cells, ops.transpose(inputs, (1, 0, 2))
        length, batch = ops.shape(sequence)[0], ops.shape(sequence)[1]
        columns: dict[str, Tensor] = {"x": sequence}
        fixed = []
        for number, cell in enumerate(cells):
            features = self.recurrent.output_size if number else inputs.shape[-1] + self.units
            input_mask, of_inputs = input_noise(cell, length, batch, features, training)
            drop, of_states = state_noise(cell, length, batch, training)
            fixed.append((input_mask, drop))
            between = self._between(number, (length, batch, features), training)
            columns |= {f"{name} {number}": column for name, column in (of_inputs | of_states | between).items()}

        def step(carry: tuple[Tensor, ...], values: Sequence[Tensor]) -> tuple[tuple[Tensor, ...], Tensor]:
            at = dict(zip(columns, values, strict=True))
            vector, left, new = carry[1], list(carry[2:]), list[Tensor]()
            x = ops.concatenate([at["x"], vector], axis=-1)
            for number, (cell, (input_mask, drop)) in enumerate(zip(cells, fixed, strict=True)):
                mine = {name.split()[0]: value for name, value in at.items() if name.endswith(f" {number}")}
                x = x * mine["between"] if "between" in mine else x
                kept, shown = mine.get("input", input_mask), read(self.recurrent, number, x)
                shown = shown if kept is None else shown * kept
                old = [left.pop(0) for _ in cell.state_names]
                after = cell.advance(cell.project(shown), old, *noise_at(cell, drop, mine))
                new += after
                x = joined(self.recurrent, number, after[0], x)
            vector, _ = self._look(ops.expand_dims(x, 1), projected, mask)
            return (x, ops.squeeze(vector, 1), *new), x

        h = ops.zeros((batch, self.recurrent.output_size), dtype=self.compute_dtype)
        states = given_states(cells, states, self.compute_dtype)
        start = (h, self._first_vector(states), *states)
        _, outputs = time_loop(
            step,
            start,
            list(columns.values()),
            reverse=False,
            collect=True,
            unroll=self.recurrent.unroll,
            bounded=training,
        )
        return ops.transpose(outputs, (1, 0, 2))

    def _between(self, number: int, shape: tuple[Any, ...], training: bool) -> dict[str, Tensor]:
        """Masks for dropout between layers, those of each step, by name."""
        rate = self.recurrent.dropout_between
        if not (number and training and rate):
            return {}
        ones = ops.ones(shape, dtype=self.compute_dtype)
        return {"between": keras.random.dropout(ones, rate, seed=self.recurrent.seed_generator)}
