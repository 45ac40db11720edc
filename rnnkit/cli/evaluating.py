"""`rnnkit evaluate`: how well a Run answers labelled data."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnkit import tasks as task_zoo
from rnnkit.cli.figures import figure_name, labels_of, show_confusion, show_methods
from rnnkit.cli.lazy import when_called
from rnnkit.cli.overwriting import Overwrite
from rnnkit.cli.program import app
from rnnkit.cli.screen import named_lines, next_step, say, table, word
from rnnkit.cli.shared import (
    Delimiter,
    Encoding,
    Given,
    Json,
    Lite,
    MaxSize,
    RunFolder,
    columns_of_all_tasks,
    kind_of,
    read_rows,
    reading_options,
)
from rnnkit.errors import RnnkitError
from rnnkit.run.figures import shown, usual_name


@when_called(
    app,
    columns_of_all_tasks,
    reading_options,
    example="rnnkit evaluate RUN",
    usual=(
        "tflite",
        "as_json",
        "threshold_for",
        "errors",
        "plots",
        "overwrite",
    ),
)
def evaluate(
    columns: dict[str, str],
    options: dict[str, Any],
    run: RunFolder,
    file: Annotated[Path | None, typer.Argument(help="labelled rows; without it the recorded test figures")] = None,
    tflite: Lite = False,
    as_json: Json = False,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    max_size: MaxSize = None,
    threshold_for: Annotated[
        float | None,
        typer.Option("--threshold-for", help="find the smallest threshold that reaches this precision, such as 0.95"),
    ] = None,
    errors: Annotated[
        Path | None, typer.Option("--errors", help="write the rows answered wrongly, the surest first: .csv")
    ] = None,
    plots: Annotated[
        Path | None, typer.Option("--plots", help="draw precision against coverage, and reliability, in this folder")
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Score a Run on labelled data, or show its recorded test figures."""
    from rnnkit.cli import certainty
    from rnnkit.run.figures import interval_text
    from rnnkit.run.folder import find_run, read_config

    wanted = certainty.Certainty(errors=errors, plots=plots, precision=threshold_for, overwrite=overwrite)
    folder = find_run(run)
    key = read_config(folder)["task"]
    kind = kind_of(key)
    if file is None:
        for flag in wanted.flags():
            raise RnnkitError(f"{flag} takes labelled rows: rnnkit evaluate RUN FILE.csv {flag} ...")
        figures = _recorded(run, folder, tflite)
    else:
        figures = _scored(folder, key, file, Given(columns, encoding, delimiter), options, tflite, wanted)
    if as_json:
        print(json.dumps(figures))
        certainty.refuse_unreached(figures)
        return
    plain = {name: value for name, value in figures.items() if not isinstance(value, list | dict)}
    named_lines(
        [
            (figure_name(name, kind.example_noun), f"{_shown(value)}{interval_text(figures, name)}")
            for name, value in plain.items()
        ]
    )
    show_confusion(figures.get("confusion") or (), labels_of(folder))
    for key, head in (("types", "type"), ("by_label", "label")):
        if each := figures.get(key):
            heads = map(usual_name, next(iter(each.values())))
            rows = [[name, *map(_shown, row.values())] for name, row in each.items()]
            table(rows, head, *heads, styles=["bold"], numbers=True)
    show_methods(figures)
    if "precision_at_coverage" in figures:
        certainty.show(figures, kind.example_noun)
        certainty.refuse_unreached(figures)
    if file is not None and (chosen := figures.get("threshold_for")):
        if not chosen["threshold"]:
            say("All rows answered reach the precision: no threshold is needed.")
            return
        say("It is chosen on these rows; on others precision may differ.")
        next_step(f"rnnkit predict {word(run)} NEW.csv --to ANSWERS.csv --threshold {chosen['threshold']}")


def _recorded(run: str, folder: Path, tflite: bool) -> dict[str, Any]:
    from rnnkit.run.folder import METRICS, read_json

    recorded, part = read_json(folder / METRICS, constant=float), "test_tflite" if tflite else "test"
    figures = recorded.get(part) if isinstance(recorded, dict) else None
    if not isinstance(figures, dict):
        raise RnnkitError(f"{run} has no {part} figures on record. Give rows: rnnkit evaluate RUN FILE.csv")
    return figures


def _scored(
    folder: Path, key: str, file: Path, given: Given, options: dict[str, Any], tflite: bool, wanted: Any
) -> dict[str, Any]:
    from rnnkit.cli.certainty import judged_rows
    from rnnkit.data.file_names import require_some

    require_some(file)
    wanted.check(task_zoo.get(key), file)
    rows = read_rows(task_zoo.unloaded(folder), file, given, options)
    task = task_zoo.load(folder)
    if hasattr(task, "scored_texts"):
        return judged_rows(task, rows, wanted, tflite)
    return task.evaluate(rows, tflite=tflite)


def _shown(value: Any) -> str:
    return shown(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
