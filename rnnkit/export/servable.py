"""What a task hands to the exporter: a function of tensors, and the names and shapes around it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Steps written out for each turn of the exported loop: fewer turns, and a body that is still small (measured).
STEPS_A_TURN = 4


def unroll_of(strategy: str) -> bool | int:
    """The `unroll` argument of `Recurrent` for an export strategy.

    Example:

    >>> unroll_of("unroll"), unroll_of("loop") > 1, unroll_of("fused")
    (True, True, False)
    """
    return {"unroll": True, "loop": STEPS_A_TURN}.get(strategy, False)


@dataclass(frozen=True)
class Input:
    """A tensor that goes into an exported function.

    Attributes:
        name: In the signature.
        shape: With None where a size is open.
        dtype: TensorFlow's name of it.
    """

    name: str
    shape: tuple[int | None, ...]
    dtype: str


@dataclass
class Servable:
    """A network ready to be traced with batch 1.

    Attributes:
        network: The Keras model whose weights the function reads.
        function: Tensors to a tensor.
        specs: What goes into the function, in its order.
        output_name: Name of the output in the signature.
        fixed_length: Whether inputs are padded to the fixed length (else they come in their own length).
        quantized: What becomes of this file under a quantization, where it is another one.
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
    def inputs(self) -> list[dict[str, Any]]:
        """What `bundle.json` says of the inputs."""
        return [{"name": spec.name, "shape": list(spec.shape), "dtype": spec.dtype} for spec in self.specs]

    def save(self, folder: Path) -> None:
        """Writes a TensorFlow SavedModel with this one signature, for the converter."""

        def serve(*tensors: Any) -> dict[str, Any]:
            return {self.output_name: self.function(*tensors)}

        _save(folder, self.network, {"serving_default": Signature(serve, self.specs)})


@dataclass(frozen=True)
class Signature:
    """One function of several in a file.

    Attributes:
        function: Tensors to a dictionary of tensors by name.
        specs: What goes into the function, in its order.
    """

    function: Callable[..., dict[str, Any]]
    specs: tuple[Input, ...]


@dataclass
class ServableParts:
    """A network in several functions, which whoever runs the file calls as he needs them.

    Attributes:
        network: The Keras model whose weights the functions read, or all that has `variables`.
        signatures: By name.
        fixed_length: False: inputs come in their own length.
        quantized: What becomes of this file under a quantization, where it is another one.
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
    def inputs(self) -> list[dict[str, Any]]:
        """What `bundle.json` says of the inputs."""
        return [
            {"signature": name, "name": spec.name, "shape": list(spec.shape), "dtype": spec.dtype}
            for name, signature in self.signatures.items()
            for spec in signature.specs
        ]

    def save(self, folder: Path) -> None:
        """Writes a TensorFlow SavedModel with these signatures."""
        _save(folder, self.network, self.signatures)


def named(name: str, tensors: Sequence[Any]) -> dict[str, Any]:
    """Tensors of an exported function under numbered names.

    Copies, since one tensor cannot have two names in a signature: a state may be the memory's last step.
    """
    from keras import ops

    return {f"{name}_{number}": ops.copy(tensor) for number, tensor in enumerate(tensors)}


def _save(folder: Path, network: Any, signatures: dict[str, Signature]) -> None:
    import tensorflow as tf

    from rnnkit.layers.run_cell import portable

    module = tf.Module()
    module.kept = [variable.value for variable in network.variables]
    module.functions = {
        name: tf.function(
            signature.function,
            input_signature=[tf.TensorSpec(spec.shape, tf.as_dtype(spec.dtype), name=spec.name)
                             for spec in signature.specs],
            autograph=False,
        )
        for name, signature in signatures.items()
    }  # fmt: skip
    with portable():
        tf.saved_model.save(module, str(folder), signatures=dict(module.functions))
