"""Small lattices of CTC and all their paths, one by one: the reference of its loss, its searches and its alignments."""

import itertools
from collections import defaultdict

import numpy as np


def said(path):
    """The units of a path, by the definition: repeats merged, then blanks (0) dropped."""
    kept = [unit for place, unit in enumerate(path) if not place or path[place - 1] != unit]
    return tuple(unit for unit in kept if unit)


def log_softmax(logits):
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def frames_of(random, time, classes, spread=2.0):
    """Log-probabilities `[time, classes]`."""
    return log_softmax(random.normal(scale=spread, size=(time, classes)))


def all_paths(log_probs):
    """Every path and its log-probability."""
    time, classes = log_probs.shape
    for path in itertools.product(range(classes), repeat=time):
        yield path, float(log_probs[np.arange(time), list(path)].sum()) if time else 0.0


def all_texts(log_probs):
    """Every text that some path says, and its log-probability."""
    paths = defaultdict(list)
    for path, log_p in all_paths(log_probs):
        paths[said(path)].append(log_p)
    return {text: np.logaddexp.reduce(found) for text, found in paths.items()}


def best_path(log_probs, units):
    """The likeliest path that says the units, and its log-probability."""
    return max(
        ((path, log_p) for path, log_p in all_paths(log_probs) if said(path) == tuple(units)), key=lambda each: each[1]
    )
