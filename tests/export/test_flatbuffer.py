"""Stripped files are smaller and give the same bits, in every form the converter makes."""

import functools
import tempfile
import warnings

import numpy as np
import pytest

from rnnkit.errors import RnnkitError
from rnnkit.export import flatbuffer

STEPS, FEATURES, UNITS = 12, 40, 32

tf = pytest.importorskip("tensorflow", reason="the models are made with TensorFlow")
interpreter = pytest.importorskip("ai_edge_litert.interpreter", reason="the models are run with LiteRT")


class Module(tf.Module):
    """An LSTM over ids, unrolled or as a loop, and a second function for a file of two signatures."""

    def __init__(self):
        super().__init__()
        random = np.random.default_rng(3)
        shapes = {"embedding": (50, FEATURES), "kernel": (FEATURES, 4 * UNITS), "recurrent": (UNITS, 4 * UNITS)}
        for name, shape in shapes.items():
            setattr(self, name, tf.Variable(random.normal(size=shape).astype(np.float32) / 4))

    def step(self, x, h, c):
        i, f, g, o = tf.split(x + tf.matmul(h, self.recurrent), 4, 1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        return tf.sigmoid(o) * tf.tanh(c), c

    def unrolled(self, ids):
        rows = tf.split(tf.matmul(tf.gather(self.embedding, ids)[0], self.kernel), STEPS, 0)
        h = c = tf.zeros((1, UNITS))
        for x in rows:
            h, c = self.step(x, h, c)
        return {"last": h, "cell": c}

    def loop(self, ids):
        rows = tf.matmul(tf.gather(self.embedding, ids)[0], self.kernel)
        body = lambda t, h, c: (t + 1, *self.step(tf.gather(rows, [t]), h, c))  # noqa: E731
        state = tf.zeros((1, UNITS))
        _, h, c = tf.while_loop(lambda t, h, c: t < STEPS, body, (0, state, state))
        return {"last": h, "cell": c}

    def total(self, ids):
        return {"total": tf.reduce_sum(tf.gather(self.embedding, ids), (1, 2))}


@functools.cache
def converted(name):
    """One file, made when it is first asked for."""
    module = Module()
    ids = tf.TensorSpec([1, STEPS], tf.int32, "ids")
    functions = {"loop": [module.loop], "two signatures": [module.loop, module.total]}.get(name, [module.unrolled])
    signatures = {function.__name__: tf.function(function).get_concrete_function(ids) for function in functions}
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=signatures)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=list(signatures))
        if name in ("dynamic", "int8"):
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if name == "int8":
            converter.representative_dataset = lambda: ({"ids": example} for example in _examples(5))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*tf.lite.Interpreter is deprecated")  # the calibrator's own business
            return converter.convert()


def _examples(number):
    random = np.random.default_rng(11)
    return [random.integers(0, 50, (1, STEPS)).astype(np.int32) for _ in range(number)]


def _answers(model):
    opened = interpreter.Interpreter(model_content=model, num_threads=1)
    answers = []
    for key in sorted(opened.get_signature_list()):
        run = opened.get_signature_runner(key)
        answers += [(key, sorted(run(ids=ids).items())) for ids in _examples(3)]
    return answers


def _interface(model):
    """Signature names and the names of the tensors behind them."""
    opened = interpreter.Interpreter(model_content=model)
    runners = {key: opened.get_signature_runner(key) for key in opened.get_signature_list()}
    sides = lambda run: (run.get_input_details(), run.get_output_details())  # noqa: E731
    return {key: [{n: d["name"] for n, d in side.items()} for side in sides(run)] for key, run in runners.items()}


