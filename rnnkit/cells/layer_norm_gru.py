"""GRU with layer normalisation."""

from typing import Any

from rnnkit.cells._layer_norm import add_norm, layer_norm
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class LayerNormGRUCell(RecurrentCell):
    """GRU whose sums are brought to mean 0 and deviation 1 over the units, at every time step.

    Why: as with the layer-normalised LSTM, gates keep to the range where they still move, whatever the inputs' size,
    and nothing depends on other rows of the batch.

    Use it when: a GRU trains slowly or unsteadily, on long sequences or with small batches. A step costs more.

    Equations:
        (z, r) = LN(Wzr x; a1, b1) + LN(Uzr h'; a2, b2)
        g = tanh(LN(Wg x; a3, b3) + sigmoid(r) * LN(Ug h'; a4, b4))
        h = (1 - sigmoid(z)) * h' + sigmoid(z) * g        z takes the new, as in the paper; in `gru` it keeps the old

    Gates: z, r, g. LN as in `layer_norm_lstm`, over z and r together and over g alone. a1 and a3 are `input_gain`, b1
    and b3 `input_shift`, a2 and a4 `recurrent_gain`, b2 and b4 `recurrent_shift`. There are no other biases.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import LayerNormGRU
    >>> LayerNormGRU(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Ba, Kiros & Hinton, Layer Normalization, 2016 (arXiv:1607.06450), the GRU of the supplement.
    """

    family = "gru"
    gate_names = ("z", "r", "g")

    def build(self, input_shape: Any) -> None:
        columns = 3 * self.units
        self.kernel = self.add_kernel("kernel", (input_shape[-1], columns))
        self.recurrent_kernel = self.add_recurrent("recurrent_kernel", (self.units, columns))
        self.input_norm = add_norm(self, "input", columns)
        self.recurrent_norm = add_norm(self, "recurrent", columns)
        self.built = True

    def project(self, x: Tensor) -> Tensor:
        return layer_norm(self.affine(x, self.kernel), *self.input_norm, cut=2 * self.units)

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        xz, xr, xg = self.gates(x)
        uz, ur, ug = self.gates(layer_norm(self.recur(h), *self.recurrent_norm, cut=2 * self.units))
        z, r = self.recurrent_activation(xz + uz), self.recurrent_activation(xr + ur)
        return (self.blend(z, self.activation(xg + r * ug), h),)


LayerNormGRU = recurrent_layer(LayerNormGRUCell)
