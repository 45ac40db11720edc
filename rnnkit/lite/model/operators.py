"""Checks that LiteRT's operators omit: numbers of tensors, and options within their range.

The numbers are those of LiteRT's schema. Operators without a rule here are left to LiteRT's own checks.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from rnnkit.lite.model.flat_tables import Tables, damaged
from rnnkit.lite.model.model_file import ModelFile

MANY = 2**16


class Rule(NamedTuple):
    """The rule for an operator.

    Args:
        name: In messages.
        inputs: Least and most tensors that it takes.
        outputs: The same for those that it makes.
        options: The schema's number of its kind of options; 0: none are needed.
        needed: Inputs from the first on that must be there, not -1.
    """

    name: str
    inputs: tuple[int, int]
    outputs: tuple[int, int] = (1, 1)
    options: int = 0
    needed: int = 99


_ONE, _TWO, _THREE = (1, 1), (2, 2), (3, 3)
RULES = {
    0: Rule("ADD", _TWO, options=11),
    1: Rule("AVERAGE_POOL_2D", _ONE, options=5),
    2: Rule("CONCATENATION", (1, MANY), options=10),
    3: Rule("CONV_2D", (2, 3), options=1, needed=2),
    4: Rule("DEPTHWISE_CONV_2D", (2, 3), options=2, needed=2),
    6: Rule("DEQUANTIZE", _ONE),
    9: Rule("FULLY_CONNECTED", (2, 3), options=8, needed=2),
    14: Rule("LOGISTIC", _ONE),
    17: Rule("MAX_POOL_2D", _ONE, options=5),
    18: Rule("MUL", _TWO, options=21),
    19: Rule("RELU", _ONE),
    21: Rule("RELU6", _ONE),
    22: Rule("RESHAPE", (1, 2)),
    25: Rule("SOFTMAX", _ONE, options=9),
    28: Rule("TANH", _ONE),
    34: Rule("PAD", _TWO),
    36: Rule("GATHER", _TWO, options=23),
    39: Rule("TRANSPOSE", _TWO),
    40: Rule("MEAN", _TWO, options=27),
    41: Rule("SUB", _TWO, options=28),
    42: Rule("DIV", _TWO, options=29),
    43: Rule("SQUEEZE", _ONE, options=30),
    44: Rule("UNIDIRECTIONAL_SEQUENCE_LSTM", (20, 24), options=71, needed=1),
    45: Rule("STRIDED_SLICE", (4, 5), options=32, needed=4),
    47: Rule("EXP", _ONE),
    48: Rule("TOPK_V2", _TWO, _TWO),
    49: Rule("SPLIT", _TWO, (1, MANY), 35),
    50: Rule("LOG_SOFTMAX", _ONE),
    53: Rule("CAST", _ONE),
    55: Rule("MAXIMUM", _TWO),
    56: Rule("ARG_MAX", _TWO),
    57: Rule("MINIMUM", _TWO),
    58: Rule("LESS", _TWO),
    59: Rule("NEG", _ONE),
    60: Rule("PADV2", _THREE),
    61: Rule("GREATER", _TWO),
    62: Rule("GREATER_EQUAL", _TWO),
    63: Rule("LESS_EQUAL", _TWO),
    64: Rule("SELECT", _THREE),
    65: Rule("SLICE", _THREE),
    69: Rule("TILE", _TWO),
    70: Rule("EXPAND_DIMS", _TWO),
    71: Rule("EQUAL", _TWO),
    72: Rule("NOT_EQUAL", _TWO),
    73: Rule("LOG", _ONE),
    74: Rule("SUM", _TWO, options=27),
    75: Rule("SQRT", _ONE),
    76: Rule("RSQRT", _ONE),
    77: Rule("SHAPE", _ONE),
    78: Rule("POW", _TWO),
    81: Rule("REDUCE_PROD", _TWO, options=27),
    82: Rule("REDUCE_MAX", _TWO, options=27),
    83: Rule("PACK", (1, MANY), options=59),
    84: Rule("LOGICAL_OR", _TWO),
    85: Rule("ONE_HOT", (4, 4), options=61),
    86: Rule("LOGICAL_AND", _TWO),
    87: Rule("LOGICAL_NOT", _ONE),
    88: Rule("UNPACK", _ONE, (1, MANY), 64),
    89: Rule("REDUCE_MIN", _TWO, options=27),
    91: Rule("REDUCE_ANY", _TWO, options=27),
    92: Rule("SQUARE", _ONE),
    93: Rule("ZEROS_LIKE", _ONE),
    94: Rule("FILL", _TWO),
    96: Rule("RANGE", _THREE),
    98: Rule("LEAKY_RELU", _ONE, options=75),
    99: Rule("SQUARED_DIFFERENCE", _TWO),
    101: Rule("ABS", _ONE),
    102: Rule("SPLIT_V", _THREE, (1, MANY), 79),
    107: Rule("GATHER_ND", _TWO),
    109: Rule("WHERE", _ONE),
    114: Rule("QUANTIZE", _ONE),
    117: Rule("HARD_SWISH", _ONE),
    118: Rule("IF", (1, MANY), (0, MANY), 92),
    119: Rule("WHILE", (1, MANY), (1, MANY), 93),
    122: Rule("SCATTER_ND", _THREE),
    123: Rule("SELECT_V2", _THREE),
    126: Rule("BATCH_MATMUL", _TWO, options=101),
    128: Rule("CUMSUM", _TWO, options=102),
    130: Rule("BROADCAST_TO", _TWO),
    140: Rule("REDUCE_ALL", _TWO, options=27),
    150: Rule("GELU", _ONE),
    151: Rule("DYNAMIC_UPDATE_SLICE", _THREE),
}
#: Those that no exported model has: of other people's making, without an implementation, or with state elsewhere.
FOREIGN = {16, 24, 31, 32, 51, 127, 129, 136, 137, 138, 139, 142, 143, 144, *range(162, 203), *range(204, 210)}


#: Options that must lie in a range: field, type, default, least, most.
Range = tuple[int, str, int, int, int]
_ACTIVATION = (0, "<i1", 0, 0, 5)
_WINDOW = 2**12
_PADDING = (0, "<i1", 0, 0, 1)
_CONVOLUTION = (_PADDING, (1, "<i4", 0, 1, _WINDOW), (2, "<i4", 0, 1, _WINDOW))
RANGES: dict[int, tuple[Range, ...]] = {
    **dict.fromkeys((0, 18, 41, 42, 44), (_ACTIVATION,)),
    1: (*_CONVOLUTION, (3, "<i4", 0, 1, _WINDOW), (4, "<i4", 0, 1, _WINDOW), (5, "<i1", 0, 0, 5)),
    2: ((1, "<i1", 0, 0, 5),),
    3: (*_CONVOLUTION, (3, "<i1", 0, 0, 5), (4, "<i4", 1, 1, _WINDOW), (5, "<i4", 1, 1, _WINDOW)),
    4: (
        *_CONVOLUTION,
        (3, "<i4", 0, 0, _WINDOW),
        (4, "<i1", 0, 0, 5),
        (5, "<i4", 1, 1, _WINDOW),
        (6, "<i4", 1, 1, _WINDOW),
    ),
    9: (_ACTIVATION, (1, "<i1", 0, 0, 1)),
    45: tuple((field, "<i4", 0, 0, 255) for field in range(5)),
    77: ((0, "<i1", 0, 2, 4),),
}
RANGES[17] = RANGES[1]


def check_operators(file: ModelFile) -> None:
    """Refuse operators that break their rules.

    Raises:
        RnnkitError: One is not.
    """
    operators = file.operators
    if operators.extra.any():
        raise damaged("an operator has options that no exported model has")
    if (operators.kind < 0).any() or (operators.kind > _MOST).any() or _FOREIGN[operators.kind].any():
        raise damaged("it has an operator that no exported model has")
    _check_rules(file)
    for kind in np.flatnonzero(np.bincount(operators.kind, minlength=256).astype(bool) & _CHECKED).tolist():
        chosen = np.flatnonzero(operators.kind == kind)
        options = Tables(file.content, operators.options.places[chosen])
        for field, type, default, least, most in RANGES.get(kind, ()):
            found = options.field(field, type, default)
            if ((found < least) | (found > most))[options.there].any():
                raise damaged(f"{RULES[kind].name} has an option out of range")
        if kind in CHECKS:
            CHECKS[kind](file, chosen, options)


def _check_rules(file: ModelFile) -> None:
    operators, kind = file.operators, file.operators.kind
    for lists, (least, most) in ((operators.inputs, _INPUTS), (operators.outputs, _OUTPUTS)):
        wrong = (lists.lengths < least[kind]) | (lists.lengths > most[kind])
        if wrong.any():
            raise damaged(f"{_name(kind[wrong])} has another number of inputs or outputs")
    missing = np.flatnonzero(operators.inputs.values < 0)
    owners = operators.inputs.owners[missing]
    wrong = missing - operators.inputs.first[owners] < _NEEDED[kind[owners]]
    if wrong.any():
        raise damaged(f"{_name(kind[owners[wrong]])} lacks an input")
    wrong = (_OPTIONS[kind] > 0) & (operators.options_type != _OPTIONS[kind])
    wrong |= (_OPTIONS[kind] > 0) & ~operators.options.there
    if wrong.any():
        raise damaged(f"{_name(kind[wrong])} has other options than its own")


def _name(kinds: np.ndarray) -> str:
    return RULES[int(kinds[0])].name if int(kinds[0]) in RULES else f"operator {kinds[0]}"


def ranks(file: ModelFile, chosen: np.ndarray, place: int) -> np.ndarray:
    """The rank of an input, for each of the chosen operators."""
    operators = file.operators
    local = operators.inputs.values[operators.inputs.first[chosen] + place]
    tensor = np.where(local < 0, 0, local + file.first[operators.graph[chosen]])
    return np.where(local < 0, 0, file.tensors.shape.lengths[tensor])


def _count(field: int, side: str) -> Callable[[ModelFile, np.ndarray, Tables], None]:
    def check(file: ModelFile, chosen: np.ndarray, options: Tables) -> None:
        if (options.field(field, "<i4") != getattr(file.operators, side).lengths[chosen]).any():
            raise damaged("an operator says that it has another number of inputs or outputs")

    return check


def _axis(field: int, more: int = 0) -> Callable[[ModelFile, np.ndarray, Tables], None]:
    def check(file: ModelFile, chosen: np.ndarray, options: Tables) -> None:
        rank, axis = ranks(file, chosen, 0) + more, options.field(field, "<i4")
        if ((axis < -rank) | (axis >= np.maximum(rank, 1))).any():
            raise damaged("an operator works along a side that there is not")

    return check


def _gather(file: ModelFile, chosen: np.ndarray, options: Tables) -> None:
    _axis(0)(file, chosen, options)
    batch, most = options.field(1, "<i4"), np.minimum(ranks(file, chosen, 0), ranks(file, chosen, 1))
    if ((batch < 0) | (batch > most)).any():
        raise damaged("GATHER has more sides side by side than its tensors")


def _pack(file: ModelFile, chosen: np.ndarray, options: Tables) -> None:
    _count(0, "inputs")(file, chosen, options)
    _axis(1, more=1)(file, chosen, options)


def _unpack(file: ModelFile, chosen: np.ndarray, options: Tables) -> None:
    _count(0, "outputs")(file, chosen, options)
    _axis(1)(file, chosen, options)


CHECKS: dict[int, Callable[[ModelFile, np.ndarray, Tables], None]] = {
    2: _axis(0),
    36: _gather,
    49: _count(0, "outputs"),
    83: _pack,
    88: _unpack,
    102: _count(0, "outputs"),
}
_MOST = 209
_FOREIGN = np.isin(np.arange(256), list(FOREIGN))
_CHECKED = np.isin(np.arange(256), [*RANGES, *CHECKS])
_INPUTS, _OUTPUTS = ((np.zeros(256, np.int64), np.full(256, MANY)) for _ in range(2))
_OPTIONS, _NEEDED = np.zeros(256, np.int64), np.zeros(256, np.int64)
for _kind, _rule in RULES.items():
    (_INPUTS[0][_kind], _INPUTS[1][_kind]), (_OUTPUTS[0][_kind], _OUTPUTS[1][_kind]) = _rule.inputs, _rule.outputs
    _OPTIONS[_kind], _NEEDED[_kind] = _rule.options, _rule.needed
