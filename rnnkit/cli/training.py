"""`rnnkit check`, `rnnkit train` and `rnnkit finetune`: from data to a Run."""

import dataclasses
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnkit import tasks as task_zoo
from rnnkit.cells import environment_for
from rnnkit.cli.figures import figure_table, show_methods
from rnnkit.cli.flags import with_columns, with_options
from rnnkit.cli.folding import Folds, FoldsOnly, cross_validated, plan_of
from rnnkit.cli.help import described
from rnnkit.cli.lazy import for_tasks, when_called
from rnnkit.cli.overwriting import Overwrite, may_replace_run
from rnnkit.cli.program import app
from rnnkit.cli.screen import named_lines, next_step, say, table, word
from rnnkit.cli.shared import (
    Delimiter,
    Encoding,
    File,
    Given,
    MaxSize,
    RayAddress,
    Resume,
    RunFolder,
    To,
    columns_of_all_tasks,
    command_to_use,
    data_flags,
    finetune_options,
    known_columns,
    reading_options,
    remembered_flags,
    what_it_does,
)
from rnnkit.data.delimiters import require_split, split_at
from rnnkit.errors import RnnkitError
from rnnkit.options import with_absolute_files
from rnnkit.run.folder import PLOTS
from rnnkit.tasks.base.example_files import example_of
from rnnkit.tasks.base.options import panels, usual_options

Workers = Annotated[int, typer.Option("--workers", help="of --ray: how many", min=1, rich_help_panel="Machines")]
_COLOURS = {"good": "bold green", "warn": "bold yellow", "fail": "bold red"}


@for_tasks("check")
def check_command(key: str) -> Any:
    task_class: Any = task_zoo.get(key)

    @described(f"rnnkit check {word(key)} {example_file(task_class)}")
    @with_columns(task_class.roles)
    @reading_options(key)
    def check(
        options: dict[str, Any],
        file: File,
        columns: Any = None,
        encoding: Encoding = None,
        delimiter: Delimiter = None,
        max_size: MaxSize = None,
    ) -> None:
        with split_at(delimiter):
            rows = require_split(task_class.open_source(file, columns, encoding, **options), delimiter)
        found = task_class.check(rows)
        named_lines([(finding.level, finding.message) for finding in found], [_COLOURS[f.level] for f in found])
        if any(finding.level == "fail" for finding in found):
            raise SystemExit(1)
        to = Path("saved_models", file.stem)
        data = data_flags(task_class, file, Given(columns, encoding, delimiter), options)
        next_step(f"rnnkit train {key} {data} --to {word(to)}")

    check.__doc__ = what_it_does(task_class)
    return check


def example_file(task_class: Any) -> str:
    """The file of a command's example: the first that `rnnkit example` writes, where the task has some."""
    try:
        return example_of(task_class).names[0]
    except RnnkitError:
        return "mine.csv"


