"""A guard around LiteRT: outputs match the model's declared types, and errors are one line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError

#: What LiteRT and its Python wrapper raise where a model does not do what it says.
FAULTS = (RuntimeError, ValueError, TypeError, LookupError, ArithmeticError, MemoryError, AttributeError, SystemError)


@contextmanager
def faults_in_a_line() -> Iterator[None]:
    """Turn what LiteRT raises into a `RnnkitError`."""
    try:
        yield
    except FAULTS as error:
        said = " ".join(str(error).split())[:300] or type(error).__name__
        raise RnnkitError(f"LiteRT cannot run this model: {said.rstrip('.')}. Export it again.") from error


class Guarded:
    """A LiteRT interpreter whose methods raise only `RnnkitError`.

    Args:
        interpreter: `ai_edge_litert.interpreter.Interpreter`, or what has its methods.
    """

    def __init__(self, interpreter: Any) -> None:
        self._interpreter = interpreter

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        method = getattr(self._interpreter, name)

        def guarded(*arguments: Any, **named: Any) -> Any:
            with faults_in_a_line():
                return method(*arguments, **named)

        return guarded

    def get_signature_runner(self, name: str | None = None) -> "Function":
        """One of the model's functions; its only one, if no name is given."""
        with faults_in_a_line():
            return Function(self._interpreter.get_signature_runner(name))

    def get_tensor(self, index: int) -> np.ndarray:
        """The numbers of an output.

        Raises:
            RnnkitError: They are not of the shape and type that the model promises, or not finite.
        """
        with faults_in_a_line():
            made = self._interpreter.get_tensor(index)
            details = {int(each["index"]): each for each in self._interpreter.get_output_details()}[index]
        return checked(made, details, str(details["name"]).partition(":")[0])


class Function:
    """One of a model's functions, called with arrays by name; all of its outputs are checked.

    Args:
        runner: LiteRT's `SignatureRunner`.
    """

    def __init__(self, runner: Any) -> None:
        self._runner = runner
        self._given: dict[str, Any] = runner.get_input_details()
        self._made: dict[str, Any] = runner.get_output_details()

    def get_input_details(self) -> dict[str, Any]:
        """The inputs, by name."""
        return self._given

    def get_output_details(self) -> dict[str, Any]:
        """The outputs, by name."""
        return self._made

    def __call__(self, **given: Any) -> dict[str, np.ndarray]:
        with faults_in_a_line():
            made = self._runner(**given)
        return {name: checked(made[name], details, name) for name, details in self._made.items()}


def checked(made: Any, details: Mapping[str, Any], name: str) -> np.ndarray:
    """An output, unchanged, if it matches the model's declaration.

    Raises:
        RnnkitError: It is of another shape or type, or has numbers that are not finite.

    Example:

    >>> checked(np.float32([0.5, np.nan]), {"dtype": np.float32, "shape_signature": [2]}, "y")
    Traceback (most recent call last):
    rnnkit.errors.RnnkitError: The model gives numbers for 'y' that are not finite. Its weights are damaged, or ...
    """
    wanted = [int(side) for side in details["shape_signature"]]
    made = np.asarray(made)
    fits = len(made.shape) == len(wanted) and all(
        wish in (-1, side) for wish, side in zip(wanted, made.shape, strict=True)
    )
    if made.dtype != details["dtype"] or (wanted and not fits):
        shown = f"{made.dtype} {list(made.shape)}"
        raise RnnkitError(
            f"The model gives {shown} for {name!r}; it promises {np.dtype(details['dtype'])} {wanted}. Export it again."
        )
    if made.dtype.kind == "f" and not np.isfinite(made).all():
        raise RnnkitError(
            f"The model gives numbers for {name!r} that are not finite. Its weights are damaged, or what it was given "
            "was not finite. Export it again."
        )
    return made
