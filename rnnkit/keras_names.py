"""Saved Keras models with rnnkit's layers load after `import rnnkit` alone, which imports neither Keras nor a layer.

Keras looks a class up by its registered name, "rnnkit>LSTM" for example, which a class has once its module is imported.
So when Keras is imported, before or after rnnkit, each name gets a placeholder, whose `from_config` imports the layers.
"""

import functools
import importlib
import re
from typing import Any

_PACKAGE = "rnnkit"
_FOLDERS = ("cells", "layers", "vision")
#: A class with Keras's decorator, or a cell, which brings its layer along.
_DECORATED = r"^@(?:keras\.saving\.)?register(?:_keras_serializable\([^)]*\))?\nclass (\w+)"
_CELL = r"^class (\w+)Cell\("


def register_names(keras: Any) -> None:
    """Register a placeholder for each class that is not registered yet."""
    found = getattr(getattr(keras, "saving", None), "get_custom_objects", dict)  # a Keras that is too old has none
    known: dict[str, Any] = found()
    for name, module in sorted(saved_names().items()):
        registered = f"{_PACKAGE}>{name}"
        if registered not in known:
            known[registered] = _placeholder(registered, module)


@functools.cache
def saved_names() -> dict[str, str]:
    """The classes that Keras can save, by name, and their modules; read from their files, without importing any."""
    from pathlib import Path  # here, since `import rnnkit` is to be instant

    found: dict[str, str] = {}
    for folder in _FOLDERS:
        for path in sorted(Path(__file__).parent.glob(f"{folder}/**/*.py")):
            text = path.read_text(encoding="utf-8")
            module = ".".join([_PACKAGE, *path.relative_to(Path(__file__).parent).with_suffix("").parts])
            cells = re.findall(_CELL, text, re.MULTILINE) if folder == "cells" and not path.name.startswith("_") else []
            names = [*re.findall(_DECORATED, text, re.MULTILINE), *cells, *(f"{name}Cell" for name in cells)]
            found |= dict.fromkeys(names, module)
    return found


def _placeholder(registered: str, module: str) -> type:
    """A class that stands for one whose module is not imported yet."""

    def from_config(config: dict[str, Any]) -> Any:
        import keras

        importlib.import_module(module)  # which registers the class itself
        return keras.saving.get_custom_objects()[registered].from_config(config)

    return type(registered.partition(">")[2], (), {"from_config": staticmethod(from_config)})
