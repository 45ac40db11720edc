"""The recurrent part that tasks have in common, and how weights move from one network to another."""

from typing import Any

import keras
import numpy as np

from rnnkit import cells
from rnnkit.cells._square_blocks import SquareBlocks
from rnnkit.cells.base import RecurrentCell
from rnnkit.layers.deep import DEPTHS
from rnnkit.layers.recurrent import Recurrent

#: Initialisers of the recurrent weights by the option's value; None is the cell's own.
_START: dict[str, Any] = {
    "default": None,
    "orthogonal": SquareBlocks("orthogonal"),
    "identity": SquareBlocks("identity"),
    "glorot_uniform": "glorot_uniform",
    "small": {"class_name": "RandomNormal", "config": {"stddev": 0.01}},
}


#: Layers that belong to the labels.
_HEAD = ("logits", "crf")


def recurrent(options: Any, policy: str, **arguments: Any) -> Recurrent:
    """The recurrent part that a task's options ask for."""
    depth = {name: getattr(options, name) for name in (*DEPTHS, "depth_activation")}
    return Recurrent(
        one_cell(options, options.units, policy, options.seed + 3), layers=options.layers,
        bidirectional=options.bidirectional, residual=options.residual, dropout_between=options.dropout_between,
        initial_state=options.initial_state, truncate=options.truncate, dtype=policy, name="recurrent",
        **depth, **arguments,
    )  # fmt: skip


def one_cell(options: Any, units: int, policy: str, seed: int) -> RecurrentCell:
    """The cell that a task's options ask for, of another width where wanted."""
    start = _START[options.recurrent_initializer]
    return cells.get(options.cell)(
        units, dropout=options.input_dropout, recurrent_dropout=options.recurrent_dropout,
        variational=options.variational, zoneout=options.zoneout, seed=seed, dtype=policy, name="cell",
        **({} if start is None else {"recurrent_initializer": start}),
    )  # fmt: skip


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
