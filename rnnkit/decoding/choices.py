"""Choice of the next id from logits: the likeliest, or sampled."""

from collections.abc import Iterable
from typing import Any

import numpy as np

Tensor = Any
#: Below it nothing but the likeliest is ever drawn.
_COLDEST = 1e-3
#: What no id may have as its log probability: so low that no sum of others reaches it, and still a number.
NEVER = -1e9


def likeliest(logits: Tensor, ops: Any) -> Tensor:
    """The id of the highest logit, of equal ones the first: `[rows, words]` to int32 `[rows]`.

    Example:

    >>> import numpy as np
    >>> from rnnkit.decoding import numpy_ops
    >>> likeliest(np.array([[0.0, 2.0, 1.0]]), numpy_ops).tolist()
    [1]
    """
    return ops.cast(ops.squeeze(ops.top_k(logits, 1)[1], axis=-1), "int32")  # on a phone, argmax is ten operators


def log_softmax(logits: Tensor, ops: Any) -> Tensor:
    """log p of every id."""
    return logits - ops.logsumexp(logits, axis=-1, keepdims=True)


def drawn(
    logits: Tensor, uniform: Tensor, ops: Any, *, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0
) -> Tensor:
    """An id sampled by its probability.

    Equations:
        p = softmax(logits / temperature), sorted descending
        kept: the first top_k ids; of these the fewest whose p together reach top_p
        the first id at which the sum of p, over what is kept together 1, exceeds `uniform`

    Args:
        logits: `[rows, words]`.
        uniform: A number from 0 to 1 for each row, `[rows]`: the same numbers draw the same ids on every machine.
        ops: `keras.ops` or `rnnkit.decoding.numpy_ops`.
        temperature: Below 1 the likely become likelier, above 1 less so; 0 takes the likeliest.
        top_k: Ids to draw from, the likeliest; 0 takes all.
        top_p: Share of the probability to draw from (nucleus); 1 takes all.

    Example:

    >>> import numpy as np
    >>> from rnnkit.decoding import numpy_ops
    >>> logits = np.log(np.array([[0.1, 0.6, 0.3]] * 3))
    >>> drawn(logits, np.array([0.5, 0.7, 0.95]), numpy_ops).tolist()
    [1, 2, 0]
    >>> drawn(logits, np.array([0.5, 0.7, 0.95]), numpy_ops, top_p=0.5).tolist()
    [1, 1, 1]

    Reference:
        Fan et al., Hierarchical Neural Story Generation, ACL 2018 (top-k); Holtzman et al., The Curious Case of Neural
        Text Degeneration, ICLR 2020 (nucleus).
    """
    if temperature < _COLDEST:
        return likeliest(logits, ops)
    words = logits.shape[-1]
    sorted_logits, ids = ops.top_k(logits, min(top_k, words) if top_k else words)
    p = ops.exp(log_softmax(sorted_logits / temperature, ops))
    before = ops.cumsum(p, axis=-1) - p
    p = ops.where(before < top_p, p, ops.zeros_like(p))
    reached = ops.cumsum(p, axis=-1)
    aim = ops.expand_dims(uniform, -1) * reached[:, -1:]
    place = ops.sum(ops.cast(reached <= aim, "int32"), axis=-1, keepdims=True)
    place = ops.minimum(place, ids.shape[-1] - 1)
    return ops.cast(ops.squeeze(ops.take_along_axis(ids, place, axis=-1), axis=-1), "int32")


def uniform_numbers(seed: int | None, places: Iterable[int], most: int) -> np.ndarray:
    """Random numbers for sampling, from 0 to 1, that depend on the seed and the row's index alone.

    So a sequence is the same in a batch of any size and order, and on every machine.

    Args:
        seed: None for something else each time.
        places: Which sequence of all each row is, from 0.
        most: Ids at most.

    Returns:
        float32 `[places, most]`.

    Example:

    >>> bool((uniform_numbers(1, [4, 2], 3)[1] == uniform_numbers(1, range(9), 5)[2, :3]).all())
    True
    """
    rows = [np.random.default_rng(None if seed is None else (seed, place)).random(most, np.float32) for place in places]
    return np.array(rows, np.float32).reshape(-1, most)
