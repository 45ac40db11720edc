"""A Run folder: its files, its lock while something is written, its weights, and their half-precision copy."""
