"""Which epoch is the best one, when training stops, and how the learning rate falls: without any training."""

import keras
import numpy as np
import pytest

from rnnkit.data.batches import Batches
from rnnkit.tasks.base.options import Options
from rnnkit.training.trainer import Keeper, optimizer, train


def watched(figures, patience, monitor="val_accuracy"):
    """The keeper after these epochs, (validation accuracy, validation loss) each, or fewer where it stops."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile("sgd", "mse")
    keeper = Keeper(None, monitor, patience)
    keeper.set_model(model)
    for epoch, (accuracy, loss) in enumerate(figures):
        keeper.on_epoch_begin(epoch)
        model.set_weights([np.full((1, 1), epoch + 1.0)])
        keeper.on_epoch_end(epoch, {"loss": 1.0, "val_accuracy": accuracy, "val_loss": loss})
        if model.stop_training:
            break
    return keeper


@pytest.mark.parametrize(
    ("figures", "monitor", "best", "epochs"),
    [
        ([(0.5, 0.5), (0.6, 0.4), (0.6, 0.5), (0.6, 0.6), (0.9, 0.1)], "val_accuracy", 2, 4),
        ([(0.6, 1.0), (0.5, 0.9), (0.5, 0.8), (0.5, 0.9), (0.5, 1.1), (0.9, 0.1)], "val_accuracy", 1, 5),
        ([(0.5, 0.5), (0.5, 0.4), (0.5, 0.6)], "val_accuracy", 2, 3),
        ([(0.1, 1.0), (0.1, 0.5), (0.9, 0.7)], "val_loss", 2, 3),
    ],
    ids=["two epochs without a better one", "a falling loss counts too", "of equal ones the smaller loss", "the loss"],
)
def test_the_best_epoch_is_kept_and_patience_ends_it(figures, monitor, best, epochs):
    keeper = watched(figures, 2, monitor)
    assert (keeper.progress.best_epoch, keeper.progress.epoch) == (best, epochs)
    assert keeper.best[0] == best and keeper.progress.finished == (epochs - best >= 2)


def test_the_learning_rate_rises_and_then_falls_to_a_fiftieth():
    made = optimizer(Options(learning_rate=0.01), 1000)
    rates = {}
    for step in (0, 100, 550, 1000):
        made.iterations.assign(step)
        rates[step] = float(np.asarray(made.learning_rate))
    assert rates == pytest.approx({0: 0.001, 100: 0.01, 550: 0.0051, 1000: 0.0002}, rel=1e-4)


class Four:
    """Four rows in two batches, always in order."""

    steps, batch_size = 2, 2

    def epoch(self, epoch):
        return [np.array([0, 1]), np.array([2, 3])]

    in_order = epoch

    def padding_waste(self):
        return 0.0


@pytest.mark.parametrize("average", [None, 0.5])
def test_the_best_weights_are_left_and_validated_as_averages(average):
    """Of three epochs the second is the best; what validation saw then is what the model has in the end."""
    random = np.random.default_rng(0)
    x, y = random.normal(size=(4, 3)).astype("float32"), random.normal(size=(4, 1)).astype("float32")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    how = {"use_ema": True, "ema_momentum": average} if average else {}
    model.compile(keras.optimizers.SGD(0.1, **how), "mse")
    figures, seen, raw = iter([0.2, 0.9, 0.5]), [], []

    def validate():
        seen.append(model.get_weights())
        return {"accuracy": next(figures), "loss": 1.0}

    ends = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: raw.append(model.get_weights()))
    batches = Batches(Four(), lambda indices: (x[indices], y[indices]))
    progress = train(model, batches, validate, Options(epochs=3, patience=3), callbacks=(ends,))
    assert progress.best_epoch == 2
    for kept, then in zip(model.get_weights(), seen[1], strict=True):
        np.testing.assert_allclose(kept, then, atol=1e-7)
    assert bool(average) != np.allclose(seen[1][0], raw[1][0], atol=1e-6)
    assert not np.allclose(seen[1][0], seen[2][0], atol=1e-6)
