"""Commands that are made when they are called, so that `rnnkit --help` imports no task."""

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from rnnkit import tasks as task_zoo

#: For each group of task commands, such as "train", what gives the command of a task's key.
TASK_COMMANDS: dict[str, Callable[[str], Any]] = {}
#: For commands with the column flags of all tasks, what gives the whole command.
COMMANDS: dict[str, Callable[[], Any]] = {}


class Commands(TyperGroup):
    """A group whose help screen lists commands by name and first line alone."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return name, _made(name, COMMANDS[name]()) if name in COMMANDS else command, rest


class TaskCommands(TyperGroup):
    """A group with a command for each task, in `TASK_COMMANDS` under the group's name."""

    def list_commands(self, ctx: Any) -> list[str]:
        return task_zoo.names()

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return _made(cmd_name, TASK_COMMANDS[str(self.name)](cmd_name))


def _made(name: str | None, function: Any) -> Any:
    app = typer.Typer(add_completion=False, rich_markup_mode="rich")
    app.command(name)(function)
    return typer.main.get_command(app)
