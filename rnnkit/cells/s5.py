"""Simplified state space layer."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops
from keras.initializers import Constant, RandomNormal

from rnnkit.cells._constants import check_whole
from rnnkit.cells._hippo import hippo_b, hippo_c, hippo_n
from rnnkit.cells._state_space import StateSpaceCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer
from rnnkit.layers.linear_recurrence import Number, times


class S5Cell(StateSpaceCell):
    """S5: one state space of all inputs and outputs together, diagonal, with a step of each state that is learnt.

    Why: it starts with the memory of the HiPPO matrix, which holds the past as polynomials, and in coordinates where
    that matrix is diagonal, so that a step is elementwise. Unlike S4D it mixes the units.

    Use it when: dependencies span thousands of steps, or recordings come at several rates: at another rate, add the
    log of the steps' ratio to `log_dt`. It is linear: stack two or more with `block=2`.

    Equations:
        A = -exp(log_a) + i omega,  dt = exp(log_dt)
        s = exp(A dt) * s' + (exp(A dt) - 1) / A * (B u)      complex
        y = 2 Re(C s) + D * u
        u = x where x is as wide as y, else W x

    Gates: the real and the imaginary part of B u, and u. `kernel` holds the two parts of B side by side, `c` those of
    C one below the other; W is `entry_kernel`. Of each pair of conjugate states one is kept, hence 2 Re. The authors'
    code learns the real part of A itself, and clips it.

    Args:
        d_state: Width of s, an even number; half of it is computed.
        blocks: Number of smaller HiPPO matrices that A consists of at the start.
        dt_min: Shortest step at the start, in the time of the differential equation.
        dt_max: Longest step at the start.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import S5
    >>> S5(8, d_state=16)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Smith, Warrington & Linderman, Simplified State Space Layers for Sequence Modeling, ICLR 2023
        (arXiv:2208.04933).
    """

    gate_names = ("real", "imaginary", "u")

    def __init__(
        self,
        units: int,
        *,
        blocks: int = 1,
        kernel_initializer: Any = "lecun_normal",
        recurrent_initializer: Any = "lecun_normal",
        **shared: Any,
    ) -> None:
        given = {"kernel_initializer": kernel_initializer, "recurrent_initializer": recurrent_initializer}
        super().__init__(units, **given, **shared)
        self.blocks = check_whole("blocks", blocks)
        self.half = self.require_pairs(of=blocks)

    @property
    def state_size(self) -> list[int]:
        return [self.units, self.half, self.half]

    @property
    def gate_sizes(self) -> list[int]:
        return [self.half, self.half, self.units]

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        b, c = hippo_b(self.kernel_initializer, self.blocks), hippo_c(self.recurrent_initializer, self.blocks)
        omega = np.tile(hippo_n(self.d_state // self.blocks)[0].imag, self.blocks)
        self.kernel = self.add_weight(
            name="kernel", shape=(self.units, self.d_state), initializer=b, regularizer=self.kernel_regularizer
        )
        self.log_dt = self.add_dynamics("log_dt", (self.half,), self.log_steps)
        self.log_a = self.add_dynamics("log_a", (self.half,), Constant(np.log(0.5)))
        self.omega = self.add_dynamics("omega", (self.half,), Constant(omega))
        self.c = self.add_weight(
            name="c", shape=(self.d_state, self.units), initializer=c, regularizer=self.recurrent_regularizer
        )
        self.recurrent_names.append("c")
        self.d = self.add_weight(name="d", shape=(self.units,), initializer=RandomNormal(stddev=1.0, seed=self.seed))

    def prepare(self) -> tuple[Number, Number]:
        return self.held((-ops.exp(self.log_a), ops.convert_to_tensor(self.omega)), ops.exp(self.log_dt))

    def gates_of(self, u: Tensor) -> list[Tensor]:
        return [*ops.split(self.affine(u, self.kernel), 2, axis=-1), u]

    def recurrence(self, real: Tensor, imaginary: Tensor, _: Tensor) -> tuple[Number, Number]:
        decay, gain = self.prepared()
        row = ops.cast(ops.ones_like(real[..., :1, :]), decay[0].dtype)  # the decay is the same for all rows
        return tuple(part * row for part in decay), times(gain, (real, imaginary))

    def readout(self, gates: Sequence[Tensor], *s: Tensor) -> Tensor:
        *_, u = gates
        real, imaginary = ops.split(ops.convert_to_tensor(self.c), 2)
        return 2 * (self.recur(s[0], real) - self.recur(s[1], imaginary)) + self.d * u


S5 = recurrent_layer(S5Cell)
