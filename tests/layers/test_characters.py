"""Words from their characters, against NumPy and against the cell run by hand."""

import keras
import numpy as np
import pytest

from rnnkit.cells import ESNCell, GRUCell, LSTMCell, SimpleRNNCell
from rnnkit.layers.characters import CharacterCNN, CharacterRNN
from rnnkit.testing.subject import randomize

CHARACTERS, SIZE, UNITS = 12, 4, 5
#: Two sentences of three words of at most six characters; the last word of each is padding.
IDS = np.array(
    [
        [[5, 6, 7, 8, 9, 10], [3, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]],
        [[11, 2, 4, 0, 0, 0], [4, 4, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]],
    ]
)
PADDING = np.s_[:, 2]


def filled(layer):
    layer.build(IDS.shape)
    randomize(layer.weights)
    return layer


def convolved(layer, word):
    """A word's vector by the formula of the docstring, character by character."""
    embedding, kernel, bias = (np.asarray(weight, "float64") for weight in layer.get_weights())
    vectors = embedding[word] * (word != 0)[:, None]
    reach = layer.window // 2
    around = np.concatenate([np.zeros((reach, SIZE)), vectors, np.zeros((reach, SIZE))])
    found = [
        np.concatenate(around[place : place + layer.window]) @ kernel + bias
        for place, letter in enumerate(word)
        if letter
    ]
    return np.max(found, axis=0) if found else np.zeros(UNITS)


@pytest.mark.parametrize("window", [1, 3, 5, 9])
def test_convolution_equals_numpy(window):
    layer = filled(CharacterCNN(UNITS, characters=CHARACTERS, embedding_size=SIZE, window=window))
    got = np.asarray(layer(IDS))
    expected = np.array([[convolved(layer, word) for word in sentence] for sentence in IDS])
    np.testing.assert_allclose(got, expected, atol=1e-5)
    assert (got[PADDING] == 0).all() and (got[:, :2] != 0).all()
    assert layer.compute_output_shape(IDS.shape) == got.shape


def layers():
    return [
        CharacterCNN(UNITS, characters=CHARACTERS, embedding_size=SIZE),
        CharacterRNN(GRUCell(UNITS), characters=CHARACTERS, embedding_size=SIZE),
    ]


@pytest.mark.parametrize("place", [0, 1], ids=["cnn", "rnn"])
def test_padding_changes_nothing(place):
    layer = filled(layers()[place])
    longer = np.pad(IDS, [(0, 0), (0, 1), (0, 4)])
    np.testing.assert_allclose(layer(longer)[:, :3], layer(IDS), atol=1e-6)
    np.testing.assert_allclose(layer(IDS[:, :, :3])[:, 1], layer(IDS)[:, 1], atol=1e-6)


@pytest.mark.parametrize("cell_class", [SimpleRNNCell, GRUCell, LSTMCell, ESNCell])
def test_recurrence_equals_the_cell_run_by_hand(cell_class):
    layer = filled(CharacterRNN(cell_class(UNITS), characters=CHARACTERS, embedding_size=SIZE))
    got = np.asarray(layer(IDS))
    embedding = layer.embedding.get_weights()[0]
    for row, sentence in zip(got, IDS, strict=True):
        for vector, word in zip(row, sentence, strict=True):
            letters = word[word != 0]
            expected = np.zeros(2 * UNITS)
            for place, cell in enumerate(layer.recurrent.cells):
                states = [np.zeros((1, size), "float32") for size in cell.state_size]
                for letter in letters[:: 1 - 2 * place]:
                    output, states = cell(embedding[letter][None], states)
                    expected[place * UNITS :][:UNITS] = np.asarray(output)[0]
            np.testing.assert_allclose(vector, expected, atol=1e-5)
    assert (got[PADDING] == 0).all()
    assert layer.compute_output_shape(IDS.shape) == got.shape


@pytest.mark.parametrize("policy", ["float16", "mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("kind", [CharacterCNN, CharacterRNN])
def test_half_precision_stays_finite_and_near(kind, policy):
    def made(dtype):
        keras.utils.set_random_seed(3)
        first = UNITS if kind is CharacterCNN else GRUCell(UNITS, dtype=dtype)
        layer = kind(first, characters=CHARACTERS, embedding_size=SIZE, dtype=dtype)
        return filled(layer)

    whole, half = made("float32"), made(policy)
    half.set_weights(whole.get_weights())
    got = half(IDS)
    assert keras.backend.standardize_dtype(got.dtype) == half.compute_dtype
    got = np.asarray(keras.ops.cast(got, "float32"))
    assert np.isfinite(got).all() and (got[PADDING] == 0).all()
    np.testing.assert_allclose(got, whole(IDS), atol=0.1 if "b" in policy else 0.02, rtol=0.02)


@pytest.mark.parametrize("place", [0, 1], ids=["cnn", "rnn"])
def test_gradients_are_finite_where_all_is_padding(place):
    import tensorflow as tf

    layer = filled(layers()[place])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(np.zeros_like(IDS)) ** 2)
    found = tape.gradient(loss, layer.trainable_weights, unconnected_gradients="zero")
    assert all(np.isfinite(tf.convert_to_tensor(gradient)).all() for gradient in found)


def test_both_are_saved_and_loaded(tmp_path):
    ids = keras.Input((None, IDS.shape[-1]), dtype="int32")
    wide = CharacterCNN(UNITS, characters=CHARACTERS, embedding_size=SIZE, window=5)
    model = keras.Model(ids, [layer(ids) for layer in (wide, layers()[1])])
    randomize(model.weights)
    assert [output.shape for output in model.outputs] == [(None, None, UNITS), (None, None, 2 * UNITS)]
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for mine, theirs in zip(again(IDS), model(IDS), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert [layer.window for layer in again.layers if isinstance(layer, CharacterCNN)] == [5]


@pytest.mark.parametrize("window", [0, 2, -1])
def test_a_window_has_a_middle(window):
    with pytest.raises(ValueError, match=f"window is {window}; expected an odd number"):
        CharacterCNN(UNITS, characters=CHARACTERS, window=window)
