"""The residual block around a recurrent layer, of which deep stacks of linear cells are made."""

from collections.abc import Sequence
from typing import Any

import keras

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class ResidualBlock(keras.layers.Layer):
    """What stands around one recurrent layer: normalisation before it, and behind it a shortcut and an MLP.

    Why: a linear recurrence cannot compare what it remembers with what it reads; the MLP between two of them can. The
    shortcuts let gradients reach the first layer of many unchanged.

    Equations:
        h = recurrent layer of norm(x)
        y = x + W h                             through a matrix where x is of another width
        z = y + V2 gelu(V1 norm(y))             V1 is `expansion` times as wide as y

    Args:
        units: Width of y and z.
        expansion: Width of the MLP's hidden layer, in units.
        last: Whether z is normalised in the end: that of a stack's last block.
        dropout: Share of what is added to x and y that is dropped in training.
        seed: Seeds the dropout.

    Example:

    >>> import numpy as np
    >>> block = ResidualBlock(4)
    >>> block.build((None, 3), 8)
    >>> block.after(np.ones((5, 2, 8), "float32"), np.ones((5, 2, 3), "float32")).shape
    TensorShape([5, 2, 4])

    Reference:
        De et al., Griffin, 2024 (arXiv:2402.19427), section 2.1; Xiong et al., On Layer Normalization in
        the Transformer Architecture, ICML 2020 (arXiv:2002.04745), for the place of the normalisation.
    """

    def __init__(
        self,
        units: int,
        expansion: int = 2,
        *,
        last: bool = False,
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units, self.expansion, self.last, self.dropout, self.seed = units, expansion, last, dropout, seed
        policy = self.dtype_policy
        self.norms = [keras.layers.LayerNormalization(dtype=policy) for _ in range(3 if last else 2)]
        self.adapter = keras.layers.Dense(units, use_bias=False, dtype=policy)
        self.mix = keras.layers.Dense(units, dtype=policy)
        self.wide = keras.layers.Dense(expansion * units, "gelu", dtype=policy)
        self.narrow = keras.layers.Dense(units, dtype=policy)
        self.drops = [
            keras.layers.Dropout(dropout, seed=None if seed is None else seed + number, dtype=policy)
            for number in range(2)
        ]

    def build(self, input_shape: Sequence[int | None], size: int) -> None:
        """Create the weights, for x of `input_shape` and h of width `size`."""
        features = input_shape[-1]
        self.norms[0].build((None, features))
        for norm in self.norms[1:]:
            norm.build((None, self.units))
        if features != self.units:
            self.adapter.build((None, features))
        self.mix.build((None, size))
        self.wide.build((None, self.units))
        self.narrow.build((None, self.expansion * self.units))
        self.built = True

    def before(self, x: Tensor) -> Tensor:
        """What the recurrent layer reads of x, `[..., features]`."""
        return self.norms[0](x)

    def after(self, h: Tensor, x: Tensor, training: bool = False) -> Tensor:
        """z, from what the recurrent layer made, `[..., size]`, and x."""
        around = self.adapter(x) if self.adapter.built else x
        y = around + self.drops[0](self.mix(h), training=training)
        z = y + self.drops[1](self.narrow(self.wide(self.norms[1](y))), training=training)
        return self.norms[2](z) if self.last else z

    def call(self, x: Tensor, h: Tensor, training: bool = False) -> Tensor:
        return self.after(h, x, training)

    def get_config(self) -> dict[str, Any]:
        mine = ("units", "expansion", "last", "dropout", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in mine}}
