"""The recurrent part that tasks have in common, and how weights move from one network to another."""

import functools
import random
from typing import Any

import keras
import numpy as np

from rnnkit import cells
from rnnkit.cells._square_blocks import SquareBlocks
from rnnkit.cells.base import RecurrentCell
from rnnkit.errors import RnnkitError
from rnnkit.layers.deep import DEPTHS
from rnnkit.layers.recurrent import Recurrent
from rnnkit.tasks._weight_shapes import any_weights
from rnnkit.training.truncated import stateful_layers

#: Initialisers of the recurrent weights by the option's value; None is the cell's own.
_START: dict[str, Any] = {
    "default": None,
    "orthogonal": SquareBlocks("orthogonal"),
    "identity": SquareBlocks("identity"),
    "glorot_uniform": "glorot_uniform",
    "small": {"class_name": "RandomNormal", "config": {"stddev": 0.01}},
}

_PROBED = 16  # units of a cell that is built to be looked at
#: Layers that belong to the labels.
_HEAD = ("logits", "crf")


def recurrent(options: Any, policy: str, name: str = "recurrent", **arguments: Any) -> Recurrent:
    """The recurrent part that a task's options ask for."""
    depth = {name: getattr(options, name) for name in (*DEPTHS, "depth_activation")}
    return Recurrent(
        one_cell(options, options.units, policy, options.seed + 3), layers=options.layers,
        bidirectional=options.bidirectional, residual=options.residual, dropout_between=options.dropout_between,
        initial_state=options.initial_state, truncate=options.truncate, dtype=policy, name=name,
        **depth, **arguments,
    )  # fmt: skip


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


def copy_weights(old: keras.Model, new: keras.Model, *, head: bool) -> None:
    """Moves weights to a network of the same encoder: new words start at the mean of the old ones, and the head
    starts anew unless `head`.

    Reference:
        Howard & Ruder, Universal Language Model Fine-tuning, ACL 2018 (the mean for unknown words).
    """
    for layer in new.layers:
        if not layer.weights or (layer.name in _HEAD and not head):
            continue
        values = old.get_layer(layer.name).get_weights()
        if layer.name == "embedding":
            known = values[0]
            added = np.repeat(known[3:].mean(axis=0, keepdims=True), layer.embeddings.shape[0] - len(known), axis=0)
            values = [np.concatenate([known, added])]
        layer.set_weights(values)


def lasting_weights(network: Any) -> list[Any]:
    """A network's weights, but for states that are carried on."""
    states = {id(state) for layer in stateful_layers(network) for state in layer.states}
    return [weight for weight in network.weights if id(weight) not in states]


def copy_lasting_weights(old: Any, new: Any) -> None:
    """Copies all weights from one network to another that is built alike, but for states that are carried on."""
    for before, after in zip(lasting_weights(old), lasting_weights(new), strict=True):
        after.assign(keras.ops.copy(before.value))  # JAX deletes the old arrays of a network that is trained on
