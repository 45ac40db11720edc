"""The parts that a `Recurrent` makes of its one cell: a cell for each layer and direction, and blocks around layers."""

from typing import Any

from rnnkit.layers.block import ResidualBlock
from rnnkit.layers.cell import RecurrentCell
from rnnkit.layers.deep import DEPTHS, DeepCell


def cells_of(layer: Any) -> tuple[list[RecurrentCell], list[RecurrentCell]]:
    """The forward and the backward cells of a `Recurrent`, the given cell first and its copies after it.

    Example:

    >>> from rnnkit.cells import GRU
    >>> forward, backward = cells_of(GRU(8, layers=2, bidirectional=True))
    >>> len(forward), [cell.name[-10:] for cell in backward]
    (2, ['backward_0', 'backward_1'])
    """
    forward = [layer.cell, *(_copy(layer, f"forward_{i}", i) for i in range(1, layer.layers))]
    count = layer.layers if layer.bidirectional else 0
    backward = [_copy(layer, f"backward_{i}", layer.layers + i) for i in range(count)]
    return [_deep(layer, each) for each in forward], [_deep(layer, each) for each in backward]


def blocks_of(layer: Any) -> list[ResidualBlock]:
    """The blocks around the layers of a `Recurrent`, none without `block`."""
    return [
        ResidualBlock(
            layer.cell.units,
            layer.block,
            last=index == layer.layers - 1,
            dropout=layer.dropout_between,
            seed=seed_of(layer, 2 * layer.layers + 1 + 2 * index),
            dtype=layer.dtype_policy,
            name=f"block_{index}",
        )
        for index in range(layer.layers if layer.block else 0)
    ]


def seed_of(layer: Any, number: int) -> int | None:
    """A seed for each part, so that no two drop the same units; None where the cell has none."""
    return None if layer.cell.seed is None else layer.cell.seed + number


def _copy(layer: Any, name: str, number: int) -> RecurrentCell:
    config = layer.cell.get_config()
    named = {**config, "name": f"{config['name']}_{name}", "seed": seed_of(layer, number)}
    copy: RecurrentCell = type(layer.cell).from_config(named)
    return copy


def _deep(layer: Any, cell: RecurrentCell) -> RecurrentCell:
    depths = {name: getattr(layer, name) for name in DEPTHS}
    if not any(depths.values()):
        return cell
    return DeepCell(cell, **depths, activation=layer.depth_activation, shortcuts=layer.residual)
