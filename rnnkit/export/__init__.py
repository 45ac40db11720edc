"""The only place that converts: SavedModel, `.keras` and TFLite, each compared with Keras before it is called done."""

from rnnkit.export.exporter import export

__all__ = ["export"]
