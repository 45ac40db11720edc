"""The products of a cell with its weights, which whoever runs the cell may watch or replace."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from keras import ops

Tensor = Any
#: `(x, kernel, bias or None) -> x @ kernel + bias`.
Product = Callable[[Tensor, Any, Any], Tensor]


def affine(x: Tensor, kernel: Any, bias: Any = None) -> Tensor:
    """x @ kernel + bias, as every cell computes it.

    Example:

    >>> float(affine(ops.ones((1, 2)), ops.ones((2, 1)), ops.ones(1))[0, 0])
    3.0
    """
    product = ops.matmul(x, kernel)
    return product if bias is None else ops.add(product, bias)  # on TensorFlow one operator with the product; + is not


_PRODUCT: ContextVar[Product] = ContextVar("rnnkit_product", default=affine)


def product() -> Product:
    """The function that multiplies now.

    Example:

    >>> product() is affine
    True
    """
    return _PRODUCT.get()


@contextmanager
def multiplied_by(function: Product) -> Iterator[None]:
    """A context in which cells multiply by another function.

    Example:

    >>> with multiplied_by(lambda x, kernel, bias: x):
    ...     product()(1, 2, 3)
    1
    """
    token = _PRODUCT.set(function)
    try:
        yield
    finally:
        _PRODUCT.reset(token)
