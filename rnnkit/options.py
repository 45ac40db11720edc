"""Options: dataclass fields with a help text and a range, which are checked and become flags."""

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar

from rnnkit.errors import RnnkitError, did_you_mean

#: Says of an option that its text names a file or folder.
FILE = "file"


class Names:
    """A marker for an option that names a member of a registry, by key or by a file that adds one."""

    def key(self, text: str) -> str:
        """The key that a user's text names; a named file is run.

        Raises:
            RnnkitError: There is none such.
        """
        raise NotImplementedError

    def require(self, key: Any, folder: PathLike[str]) -> None:
        """Refuse a Run's key that is unknown here, without running anything.

        Raises:
            RnnkitError: With how to make it known.
        """
        raise NotImplementedError


def option(
    default: Any,
    help: str,
    *,
    choices: tuple[str, ...] = (),
    low: float | None = None,
    high: float | None = None,
    names: str | Names = "",
    search: float | tuple[float, float] | bool | None = None,
) -> Any:
    """A dataclass field with its help text and the values it takes, which the command line shows and `check` checks.

    Args:
        default: The value when nothing is given.
        help: One line for `--help`, with the unit.
        choices: The names allowed, for text.
        low: Smallest value allowed, for numbers.
        high: Largest value allowed, for numbers.
        names: For text that may name a file: `FILE` or `Names`. Such a value counts only where the user gives it
            himself: what a Run says there is never opened (`CheckedOptions.of_run`).
        search: What `rnnkit tune` tries: two numbers, anything between them; one number, anything up to that many
            times the default and as many times less, on a logarithmic scale; True, each of the choices.
    """
    metadata = {"help": help, "choices": choices, "low": low, "high": high, "names": names, "search": search}
    return field(default=default, metadata=metadata)


@dataclass(kw_only=True)
class CheckedOptions:
    """Options that check themselves and go into `config.json` and come back."""

    #: The heading over the options in `--help` that a class declares itself; "Task" where it names none.
    panel: ClassVar[str] = "Task"
    #: Of the options that a class declares itself, those that are usual: `--help` shows them, `--help-all` all.
    usual: ClassVar[tuple[str, ...]] = ()

    def check(self) -> None:
        """Refuse values of the wrong type or out of range.

        Raises:
            RnnkitError: Naming the option, what was given and what is expected.
        """
        for spec in dataclasses.fields(self):
            value = _checked(spec, getattr(self, spec.name))
            named = spec.metadata.get("names")
            setattr(self, spec.name, named.key(value) if value and isinstance(named, Names) else value)

    def check_new(self) -> None:
        """Refuse options that need a trained network to start from.

        Raises:
            RnnkitError: As `check`.
        """

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Any:
        """Options from names and values.

        Raises:
            RnnkitError: For a name that is no option, with the nearest one, and for values that `check` refuses.
        """
        known = [spec.name for spec in dataclasses.fields(cls)]
        for name in values:
            if name not in known:
                meant = did_you_mean(name, known) or f" Options: {', '.join(known)}."
                raise RnnkitError(f"Unknown option {name!r:.60}.{meant}")
        options = cls(**values)
        options.check()
        return options

    @classmethod
    def of_run(cls, values: dict[str, Any], folder: PathLike[str]) -> Any:
        """Options from a Run's `config.json`, which may come from a stranger: no file that it names is opened or run.

        A member of a registry (a cell) counts by its key alone. What names another file (`FILE`) is as if it was not
        given: a trained network has learnt from it already, and `metrics.json` keeps its name.

        Raises:
            RnnkitError: As `from_dict`; and for a cell that is not known here, with how to make it known.
        """
        trusted = dict(values)
        for spec in dataclasses.fields(cls):
            kind, value = spec.metadata.get("names"), values.get(spec.name, spec.default)
            if isinstance(kind, Names) and value != spec.default:
                kind.require(value, folder)
            if kind == FILE and isinstance(value, str):
                trusted.pop(spec.name, None)
        return cls.from_dict(trusted)

    def to_dict(self) -> dict[str, Any]:
        """Names and values, plain enough for JSON."""
        return dataclasses.asdict(self)

    def changed(self) -> dict[str, Any]:
        """Names and values of options that differ from their defaults."""
        values = ((spec, getattr(self, spec.name)) for spec in dataclasses.fields(self))
        return {spec.name: value for spec, value in values if value != spec.default and value is not None}


def with_absolute_files(options: CheckedOptions, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values of options, the files among them under names that hold in any folder.

    Args:
        options: Those of the task.
        given: Some of their values, by name.
    """
    names = [spec.name for spec in dataclasses.fields(options) if spec.metadata.get("names") == FILE]
    return {**given, **{name: str(Path(given[name]).absolute()) for name in names if given.get(name)}}


def usual_options(options_class: type[CheckedOptions]) -> list[str]:
    """The options that most people set, by the classes that declare them.

    Example:

    >>> from rnnkit.tasks.base.options import Options
    >>> usual_options(Options)
    ['cell', 'units', 'layers', 'epochs']
    """
    return [name for kind in reversed(options_class.__mro__) for name in vars(kind).get("usual", ())]


def panels(options_class: type[CheckedOptions]) -> dict[str, str]:
    """The heading for each option: that of the class which declared it first.

    Example:

    >>> from rnnkit.tasks.base.options import Options
    >>> [panels(Options)[name] for name in ("cell", "omega", "epochs")]
    ['Recurrent network', 'Learning through time', 'Training']
    """
    declared: dict[str, str] = {}
    for kind in reversed(options_class.__mro__):
        for name in vars(kind).get("__annotations__", {}):
            declared.setdefault(name, vars(kind).get("panel", "Task"))
    return {spec.name: declared[spec.name] for spec in dataclasses.fields(options_class)}


def _checked(spec: Any, value: Any) -> Any:
    """The value as the field's type, or a clear error."""
    kind = value_type(spec)
    metadata = spec.metadata
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) < 2**1000 else math.inf
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        raise RnnkitError(f"{spec.name} is {_shown(value)}; expected {_KINDS[kind]}, for example {spec.default!r}.")
    if isinstance(value, float) and not math.isfinite(value):
        raise RnnkitError(f"{spec.name} is {value}; expected a finite number, for example {spec.default!r}.")
    choices = metadata.get("choices")
    if choices and value not in choices:
        raise RnnkitError(
            f"{spec.name} is {value!r:.80}; expected one of {', '.join(choices)}.{did_you_mean(str(value), choices)}"
        )
    low, high = metadata.get("low"), metadata.get("high")
    if (low is not None and not value >= low) or (high is not None and not value <= high):
        span = f"from {low} to {high}" if high is not None and low is not None else f"{low} or more"
        raise RnnkitError(f"{spec.name} is {_shown(value)}; expected {_KINDS[kind]} {span}.")
    return value


def _shown(value: Any) -> str:
    """The value, cut; Python writes out no integers of thousands of digits."""
    try:
        return f"{value!r:.80}"
    except ValueError:
        return "a number of thousands of digits"


_KINDS = {int: "a whole number", float: "a number", bool: "True or False", str: "text"}


def value_type(spec: Any) -> type:
    """The plain type of an option's dataclass field.

    Example:

    >>> from rnnkit.tasks.base.options import Options
    >>> value_type(dataclasses.fields(Options)[0])
    <class 'str'>
    """
    annotation = spec.type
    if isinstance(annotation, str):
        annotation = {"int": int, "float": float, "bool": bool, "str": str}[annotation]
    if isinstance(annotation, types.UnionType):
        annotation = next(part for part in typing.get_args(annotation) if part is not type(None))
    return annotation
