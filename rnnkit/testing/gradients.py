"""Point 5: gradients reach every weight, and are those of finite differences."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnkit.layers.recurrent import Recurrent
from rnnkit.testing.require import ContractError, require
from rnnkit.testing.subject import Subject

DRAWS = 16
#: Steps in random directions, as shares of the backend's, one of which must agree: a corner, such as relu's, may lie
#: within some, and a jump, such as modReLU's, within most but the smallest.
STEPS = (1.0, 1.0, 1.0, 0.1, 0.1)
#: For each backend what the differences are computed in, their step, and how far a gradient may be off. On JAX Keras
#: computes tanh, sigmoid and others in float32 at best, also with JAX_ENABLE_X64.
PRECISION = {"tensorflow": ("float64", 1e-5, 1e-6), "jax": ("float32", 2e-3, 1e-2)}


def right(subject: Subject) -> None:
    """Weights, inputs and first states, in a masked sequence with noise and without."""
    backend = keras.backend.backend()
    if backend not in PRECISION:
        raise ContractError(f"Gradients are checked on TensorFlow and JAX, not on {backend}.")
    dtype, step, within = PRECISION[backend]
    layer = subject.layer({"dtype": dtype}, return_sequences=True)
    states = [state.astype(dtype) for state in subject.states(layer)]
    names = [f"weight {weight.name}" for weight in layer.trainable_weights]
    names += ["the inputs", *(f"state {name}" for name in layer.cell.state_names)]
    idle = {f"state {name}" for name in layer.cell.idle_states}
    weights = [np.asarray(weight.numpy()) for weight in layer.trainable_weights]
    values = [*weights, subject.inputs().astype(dtype), *states]
    found = gradients(layer, values, subject.mask())
    for name, gradient in zip(names, found, strict=True):
        if name in idle:
            continue
        if gradient is None:
            raise ContractError(f"No gradient reaches {name}: it is not used in project() or step().")
        require(np.isfinite(gradient).all(), f"The gradient of {name} is not finite.")
    written = subject.units - layer.cell.unwritten
    for name, size in zip(names, reached(subject), strict=True):
        dead = np.flatnonzero(~size.reshape(-1, size.shape[-1] if size.ndim else 1).any(axis=0))
        dead = dead[dead % subject.units < written]
        fine = name in idle or not dead.size
        require(fine, f"The gradient of {name} is 0 in columns {dead.tolist()}: something cuts it off.")
    random = np.random.default_rng(3)
    for index, name in enumerate(names):
        if name in idle:
            continue
        for share in STEPS:
            direction = random.normal(size=values[index].shape)
            moved = []
            for steps in (1, -1, 2, -2):
                changed = [*values]
                changed[index] = (values[index] + steps * share * step * direction).astype(dtype)
                moved.append(float(_loss(layer, changed, subject.mask())))
            # Two central differences, taken together so that their errors of order step**2 cancel.
            measured = (8 * (moved[0] - moved[1]) - (moved[2] - moved[3])) / (12 * share * step)
            said = float((np.asarray(found[index], "float64") * direction).sum())
            if agree := abs(measured - said) <= within * max(1.0, abs(measured)):
                break
        require(
            agree,
            f"The gradient of {name} says {said:.9g} along a random direction; finite differences say {measured:.9g}. "
            "Use keras.ops alone, and nothing that stops or rounds gradients.",
        )
    noises = {"dropout": 0.3, "recurrent_dropout": 0.3, "zoneout": 0.3}
    kept = {name: rate for name, rate in noises.items() if name not in subject.cell_class.refuses}
    for name, size in zip(names, reached(subject, **kept), strict=True):
        require(
            name in idle or (np.isfinite(size).all() and size.any()),
            f"With dropout and zoneout the gradient of {name} is missing, zero or not finite.",
        )


def reached(subject: Subject, **noise: float) -> list[np.ndarray]:
    """Sizes of the gradients of each weight, the inputs and each state, added up over some draws of
    weights and noise, since relu, dropout or a slow clock may shut a unit off in any one of them."""
    dtype, *_ = PRECISION[keras.backend.backend()]
    total: list[Any] = []
    for seed in range(DRAWS):
        layer = subject.layer({"dtype": dtype, **noise, "seed": seed}, return_sequences=True)
        states = [state.astype(dtype) for state in subject.states(layer)]
        weights = [np.asarray(weight.numpy()) for weight in layer.trainable_weights]
        values = [*weights, subject.inputs().astype(dtype), *states]
        found = gradients(layer, values, subject.mask(), training=bool(noise))
        sizes = [
            np.zeros_like(value) if each is None else np.abs(each) for each, value in zip(found, values, strict=True)
        ]
        total = sizes if not total else [old + new for old, new in zip(total, sizes, strict=True)]
        awaited = total[: len(total) - len(states)] + [
            each
            for each, name in zip(total[-len(states) :], layer.cell.state_names, strict=True)
            if name not in layer.cell.idle_states
        ]
        if all(each.any(axis=tuple(range(each.ndim - 1))).all() for each in awaited):
            break  # everything is reached
    return total


def gradients(
    layer: Recurrent, values: Sequence[np.ndarray], mask: np.ndarray, training: bool = False
) -> list[np.ndarray | None]:
    """The gradient of a weighted sum of the outputs for each of: the weights, the inputs, the first states."""
    tensors = [ops.convert_to_tensor(value) for value in values]
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(tensors)
            loss = _loss(layer, tensors, mask, training)
        found = tape.gradient(loss, tensors)
    else:
        import jax

        found = jax.grad(lambda given: _loss(layer, given, mask, training))(tensors)
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
    return ops.sum(outputs * ops.cast(weights, layer.compute_dtype))
