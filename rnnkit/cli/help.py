"""Help screens: `--help` shows the usual options of a command and an example, `--help-all` all options.

Where a Run is named beside `--help`, as in `rnnkit evaluate RUN --help`, only the options of its task are shown, with
the columns, encoding and settings that it remembers as their defaults.
"""

import dataclasses
import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from rnnkit.cli.flags import with_parameters
from rnnkit.cli.screen import word
from rnnkit.cli.shared import answered_role, input_word, kind_of
from rnnkit.errors import RnnkitError, one_line
from rnnkit.run.folder import find_run, read_config

_SHORT, _ALL = "--help", "--help-all"
_RUN, _INPUT = "RUN", "INPUT"
_FILM = '"A warm, funny film."'
_TUNE = ("title", "rhythm", "metre", "key")
_DATA = ("encoding", "delimiter", "scheme")  # that a Run remembers of its data, beside their columns
#: What the task of a Run must have for a flag to be one of its own.
_NEEDS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("threshold", "unknown"), lambda kind: kind.answers_labels),
    "every_label": lambda kind: kind.answers_labels or kind.answers_label_sets,
    **dict.fromkeys(("errors", "plots", "threshold_for"), lambda kind: hasattr(kind, "scored_texts")),
    **dict.fromkeys(_TUNE, lambda kind: bool(kind.text_suffixes)),
    "explain": lambda kind: hasattr(kind, "explain"),
    "plot": lambda kind: hasattr(kind, "draw_explanation"),
    "html": lambda kind: kind.answers_entities,
}


def described(example: str, usual: Iterable[str] = (), run: str = "imdb_sentiment") -> Callable[[Any], Any]:
    """Give a command's function an example and, where it has many options, its usual ones.

    Args:
        example: A command; "RUN" in it becomes the name of the Run that is given, "INPUT" an input of its task.
        usual: Parameters that `--help` shows; all, and no `--help-all`, where none is named.
        run: The shipped Run of the example where none is given.
    """
    shown = frozenset(usual)

    def decorate(function: Any) -> Any:
        made = _with_help_all(function) if shown else function
        made.example, made.usual, made.example_run = example, shown, run
        return made

    return decorate


def _show_all(context: typer.Context, wanted: bool) -> None:
    if wanted:
        context.command.usual = frozenset()  # type: ignore[attr-defined]
        print(context.get_help())
        raise typer.Exit()


def _with_help_all(function: Any) -> Any:
    flag = typer.Option(_ALL, help="Show all options and exit.", is_eager=True, callback=_show_all)
    added = inspect.Parameter(
        "help_all", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Annotated[bool, flag]
    )

    def wrapped(**values: Any) -> Any:
        values.pop("help_all")
        return function(**values)

    return with_parameters(wrapped, function, "", [added])


class HelpCommand(TyperCommand):
    """A command with such help screens; `described` says what its function shows."""

    usual: frozenset[str] = frozenset()
    example = example_run = run = ""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if {_SHORT, _ALL} & set(args):
            self.run = self._run_among(ctx, [one for one in args if one not in (_SHORT, _ALL)])
        return super().parse_args(ctx, args)

    def _run_among(self, ctx: Any, args: list[str]) -> str:
        """The Run that is given beside `--help`; "" for none."""
        try:
            given = self.make_parser(ctx).parse_args(args=args)[0].get("run")
        except Exception as error:
            if not hasattr(error, "format_message"):  # what typer raises for flags it does not know
                raise
            return ""
        return given if isinstance(given, str) else ""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        listed: list[Any] = list(self.params)
        options = [one for one in listed if one.param_type_name == "option" and not one.hidden]
        own = _narrowed(options, self.run) if self.run else ()
        more = 0
        for option in options if self.usual else ():
            if option.name not in (*self.usual, *own, "help_all") and not option.hidden:
                option.hidden, more = True, more + 1
        if self.example:
            given = input_word(kind_of(read_config(find_run(self.run))["task"])) if own else _FILM
            example = self.example.replace(_RUN, word(self.run if own else self.example_run)).replace(_INPUT, given)
            lines = [f"Example: {example}"]
            if more:
                lines.append(f"{_ALL} shows {more} more.")
            if not own and any(one.name == "run" for one in self.params):
                lines.append(f"rnnkit {self.name} RUN {_SHORT} shows the options and columns of that Run.")
            self.epilog = "\n\n".join(map(_plain, lines))
        super().format_help(ctx, formatter)


def _plain(line: str) -> str:
    """A line as typer prints it unchanged, though it reads markup."""
    from rich.markup import escape

    return escape(line)


def _narrowed(options: list[Any], run: str) -> tuple[str, ...]:
    """Hide options that are not for a Run's task, and give the others the defaults that they have for it.

    Returns:
        The names of the Run's columns, and "run"; nothing for what is no Run.
    """
    from rnnkit.run.summary import summarise

    try:
        found = summarise(find_run(run))
    except RnnkitError:
        return ()
    kind, columns = kind_of(found.task), found.reading.get("columns")
    remembered = columns if isinstance(columns, dict) else {}
    task = None if inspect.isabstract(kind) else kind()  # an own task's may not be known here
    changed = task.finetune_defaults() if task else {}
    fixed = set(task.fixed_options()) if task else set()
    known = {
        **(task.options.to_dict() if task else {}),
        **found.options,
        **{name: found.reading[name] for name in _DATA if found.reading.get(name)},
    }
    by_panel = {
        "Columns": {*kind.roles, answered_role(kind)},
        "Reading": {*kind.reading_names},
        "Answers": _fields(kind.predict_options),
        "Training": _fields(kind.options_class) - fixed,
    }
    for option in options:
        allowed = by_panel.get(str(getattr(option, "rich_help_panel", None)))
        needs = _NEEDS.get(option.name, lambda kind: True)
        option.hidden = (allowed is not None and option.name not in allowed) or not needs(kind)
        usual = remembered.get(option.name) if allowed is by_panel["Columns"] else known.get(option.name)
        if allowed is by_panel["Training"]:
            usual = changed.get(option.name, usual)
        if usual not in (None, "") and (allowed is not None or option.name in _DATA):
            option.default = one_line(usual) if isinstance(usual, str) else usual
    return (*_TUNE, *(name for name in kind.roles if name in remembered or not remembered))


def _fields(options: Any) -> set[str]:
    return {spec.name for spec in dataclasses.fields(options)} if options else set()
