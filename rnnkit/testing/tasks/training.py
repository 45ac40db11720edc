"""Points 4 to 8: padding, seeds, saving, resuming and fine-tuning."""

from typing import Any

import keras
import numpy as np

import rnnkit.tasks
from rnnkit.run import folder as runs
from rnnkit.testing.require import require
from rnnkit.testing.tasks.subject import TaskSubject, differ, quiet, weights

_WITHIN = 1e-4


def padding(subject: TaskSubject) -> None:
    """An answer does not depend on the other inputs of its batch."""
    task, inputs = subject.task, subject.inputs
    lengths = task.encode_inputs(inputs).inputs.lengths
    short, long = int(np.argmin(lengths)), int(np.argmax(lengths))
    require(
        lengths[short] < lengths[long],
        f"All inputs have the length {lengths[0]}, so padding cannot be seen. Give check_task rows of many lengths.",
    )
    task.padded_to = (1, 1)  # alone, it is not padded at all
    try:
        [alone] = subject.answers(task, [inputs[short]])
    finally:
        del task.padded_to
    beside = subject.answers(task, [inputs[short], inputs[long]])[0]
    said = differ(alone, beside, _WITHIN)
    require(
        not said,
        f"An input of length {lengths[short]} is answered otherwise beside one of length {lengths[long]}: "
        f"answer{said}. The padding is not masked: look at the mask in network.py, and at what collate pads with.",
    )


def seed(subject: TaskSubject) -> None:
    """The same seed and data give the same weights."""
    one, other = subject.task, subject.trained("again")
    for place, (ours, theirs) in enumerate(zip(weights(one), weights(other), strict=True)):
        require(
            np.array_equal(ours, theirs),
            f"Weight {place} {ours.shape} differs by {np.abs(ours - theirs).max():.3g} between two trainings with seed "
            f"{one.options.seed}. Give each layer that draws numbers a seed from the options.",
        )


def saved(subject: TaskSubject) -> None:
    """A saved task gives the same outputs once it is loaded, and its folder says which task it is."""
    task = subject.task
    loaded = subject.task_class.load(subject.folder / "run")
    rows = task.read(subject.rows)
    ours, theirs = _figures(task, rows), _figures(loaded, rows)
    said = next(
        (
            f"{name} {value} became {theirs.get(name)}"
            for name, value in ours.items()
            if differ(value, theirs.get(name), _WITHIN)
        ),
        "",
    )
    require(
        not said,
        f"Saved and loaded, the figures on the same rows changed: {said}. Look at the preprocessing's save and load: "
        "whatever learn() sets has to be written and read.",
    )
    config = runs.read_config(subject.folder / "run")
    require(
        config["task"] == subject.task_class.key and subject.task_class.key in rnnkit.tasks.names(),
        f"The Run says task {config['task']!r}, which rnnkit does not know. Write @rnnkit.register_task above the "
        "class.",
    )


def _figures(task: Any, rows: Any) -> dict[str, Any]:
    encoded = task.encode_rows(rows)
    return dict(task.metrics(encoded, task.outputs(encoded)))


class _Stop(keras.callbacks.Callback):
    """Ends a training after its first epoch, as a power cut would."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            raise KeyboardInterrupt


def resumed(subject: TaskSubject) -> None:
    """A training that broke off and was resumed ends as if it had not."""
    whole, to = subject.make(epochs=3), subject.folder / "resumed"
    with quiet():
        whole.fit(subject.rows, to=subject.folder / "whole")
        try:
            subject.make(epochs=3).fit(subject.rows, to=to, callbacks=(_Stop(),))
        except KeyboardInterrupt:
            pass
        require(not (to / runs.CONFIG).exists(), "A training that was interrupted has left a Run that looks whole.")
        again = subject.make(epochs=3).fit(subject.rows, to=to, resume=True)
    for place, (ours, theirs) in enumerate(zip(weights(whole), weights(again), strict=True)):
        require(
            np.allclose(ours, theirs, atol=1e-6),
            f"Resumed, weight {place} {ours.shape} is off by {np.abs(ours - theirs).max():.3g} from the undisturbed "
            "training. What a batch holds may depend on the epoch's number and the seed alone: look at batches and "
            "collate.",
        )


def finetuned(subject: TaskSubject) -> None:
    """Fine-tuning makes a new task and leaves the old one as it was."""
    task = subject.trained("parent")
    before, vocabulary = weights(task), sorted(vars(task.preprocessing))
    state = {name: repr(getattr(task.preprocessing, name))[:10_000] for name in vocabulary}
    with quiet():
        tuned = task.finetune(subject.rows[: len(subject.rows) // 2 * 2][::-1], to=subject.folder / "tuned", epochs=1)
    require(tuned is not task, "finetune() gave back the task itself; expected a new one.")
    for place, (ours, theirs) in enumerate(zip(before, weights(task), strict=True)):
        require(
            np.array_equal(ours, theirs),
            f"Fine-tuning changed weight {place} {ours.shape} of the old task. Look at copy_from: copy values, do not "
            "share layers.",
        )
    changed = [name for name in vocabulary if repr(getattr(task.preprocessing, name))[:10_000] != state[name]]
    require(
        not changed,
        f"Fine-tuning changed {', '.join(changed)} of the old task's preprocessing. In learn(), make new objects of "
        "what the parent has, and never change the parent's.",
    )
