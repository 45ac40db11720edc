"""SavedModels for servers: written whole and compared with Keras, or not at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.export.contract import Examples, Exporter
from rnnkit.export.parity import Agreement, ComparesAs
from rnnkit.export.places import MARK, known_names
from rnnkit.export.servable import Servable
from rnnkit.files.writing import new_folder, replace_folder
from rnnkit.run.folder import SAVED_MODEL, versions, write_json


def write_saved_model(
    folder: Path,
    save: Callable[[Path], None],
    agreement_of: Callable[[Path], Agreement],
    kind: ComparesAs,
) -> dict[str, Any]:
    """Write `saved_model/`, under this name only once it agrees with Keras.

    Args:
        folder: The Run's folder.
        save: Writes a SavedModel into a given folder.
        agreement_of: Compares the written model with Keras.
        kind: The tolerance between its outputs and those of Keras.

    Returns:
        A summary: path, bytes and the agreement.

    Raises:
        RnnkitError: It does not agree; then nothing is left.
    """
    target = folder / SAVED_MODEL
    with new_folder(target) as new:
        save(new)
        agreement = agreement_of(new)
        kind.require(agreement, "none", "saved_model")
        (new / MARK).parent.mkdir(exist_ok=True)
        write_json(new / MARK, {"versions": versions()})
        replace_folder(new, target, known_names(target))
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    return {"path": str(target), "bytes": size, "agreement": agreement.to_dict()}


def save_servable(exporter: Exporter, folder: Path, compared: Examples, source: str) -> dict[str, Any]:
    """Write `saved_model/` with the one signature of a task's only servable, batch 1.

    Args:
        exporter: The exporter of a trained task.
        folder: The Run's folder.
        compared: Encoded examples.
        source: Their origin.

    Raises:
        RnnkitError: The task has several files or functions, and its exporter does not say how they become one.
    """
    import tensorflow as tf

    servable, *others = exporter.servables("loop").values()
    if others or not isinstance(servable, Servable):
        raise RnnkitError(
            f"A {exporter.task.key} cannot be exported as saved_model: it has several functions, and its exporter "
            "has no saved_model of its own."
        )

    def agreement_of(saved: Path) -> Agreement:
        run = tf.saved_model.load(str(saved)).signatures["serving_default"]
        rows = exporter.inputs(compared, servable.fixed_length)
        outputs = [run(**{servable.input_name: tf.constant(row)})[servable.output_name].numpy()[0] for row in rows]
        return exporter.agreement(compared, np.stack(outputs), source)

    return write_saved_model(folder, servable.save, agreement_of, exporter.compares_as)
