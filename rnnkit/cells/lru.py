"""Linear recurrent unit."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from rnnkit.cells._constants import check_number
from rnnkit.cells._linear import LinearCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer
from rnnkit.layers.linear_recurrence import full_precision

#: Each part of a complex number has half of its variance, 1 / inputs.
_HALF = {
    "class_name": "VarianceScaling",
    "config": {"scale": 0.5, "mode": "fan_in", "distribution": "untruncated_normal"},
}


class LRUCell(LinearCell):
    """Linear recurrent unit: a diagonal linear recurrence of complex numbers, started on a ring near the unit circle.

    Why: a linear recurrence whose eigenvalues are just below 1 in size forgets as slowly as one likes, and one that is
    diagonal costs no matrix product a step. exp(-exp(nu)) keeps it stable whatever training does.

    Use it when: dependencies span thousands of steps. It is linear: stack it with `block=2`, in the manner of the
    paper's block, so that something non-linear stands between two of them.

    Equations:
        lambda = exp(-exp(nu) + i exp(theta))
        h = lambda * h' + exp(gamma) * (B x)         complex
        y = Re(C h) + D x

    Gates: none. `nu_theta_gamma` holds the three rows; `b_real`, `b_imaginary`, `c_real`, `c_imaginary` and `d` the
    matrices. The states are y, and h as its real and its imaginary part.

    Args:
        r_min: Smallest modulus of lambda at the start.
        r_max: Largest modulus of lambda at the start.
        max_phase: Largest angle of lambda at the start, in radians.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import LRU
    >>> LRU(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Orvieto et al., Resurrecting Recurrent Neural Networks for Long Sequences, ICML 2023 (arXiv:2303.06349).
    """

    state_names = ("y", "real", "imaginary")
    gate_names = ("real", "imaginary", "y")
    idle_states = ("y",)

    def __init__(
        self,
        units: int,
        *,
        r_min: float = 0.9,
        r_max: float = 0.999,
        max_phase: float = math.pi / 10,
        kernel_initializer: Any = _HALF,
        recurrent_initializer: Any = _HALF,
        **shared: Any,
    ) -> None:
        given = {"kernel_initializer": kernel_initializer, "recurrent_initializer": recurrent_initializer}
        super().__init__(units, **given, **shared)
        check_number(r_min=r_min, r_max=r_max, max_phase=max_phase)
        if not 0 <= r_min < r_max <= 1:
            raise ValueError(f"r_min is {r_min!r} and r_max {r_max!r}; expected 0 <= r_min < r_max <= 1.")
        self.r_min, self.r_max, self.max_phase = r_min, r_max, max_phase

    def build(self, input_shape: Any) -> None:
        features, units = input_shape[-1], self.units
        self.nu_theta_gamma = self.add_weight(name="nu_theta_gamma", shape=(3, units), initializer=self._ring)
        self.b_real = self.add_kernel("b_real", (features, units))
        self.b_imaginary = self.add_kernel("b_imaginary", (features, units))
        self.c_real = self.add_recurrent("c_real", (units, units))
        self.c_imaginary = self.add_recurrent("c_imaginary", (units, units))
        self.d = self.add_kernel("d", (features, units))
        self.built = True

    def _ring(self, shape: Any, dtype: Any = None) -> Tensor:
        """Eigenvalues spread evenly over a ring of the complex plane, and the increments scaled to match."""
        evenly, angle = ops.unstack(keras.random.uniform((2, *shape[1:]), minval=1e-3, seed=self.seed), 2)
        squared = self.r_min**2 + evenly * (self.r_max**2 - self.r_min**2)  # |lambda|^2
        nu = ops.log(-0.5 * ops.log(squared))
        gamma = 0.5 * ops.log(1 - squared)
        return ops.cast(ops.stack([nu, ops.log(self.max_phase * angle), gamma]), dtype)

    def project(self, x: Tensor) -> Tensor:
        return ops.concatenate(self.project_gates(x), axis=-1)

    def project_gates(self, x: Tensor) -> list[Tensor]:
        return [self.affine(x, w) for w in (self.b_real, self.b_imaginary, self.d)]

    def recurrence(self, real: Tensor, imaginary: Tensor, _: Tensor) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        nu, theta, gamma = ops.unstack(ops.exp(self.nu_theta_gamma), 3)
        nu, theta, row = full_precision((nu, theta, ops.ones_like(real[..., :1, :])))
        modulus = ops.exp(-nu) * row  # [..., 1, units]: the same for all rows
        return (modulus * ops.cos(theta), modulus * ops.sin(theta)), (gamma * real, gamma * imaginary)

    def readout(self, gates: Sequence[Tensor], *h: Tensor) -> Tensor:
        _, _, skip = gates
        return ops.matmul(h[0], self.c_real) - ops.matmul(h[1], self.c_imaginary) + skip


LRU = recurrent_layer(LRUCell)
