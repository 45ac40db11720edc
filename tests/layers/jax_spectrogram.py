"""Frames of sounds on JAX, which the test of the front end compares with those on TensorFlow."""

import os


def under_jax():
    """The backend, then for each of the test's settings the frames of its batch and those of the first hops."""
    os.environ["KERAS_BACKEND"] = "jax"
    import keras
    import numpy as np
    from layers.test_spectrogram import SETTINGS, STREAMS, batch, hops_of, spectrogram_of

    from rnnkit.layers.spectrogram import SpectrogramLayer

    yield keras.backend.backend()
    rows, lengths = batch()
    for name in SETTINGS:
        layer = SpectrogramLayer(spectrogram_of(name))
        whole = np.asarray(layer(rows, lengths=lengths)).tolist()
        yield whole, hops_of(layer, rows[:1, :1600])[0].tolist() if name in STREAMS else None
