"""Points 1 to 3: options, the digest of the data, and numbers that survive being encoded."""

import json
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.testing.require import require
from rnnkit.testing.tasks.subject import TaskSubject


def options(subject: TaskSubject) -> None:
    """Options come back from JSON as they were, and unknown ones are refused."""
    task = subject.make()
    said = json.loads(json.dumps(task.config()))
    again = subject.task_class(**said["options"]).options
    require(
        again == task.options,
        f"Options that went through config.json came back as {again.changed()}, not {task.options.changed()}. Look at "
        f"{type(task.options).__name__}: plain types only, and nothing set in check() that check() does not set again.",
    )
    require(said["task"] == subject.task_class.key, f"config() says task {said['task']!r}; expected the class's key.")
    try:
        subject.make(no_such_option=1)
    except RnnkitError:
        return
    require(False, "An unknown option was accepted. Let the options class extend TrainingOptions and call its check.")


def digest(subject: TaskSubject) -> None:
    """The digest of the data is the same for the same data, and another for other data."""
    ours, again = (subject.learnt(subject.rows).digest for _ in range(2))
    where = f"Look at {subject.task_class.preprocessing_class.__name__}.learn: Splits(digest=...)."
    require(isinstance(ours, str) and ours, f"The digest is {ours!r}; expected a text. {where}")
    require(ours == again, f"The same rows gave the digests {ours:.12} and {again:.12}. {where}")
    fewer = subject.learnt(subject.rows[:-1]).digest
    require(
        fewer != ours,
        f"The digest is the same, {ours:.12}, without the last row: a training would be resumed on other data. {where}",
    )
    other = subject.learnt([*subject.rows[:-1], _other_last(subject.rows)]).digest
    require(other != ours, f"The digest is the same, {ours:.12}, though a row has changed. {where}")


def numbers(subject: TaskSubject) -> None:
    """Numbers keep their type and value from the raw input to the batch."""
    task = subject.make()
    splits = task.preprocessing.learn(task.read(subject.rows))
    where = f"Look at {type(task.preprocessing).__name__}.encode and at the dtype that Ragged or pad is given."
    encoded = task.encode_inputs(subject.inputs)
    require(
        len(encoded) == len(subject.inputs), f"{len(subject.inputs)} inputs became {len(encoded)} examples. {where}"
    )
    half = splits.train.take(np.arange(0, len(splits.train), 2))
    require(
        half.inputs.flat.dtype == splits.train.inputs.flat.dtype
        and half.inputs[0].shape == splits.train.inputs[0].shape,
        f"take() changed the inputs from {splits.train.inputs.flat.dtype} {splits.train.inputs[0].shape} to "
        f"{half.inputs.flat.dtype} {half.inputs[0].shape}. Look at the examples' take.",
    )
    for given in subject.inputs:
        if not _is_real(given):
            continue
        values = np.asarray(given, np.float64)
        one, other = (task.encode_inputs([rows.tolist()]).inputs.flat for rows in (values, values + 0.25))
        require(
            one.dtype.kind == "f" and np.isfinite(one).all(),
            f"Real numbers became {one.dtype}: {one.ravel()[:4].tolist()} of {values.ravel()[:4].tolist()}. {where}",
        )
        require(
            not np.array_equal(one, other),
            f"An input and the same plus 0.25 are encoded alike, {one.ravel()[:4].tolist()}: what is behind the point "
            f"is lost. {where}",
        )


def _is_real(given: Any) -> bool:
    """Whether an input is numbers, not all of them whole."""
    try:
        values = np.asarray(given, np.float64)
    except (TypeError, ValueError):
        return False
    return values.ndim > 0 and values.size > 0 and not isinstance(given, str) and bool((values % 1 != 0).any())


def _other_last(rows: list[Any]) -> Any:
    """A row that is not the last one, to stand in its place."""
    return next(row for row in rows if repr(row) != repr(rows[-1]))
