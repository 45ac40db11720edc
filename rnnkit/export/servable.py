"""The interface between a task and the exporter: a function of tensors, and the names and shapes of its inputs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Steps unrolled in each iteration of the exported loop: fewer iterations, and a body that is still small (measured).
STEPS_A_TURN = 4


#: Strategies whose files take inputs of one length, padded.
FIXED = ("padded", "unroll")


def unroll_of(strategy: str) -> bool | int:
    """The `unroll` argument of `Recurrent` for an export strategy.

    Example:

    >>> unroll_of("unroll"), unroll_of("loop") > 1, unroll_of("fused")
    (True, True, False)
    """
    return {"unroll": True, "loop": STEPS_A_TURN, "padded": STEPS_A_TURN}.get(strategy, False)


@dataclass(frozen=True)
class Input:
    """An input tensor of an exported function.

    Attributes:
        name: Its name in the signature.
        shape: Its shape, with None for open dimensions.
        dtype: TensorFlow's name of its type.
    """

    name: str
    shape: tuple[int | None, ...]
    dtype: str


@dataclass
class Servable:
    """A network ready to be traced with batch 1.

    Attributes:
        network: The Keras model whose weights the function reads.
        function: Maps tensors to a tensor.
        specs: The function's inputs, in order.
        output_name: Name of the output in the signature.
        fixed_length: Whether inputs are padded to the fixed length (otherwise they keep their own length).
        quantized: The quantization of this file under a requested one, where they differ.
    """

    network: Any
    function: Callable[..., Any]
    specs: tuple[Input, ...]
    output_name: str
    fixed_length: bool
    quantized: Mapping[str, str] = field(default_factory=dict)

    @property
    def input_name(self) -> str:
        """The first input's name."""
        return self.specs[0].name

    @property
    def longest(self) -> int | None:
        """The most steps of an input; None where that is open."""
        return _steps(self.specs)

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """The inputs as `bundle.json` describes them."""
        return [{"name": spec.name, "shape": list(spec.shape), "dtype": spec.dtype} for spec in self.specs]

    def save(self, folder: Path) -> None:
        """Write a TensorFlow SavedModel with this one signature; within `on_device`, one for the converter alone."""

        def serve(*tensors: Any) -> dict[str, Any]:
            return {self.output_name: self.function(*tensors)}

        _save(folder, self.network, {"serving_default": Signature(serve, self.specs)})


@dataclass(frozen=True)
class Signature:
    """One function of several in a file.

    Attributes:
        function: Maps tensors to a dictionary of tensors by name.
        specs: The function's inputs, in order.
    """

    function: Callable[..., dict[str, Any]]
    specs: tuple[Input, ...]


@dataclass
class ServableParts:
    """A network in several functions, called by the file's runner as needed.

    Attributes:
        network: The Keras model whose weights the functions read, or any object with `variables`.
        signatures: The functions by name.
        fixed_length: False: inputs keep their own length.
        quantized: The quantization of this file under a requested one, where they differ.
    """

    network: Any
    signatures: dict[str, Signature]
    fixed_length: bool = False
    quantized: Mapping[str, str] = field(default_factory=dict)

    @property
    def input_name(self) -> str:
        """The first input's name."""
        return next(iter(self.signatures.values())).specs[0].name

    @property
    def longest(self) -> int | None:
        """The most steps of an input; None where that is open."""
        steps = [_steps(signature.specs) for signature in self.signatures.values()]
        return None if None in steps else max(step for step in steps if step is not None)

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """The inputs as `bundle.json` describes them."""
        return [
            {"signature": name, "name": spec.name, "shape": list(spec.shape), "dtype": spec.dtype}
            for name, signature in self.signatures.items()
            for spec in signature.specs
        ]

    def save(self, folder: Path) -> None:
        """Write a TensorFlow SavedModel with these signatures."""
        _save(folder, self.network, self.signatures)


def _steps(specs: Sequence[Input]) -> int | None:
    """The steps of a function's first input; 1 where it has no axis of time."""
    shape = specs[0].shape if specs else ()
    return shape[1] if len(shape) > 1 else 1


def named(name: str, tensors: Sequence[Any]) -> dict[str, Any]:
    """Name the tensors of an exported function by number.

    They are copied, since one tensor cannot have two names in a signature: a state may be the memory's last step.
    """
    from keras import ops

    return {f"{name}_{number}": ops.copy(tensor) for number, tensor in enumerate(tensors)}


def _save(folder: Path, network: Any, signatures: dict[str, Signature]) -> None:
    import tensorflow as tf

    from rnnkit.layers.accelerated import portable

    module = tf.Module()
    module.kept = [variable.value for variable in network.variables]
    functions = {}
    for name, signature in signatures.items():
        specs = [tf.TensorSpec(spec.shape, tf.as_dtype(spec.dtype), name=spec.name) for spec in signature.specs]
        functions[name] = tf.function(signature.function, input_signature=specs, autograph=False)
    module.functions = functions
    with portable():
        tf.saved_model.save(module, str(folder), signatures=dict(module.functions))
