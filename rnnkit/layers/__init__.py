"""Layers that run cells: `rnnkit.layers.recurrent.Recurrent` and its parts."""

from rnnkit.quiet import load_keras

load_keras()  # no layer is to be had without it, and an older one is refused
