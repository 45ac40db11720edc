"""rnnkit: recurrent networks for Keras 3, from raw data to a checked TFLite model on a phone.

Public names are imported on first use, so `import rnnkit` is instant and imports no TensorFlow.
"""

import importlib
import os
from typing import Any

from rnnkit.keras_names import register_names
from rnnkit.watched_imports import watch

__version__ = "0.1.0"

_LAZY = {
    "load": "rnnkit.tasks",
    "compare": "rnnkit.tasks.base.comparing",
    "tune": "rnnkit.tasks.base.tuning",
    "cross_validate": "rnnkit.tasks.base.cross_validation",
    "CRF": "rnnkit.layers.crf.crf",
    "Recurrent": "rnnkit.layers.recurrent",
    "RecurrentCell": "rnnkit.layers.cell",
    "register_cell": "rnnkit.cells._own",
    "register_task": "rnnkit.tasks._own",
    "Task": "rnnkit.tasks.base.task",
    "GradientFlow": "rnnkit.training.flow_callback",
    "RnnkitError": "rnnkit.errors",
}
#: A task's class by the name of its folder: `text_classifier` holds `TextClassifier`.
_ROOMS = os.path.join(os.path.dirname(__file__), "tasks")
_LAZY |= {
    room.title().replace("_", ""): f"rnnkit.tasks.{room}.task"
    for room in sorted(os.listdir(_ROOMS))
    if room != "base" and os.path.isfile(os.path.join(_ROOMS, room, "task.py"))
}
_MODULES = ("cells", "data", "export", "layers", "lite", "metrics", "plots", "tasks", "testing", "training")
__all__ = ["__version__", *_LAZY, *_MODULES]  # noqa: PLE0604


watch(register_names)


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        if _LAZY[name].split(".")[1] in ("layers", "cells", "training"):
            importlib.import_module("rnnkit.quiet").load_keras()
        return getattr(importlib.import_module(_LAZY[name]), name)
    if name in _MODULES:
        return importlib.import_module(f"rnnkit.{name}")
    raise AttributeError(f"module 'rnnkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
