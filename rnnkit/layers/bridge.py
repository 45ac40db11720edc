"""From an encoder's last states to a decoder's first ones, for any cells and sizes."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from rnnkit.layers.recurrent import Recurrent
from rnnkit.layers.states import free_states

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class Bridge(keras.layers.Layer):
    """Makes a decoder's first states from an encoder's last ones, layer by layer.

    Equations:
        s_l = tanh(W_s [all last states of the encoder's layer l] + b_s)
    for each state s of the decoder's layer l. Where the decoder has more layers, the others look at the encoder's top
    layer. States that mean something from zero on only (a counter, a normaliser) begin at zero.

    Args:
        counts: How many states each layer of the encoder has, both directions together.
        states: Of each state of the decoder its layer, its name, its width, and whether it may begin at something else
            than zero. `Bridge.between` finds both out.

    Call arguments:
        inputs: The encoder's last states, each `[batch, size]`.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import GRUCell, LSTMCell
    >>> bridge = Bridge.between(Recurrent(GRUCell(4), bidirectional=True), Recurrent(LSTMCell(6)))
    >>> [state.shape for state in bridge([np.ones((2, 4), "float32")] * 2)]
    [TensorShape([2, 6]), TensorShape([2, 6])]

    Reference:
        Bahdanau, Cho & Bengio, ICLR 2015 (arXiv:1409.0473), appendix A.2.2, for s_0 = tanh(W_s h_1).
    """

    def __init__(self, counts: Sequence[int], states: Sequence[Sequence[Any]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.counts, self.states = list(counts), [tuple(state) for state in states]
        self._dense = [
            keras.layers.Dense(size, "tanh", name=f"layer{index}_{name}", dtype=self.dtype_policy) if free else None
            for index, name, size, free in self.states
        ]

    @classmethod
    def between(cls, encoder: Recurrent, decoder: Recurrent, **kwargs: Any) -> "Bridge":
        """From an encoder's states, in the order of its `return_state`, to a decoder's."""
        counts = [sum(len(cell.state_names) for cell in encoder.directions(index)) for index in range(encoder.layers)]
        states = [(index, *state) for index, cell in enumerate(decoder.cells) for state in free_states(cell)]
        return cls(counts, states, **kwargs)

    def build(self, input_shape: Sequence[Sequence[int | None]]) -> None:
        sizes = [shape[-1] for shape in input_shape]
        for (index, *_), dense in zip(self.states, self._dense, strict=True):
            if dense is not None:
                dense.build((None, sum(sizes[self._of_layer(index)])))  # type: ignore[arg-type]
        self.built = True

    def call(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        batch = ops.shape(inputs[0])[0]
        inputs = [ops.cast(state, self.compute_dtype) for state in inputs]
        return [
            ops.zeros((batch, size), dtype=self.compute_dtype)
            if dense is None
            else dense(ops.concatenate(inputs[self._of_layer(index)], axis=-1))
            for (index, _, size, _), dense in zip(self.states, self._dense, strict=True)
        ]

    def compute_output_shape(self, input_shape: Any) -> Any:
        return [(input_shape[0][0], size) for _, _, size, _ in self.states]

    def _of_layer(self, index: int) -> slice:
        """The places of the encoder's states of a layer, the top one's for layers that it does not have."""
        layer = min(index, len(self.counts) - 1)
        first = sum(self.counts[:layer])
        return slice(first, first + self.counts[layer])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "counts": self.counts, "states": self.states}
