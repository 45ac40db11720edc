"""Figures of merit: arrays in, numbers out. No module here knows a task."""
