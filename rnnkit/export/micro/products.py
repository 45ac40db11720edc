"""int8 for microcontrollers: products with weights in whole numbers, everything else in float32.

TFLite Micro cannot mix int8 weights with float inputs, as `dynamic` does, and the converter's int8 also rounds states,
gates and pools, which costs several times the accuracy and adds up along a stream (`benchmarks/micro.py`). Weights are
where a file's bytes and a step's time are. So each product with constant weights gets a QUANTIZE before it and a
DEQUANTIZE behind, with ranges seen on real rows; the float file is rewritten here, without the converter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.export import flatbuffer
from rnnkit.export.micro.contract import FEWEST_WEIGHTS, Calls
from rnnkit.export.micro.interface import interface_of

_VERSIONS = {"FULLY_CONNECTED": 4, "CONV_2D": 3, "QUANTIZE": 1, "DEQUANTIZE": 2}  # that take int8
_PRODUCTS = ("FULLY_CONNECTED", "CONV_2D")
_FLOAT32, _INT32, _INT8 = 0, 2, 9
_LEAST = 1e-6


@dataclass
class Range:
    """The least and the greatest of the numbers seen, and 0."""

    low: float = 0.0
    high: float = 0.0

    def see(self, values: np.ndarray) -> None:
        """Take in more numbers."""
        self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))

    def scaled(self) -> tuple[float, int]:
        """The scale and zero point of int8.

        Example:

        >>> scale, zero = Range(-1.0, 1.0).scaled()
        >>> round(255 * scale, 6), zero
        (2.0, 0)
        """
        scale = max(self.high - self.low, _LEAST) / 255
        return scale, int(np.clip(round(-128 - self.low / scale), -128, 127))


@dataclass
class _Product:
    """A product of an input, by number, with constant weights."""

    operator: Any
    name: str
    given: int
    weights: int
    made: int


def quantize_products(model: bytes, rows: Iterable[Calls], fewest: int = FEWEST_WEIGHTS) -> bytes:
    """The same file with its products in int8; what goes in and comes out stays float32.

    The weights of a FULLY_CONNECTED have one scale, which old versions of TFLite Micro read as well; those of a
    convolution one for each filter.

    Args:
        model: A float32 `.tflite` file with one signature.
        rows: For each example its calls; ranges are calibrated on them.
        fewest: Weights of a product that becomes int8, at least.

    Raises:
        RnnkitError: It has no product with so many weights outside of a loop.
    """
    tree = flatbuffer.read_tree(model)
    found = (_Reader(tree, fewest).product(operator) for operator in tree.subgraphs[0].operators)
    products = [product for product in found if product is not None]
    if not products:
        raise RnnkitError(
            f"int8 would change nothing: the file has no product with {fewest:,} constant weights or more, or "
            "all are within a loop. Take --quantize none."
        )
    _Writer(tree, _calibrated(model, products, rows)).rewrite(products)
    return flatbuffer.strip_names(flatbuffer.write_tree(tree))


@dataclass
class _Reader:
    """Reads the operators and constants of a file's first graph."""

    tree: Any
    fewest: int = FEWEST_WEIGHTS

    def product(self, operator: Any) -> _Product | None:
        """The product that an operator is; None for any other, and for one that has hardly any weights."""
        name = flatbuffer.operator_name(self.tree.operatorCodes[operator.opcodeIndex])
        if name not in _PRODUCTS:
            return None
        given, weights, *bias = map(int, operator.inputs)
        found = [self.constant(place) for place in (weights, *bias) if place >= 0]
        if any(each is None for each in found) or self.constant(given) is not None:
            return None
        few = found[0] is not None and found[0].size < self.fewest
        return None if few else _Product(operator, name, given, weights, int(operator.outputs[0]))

    def constant(self, place: int) -> np.ndarray | None:
        """The numbers of a float32 constant; None of another tensor."""
        tensor = self.tree.subgraphs[0].tensors[place]
        data = self.tree.buffers[tensor.buffer].data
        if tensor.type != _FLOAT32 or data is None or not len(data):
            return None
        return np.frombuffer(bytes(data), "<f4").reshape(tensor.shape)


