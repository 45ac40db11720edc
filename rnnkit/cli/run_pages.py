"""What `rnnkit runs show` and `compare` say of Runs, which may come from strangers: plain text, in short."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rnnkit import tasks as task_zoo
from rnnkit.cli.figures import figure_name
from rnnkit.cli.folding import summary_lines, title_of
from rnnkit.cli.screen import word
from rnnkit.cli.shared import command_to_use, kind_of
from rnnkit.errors import RnnkitError, one_line
from rnnkit.run.figures import interval_text, shown
from rnnkit.run.folds import read_folds
from rnnkit.run.summary import Summary, files_of, size_of

_LONGEST = 60  # characters of a value
_PARTS = ("train", "validation", "test")
_NONE = "-"
Rows = list[tuple[str, str]]


def one(value: object, most: int = _LONGEST) -> str:
    """Any value on one line, without control characters, cut at the end.

    Example:

    >>> one("a\\nb\\x1b[2J"), one("long" * 99, 9)
    ('a b\ufffd[2J', 'longlong…')
    """
    text = one_line(str(value))
    return text if len(text) <= most else text[: most - 1] + "…"


def size(count: int) -> str:
    """Bytes in kB or MB.

    Example:

    >>> size(4_050_683), size(900)
    ('4.1 MB', '0.9 kB')
    """
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"


def page(run: Summary) -> Iterator[Rows]:
    """A Run in parts: what it is, the options that differ from the defaults, data, figures, files."""
    about = {"task": run.task, "cell": run.cell, "trained": run.date, **_training(run)}
    yield [(name, one(value)) for name, value in about.items() if value]
    yield [(one(name.replace("_", "-"), 30), one(_said(value))) for name, value in changed_options(run).items()]
    yield _data(run)
    test = run.results.get("test")
    yield [
        (name, f"{shown(figure.value)}{interval_text(test, figure.key)}")
        for name, figure in zip(_figure_names(run), run.figures, strict=True)
    ]
    yield _folds(run)
    yield [(one(name), f"{size(count)}{_count(name, number)}") for name, number, count in files_of(run.folder)]


def _figure_names(run: Summary) -> list[str]:
    noun = task_zoo.get(run.task).example_noun if run.task in task_zoo.names() else "rows"
    return [one(figure_name(figure.key, noun)) for figure in run.figures]


def _folds(run: Summary) -> Rows:
    try:
        record = read_folds(run.folder)
    except RnnkitError:
        return [("folds", "broken")]
    if record is None:
        return []
    return [(one(f"{name} of {title_of(record)}"), text) for name, text in summary_lines(record)]


def changed_options(run: Summary) -> dict[str, Any]:
    """The options of a Run that differ from its task's defaults, without the cell and the epochs, which stand above
    them; all of a task not known here."""
    usual, above = _defaults(run), ("cell", "epochs")
    return {
        name: value for name, value in run.options.items() if name not in above and usual.get(name, object) != value
    }


def _defaults(run: Summary) -> dict[str, Any]:
    if run.task not in task_zoo.names():
        return {}
    options: Any = task_zoo.get(run.task).options_class
    return options().to_dict()


def _training(run: Summary) -> dict[str, str]:
    epochs, best, parameters = (run.results.get(name) for name in ("epochs", "best_epoch", "parameters"))
    seconds = _seconds(run)
    rows = {}
    if isinstance(epochs, int):
        rows["epochs"] = f"{epochs:,}" + (f", of which {best:,} is kept" if isinstance(best, int) else "")
    if isinstance(seconds, int | float):
        rows["time"] = f"{seconds / 60:.1f} minutes" if seconds >= 60 else f"{seconds:.0f} seconds"
    if isinstance(parameters, int):
        rows["parameters"] = f"{parameters:,}"
    return rows


def _data(run: Summary) -> Rows:
    data = run.results.get("data")
    data = data if isinstance(data, dict) else {}
    rows = [("data", one(data["name"]))] if "name" in data else []
    counts = [f"{part} {data[part]:,}" for part in _PARTS if isinstance(data.get(part), int)]
    rows += [("parts", ", ".join(counts))] if counts else []
    columns = run.reading.get("columns")
    if isinstance(columns, dict) and columns:
        flags = [f"--{one(role, 20)} {word(one(name, 30))}" for role, name in columns.items()]
        rows.append(("columns", one(" ".join(flags), 200)))
    for name in ("delimiter", "encoding", "scheme"):
        if value := run.reading.get(name):
            rows.append((name, repr(value) if name == "delimiter" else one(value)))
    return rows


def _said(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _count(name: str, number: int) -> str:
    return f" in {number} file{'' if number == 1 else 's'}" if name.endswith("/") else ""


def next_commands(run: Summary, given: str) -> list[str]:
    """The commands that are useful with a Run."""
    kind = kind_of(run.task)
    exported = (run.folder / "lite" / "bundle.json").is_file()
    return [command_to_use(kind, given), *([] if exported else [f"rnnkit export {word(given)}"])]


def heads(runs: list[Summary]) -> list[str]:
    """A short name for each Run: the folder's, or its path where two have the same; numbered where these are too."""
    names = [run.folder.name for run in runs]
    if len(set(names)) < len(names):
        names = ["/".join(Path(os.path.realpath(run.folder)).parts[-2:]) for run in runs]
    return [one(name if names.count(name) == 1 else f"{name} ({place})") for place, name in enumerate(names, 1)]


