"""What a training shows: its bar in a terminal, a line for each epoch, and why it ended."""

import io
import re

import pytest
from rich.console import Console

from rnnkit.training import progress


@pytest.fixture
def terminal(monkeypatch):
    """A terminal of 80 columns, and what has been written there, without what steers it."""
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=True, color_system=None, highlight=False, markup=False)
    monkeypatch.setattr(progress, "console", console)
    return lambda: re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "\n", file.getvalue()).replace("\r", "\n").splitlines()


def test_the_bar_says_compiling_then_a_loss_from_its_first_step_and_ends_whole(terminal):
    bar = progress.ProgressBar(epochs=4, steps=5)
    bar.on_train_begin()
    bar.bar.refresh()
    assert "compiling" in terminal()[-1] and "loss" not in terminal()[-1] and "%" not in terminal()[-1]
    bar.on_epoch_begin(0)
    bar.on_train_batch_end(0, {"loss": 2.5})
    bar.bar.refresh()
    assert "epoch 1/4" in terminal()[-1] and "loss 2.500" in terminal()[-1] and "  5 %" in terminal()[-1]
    bar.on_epoch_end(0, {"loss": 2.0, "val_loss": 2.25})
    bar.on_epoch_begin(1)
    bar.on_train_batch_end(4, {"loss": 1.0})
    bar.on_train_end()  # stopped early
    bar.stop()
    shown = [line for line in terminal() if line.strip()]
    assert "2 epochs" in shown[-1] and "100 %" in shown[-1] and "loss 1.000" in shown[-1] and "left" not in shown[-1]
    assert "epoch 1/4  loss 2, validation 2.250" in shown and max(map(len, shown)) <= 80


def test_an_interrupted_bar_goes(terminal):
    bar = progress.ProgressBar(epochs=4, steps=5)
    bar.on_train_begin()
    bar.on_epoch_begin(0)
    bar.on_train_batch_end(2, {"loss": 2.5})
    bar.stop()
    assert not bar.bar.finished and bar.bar.live.transient and not bar.bar.live.is_started


def test_a_resumed_bar_begins_where_it_was(terminal):
    bar = progress.ProgressBar(epochs=4, steps=5, first_epoch=2)
    bar.on_train_begin()
    bar.on_epoch_begin(2)
    bar.on_train_batch_end(0, {"loss": 2.5})
    bar.bar.refresh()
    assert "epoch 3/4" in terminal()[-1] and " 55 %" in terminal()[-1]
    bar.stop()


HISTORY = [{"val_accuracy": value, "val_loss": 1 - value} for value in (0.5, 0.75, 0.7, 0.7)]


def test_early_stopping_says_so_and_why_and_what_is_kept(terminal):
    progress.say_end(30, 4, 2, 2, "val_accuracy", HISTORY)
    said = " ".join(terminal())
    assert said == (
        "stopped early, after epoch 4 of 30: no better validation accuracy and no smaller  validation loss for 2 "
        "epochs (--patience) kept: the weights of epoch 2, with the best validation accuracy, 0.7500"
    ).replace("smaller  ", "smaller ")
    assert max(map(len, terminal())) <= 80


def test_a_training_to_its_end_says_what_is_kept(terminal):
    progress.say_end(4, 4, 2, 2, "val_loss", HISTORY)
    assert terminal() == ["kept: the weights of epoch 2, with the best validation loss, 0.2500"]
