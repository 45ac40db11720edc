"""The cell zoo. One file a cell; the file's name is the cell's key; the folder is scanned, never listed by hand.

`rnnkit.cells.LSTM`, `rnnkit.cells.LSTMCell` and so on are found on first use, so importing this package imports
no Keras. Cells of your own join them with `@rnnkit.register_cell`.
"""

import sys
from typing import TYPE_CHECKING, Any

from rnnkit.cells._families import FAMILIES, family_of
from rnnkit.cells._own import OWN
from rnnkit.cells._zoo import ZOO
from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.keras_names import saved_names
from rnnkit.quiet import load_keras

if TYPE_CHECKING:
    from rnnkit.layers.cell import RecurrentCell
    from rnnkit.layers.recurrent import Recurrent


def names() -> list[str]:
    """The keys of all cells, sorted: rnnkit's, and those of your own that are registered.

    Raises:
        RnnkitError: For a file in RNNKIT_CELLS that cannot be loaded.

    Example:

    >>> "lstm" in names()
    True
    """
    OWN.load_known()
    return sorted({*ZOO.keys(), *OWN.classes})


def get(cell: str) -> "type[Recurrent]":
    """The layer class of a key, as in `keras.layers`, or that of a file with a cell of your own.

    Args:
        cell: As for `key_of`.

    Raises:
        RnnkitError: As for `key_of`.

    Example:

    >>> get("lstm").__name__
    'LSTM'
    """
    cell_class = get_cell(cell)
    layer: type[Recurrent] = getattr(sys.modules[cell_class.__module__], cell_class.__name__.removesuffix("Cell"))
    return layer


def get_cell(cell: str) -> "type[RecurrentCell]":
    """The cell class of a key, or of a file with a cell of your own.

    Args:
        cell: As for `key_of`.

    Raises:
        RnnkitError: As for `key_of`.

    Example:

    >>> get_cell("lstm").__name__
    'LSTMCell'
    """
    key = key_of(cell)
    if key not in ZOO.keys():
        return OWN.classes[key]
    load_keras()
    from rnnkit.layers.cell import RecurrentCell

    module = ZOO.module(key)
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, RecurrentCell) and value.__module__ == module.__name__
    ]
    if len(own) != 1:
        raise RnnkitError(f"rnnkit/cells/{key}.py holds {len(own)} RecurrentCell classes; expected exactly one.")
    return own[0]


def key_of(cell: str) -> str:
    """The key of a cell that is named by its key or by its file; the file is run, once.

    Args:
        cell: A key, "lstm" for example, or a file of your own that registers a cell, "my_cell.py"; where it registers
            several, "my_cell.py:MyCell".

    Raises:
        RnnkitError: For an unknown key, with the nearest one; for a file that cannot be loaded or registers no cell.

    Example:

    >>> key_of("lstm")
    'lstm'
    """
    if OWN.is_file(cell):
        return OWN.key_of_file(cell)
    if cell not in ZOO.keys() and cell not in names():
        raise ZOO.unknown(cell, names())
    return cell


def by_family() -> dict[str, list[str]]:
    """The keys of the cells of each family that has any, in the order of `FAMILIES`; this loads Keras.

    Raises:
        RnnkitError: As for `names`.

    Example:

    >>> "gru" in by_family()["gru"]
    True
    """
    found: dict[str, list[str]] = {family: [] for family in FAMILIES}
    for key in names():
        found[family_of(get_cell(key))].append(key)
    return {family: keys for family, keys in found.items() if keys}


def environment_for(key: str) -> str:
    """The start of a shell command on a Run that makes its cell known; "" for rnnkit's own cells."""
    return OWN.environment_for(key)


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    for key in ZOO.keys():
        if key.replace("_", "") == name.removesuffix("Cell").lower():
            load_keras()
            return getattr(ZOO.module(key), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}.{did_you_mean(name, ZOO.keys())}")


def __dir__() -> list[str]:
    """The functions, and all layers and cells, none of which has to be imported for it."""
    modules = {f"{__name__}.{key}" for key in ZOO.keys()}
    found = [name for name, module in saved_names().items() if module in modules]
    own = ["FAMILIES", "by_family", "environment_for", "family_of", "get", "get_cell", "key_of", "names"]
    return sorted([*own, *found])
