"""CTC's loss on JAX, which the test of the loss compares with TensorFlow's."""

import os


def under_jax(logits, labels, lengths):
    """The backend, -log p of each row, its gradient with respect to the logits, and the losses of a training."""
    os.environ["KERAS_BACKEND"] = "jax"
    import jax
    import keras
    import numpy as np

    from rnnkit.layers.ctc import CTC, CTCLoss, log_likelihood

    yield keras.backend.backend()
    logits, labels = np.array(logits, "float32"), np.array(labels, "int32")
    mask = np.arange(logits.shape[1]) < np.array(lengths)[:, None]
    layer = CTC()

    def total(logits):
        found = -log_likelihood(labels, layer(logits, mask=mask))
        return found.sum(), found

    gradient, found = jax.jit(jax.grad(total, has_aux=True))(logits)
    yield np.asarray(found).tolist()
    yield np.asarray(gradient).tolist()
    frames = keras.Input(logits.shape[1:])
    model = keras.Model(frames, CTC()(keras.layers.Dense(logits.shape[2])(frames)))
    model.compile(keras.optimizers.Adam(0.05), loss=CTCLoss())
    yield [float(model.train_on_batch(logits, labels)) for _ in range(5)]