@for_tasks("train")
def train_command(key: str) -> Any:
    task_class: Any = task_zoo.get(key)  # by its key, or by the file of one's own

    @described(
        f"rnnkit train {word(key)} {example_file(task_class)} --to saved_models/mine",
        (*task_class.roles, *usual_options(task_class.options_class), "to", "resume", "overwrite"),
    )
    @with_columns(task_class.roles)
    @with_options(dataclasses.fields(task_class.options_class), panels=panels(task_class.options_class))
    def train(
        options: dict[str, Any],
        file: File,
        to: To = Path(f"saved_models/my_{task_class.key}"),
        columns: Any = None,
        folds: Folds = None,
        folds_only: FoldsOnly = False,
        resume: Resume = False,
        overwrite: Overwrite = False,
        encoding: Encoding = None,
        delimiter: Delimiter = None,
        max_size: MaxSize = None,
        ray: RayAddress = None,
        workers: Workers = 2,
    ) -> None:
        from rnnkit.data.file_names import require_some
        from rnnkit.quiet import load_keras
        from rnnkit.run.folds import adopt_folds, folds_beside, refuse_folds
        from rnnkit.training.cluster import refuse_cluster

        plan = plan_of(folds, folds_only)
        if plan.folds and ray is not None:
            raise RnnkitError("--folds trains on one machine; leave --ray out, or --folds.")
        if plan.folds:
            refuse_cluster("--folds")
            refuse_folds(folds_beside(to), resume, overwrite)
        replace = not folds_only and may_replace_run(to, overwrite, resume)
        require_some(file)
        task = task_class(**options)  # which checks them, before seconds go by
        if folds_only:
            found = cross_validated(task, task.read(file, columns, encoding, delimiter), plan, to, resume, overwrite)
            say(f"saved {found}")
            return
        if ray is not None:
            from rnnkit.tasks.base.on_ray import Wanted, fit_on_ray

            absolute = with_absolute_files(task.options, options)
            own = str(Path(key).absolute()) if Path(key).is_file() else key
            asked = Wanted(own, absolute, str(file.absolute()), dict(columns or {}), encoding, delimiter)
            fit_on_ray(asked, to, address=ray, workers=workers, resume=resume, overwrite=replace)
            task = task_zoo.load(to)
            _report(task, to, remembered_flags(task, file, Given(columns, encoding, delimiter)))
            return
        with held(to, replace, resume):
            rows = task.read(file, columns, encoding, delimiter)
            load_keras()
            if plan.folds:
                found = cross_validated(task, rows, plan, to, resume, overwrite)
            task.fit(rows, to=to, resume=resume, overwrite=replace)
            if plan.folds:
                adopt_folds(found, to)
        _report(task, to, remembered_flags(task, file, Given(columns, encoding, delimiter)))

    train.__doc__ = what_it_does(task_class)
    return train


@when_called(
    app,
    finetune_options,
    columns_of_all_tasks,
    example="rnnkit finetune RUN mine.csv --to saved_models/mine",
    usual=(
        "epochs",
        "learning_rate",
        "batch_size",
        "seed",
        "to",
        "resume",
        "overwrite",
    ),
)
def finetune(
    options: dict[str, Any],
    run: RunFolder,
    file: File,
    to: To = Path("saved_models/my_finetuned"),
    columns: Any = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    max_size: MaxSize = None,
) -> None:
    """Go on training a Run on your own data, with its labels or new ones."""
    from rnnkit.data.file_names import require_some
    from rnnkit.run.folder import find_run
    from rnnkit.tasks.base.finetuning import successor
    from rnnkit.training.cluster import own_cluster

    find_run(run)
    overwrite = may_replace_run(to, overwrite, resume)
    require_some(file)
    if own_cluster() is not None:  # which TensorFlow takes part in before it loads anything
        from rnnkit.quiet import load_keras

        load_keras()
        from rnnkit.training.replicas import open_replicas

        open_replicas()
    with held(to, overwrite, resume):
        before = task_zoo.unloaded(run)
        successor(before, options)  # which checks them, and the file, before seconds go by
        rows = before.read(file, known_columns(columns, before), encoding, delimiter, **options)
        tuned = task_zoo.load(run).finetune(rows, to=to, resume=resume, overwrite=overwrite, **options)
    _report(tuned, to, remembered_flags(tuned, file, Given(columns, encoding, delimiter)))


def held(to: Path, overwrite: bool, resume: bool) -> AbstractContextManager[Any]:
    """A context in which the target of a training is this process's; of several workers the first alone writes one."""
    from rnnkit.run.target import claimed
    from rnnkit.training.cluster import writes_runs

    return claimed(to, trains=True, overwrite=overwrite, resume=resume) if writes_runs() else nullcontext()


def _report(task: Any, to: Path, data: str) -> None:
    """Print a line for each figure, where the pictures are, and the commands that come next."""
    if task.folder is None:
        say("This worker has finished; the first one wrote the Run.")
        return
    rows, heads = figure_table(task.results, task.example_noun)
    table(rows, "", *heads, styles=["bold"], numbers=True)
    show_methods(task.results["test"])
    say(f"saved {to}")
    pictures = sorted(path.name for path in (to / PLOTS).glob("*.png"))
    say(f"pictures in {to / PLOTS}: {', '.join(pictures)}", indent=4)
    known = task_zoo.environment_for(task.key) + environment_for(getattr(task.options, "cell", ""))
    files = getattr(task.parts.test, "files", None) if task.inputs_are_files and task.parts else None
    next_step(known + command_to_use(task, to, given=next(iter(files), None) if files is not None else None))
    next_step(f"{known}rnnkit export {word(to)} --data {data}")
