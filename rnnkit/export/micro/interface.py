"""The tensors that a file for microcontrollers takes and gives, in a fixed order."""

import copy
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError

#: What an answer is called that is a state too.
OUTPUT = "output"
_FLOAT32, _INT32 = 0, 2
_KINDS: dict[int, type] = {_FLOAT32: np.float32, _INT32: np.int32}


@dataclass(frozen=True)
class Port:
    """A tensor that goes in or comes out.

    Attributes:
        name: Its name in the signature.
        tensor: Its number in the file.
        shape: Its shape.
        dtype: float32 or int32.
    """

    name: str
    tensor: int
    shape: tuple[int, ...]
    dtype: type

    @property
    def size(self) -> int:
        """Numbers in it."""
        return int(np.prod(self.shape))

    def zeros(self) -> np.ndarray:
        """Zeros of its shape."""
        return np.zeros(self.shape, self.dtype)


@dataclass(frozen=True)
class Interface:
    """What a file takes and gives. A state is both an input and an output, of the same name; it begins with zeros."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]

    @property
    def states(self) -> tuple[Port, ...]:
        """The states, as inputs."""
        names = {port.name for port in self.outputs}
        return tuple(port for port in self.inputs if port.name in names)

    @property
    def given(self) -> tuple[Port, ...]:
        """The inputs that are no states."""
        return tuple(port for port in self.inputs if port not in self.states)

    @property
    def answers(self) -> tuple[Port, ...]:
        """The outputs that are no states."""
        names = {port.name for port in self.states}
        return tuple(port for port in self.outputs if port.name not in names)


def interface_of(tree: Any) -> Interface:
    """The inputs and outputs of a file with one signature: first what is given and answered, then the states, by name.

    Args:
        tree: What `flatbuffer.read_tree` gave; `put_in_order` gives the tensors themselves this order.

    Raises:
        RnnkitError: It has several signatures, tensors of an open size, or other numbers than float32 and int32.
    """
    if len(tree.signatureDefs or ()) != 1 or tree.signatureDefs[0].subgraphIndex:
        raise RnnkitError(
            f"The file has {len(tree.signatureDefs or ())} functions; TFLite Micro runs the one of its first graph. "
            "Export a step or a sequence (rnnkit.export.streaming)."
        )
    graph, [signature] = tree.subgraphs[0], tree.signatureDefs
    sides = [[_port(graph.tensors[each.tensorIndex], each) for each in side or ()] for side in _sides(signature)]
    names = [{port.name for port in side} for side in sides]
    states = names[0] & names[1]

    def key(port: Port) -> tuple[bool, list[str | int]]:
        parts = re.split(r"(\d+)", port.name)
        return port.name in states, [int(part) if part.isdigit() else part for part in parts]

    return Interface(*(tuple(sorted(side, key=key)) for side in sides))


def put_in_order(tree: Any) -> None:
    """Order the tensors that go in and come out as `interface_of` does; a converter's order is any.

    Where all that comes out are states, as of a Jordan network, the first of them comes out as `output` too.

    Args:
        tree: What `flatbuffer.read_tree` gave.
    """
    found, graph = interface_of(tree), tree.subgraphs[0]
    if not found.answers:
        answer = copy.copy(next(each for each in tree.signatureDefs[0].outputs))
        answer.name = OUTPUT
        tree.signatureDefs[0].outputs.append(answer)
        found = interface_of(tree)
    graph.inputs = np.array([port.tensor for port in found.inputs], np.int32)
    graph.outputs = np.array([port.tensor for port in found.outputs], np.int32)


def _sides(signature: Any) -> tuple[Any, Any]:
    return signature.inputs, signature.outputs


def _port(tensor: Any, entry: Any) -> Port:
    name = _text(entry.name)
    shape = tuple(map(int, () if tensor.shape is None else tensor.shape))
    if tensor.shapeSignature is not None and (np.asarray(tensor.shapeSignature) < 0).any():
        raise RnnkitError(f"{name} has an open size; TFLite Micro takes fixed ones. Export with a length.")
    if tensor.type not in _KINDS:
        raise RnnkitError(f"{name} is of another type than float32 and int32. Export it with rnnkit.export.")
    return Port(name, int(entry.tensorIndex), shape, _KINDS[tensor.type])


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)
