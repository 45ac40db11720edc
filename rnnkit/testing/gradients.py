"""Point 5: gradients reach every weight, and are those of finite differences in float64."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnkit.layers.recurrent import Recurrent
from rnnkit.testing.require import ContractError, require
from rnnkit.testing.subject import Subject

STEP, WITHIN = 1e-5, 1e-6


def right(subject: Subject) -> None:
    """Weights, inputs and first states, in a masked sequence with noise and without."""
    layer = subject.layer({"dtype": "float64"}, return_sequences=True)
    states = [state.astype("float64") for state in subject.states(layer)]
    names = [f"weight {weight.name}" for weight in layer.trainable_weights]
    names += ["the inputs", *(f"state {name}" for name in layer.cell.state_names)]
    idle = {f"state {name}" for name in layer.cell.idle_states}
    values = [weight.numpy() for weight in layer.trainable_weights] + [subject.inputs().astype("float64"), *states]
    found = gradients(layer, values, subject.mask())
    for name, gradient in zip(names, found, strict=True):
        if name in idle:
            continue
        if gradient is None:
            raise ContractError(f"No gradient reaches {name}: it is not used in project() or step().")
        require(np.isfinite(gradient).all(), f"The gradient of {name} is not finite.")
        dead = np.flatnonzero(~gradient.reshape(-1, gradient.shape[-1] if gradient.ndim else 1).any(axis=0))
        require(not dead.size, f"The gradient of {name} is 0 in columns {dead.tolist()}: something cuts it off.")
    random = np.random.default_rng(3)
    for index, name in enumerate(names):
        if name in idle:
            continue
        direction = random.normal(size=values[index].shape)
        ends = []
        for sign in (1, -1):
            moved = list(values)
            moved[index] = values[index] + sign * STEP * direction
            ends.append(float(_loss(layer, moved, subject.mask())))
        measured, said = (ends[0] - ends[1]) / (2 * STEP), float((np.asarray(found[index]) * direction).sum())
        require(
            abs(measured - said) <= WITHIN * max(1.0, abs(measured)),
            f"The gradient of {name} says {said:.9g} along a random direction; finite differences say {measured:.9g}. "
            "Use keras.ops alone, and nothing that stops or rounds gradients.",
        )
    noises = {"dropout": 0.3, "recurrent_dropout": 0.3, "zoneout": 0.3}
    kept = {name: rate for name, rate in noises.items() if name not in subject.cell_class.refuses}
    noisy = {"dtype": "float64", **kept, "seed": 1}
    found = gradients(subject.layer(noisy, like=layer, return_sequences=True), values, subject.mask(), training=True)
    for name, gradient in zip(names, found, strict=True):
        fine = name in idle or (gradient is not None and np.isfinite(gradient).all() and gradient.any())
        require(fine, f"With dropout and zoneout the gradient of {name} is missing, zero or not finite.")


def gradients(
    layer: Recurrent, values: Sequence[np.ndarray], mask: np.ndarray, training: bool = False
) -> list[np.ndarray | None]:
    """The gradient of a weighted sum of the outputs for each of: the weights, the inputs, the first states."""
    backend = keras.backend.backend()
    tensors = [ops.convert_to_tensor(value, dtype="float64") for value in values]
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(tensors)
            loss = _loss(layer, tensors, mask, training)
        found = tape.gradient(loss, tensors)
    elif backend == "jax":
        import jax

        if not jax.config.jax_enable_x64:
            raise ContractError("Finite differences need float64. Set the environment variable JAX_ENABLE_X64=1.")
        found = jax.grad(lambda given: _loss(layer, given, mask, training))(tensors)
    else:
        raise ContractError(f"Gradients are checked on TensorFlow and JAX, not on {backend}.")
    return [None if gradient is None else np.asarray(gradient) for gradient in found]


def _loss(layer: Recurrent, values: Sequence[Any], mask: np.ndarray, training: bool = False) -> Any:
    """A weighted sum of the outputs at the steps that count, of the weights, the inputs and the first states."""
    count = len(layer.trainable_weights)
    outputs, _ = layer.stateless_call(
        list(values[:count]),
        [variable.value for variable in layer.non_trainable_variables],
        values[count],
        mask=ops.convert_to_tensor(mask),
        initial_state=list(values[count + 1 :]),
        training=training,
    )
    weights = np.random.default_rng(4).normal(size=(*mask.shape, layer.output_size)) * mask[..., None]
    return ops.sum(outputs * ops.convert_to_tensor(weights, dtype="float64"))
