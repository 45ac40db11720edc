"""`rnnkit runs`: list, show, compare, rename and delete Runs, without loading any."""

from pathlib import Path
from typing import Annotated

import typer

from rnnkit.cli.overwriting import Overwrite, asked, may_replace_file
from rnnkit.cli.program import app
from rnnkit.cli.screen import named_lines, next_step, say, table, word
from rnnkit.cli.shared import RunFolder
from rnnkit.errors import RnnkitError, one_line
from rnnkit.run.folder import HOME, find_run, own_of_name, partial
from rnnkit.run.summary import Summary, is_shipped, runs_in, shipped_runs, size_of, summarise

_BROKEN = "broken"
_HEADS = ("name", "task", "cell", "test figure", "trained", "size")
runs_app = typer.Typer(help="List, show, compare, rename and delete Runs.", rich_markup_mode="rich")
app.add_typer(runs_app, name="runs")


@runs_app.callback(invoke_without_command=True)
def _runs(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_runs()


@runs_app.command("list")
def list_runs(
    folder: Annotated[
        Path | None, typer.Argument(help="a folder with Runs; by default saved_models, and the shipped Runs")
    ] = None,
) -> None:
    """List Runs with task, cell, key figure, date and size."""
    if folder is not None:
        _require_folder(folder)
    home = HOME if folder is None else folder
    own = [run for run in runs_in(home) if folder is not None or not is_shipped(run)]
    from rnnkit.cli.run_pages import one

    say(
        one(home, 300) if own else f"{one(home, 300)} holds no Runs{'' if folder else ' of yours'}.",
        "bold" if own else "",
    )
    rows = _table(own)
    for left in sorted(home.glob("*.partial")) if home.is_dir() else ():
        if not (home / left.name.removesuffix(".partial")).exists():
            say(f"{one(left)}: interrupted; the same command with --resume goes on")
    if folder is None:
        say("\nshipped with rnnkit: their names work from any folder", "bold")
        shipped = shipped_runs()
        _table(shipped)
        for own_one in filter(None, (own_of_name(Path(run.name)) for run in shipped)):
            say(one_line(f'"{own_one.name}" means your own Run here, {own_one}, and not the shipped one of that name.'))
    if sound := next((run for run, row in zip(own, rows, strict=True) if row[1] != _BROKEN), None):
        next_step(f"rnnkit runs show {word(sound)}")


def _table(runs: list[Path]) -> list[tuple[str, ...]]:
    """Print a row for each Run. Return the rows."""
    rows = [_row(run) for run in runs]
    if rows:
        table(rows, *_HEADS, styles=["bold"])
    return rows


def _row(run: Path) -> tuple[str, ...]:
    from rnnkit.cli.run_pages import one, size

    try:
        found = summarise(run)
    except RnnkitError:
        return one(run.name), _BROKEN, "", "", "", size(size_of(run))
    figure = one(found.key_figure or "", 24)
    return one(run.name), one(found.task, 24), one(found.cell, 24), figure, found.date, size(size_of(run))


def _require_folder(folder: Path) -> None:
    from rnnkit.run.folder import is_run

    if not folder.is_dir():
        raise RnnkitError(f"There is no folder {folder}. Give a folder that holds Runs, such as {HOME}.")
    if is_run(folder):
        raise RnnkitError(f"{folder} is a Run itself. Try: rnnkit runs show {word(folder)}")


@runs_app.command(epilog="Example: rnnkit runs show imdb_sentiment")
def show(run: RunFolder) -> None:
    """Show a Run: its options, data, figures and files."""
    from rnnkit.cli.run_pages import next_commands, one, page

    found = summarise(find_run(run))
    say(one(found.folder, 300) + (", shipped with rnnkit" if is_shipped(found.folder) else ""), "bold")
    for part in page(found):
        if part:
            print()
            named_lines(part)
    print()
    for command in next_commands(found, run):
        next_step(command)


@runs_app.command(epilog="Example: rnnkit runs compare imdb_sentiment imdb_mgu --plot curves.png")
def compare(
    runs: Annotated[list[str], typer.Argument(metavar="RUN RUN ...", help="two or more Runs", show_default=False)],
    plot: Annotated[
        Path | None, typer.Option("--plot", help="draw the validation curves over one another, as a PNG file")
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Compare Runs: figures side by side, and the settings that differ."""
    from rnnkit.cli.run_pages import differences, figures_side_by_side, heads, unlike

    if len(runs) < 2:
        raise RnnkitError(f"rnnkit runs compare takes two or more Runs, and got {len(runs)}. Name another.")
    if plot is not None:
        from rnnkit.files.disk import check_writable

        if plot.suffix.lower() != ".png":
            raise RnnkitError(f"--plot is {str(plot)!r:.60}; expected a name that ends in .png.")
        check_writable(plot, "Give --plot another file.")
        may_replace_file(plot, overwrite, "--plot")
    found = [summarise(find_run(run)) for run in runs]
    names = heads(found)
    table(figures_side_by_side(found), "test part", *names, styles=["bold"])
    for line in unlike(found):
        say(line)
    print()
    if settings := differences(found):
        table(settings, "setting", *names, styles=["bold"])
    else:
        say("The Runs have the same settings.")
    if plot is not None:
        _draw(found, names, plot)
    else:
        next_step(f"rnnkit runs compare {' '.join(map(word, runs))} --plot curves.png")


def _draw(found: list[Summary], names: list[str], plot: Path) -> None:
    from rnnkit import plots
    from rnnkit.files.disk import disk_errors
    from rnnkit.plots.naming import pictures_of_the_user
    from rnnkit.run.summary import history_of

    with disk_errors(plot, "Give --plot another file."), pictures_of_the_user():
        plots.comparison_curves({name: history_of(run.folder) for name, run in zip(names, found, strict=True)}, plot)
    say(f"drawn {plot}")


@runs_app.command(epilog="Example: rnnkit runs rename my_run my_better_run")
def rename(
    run: RunFolder,
    name: Annotated[str, typer.Argument(metavar="NEW", help="its new name, or a path", show_default=False)],
) -> None:
    """Rename a Run, or move it on the same disk."""
    from rnnkit.run.manage import rename

    old = find_run(run)
    new = rename(old, Path(name))
    say(one_line(f"renamed {old} to {new}"))
    if partial(old).exists():
        say(f"{partial(old)} is an interrupted training under the old name, and keeps it.")
    next_step(f"rnnkit runs show {word(new)}")


@runs_app.command(epilog="Example: rnnkit runs delete my_run")
def delete(run: RunFolder, yes: Annotated[bool, typer.Option("--yes", help="delete without asking")] = False) -> None:
    """Delete a Run of yours, after asking."""
    from rnnkit.cli.run_pages import size
    from rnnkit.run.manage import delete, own_run
    from rnnkit.run.summary import describe

    folder = own_run(find_run(run), "deleted")
    said = f"{folder} ({describe(folder)}; {size(size_of(folder))})"
    if not yes:
        answer = asked(f"Delete {said}?")
        if answer is None:
            raise RnnkitError(f"{said} was not deleted: nobody can be asked here. To delete it, add --yes.")
        if not answer:
            raise RnnkitError("Nothing was deleted.")
    left = delete(folder)
    say(one_line(f"deleted {said}"))
    if left:
        names = ", ".join(str(path.relative_to(folder)) for path in left[:5])
        say(one_line(f"{folder} stays, for it holds files of yours: {names}"))
