"""rnnkit's own cells: the modules of this folder."""

from rnnkit.registry import Registry

ZOO = Registry("rnnkit.cells", "cell", without=("base",))
