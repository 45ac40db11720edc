"""Conversion to SavedModel, `.keras` and TFLite, only here; each file is compared with Keras before it is accepted."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnkit.export.exporter import export as export

__all__ = ["export"]


def __getattr__(name: str) -> Any:
    if name != "export":  # whose module imports Keras
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rnnkit.export.exporter import export

    return export
