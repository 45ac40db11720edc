"""DropConnect on the recurrent weights of any cell, drawn once per sequence."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras

from rnnkit.errors import RnnkitError
from rnnkit.layers.cell import RecurrentCell


@contextmanager
def dropped_weights(cells: Sequence[RecurrentCell], rate: float, seed: Any) -> Iterator[None]:
    """A context in which a share of the recurrent weights is zero, the same at all time steps.

    Why: a network remembers by its recurrent weights alone. Dropping some of these, where dropout of the state would
    make it forget, keeps it from learning by heart; and since the weights are dropped before the loop, the loop stays
    as fast as it was.

    Equations:
        U~ = m * U / (1 - rate),  m_ij ~ Bernoulli(1 - rate)          for every weight U that meets the state

    Args:
        cells: Built cells.
        rate: Share of the weights that is dropped; 0 changes nothing.
        seed: A `keras.random.SeedGenerator`.

    Raises:
        RnnkitError: For a cell without such weights.

    Example:

    >>> from rnnkit.cells import GRUCell
    >>> cell = GRUCell(50)
    >>> cell.build((None, 3))
    >>> with dropped_weights([cell], 0.5, keras.random.SeedGenerator(1)):
    ...     share = float(keras.ops.mean(keras.ops.cast(keras.ops.equal(cell.recurrent_kernel, 0), "float32")))
    >>> round(share, 1)
    0.5

    Reference:
        Merity, Keskar & Socher, Regularizing and Optimizing LSTM Language Models, ICLR 2018 (arXiv:1708.02182),
        section 2; Wan et al., Regularization of Neural Networks using DropConnect, ICML 2013.
    """
    if not rate:
        yield
        return
    dropped = {id(weight) for cell in cells for weight in recurrent_weights(cell)}
    variables = [variable for cell in cells for variable in cell.variables]
    masked = {id(each): keras.random.dropout(each.value, rate, seed=seed) for each in variables if id(each) in dropped}
    # All are told what they are, since on JAX they are only known to the scope around this one; the seed of the layer
    # too, from which it draws on within.
    now = [(each, masked.get(id(each), each.value)) for each in (*variables, seed.state)]
    with keras.StatelessScope(state_mapping=now) as scope:
        yield
    for variable, before in now:
        after = scope.get_current_value(variable)
        if id(variable) not in dropped and after is not before:  # the seeds of what else was drawn
            variable.assign(after)


def recurrent_weights(cell: RecurrentCell) -> list[Any]:
    """The weights of a built cell that meet its state.

    Raises:
        RnnkitError: It has none.
    """
    inner: Any = getattr(cell, "cell", cell)
    found = [weight for weight in inner.weights if weight.name in inner.recurrent_names]
    if not found:
        raise RnnkitError(
            f"weight_drop drops weights that meet the state, and {type(inner).__name__} has none. Leave it out."
        )
    return found
