"""The recurrent part common to the tasks."""

import functools
import random
from collections.abc import Sequence
from typing import Any

import keras

from rnnkit import cells
from rnnkit.cells._square_blocks import SquareBlocks
from rnnkit.errors import RnnkitError
from rnnkit.layers.cell import RecurrentCell
from rnnkit.layers.deep import DEPTHS
from rnnkit.layers.recurrent import Recurrent
from rnnkit.run.weight_shapes import any_weights
from rnnkit.tasks.base.build import Build
from rnnkit.training.omega import Omega
from rnnkit.training.penalties import Penalty, with_penalties

#: Initialisers of the recurrent weights by the option's value; None is the cell's own.
_START: dict[str, Any] = {
    "default": None,
    "orthogonal": SquareBlocks("orthogonal"),
    "identity": SquareBlocks("identity"),
    "glorot_uniform": "glorot_uniform",
    "small": {"class_name": "RandomNormal", "config": {"stddev": 0.01}},
}

#: Options that are arguments of `Recurrent`, under the same names.
_SAME_NAMES = ("layers", "bidirectional", "residual", "block", "dropout_between", "initial_state", "truncate")
_OF_LAYER = (*_SAME_NAMES, *DEPTHS, "depth_activation")
_PROBED = 16  # units of a cell built for inspection


def recurrent(
    options: Any, policy: str, name: str = "recurrent", *, timed: bool = False, **arguments: Any
) -> Recurrent:
    """Build the recurrent part that a task's options ask for.

    Args:
        options: The task's.
        policy: The dtype policy.
        name: The layer's name.
        timed: Whether the last feature is the time since the step before, for a cell that `reads_time`.
        arguments: Further ones of `Recurrent`.
    """
    cell = one_cell(options, options.units, policy, options.seed + 3, timed)
    given = {name: getattr(options, name) for name in _OF_LAYER}
    return Recurrent(cell, dtype=policy, name=name, **given, **arguments)


def recurrent_model(
    inputs: Any, outputs: Any, options: Any, how: Build, name: str, penalties: Sequence[Penalty[Any]] = ()
) -> keras.Model:
    """A functional model; for training also with the penalty Omega where `options.omega` asks for it.

    Args:
        inputs: As `keras.Model` takes them.
        outputs: Likewise.
        options: The task's.
        how: What it is built for.
        name: Its name.
        penalties: Further ones for training.
    """
    omega = [Omega(options.omega)] if how.training and options.omega else []
    return with_penalties(inputs, outputs, [*omega, *penalties], name)


def one_cell(options: Any, units: int, policy: str, seed: int, timed: bool = False) -> RecurrentCell:
    """Build the cell that a task's options ask for, with the given width; `timed` as for `recurrent`."""
    start, times = _START[options.recurrent_initializer], dict[str, Any](time="last") if timed else {}
    if start is not None and not _asks_for_start(cells.get_cell(options.cell)):
        raise RnnkitError(
            f"recurrent_initializer is {options.recurrent_initializer!r}, but the cell {options.cell} has no recurrent "
            "weights to initialise. Leave --recurrent-initializer out."
        )
    return cells.get_cell(options.cell)(
        units,
        dropout=options.input_dropout,
        recurrent_dropout=options.recurrent_dropout,
        variational=options.variational,
        zoneout=options.zoneout,
        seed=seed,
        dtype=policy,
        name="cell",
        **({} if start is None else {"recurrent_initializer": start}),
        **times,
    )


class _Asked(keras.initializers.RandomNormal):
    """Counts its calls in a class attribute, since cells use copies of an initializer."""

    times = 0

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        type(self).times += 1
        return super().__call__(shape, dtype)


def _asks_for_start(cell_class: type[RecurrentCell]) -> bool:
    """Whether a cell has weights that its argument `recurrent_initializer` sets; determined by building a small one."""
    before = _Asked.times
    _small(cell_class, recurrent_initializer=_Asked(seed=0))
    return _Asked.times > before


@functools.cache
def has_recurrent_weights(cell: str) -> bool:
    """Whether a cell has droppable weights that multiply its state; determined by building a small one."""
    return bool(_small(cells.get_cell(cell)).recurrent_names)


def _small(cell_class: type[RecurrentCell], **arguments: Any) -> RecurrentCell:
    """Build a small cell for inspection, without disturbing Keras's sequence of seeds."""
    state = random.getstate()  # the source of Keras's weight seeds
    with any_weights():
        made = cell_class(_PROBED, **arguments)
        made.build((None, _PROBED))
    random.setstate(state)
    return made
