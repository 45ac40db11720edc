"""What a task hands to the exporter: a function of tensors, and the names and shapes around it."""

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass
class Servable:
    """A network ready to be traced with batch 1.

    Attributes:
        network: The Keras model whose weights the function reads.
        function: Tensor to tensor.
        input_name: Name of the input in the signature.
        input_shape: With None where a size is open.
        input_dtype: TensorFlow's name of the dtype.
        output_name: Name of the output in the signature.
        fixed_length: Whether inputs are padded to the fixed length (else they come in their own length).
    """

    network: Any
    function: Callable[[Any], Any]
    input_name: str
    input_shape: tuple[int | None, ...]
    input_dtype: str
    output_name: str
    fixed_length: bool

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """What `bundle.json` says of the inputs."""
        return [{"name": self.input_name, "shape": list(self.input_shape), "dtype": self.input_dtype}]

    def save(self, folder: Path) -> None:
        """Writes a TensorFlow SavedModel with this one signature, for the converter."""
        import tensorflow as tf

        from rnnkit.layers.run_cell import portable

        spec = tf.TensorSpec(self.input_shape, tf.as_dtype(self.input_dtype), name=self.input_name)

        def serve(tensor: Any) -> dict[str, Any]:
            return {self.output_name: self.function(tensor)}

        module = tf.Module()
        module.kept = [variable.value for variable in self.network.variables]
        module.serve = tf.function(serve, input_signature=[spec], autograph=False)
        with portable():
            tf.saved_model.save(module, str(folder), signatures=module.serve)
