"""Files for microcontrollers: TFLite Micro's operators, products in int8, and the C++ source of a model.

`rnnkit export RUN --target micro` writes them for a task (`target.py`), `write_micro` for a single layer (`folder.py`).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnkit.export.micro.folder import write_micro as write_micro

__all__ = ["write_micro"]


def __getattr__(name: str) -> Any:
    if name != "write_micro":  # whose module imports flatbuffers
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rnnkit.export.micro.folder import write_micro

    return write_micro
