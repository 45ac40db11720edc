"""`rnnkit export`, and its result in words."""

from pathlib import Path
from typing import Annotated, Any

import typer

from rnnkit import tasks as task_zoo
from rnnkit.cli.lazy import when_called
from rnnkit.cli.overwriting import Overwrite, may_replace_export, may_replace_site
from rnnkit.cli.program import app
from rnnkit.cli.screen import named_lines, next_step, say, word
from rnnkit.cli.shared import (
    Delimiter,
    Encoding,
    Given,
    MaxSize,
    RunFolder,
    columns_of_all_tasks,
    command_to_use,
    input_word,
    read_rows,
    reading_options,
)
from rnnkit.errors import RnnkitError, did_you_mean

_MOST_ROWS = 500
#: What a file is for, each with its folder's name.
TARGETS = LITE, MICRO = ("lite", "micro")
#: The name of an export in its folder, by format.
_NAMES = {"tflite": "lite", "keras": "model.keras"}
#: What the rows of an agreement's `source` are.
_SOURCES = {
    "given": "{} of --data",
    "validation": "{} of the validation part",
    "made up": "made-up {}; real ones: --data FILE",
}


@when_called(
    app,
    lambda: columns_of_all_tasks(but="target"),
    reading_options,
    example="rnnkit export RUN --quantize float16",
    usual=(
        "format",
        "target",
        "quantize",
        "strategy",
        "data",
        "to",
        "overwrite",
    ),
)
def export(
    columns: dict[str, str],
    options: dict[str, Any],
    run: RunFolder,
    format: Annotated[str, typer.Option("--format", help="tflite, web, saved_model or keras")] = "tflite",
    target: Annotated[
        str,
        typer.Option(
            "--target",
            help="lite (phones, browsers, servers) or micro (microcontrollers); of a translator's --data its column",
        ),
    ] = "lite",
    quantize: Annotated[
        str,
        typer.Option(
            "--quantize",
            help="none, float16, dynamic or int8; auto: dynamic, float16 where that answers otherwise; for micro int8",
        ),
    ] = "auto",
    strategy: Annotated[
        str, typer.Option("--strategy", help="auto, padded, loop (any length), unroll (for MediaPipe too) or fused")
    ] = "auto",
    length: Annotated[
        int, typer.Option("--length", help="steps of a padded file; 0: those that suit the task", min=0)
    ] = 0,
    data: Annotated[
        Path | None, typer.Option("--data", help=f"labelled rows to compare with Keras on; {_MOST_ROWS} are taken")
    ] = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    max_size: MaxSize = None,
    to: Annotated[Path | None, typer.Option("--to", help="another folder than the Run's own")] = None,
    overwrite: Overwrite = False,
) -> None:
    """Export a Run for phones or servers, and compare it with Keras."""
    from rnnkit.data.file_names import require_there
    from rnnkit.run.folder import CONFIG, find_run
    from rnnkit.run.target import held_folder
    from rnnkit.tasks.base.example_files import inputs_to_try

    folder = find_run(run)
    if target not in TARGETS:
        columns, target = _with_column(columns, target, task_zoo.unloaded(folder).roles), LITE
    if data is not None:
        require_there(data)
    if format == "web" and to is None:
        raise RnnkitError(f"A site goes into a folder of its own; name one: --to {folder.name}_site.")
    place = to or (folder if folder == Path(run) else Path("saved_models", folder.name))
    if format == "web":
        may_replace_site(place, overwrite)
    else:
        name = MICRO if target == MICRO else _NAMES.get(format, format)
        may_replace_export(folder, place, name, overwrite, to is not None)
    with held_folder(place):
        found = data and read_rows(task_zoo.unloaded(folder), data, Given(columns, encoding, delimiter), options)
        task = task_zoo.load(folder)
        rows = None if found is None else task.rows_to_compare(found, _MOST_ROWS)
        how = {"format": format, "target": target, "quantize": quantize, "strategy": strategy, "length": length}
        if format == "web":
            how["examples"] = inputs_to_try(type(task))
        done = task.export(place, **how, rows=rows, overwrite=True)
    if to is None and place != folder:
        say(f"{run} came with rnnkit, so its export goes to {place} (--to names another folder).")
    exporter = task.exporter()
    named_lines(_in_words(done, exporter))
    if format == "web":
        say("Any static host serves this folder, also below another page; a phone that opened it keeps it.")
        next_step(f"python -m http.server --bind 127.0.0.1 --directory {word(place)}")
    if format != "tflite":
        return
    if target == MICRO:
        say(
            f"Copy {', '.join(done['headers'])} and the .cpp beside them into a sketch; the lines to write there: "
            "docs/microcontrollers.md"
        )
        next_step(f"python -m rnnkit.lite {word(place / MICRO)} {input_word(task)}")
        return
    if advice := exporter.advice(done["strategy"]):
        say(advice)
    if (place / CONFIG).is_file():
        next_step(task_zoo.environment_for(task.key) + command_to_use(task, place, "--tflite"))
    elif task.answers_inputs:
        next_step(f"python -m rnnkit.lite {word(place / LITE)} {input_word(task)}")


def _with_column(columns: dict[str, str], target: str, roles: tuple[str, ...]) -> dict[str, str]:
    """The columns, with that of the task's role "target".

    Raises:
        RnnkitError: The task has no such role.
    """
    if "target" not in roles:
        raise RnnkitError(f"--target is {target!r}; expected lite or micro.{did_you_mean(target, TARGETS)}")
    return {**columns, "target": target}


def _in_words(done: dict[str, Any], exporter: Any) -> list[tuple[str, str]]:
    """The result of `rnnkit.export.export` as names and sentences."""
    agreement, answered, measured = done["agreement"], exporter.compared_noun, exporter.compares_as.measured
    rows, same = agreement["rows"], round(agreement["rows"] * agreement["same_label"])
    lines = [("written", done["path"]), ("size", _size(done["bytes"]))]
    lines += [(name, done[name]) for name in ("strategy", "quantize") if name in done]
    if "arena" in done:
        lines.append(("memory", f"{done['arena'] / 1024:.0f} KiB of arena, as TFLite Micro took on this machine"))
    if "milliseconds" in done:
        timed = done.get("timed", exporter.timed)
        lines.append(("time", f"{done['milliseconds']:.3g} ms for {timed}, on one thread of this machine"))
    lines += [
        ("compared", f"with Keras on {rows:,} {_SOURCES[agreement['source']].format(answered)}"),
        ("same answer", f"{same:,} of {rows:,} {answered} ({same / max(rows, 1):.1%})"),
    ]
    if agreement["largest_difference"] is not None:
        lines.append(("largest difference", f"{agreement['largest_difference']:.2g} {measured}"))
    if agreement.get("keras_error") is not None:
        errors = f"Keras {agreement['keras_error']:.4g}, export {agreement['export_error']:.4g}"
        lines.append(("mean absolute error", errors))
    if agreement.get("keras_accuracy") is not None:
        seen = "; training rows may be among them" if agreement["source"] == "given" else ""
        right = f"Keras {agreement['keras_accuracy']:.1%}, export {agreement['export_accuracy']:.1%}"
        lines.append(("right on them", f"{right}{seen}"))
    return lines


def _size(count: int) -> str:
    return f"{count / 1e6:.2f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"
