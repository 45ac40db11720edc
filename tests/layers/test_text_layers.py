"""What stands before a recurrent layer that reads words."""

import keras
import numpy as np
import pytest

from rnnkit.data.vocabulary import SPECIALS, UNKNOWN
from rnnkit.layers.text import PaddingMask, WordDropout

IDS = np.array([[1, 5, 9, 4, 0, 0], [1, 7, 2, 3, 8, 6]])


def test_words_are_dropped_in_training_alone():
    layer = WordDropout(0.5, seed=1)
    np.testing.assert_array_equal(layer(IDS), IDS)
    many = np.tile(IDS, (2000, 1))
    dropped = np.asarray(layer(many, training=True))
    changed = dropped != many
    assert (dropped[changed] == UNKNOWN).all()
    assert not changed[many < len(SPECIALS)].any(), "padding, <START> and unknown words stay"
    assert changed[many >= len(SPECIALS)].mean() == pytest.approx(0.5, abs=0.02)
    assert 0 < changed[:, 1].mean() < 1, "each row draws its own"


def test_the_seed_says_which():
    first, second = (WordDropout(0.5, seed=3)(IDS, training=True) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_rate_is_checked():
    with pytest.raises(ValueError, match="rate is 1; expected a share from 0"):
        WordDropout(1)


def test_padding_mask_hides_zeros():
    np.testing.assert_array_equal(PaddingMask()(IDS), IDS != 0)


def test_both_are_saved_and_loaded(tmp_path):
    ids = keras.Input((None,), dtype="int32")
    model = keras.Model(ids, [PaddingMask()(ids), WordDropout(0.3, seed=2)(ids)])
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for mine, theirs in zip(again(IDS), model(IDS), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    layer = next(layer for layer in again.layers if isinstance(layer, WordDropout))
    assert (layer.rate, layer.seed) == (0.3, 2)
