"""The shared part of state space cells: a linear differential equation, seen at steps of a length that is learnt."""

import math
from collections.abc import Callable
from typing import Any, ClassVar

import keras
from keras import ops

from rnnkit.cells._constants import check_positive, check_whole
from rnnkit.cells._entry import EntryCell
from rnnkit.errors import RnnkitError
from rnnkit.layers.cell import Tensor
from rnnkit.layers.linear_recurrence import Number


class StateSpaceCell(EntryCell):
    """A linear cell made of s' = A s + B u, whose output y = C s + D u is not its state.

    Args:
        d_state: Width of s, of each unit or of all together.
        dt_min: Shortest step at the start, in the time of the differential equation.
        dt_max: Longest step at the start.

    Raises:
        RnnkitError: For a width below 1, or steps that are not 0 < dt_min < dt_max.
    """

    state_names: ClassVar[tuple[str, ...]] = ("y", "real", "imaginary")
    idle_states: ClassVar[tuple[str, ...]] = ("y",)

    def __init__(
        self, units: int, *, d_state: int = 64, dt_min: float = 0.001, dt_max: float = 0.1, **shared: Any
    ) -> None:
        super().__init__(units, **shared)
        check_positive(dt_min=dt_min, dt_max=dt_max)
        if not dt_min < dt_max:
            raise RnnkitError(f"dt_min is {dt_min!r} and dt_max {dt_max!r}; expected 0 < dt_min < dt_max.")
        self.d_state, self.dt_min, self.dt_max = check_whole("d_state", d_state), dt_min, dt_max

    def require_pairs(self, of: int = 1) -> int:
        """Half of `d_state`: of conjugate numbers, one a pair is computed.

        Args:
            of: Number of blocks, each of whole pairs.

        Raises:
            RnnkitError: When `d_state` is no such multiple.
        """
        if self.d_state % (2 * of):
            raise RnnkitError(
                f"d_state is {self.d_state}; expected a multiple of {2 * of}: pairs of conjugate numbers."
            )
        return self.d_state // 2

    def add_dynamics(self, name: str, shape: Any, initializer: Any) -> Any:
        """Add a weight of the differential equation, which stays in full precision: what is near 1 needs all digits."""
        return self.add_weight(name=name, shape=shape, initializer=initializer, autocast=False)

    def held(self, a: Number, dt: Tensor) -> tuple[Number, Number]:
        """`zero_order_hold`, the gain in the precision that the cell computes in."""
        decay, gain = zero_order_hold(a, dt)
        return decay, tuple(ops.cast(part, self.compute_dtype) for part in gain)

    def log_steps(self, shape: Any, dtype: Any = None) -> Tensor:
        """log dt, spread evenly between the shortest and the longest."""
        low, high = math.log(self.dt_min), math.log(self.dt_max)
        return keras.random.uniform(shape, low, high, dtype=dtype, seed=self.seed)


def zero_order_hold(a: Number, dt: Tensor) -> tuple[Number, Number]:
    """exp(a dt), and (exp(a dt) - 1) / a: what a step does to the state, and to an input that is held during it.

    Example:

    >>> [round(float(part), 4) for number in zero_order_hold((-1.0, 0.0), 0.5) for part in number]
    [0.6065, 0.0, 0.3935, 0.0]
    """
    real, imaginary = a[0] * dt, a[1] * dt
    half, turn = ops.tanh(real / 2), ops.sin(imaginary / 2)
    size, cosine, sine = ops.exp(real), ops.cos(imaginary), ops.sin(imaginary)
    # exp(z) - 1 without the loss of digits near z = 0: exp(x) - 1 = 2 t / (1 - t) with t = tanh(x / 2)
    less_one = (2 * half / (1 - half) * cosine - 2 * turn * turn, size * sine)
    square = a[0] * a[0] + a[1] * a[1]
    over_a = (less_one[0] * a[0] + less_one[1] * a[1], less_one[1] * a[0] - less_one[0] * a[1])
    return (size * cosine, size * sine), (over_a[0] / square, over_a[1] / square)


def softplus(x: Tensor) -> Tensor:
    """log(1 + exp(x)) by its series in exp(x) where x is below -4, since a phone computes it as it is written here.

    Example:

    >>> import numpy as np
    >>> (np.asarray(softplus(np.array([-9.0, 0.0]))) / np.log1p(np.exp([-9.0, 0.0]))).round(6).tolist()
    [1.0, 1.0]
    """
    e = ops.exp(ops.minimum(x, -4.0))
    return ops.where(x < -4.0, e * (1 - e * (1 / 2 - e * (1 / 3 - e / 4))), ops.softplus(x))


def inverse_softplus(initializer: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """An initialiser of x with softplus(x) = exp(what another one draws).

    Example:

    >>> import numpy as np
    >>> start = inverse_softplus(lambda shape, dtype=None: np.log(np.full(shape, 2.0)))
    >>> np.round(np.log1p(np.exp(np.asarray(start((1,))))), 3).tolist()
    [2.0]
    """

    def initialize(shape: Any, dtype: Any = None) -> Tensor:
        return ops.log(ops.expm1(ops.exp(initializer(shape, dtype=dtype))))

    return initialize
