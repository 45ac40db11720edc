"""A guard while a Run's network is built: no weight is created that its file of weights lacks."""

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
    """A context that refuses weights of other shapes before any memory or time goes into them.

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
    """A context that allows any weights again, such as an encoder's own."""
    token = _LEFT.set(None)
    try:
        yield
    finally:
        _LEFT.reset(token)


def _look_first() -> None:
    """Wrap Keras's `add_weight` in the check, once and for good."""
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
