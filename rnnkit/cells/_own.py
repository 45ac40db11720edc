"""`register_cell`: adds a user's cell to the registry."""

import re
import sys
from typing import Any

from rnnkit.cells._zoo import ZOO
from rnnkit.errors import RnnkitError
from rnnkit.own_files import OwnFiles
from rnnkit.quiet import load_keras

_WORD_BEGINS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
OWN = OwnFiles("cell")
#: Key and class of each.
classes = OWN.classes


def register_cell(given: Any) -> Any:
    """Register a cell of your own under a key, beside rnnkit's cells.

    Why: `--cell`, `TextClassifier(cell=...)`, `rnnkit cells` and `rnnkit.cells.get` then take it. Cell and layer can
    be saved by Keras; the layer made from `MyCell`, `My`, stands beside it in its module.

    Args:
        given: The class, a subclass of `rnnkit.RecurrentCell` with a name that ends in Cell; or the key to register
            it under. By default that is the class's name without Cell in lower snake case.

    Returns:
        The class itself.

    Raises:
        RnnkitError: For what is no such class, one without `step`, a key with other signs than a-z, 0-9 and _, one
            of rnnkit's own keys, and one that another class of yours has.

    Example:

    >>> import rnnkit
    >>> @rnnkit.register_cell
    ... class HoldingCell(rnnkit.RecurrentCell):
    ...     def step(self, x, h):
    ...         return (0.5 * h + 0.5 * self.activation(x + self.recur(h)),)
    >>> rnnkit.TextClassifier(cell="holding").options.cell
    'holding'
    """
    if isinstance(given, str):
        return lambda cell_class: _register(cell_class, given)
    return _register(given, None)


def _register(cell_class: Any, key: str | None) -> Any:
    load_keras()
    from rnnkit.layers.cell import RecurrentCell
    from rnnkit.layers.cell_layer import recurrent_layer

    name = getattr(cell_class, "__name__", repr(cell_class))
    if not isinstance(cell_class, type) or not issubclass(cell_class, RecurrentCell):
        raise RnnkitError(f"register_cell was given {name}; expected a subclass of rnnkit.RecurrentCell.")
    if cell_class.step is RecurrentCell.step:
        raise RnnkitError(f"{name} has no step. Write step(self, x, h), which returns the new states as a tuple.")
    if not name.endswith("Cell") or name == "Cell":
        raise RnnkitError(f"The class {name} needs a name that ends in Cell; its layer gets the name without Cell.")
    key = _WORD_BEGINS.sub("_", name.removesuffix("Cell")).lower() if key is None else key
    OWN.require_free(key, cell_class, ZOO.keys(), f': @rnnkit.register_cell("my_{key}").')
    layer = recurrent_layer(cell_class, package=key)
    setattr(sys.modules[cell_class.__module__], layer.__name__, layer)
    classes[key] = cell_class
    return cell_class
