"""Options: at once a task's constructor arguments, the command line's flags and `config.json`."""

import dataclasses
import types
import typing
from dataclasses import dataclass, field
from typing import Any

from rnnkit.errors import RnnkitError, did_you_mean


def option(
    default: Any, help: str, *, choices: tuple[str, ...] = (), low: float | None = None, high: float | None = None
) -> Any:
    """A dataclass field with its help text and the values it takes, which the command line shows and `check` checks.

    Args:
        default: The value when nothing is given.
        help: One line for `--help`, with the unit.
        choices: The names allowed, for text.
        low: Smallest value allowed, for numbers.
        high: Largest value allowed, for numbers.
    """
    return field(default=default, metadata={"help": help, "choices": choices, "low": low, "high": high})


@dataclass(kw_only=True)
class Options:
    """What every task can be told: its recurrent part and its training. A task's own options extend this."""

    cell: str = option("gru", "recurrent cell (rnnkit cells lists them)")
    units: int = option(128, "width of the recurrent state", low=1, high=4096)
    layers: int = option(1, "recurrent layers on one another", low=1, high=16)
    bidirectional: bool = option(False, "also read from the end to the start")
    residual: bool = option(False, "add each layer's input to its output, from the second layer on")
    input_dropout: float = option(0.0, "share of the recurrent layers' input features dropped", low=0, high=0.95)
    recurrent_dropout: float = option(0.0, "share of the recurrent state dropped", low=0, high=0.95)
    variational: bool = option(True, "one dropout mask for all time steps instead of a fresh one at each")
    zoneout: float = option(0.0, "chance that a unit keeps its old state for a step", low=0, high=0.95)
    dropout_between: float = option(0.0, "share of features dropped between recurrent layers", low=0, high=0.95)

    epochs: int = option(0, "passes over the training data; 0 chooses by its size", low=0, high=10_000)
    batch_size: int = option(64, "examples a training step", low=1, high=65_536)
    learning_rate: float = option(2e-3, "peak learning rate of Adam", low=1e-8, high=10)
    schedule: str = option("cosine", "learning rate after the warm-up", choices=("cosine", "constant"))
    clip_norm: float = option(1.0, "largest global norm of the gradient; 0 turns clipping off", low=0)
    patience: int = option(3, "epochs without a better validation score before training stops", low=1)
    validation_share: float = option(0.1, "share of the training data held out for validation", low=0.01, high=0.5)
    seed: int = option(1, "seeds the split, the weights, the order and the dropout", low=0, high=2**31 - 1)
    mixed_precision: bool = option(False, "compute in bfloat16 (faster on recent GPUs)")
    tensorboard: bool = option(False, "also write TensorBoard logs into the Run folder")

    def check(self) -> None:
        """Refuses values of the wrong type or out of range.

        Raises:
            RnnkitError: Naming the option, what was given and what is expected.
        """
        from rnnkit import cells

        for spec in dataclasses.fields(self):
            setattr(self, spec.name, _checked(spec, getattr(self, spec.name)))
        if self.cell not in cells.names():
            raise RnnkitError(f"Unknown cell {self.cell!r}.{did_you_mean(self.cell, cells.names())} (rnnkit cells)")

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Any:
        """Options from names and values.

        Raises:
            RnnkitError: For a name that is no option, with the nearest one, and for values that `check` refuses.
        """
        known = [spec.name for spec in dataclasses.fields(cls)]
        for name in values:
            if name not in known:
                raise RnnkitError(f"Unknown option {name!r}.{did_you_mean(name, known)} Options: {', '.join(known)}.")
        options = cls(**values)
        options.check()
        return options

    def to_dict(self) -> dict[str, Any]:
        """Names and values, plain enough for JSON."""
        return dataclasses.asdict(self)


def _checked(spec: Any, value: Any) -> Any:
    """The value as the field's type, or a clear error."""
    kind = value_type(spec)
    metadata = spec.metadata
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        raise RnnkitError(f"{spec.name} is {value!r}; expected {_KINDS[kind]}, for example {spec.default!r}.")
    choices = metadata.get("choices")
    if choices and value not in choices:
        raise RnnkitError(
            f"{spec.name} is {value!r}; expected one of {', '.join(choices)}.{did_you_mean(str(value), choices)}"
        )
    low, high = metadata.get("low"), metadata.get("high")
    if (low is not None and not value >= low) or (high is not None and not value <= high):
        span = f"from {low} to {high}" if high is not None and low is not None else f"{low} or more"
        raise RnnkitError(f"{spec.name} is {value!r}; expected {_KINDS[kind]} {span}.")
    return value


_KINDS = {int: "a whole number", float: "a number", bool: "True or False", str: "text"}


def value_type(spec: Any) -> type:
    """The plain type of an option's dataclass field.

    Example:

    >>> value_type(dataclasses.fields(Options)[0])
    <class 'str'>
    """
    annotation = spec.type
    if isinstance(annotation, str):
        annotation = {"int": int, "float": float, "bool": bool, "str": str}[annotation]
    if isinstance(annotation, types.UnionType):
        annotation = next(part for part in typing.get_args(annotation) if part is not type(None))
    return annotation
