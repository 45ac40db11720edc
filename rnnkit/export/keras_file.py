"""The network alone as one `.keras` file, which Keras loads wherever rnnkit's layers are installed."""

import os
from pathlib import Path
from typing import Any

from rnnkit.export.parity import compare, require
from rnnkit.files.writing import new_folder
from rnnkit.run.folder import MODEL


def export_keras(task: Any, folder: Path, compared: Any, source: str) -> dict[str, Any]:
    """Writes `model.keras`, without the optimizer's state, and compares it with the task's network.

    Args:
        task: A trained task.
        folder: The Run's folder, or another one.
        compared: Encoded rows.
        source: Where they come from.
    """
    import keras

    from rnnkit.layers.weights import copy_lasting_weights

    target = folder / MODEL
    network, bare = task.network, task.build()
    copy_lasting_weights(network, bare)
    with new_folder(target) as new:
        try:
            bare.save(new / MODEL)
            ours = task.expected(compared)
            task.network = keras.saving.load_model(new / MODEL)
            agreement = compare(ours, task.expected(compared), compared.truth, source)
            require(agreement, "none", "keras")
        finally:
            task.network = network
        os.replace(new / MODEL, target)
    return {"path": str(target), "bytes": target.stat().st_size, "agreement": agreement.to_dict()}
