"""Refuse a `.tflite` file that LiteRT would stumble over: it checks offsets, and takes much of the rest on trust.

A checksum does not help against a stranger, who can write a fitting one. What is checked here is what an operator can
see of itself and its tensors: indices, sizes, types, the order in which tensors are made, and that no graph calls
itself. What an operator makes of its numbers is not: `rnnkit.lite.load(..., isolated=True)` is for that.
"""

import numpy as np

from rnnkit.lite.model.calls import check_calls
from rnnkit.lite.model.flat_tables import Lists, damaged
from rnnkit.lite.model.model_file import ModelFile, read_model_file
from rnnkit.lite.model.operators import check_operators

#: Bytes of a number of each type that is used here; int4 (17) has two numbers a byte.
WIDTHS = {0: 4, 1: 2, 2: 4, 3: 1, 4: 8, 6: 1, 7: 2, 8: 8, 9: 1, 10: 8, 12: 8, 15: 4, 16: 2, 17: 0.5}
#: The least and greatest zero point of the quantised types.
ZEROS = {2: (0, 0), 3: (0, 255), 7: (0, 0), 9: (-128, 127), 17: (-8, 7)}
_MOST_SIDES, _MOST_BYTES, _MOST_IN_ALL = 8, 2**31, 2**33


def check_model(model: bytes) -> None:
    """Refuse a file that no exporter can have written.

    Args:
        model: The bytes of a `.tflite` file.

    Raises:
        RnnkitError: It is damaged; the line says where.
    """
    file = read_model_file(model)
    if not len(file.graphs.graph):
        raise damaged("it has no graph")
    _check_places(file)
    _check_tensors(file)
    _check_order(file)
    check_operators(file)
    check_calls(file)


def in_file(file: ModelFile, lists: Lists, graph: np.ndarray) -> np.ndarray:
    """Numbers of tensors counted through all graphs, of numbers in the graph of each list's owner; -1 stays."""
    return np.where(lists.values < 0, -1, lists.values + file.first[graph[lists.owners]])


def _check_places(file: ModelFile) -> None:
    """Check that all tensor and graph numbers exist."""
    count = np.diff(file.first)
    if len(file.signatures.graph) and file.signatures.graph.max() >= len(count):
        raise damaged(f"a function is graph {file.signatures.graph.max()} of {len(count)}")
    operators = file.operators
    for graph, lists, least in (
        (file.graphs.graph, file.graphs.inputs, 0),
        (file.graphs.graph, file.graphs.outputs, 0),
        (file.signatures.graph, file.signatures.inputs, 0),
        (file.signatures.graph, file.signatures.outputs, 0),
        (operators.graph, operators.inputs, -1),
        (operators.graph, operators.outputs, 0),
        (operators.graph, operators.intermediates, -1),
    ):
        wrong = (lists.values < least) | (lists.values >= count[graph[lists.owners]])
        if wrong.any():
            raise damaged(f"it uses tensor {lists.values[wrong][0]}, which is none of its graph")
    for name, said, own in (
        ("inputs", file.signatures.inputs, file.graphs.inputs),
        ("outputs", file.signatures.outputs, file.graphs.outputs),
    ):
        known = in_file(file, own, file.graphs.graph)
        if not np.isin(in_file(file, said, file.signatures.graph), known).all():
            raise damaged(f"a function's {name} are not those of its graph")


def _check_tensors(file: ModelFile) -> None:
    """Check that types, shapes and sizes fit each other."""
    tensors = file.tensors
    widths = np.zeros(128)
    widths[list(WIDTHS)] = list(WIDTHS.values())
    if (tensors.type < 0).any() or (widths[tensors.type] == 0).any():
        raise damaged("a tensor is of a type that no exported model has")
    if not tensors.plain.all() or (tensors.variable > 1).any():
        raise damaged("a tensor is kept in a way that no exported model has")
    if (tensors.shape.values < 0).any() or (tensors.shape.lengths > _MOST_SIDES).any():
        raise damaged("a tensor has a shape that there is not")
    if (tensors.signature.values < -1).any():
        raise damaged("a tensor has a shape that there is not")
    open_shape = tensors.signature.lengths > 0
    if (tensors.signature.lengths != tensors.shape.lengths)[open_shape].any():
        raise damaged("a tensor has two shapes that do not fit")
    sides = tensors.shape.values[open_shape[tensors.shape.owners]]
    if ((tensors.signature.values >= 0) & (tensors.signature.values != sides)).any():
        raise damaged("a tensor has two shapes that do not fit")
    bytes_ = np.ceil(tensors.shape.product() * widths[tensors.type])
    if (bytes_ > _MOST_BYTES).any() or bytes_[tensors.size == 0].sum() > _MOST_IN_ALL:
        raise damaged(f"a tensor has {bytes_.max():.0f} bytes, and all together {bytes_.sum():.0f}")
    constant = tensors.size > 0
    if (bytes_ != tensors.size)[constant].any():
        raise damaged("a constant is of another size than its numbers")
    if (constant & (tensors.variable > 0)).any():
        raise damaged("a variable is a constant")
    _check_quantization(file)


def _check_quantization(file: ModelFile) -> None:
    tensors = file.tensors
    scales, zeros = tensors.scale, tensors.zero_point
    if not np.isfinite(scales.values).all() or (scales.values < 0).any():
        raise damaged("a scale is no positive number")
    if ((zeros.lengths != scales.lengths) & (zeros.lengths > 0)).any():
        raise damaged("a tensor has more zero points than scales, or fewer")
    least, most = np.full(128, -(2**31)), np.full(128, 2**31)
    for kind, (low, high) in ZEROS.items():
        least[kind], most[kind] = low, high
    kinds = tensors.type[zeros.owners]
    if ((zeros.values < least[kinds]) | (zeros.values > most[kinds])).any():
        raise damaged("a zero point is none of its type")
    several = np.flatnonzero(scales.lengths > 1)
    channel, rank = tensors.channel[several], tensors.shape.lengths[several]
    if ((channel < 0) | (channel >= rank)).any():
        raise damaged("a tensor has scales for a side that it has not")
    if (tensors.shape.values[tensors.shape.first[several] + channel] != scales.lengths[several]).any():
        raise damaged("a tensor has more scales than channels, or fewer")


def _check_order(file: ModelFile) -> None:
    """Check that each tensor is a constant, an input, a variable, or made by one operator before its use."""
    tensors, operators = file.tensors, file.operators
    never = len(operators.kind)
    made = np.full(len(tensors.type), never)
    given = (tensors.size > 0) | (tensors.variable > 0) | (tensors.shape.product() == 0)
    entering = in_file(file, file.graphs.inputs, file.graphs.graph)
    made[given] = -1
    made[entering] = -1
    outputs = in_file(file, operators.outputs, operators.graph)
    if (tensors.size[entering] > 0).any() or (tensors.size[outputs] > 0).any():
        raise damaged("it writes over a constant")
    enters = np.zeros(len(made), bool)
    enters[entering] = True
    if (np.bincount(outputs, minlength=1) > 1).any() or enters[outputs].any():
        raise damaged("a tensor is made twice")
    made[outputs] = operators.outputs.owners
    inputs = in_file(file, operators.inputs, operators.graph)
    used = inputs >= 0
    if (made[inputs[used]] >= operators.inputs.owners[used]).any():
        raise damaged("an operator takes what has not been made")
    leaving = in_file(file, file.graphs.outputs, file.graphs.graph)
    if (made[leaving] == never).any():
        raise damaged("a graph gives what has not been made")
