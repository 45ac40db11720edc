"""While a Run's network is built, no weight comes into being that the Run's file of weights does not hold."""

import functools
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from rnnkit.errors import RnnkitError

Shape = tuple[int, ...]
_LEFT: ContextVar[Counter[Shape] | None] = ContextVar("shapes of weights that are left", default=None)
_LOCK_NAME = "_rnnkit_looks_first"


@contextmanager
def only_weights_of(shapes: Mapping[Shape, int]) -> Iterator[None]:
    """Inside, a layer that asks for a weight of another shape is refused before any memory or time goes into it.

    Args:
        shapes: How often a weight of each shape may be made, by this thread.

    Raises:
        RnnkitError: For the first weight that is not among them.
    """
    _look_first()
    token = _LEFT.set(Counter(shapes))
    try:
        yield
    finally:
        _LEFT.reset(token)


@contextmanager
def any_weights() -> Iterator[None]:
    """Inside, weights are made freely again: small ones to look at, or an encoder's own."""
    token = _LEFT.set(None)
    try:
        yield
    finally:
        _LEFT.reset(token)


def _look_first() -> None:
    """Put the look before Keras's `add_weight`, which all layers make their weights with; once, and for good."""
    import keras

    make = keras.layers.Layer.add_weight
    if hasattr(make, _LOCK_NAME):
        return

    @functools.wraps(make)
    def add_weight(layer: Any, *args: Any, **kwargs: Any) -> Any:
        left = _LEFT.get()
        if left is not None:
            _take(left, kwargs.get("shape", args[0] if args else None), layer.name, kwargs.get("name"))
        return make(layer, *args, **kwargs)

    setattr(add_weight, _LOCK_NAME, True)
    keras.layers.Layer.add_weight = add_weight


def _take(left: Counter[Shape], given: Any, layer: str, name: Any) -> None:
    shape = () if given is None else (given,) if isinstance(given, int) else tuple(given)
    if left[shape] < 1:
        raise RnnkitError(f"{layer} needs {name or 'weights'} of {list(shape)}, and the file holds no such weights")
    left[shape] -= 1