@pytest.mark.slow
@pytest.mark.parametrize("form", ["unrolled", "dynamic", "loop", "two signatures", "int8"])
def test_stripped_files_give_the_same_bits(form):
    model = converted(form)
    small = flatbuffer.strip_names(model)
    assert len(small) < len(model)
    for (key, before), (same_key, after) in zip(_answers(model), _answers(small), strict=True):
        assert key == same_key
        for (name, value), (same_name, same_value) in zip(before, after, strict=True):
            assert name == same_name
            np.testing.assert_array_equal(value, same_value)
    assert _interface(small) == _interface(model)
    assert flatbuffer.operators(small) == flatbuffer.operators(model)
    assert flatbuffer.subgraph_count(small) == flatbuffer.subgraph_count(model)
    assert flatbuffer.strip_names(small) == small, "nothing is left to strip"


@pytest.mark.slow
def test_a_step_of_an_unrolled_lstm_costs_little():
    """Twelve operators at some 55 bytes, against 1,700 as the converter writes them."""
    weights = 4 * (50 * FEATURES + (FEATURES + UNITS) * 4 * UNITS)
    structure = len(flatbuffer.strip_names(converted("unrolled"))) - weights
    assert structure < 800 * STEPS
    assert structure < (len(converted("unrolled")) - weights) / 2


def test_buffers_are_aligned_as_the_schema_wants():
    model = flatbuffer.strip_names(converted("dynamic"))
    buffers = [buffer.data for buffer in flatbuffer.read_tree(model).buffers if buffer.data is not None]
    start = np.frombuffer(model, np.uint8).__array_interface__["data"][0]
    assert len(buffers) > 3
    assert {(data.__array_interface__["data"][0] - start) % 16 for data in buffers} == {0}


def test_operators_and_subgraphs_are_counted():
    counts = flatbuffer.operators(converted("unrolled"))
    assert counts["TANH"] == 2 * STEPS and "WHILE" not in counts
    assert counts["LOGISTIC"] == 3 * STEPS - 1, "the converter drops the first step's forget gate, as c starts at 0"
    assert flatbuffer.operators(converted("loop"))["WHILE"] == 1
    assert flatbuffer.operators(converted("loop"))["TANH"] == 2, "operators of the loop's body count too"
    assert flatbuffer.subgraph_count(converted("unrolled")) == 1
    assert flatbuffer.subgraph_count(converted("loop")) == 3
    assert all(
        flatbuffer.non_builtin(model) == []
        for model in (converted("unrolled"), converted("loop"), converted("two signatures"))
    )


def test_operators_that_are_not_builtin_are_named():
    from ai_edge_litert.schema_py_generated import BuiltinOperator

    tree = flatbuffer.read_tree(converted("unrolled"))
    for code, name in zip(tree.operatorCodes, ["FlexRFFT", "MyOwn"], strict=False):
        code.builtinCode = code.deprecatedBuiltinCode = BuiltinOperator.CUSTOM
        code.customCode = name
    assert flatbuffer.non_builtin(flatbuffer.write_tree(tree)) == ["FlexRFFT", "MyOwn"]


def test_equal_constants_are_kept_once():
    tree = flatbuffer.read_tree(converted("unrolled"))
    graph = tree.subgraphs[0]
    constants = [i for i, tensor in enumerate(graph.tensors) if tree.buffers[tensor.buffer].data is not None]
    users = {place: [o for o in graph.operators if place in o.inputs] for place in constants}
    place, users = next((place, found) for place, found in users.items() if len(found) > 1)
    graph.tensors.append(graph.tensors[place])
    users[-1].inputs = np.where(users[-1].inputs == place, len(graph.tensors) - 1, users[-1].inputs)
    doubled = flatbuffer.write_tree(tree)
    assert len(flatbuffer.read_tree(doubled).subgraphs[0].tensors) == len(graph.tensors)
    assert flatbuffer.strip_names(doubled) == flatbuffer.strip_names(converted("unrolled"))


@pytest.mark.parametrize("content", [b"", b"short", b"PK\x03\x04 a ZIP, not a model"])
def test_what_is_no_model_is_refused(content):
    for function in (flatbuffer.operators, flatbuffer.non_builtin, flatbuffer.subgraph_count, flatbuffer.strip_names):
        with pytest.raises(RnnkitError, match=r"^Not a \.tflite file"):
            function(content)
