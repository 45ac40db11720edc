"""A linear readout in closed form: ridge regression in place of gradient steps."""

from typing import Any

import keras
import numpy as np
from keras import ops

from rnnkit.errors import RnnkitError

#: Activations whose answer a linear score decides: the score itself, the largest of them, its sign.
_ACTIVATIONS = ("linear", "softmax", "sigmoid")


def fit_readout(
    model: keras.Model,
    x: Any,
    y: Any,
    *,
    alpha: float = 1e-6,
    washout: int = 0,
    sample_weight: Any = None,
    batch_size: int = 32,
) -> None:
    """Fit a model's last Dense layer at once, by ridge regression on the features that reach it.

    Why: over a network that is not trained, such as an echo state network, the readout is a linear regression. One
    pass over the data and one linear system give its best weights, with no learning rate and no epochs.

    The sum of the squared errors and of `alpha` times the squared weights is made smallest; the bias is free. All else
    in the model stays as it is. With softmax the targets are 0 and 1 before the softmax: the class with the largest
    score is the answer, but its probability has no meaning. With sigmoid they are -1 and 1, for the same reason.

    Args:
        model: A Sequential or functional model whose last layer with weights is a Dense with a linear, softmax or
            sigmoid activation, after each time step or after a whole sequence.
        x: Inputs as `model.predict` takes them: an array, or a list or dictionary of arrays, `[samples, ...]`.
        y: Targets: `[samples, units]` or `[samples, time, units]`, where units are those of the Dense layer (1 may be
            left out), or whole numbers below units, the classes, without the last axis.
        alpha: How strongly weights are held near 0. Features of an echo state network are nearly dependent, so it
            should not be 0; compare some powers of ten on validation data.
        washout: How many time steps at the start of each sequence do not count, until the echo of the zero state is
            gone. Only for a Dense layer after each time step.
        sample_weight: How much each target counts, `[samples]` or `[samples, time]`; 0 where a step is padding.
        batch_size: How many samples run at once.

    Raises:
        RnnkitError: When the model has no such Dense layer, or the targets do not fit it.

    Example:

    >>> from rnnkit.cells import ESN
    >>> keras.utils.set_random_seed(1)
    >>> wave = np.sin(np.arange(301) / 5)[None, :, None]  # one sequence
    >>> model = keras.Sequential([keras.Input((None, 1)), ESN(50, return_sequences=True), keras.layers.Dense(1)])
    >>> fit_readout(model, wave[:, :-1], wave[:, 1:], washout=50)  # predicts the next number
    >>> bool(np.abs(model.predict(wave[:, :-1], verbose=0) - wave[:, 1:])[:, 50:].max() < 0.01)
    True

    Reference:
        Jaeger, The "echo state" approach to analysing and training recurrent neural networks, GMD Report 148, 2001;
        Lukosevicius, A Practical Guide to Applying Echo State Networks, 2012, section 4.
    """
    readout = _readout(model)
    features = keras.Model(model.inputs, readout.input)
    count = len(keras.tree.flatten(x)[0])
    width = readout.kernel.shape[0] + readout.use_bias
    gram, moment = np.zeros((width, width)), np.zeros((width, readout.units))
    for start in range(0, count, batch_size):
        rows = slice(start, start + batch_size)
        seen = features.predict_on_batch(keras.tree.map_structure(lambda part, rows=rows: part[rows], x))
        seen = ops.convert_to_numpy(seen).astype("float64")
        wanted = _targets(np.asarray(y[rows]), seen.shape, readout)
        weight = _weights(None if sample_weight is None else np.asarray(sample_weight[rows]), seen.shape, washout)
        if readout.use_bias:
            seen = np.concatenate([seen, np.ones_like(seen[..., :1])], axis=-1)
        flat = seen.reshape(-1, seen.shape[-1])
        weighted = flat * weight.reshape(-1, 1)
        gram += weighted.T @ flat
        moment += weighted.T @ wanted.reshape(-1, readout.units)
    penalty = np.full(width, alpha)
    if readout.use_bias:
        penalty[-1] = 0.0
    solution = np.linalg.lstsq(gram + np.diag(penalty), moment)[0]  # also where alpha=0 leaves no single solution
    readout.set_weights([solution[:-1], solution[-1]] if readout.use_bias else [solution])


def _readout(model: keras.Model) -> keras.layers.Dense:
    """The last layer with weights, when it is a Dense that a regression can fit."""
    weighty = [layer for layer in getattr(model, "layers", []) if layer.weights]
    if not weighty or not isinstance(weighty[-1], keras.layers.Dense) or not hasattr(weighty[-1], "output"):
        raise RnnkitError(
            f"{model.name} does not end with a Dense layer; expected a Sequential or functional model with one as its "
            "last layer with weights, for example keras.layers.Dense(1)."
        )
    readout = weighty[-1]
    if readout.activation.__name__ not in _ACTIVATIONS:
        raise RnnkitError(
            f"The Dense layer {readout.name} has the activation {readout.activation.__name__}; expected "
            f"{', '.join(_ACTIVATIONS[:-1])} or {_ACTIVATIONS[-1]}, since ridge regression fits a linear readout."
        )
    return readout


def _targets(y: np.ndarray, shape: tuple[int, ...], readout: keras.layers.Dense) -> np.ndarray:
    """Targets for the scores, `[..., units]`, of features of the given shape."""
    wanted = (*shape[:-1], readout.units)
    if y.shape == wanted[:-1]:
        if readout.units == 1:
            y = y[..., None]
        elif np.issubdtype(y.dtype, np.integer) and y.min() >= 0 and y.max() < readout.units:
            y = np.eye(readout.units)[y]
    if y.shape != wanted:
        raise RnnkitError(
            f"Targets of the shape {y.shape} ({y.dtype}) for the Dense layer {readout.name}; expected {wanted}, or "
            f"whole numbers from 0 to {readout.units - 1} of the shape {wanted[:-1]}."
        )
    return 2.0 * y - 1.0 if readout.activation.__name__ == "sigmoid" else y.astype("float64")


def _weights(given: np.ndarray | None, shape: tuple[int, ...], washout: int) -> np.ndarray:
    """How much each row of the features counts: `given`, spread over time, and 0 in the first `washout` steps."""
    if washout and (len(shape) != 3 or washout >= shape[1]):
        raise RnnkitError(f"washout={washout} for features of the shape {shape}; expected more time steps than that.")
    weight = np.ones(shape[:-1])
    if given is not None:
        if given.shape not in (shape[:-1], shape[:1]):
            raise RnnkitError(f"sample_weight has the shape {given.shape}; expected {shape[:-1]} or {shape[:1]}.")
        weight *= given.reshape(given.shape + (1,) * (weight.ndim - given.ndim))
    if washout:
        weight[:, :washout] = 0.0
    return weight
