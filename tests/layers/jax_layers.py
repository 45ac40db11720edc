"""A small translator made of our layers alone, which the test of JAX runs on both backends."""

import os
from pathlib import Path

import numpy as np

WORDS, ROWS, TIME, SOURCE = 9, 4, 6, 5


def data():
    """Source ids, target ids that begin with START, and the ids to be said; 0 is padding."""
    random = np.random.default_rng(1)
    source, target = (random.integers(2, WORDS, size=(ROWS, time)) for time in (SOURCE, TIME + 1))
    target[:, 0], source[1, 3:], target[2, 4:] = 1, 0, 0
    return [source.astype("int32"), target[:, :-1].astype("int32")], target[:, 1:].astype("int32")


def network():
    """Every layer of the decoder's side at once, with noise in training."""
    import keras

    from rnnkit.cells import GRUCell, LSTMCell
    from rnnkit.layers.attention.attention import AdditiveAttention
    from rnnkit.layers.attention.coverage import CoverageLoss
    from rnnkit.layers.bridge import Bridge
    from rnnkit.layers.decoder import Decoder
    from rnnkit.layers.recurrent import Recurrent
    from rnnkit.layers.scheduled_sampling import ScheduledSampling

    source, target = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    table, head = keras.layers.Embedding(WORDS, 5), keras.layers.Dense(WORDS)
    encoder = Recurrent(GRUCell(4), bidirectional=True, return_sequences=True, return_state=True)
    mask = keras.ops.not_equal(source, 0)
    memory, *last = encoder(table(source), mask=mask)
    noise = {"dropout": 0.1, "recurrent_dropout": 0.1, "zoneout": 0.1, "variational": False}
    cell = LSTMCell(6, **noise)
    stack = Recurrent(cell, layers=2, dropout_between=0.1, return_sequences=True, return_state=True)
    decoder = Decoder(stack, AdditiveAttention(6), 5, input_feeding=True)
    first = Bridge.between(encoder, stack)(list(last))

    def decoded(ids):
        vectors, weights = decoder(table(ids), initial_state=first, memory=memory, memory_mask=mask)
        return head(vectors), weights

    ids = ScheduledSampling(0.5, 4, name="sampling")(target, decoded(target)[0])
    logits, weights = decoded(ids)
    return keras.Model([source, target], CoverageLoss(0.1)(logits, weights, target))


def learn(model):
    """The losses of some steps, and how many of them scheduled sampling has seen."""
    import keras

    inputs, words = data()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.02), loss, jit_compile=keras.backend.backend() == "jax")
    losses = [float(model.train_on_batch(inputs, words)) for _ in range(8)]
    return losses, float(model.get_layer("sampling").seen.value)


def under_jax(file: str):
    """Loads the model of a file under JAX, gives its logits, and trains it."""
    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    yield keras.backend.backend()
    network()  # imports the layers, so that Keras finds them by name
    model = keras.saving.load_model(Path(file))
    yield keras.ops.convert_to_numpy(model(data()[0])).tolist()
    yield learn(model)
