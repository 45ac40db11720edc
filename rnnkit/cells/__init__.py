"""The cell zoo. One file a cell; the file's name is the cell's key; the folder is scanned, never listed by hand.

`rnnkit.cells.LSTM`, `rnnkit.cells.LSTMCell` and so on are found on first use, so importing this package imports
no Keras.
"""

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.quiet import load_keras

if TYPE_CHECKING:
    from rnnkit.cells.base import RecurrentCell

_NOT_CELLS = ("base",)


def names() -> list[str]:
    """The keys of all cells, sorted.

    Example:

    >>> "lstm" in names()
    True
    """
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in found if name not in _NOT_CELLS and not name.startswith("_"))


def get(key: str) -> "type[RecurrentCell]":
    """The cell class of a key.

    Raises:
        RnnkitError: For an unknown key; the message names the nearest one.

    Example:

    >>> get("lstm").__name__
    'LSTMCell'
    """
    if key not in names():
        raise RnnkitError(f"Unknown cell {key!r}.{did_you_mean(key, names())} (rnnkit cells)")
    load_keras()
    from rnnkit.cells.base import RecurrentCell

    module = importlib.import_module(f"{__name__}.{key}")
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, RecurrentCell) and value.__module__ == module.__name__
    ]
    if len(own) != 1:
        raise RnnkitError(f"rnnkit/cells/{key}.py holds {len(own)} RecurrentCell classes; expected exactly one.")
    return own[0]


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    for key in names():
        if key.replace("_", "") == name.removesuffix("Cell").lower():
            load_keras()
            return getattr(importlib.import_module(f"{__name__}.{key}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}.{did_you_mean(name, names())}")
