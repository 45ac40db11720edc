"""What pictures show of frames."""

import numpy as np

from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.tasks.shared.hearing import Hearing
from rnnkit.tasks.shared.sound_options import SoundOptions


def test_cepstra_are_shown_as_the_bands_that_they_are_of():
    sound = np.random.default_rng(2).normal(0, 0.1, 4000).astype(np.float32)
    bands = Spectrogram(rate=8000, bands=12, normalise="none")
    cepstra = Spectrogram(rate=8000, bands=12, coefficients=12, deltas=1, normalise="none")
    expected = Hearing(SoundOptions(rate=8000), bands).shown(bands.encode(sound))
    found = Hearing(SoundOptions(rate=8000), cepstra).shown(cepstra.encode(sound))
    assert found.shape == expected.shape == (len(bands.encode(sound)), 12)
    np.testing.assert_allclose(found, expected, atol=1e-4)
