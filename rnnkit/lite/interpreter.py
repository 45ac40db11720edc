"""Open a `.tflite` file with LiteRT, quietly, and turn numbers into and out of its quantised types."""

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.lite.isolation.guarded import Guarded, faults_in_a_line
from rnnkit.lite.model.checks import check_model
from rnnkit.noise import without_noise

#: What opens models in the place of `open_here`.
OPENER: ContextVar[Callable[[bytes, int, bool], Any] | None] = ContextVar("rnnkit_lite_opener", default=None)


def open_model(model: bytes, num_threads: int = 1, delegate: bool = True) -> Any:
    """Open a model and allocates its tensors.

    Args:
        model: the bytes of a `.tflite` file.
        num_threads: threads the runtime may use.
        delegate: leaves what it can to XNNPACK. False for functions whose inputs change their shapes from call to
            call: with XNNPACK (LiteRT 2.3) the second call after tensors have grown was seen to give wrong numbers.

    Returns:
        An `ai_edge_litert.interpreter.Interpreter` in a `Guarded`; of a child process inside
            `rnnkit.lite.isolation.isolated`.

    Raises:
        RnnkitError: LiteRT is not installed, the model is damaged, or LiteRT cannot run it.
    """
    opener = OPENER.get()
    return Guarded(opener(model, num_threads, delegate) if opener else open_here(model, num_threads, delegate))


def open_here(model: bytes, num_threads: int, delegate: bool) -> Any:
    """The same in this process, and without the guard."""
    try:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType
    except ImportError as error:
        raise RnnkitError(f"Running a .tflite file needs LiteRT ({error}). Try: pip install ai-edge-litert") from error
    check_model(model)
    with faults_in_a_line(), without_noise():
        kind = OpResolverType.AUTO if delegate else OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        interpreter = Interpreter(model_content=model, num_threads=num_threads, experimental_op_resolver_type=kind)
        interpreter.allocate_tensors()
    return interpreter


def require_signatures(
    interpreter: Any, wanted: Mapping[str, set[str]], gives: Mapping[str, Mapping[str, str]], folder: Path, kind: str
) -> None:
    """Refuse a model that lacks a function, or whose function takes or gives something else.

    Args:
        interpreter: what `open_model` gave.
        wanted: for each function the names of what it takes.
        gives: for each function the names of what it must give, with numpy's letters of their types: "f", "iu".
        folder: the bundle's, for the message.
        kind: what the model should be, for the message.

    Raises:
        RnnkitError: naming the function and what it takes or gives.
    """
    known = interpreter.get_signature_list()
    for name, inputs in wanted.items():
        taken = set(known[name]["inputs"]) if name in known else None
        if taken != inputs:
            raise RnnkitError(
                f"{folder}: the model is no {kind}; its {name} takes {sorted(taken or ())}. Export it again."
            )
        made = interpreter.get_signature_runner(name).get_output_details()
        types = {place: np.dtype(details["dtype"]) for place, details in made.items()}
        if any(place not in types or types[place].kind not in letters for place, letters in gives[name].items()):
            shown = ", ".join(f"{place} ({type})" for place, type in sorted(types.items()))
            raise RnnkitError(f"{folder}: the model is no {kind}; its {name} gives {shown}. Export it again.")


def require_shapes(one: Mapping[str, Any], other: Mapping[str, Any], names: Sequence[str], folder: Path) -> None:
    """Refuse states that one function gives, or takes, in another shape or type than the next takes them in.

    Args:
        one: details of tensors by name.
        other: the same.
        names: those that must agree; a side that is open fits any.
        folder: the bundle's, for the message.

    Raises:
        RnnkitError: naming one that does not.
    """
    for name in names:
        shapes = [[int(side) for side in details[name]["shape_signature"]] for details in (one, other)]
        fits = len(shapes[0]) == len(shapes[1]) and all(a == b or -1 in (a, b) for a, b in zip(*shapes, strict=True))
        if not fits or one[name]["dtype"] != other[name]["dtype"]:
            raise RnnkitError(
                f"{folder}: the model gives {name} as {shapes[0]} and takes {shapes[1]}. Export it again."
            )


def warm_up(runner: Any) -> None:
    """Call a function of a padded file once at its full length.

    With XNNPACK (LiteRT 2.3) a call was seen, rarely, to give wrong numbers where its tensors were larger than those of
    all calls before, in files of an open length as well; after such a call it was not seen.

    Args:
        runner: what `get_signature_runner` gave.
    """
    given = runner.get_input_details()
    runner(**{name: np.ones(details["shape"], details["dtype"]) for name, details in given.items()})


def padded(steps: np.ndarray, length: int, value: float = 0) -> np.ndarray:
    """`[steps, ...]` with a value behind, `[length, ...]`; `numpy.pad` takes longer than a short input's answer.

    Example:

    >>> padded(np.array([5, 7]), 4).tolist()
    [5, 7, 0, 0]
    """
    found = np.full((length, *steps.shape[1:]), value, steps.dtype)
    found[: len(steps)] = steps
    return found


def in_turns(
    runner: Any, rows: Mapping[str, np.ndarray], shared: Mapping[str, np.ndarray] | None = None
) -> dict[str, np.ndarray]:
    """Call a function with any number of rows, in turns where it takes a fixed one; the last is filled up.

    Args:
        runner: what `get_signature_runner` gave.
        rows: inputs with one entry for each row.
        shared: inputs that are the same in each turn.
    """
    count, shared = len(next(iter(rows.values()))), shared or {}
    at_once = int(runner.get_input_details()[next(iter(rows))]["shape_signature"][0])
    if at_once in (-1, count):
        made: dict[str, np.ndarray] = runner(**rows, **shared)
        return made
    turns = list[dict[str, np.ndarray]]()
    for start in range(0, count, max(at_once, 1)):
        places = np.minimum(np.arange(start, start + at_once), count - 1)
        turns.append(runner(**{name: each[places] for name, each in rows.items()}, **shared))
    return {name: np.concatenate([turn[name] for turn in turns])[:count] for name in turns[0]}


def quantized(value: np.ndarray, details: Mapping[str, Any]) -> np.ndarray:
    """Turn real numbers into what a tensor of `details` takes: itself for floats, scaled and rounded for int8."""
    dtype = np.dtype(details["dtype"])
    scale, zero = details["quantization"]
    if not scale or dtype.kind == "f":
        return value.astype(dtype)
    limits = np.iinfo(dtype)
    return np.clip(np.round(value / scale) + zero, limits.min, limits.max).astype(dtype)


def dequantized(value: np.ndarray, details: Mapping[str, Any]) -> np.ndarray:
    """Turn what a tensor of `details` gave into float32 numbers; the inverse of `quantized`."""
    scale, zero = details["quantization"]
    if not scale or value.dtype.kind == "f":
        return value.astype(np.float32)
    return ((value.astype(np.float32) - zero) * scale).astype(np.float32)
