"""Progress on the screen: a bar with the time left in a terminal, else one line per epoch."""

import keras
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

console = Console(stderr=True, highlight=False, markup=False, emoji=False)  # labels may hold [ and :


class ProgressBar(keras.callbacks.Callback):
    """Shows steps, loss and the time left of the whole training; after each epoch, a line with its figures.

    Args:
        epochs: Epochs in all.
        steps: Steps an epoch.
        first_epoch: Epochs already done, when a training is resumed.
    """

    def __init__(self, epochs: int, steps: int, first_epoch: int = 0) -> None:
        super().__init__()
        self.epochs, self.steps, self.first_epoch = epochs, steps, first_epoch

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("loss {task.fields[loss]:.3f}"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task(
            f"epoch {self.first_epoch + 1}/{self.epochs}",
            total=self.epochs * self.steps,
            completed=self.first_epoch * self.steps,
            loss=0.0,
        )
        self.bar.start()

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.bar.update(self.task, description=f"epoch {epoch + 1}/{self.epochs}")

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if console.is_terminal and batch % 5 == 4:
            self.bar.update(self.task, advance=5, loss=float((logs or {}).get("loss", 0.0)))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.bar.update(self.task, completed=(epoch + 1) * self.steps)
        figures = "  ".join(
            f"{name.replace('val_', 'validation ')} {value:.4g}" for name, value in (logs or {}).items()
        )
        console.print(f"epoch {epoch + 1}/{self.epochs}  {figures}", soft_wrap=True)

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bar off the screen, also after an interruption."""
        if hasattr(self, "bar"):
            self.bar.stop()
