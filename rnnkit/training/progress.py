"""Progress on the screen: a bar with the time left in a terminal, and a line for each epoch."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import keras
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from rnnkit.run.figures import shown, usual_name
from rnnkit.training.bars import BAR, Percentage, TimeLeft
from rnnkit.training.bars import console as console
from rnnkit.training.budget import epochs_of
from rnnkit.training.step_clock import StepClock
from rnnkit.wrapping import print_wrapped

_VALIDATION = "val_"


class ProgressBar(keras.callbacks.Callback):
    """Shows steps, loss and the time left of the whole training; after each epoch, a line with its figures.

    Args:
        epochs: Epochs in all.
        steps: Steps an epoch.
        first_epoch: Epochs already done, when a training is resumed.
        clock: Knows the share of a training that ends after a time.
    """

    def __init__(self, epochs: int, steps: int, first_epoch: int = 0, clock: StepClock | None = None) -> None:
        super().__init__()
        self.epochs, self.steps, self.first_epoch, self.clock = epochs, steps, first_epoch, clock

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(BAR),
            Percentage(),
            TextColumn("{task.fields[loss]}"),
            TimeLeft(),
            console=console,
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task("compiling", total=None, loss="")  # as the first step does, for seconds
        self.bar.start()

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if console.is_terminal:
            total, done = float(self.epochs * self.steps), float(self.epoch * self.steps + batch + 1)
            if self.clock is not None and self.clock.limit:
                total, done = 1.0, self.clock.share
            self.bar.update(
                self.task,
                description=f"epoch {epochs_of(self.epoch + 1, self.epochs)}",
                total=total,
                completed=done,
                loss=f"loss {(logs or {}).get('loss', 0.0):.3f}",
            )

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        print_wrapped(console, f"epoch {epochs_of(epoch + 1, self.epochs)}  {side_by_side(logs or {})}", indent=4)

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        done = self.epoch + 1
        self.bar.update(self.task, description=f"{done} epochs" if done > 1 else "1 epoch", total=1, completed=1)
        self.bar.stop()

    def stop(self) -> None:
        """Take a bar that is not whole off the screen, as after an interruption."""
        if hasattr(self, "bar") and not self.bar.finished:
            self.bar.live.transient = True
            self.bar.stop()


@contextmanager
def silenced(name: str) -> Iterator[Callable[[str], None]]:
    """Let a training say nothing: one of several, of which a terminal shows which is under way.

    Args:
        name: What is under way.

    Yields:
        A function that changes what is shown.
    """
    was = console.quiet
    with Console(stderr=True, highlight=False, markup=False).status(name) as status:
        console.quiet = True
        try:
            yield status.update
        finally:
            console.quiet = was


class EpochStatus(keras.callbacks.Callback):
    """Shows the last epoch's figures of a training that is otherwise silent.

    Args:
        show: As `silenced` yields it.
        name: What is under way.
    """

    def __init__(self, show: Callable[[str], None], name: str) -> None:
        super().__init__()
        self.show, self.name = show, name

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.show(f"{self.name}: epoch {epoch + 1}  {side_by_side(logs or {})}")


def warn(line: str) -> None:
    """Print a warning."""
    print_wrapped(console, f"WARNING: {line}", "yellow")


def side_by_side(figures: Mapping[str, float]) -> str:
    """The figures of an epoch, each with that of the validation part behind it; the loss first.

    Example:

    >>> side_by_side({"accuracy": 0.75, "loss": 0.5, "val_accuracy": 0.7, "val_loss": 0.625})
    'loss 0.5000, validation 0.6250  accuracy 0.7500, validation 0.7000'
    """
    names = dict.fromkeys(name.removeprefix(_VALIDATION) for name in figures)
    said = []
    for name in sorted(names, key=lambda name: name != "loss"):
        own = f"{usual_name(name)} {shown(figures[name])}" if name in figures else ""
        there = shown(figures[_VALIDATION + name]) if _VALIDATION + name in figures else ""
        of_validation = f"validation {'' if own else usual_name(name) + ' '}{there}" if there else ""
        said.append(", ".join(filter(None, (own, of_validation))))
    return "  ".join(said)


def say_end(
    epochs: int,
    done: int,
    best: int,
    patience: int,
    monitor: str,
    history: list[dict[str, float]],
    timed: bool = False,
) -> None:
    """Say why a training has ended, and which epoch is kept.

    Args:
        epochs: Those asked for.
        done: Those trained.
        best: The one that is kept, from 1.
        patience: Epochs without a gain after which training stops.
        monitor: The figure that decides, as Keras names it.
        history: A row of figures for each epoch.
        timed: Whether its time ended it.
    """
    name, figure = f"validation {usual_name(monitor.removeprefix(_VALIDATION))}", shown(history[best - 1][monitor])
    last = epochs_of(done, epochs, " of ")
    if timed:
        print_wrapped(console, f"ended in epoch {last}: its time is used up (--minutes)")
    elif done < epochs:
        hopes = f"better {name}" if monitor.endswith("loss") else f"better {name} and no smaller validation loss"
        since = f"{patience} epochs" if patience > 1 else "an epoch"
        print_wrapped(console, f"stopped early, after epoch {last}: no {hopes} for {since} (--patience)")
    print_wrapped(console, f"kept: the weights of epoch {best}, with the best {name}, {figure}")
