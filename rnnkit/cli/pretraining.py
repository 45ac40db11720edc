"""`rnnkit pretrain`: a language model on plain text, to initialise other tasks."""

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnkit import tasks as task_zoo
from rnnkit.cells import environment_for
from rnnkit.cli.flags import with_columns, with_options
from rnnkit.cli.lazy import when_called
from rnnkit.cli.overwriting import Overwrite, may_replace_run
from rnnkit.cli.program import app
from rnnkit.cli.screen import next_step, option_flags, say, word
from rnnkit.cli.shared import Decorator, Delimiter, Encoding, MaxSize, Resume
from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.tasks.base.options import panels

_KEY = "language_model"
#: Of the options that shape a language model, those that the task which begins with it sets for itself.
_FREE = ("bidirectional", "initial_state", "unit", "vocabulary_size", "min_count")


def _options() -> Decorator:
    options = task_zoo.get(_KEY).options_class
    specs = [spec for spec in dataclasses.fields(options) if spec.name not in ("unit", "omega")]
    return with_options(specs, optional=True, panels=panels(options))


def _columns() -> Decorator:
    return with_columns(task_zoo.get(_KEY).roles)


@when_called(
    app,
    _options,
    _columns,
    example="rnnkit pretrain texts.txt --for text_classifier --to saved_models/texts",
    usual=(
        "text",
        "task_key",
        "cell",
        "units",
        "layers",
        "epochs",
        "to",
        "resume",
        "overwrite",
    ),
)
def pretrain(
    options: dict[str, Any],
    columns: dict[str, str],
    file: Annotated[Path, typer.Argument(help="plain text, a text a line (.txt), or a CSV, TSV or JSONL file")],
    task_key: Annotated[str, typer.Option("--for", help="the task that is to begin with it")] = "text_classifier",
    to: Annotated[Path, typer.Option("--to", help="Run folder to write")] = Path("saved_models/my_language_model"),
    resume: Resume = False,
    overwrite: Overwrite = False,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    max_size: MaxSize = None,
) -> None:
    """Train a language model on plain text without labels, to initialise other tasks."""
    from rnnkit.quiet import load_keras
    from rnnkit.run.target import claimed

    known = [key for key in task_zoo.names() if task_zoo.get(key).language_unit]
    if task_key not in known:
        raise RnnkitError(f"--for is {task_key!r}; expected one of {', '.join(known)}.{did_you_mean(task_key, known)}")
    target = task_zoo.get(task_key)
    overwrite = may_replace_run(to, overwrite, resume)
    with claimed(to, trains=True, overwrite=overwrite, resume=resume):
        load_keras()
        shape = [name for name in task_zoo.get(_KEY)().fixed_options() if name not in _FREE]
        alike = {name: getattr(target.options_class(), name) for name in shape}
        model = task_zoo.get(_KEY)(**{**alike, **options, "unit": target.language_unit})
        model.fit(model.read(file, dict(columns), encoding, delimiter), to=to, resume=resume, overwrite=overwrite)
    say(f"test  perplexity {model.results['test']['perplexity']:g}  {model.results['test']['words']} words")
    say(f"saved {to}")
    wanted = {name: getattr(model.options, name) for name in alike if getattr(model.options, name) != alike[name]}
    known_cell = environment_for(model.options.cell)
    next_step(f"{known_cell}rnnkit train {task_key} FILE --init-from {word(to)}{option_flags(wanted)}")
