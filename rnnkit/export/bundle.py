"""The folder for the phone: the model or models, words and labels, and `bundle.json`."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnnkit.export.places import known_names
from rnnkit.files.writing import replace_folder
from rnnkit.lite.bundle import FILE_NAME, FORMAT, FORMAT_VERSION
from rnnkit.run.folder import read_json, versions, write_json


def write_bundle(folder: Path, task: Any, models: Mapping[str, bytes], description: dict[str, Any]) -> None:
    """Write a bundle.

    Args:
        folder: A new folder in the Run's; `finish_bundle` moves it to `lite/` beside it.
        task: The trained task; its preprocessing provides its vocabulary and labels.
        models: The TFLite files, by their names in `bundle.json`.
        description: The entries of the task and the exporter in `bundle.json`.
    """
    task.preprocessing.save(folder)
    for name, model in models.items():
        (folder / f"{name}.tflite").write_bytes(model)
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "task": task.key,
        **{name: f"{name}.tflite" for name in models},
        **description,
        "versions": versions(),
        "sha256": hashes,
    }
    write_json(folder / FILE_NAME, content)


def finish_bundle(folder: Path, target: Path, **more: Any) -> Path:
    """Add the measurements of the bundle, and move it to its final place, replacing an earlier one."""
    content = read_json(folder / FILE_NAME)
    write_json(folder / FILE_NAME, {**content, **more})
    replace_folder(folder, target, known_names(target))
    return target
