"""`rnnkit tune`: a search of a task's settings, and which Run to take."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnkit import tasks as task_zoo
from rnnkit.cells import environment_for
from rnnkit.cli.flags import with_columns, with_options
from rnnkit.cli.help import described
from rnnkit.cli.lazy import for_tasks
from rnnkit.cli.overwriting import Overwrite
from rnnkit.cli.screen import next_step, option_flags, say, table, word
from rnnkit.cli.shared import (
    Delimiter,
    Encoding,
    File,
    Given,
    MaxSize,
    RayAddress,
    Resume,
    Workers,
    command_to_use,
    data_flags,
    require_ray_for,
    what_it_does,
)
from rnnkit.cli.training import example_file
from rnnkit.run.figures import shown, usual_name
from rnnkit.tasks.base.options import panels, usual_options
from rnnkit.tasks.base.search_space import in_words

_SHOWN = 10  # trials in the table
_MINUTES = "minutes"  # of the search; that of one training is not asked for
Trials = Annotated[int, typer.Option("--trials", help="trainings in all", min=1)]
Minutes = Annotated[
    float, typer.Option("--minutes", help="begin no further training after so many; 0: no limit", min=0)
]
Over = Annotated[
    str,
    typer.Option("--over", metavar="NAME,NAME", help="options to search; without it all that can be but those given"),
]
Goals = Annotated[
    str, typer.Option("--goals", metavar="NAME,NAME", help="what is to be good: score, bytes, milliseconds, or several")
]
ToFolder = Annotated[Path, typer.Option("--to", help="folder for the table, the pictures and the Runs that are kept")]


@for_tasks("tune")
def tune_command(key: str) -> Any:
    task_class: Any = task_zoo.get(key)
    specs = [spec for spec in dataclasses.fields(task_class.options_class) if spec.name != _MINUTES]
    usual = usual_options(task_class.options_class)

    @described(
        f"rnnkit tune {word(key)} {example_file(task_class)} --trials 20 --minutes 15",
        (*task_class.roles, "trials", _MINUTES, "over", "goals", *usual, "to", "resume", "overwrite"),
    )
    @with_columns(task_class.roles)
    @with_options(specs, optional=True, panels=panels(task_class.options_class))
    def tune(
        options: dict[str, Any],
        file: File,
        trials: Trials = 20,
        minutes: Minutes = 0.0,
        over: Over = "",
        goals: Goals = "score",
        to: ToFolder = Path(f"saved_models/my_{task_class.key}_search"),
        columns: Any = None,
        resume: Resume = False,
        overwrite: Overwrite = False,
        encoding: Encoding = None,
        delimiter: Delimiter = None,
        max_size: MaxSize = None,
        ray: RayAddress = None,
        workers: Workers = None,
    ) -> None:
        from rnnkit.data.file_names import require_some
        from rnnkit.run.tuning import TUNING
        from rnnkit.tasks.base.search_space import space_of
        from rnnkit.tasks.base.study import require_optuna
        from rnnkit.tasks.base.tuning import tune as search

        require_some(file)
        require_ray_for(workers, ray)
        task = task_class(**options)  # which checks them, before seconds go by
        how: dict[str, Any] = {"over": _names(over), "goals": _names(goals), "fixed": tuple(options)}
        space_of(task.options, how["over"], how["fixed"])
        TUNING.refuse(to, resume, overwrite)
        require_optuna()
        rows = task.read(file if ray is None else file.absolute(), columns, encoding, delimiter)
        how |= {"to": to, "trials": trials, "minutes": minutes, "resume": resume, "overwrite": overwrite}
        how |= {"ray": ray, "workers": workers}
        record = search(task, rows, **how)
        _report(
            task_class, record, to, data_flags(task_class, file, Given(columns, encoding, delimiter), options), options
        )

    tune.__doc__ = f"Search settings. {what_it_does(task_class)}"
    return tune


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _report(task_class: Any, record: Mapping[str, Any], to: Path, data: str, options: Mapping[str, Any]) -> None:
    """Print the best trials, what mattered, the files, and the commands that come next."""
    from rnnkit.run.tuning import FRONT_PICTURE, HISTORY_PICTURE, IMPORTANCE_PICTURE, RECORD, STUDY, TABLE

    by_run = {one["run"]: one for one in record["results"]}
    kept = [by_run[run] for run in record["kept"]]
    goals = list(kept[0]["goals"])
    names = [usual_name(record["monitor"]) if goal == "score" else goal for goal in goals]
    say(f"validation {', '.join(names)}; {_counted(record['results'])}", "bold")
    first = record["results"][0]
    rows = [*kept[:_SHOWN], *([first] if first not in kept and first.get("goals") else [])]
    table([_cells(one, goals, first) for one in rows], "trial", *names, "settings", styles=["bold"])
    if record["importance"]:
        most = sorted(record["importance"].items(), key=lambda one: -one[1])[:5]
        say("mattered most: " + ", ".join(f"{name} {share:.0%}" for name, share in most))
    files = (TABLE, RECORD, HISTORY_PICTURE, IMPORTANCE_PICTURE, FRONT_PICTURE, STUDY)
    say(f"in {to}: {', '.join(name for name in files if (to / name).is_file())}", indent=4)
    run = to / record["kept"][0]
    known = task_zoo.environment_for(task_class.key) + environment_for(str(options.get("cell", "")))
    next_step(known + command_to_use(task_class, run))
    again = option_flags({**options, **kept[0]["settings"]})
    next_step(
        f"{known}rnnkit train {task_class.key} {data}{again} --to {word(Path('saved_models', to.name + '_best'))}"
    )


def _counted(results: list[dict[str, Any]]) -> str:
    failed, pruned = sum("error" in one for one in results), sum(one["pruned"] for one in results)
    parts = [f"{len(results)} trials", *([f"{pruned} given up early"] if pruned else [])]
    return ", ".join([*parts, *([f"{failed} failed"] if failed else [])])


def _cells(one: Mapping[str, Any], goals: list[str], first: Mapping[str, Any]) -> list[str]:
    changed = in_words(one["settings"])
    return [one["run"], *(shown(one["goals"][goal]) for goal in goals), "as given" if one is first else changed]
