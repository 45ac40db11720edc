"""Configuration from a constructor's signature, so that no argument is written twice."""

import inspect
from typing import Any

import keras


def constructor_arguments(cls: type, root: type) -> dict[str, Any]:
    """Name and default of every constructor argument of `cls` and its bases down to `root`, the nearest first."""
    found: dict[str, Any] = {}
    for base in cls.__mro__:
        if not issubclass(base, root):
            break
        if "__init__" in vars(base):
            for parameter in list(inspect.signature(vars(base)["__init__"]).parameters.values())[1:]:
                if parameter.kind is not parameter.VAR_KEYWORD:
                    found.setdefault(parameter.name, parameter.default)
    return found


def anew(initializer: Any) -> Any:
    """A fresh copy of an initialiser: Keras's unseeded ones repeat their numbers for equal shapes.

    Example:

    >>> first = keras.initializers.RandomNormal()
    >>> bool((first((2,)) == first((2,))).numpy().all()), bool((anew(first)((2,)) == first((2,))).numpy().any())
    (True, False)
    """
    random = isinstance(initializer, keras.initializers.Initializer) and "seed" in initializer.get_config()
    return initializer.clone() if random else initializer  # `Identity` would lose its gain


def plain(value: Any) -> Any:
    """A configuration value as JSON can hold it."""
    if isinstance(value, keras.initializers.Initializer):
        return keras.initializers.serialize(value)
    if isinstance(value, keras.regularizers.Regularizer):
        return keras.regularizers.serialize(value)
    if callable(value):
        return keras.activations.serialize(value)
    return value
