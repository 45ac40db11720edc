"""Reads the tensors of a PyTorch weight file without PyTorch, and without running anything that stands in it."""

import io
import math
import pickletools
from typing import Any, NamedTuple

import numpy as np

from rnnkit.errors import RnnkitError

_MAGIC = 0x1950A86A20F9469CFC6C
_KINDS = {"torch FloatStorage": "<f4", "torch HalfStorage": "<f2", "torch LongStorage": "<i8"}
_TENSOR = "torch._utils _rebuild_tensor_v2"
_DICTIONARY = "collections OrderedDict"
_CONSTANTS = {"BINUNICODE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"}
_VALUES: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


class _Name(str):
    """The name of a class or function in the file; it is compared with names, and nothing is ever looked up by it."""


class _Storage(NamedTuple):
    key: str
    kind: str
    numbers: int


class _View(NamedTuple):
    """A tensor: where in a storage its numbers stand."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_torch_tensors(content: bytes, name: str = "The file") -> dict[str, np.ndarray]:
    """The tensors of a state dict as PyTorch saved it until version 1.5, by name.

    Such a file holds pickles. Unpickling one can run any code, so none is unpickled: the standard library's
    `pickletools` lists their instructions, and `_read` follows those that lists, dictionaries and tensors need. It
    builds these alone, calls nothing that the file names, and refuses any other instruction or name.

    Args:
        content: The whole file.
        name: What messages call it.

    Raises:
        RnnkitError: It is no such file, or is damaged.

    Example:

    >>> read_torch_tensors(b"PK", "weights.pth")
    Traceback (most recent call last):
    rnnkit.errors.RnnkitError: weights.pth is no state dict in PyTorch's old format (...).
    """
    stream = io.BytesIO(content)
    try:
        if _read(stream) != _MAGIC:
            raise ValueError("it begins with something else")
        _protocol, system = _read(stream), _read(stream)
        if not system["little_endian"]:
            raise ValueError("its numbers are big-endian")
        views, keys = _read(stream), _read(stream)
        storages = _storages(stream, keys, views)
        return {str(key): _tensor(view, storages[view.storage.key]) for key, view in views.items()}
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, MemoryError) as error:
        reason = str(error) or type(error).__name__
        raise RnnkitError(f"{name} is no state dict in PyTorch's old format ({reason[:100]}).") from None


def _read(stream: io.BytesIO) -> Any:
    """The value that one pickle describes."""
    stack: list[Any] = []
    marks: list[int] = []
    memo: dict[Any, Any] = {}

    def since_mark() -> list[Any]:
        start = marks.pop()
        taken = stack[start:]
        del stack[start:]
        return taken

    for opcode, argument, _ in pickletools.genops(stream):
        code = opcode.name
        if code in _CONSTANTS:
            stack.append(argument)
        elif code in _VALUES:
            stack.append(_VALUES[code])
        elif code in ("EMPTY_DICT", "EMPTY_LIST"):
            stack.append({} if code == "EMPTY_DICT" else [])
        elif code == "MARK":
            marks.append(len(stack))
        elif code == "TUPLE" or code in _TUPLES:
            taken = since_mark() if code == "TUPLE" else [stack.pop() for _ in range(_TUPLES[code])][::-1]
            stack.append(tuple(taken))
        elif code in ("BINPUT", "LONG_BINPUT"):
            memo[argument] = stack[-1]
        elif code in ("BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif code in ("SETITEM", "SETITEMS"):
            items = since_mark() if code == "SETITEMS" else [stack.pop() for _ in range(2)][::-1]
            if not all(isinstance(key, str | int) for key in items[::2]):  # a tuple of tuples may take ages to hash
                raise ValueError("the key of a dictionary is neither text nor a number")
            stack[-1].update(zip(items[::2], items[1::2], strict=True))
        elif code in ("APPEND", "APPENDS"):
            items = since_mark() if code == "APPENDS" else [stack.pop()]
            stack[-1].extend(items)
        elif code == "GLOBAL":
            stack.append(_Name(argument))
        elif code == "BINPERSID":
            stack.append(_storage(stack.pop()))
        elif code == "REDUCE":
            arguments = stack.pop()
            stack.append(_made(stack.pop(), arguments))
        elif code == "BUILD":  # PyTorch's notes on versions, which no tensor needs
            stack.pop()
        elif code == "STOP":
            return stack.pop()
        elif code != "PROTO":
            raise ValueError(f"its instruction {code} is not understood")
    raise ValueError("it ends too early")


def _storage(description: Any) -> _Storage:
    word, kind, key, _place, numbers, view = description
    named = isinstance(kind, _Name) and isinstance(key, str | int) and isinstance(numbers, int)
    if word != "storage" or not named or kind not in _KINDS or view is not None:
        raise ValueError(f"its storage {kind if isinstance(kind, _Name) else type(kind).__name__} is not understood")
    return _Storage(str(key), _KINDS[kind], numbers)


def _made(name: Any, arguments: tuple[Any, ...]) -> Any:
    if isinstance(name, _Name) and name == _DICTIONARY and not arguments:
        return {}
    if isinstance(name, _Name) and name == _TENSOR:
        storage, offset, shape, strides = arguments[:4]
        if isinstance(storage, _Storage):
            return _View(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))
    shown = name if isinstance(name, _Name) else type(name).__name__
    raise ValueError(f"it names {shown}, which is neither a tensor nor a dictionary")


def _storages(stream: io.BytesIO, keys: list[str], views: dict[str, _View]) -> dict[str, np.ndarray]:
    """The numbers at the file's end: for each key their count, then they themselves."""
    left = stream.getbuffer().nbytes  # a count may be anything
    kinds = {view.storage.key: view.storage for view in views.values()}
    found = {}
    for key in keys:
        if not isinstance(key, str):
            raise ValueError("the key of a storage is no text")
        storage = kinds[key]
        count = int.from_bytes(stream.read(8), "little")
        size = np.dtype(storage.kind).itemsize * count
        numbers = stream.read(min(size, left)) if count == storage.numbers else b""
        if len(numbers) != size or count != storage.numbers:
            raise ValueError("its numbers end too early")
        found[key] = np.frombuffer(numbers, storage.kind)
    return found


def _tensor(view: _View, numbers: np.ndarray) -> np.ndarray:
    """A copy of the numbers a view shows, as a plain array."""
    reach = view.offset + sum((size - 1) * stride for size, stride in zip(view.shape, view.strides, strict=True))
    if len(view.shape) > 32 or max(view.offset, *view.shape, *view.strides, 0) >= 2**31:
        raise ValueError("a tensor reaches beyond its numbers")
    count: int = math.prod(view.shape)
    if min(view.offset, *view.shape, *view.strides, 0) < 0 or count > len(numbers) or (count and reach >= len(numbers)):
        raise ValueError("a tensor reaches beyond its numbers")
    strides = tuple(stride * numbers.itemsize for stride in view.strides)
    return np.ascontiguousarray(np.lib.stride_tricks.as_strided(numbers[view.offset :], view.shape, strides)).reshape(
        view.shape
    )
