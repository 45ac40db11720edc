"""Writes the folder that goes to the phone: the model or models, words and labels, and `bundle.json`."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnnkit.export.places import known_names
from rnnkit.files.writing import replace_folder
from rnnkit.lite.bundle import FILE_NAME, FORMAT, FORMAT_VERSION
from rnnkit.run.folder import read_json, versions, write_json


def write_bundle(folder: Path, task: Any, models: Mapping[str, bytes], description: dict[str, Any]) -> None:
    """Writes a bundle.

    Args:
        folder: A new one in the Run's; the bundle is `lite/` beside it once `finish_bundle` is called.
        task: The trained task; its preprocessing gives its vocabulary and labels.
        models: The TFLite files, by what `bundle.json` calls them.
        description: What the task and the exporter say in `bundle.json`.
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
    """Adds what was measured on the bundle, and gives it its name in place of an earlier one."""
    content = read_json(folder / FILE_NAME)
    write_json(folder / FILE_NAME, {**content, **more})
    replace_folder(folder, target, known_names(target))
    return target
