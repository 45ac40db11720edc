"""`rnnkit diagnose`: how much gradient reaches each time step of a Run's network."""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnnkit import tasks as task_zoo
from rnnkit.cli.lazy import when_called
from rnnkit.cli.overwriting import Overwrite, may_replace_file
from rnnkit.cli.program import app
from rnnkit.cli.screen import named_lines, next_step, option_flags, say, table, word
from rnnkit.cli.shared import (
    Delimiter,
    Encoding,
    Given,
    Json,
    MaxSize,
    RunFolder,
    columns_of_all_tasks,
    data_flags,
    read_rows,
    reading_options,
    remembered_flags,
)
from rnnkit.errors import RnnkitError

if TYPE_CHECKING:
    from rnnkit.training.flow_verdict import Flow

_STYLES = {"healthy": "bold green", "vanishing": "bold yellow", "exploding": "bold red"}
_BARS, _PLAIN_BARS = " ▁▂▃▄▅▆▇█", " .:-=+*#@"
_CHART = 24  # characters
_PICTURE = "gradient_flow.png"
#: Advice that can be followed as it stands: a flag and its value.
_SETTING = re.compile(r"--([a-z]+(?:-[a-z]+)*) ([a-z0-9_.]+)\b")


@when_called(
    app,
    columns_of_all_tasks,
    reading_options,
    example="rnnkit diagnose RUN",
    usual=(
        "rows",
        "to",
        "as_json",
        "encoding",
        "overwrite",
    ),
)
def diagnose(
    columns: dict[str, str],
    options: dict[str, Any],
    run: RunFolder,
    file: Annotated[Path | None, typer.Argument(help="labelled rows; without it made-up ones are taken")] = None,
    rows: Annotated[int, typer.Option("--rows", help="rows measured, at most", min=1, max=4096)] = 64,
    to: Annotated[Path | None, typer.Option("--to", help="folder for the picture (default: plots in the Run)")] = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    max_size: MaxSize = None,
) -> None:
    """Show whether gradients vanish or explode over time, and what to try."""
    from rnnkit import plots
    from rnnkit.data.file_names import require_there
    from rnnkit.files.disk import check_writable, disk_errors
    from rnnkit.run.folder import PLOTS, find_run
    from rnnkit.run.target import held_folder

    folder = find_run(run)
    if file is not None:
        require_there(file)
    home = folder if folder == Path(run) else Path("saved_models", folder.name)
    if to is not None and not as_json:
        check_writable(to / _PICTURE, "Name another folder with --to.")
        may_replace_file(to / _PICTURE, overwrite)
    elif not as_json:
        with held_folder(home, PLOTS):
            pass
    given = Given(columns, encoding, delimiter)
    found = file and read_rows(task_zoo.unloaded(folder), file, given, options)
    task = task_zoo.load(folder)
    encoded = task.made_up_rows() if found is None else task.encode_rows(found)
    encoded = encoded.some(rows)
    flows = _measured(task, encoded)
    if as_json:
        print(json.dumps({"rows": len(encoded), "made_up": file is None, "flows": [flow.to_dict() for flow in flows]}))
        return
    kind = f"made-up {task.example_noun}" if file is None else f"{task.example_noun} of {file.name}"
    say(f"measured on {len(encoded)} {kind}: how much gradient of the loss reaches each step")
    _report(flows, task.options)
    if getattr(task.options, "truncate", 0):
        say(f"Trained with --truncate {task.options.truncate}, which is left out here.")
    drawn = [(f"{_label(flow)}: {flow.verdict}, {_factor(flow)} a step", flow.norms) for flow in flows]
    if any((norms > 0).any() for _, norms in drawn):
        pictures = to or home / PLOTS
        with held_folder(home, PLOTS) if to is None else disk_errors(pictures, "Name another folder with --to."):
            picture = plots.gradient_flow(drawn, pictures / _PICTURE, f"{folder.name}, {len(encoded)} {kind}")
        say(f"drawn {picture}")
    next_step(_next(task, run, file, given, flows))


