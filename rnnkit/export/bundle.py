"""Writes the folder that goes to the phone: the model or models, words and labels, and `bundle.json`."""

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnnkit.lite.bundle import FILE_NAME, FORMAT, FORMAT_VERSION
from rnnkit.tasks.run import LITE, read_json, replace_folder, versions, write_json


def write_bundle(temporary: Path, task: Any, models: Mapping[str, bytes], description: dict[str, Any]) -> None:
    """Writes a bundle under a temporary name.

    Args:
        temporary: A folder in the Run's; the bundle is `lite/` beside it once `finish_bundle` is called.
        task: The trained task; `save_preprocessing` gives its vocabulary and labels.
        models: The TFLite files, by what `bundle.json` calls them.
        description: What the task and the exporter say in `bundle.json`.
    """
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    task.save_preprocessing(temporary)
    for name, model in models.items():
        (temporary / f"{name}.tflite").write_bytes(model)
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(temporary.iterdir())}
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "task": task.key,
        **{name: f"{name}.tflite" for name in models},
        **description,
        "versions": versions(),
        "sha256": hashes,
    }
    write_json(temporary / FILE_NAME, content)


def finish_bundle(temporary: Path, **more: Any) -> Path:
    """Adds what was measured on the bundle, and gives it its name in place of an earlier one."""
    content = read_json(temporary / FILE_NAME)
    write_json(temporary / FILE_NAME, {**content, **more})
    target = temporary.with_name(LITE)
    replace_folder(temporary, target)
    return target
