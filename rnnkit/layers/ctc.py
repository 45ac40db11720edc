"""Connectionist temporal classification: the loss of sequences of labels that nobody has aligned to the frames."""

from typing import Any, NamedTuple

import keras
from keras import ops

from rnnkit.decoding.ctc import BLANK
from rnnkit.layers.time_loop import time_loop

Tensor = Any
#: The log-probability of what cannot be: far below all others, and a number, since infinities make gradients NaN.
NEVER = -1e30
_POSSIBLE = -1e29


@keras.saving.register_keras_serializable(package="rnnkit")
class CTC(keras.layers.Layer):
    """Turns logits of frames into log-probabilities that CTC's loss, its decoders and its alignments read.

    The layer stands at the end of a model. At hidden frames it puts a blank of probability 1, which adds nothing to
    any label sequence behind the last shown frame, and it keeps the mask to itself: Keras would multiply the loss, a
    number per utterance, by a mask of frames. So neither the loss nor a decoder needs to be told lengths, and a padded
    batch gives what its rows give alone.

    Call arguments:
        inputs: Logits of frames, `[batch, time, classes]`; class 0 (`BLANK`) is the blank.
        mask: `[batch, time]`, true where a frame counts. Hidden frames belong behind the shown ones; one between two
            shown frames counts as a silent one.

    Returns:
        Log-probabilities, `[batch, time, classes]`, float32 (or float64), without a mask.

    Example:

    >>> import numpy as np
    >>> frames = keras.Input((None, 8))
    >>> model = keras.Model(frames, CTC()(keras.layers.Dense(4)(frames)))
    >>> model.compile("adam", loss=CTCLoss())
    >>> _ = model.fit(np.ones((2, 9, 8)), np.array([[1, 2, 2], [3, 0, 0]]), verbose=0)

    Reference:
        Graves et al., Connectionist Temporal Classification, ICML 2006.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)  # logits are not rounded to a half-precision policy's dtype
        self.supports_masking = True

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        inputs = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        return with_sure_blanks(ops.log_softmax(inputs, axis=-1), mask)

    def compute_mask(self, inputs: Tensor, previous_mask: Tensor | None = None) -> None:
        """No mask: hidden frames are in the log-probabilities."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


def with_sure_blanks(log_probs: Tensor, mask: Tensor | None) -> Tensor:
    """Log-probabilities `[batch, time, classes]` with a blank of probability 1 at frames that `[batch, time]` hides.

    Example:

    >>> with_sure_blanks([[[-0.7, -0.7], [-0.7, -0.7]]], [[True, False]]).numpy().tolist()
    [[[-0.7, -0.7], [0.0, -1e+30]]]
    """
    if mask is None:
        return log_probs
    log_probs = ops.convert_to_tensor(log_probs)
    sure = ops.where(ops.equal(ops.arange(log_probs.shape[-1]), BLANK), 0.0, NEVER)
    shown = ops.expand_dims(ops.cast(mask, "bool"), -1)
    return ops.where(shown, log_probs, ops.cast(sure, log_probs.dtype))


@keras.saving.register_keras_serializable(package="rnnkit")
class CTCLoss(keras.losses.Loss):
    """-log p(labels | frames), averaged over the rows.

    A row whose labels do not fit in its frames (`rnnkit.decoding.ctc.min_frames`) adds 0 and has no gradient.

    Args:
        reduction: Of the rows, as in Keras's losses.
        name: Likewise.

    Call arguments:
        y_true: `[batch, labels]`, integers, with `BLANK` (0) behind a row's last label; a row may have none.
        y_pred: `[batch, time, classes]`, what the layer `CTC` gives.

    Example:

    >>> halves = [[[-0.69315, -0.69315]] * 2]  # of 4 paths, 3 say the label 1
    >>> round(float(CTCLoss()([[1]], halves)), 4)  # -log(3 / 4)
    0.2877
    """

    def __init__(self, reduction: str = "sum_over_batch_size", name: str = "ctc", **kwargs: Any) -> None:
        super().__init__(name=name, reduction=reduction, **kwargs)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return -log_likelihood(y_true, y_pred)


def log_likelihood(labels: Tensor, log_probs: Tensor) -> Tensor:
    """log p(labels | frames) of each row, `[batch]`: the logarithm of the sum over all paths.

    Equations:
        p(l | x) = sum over paths pi with B(pi) = l of prod_t p(pi_t | x), where B merges repeats, then drops blanks
        d log p(l | x) / d log p(k at t) = the share of p(l | x) whose paths are at k at t

    Forward and backward variables come from one loop over time, in log space: the backward ones are forward variables
    of the reversed frames and labels, which run beside the others as further rows. The gradient is made of both, so
    that no loop has to be differentiated.

    Args:
        labels: `[batch, labels]`, integers, with `BLANK` behind a row's last label; a row may have none.
        log_probs: `[batch, time, classes]`; numbers that are no logarithms of a distribution are taken as they are.

    Returns:
        float32, or float64 where log_probs are; 0, without a gradient, where the labels do not fit in the frames.

    Reference:
        Graves et al., Connectionist Temporal Classification, ICML 2006, sections 4.1 and 4.2.
    """
    labels = ops.cast(labels, "int32")
    log_probs = ops.convert_to_tensor(log_probs)
    log_probs = ops.cast(log_probs, keras.backend.result_type(log_probs.dtype, "float32"))

    @ops.custom_gradient
    def of_log_probs(log_probs: Tensor) -> Any:
        log_probs = ops.convert_to_tensor(log_probs)
        lattice = _lattice_of(labels, log_probs)
        total, ending = _both_directions(labels, lattice)
        possible = total > _POSSIBLE

        def gradient(*upstream: Tensor, **_: Any) -> Tensor:
            weight = ops.where(possible, upstream[0], ops.zeros_like(total))
            shares = _shares(labels, lattice, total, ending, log_probs.shape[2])
            return ops.reshape(weight, (-1, 1, 1)) * shares

        return ops.where(possible, total + lattice.taken_off, ops.zeros_like(total)), gradient

    return of_log_probs(log_probs)


