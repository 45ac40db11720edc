"""From a sequence to one vector: last, mean, max (also inside the time loop) and attention."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from rnnkit.errors import did_you_mean

Tensor = Any
#: What each pooling puts side by side.
_PARTS = {"last": ("last",), "mean": ("mean",), "max": ("max",), "mean_max": ("mean", "max")}
POOLINGS = tuple(_PARTS)


class RunningPool:
    """Pooling over a stream of outputs, so that a loop over time need not store the sequence.

    Args:
        kind: "last", "mean", "max" or "mean_max" (both, one after the other). Steps that the mask hides are not seen;
            a row of hidden steps only gives 0. A mean is summed in float32 or wider: in bfloat16 a sum stops growing
            after some 256 steps.

    Raises:
        ValueError: For another kind.

    Example:

    >>> import numpy as np
    >>> outputs = np.array([[[1.0]], [[3.0]]])  # [time, batch, size]
    >>> RunningPool("mean_max").whole(outputs, None).numpy().tolist()
    [[2.0, 3.0]]

    Reference:
        Howard & Ruder, Universal Language Model Fine-tuning, ACL 2018, section 3.3 (pools side by side).
    """

    def __init__(self, kind: str) -> None:
        if kind not in _PARTS:
            raise ValueError(
                f"Unknown pooling {kind!r}; expected one of {', '.join(POOLINGS)}.{did_you_mean(kind, POOLINGS)}"
            )
        self.kind = kind
        self._parts = [_Part(name) for name in _PARTS[kind]]

    @property
    def width(self) -> int:
        """The number of pooled vectors, concatenated."""
        return len(self._parts)

    def start(self, like: Tensor) -> tuple[Tensor, ...]:
        """The empty pools, each `[batch, size]` as `like`."""
        return tuple(part.start(like) for part in self._parts)

    def update(self, pools: Sequence[Tensor], output: Tensor, mask: Tensor | None) -> tuple[Tensor, ...]:
        """The pools after one more `output`, `[batch, size]`, where `mask`, `[batch, 1]`, is true."""
        return tuple(part.update(pool, output, mask) for part, pool in zip(self._parts, pools, strict=True))

    def finish(self, pools: Sequence[Tensor], mask: Tensor | None, length: Any, dtype: Any) -> Tensor:
        """The pooled vector, given the whole mask, `[time, batch, 1]`, or the number of steps."""
        done = [ops.cast(part.finish(pool, mask, length), dtype) for part, pool in zip(self._parts, pools, strict=True)]
        return done[0] if len(done) == 1 else ops.concatenate(done, axis=-1)

    def whole(self, outputs: Tensor, mask: Tensor | None) -> Tensor:
        """The pooled vector of a whole sequence, `[time, batch, size]`."""
        done = [part.whole(outputs, mask) for part in self._parts]
        return done[0] if len(done) == 1 else ops.concatenate(done, axis=-1)


@dataclass(frozen=True)
class _Part:
    """One pool: "last", "mean" or "max"."""

    kind: str

    def start(self, like: Tensor) -> Tensor:
        """The empty pool, `[batch, size]` as `like`."""
        if self.kind == "max":
            return ops.full_like(like, lowest(like.dtype))
        return ops.zeros_like(_wide(like) if self.kind == "mean" else like)

    def update(self, pool: Tensor, output: Tensor, mask: Tensor | None) -> Tensor:
        """The pool after one more `output`, `[batch, size]`, where `mask`, `[batch, 1]`, is true."""
        if self.kind == "last":
            new = output
        elif self.kind == "mean":
            new = pool + ops.cast(output, pool.dtype)
        else:
            new = ops.maximum(pool, output)
        return new if mask is None else ops.where(mask, new, pool)

    def finish(self, pool: Tensor, mask: Tensor | None, length: Any) -> Tensor:
        """The pooled vector, given the whole mask, `[time, batch, 1]`, or the number of steps."""
        if mask is None:
            return pool / ops.cast(length, pool.dtype) if self.kind == "mean" else pool
        seen = ops.sum(ops.cast(mask, pool.dtype), axis=0)
        if self.kind == "mean":
            return pool / ops.maximum(seen, ops.ones_like(seen))
        return ops.where(seen > 0, pool, ops.zeros_like(pool)) if self.kind == "max" else pool

    def whole(self, outputs: Tensor, mask: Tensor | None) -> Tensor:
        """The pooled vector of a whole sequence, `[time, batch, size]`."""
        length = ops.shape(outputs)[0]
        if self.kind == "last" and mask is None:
            return outputs[-1]
        if self.kind == "last":
            steps = ops.reshape(ops.arange(1, length + 1, dtype="int32"), (-1, 1, 1))
            position = ops.max(ops.where(mask, steps, ops.zeros_like(steps)), axis=0, keepdims=True)
            chosen = ops.where(ops.equal(steps, position), outputs, ops.zeros_like(outputs))
            return ops.sum(chosen, axis=0)
        if self.kind == "mean":
            kept = outputs if mask is None else ops.where(mask, outputs, ops.zeros_like(outputs))
            return ops.cast(self.finish(ops.sum(_wide(kept), axis=0), mask, length), outputs.dtype)
        kept = outputs if mask is None else ops.where(mask, outputs, ops.full_like(outputs, lowest(outputs.dtype)))
        return self.finish(ops.max(kept, axis=0), mask, length)


def last_shown(outputs: Tensor, before: Tensor, mask: Tensor | None) -> Tensor:
    """The output of each row's last step that counts, `[batch, size]`; of a row without one, the output `before`."""
    last = RunningPool("last").whole(outputs, mask)
    return last if mask is None else ops.where(ops.any(mask, axis=0), last, before)


def _wide(tensor: Tensor) -> Tensor:
    """The tensor in a dtype fit for long sums: float32, or float64 as it is."""
    return tensor if keras.backend.standardize_dtype(tensor.dtype) == "float64" else ops.cast(tensor, "float32")


def lowest(dtype: Any) -> float:
    """A number below every activation, representable in the dtype."""
    return -6e4 if keras.backend.standardize_dtype(dtype) == "float16" else -1e30


@keras.saving.register_keras_serializable(package="rnnkit")
class AttentionPooling(keras.layers.Layer):
    """A weighted sum of time steps with learnt weights.

    Equations:
        u_t = tanh(W h_t + b)
        a = softmax(u_t . v) over the steps that the mask shows
        s = sum_t a_t h_t

    Args:
        units: Width of the hidden layer that scores a step.

    Call arguments:
        inputs: `[batch, time, features]`.
        mask: `[batch, time]`, true where a step counts. A row with none gives 0.

    Returns:
        `[batch, features]`.

    Example:

    >>> import numpy as np
    >>> AttentionPooling(4)(np.ones((2, 5, 3), "float32")).shape
    TensorShape([2, 3])

    Reference:
        Yang et al., Hierarchical Attention Networks for Document Classification, NAACL 2016, equations 5-7.
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")
        self.context = self.add_weight(name="context", shape=(self.units, 1))
        self.built = True

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        scores = ops.matmul(ops.tanh(ops.matmul(inputs, self.kernel) + self.bias), self.context)  # [batch, time, 1]
        if mask is None:
            return ops.sum(ops.softmax(scores, axis=1) * inputs, axis=1)
        shown = ops.expand_dims(mask, -1)
        weights = ops.softmax(ops.where(shown, scores, ops.full_like(scores, lowest(scores.dtype))), axis=1)
        return ops.sum(ops.where(shown, weights, ops.zeros_like(weights)) * inputs, axis=1)

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> None:
        return None

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return (input_shape[0], input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
