"""Recursive layers: tree-structured cells and the layer that runs one over a batch of trees."""
