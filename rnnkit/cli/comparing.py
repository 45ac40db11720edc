"""`rnnkit compare`: the same task with one cell after another, and which to take."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnkit import tasks as task_zoo
from rnnkit.cells import environment_for
from rnnkit.cli.flags import with_columns, with_options
from rnnkit.cli.help import described
from rnnkit.cli.lazy import for_tasks
from rnnkit.cli.overwriting import Overwrite
from rnnkit.cli.screen import named_lines, next_step, say, table, word
from rnnkit.cli.shared import Delimiter, Encoding, File, MaxSize, Resume, command_to_use, what_it_does
from rnnkit.cli.training import example_file
from rnnkit.run.figures import interval_text, key_figure, shown, usual_name
from rnnkit.tasks.base.options import panels, usual_options

_NONE, _USUAL = "-", "gru,lstm,min_gru:2"
Cells = Annotated[
    str,
    typer.Option(
        "--cells",
        metavar="CELL,CELL",
        help="the cells; min_gru:2 has two layers. Also all, a family, and FILE.py",
    ),
]
Seeds = Annotated[int, typer.Option("--seeds", help="train each cell with this many seeds", min=1, max=100)]
KeepAll = Annotated[bool, typer.Option("--keep-all", help="keep the Run of every cell, not the best alone")]
ToFolder = Annotated[Path, typer.Option("--to", help="folder for the table, its picture and the Run that is kept")]


@for_tasks("compare")
def compare_command(key: str) -> Any:
    task_class: Any = task_zoo.get(key)
    specs = [spec for spec in dataclasses.fields(task_class.options_class) if spec.name != "cell"]
    usual = [name for name in usual_options(task_class.options_class) if name not in ("cell", "layers")]

    @described(
        f"rnnkit compare {word(key)} {example_file(task_class)} --cells {_USUAL} --minutes 1",
        (*task_class.roles, "cells", *usual, "minutes", "to", "resume", "overwrite"),
    )
    @with_columns(task_class.roles)
    @with_options(specs, panels=panels(task_class.options_class))
    def compare(
        options: dict[str, Any],
        file: File,
        cells: Cells = _USUAL,
        to: ToFolder = Path(f"saved_models/my_{task_class.key}_cells"),
        seeds: Seeds = 1,
        keep_all: KeepAll = False,
        columns: Any = None,
        resume: Resume = False,
        overwrite: Overwrite = False,
        encoding: Encoding = None,
        delimiter: Delimiter = None,
        max_size: MaxSize = None,
    ) -> None:
        from rnnkit.data.file_names import require_some
        from rnnkit.run.comparison import COMPARISON
        from rnnkit.tasks.base.comparing import compare
        from rnnkit.tasks.base.stacks import stacks_of

        require_some(file)
        task = task_class(**options)  # which checks them, before seconds go by
        stacks_of(cells)
        COMPARISON.refuse(to, resume, overwrite)
        how: dict[str, Any] = {"cells": cells, "to": to, "seeds": seeds, "keep_all": keep_all}
        how |= {"resume": resume, "overwrite": overwrite}
        rows = task.read(file, columns, encoding, delimiter) if "cell" in task.options.to_dict() else None
        _report(task_class, compare(task, rows, **how), to)

    compare.__doc__ = f"Compare cells. {what_it_does(task_class)}"
    return compare


def _report(task_class: Any, record: Mapping[str, Any], to: Path) -> None:
    """Print the table, the test figure of the Run that is kept, the files, and the command that comes next."""
    from rnnkit.run.comparison import PICTURE, RECORD, TABLE
    from rnnkit.tasks.base.ranking import ranked

    rows = ranked(record["results"])
    timed = next((one["tflite"].get("timed", "") for one in record["results"] if one.get("tflite")), "")
    say(
        f"validation {usual_name(rows[0].figure)}, the best first"
        + (f"; ms: {timed} with the TFLite file, on one thread of this machine" if timed else ""),
        "bold",
    )
    heads = ("cell", "score", "95 % interval", "trained", "ms a step", "parameters", "TFLite", "ms")
    table([_cells(row) for row in rows], *heads, styles=["bold"], numbers=True)
    if lines := [(row.name, row.error) for row in rows if row.error]:
        named_lines(lines)
    run, test = to / record["kept"]["run"], record["kept"]["test"]
    figure = key_figure(test)
    said = f": test {figure}{interval_text(test, figure.key)}" if figure else ""
    say(f"kept {run}{said}; the test part had no part in the choice")
    files = [name for name in (TABLE, RECORD, PICTURE) if (to / name).is_file()]
    say(f"in {to}: {', '.join(files)}", indent=4)
    known = task_zoo.environment_for(task_class.key) + environment_for(rows[0].name.partition(":")[0])
    lite = ("--tflite",) if rows[0].bytes else ()
    next_step(known + command_to_use(task_class, run, *lite))
    next_step(f"{known}rnnkit runs show {word(run)}")


def _cells(row: Any) -> list[str]:
    """A line of the table."""
    if not row.figure:
        return [row.name, "failed", *[_NONE] * 6]
    found = row.numbers
    return [
        row.name,
        shown(row.score),
        " to ".join(f"{bound:.3g}" for bound in row.interval) if row.interval else _NONE,
        _or_none(found["training_seconds"], _duration),
        _or_none(found["milliseconds_a_step"], "{:.3g}".format),
        _or_none(found["parameters"], "{:,.0f}".format),
        _or_none(row.bytes, lambda size: f"{size / 1e3:,.0f} kB"),
        _or_none(row.milliseconds, "{:.3g}".format),
    ]


def _or_none(value: float | None, said: Callable[[float], str]) -> str:
    return _NONE if value is None else said(value)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.1f} min"
