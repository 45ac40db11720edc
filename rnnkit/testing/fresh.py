"""The other process of point 6: loads models with only Keras and the cell's module imported."""

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np


def load(backend: str, paths: Sequence[str], folder: str, jobs: Sequence[tuple[str, str]]) -> None:
    """Load models without `custom_objects` and write what they give.

    Args:
        backend: Keras's backend.
        paths: Where Python looks for modules.
        folder: Holds for each model NAME.keras and NAME.npz, its inputs; gets NAME.npy, its outputs.
        jobs: The models' names and their cells' modules.
    """
    os.environ["KERAS_BACKEND"] = backend
    sys.path[:] = filter(None, paths)
    import keras

    for name, module in jobs:
        _forget("rnnkit", module.partition(".")[0])
        importlib.import_module(module)
        with np.load(Path(folder, f"{name}.npz"), allow_pickle=False) as given:
            inputs = [given["inputs"], given["mask"]]
        model = keras.saving.load_model(Path(folder, f"{name}.keras"))
        np.save(Path(folder, f"{name}.npy"), keras.ops.convert_to_numpy(model(inputs)))


def _forget(*packages: str) -> None:
    """Restore a fresh state: registrations of an earlier model's modules are removed."""
    import keras

    keras.saving.get_custom_objects().clear()
    for name in list(sys.modules):
        if name.partition(".")[0] in packages:
            del sys.modules[name]
    importlib.invalidate_caches()
