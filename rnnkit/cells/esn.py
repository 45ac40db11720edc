"""Echo state network."""

from typing import Any

from rnnkit.cells._constants import check_number, check_positive, check_whole
from rnnkit.cells._initializers import MINUS_ONE_TO_ONE, SpectralRadius
from rnnkit.errors import RnnkitError
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class ESNCell(RecurrentCell):
    """Echo state network: a random network that is never trained; only what reads it is.

    Why: training the recurrent weights is what vanishing and exploding gradients make hard, so leave it. A random
    network already holds echoes of the past inputs, many and mixed, and a linear readout picks out what is needed:
    by gradients, or at once by `rnnkit.training.ridge.fit_readout`.

    Use it when: there is little data, or a signal to predict, and training must take seconds.

    Equations:
        h = (1 - a) * h' + a * tanh(W (s x) + U h' + b)

    Gates: none. W, U and b are fixed (not trainable).

    Args:
        spectral_radius: The largest modulus among U's eigenvalues, whatever `recurrent_initializer` draws. Nearer to
            1: a longer memory; far above 1: the state no longer depends on the input alone.
        leak: a, above 0 and up to 1; smaller: a slower state.
        input_scale: s. Larger: the units are driven further into the bent part of tanh.
        connections: How many other units each one hears, on average.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import ESN
    >>> reservoir = ESN(100, leak=0.3, return_sequences=True)
    >>> reservoir(np.zeros((2, 5, 3), "float32")).shape, len(reservoir.trainable_weights)
    (TensorShape([2, 5, 100]), 0)

    Reference:
        Jaeger, The "echo state" approach to analysing and training recurrent neural networks, GMD Report 148, 2001;
        the leak: Jaeger et al., Optimization and applications of ESNs with leaky-integrator neurons, 2007.
    """

    family = "plain"

    def __init__(
        self,
        units: int,
        *,
        spectral_radius: float = 0.9,
        leak: float = 1.0,
        input_scale: float = 1.0,
        connections: int = 10,
        kernel_initializer: Any = MINUS_ONE_TO_ONE,
        recurrent_initializer: Any = "random_normal",
        bias_initializer: Any = MINUS_ONE_TO_ONE,
        **shared: Any,
    ) -> None:
        given = {"kernel_initializer": kernel_initializer, "recurrent_initializer": recurrent_initializer}
        super().__init__(units, **given, bias_initializer=bias_initializer, **shared)
        check_positive(leak=leak, spectral_radius=spectral_radius)
        check_number(input_scale=input_scale)
        if leak > 1:
            raise RnnkitError(f"leak is {leak!r}; expected a number above 0 and up to 1.")
        self.spectral_radius = spectral_radius
        self.leak = leak
        self.input_scale = input_scale
        self.connections = check_whole("connections", connections)

    def build(self, input_shape: Any) -> None:
        reservoir = SpectralRadius(self.spectral_radius, self.connections, self.recurrent_initializer)
        self.kernel = self._fixed("kernel", (input_shape[-1], self.units), self.kernel_initializer)
        self.recurrent_kernel = self._fixed("recurrent_kernel", (self.units, self.units), reservoir)
        self.bias = self._fixed("bias", (self.units,), self.bias_initializer) if self.use_bias else None
        self.built = True

    def _fixed(self, name: str, shape: Any, initializer: Any) -> Any:
        return self.add_weight(name=name, shape=shape, initializer=initializer, trainable=False)

    def project(self, x: Tensor) -> Tensor:
        return self.affine(self.input_scale * x, self.kernel, self.bias)

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        return ((1 - self.leak) * h + self.leak * self.activation(x + self.recur(h)),)


ESN = recurrent_layer(ESNCell)
