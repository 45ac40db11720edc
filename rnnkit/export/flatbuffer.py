"""Inspection and rewriting of `.tflite` files: the operators they use, and a smaller file with the same numbers.

An unrolled network of 400 steps has about 10,000 operators. The converter gives each of its tensors a name, a shape, a
quantisation table and a buffer of its own, which together outweigh the weights. A FlatBuffer may refer to one copy of
an object from many places, so `strip_names` writes every distinct object once (`SharingBuilder`) and omits what no
runtime reads. The schema is the one shipped with `ai_edge_litert`.
"""

import copy
import io
import zipfile
from collections import Counter
from collections.abc import Iterable
from typing import Any

import flatbuffers
import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.export.sharing_builder import SharingBuilder

FILE_IDENTIFIER = b"TFL3"


def operators(model: bytes) -> Counter[str]:
    """Count the operators of a `.tflite` file over all its subgraphs, by name.

    Args:
        model: The file's bytes.

    Returns:
        Names such as `"FULLY_CONNECTED"`; a custom or Flex operator has its own name, such as `"FlexRFFT"`.

    Raises:
        RnnkitError: The bytes are not a `.tflite` file.

    Example:

    >>> from pathlib import Path
    >>> operators(Path("model.tflite").read_bytes()).most_common(1)  # doctest: +SKIP
    [('FULLY_CONNECTED', 400)]
    """
    root = _root(model)
    codes = [schema().OperatorCodeT.InitFromObj(root.OperatorCodes(i)) for i in range(root.OperatorCodesLength())]
    names = [operator_name(code) for code in codes]
    return Counter(
        names[subgraph.Operators(i).OpcodeIndex()]
        for subgraph in (root.Subgraphs(i) for i in range(root.SubgraphsLength()))
        for i in range(subgraph.OperatorsLength())
    )


def non_builtin(model: bytes) -> list[str]:
    """List the operators that a plain LiteRT runtime lacks (custom and Flex ones), sorted; empty when there are none.

    Args:
        model: The bytes of a `.tflite` file.

    Raises:
        RnnkitError: The bytes are not a `.tflite` file.
    """
    builtin = vars(schema().BuiltinOperator)
    return sorted(name for name in operators(model) if name not in builtin)


def subgraph_count(model: bytes) -> int:
    """Count the subgraphs: 1 for an unrolled model, more for a WHILE loop's body or for several signatures.

    Args:
        model: The bytes of a `.tflite` file.

    Raises:
        RnnkitError: The bytes are not a `.tflite` file.
    """
    return int(_root(model).SubgraphsLength())


def strip_names(model: bytes) -> bytes:
    """Shrink a model: outputs stay bit-identical, and signatures and the names of inputs and outputs are kept.

    Omitted: names of interior tensors, empty tables, unreferenced tensors and buffers. Shared: equal buffers, equal
    constants, and any equal object in the file (see `SharingBuilder`). Outputs that are equal constants, such as the
    zeros that states begin with, become tensors of their own: `CompiledModel` loses all but one of several names.

    Args:
        model: The bytes of a `.tflite` file without associated files (attach metadata afterwards).

    Raises:
        RnnkitError: The bytes are not a `.tflite` file, or end with a ZIP of associated files.
    """
    if zipfile.is_zipfile(io.BytesIO(model)):
        raise RnnkitError("This .tflite file has files attached, which stripping would lose. Strip it, then attach.")
    tree = read_tree(model)
    interfaces = {0, *(signature.subgraphIndex for signature in tree.signatureDefs or [])}
    for signature in tree.signatureDefs or []:
        _part_outputs(tree.subgraphs[signature.subgraphIndex], signature)
    for index, subgraph in enumerate(tree.subgraphs):
        _strip_tables(subgraph, keep_interface_names=index in interfaces)
    _share_buffers(tree)
    for index, subgraph in enumerate(tree.subgraphs):
        signatures = [signature for signature in tree.signatureDefs or [] if signature.subgraphIndex == index]
        _drop_tensors(subgraph, signatures)
    return write_tree(tree)


def read_tree(model: bytes) -> Any:
    """Unpack a `.tflite` file into the schema's editable objects (a `ModelT`), without the files attached at its end.

    Raises:
        RnnkitError: The bytes are not a `.tflite` file.
    """
    return schema().ModelT.InitFromObj(_root(model))


def write_tree(tree: Any) -> bytes:
    """Pack the objects of `read_tree` into the bytes of a `.tflite` file, each distinct object once."""
    size = sum(len(buffer.data) for buffer in tree.buffers if buffer.data is not None)
    builder = SharingBuilder(size + 65536)
    builder.Finish(tree.Pack(builder), file_identifier=FILE_IDENTIFIER)
    return bytes(builder.Output())


def schema() -> Any:
    """LiteRT's schema of `.tflite` files."""
    from ai_edge_litert import schema_py_generated

    return schema_py_generated


