"""Keras layers that run cells, look at memories, score tags and read trees: `rnnkit.layers.CRF` and the others.

They are found on first use and work in any Keras model: docs/layers.md.
"""

from rnnkit.keras_names import saved_names
from rnnkit.quiet import load_keras
from rnnkit.registry import lazy_names

load_keras()  # no layer is to be had without it, and an older one is refused

#: Every layer that Keras saves, by the module it is in; and what cells and layers are made with.
_LAZY = {name: module for name, module in saved_names().items() if module.startswith(f"{__name__}.")} | {
    "RecurrentCell": "rnnkit.layers.cell",
    "recurrent_layer": "rnnkit.layers.cell_layer",
}
__all__ = list(_LAZY)  # noqa: PLE0605
__getattr__, __dir__ = lazy_names(__name__, _LAZY)