def figures_side_by_side(runs: list[Summary]) -> list[list[str]]:
    """A row for each test figure that any Run has, then size, parameters and time."""
    each = [dict(zip(_figure_names(run), (shown(one.value) for one in run.figures), strict=True)) for run in runs]
    rows = [
        [name, *(one(found.get(name, _NONE), 20) for found in each)] for name in dict.fromkeys(sum(map(list, each), []))
    ]
    rows.append(["parameters", *(_number(run.results.get("parameters")) for run in runs)])
    rows.append(["epochs", *(_number(run.results.get("epochs")) for run in runs)])
    rows.append(["minutes", *(_minutes(_seconds(run)) for run in runs)])
    rows.append(["size", *(size(size_of(run.folder)) for run in runs)])
    return rows


def _seconds(run: Summary) -> Any:
    """How long the epochs took, as the README says it; of an older Run reading and scoring too."""
    return run.results.get("training_seconds", run.results.get("seconds"))


def _number(value: Any) -> str:
    return shown(value) if isinstance(value, int | float) and not isinstance(value, bool) else _NONE


def _minutes(value: Any) -> str:
    return f"{value / 60:.1f}" if isinstance(value, int | float) else _NONE


def unlike(runs: list[Summary]) -> list[str]:
    """Lines that say why the figures of these Runs should not be compared."""
    if len({run.task for run in runs}) > 1:
        return ["These are Runs of different tasks; their figures do not compare."]
    data = [run.results.get("data") for run in runs]
    if len({str(one.get("sha256")) if isinstance(one, dict) else "" for one in data}) > 1:
        return ["Trained and tested on different data: compare the figures with care."]
    return []


def differences(runs: list[Summary]) -> list[list[str]]:
    """A row for each setting that is not the same in all Runs: task, data, columns, options. Options that only some
    tasks have are left out."""
    settings = [_settings(run) for run in runs]
    rows = []
    for name in dict.fromkeys(name for found in settings for name in found):
        if len({run.task for run in runs}) > 1 and not all(name in found for found in settings):
            continue
        values = [_said(found[name]) if name in found else _NONE for found in settings]
        if len(set(values)) > 1:
            rows.append([one(name.replace("_", "-")), *(one(value, 40) for value in values)])
    return rows


def _settings(run: Summary) -> dict[str, Any]:
    data, columns = run.results.get("data"), run.reading.get("columns")
    found: dict[str, Any] = {"task": run.task}
    if isinstance(data, dict) and "name" in data:
        found["data"] = data["name"]
    if isinstance(columns, dict):
        found |= {f"column {role}": name for role, name in columns.items()}
    return {**found, **_defaults(run), **run.options}
