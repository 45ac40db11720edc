"""The graphs of a `.tflite` file, as arrays over all of its operators and tensors.

The numbers of the fields are those of LiteRT's schema. The tensors of all graphs are counted through.
"""

from dataclasses import dataclass

import numpy as np

from rnnkit.lite.model.flat_tables import Content, Lists, Tables, damaged

IDENTIFIER = b"TFL3"


@dataclass(frozen=True)
class Tensors:
    """All tensors.

    Args:
        graph: The graph each belongs to.
        shape: Its sides.
        signature: The same with -1 for a side that is open; empty where none is.
        type: The schema's number of its type.
        buffer: The number of its buffer.
        size: Bytes in its buffer; 0 where operators make it.
        start: Where these are.
        variable: 1 where it keeps its value between calls.
        plain: False where it is sparse or quantised in blocks.
        scale: Its scales.
        zero_point: Its zero points.
        channel: The side whose channels have scales of their own.
    """

    graph: np.ndarray
    shape: Lists
    signature: Lists
    type: np.ndarray
    buffer: np.ndarray
    size: np.ndarray
    start: np.ndarray
    variable: np.ndarray
    plain: np.ndarray
    scale: Lists
    zero_point: Lists
    channel: np.ndarray


@dataclass(frozen=True)
class Operators:
    """All operators.

    Args:
        graph: The graph each belongs to.
        kind: The schema's number of the built-in operator.
        inputs: The tensors it takes, counted in its graph; -1 where none is given.
        outputs: The tensors it makes.
        intermediates: Tensors that only tell of quantisation.
        options_type: The schema's number of its kind of options.
        options: These.
        extra: Whether it has options of a newer or an own kind.
    """

    graph: np.ndarray
    kind: np.ndarray
    inputs: Lists
    outputs: Lists
    intermediates: Lists
    options_type: np.ndarray
    options: Tables
    extra: np.ndarray


@dataclass(frozen=True)
class Interface:
    """The tensors that go into some graphs and come out, and which graphs they are."""

    graph: np.ndarray
    inputs: Lists
    outputs: Lists


@dataclass(frozen=True)
class ModelFile:
    """A `.tflite` file.

    Args:
        content: Its bytes.
        first: The number of each graph's first tensor, and of all tensors.
        graphs: What goes into each graph and comes out.
        signatures: The same for each function.
        tensors: All tensors.
        operators: All operators.
    """

    content: Content
    first: np.ndarray
    graphs: Interface
    signatures: Interface
    tensors: Tensors
    operators: Operators


def read_model_file(model: bytes) -> ModelFile:
    """Read the graphs of a `.tflite` file, never outside its bounds.

    Raises:
        RnnkitError: It is no such file, or points to what does not exist.

    Example:

    >>> read_model_file(b"no model")
    Traceback (most recent call last):
    rnnkit.errors.RnnkitError: LiteRT cannot run this model: its file is damaged, it is no .tflite file. Export it ...
    """
    if len(model) < 8 or model[4:8] != IDENTIFIER:
        raise damaged("it is no .tflite file")
    content = Content(model)
    root = Tables(content, content.numbers(np.zeros(1, np.int64), "<u4"))
    codes, _ = root.members(1)
    kinds = np.maximum(codes.field(0, "<i1"), codes.field(3, "<i4"))
    graphs, _ = root.members(2)
    buffers, _ = root.members(4)
    if (buffers.field(1, "<u8") > 1).any():
        raise damaged("it keeps numbers outside of its buffers")
    tensors, tensor_counts = graphs.members(0)
    operators, operator_counts = graphs.members(3)
    code = operators.field(0, "<u4")
    if len(code) and code.max() >= len(kinds):
        raise damaged(f"an operator is number {code.max()} of {len(kinds)}")
    return ModelFile(
        content=content,
        first=np.concatenate([np.zeros(1, np.int64), np.cumsum(tensor_counts)]),
        graphs=Interface(np.arange(len(graphs)), graphs.lists(1, "<i4"), graphs.lists(2, "<i4")),
        signatures=_signatures(root),
        tensors=_tensors(tensors, np.repeat(np.arange(len(graphs)), tensor_counts), buffers),
        operators=Operators(
            graph=np.repeat(np.arange(len(graphs)), operator_counts),
            kind=kinds[code],
            inputs=operators.lists(1, "<i4"),
            outputs=operators.lists(2, "<i4"),
            intermediates=operators.lists(8, "<i4"),
            options_type=operators.field(3, "<u1"),
            options=operators.tables(4),
            extra=(operators.field(11, "<u1") > 0) | (operators.field(9, "<u8") > 0),
        ),
    )


def _tensors(tensors: Tables, graph: np.ndarray, buffers: Tables) -> Tensors:
    starts, sizes = buffers.vectors(0, 1)
    buffer = tensors.field(2, "<u4")
    if len(buffer) and buffer.max() >= len(buffers):
        raise damaged(f"a tensor has buffer {buffer.max()} of {len(buffers)}")
    quantization = tensors.tables(4)
    return Tensors(
        graph=graph,
        shape=tensors.lists(0, "<i4"),
        signature=tensors.lists(7, "<i4"),
        type=tensors.field(1, "<i1"),
        buffer=buffer,
        size=sizes[buffer],
        start=starts[buffer],
        variable=tensors.field(5, "<u1"),
        plain=~(tensors.has(6) | tensors.has(9) | (quantization.field(4, "<u1") > 0)),
        scale=quantization.lists(2, "<f4"),
        zero_point=quantization.lists(3, "<i8"),
        channel=quantization.field(6, "<i4"),
    )


def _signatures(root: Tables) -> Interface:
    """Of the model's functions; their names are the interpreter's business."""
    signatures, _ = root.members(7)
    lists = []
    for side in (0, 1):
        entries, counts = signatures.members(side)
        lists.append(Lists(counts, np.repeat(np.arange(len(counts)), counts), entries.field(1, "<u4")))
    return Interface(signatures.field(4, "<u4"), *lists)
