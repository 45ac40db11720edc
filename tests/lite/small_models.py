"""What the runners' small test models compute, in TensorFlow."""

import uuid

import numpy as np

WORDS = ["good", "bad", "film", "très"]
LABELS = ["negative", "positive", "so so 😐"]
LENGTH, UNITS = 8, 5


def weight_values():
    """Distinct random weights: {name: float32 array}."""
    random = np.random.default_rng(7)
    shapes = {
        "embedding": (3 + len(WORDS), UNITS),
        "head": (UNITS, len(LABELS)),
        "kernel": (UNITS, 4 * UNITS),
        "recurrent": (UNITS, 4 * UNITS),
        "bias": (4 * UNITS,),
    }
    return {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def module(tf):
    """A `tf.Module` with the functions classify, step and fused."""
    attributes = {
        "api_implements": f"lstm_{uuid.uuid4()}",
        "api_preferred_device": "CPU",
        "time_major": False,
        "go_backwards": False,
    }

    class Module(tf.Module):
        def __init__(self):
            super().__init__()
            for name, value in weight_values().items():
                setattr(self, name, tf.Variable(value))

        def classify(self, ids):
            """Mean of the embeddings of all ids that are not padding."""
            real = tf.cast(tf.not_equal(ids, 0), tf.float32)[..., None]
            mean = tf.reduce_sum(tf.gather(self.embedding, ids) * real, 1) / tf.reduce_sum(real, 1)
            return {"probability": tf.nn.softmax(tf.matmul(mean, self.head))}

        def step(self, x, h, c):
            i, f, g, o = tf.split(tf.matmul(x, self.kernel) + tf.matmul(h, self.recurrent) + self.bias, 4, 1)
            c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
            h = tf.sigmoid(o) * tf.tanh(c)
            return {"y": tf.identity(h), "h": h, "c": c}

        def fused(self, ids):
            zeros = tf.zeros((1, UNITS))
            x = tf.gather(self.embedding, ids)
            last, *_ = _lstm(x, zeros, zeros, self.kernel + 0.0, self.recurrent + 0.0, self.bias + 0.0)
            return {"probability": tf.nn.softmax(tf.matmul(last, self.head))}

    @tf.function(autograph=False, experimental_attributes=attributes)
    def _lstm(x, h, c, kernel, recurrent, bias):
        """What the converter turns into one operator, which keeps its state between calls."""

        def one(t, h, c, outputs):
            i, f, g, o = tf.split(tf.matmul(x[:, t], kernel) + tf.matmul(h, recurrent) + bias, 4, 1)
            c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
            h = tf.sigmoid(o) * tf.tanh(c)
            return t + 1, h, c, outputs.write(t, h)

        outputs = tf.TensorArray(tf.float32, LENGTH)
        _, h, c, outputs = tf.while_loop(lambda t, *_: t < LENGTH, one, (0, h, c, outputs))
        sequence = tf.transpose(outputs.stack(), (1, 0, 2))
        return h, sequence, h, c, tf.constant(1.0)

    return Module()