def _measured(task: Any, encoded: Any) -> "list[Flow]":
    """The gradient flow of the task's network on a batch of all these rows."""
    import numpy as np

    from rnnkit.training.gradient_flow import measure

    if not len(encoded):
        raise RnnkitError("There are no rows to measure on. Give a file with labelled rows.")
    task.compile(task.network, 1)
    return measure(task.network, *task.collate(encoded, np.arange(len(encoded))))


def _report(flows: "Sequence[Flow]", options: Any) -> None:
    """A row for each layer and direction with its chart, then the reason for each verdict and what to try."""
    cells = [
        (_label(flow), f"{len(flow.norms)}", _factor(flow), f"{flow.handed_on:.0%}", _chart(flow), flow.verdict)
        for flow in flows
    ]
    table(cells, "layer", "steps", "factor", "handed on", f"{'last step':<{_CHART - 10}}first step", "verdict")
    say("factor: of the gradient, for each step back; a notch of the chart is 10 times;")
    say("handed on: the part of it that the recurrence alone gives to the step before")
    named_lines([(_label(flow), flow.reason) for flow in flows], [_STYLES[flow.verdict] for flow in flows])
    tips = _untried(flows, options)
    named_lines([(f"try {number}", tip) for number, tip in enumerate(tips, 1)])


def _label(flow: "Flow") -> str:
    """Such as "layer 2 backward" or "decoder layer 1", by the Keras layer's name, the usual being "recurrent"."""
    name = flow.layer.removesuffix("recurrent").replace("_", " ").strip()
    return f"{name} layer {flow.index}".strip() + (" backward" if flow.direction == "backward" else "")


def _factor(flow: "Flow") -> str:
    return f"× {flow.factor:.3g}" if flow.factor == flow.factor else "none"


def _chart(flow: "Flow") -> str:
    """The norms on one line, the last step first: a notch lower is ten times less than the largest, blank is nothing.

    Example:

    >>> from types import SimpleNamespace
    >>> import numpy as np
    >>> _chart(SimpleNamespace(norms=np.array([1.0, 0.1, 0.0])))
    '█▇ '
    """
    import numpy as np

    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    bars = _BARS if encoding.lower().startswith("utf") else _PLAIN_BARS
    parts = np.array_split(np.asarray(flow.norms, np.float64), min(_CHART, len(flow.norms)))
    means = np.array([part.mean() for part in parts])
    finite = means[np.isfinite(means)]
    largest = finite.max(initial=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        notches = np.where(means > 0, 8 + np.round(np.log10(means / (largest or 1))), 0)
    return "".join(bars[int(np.clip(notch, 0, 8))] if np.isfinite(notch) else "!" for notch in notches)


def _untried(flows: "Sequence[Flow]", options: Any) -> list[str]:
    """The advice, without options that the Run already has."""
    tips = dict.fromkeys(tip for flow in flows for tip in flow.advice)
    return [tip for tip in tips if (found := _SETTING.match(tip)) is None or not _is_set(options, *found.groups())]


def _is_set(options: Any, flag: str, value: str) -> bool:
    return str(getattr(options, flag.replace("-", "_"), None)) in (value, f"{value}.0")


def _next(task: Any, run: str, file: Path | None, given: Given, flows: "Sequence[Flow]") -> str:
    """The command that is useful next: real rows, the first thing to try with all else as it was, or the export.

    Args:
        task: The Run's task.
        run: The Run.
        file: The rows.
        given: How they were read.
        flows: What was measured.
    """
    if file is None:
        return f"rnnkit diagnose {word(run)} FILE.csv   (with rows of your own)"
    settings = [found.groups() for tip in _untried(flows, task.options) if (found := _SETTING.match(tip))]
    if not settings:
        return f"rnnkit export {word(run)} --data {remembered_flags(task, file, given)}"
    flag, value = settings[0]
    changed = {**task.options.changed(), flag.replace("-", "_"): value}
    to = Path(run).with_name(f"{Path(run).name}_2")
    data = data_flags(task, file, given, {})
    return f"rnnkit train {task.key} {data}{option_flags(changed)} --to {word(to)}"
