"""Dropout and zoneout for a loop over time: masks drawn before it, read within it."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from rnnkit.layers.cell import RecurrentCell

Tensor = Any


def input_noise(
    cell: RecurrentCell, length: Any, batch: Any, features: int, training: bool
) -> tuple[Tensor | None, dict[str, Tensor]]:
    """Masks for dropout of a cell's input: the one for all time steps, if any, or those of each step,
    `[time, batch, features]` by name."""
    if not (training and cell.dropout):
        return None, {}
    shape = (batch, features) if cell.variational else (length, batch, features)
    mask = keras.random.dropout(ops.ones(shape, cell.compute_dtype), cell.dropout, seed=cell.seed_generator)
    return (mask, {}) if cell.variational else (None, {"input": mask})


def state_noise(
    cell: RecurrentCell, length: Any, batch: Any, training: bool
) -> tuple[Tensor | None, dict[str, Tensor]]:
    """Masks for recurrent dropout and zoneout: the one for all time steps, if any, and those of each step,
    `[time, batch, size]` by name."""
    columns: dict[str, Tensor] = {}
    drops = training and cell.recurrent_dropout > 0
    fixed = cell.sample_recurrent_mask(batch) if drops and cell.variational else None
    if drops and not cell.variational:
        columns["drop"] = cell.sample_recurrent_mask(length, batch)
    if training and cell.zoneout:
        columns |= {f"keep{i}": keep for i, keep in enumerate(cell.sample_keep_masks(length, batch))}
    return fixed, columns


def noise_at(
    cell: RecurrentCell, fixed: Tensor | None, at: Mapping[str, Tensor]
) -> tuple[Tensor | None, list[Tensor] | None]:
    """The noise of one step as `advance` takes it, from what `state_noise` gave."""
    keeps = [at[f"keep{i}"] for i in range(len(cell.state_names))] if "keep0" in at else None
    return at.get("drop", fixed), keeps
