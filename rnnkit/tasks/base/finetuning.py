"""Fine-tuning: which options may change, what the network knew before, and whether the data fit it at all."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnkit.data.delimited import NO_DELIMITER
from rnnkit.data.remembered import CERTAIN, reading_of
from rnnkit.errors import RnnkitError
from rnnkit.run.figures import interval_text, key_figure, shown

if TYPE_CHECKING:
    from rnnkit.tasks.base.task import Task

#: In `metrics.json`, the figures of the test part before the first step.
BEFORE = "test_before"
_FIT_ARGUMENTS = ("to", "resume", "overwrite", "columns", "callbacks")
_MOST_UNKNOWN = 0.5
_EXAMPLES = 4  # words
_STEP = 8  # lengths are multiples of it
_FOUND = (
    *CERTAIN,
    "ascii",
    ",",
    ";",
    "\t",
    NO_DELIMITER,
)  # are found without being named


def finetune(parent: "Task", source: Any, test: Any, arguments: dict[str, Any]) -> "Task":
    """See `Task.finetune`."""
    parent.require_trained()
    settings = {name: arguments.pop(name) for name in list(arguments) if name not in _FIT_ARGUMENTS}
    task = successor(parent, settings)
    return task.fit(source, test, parent=parent, **arguments)


def successor(parent: "Task", settings: dict[str, Any]) -> "Task":
    """The untrained task that goes on from another, which need not have its network yet.

    Args:
        parent: The trained task, or `rnnkit.tasks.unloaded(RUN)`.
        settings: Options to change.

    Raises:
        RnnkitError: An option is unknown, out of its range, or shapes the network.
    """
    for name in parent.fixed_options():
        trained = getattr(parent.options, name)
        if settings.get(name, trained) != trained:
            raise RnnkitError(
                f"{name} is {trained!r} in the trained Run and cannot change; leave it out, or train a new Run."
            )
    task = type(parent)(**{**parent.options.to_dict(), **parent.finetune_defaults(), **settings})
    task.reading = parent.reading
    task.preprocessing.chooses_length = "max_length" not in settings
    return task


def length_for(lengths: np.ndarray, options: Any, share: float = 1.0) -> int:
    """The option `max_length` for new data: a multiple of 8 that this share of the examples fits, or that of the Run.

    It is never less than that of the Run, which may have to read longer inputs again; and more than the task's default
    only where that of the Run is, so that a few long examples do not make every step slow.

    Args:
        lengths: Of the training examples, as `max_length` counts.
        options: The task's, with the Run's `max_length`.
        share: Of the examples.

    Example:

    >>> from rnnkit.tasks.text_classifier.task import TextClassifierOptions
    >>> length_for(np.array([9, 12, 30]), TextClassifierOptions(max_length=20))
    32
    """
    wanted = int(np.quantile(lengths, share, method="inverted_cdf")) if len(lengths) else 1
    usual = type(options)()
    usual.check()  # which fills in a default of 0
    return max(options.max_length, min(-(-wanted // _STEP) * _STEP, usual.max_length or options.max_length))


def findings(task: "Task", parent: "Task", report: Mapping[str, Any], rows: Any) -> Iterator[tuple[bool, str]]:
    """What to say of the new data before they are trained on: whether it is a warning, and the line.

    Args:
        task: The task to train, its data prepared.
        parent: The trained one.
        report: Of the data.
        rows: The opened data.
    """
    length, before = (getattr(each.options, "max_length", None) for each in (task, parent))
    if length != before:
        yield False, f"max_length is {length}, which fits these data (the Run's: {before}); --max-length N sets it."
    unknown = report.get("unknown_rate_before", 0.0)
    if unknown > _MOST_UNKNOWN:
        yield (
            True,
            f"{unknown:.0%} of the {_unit(task)}s in {report.get('name', 'the data')} are unknown to "
            f"{parent.folder or 'the trained task'}, which was probably trained on another language"
            f"{_words(task, parent)}. Little of what it learnt can help. To train anew instead: "
            f"{_train_anew(task, rows)}",
        )


def said_of_change(task: "Task", parent: "Task") -> str:
    """The key figure of the test part before and after, in a line; "" where there is none."""
    before, after = task.results[BEFORE], task.results["test"]
    if (figure := key_figure(after)) is None or figure.key not in before:
        return ""
    new = getattr(task, "labels", None) != getattr(parent, "labels", None)
    untrained = ", with an untrained head for the new labels" if new else ""
    was = f"{shown(before[figure.key])}{interval_text(before, figure.key)}"
    now = f"{shown(figure.value)}{interval_text(after, figure.key)}"
    return f"{figure.name} on the same test {task.example_noun}: {was} before{untrained}; {now} after"


def _unit(task: "Task") -> str:
    unit = getattr(task.options, "unit", "word")
    return "subword" if unit in ("bpe", "unigram") else str(unit)


def _words(task: "Task", parent: "Task") -> str:
    """Frequent words of both, in brackets."""
    ours, theirs = (list(getattr(getattr(each, "vocabulary", None), "words", ())) for each in (task, parent))
    known, new = theirs[3 : 3 + _EXAMPLES], ours[len(theirs) : len(theirs) + _EXAMPLES]
    return f" (it knows {', '.join(known)}; these data have {', '.join(new)})" if known and new else ""


def _train_anew(task: "Task", rows: Any) -> str:
    """The command, or for data in memory the expression, that trains on them from the start."""
    path = getattr(rows, "path", None)
    if path is None:
        return f"rnnkit.{type(task).__name__}().fit(...)"
    reading = reading_of(rows)
    flags = {role: column for role, column in reading.get("columns", {}).items() if role in task.roles}
    flags |= {name: reading[name] for name in ("encoding", "delimiter") if reading.get(name, "utf-8") not in _FOUND}
    said = "".join(f" --{role} {shlex.quote(value)}" for role, value in flags.items())
    usual = type(task.options)()
    for name in task.reading_names:
        if (value := getattr(task.options, name)) != getattr(usual, name):
            said += f" --{name}" + ("" if value is True else f" {shlex.quote(str(value))}")
    stem = Path(path).name.partition(".")[0] or "mine"
    to = shlex.quote(f"saved_models/{stem}_anew")
    return f"rnnkit train {task.key} {shlex.quote(str(path))}{said} --to {to}"
