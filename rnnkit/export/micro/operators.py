"""The operators of TFLite Micro, files that keep to them, and the C++ calls that add them to its resolver."""

from rnnkit.errors import RnnkitError
from rnnkit.export import flatbuffer
from rnnkit.export.micro.interface import put_in_order

#: Operators whose `Add` function is not their name in title case, such as `AddFullyConnected`.
_SPELT = {
    "BATCH_MATMUL": "BatchMatMul",
    "BATCH_TO_SPACE_ND": "BatchToSpaceNd",
    "CONV_2D": "Conv2D",
    "CUMSUM": "CumSum",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2D",
    "PADV2": "PadV2",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTM",
}
#: What `MicroMutableOpResolver` can add, of what recurrent networks can need (tflite-micro of October 2026).
OPERATORS = frozenset(
    """
    ABS ADD ADD_N ARG_MAX ARG_MIN AVERAGE_POOL_2D BATCH_MATMUL BATCH_TO_SPACE_ND BROADCAST_ARGS BROADCAST_TO CAST CEIL
    CONCATENATION CONV_2D COS CUMSUM DEPTH_TO_SPACE DEPTHWISE_CONV_2D DEQUANTIZE DIV DYNAMIC_UPDATE_SLICE ELU
    EMBEDDING_LOOKUP EQUAL EXP EXPAND_DIMS FILL FLOOR FLOOR_DIV FLOOR_MOD FULLY_CONNECTED GATHER GATHER_ND GREATER
    GREATER_EQUAL HARD_SWISH IF L2_NORMALIZATION LEAKY_RELU LESS LESS_EQUAL LOG LOG_SOFTMAX LOGICAL_AND LOGICAL_NOT
    LOGICAL_OR LOGISTIC MAX_POOL_2D MAXIMUM MEAN MINIMUM MIRROR_PAD MUL NEG NOT_EQUAL PACK PAD PADV2 PRELU QUANTIZE
    REDUCE_ALL REDUCE_MAX REDUCE_MIN RELU RELU6 RESHAPE REVERSE_V2 ROUND RSQRT SELECT_V2 SHAPE SIN SLICE SOFTMAX
    SPACE_TO_BATCH_ND SPACE_TO_DEPTH SPLIT SPLIT_V SQRT SQUARE SQUARED_DIFFERENCE SQUEEZE STRIDED_SLICE SUB SUM SVDF
    TANH TRANSPOSE UNIDIRECTIONAL_SEQUENCE_LSTM UNPACK WHILE ZEROS_LIKE
    """.split()
)


def adapted(model: bytes) -> bytes:
    """The same file for TFLite Micro: its inputs and outputs in rnnkit's order, and SELECT, which that lacks, as
    SELECT_V2, which is the same where nothing is broadcast.
    """
    tree, schema = flatbuffer.read_tree(model), flatbuffer.schema()
    put_in_order(tree)
    code = schema.OperatorCodeT()
    code.builtinCode, code.deprecatedBuiltinCode, code.version = schema.BuiltinOperator.SELECT_V2, 123, 1
    for graph in tree.subgraphs:
        for operator in graph.operators:
            shapes = [tuple(graph.tensors[place].shape) for place in operator.inputs[:3] if place >= 0]
            if flatbuffer.operator_name(tree.operatorCodes[operator.opcodeIndex]) != "SELECT" or len({*shapes}) != 1:
                continue
            if code not in tree.operatorCodes:
                tree.operatorCodes.append(code)
            operator.opcodeIndex = tree.operatorCodes.index(code)
            operator.builtinOptionsType = schema.BuiltinOptions.SelectV2Options
            operator.builtinOptions = schema.SelectV2OptionsT()
    return flatbuffer.write_tree(tree)


def require_operators(model: bytes, advice: str) -> None:
    """Refuse a file with operators that TFLite Micro lacks.

    Args:
        model: The bytes of a `.tflite` file.
        advice: What to choose instead.

    Raises:
        RnnkitError: With their names.
    """
    if lacking := sorted(set(flatbuffer.operators(model)) - OPERATORS):
        raise RnnkitError(f"TFLite Micro has no {', '.join(lacking)}, which this file needs. {advice}")


def add_call(operator: str) -> str:
    """The function of `MicroMutableOpResolver` that adds an operator.

    Example:

    >>> add_call("FULLY_CONNECTED"), add_call("CONV_2D"), add_call("SELECT_V2")
    ('AddFullyConnected', 'AddConv2D', 'AddSelectV2')
    """
    return "Add" + (_SPELT.get(operator) or operator.replace("_", " ").title().replace(" ", ""))