def _calibrated(model: bytes, products: Sequence[_Product], rows: Iterable[Calls]) -> dict[int, tuple[Range, Range]]:
    """The ranges of what goes into and comes out of the products with each weights, by the weights' number."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    from rnnkit.noise import without_noise

    found = {product.weights: (Range(), Range()) for product in products}
    kind = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES  # XNNPACK hides what lies between
    with without_noise():
        run = Interpreter(
            model_content=model,
            num_threads=1,
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=kind,
        )
        run.allocate_tensors()
    ports = interface_of(flatbuffer.read_tree(model))
    after = {port.name: port.tensor for port in ports.outputs}
    for calls in rows:
        states = {port.tensor: port.zeros() for port in ports.states}
        for call in calls:
            for port in ports.given:
                run.set_tensor(port.tensor, call[port.name])
            for place, value in states.items():
                run.set_tensor(place, value)
            run.invoke()
            for product in products:
                before, behind = found[product.weights]
                before.see(run.get_tensor(product.given))
                behind.see(run.get_tensor(product.made))
            states = {port.tensor: run.get_tensor(after[port.name]) for port in ports.states}
    return found


@dataclass
class _Writer:
    """Rewrites the products of a file's first graph.

    Attributes:
        tree: What `flatbuffer.read_tree` gave.
        ranges: What `_calibrated` gave.
    """

    tree: Any
    ranges: Mapping[int, tuple[Range, Range]]
    codes: dict[str, int] = field(default_factory=dict)
    casts: dict[tuple[int, float, int], int] = field(default_factory=dict)
    weights: dict[int, tuple[int, np.ndarray]] = field(default_factory=dict)

    def rewrite(self, products: Sequence[_Product]) -> None:
        """Put the products into int8, each between two casts, and drop the float32 weights."""
        graph, mine = self.tree.subgraphs[0], {id(product.operator): product for product in products}
        found = list[Any]()
        for operator in graph.operators:
            product = mine.get(id(operator))
            found += [operator] if product is None else self._between_casts(product)
        graph.operators = found
        used = {int(place) for each in found for place in (*each.inputs, *each.outputs)}
        used |= {*map(int, graph.inputs), *map(int, graph.outputs)}
        kept = {graph.tensors[place].buffer for place in used if place >= 0}
        kept |= {tensor.buffer for other in self.tree.subgraphs[1:] for tensor in other.tensors}
        for place, buffer in enumerate(self.tree.buffers):
            if place not in kept:
                buffer.data = None

    def _between_casts(self, product: _Product) -> list[Any]:
        schema, tensors = flatbuffer.schema(), self.tree.subgraphs[0].tensors
        before, behind = self.ranges[product.weights]
        (scale, zero), made, operator = before.scaled(), list[Any](), product.operator
        key = product.given, scale, zero
        if key not in self.casts:
            self.casts[key] = self._tensor(tensors[product.given].shape, _INT8, scale, zero)
            cast = self._operator("QUANTIZE", product.given, self.casts[key])
            cast.builtinOptionsType, cast.builtinOptions = (
                schema.BuiltinOptions.QuantizeOptions,
                schema.QuantizeOptionsT(),
            )
            made.append(cast)
        weights, scales = self._weights(product)
        bias = [self._bias(int(place), scale * scales) for place in operator.inputs[2:]]
        whole = self._tensor(tensors[product.made].shape, _INT8, *behind.scaled())
        operator.inputs = np.array([self.casts[key], weights, *bias], np.int32)
        operator.outputs = np.array([whole], np.int32)
        operator.opcodeIndex = self._code(product.name)
        return [*made, operator, self._operator("DEQUANTIZE", whole, product.made)]

    def _weights(self, product: _Product) -> tuple[int, np.ndarray]:
        """The int8 weights as a tensor, and their scales; of several operators the same."""
        if product.weights not in self.weights:
            values = _Reader(self.tree).constant(product.weights)
            assert values is not None
            rest = tuple(range(1, values.ndim))
            sizes = np.abs(values).max(axis=rest) if product.name == "CONV_2D" else np.abs(values).max(keepdims=True)
            scales = np.maximum(sizes.reshape(-1) / 127, _LEAST / 127).astype(np.float32)
            rounded = np.round(values / scales.reshape(-1, *[1] * len(rest))).astype(np.int8)
            place = self._tensor(values.shape, _INT8, scales, np.zeros(len(scales)), rounded)
            self.weights[product.weights] = place, scales
        return self.weights[product.weights]

    def _bias(self, place: int, scales: np.ndarray) -> int:
        if place < 0:
            return -1
        values = _Reader(self.tree).constant(place)
        assert values is not None
        limit = 2.0**31 - 1
        rounded = np.clip(np.round(values.astype(np.float64) / scales), -limit, limit).astype(np.int32)
        return self._tensor(values.shape, _INT32, scales, np.zeros(len(scales)), rounded)

    def _tensor(self, shape: Any, kind: int, scale: Any, zero: Any, data: np.ndarray | None = None) -> int:
        schema, graph = flatbuffer.schema(), self.tree.subgraphs[0]
        made, how = schema.TensorT(), schema.QuantizationParametersT()
        how.scale, how.zeroPoint = np.atleast_1d(np.float32(scale)), np.atleast_1d(np.int64(zero))
        made.shape, made.type, made.buffer, made.quantization = np.array(shape, np.int32), kind, 0, how
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(data.tobytes(), np.uint8)
            made.buffer = len(self.tree.buffers)
            self.tree.buffers.append(buffer)
        graph.tensors.append(made)
        return len(graph.tensors) - 1

    def _operator(self, name: str, given: int, made: int) -> Any:
        operator = flatbuffer.schema().OperatorT()
        operator.opcodeIndex = self._code(name)
        operator.inputs, operator.outputs = np.array([given], np.int32), np.array([made], np.int32)
        return operator

    def _code(self, name: str) -> int:
        """The number of an operator's code, for int8."""
        if name not in self.codes:
            code = flatbuffer.schema().OperatorCodeT()
            code.builtinCode = code.deprecatedBuiltinCode = getattr(flatbuffer.schema().BuiltinOperator, name)
            code.version = _VERSIONS[name]
            self.codes[name] = len(self.tree.operatorCodes)
            self.tree.operatorCodes.append(code)
        return self.codes[name]
