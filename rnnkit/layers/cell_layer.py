"""From a cell to its layer: `MGUCell` gives `MGU`."""

from typing import Any

import keras

from rnnkit.errors import did_you_mean
from rnnkit.layers.cell import RecurrentCell
from rnnkit.layers.recurrent import OPTIONS, Recurrent

_KERAS_ARGUMENTS = ("name", "dtype", "trainable")


def recurrent_layer(cell_class: type[RecurrentCell], package: str | None = None) -> type[Recurrent]:
    """Make the layer of a cell: `MGUCell` gives `MGU(units, ...)`, with the cell's and the layer's arguments.

    Args:
        cell_class: The cell.
        package: Under which Keras keeps the two in saved files; by default the package that the cell is in.

    Example:

    >>> from rnnkit.cells import MGUCell
    >>> MGU = recurrent_layer(MGUCell)
    >>> MGU(8, layers=2, dropout=0.1).layers
    2
    """
    register = keras.saving.register_keras_serializable(package or cell_class.__module__.partition(".")[0])
    register(cell_class)

    class CellLayer(Recurrent):
        def __init__(self, units: int, **arguments: Any) -> None:
            known = cell_class.arguments()
            unknown = [name for name in arguments if name not in {*known, *OPTIONS, *_KERAS_ARGUMENTS}]
            if unknown:
                options = [*known, *OPTIONS, *_KERAS_ARGUMENTS]
                raise TypeError(
                    f"{type(self).__name__} has no argument {unknown[0]!r}.{did_you_mean(unknown[0], options)}"
                )
            layer = {name: arguments.pop(name) for name in (*OPTIONS, *_KERAS_ARGUMENTS) if name in arguments}
            policy = {"dtype": layer["dtype"]} if "dtype" in layer else {}
            super().__init__(cell_class(units, **arguments, **policy), **layer)

        def get_config(self) -> dict[str, Any]:
            cell = self.cell.get_config()
            config = {name: value for name, value in super().get_config().items() if name != "cell"}
            return {**{name: cell[name] for name in cell_class.arguments()}, **config}

        @classmethod
        def from_config(cls, config: dict[str, Any]) -> "Recurrent":
            return cls(**config)

    name = cell_class.__name__.removesuffix("Cell")
    CellLayer.__name__ = CellLayer.__qualname__ = name
    CellLayer.__module__ = cell_class.__module__
    CellLayer.__doc__ = (
        f"{cell_class.__doc__ or name}\n    The layer takes the arguments of `Recurrent` and of `{name}Cell`.\n"
    )
    return register(CellLayer)
