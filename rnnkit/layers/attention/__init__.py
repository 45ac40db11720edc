"""Attention over encoder states, its kinds, coverage and penalties."""
