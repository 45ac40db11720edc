"""A TFLite file checked before LiteRT sees it: its tables, operators and calls."""
