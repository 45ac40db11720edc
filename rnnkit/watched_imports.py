"""Imports of Keras and TensorFlow after `import rnnkit`: without their start-up notes, and rnnkit's classes made known.

TensorFlow learns from the environment how much it is to say, once, while it is imported, and writes some lines before
that. So the variable is set as soon as rnnkit is imported, unless the user has set it, and those lines are held back,
also where a program of the user's imports Keras itself.
"""

import os
import sys
from _thread import get_ident  # of `threading`, whose import takes as long as rnnkit's
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from rnnkit.noise import without_noise

if TYPE_CHECKING:
    from importlib.abc import Loader

#: What TensorFlow is to say: 3, errors that end the process alone; 0, everything.
VARIABLE = "TF_CPP_MIN_LOG_LEVEL"
_QUIET, _EVERYTHING = "3", "0"


def watch(keras_is_there: Callable[[Any], None]) -> None:
    """Import Keras and TensorFlow quietly from now on.

    Args:
        keras_is_there: Called with Keras: now if it is imported, else as soon as it is.
    """
    os.environ.setdefault(VARIABLE, _QUIET)
    keras = sys.modules.get("keras")
    if hasattr(keras, "saving"):
        keras_is_there(keras)
    else:
        sys.meta_path.insert(0, _Finder({"keras": keras_is_there, "tensorflow": lambda tensorflow: None}))


class _Finder:
    """Finds modules as all others do, and watches some being imported.

    Neither this nor the loader extends its class of `importlib.abc`, whose import takes a quarter of rnnkit's.
    """

    def __init__(self, watched: dict[str, Callable[[Any], None]]) -> None:
        self.watched, self.looking = watched, set[tuple[int, str]]()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        here = (get_ident(), fullname)
        if fullname not in self.watched or here in self.looking:
            return None
        self.looking.add(here)
        try:
            spec = find_spec(fullname)
        finally:
            self.looking.discard(here)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self.watched[fullname])  # type: ignore[assignment]
        return spec


class _Loader:
    """Loads a module with its own loader, quietly, and says when it is there."""

    def __init__(self, loader: "Loader", is_there: Callable[[Any], None]) -> None:
        self.loader, self.is_there = loader, is_there

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self.loader
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader
        if os.environ.get(VARIABLE) == _EVERYTHING:
            self.loader.exec_module(module)
        else:
            with without_noise():
                self.loader.exec_module(module)
        self.is_there(module)
