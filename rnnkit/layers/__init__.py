"""Layers that run cells: `rnnkit.layers.recurrent.Recurrent` and what stands around it."""
