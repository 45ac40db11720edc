"""`rnnkit example`: a small data set for a task, to try every command on."""

from pathlib import Path
from typing import Annotated

import typer

from rnnkit import tasks as task_zoo
from rnnkit.cli.overwriting import Overwrite, may_replace_files
from rnnkit.cli.program import app
from rnnkit.cli.screen import next_step, option_flags, say, word


@app.command()
def example(
    task: Annotated[str, typer.Argument(help="a task (rnnkit tasks), or a file with one of your own")],
    to: Annotated[Path, typer.Option("--to", help="folder to write into, . for this one")],
    overwrite: Overwrite = False,
) -> None:
    """Write a small data set for a task, to try it on."""
    from rnnkit.tasks.base.example_files import README, example_of, write_example

    kind = task_zoo.get(task)
    made = example_of(kind)
    contents = made.contents()
    may_replace_files(to, contents, overwrite)
    write_example(contents, to)
    say(f"wrote {', '.join(str(to / name) for name in (*made.names, README))}")
    trained = word(Path("saved_models") / f"my_{kind.key}")
    next_step(f"rnnkit train {word(task)} {word(to / made.names[0])}{option_flags(made.settings)} --to {trained}")
