"""Commands built on first use, so that `rnnkit --help` imports no task."""

import shlex
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from rnnkit import tasks as task_zoo

#: The order in which people use the commands; others follow.
_ORDER = (
    "cells",
    "tasks",
    "example",
    "check",
    "pretrain",
    "train",
    "compare",
    "tune",
    "finetune",
    "evaluate",
    "predict",
    "generate",
    "try",
    "diagnose",
    "export",
    "runs",
)
#: What other programs call these commands, where spelling alone does not lead to them.
_MEANT = {
    "list": ("runs", "cells", "tasks"),
    "ls": ("runs", "cells", "tasks"),
    "models": ("runs", "tasks"),
    "layers": ("cells",),
    "fit": ("train", "finetune"),
    "test": ("evaluate",),
    "score": ("evaluate",),
    "infer": ("predict",),
    "classify": ("predict",),
    "translate": ("predict",),
    "caption": ("predict",),
    "sample": ("generate", "example"),
    "data": ("example",),
    "demo": ("example",),
    "write": ("generate",),
    "convert": ("export",),
    "tflite": ("export",),
    "benchmark": ("compare",),
    "search": ("tune",),
    "optimize": ("tune",),
    "sweep": ("tune",),
    "delete": ("runs delete",),
    "show": ("runs show",),
    "serve": ("try",),
    "web": ("try",),
    "validate": ("check",),
}
Decorator = Callable[[Any], Any]
#: For each group of task commands, such as "train", what gives the command of a task's key.
_TASK_COMMANDS: dict[str, Callable[[str], Any]] = {}
#: For commands whose flags come from all tasks, what gives the whole command.
_COMMANDS: dict[str, Callable[[], Any]] = {}


def for_tasks(group: str) -> Decorator:
    """Add a function that builds a task's command to a group of commands."""

    def decorate(make: Callable[[str], Any]) -> Any:
        _TASK_COMMANDS[group] = make
        return make

    return decorate


def when_called(
    app: typer.Typer,
    *flags: Callable[[], Decorator],
    example: str,
    usual: tuple[str, ...],
    example_run: str = "imdb_sentiment",
) -> Decorator:
    """Add a command whose further flags are worked out only when it is called.

    Args:
        app: The program.
        *flags: Each gives a decorator that adds flags.
        example: As `rnnkit.cli.help.described` takes it, with the two others.
        usual: Its usual parameters.
        example_run: The Run of the example.
    """

    def decorate(command: Any) -> Any:
        def whole() -> Any:
            made = command
            for give in flags:
                made = give()(made)
            from rnnkit.cli.help import described

            return described(example, usual, example_run)(made)

        _COMMANDS[command.__name__] = whole
        app.command(command.__name__, help=command.__doc__)(lambda: None)  # for the list of commands
        return command

    return decorate


class Commands(TyperGroup):
    """A group whose help screen lists commands by name and first line alone, in the order of use."""

    def list_commands(self, ctx: Any) -> list[str]:
        names = super().list_commands(ctx)
        return sorted(names, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if meant := _MEANT.get(args[0].lower()) if args else None:
            ctx.fail(f"No such command {args[0]!r}. Did you mean: {', '.join(f'rnnkit {name}' for name in meant)}?")
        if args and self.get_command(ctx, args[0]) is None and (known := _of_another_kind(args[0])):
            ctx.fail(f"No such command {args[0]!r}: {known}")
        name, command, rest = super().resolve_command(ctx, args)
        return name, _made(name, _COMMANDS[name]()) if name in _COMMANDS else command, rest


def _of_another_kind(name: str) -> str:
    """What is named so and is no command, with a command for it; "" for nothing."""
    from rnnkit import cells
    from rnnkit.errors import RnnkitError
    from rnnkit.run.folder import find_run

    if name in cells.names():
        return f"it is a cell. Try: rnnkit train text_classifier FILE --cell {name}"
    if name in task_zoo.names():
        return f"it is a task. Try: rnnkit train {name} FILE"
    try:
        find_run(name)
    except RnnkitError:
        return ""
    return f"it is a Run. Try: rnnkit runs show {shlex.quote(name)}"


class TaskCommands(TyperGroup):
    """A group with a command for each task, under the group's name."""

    def list_commands(self, ctx: Any) -> list[str]:
        return task_zoo.names()

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if self.name == "compare" and cmd_name not in task_zoo.names() and "it is a Run" in _of_another_kind(cmd_name):
            ctx.fail(f"{cmd_name!r} is a Run. To compare Runs: rnnkit runs compare {shlex.quote(cmd_name)} ANOTHER")
        return _made(cmd_name, _TASK_COMMANDS[str(self.name)](cmd_name))


def _made(name: str | None, function: Any) -> Any:
    from rnnkit.cli.help import HelpCommand

    app = typer.Typer(add_completion=False, rich_markup_mode="rich")
    app.command(name, cls=HelpCommand)(function)
    command: Any = typer.main.get_command(app)
    for attribute in ("usual", "example", "example_run"):
        setattr(command, attribute, getattr(function, attribute, getattr(HelpCommand, attribute)))
    return command
