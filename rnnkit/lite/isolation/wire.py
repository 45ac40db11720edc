"""Messages between a process and the child that runs a model for it: JSON and the bytes of arrays, and no pickle.

What the other side sends may be anything, so it is bounded, and nothing in it can name code.
"""

import json
import struct
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

#: The types of numbers that arrays may have.
TYPES = frozenset(
    "bool int8 uint8 int16 uint16 int32 uint32 int64 uint64 float16 float32 float64 complex64 complex128".split()
)
_FRAME = struct.Struct(">QQ")
_MOST_TEXT, _MOST_BYTES = 2**24, 2**31


class WireError(Exception):
    """The other side has gone, or does not speak as it should."""


def send(to: IO[bytes], head: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Send a message.

    Args:
        to: A pipe.
        head: What JSON can hold.
        arrays: Arrays by name.

    Raises:
        WireError: The other side has gone.
    """
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    listed = [[name, array.dtype.name, list(np.shape(arrays[name]))] for name, array in whole.items()]
    text = json.dumps({"head": head, "arrays": listed}).encode()
    try:
        to.write(_FRAME.pack(len(text), sum(array.nbytes for array in whole.values())) + text)
        for array in whole.values():
            to.write(array.tobytes())
        to.flush()
    except (OSError, ValueError) as error:
        raise WireError(str(error)) from None


def receive(pipe: IO[bytes]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Wait for a message.

    Args:
        pipe: A pipe.

    Returns:
        What `send` was given on the other side.

    Raises:
        WireError: The other side has gone, or sent something else.
    """
    text_size, size = _FRAME.unpack(_read(pipe, _FRAME.size))
    if text_size > _MOST_TEXT or size > _MOST_BYTES:
        raise WireError(f"a message of {text_size} and {size} bytes")
    text, content = _read(pipe, text_size), _read(pipe, size)
    try:
        message = json.loads(text)
        head, listed = message["head"], message["arrays"]
        if not isinstance(head, dict):
            raise TypeError("no object")
        arrays, first = {}, 0
        for name, kind, shape in listed:
            if kind not in TYPES:
                raise TypeError("no type of numbers")
            dtype = np.dtype(kind)
            sides = [_whole(side) for side in shape]
            count = int(np.prod(np.array(sides, object))) if sides else 1
            # copied, so that who gets it may write into it
            arrays[str(name)] = np.frombuffer(content, dtype, count, first).reshape(sides).copy()
            first += count * dtype.itemsize
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError, MemoryError) as error:
        raise WireError(f"a message that is none ({type(error).__name__})") from None
    return head, arrays


def _whole(side: Any) -> int:
    if type(side) is not int or not 0 <= side <= _MOST_BYTES:
        raise TypeError("no side of an array")
    return side


def _read(pipe: IO[bytes], size: int) -> bytes:
    try:
        content = pipe.read(size)
    except (OSError, ValueError) as error:
        raise WireError(str(error)) from None
    if len(content) < size:
        raise WireError("the other side has gone")
    return content
