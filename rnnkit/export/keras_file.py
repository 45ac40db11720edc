"""The bare network as one `.keras` file, which Keras loads wherever rnnkit's layers are installed."""

import os
from pathlib import Path
from typing import Any

from rnnkit.export.contract import Exporter
from rnnkit.files.writing import new_folder
from rnnkit.run.folder import MODEL


def export_keras(exporter: Exporter, folder: Path, compared: Any, source: str) -> dict[str, Any]:
    """Write `model.keras`, without the optimizer's state, and compare it with the task's network.

    Args:
        exporter: The exporter of a trained task.
        folder: The Run's folder, or another one.
        compared: Encoded rows.
        source: Their origin.
    """
    import keras

    from rnnkit.layers.weights import copy_lasting_weights

    target = folder / MODEL
    task = exporter.task
    network, bare = task.network, task.build()
    copy_lasting_weights(network, bare)
    with new_folder(target) as new:
        try:
            bare.save(new / MODEL)
            ours = exporter.expected(compared)
            task.network = keras.saving.load_model(new / MODEL)
            kind, truth = exporter.compares_as, exporter.truth(compared)
            agreement = kind.compare(ours, exporter.expected(compared), truth, source)
            kind.require(agreement, "none", "keras")
        finally:
            task.network = network
        os.replace(new / MODEL, target)
    return {"path": str(target), "bytes": target.stat().st_size, "agreement": agreement.to_dict()}
