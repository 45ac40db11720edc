"""Point 10: the exported file agrees with Keras, and its runner gives the answers that `predict` gives."""

from typing import Any

from rnnkit import lite
from rnnkit.errors import RnnkitError
from rnnkit.testing.require import require
from rnnkit.testing.tasks.subject import Skipped, TaskSubject, differ, quiet

_WITHIN = 1e-3


def exported(subject: TaskSubject) -> None:
    """A TFLite bundle without quantization answers as Keras does."""
    task = subject.task
    try:
        task.exporter()
    except RnnkitError:
        raise Skipped("it has no exporter") from None
    with quiet():
        try:
            done = task.export(quantize="none", rows=task.encode_rows(task.read(subject.rows)))
        except RnnkitError as error:
            require(False, f"{error} Look at the exporter's servables and expected: both are to give the same numbers.")
    require(done["bytes"] > 0, "The exported files are empty.")
    inputs = subject.inputs[:4]
    ours = subject.answers(task, inputs)
    runner: Any = lite.load(done["path"])
    for place, (one, other) in enumerate(zip(ours, runner.predict(inputs), strict=True)):
        said = differ(one, other, _WITHIN)
        require(
            not said,
            f"Input {place}: rnnkit.lite's answer is not that of predict: answer{said}. Look at decode, at the "
            "exporter's describe and at the runner.",
        )