def _root(model: bytes) -> Any:
    if len(model) < 8 or model[4:8] != FILE_IDENTIFIER:
        raise RnnkitError(f"Not a .tflite file: its bytes 4-8 are {bytes(model[4:8])!r}, expected {FILE_IDENTIFIER!r}.")
    return schema().Model.GetRootAs(model, 0)


def operator_name(code: Any) -> str:
    """The name of an operator code of `read_tree`; the old field has room for 127, the newer one holds the rest."""
    number = max(code.deprecatedBuiltinCode, code.builtinCode)
    if number == schema().BuiltinOperator.CUSTOM:
        return _text(code.customCode or "CUSTOM without a name")
    return next(name for name, value in vars(schema().BuiltinOperator).items() if value == number)


def _part_outputs(subgraph: Any, signature: Any) -> None:
    """Give each output that is a constant a tensor of its own, with a name of its own."""
    made = {int(index) for operator in subgraph.operators for index in operator.outputs}
    outputs, seen = [int(index) for index in subgraph.outputs], set[int]()
    for place, index in enumerate(outputs):
        if index in seen and index not in made:
            twin = copy.copy(subgraph.tensors[index])
            twin.name = f"{_text(twin.name)}_{place}"
            outputs[place] = len(subgraph.tensors)
            subgraph.tensors.append(twin)
            named = [entry for entry in signature.outputs if entry.tensorIndex == index]
            named[-1].tensorIndex = outputs[place]
        seen.add(index)
    subgraph.outputs = np.array(outputs, np.int32)


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def _strip_tables(subgraph: Any, keep_interface_names: bool) -> None:
    kept = {*subgraph.inputs, *subgraph.outputs} if keep_interface_names else set()
    for index, tensor in enumerate(subgraph.tensors):
        if index not in kept:
            tensor.name = None
        if tensor.quantization is not None and not _says_something(tensor.quantization):
            tensor.quantization = None
        if tensor.shape is not None and len(tensor.shape):
            tensor.hasRank = False  # only distinguishes a scalar from an unknown rank
    for operator in subgraph.operators:
        for field in ("intermediates", "mutatingVariableInputs", "customOptions"):
            if getattr(operator, field) is not None and not len(getattr(operator, field)):
                setattr(operator, field, None)


def _says_something(quantization: Any) -> bool:
    vectors = (quantization.scale, quantization.zeroPoint, quantization.min, quantization.max)
    return quantization.details is not None or any(vector is not None and len(vector) for vector in vectors)


def _share_buffers(tree: Any) -> None:
    """Keep one buffer for each content; buffer 0 is the schema's empty one."""
    places: dict[bytes, int] = {b"": 0}
    kept = [schema().BufferT()]
    moved = []
    for buffer in tree.buffers:
        content = b"" if buffer.data is None else buffer.data.tobytes()
        key = content if not buffer.offset else b"%d:%d" % (buffer.offset, buffer.size)
        if key not in places:
            places[key] = len(kept)
            kept.append(buffer)
        moved.append(places[key])
    for owner in [*(tensor for subgraph in tree.subgraphs for tensor in subgraph.tensors), *(tree.metadata or [])]:
        owner.buffer = moved[owner.buffer]
    tree.buffers = kept


def _drop_tensors(subgraph: Any, signatures: Iterable[Any]) -> None:
    """Keep one of several equal constants, drop unreferenced tensors, and renumber the rest."""
    interface = {*map(int, subgraph.inputs), *map(int, subgraph.outputs)}
    maps = [entry for signature in signatures for entry in [*(signature.inputs or []), *(signature.outputs or [])]]
    fields = ("inputs", "outputs", "intermediates")
    vectors = [(owner, field) for owner in subgraph.operators for field in fields if getattr(owner, field) is not None]
    used = interface | {entry.tensorIndex for entry in maps}
    used.update(int(index) for owner, field in vectors for index in getattr(owner, field))

    moved = {-1: -1}  # an optional input that is not given
    kept: list[Any] = []
    constants: dict[tuple[Any, ...], int] = {}
    for index, tensor in enumerate(subgraph.tensors):
        if index not in used:
            continue
        key = _constant_key(tensor) if tensor.buffer and not tensor.isVariable and index not in interface else (index,)
        if key not in constants:
            constants[key] = len(kept)
            kept.append(tensor)
        moved[index] = constants[key]
    for owner, field in [*vectors, (subgraph, "inputs"), (subgraph, "outputs")]:
        setattr(owner, field, np.array([moved[int(index)] for index in getattr(owner, field)], np.int32))
    for entry in maps:
        entry.tensorIndex = moved[entry.tensorIndex]
    subgraph.tensors = kept


def _constant_key(tensor: Any) -> tuple[Any, ...]:
    """A key that is equal for equal constants; the packed bytes also distinguish quantised and sparse ones."""
    builder = flatbuffers.Builder(256)
    builder.Finish(tensor.Pack(builder))
    return ("constant", bytes(builder.Output()))
