"""The figures of a Run on the screen: a line for each, and the confusion of labels under their names."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rnnkit.cli.screen import say, screen, table
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import WORDS_BYTES, read_text
from rnnkit.run.figures import figures_of, interval_text, shown, usual_name
from rnnkit.run.folder import PREPROCESSING

_WIDEST = 10  # labels up to which a confusion matrix is printed
_LABEL, _LEAST = 20, 4  # columns of the screen: a label at the side takes so many at most, one at the top at least
_GAP = 2
_PARTS = ("validation", "test_before", "test")


def figure_name(key: str, noun: str) -> str:
    """A figure's usual name; what is counted has the task's word.

    Example:

    >>> figure_name("rows", "sentences"), figure_name("macro_f1", "texts")
    ('sentences', 'macro F1')
    """
    return noun if key == "rows" else usual_name(key)


def figure_table(results: Mapping[str, Any], noun: str) -> tuple[list[list[str]], list[str]]:
    """A row for each figure of the parts, and the heads of the columns after the first.

    Args:
        results: The content of `metrics.json`; confidence intervals stand beside the figures of the test part.
        noun: What the parts hold, in the plural.

    Example:

    >>> figure_table({"validation": {"accuracy": 0.5, "rows": 8}, "test": {"accuracy": 0.75, "rows": 9}}, "texts")
    ([['accuracy', '0.5000', '0.7500'], ['texts', '8', '9']], ['validation', 'test'])
    """
    names = [name for name in _PARTS if name in results]
    parts = []
    for name in names:
        found = results[name]
        sure = found if name == names[-1] else {}
        parts.append(
            {one.key: f"{shown(one.value)}{interval_text(sure, one.key)}" for one in figures_of(results[name])}
        )
    keys = dict.fromkeys(key for part in reversed(parts) for key in part)
    rows = [[figure_name(key, noun), *(part.get(key, "") for part in parts)] for key in keys]
    return rows, [name.replace("_", " ") for name in names]


def show_methods(metrics: Mapping[str, Any]) -> None:
    """Print the figures of a forecast beside those of forecasts that need no network, and what follows.

    Args:
        metrics: Those of the test part; without "methods" nothing is printed.
    """
    methods = metrics.get("methods")
    if not isinstance(methods, Mapping) or not all(isinstance(each, Mapping) for each in methods.values()):
        return
    found = {name: {one.key: one for one in figures_of(each)} for name, each in methods.items()}
    keys = list(dict.fromkeys(key for each in found.values() for key in each))
    rows = [
        [str(name), *(shown(each[key].value) if key in each else "" for key in keys)] for name, each in found.items()
    ]
    table(rows, "forecast", *map(usual_name, keys), styles=["bold"], numbers=True)


def labels_of(run: Path) -> list[str]:
    """The labels of a Run in their order, without loading it; none where it has no such file."""
    try:
        return read_text(run / PREPROCESSING / "labels.txt", WORDS_BYTES).removesuffix("\n").split("\n")
    except RnnkitError:
        return []


def show_confusion(matrix: object, labels: Sequence[str]) -> None:
    """Print how often each true label was answered with each label, where the table fits the screen.

    Args:
        matrix: A row for each true label, a column for each answer; what is no such table, in a file from a stranger,
            is not shown.
        labels: Their names; the columns' are cut where the screen asks for it.
    """
    if not isinstance(matrix, list) or not 0 < len(matrix) <= _WIDEST:
        return
    if not all(
        isinstance(row, list) and len(row) == len(matrix) and all(type(n) is int for n in row) for row in matrix
    ):
        return
    names = list(labels) if len(labels) == len(matrix) else [str(number) for number in range(1, len(matrix) + 1)]
    side = min(max(map(len, names)), _LABEL)
    numbers = max(len(f"{count:,}") for row in matrix for count in row)
    fits = max((screen().width - side - _GAP * (len(names) + 1)) // len(names), numbers, _LEAST)
    say("confusion: a row for each true label, a column for each answer", "bold")
    rows = [[_cut(name, _LABEL), *(f"{count:,}" for count in row)] for name, row in zip(names, matrix, strict=True)]
    table(rows, "", *(_cut(name, fits) for name in names), styles=["bold"], numbers=True)


def _cut(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
