"""Recurrent dropout and zoneout, which every cell inherits."""

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from rnnkit.layers.time_columns import split_times, with_times

Tensor = Any


class StateNoise:
    """The part of `RecurrentCell` that applies a step with noise on its states.

    Reference:
        Semeniuta, Severyn & Barth, Recurrent Dropout without Memory Loss, COLING 2016; Gal & Ghahramani, A
        Theoretically Grounded Application of Dropout in Recurrent Neural Networks, NeurIPS 2016; Krueger et al.,
        Zoneout, ICLR 2017.
    """

    #: Units at the end of the state that no step writes to: they keep what they began with, and no gradient reaches
    #: their weights.
    unwritten: int = 0
    state_names: ClassVar[tuple[str, ...]]
    idle_states: ClassVar[tuple[str, ...]]
    time_columns: int
    dropout: float
    recurrent_dropout: float
    zoneout: float
    seed_generator: Any
    compute_dtype: str
    state_size: Any
    output_size: Any
    step: Any
    _recurrent_mask: Tensor | None

    def drop_inputs(self, inputs: Tensor, shared: bool = False) -> Tensor:
        """Inputs with dropout, which spares columns of times.

        Args:
            inputs: `[batch, features]`, or `[time, batch, features]`.
            shared: Whether all time steps share one mask.
        """
        features, times = split_times(inputs, self.time_columns)
        shape = (1, *ops.shape(features)[1:]) if shared else None
        dropped = keras.random.dropout(features, self.dropout, noise_shape=shape, seed=self.seed_generator)
        return with_times(dropped, times)

    def drop(self, h: Tensor) -> Tensor:
        """h with recurrent dropout: the only place where a cell meets that dropout, which has the output's width."""
        return h if self._recurrent_mask is None else h * self._recurrent_mask

    def advance(
        self,
        x: Tensor,
        states: Sequence[Tensor],
        recurrent_mask: Tensor | None = None,
        keep_masks: Sequence[Tensor] | None = None,
    ) -> tuple[Tensor, ...]:
        """`step` with recurrent dropout and zoneout applied: as the layers call it at each time step.

        Args:
            x: Projected input, `[batch, columns]`.
            states: Old states.
            recurrent_mask: Scaled dropout mask for the first state, `[batch, size]`, or None.
            keep_masks: For each state, 1 where the old value is kept and 0 where the new one is taken; None uses
                the expectation, the constant `zoneout`.
        """
        new = self.dropped_step(x, states, recurrent_mask)
        if not self.zoneout:
            return new
        kept = keep_masks or [self.zoneout] * len(states)
        return tuple(
            state if name in self.idle_states else keep * old + (1 - keep) * state
            for name, keep, old, state in zip(self.state_names, kept, states, new, strict=True)
        )

    def dropped_step(self, x: Tensor, states: Sequence[Tensor], recurrent_mask: Tensor | None) -> tuple[Tensor, ...]:
        """`step` with recurrent dropout applied."""
        self._recurrent_mask = recurrent_mask
        try:
            return tuple(self.step(x, *states))
        finally:
            self._recurrent_mask = None

    def sample_recurrent_mask(self, *leading: Any) -> Tensor:
        """A scaled dropout mask `[*leading, size of the first state]`."""
        ones = ops.ones((*leading, self.output_size), dtype=self.compute_dtype)
        return keras.random.dropout(ones, self.recurrent_dropout, seed=self.seed_generator)

    def sample_keep_masks(self, *leading: Any) -> list[Tensor]:
        """For each state a mask of 0 and 1, `[*leading, size]`: 1 with the chance `zoneout`."""
        return [
            ops.cast(
                keras.random.uniform((*leading, size), seed=self.seed_generator) < self.zoneout, self.compute_dtype
            )
            for size in self.state_size
        ]
