"""rnnkit: recurrent networks for Keras 3, from raw data to a checked TFLite model on a phone.

Public names are imported on first use, so `import rnnkit` is instant and imports no TensorFlow.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_LAZY = {
    "load": "rnnkit.tasks",
    "TextClassifier": "rnnkit.tasks.text_classifier",
    "TokenTagger": "rnnkit.tasks.token_tagger",
    "CRF": "rnnkit.layers.crf",
    "ImageCaptioner": "rnnkit.tasks.image_captioner",
    "LanguageModel": "rnnkit.tasks.language_model",
    "MusicModel": "rnnkit.tasks.music_model",
    "Translator": "rnnkit.tasks.translator",
    "TreeClassifier": "rnnkit.tasks.tree_classifier",
    "Recurrent": "rnnkit.layers.recurrent",
    "RecurrentCell": "rnnkit.cells.base",
    "register_cell": "rnnkit.cells._own",
    "GradientFlow": "rnnkit.training.flow_callback",
    "RnnkitError": "rnnkit.errors",
}
_MODULES = ("cells", "data", "export", "layers", "lite", "metrics", "plots", "tasks", "testing", "training")
__all__ = ["__version__", *_LAZY, *_MODULES]  # noqa: PLE0604


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
