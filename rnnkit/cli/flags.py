"""Option dataclasses as command line flags, so that no flag is written twice."""

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Annotated, Any

import typer

from rnnkit.streams import argument_text
from rnnkit.tasks.base.options import value_type


def with_options(
    specs: Iterable[Any], *, optional: bool = False, hidden: Collection[str] = (), panels: Mapping[str, str]
) -> Callable[[Any], Any]:
    """Give a command one flag per option field; it receives the given ones as the dictionary `options`.

    Args:
        specs: Fields of an options dataclass.
        optional: Flags default to "not given" instead of the field's default.
        hidden: Names of fields whose flags are taken but not shown in `--help`.
        panels: The heading over each flag in `--help`, by the field's name.
    """
    fields = list(specs)

    def decorate(command: Any) -> Any:
        added = [_parameter(spec, optional, spec.name in hidden, panels[spec.name]) for spec in fields]

        def wrapped(**values: Any) -> Any:
            given = {spec.name: values.pop(spec.name) for spec in fields}
            return command(options={name: value for name, value in given.items() if value is not None}, **values)

        return with_parameters(wrapped, command, "options", added)

    return decorate


def with_columns(roles: Iterable[str]) -> Callable[[Any], Any]:
    """Give a command one flag per column role; it receives the given ones as the dictionary `columns`."""
    names = list(roles)

    def decorate(command: Any) -> Any:
        added = [
            inspect.Parameter(
                role,
                inspect.Parameter.KEYWORD_ONLY,
                default=None,
                annotation=Annotated[
                    str | None,
                    typer.Option(f"--{role}", help=f"column that holds the {role}", rich_help_panel="Columns"),
                ],
            )
            for role in names
        ]

        def wrapped(**values: Any) -> Any:
            given = {role: values.pop(role) for role in names}
            named = {role: argument_text(column) for role, column in given.items() if column is not None}
            return command(columns=named, **values)

        return with_parameters(wrapped, command, "columns", added)

    return decorate


def with_parameters(wrapped: Any, command: Any, replaced: str, added: list[inspect.Parameter]) -> Any:
    """Give a function the signature of the command that it wraps, with further parameters.

    Args:
        wrapped: The function.
        command: The command.
        replaced: The command's parameter that they stand for; "" for none.
        added: Those parameters.
    """
    kept = [p for p in inspect.signature(command).parameters.values() if p.name != replaced]
    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in (*kept, *added)]
    wrapped.__signature__ = inspect.Signature(parameters)
    wrapped.__annotations__ = {p.name: p.annotation for p in parameters}
    wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
    return wrapped


def _parameter(spec: Any, optional: bool, hidden: bool, panel: str) -> inspect.Parameter:
    name, kind = spec.name.replace("_", "-"), value_type(spec)
    choices = spec.metadata.get("choices")
    text = spec.metadata["help"] + (f" ({', '.join(choices)})" if choices else "")
    both = kind is bool and (optional or spec.default)  # what is off by default needs no flag to turn it off
    declaration = f"--{name}/--no-{name}" if both else f"--{name}"
    flag = typer.Option(declaration, help=text, hidden=hidden, rich_help_panel=panel)
    default = None if optional else spec.default
    return inspect.Parameter(
        spec.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind | None if optional else kind, flag],
    )