class _Lattice(NamedTuple):
    """The frames as two halves of rows: those of the batch, and the same with frames and labels reversed.

    Place 0 of `1 + labels` is a blank before any label.
    """

    emitted: Tensor  # log-probability of each place's class, [time, 2 batch, 1 + labels]
    taken_off: Tensor  # what was taken off all frames of a row so that sums stay small, [batch]
    again: Tensor  # whether a label is the one before once more, [2 batch, labels]
    first: Tensor  # the place before the first label, [2 batch, 1]
    lengths: Tensor  # labels, [batch, 1]


def _lattice_of(labels: Tensor, log_probs: Tensor) -> _Lattice:
    rows, time, classes = ops.shape(log_probs)[0], ops.shape(log_probs)[1], log_probs.shape[2]
    both = ops.concatenate([labels, ops.flip(labels, axis=1)], axis=0)
    places = ops.pad(both, [[0, 0], [1, 0]], constant_values=BLANK)
    lengths = ops.sum(ops.cast(ops.not_equal(labels, BLANK), "int32"), axis=1, keepdims=True)
    frames = ops.reshape(ops.transpose(log_probs, (0, 2, 1)), (-1, time))  # whole rows of time are copied
    row = ops.expand_dims(ops.arange(rows, dtype="int32") * classes, 1)
    emitted = ops.transpose(ops.take(frames, places + ops.concatenate([row, row], axis=0), axis=0), (2, 0, 1))
    largest = ops.max(emitted, axis=2, keepdims=True, initial=NEVER)
    emitted = emitted - largest
    return _Lattice(
        ops.concatenate([emitted[:, :rows], ops.flip(emitted[:, rows:], axis=0)], axis=1),
        ops.sum(largest[:, :rows, 0], axis=0),
        ops.equal(both, places[:, :-1]),
        ops.concatenate([ops.zeros_like(lengths), ops.shape(labels)[1] - lengths], axis=0),
        lengths,
    )


def _both_directions(labels: Tensor, lattice: _Lattice) -> tuple[Tensor, Tensor]:
    """log p of each row, `[batch]`, and that of all paths whose frame t ends in each label, `[time, 2 batch, 1 +
    labels]`: forward variables of both halves, of which the second are the backward ones of the first."""
    rows, count = ops.shape(labels)[0], ops.shape(labels)[1]
    dtype = lattice.emitted.dtype
    never = ops.full((2 * rows, 1), NEVER, dtype=dtype)

    def step(carry: tuple[Tensor, ...], at: Any) -> tuple[tuple[Tensor, ...], Tensor]:
        (in_label, in_blank), (emitted,) = carry, at
        either = _log_add(in_label, in_blank)
        # a label that is the one before once more comes from the blank between the two
        source = ops.where(lattice.again, in_blank[:, :-1], either[:, :-1])
        label = _log_add(in_label, ops.concatenate([never, source], axis=1)) + emitted
        return (label, either + emitted[:, :1]), label

    places = ops.expand_dims(ops.arange(count + 1, dtype="int32"), 0)
    in_blank = ops.where(ops.equal(places, lattice.first), ops.zeros((), dtype), ops.cast(NEVER, dtype))
    carry = (ops.full_like(in_blank, NEVER), in_blank)
    (label, blank), ending = time_loop(step, carry, [lattice.emitted], reverse=False, collect=True, unroll=False)
    ended = _log_add(label, blank)[:rows]
    return ops.sum(ops.where(ops.equal(places, lattice.lengths), ended, ops.zeros_like(ended)), axis=1), ending


def _shares(labels: Tensor, lattice: _Lattice, total: Tensor, ending: Tensor, classes: int) -> Tensor:
    """The share of the paths through a row's labels that are at each class at t, `[batch, time, classes]`."""
    rows = ops.shape(labels)[0]
    backward = ops.flip(ending[:, rows:, 1:], axis=(0, 2))
    log_p = ending[:, :rows, 1:] + backward - lattice.emitted[:, :rows, 1:] - ops.reshape(total, (1, -1, 1))
    shares = ops.swapaxes(ops.exp(ops.minimum(log_p, 0.0)), 0, 1)  # [batch, time, labels]
    numbers = ops.arange(classes, dtype="int32")
    in_blank = ops.maximum(1.0 - ops.sum(shares, axis=-1, keepdims=True), 0.0)
    at_class = ops.cast(ops.equal(ops.expand_dims(labels, -1), numbers), shares.dtype)
    return ops.matmul(shares, at_class) + in_blank * ops.cast(ops.equal(numbers, BLANK), shares.dtype)


def _log_add(x: Tensor, y: Tensor) -> Tensor:
    """log(exp(x) + exp(y)) of numbers that are finite."""
    return ops.maximum(x, y) + ops.softplus(ops.minimum(x, y) - ops.maximum(x, y))
