"""The recurrent part that tasks have in common."""

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

_PROBED = 16  # units of a cell that is built to be looked at


def recurrent(options: Any, policy: str, name: str = "recurrent", **arguments: Any) -> Recurrent:
    """The recurrent part that a task's options ask for."""
    depth = {name: getattr(options, name) for name in (*DEPTHS, "depth_activation")}
    return Recurrent(
        one_cell(options, options.units, policy, options.seed + 3), layers=options.layers,
        bidirectional=options.bidirectional, residual=options.residual, dropout_between=options.dropout_between,
        initial_state=options.initial_state, truncate=options.truncate, dtype=policy, name=name,
        **depth, **arguments,
    )  # fmt: skip


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


def one_cell(options: Any, units: int, policy: str, seed: int) -> RecurrentCell:
    """The cell that a task's options ask for, of another width where wanted."""
    start = _START[options.recurrent_initializer]
    if start is not None and not _asks_for_start(cells.get(options.cell)):
        raise RnnkitError(
            f"recurrent_initializer is {options.recurrent_initializer!r}, and the cell {options.cell} has no recurrent "
            "weights that it could set. Leave --recurrent-initializer out."
        )
    return cells.get(options.cell)(
        units, dropout=options.input_dropout, recurrent_dropout=options.recurrent_dropout,
        variational=options.variational, zoneout=options.zoneout, seed=seed, dtype=policy, name="cell",
        **({} if start is None else {"recurrent_initializer": start}),
    )  # fmt: skip


class _Asked(keras.initializers.RandomNormal):
    """Counts how often it is asked for weights; a class attribute, since cells use copies of an initializer."""

    times = 0

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        type(self).times += 1
        return super().__call__(shape, dtype)


def _asks_for_start(cell_class: type[RecurrentCell]) -> bool:
    """Whether a cell has weights that its argument `recurrent_initializer` sets: found out by building a small one."""
    before = _Asked.times
    _small(cell_class, recurrent_initializer=_Asked(seed=0))
    return _Asked.times > before


@functools.cache
def has_recurrent_weights(cell: str) -> bool:
    """Whether a cell has weights that meet its state and can be dropped: found out by building a small one."""
    return bool(_small(cells.get(cell)).recurrent_names)


def _small(cell_class: type[RecurrentCell], **arguments: Any) -> RecurrentCell:
    """A built cell to look at; Keras's seeds go on as if there were none."""
    state = random.getstate()  # from which Keras seeds weights
    with any_weights():
        made = cell_class(_PROBED, **arguments)
        made.build((None, _PROBED))
    random.setstate(state)
    return made
