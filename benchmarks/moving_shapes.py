"""The benefit of a recurrent layer over pictures: clips of a moving shape, labelled with its motion.

One small encoder encodes every frame; the models differ in how they use the frames' vectors: a GRU reads them in order,
a mean ignores the order, and a last model sees only the middle frame. The epoch is chosen on the validation
part, the test part is read once. Writes `results/moving_shapes.json`.

    python benchmarks/moving_shapes.py
"""

import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from _record import record

from rnnkit.cells import GRU
from rnnkit.data.moving_sample import MOTIONS, moving_shapes
from rnnkit.vision.encoders import image_encoder

CLIPS, SIDE, FRAMES = 800, 16, 8
EPOCHS, BATCH, LEARNING_RATE, UNITS = 12, 32, 0.002, 64
SEEDS = (1, 2, 3)


def main() -> None:
    clips = moving_shapes(CLIPS, side=SIDE, frames=FRAMES)
    x = {part: np.stack([clip.frames for clip in some]) for part, some in clips.items()}
    y = {part: np.array([MOTIONS.index(clip.motion) for clip in some]) for part, some in clips.items()}
    ways = {
        "a GRU over the frames": (x, lambda: GRU(UNITS)),
        "their mean": (x, keras.layers.GlobalAveragePooling1D),
        "the middle frame alone": (
            {part: some[:, FRAMES // 2 : FRAMES // 2 + 1] for part, some in x.items()},
            keras.layers.GlobalAveragePooling1D,
        ),
    }
    result = {}
    for name, (frames, summary) in ways.items():
        runs = [scores(frames, y, summary(), seed) for seed in SEEDS]
        result[name] = {
            "test_accuracy": [round(run[0], 4) for run in runs],
            "median_test_accuracy": round(float(np.median([run[0] for run in runs])), 4),
            "median_seconds": round(float(np.median([run[1] for run in runs])), 1),
        }
        print(name, result[name], flush=True)
    settings = {"clips": CLIPS, "side": SIDE, "frames": FRAMES, "epochs": EPOCHS, "units": UNITS, "chance": 1 / 8}
    record("moving_shapes", {"settings": settings, **result}, seed=list(SEEDS))


def scores(x: dict, y: dict, summary: keras.Layer, seed: int) -> tuple[float, float]:
    """Test accuracy of the best epoch on validation, and the seconds of training."""
    keras.utils.set_random_seed(seed)
    began = time.perf_counter()
    frames = keras.Input(x["train"].shape[1:], dtype="uint8")
    seen = keras.layers.TimeDistributed(image_encoder("small_cnn", SIDE, output="pooled"))(frames)
    answer = keras.layers.Dense(len(MOTIONS), "softmax")(summary(seen))
    model = keras.Model(frames, answer)
    steps = EPOCHS * -(-len(x["train"]) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    best = Best()
    model.fit(x["train"], y["train"], BATCH, EPOCHS, 0, [best], validation_data=(x["validation"], y["validation"]))
    model.set_weights(best.weights)
    return model.evaluate(x["test"], y["test"], verbose=0)[1], time.perf_counter() - began


class Best(keras.callbacks.Callback):
    """Keeps the weights of the epoch with the lowest validation loss."""

    lowest = float("inf")
    weights: list

    def on_epoch_end(self, epoch: int, logs: dict) -> None:
        if logs["val_loss"] < self.lowest:
            self.lowest, self.weights = logs["val_loss"], self.model.get_weights()


if __name__ == "__main__":
    main()
