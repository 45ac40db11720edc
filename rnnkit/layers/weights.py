"""Layers found in a network, and weights moved from one network to another."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from rnnkit.errors import RnnkitError

#: Layers that belong to the labels.
_HEAD = ("logits", "crf")


def all_layers(model: Any) -> Iterator[Any]:
    """Every layer of a model, also those within models and wrappers.

    Example:

    >>> [layer.name for layer in all_layers(keras.Sequential([keras.layers.TimeDistributed(keras.layers.Dense(2,
    ...     name="inner"), name="outer")]))]
    ['outer', 'inner']
    """
    for layer in model.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from all_layers(layer)
            continue
        for inner in (getattr(layer, "layer", None), getattr(layer, "recurrent", None)):  # of a wrapper, of a decoder
            if isinstance(inner, keras.layers.Layer):
                yield inner
            if isinstance(inner, keras.Model):
                yield from all_layers(inner)


def stateful_layers(model: Any) -> list[Any]:
    """The layers of a model that carry their states from one call to the next."""
    return [layer for layer in all_layers(model) if getattr(layer, "stateful", False)]


def copy_weights(old: keras.Model, new: keras.Model, *, head: bool) -> None:
    """Move weights to a network of the same encoder: new words start at the mean of the old ones, and the head
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
    """A network's weights except carried states."""
    states = {id(state) for layer in stateful_layers(network) for state in layer.states}
    return [weight for weight in network.weights if id(weight) not in states]


def copy_lasting_weights(old: Any, new: Any) -> None:
    """Copy all weights except carried states to another network of the same architecture.

    Raises:
        RnnkitError: The networks have other weights, or one of another shape.
    """
    pairs = [lasting_weights(old), lasting_weights(new)]
    shapes = [[tuple(weight.shape) for weight in weights] for weights in pairs]
    if shapes[0] != shapes[1]:
        other = next((pair for pair in zip(*shapes, strict=False) if pair[0] != pair[1]), tuple(map(len, shapes)))
        raise RnnkitError(
            f"The trained network and the new one have different weights ({other[0]} and {other[1]}), so none can be "
            "copied. Leave out the option that shapes them; a task names such options in fixed_options()."
        )
    for before, after in zip(*pairs, strict=True):
        after.assign(keras.ops.copy(before.value))  # JAX deletes the old arrays of a network that is trained on
