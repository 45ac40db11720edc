"""Train a compiled model: early stopping on the best validation score, checkpoints, resume, history."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
import pandas as pd

from rnnkit.data.batches import Batches, rows_of
from rnnkit.errors import RnnkitError
from rnnkit.files.writing import write_text
from rnnkit.run.figures import less_is_better
from rnnkit.run.folder import CHECKPOINT, HISTORY, TENSORBOARD
from rnnkit.training.averaging import averaged
from rnnkit.training.budget import END, START, WARM_UP_SHARE, WARM_UP_STEPS, epochs_of
from rnnkit.training.checkpoint import Progress, load_checkpoint, save_checkpoint
from rnnkit.training.loop import run_epochs
from rnnkit.training.mirrored_step import on_replicas, sharing
from rnnkit.training.progress import ProgressBar, console, say_end
from rnnkit.training.replicas import ONE, Replicas, Size
from rnnkit.training.step_clock import StepClock, TimedAdam


class Settings(Protocol):
    """The options that training reads."""

    epochs: int
    minutes: float
    patience: int
    tensorboard: bool
    learning_rate: float
    schedule: str
    average: float

    def clipping(self) -> dict[str, float]: ...


def train(
    model: keras.Model,
    training: Batches,
    validate: Callable[[], Mapping[str, float]],
    options: Settings,
    *,
    folder: Path | None = None,
    resume: bool = False,
    monitor: str = "val_accuracy",
    callbacks: tuple[keras.callbacks.Callback, ...] = (),
    replicas: Replicas = ONE,
    size: Size = rows_of,
) -> Progress:
    """Train, and leave the best epoch's weights in the model.

    Args:
        model: Compiled and built.
        training: Shuffled anew each epoch.
        validate: Called after each epoch, gives its figures on the validation part.
        options: `epochs` (already chosen), `minutes`, `patience`, `learning_rate`, `tensorboard` are read here.
        folder: Where the checkpoint and `history.csv` are kept; None keeps neither.
        resume: Goes on from the folder's checkpoint, if there is one.
        monitor: The figure whose best value is the best epoch: the lowest of a loss or an error, else the highest.
        callbacks: Further Keras callbacks.
        replicas: The devices.
        size: What the loss of a batch is a mean over.

    Returns:
        The history, which epoch was best, and the time of the steps.
    """
    keeper = Keeper(folder, monitor, options.patience)
    path = folder / CHECKPOINT if folder else None
    if replicas.from_chief(bool(resume and path is not None and path.exists())):
        with replicas.scope():
            model.optimizer.build(model.trainable_variables)
        if path is not None:
            keeper.best, keeper.progress = load_checkpoint(path, model, options.epochs)
        keeper.progress = Progress(**replicas.from_chief(asdict(keeper.progress)))
        keeper.best = list(replicas.share(model, keeper.best))
        console.print(f"resuming after epoch {epochs_of(keeper.progress.epoch, options.epochs, ' of ')}")
    progress = keeper.progress
    steps = options.epochs * training.steps
    clock = StepClock(progress, 60 * options.minutes, steps, options.learning_rate, replicas.from_chief)
    keeper.clock = clock
    if progress.epoch < options.epochs and not progress.finished:
        bar = ProgressBar(options.epochs, training.steps, progress.epoch, clock)
        extra: list[keras.callbacks.Callback] = [bar]
        if options.tensorboard and folder:
            extra.append(keras.callbacks.TensorBoard(str(folder / TENSORBOARD)))
        try:
            told = [clock, keeper, *extra, *callbacks]
            run_epochs(model, training, validate, told, progress.epoch, options.epochs, replicas, size)
        finally:
            bar.stop()
        ended = (options.epochs, progress.epoch, progress.best_epoch, options.patience)
        say_end(*ended, monitor, progress.history, clock.is_over)
    model.set_weights(keeper.best)
    return progress


class Keeper(keras.callbacks.Callback):
    """The callback after each epoch: best weights, early stopping and a checkpoint."""

    def __init__(self, folder: Path | None, monitor: str, patience: int) -> None:
        super().__init__()
        self.folder, self.monitor, self.patience = folder, monitor, patience
        self.progress = Progress()
        self.clock: StepClock | None = None
        self.best: list[np.ndarray] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        figures = {name: float(value) for name, value in (logs or {}).items()}
        if not np.isfinite(figures["loss"]):
            raise RnnkitError(
                f"The loss became {figures['loss']} in epoch {epoch + 1}: training exploded. "
                "Lower --learning-rate, or keep --global-clipnorm above 0."
            )
        if self.monitor not in figures:
            raise RnnkitError(
                f"The best epoch is to be chosen by {self.monitor!r}, which is not among the figures of an epoch: "
                f"{', '.join(figures)}. Set the task's `monitor` to one of them, or `compile` with that metric."
            )
        score = figures[self.monitor] * (-1 if less_is_better(self.monitor.removeprefix("val_")) else 1)
        progress = self.progress
        if not self.best or (score, -figures["val_loss"]) > (progress.best_score, -self._loss_of_best()):
            progress.best_score, progress.best_epoch = score, epoch + 1
            with averaged(self.model):
                self.best = self.model.get_weights()
        rate = float(np.asarray(self.model.optimizer.learning_rate))
        seconds = round(time.monotonic() - self._began, 2)
        progress.history.append({"epoch": epoch + 1, **figures, "learning_rate": rate, "seconds": seconds})
        progress.epoch = epoch + 1
        losses = [row["val_loss"] for row in progress.history]
        improved = max(progress.best_epoch, 1 + losses.index(min(losses)))  # a falling loss is hope as well
        progress.finished = progress.epoch - improved >= self.patience or bool(self.clock and self.clock.is_over)
        if progress.finished:
            self.model.stop_training = True
        if self.folder:
            write_history(self.folder / HISTORY, progress.history)
            save_checkpoint(self.folder / CHECKPOINT, self.model, self.best, progress)

    def _loss_of_best(self) -> float:
        """Of two epochs with the same score, the one with the smaller loss is better."""
        return self.progress.history[self.progress.best_epoch - 1]["val_loss"]


def write_history(path: Path, history: list[dict[str, float]]) -> None:
    """A row for each epoch, as CSV."""
    write_text(path, pd.DataFrame(history).to_csv(index=False, float_format="%.6g"))


def optimizer(options: Settings, steps: int) -> keras.optimizers.Optimizer:
    """Adam with a short warm-up, then a cosine down to 2 % or a constant rate; gradients are clipped.

    Args:
        options: `learning_rate`, `schedule`, `average`, and `clipvalue`, `clipnorm` or `global_clipnorm`; with
            `minutes` the rate falls over that time.
        steps: Training steps in all.

    Reference:
        Kingma & Ba, Adam, ICLR 2015; Pascanu et al., On the difficulty of training RNNs, ICML 2013 (clipping).
    """
    warmup = min(WARM_UP_STEPS, max(1, int(steps * WARM_UP_SHARE)))
    rate: Any = options.learning_rate
    timed = bool(options.minutes) and options.schedule == "cosine"
    if options.schedule == "cosine" and not timed:
        rate = keras.optimizers.schedules.CosineDecay(
            options.learning_rate * START,
            max(steps - warmup, 1),
            alpha=END,
            warmup_target=options.learning_rate,
            warmup_steps=warmup,
        )
    mean = {"use_ema": True, "ema_momentum": options.average} if options.average else {}
    adam = TimedAdam if timed else keras.optimizers.Adam
    return (sharing(adam) if on_replicas() else adam)(rate, **options.clipping(), **mean)


def compile_network(network: keras.Model, optimizer: keras.optimizers.Optimizer, loss: Any, **more: Any) -> None:
    """`network.compile` with XLA where it helps: not on TensorFlow, where a loop over time gains nothing."""
    jit_compile = False if keras.backend.backend() == "tensorflow" else "auto"
    network.compile(optimizer=optimizer, loss=loss, jit_compile=jit_compile, **more)
