"""What stands before a recurrent layer that reads words."""

import keras
import numpy as np
import pytest

from rnnkit.codec.vocabulary import SPECIALS, UNKNOWN
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


def shares(layer, ids):
    """How often each place of `ids` is dropped, over 4000 rows."""
    many = np.tile(ids, (4000, 1))
    dropped = np.asarray(layer(many, training=True))
    assert (dropped[dropped != many] == UNKNOWN).all()
    return (dropped != many).mean(axis=0)


@pytest.mark.parametrize(
    "rate, rare_rate, rare_from, frequent, rare",
    [
        (0.1, 0.6, 6, 0.1, 0.6),
        (0.0, 0.5, 6, 0.0, 0.5),
        (0.4, 0.1, 6, 0.4, 0.4),  # a rare word is hidden no less often than the others
        (0.2, 0.9, None, 0.2, 0.2),
        (0.0, 0.9, None, 0.0, 0.0),
        (0.3, 0.7, 3, 0.7, 0.7),
        (0.3, 0.7, 99, 0.3, 0.3),
    ],
)
def test_rare_words_are_dropped_more_often(rate, rare_rate, rare_from, frequent, rare):
    layer = WordDropout(rate, rare_rate=rare_rate, rare_from=rare_from, seed=1)
    ids = np.array([[1, 3, 5, 6, 9, 2, 0]])
    expected = [0, frequent, frequent, rare, rare, 0, 0]
    assert shares(layer, ids).tolist() == pytest.approx(expected, abs=0.04)
    np.testing.assert_array_equal(layer(ids), ids)


def test_the_rare_rate_is_checked_and_saved(tmp_path):
    with pytest.raises(ValueError, match="rare_rate is -0.1; expected a share from 0"):
        WordDropout(0.1, rare_rate=-0.1)
    ids = keras.Input((None,), dtype="int32")
    keras.Model(ids, WordDropout(0.1, rare_rate=0.4, rare_from=7)(ids)).save(tmp_path / "model.keras")
    layer = keras.saving.load_model(tmp_path / "model.keras").layers[-1]
    assert (layer.rate, layer.rare_rate, layer.rare_from) == (0.1, 0.4, 7)
