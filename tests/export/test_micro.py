"""Files for microcontrollers, as far as they are made without TFLite Micro: int8 products, C++ source, refusals."""

import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from rnnkit.codec.channels import Channels
from rnnkit.errors import RnnkitError
from rnnkit.export import flatbuffer
from rnnkit.export.choices import check
from rnnkit.export.micro import write_micro
from rnnkit.export.micro.interface import interface_of, put_in_order
from rnnkit.export.micro.operators import require_operators
from rnnkit.export.micro.products import quantize_products
from rnnkit.export.micro.source import sources
from rnnkit.export.micro.target import micro_choices
from rnnkit.lite.answers.decisions import decisions
from rnnkit.lite.interpreter import open_model

CHANCE = np.random.default_rng(0)
WEIGHTS, BIAS = CHANCE.normal(size=(32, 16)).astype("f4"), CHANCE.normal(size=32).astype("f4")
ROWS = CHANCE.normal(size=(40, 1, 16)).astype("f4")


def a_step(operator="ADD"):
    """A file whose step adds a product to its state: h = h + W x + b, y = h; its inputs are h and x, in this order."""
    schema = flatbuffer.schema()
    model, graph, signature = schema.ModelT(), schema.SubGraphT(), schema.SignatureDefT()
    model.version, model.buffers, graph.tensors = 3, [schema.BufferT()], []

    def tensor(name, shape, data=None):
        made = schema.TensorT()
        made.name, made.shape, made.type, made.buffer = name, np.array(shape, np.int32), 0, 0
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(data.tobytes(), np.uint8)
            made.buffer = len(model.buffers)
            model.buffers.append(buffer)
        graph.tensors.append(made)
        return len(graph.tensors) - 1

    def step(name, given, made, options=None):
        code, found = schema.OperatorCodeT(), schema.OperatorT()
        code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, name)
        code.version = 1
        found.opcodeIndex, found.inputs = len(model.operatorCodes), np.array(given, np.int32)
        found.outputs = np.array([made], np.int32)
        if options:
            found.builtinOptionsType = getattr(schema.BuiltinOptions, options)
            found.builtinOptions = getattr(schema, f"{options}T")()
        model.operatorCodes.append(code)
        return found

    def named(name, place):
        made = schema.TensorMapT()
        made.name, made.tensorIndex = name, place
        return made

    h, x = tensor("h", (1, 32)), tensor("x", (1, 16))
    weights, bias = tensor("w", WEIGHTS.shape, WEIGHTS), tensor("b", BIAS.shape, BIAS)
    product, new = tensor("p", (1, 32)), tensor("n", (1, 32))
    model.operatorCodes = []
    graph.operators = [
        step("FULLY_CONNECTED", [x, weights, bias], product, "FullyConnectedOptions"),
        step(operator, [h, product], new, "AddOptions" if operator == "ADD" else None),
    ]
    graph.inputs, graph.outputs = np.array([h, x], np.int32), np.array([new, new], np.int32)
    signature.inputs = [named("h", h), named("x", x)]
    signature.outputs = [named("h", new), named("y", new)]
    signature.signatureKey, signature.subgraphIndex = "step", 0
    model.subgraphs, model.signatureDefs = [graph], [signature]
    return flatbuffer.write_tree(model)


def test_products_become_int8_and_everything_else_stays():
    model = a_step()
    small = quantize_products(model, [[{"x": x} for x in ROWS]])
    assert flatbuffer.operators(small) == {"QUANTIZE": 1, "FULLY_CONNECTED": 1, "DEQUANTIZE": 1, "ADD": 1}
    assert len(small) < len(model) - 0.6 * WEIGHTS.nbytes  # the float32 weights are gone
    run, state, expected = open_model(small).get_signature_runner(), np.zeros((1, 32), "f4"), np.zeros((1, 32))
    for x in ROWS:
        state = run(x=x, h=state)["h"]
        expected = expected + x.astype("f8") @ WEIGHTS.T + BIAS
    # A step of int8 inputs, weights and outputs is the range over 255; what adds up here are 40 products.
    assert 1e-3 < np.abs(state - expected).max() < 0.05 * np.abs(expected).max()


def test_int8_without_a_product_of_weight_says_so():
    tree = flatbuffer.read_tree(a_step())
    graph = tree.subgraphs[0]
    graph.operators = graph.operators[1:]
    graph.operators[0].inputs = np.array([0, 0], np.int32)
    with pytest.raises(RnnkitError, match="int8 would change nothing: .* 256 constant weights .* --quantize none"):
        quantize_products(flatbuffer.write_tree(tree), [])


def test_inputs_and_outputs_are_put_in_order():
    tree = flatbuffer.read_tree(a_step())
    put_in_order(tree)
    found = interface_of(tree)
    assert [port.name for port in found.inputs] == ["x", "h"] and [port.name for port in found.outputs] == ["y", "h"]
    assert [port.name for port in found.states] == ["h"] and [port.name for port in found.given] == ["x"]
    assert tree.subgraphs[0].inputs.tolist() == [1, 0]


def test_operators_that_tflite_micro_lacks_are_named():
    require_operators(a_step(), "")
    with pytest.raises(RnnkitError, match=r"^TFLite Micro has no POW, which this file needs\. Take another cell"):
        write = a_step("POW")
        require_operators(write, "Take another cell.")


def without_tflite_micro(monkeypatch):
    monkeypatch.setitem(sys.modules, "tflite_micro", None)


def test_without_the_interpreter_a_line_says_what_to_install(monkeypatch, tmp_path):
    without_tflite_micro(monkeypatch)
    with pytest.raises(RnnkitError, match="run in their interpreter first, .* tflite_micro, which is not installed"):
        write_micro(a_step(), tmp_path / "step")
    assert not any(tmp_path.iterdir())


class Some:
    """An exporter of a task with the two usual strategies."""

    task = SimpleNamespace(key="sequence_classifier")

    def __init__(self, strategies=("step", "unroll", "loop")):
        self.strategies = strategies

    def micro(self):
        return SimpleNamespace(strategies=self.strategies) if self.strategies else None


@pytest.mark.parametrize(
    "exporter, how, message",
    [
        (
            Some(()),
            ("tflite", "auto", "auto"),
            "no export for microcontrollers; classifiers of sequences and sounds have",
        ),
        (Some(), ("keras", "auto", "auto"), "--target micro writes a TFLite file, and --format is keras"),
        (Some(), ("tflite", "dynamic", "auto"), "does not run dynamic files: .* Take --quantize int8"),
        (Some(), ("tflite", "float16", "auto"), "does not run float16 files"),
        (Some(), ("tflite", "none", "padded"), "strategy 'padded'; expected one of auto, step, unroll, loop"),
        (Some(), ("tflite", "int8", "loop"), "int8 cannot be calibrated within a loop. Take --strategy step"),
    ],
)
def test_what_does_not_go_together_is_refused(exporter, how, message):
    with pytest.raises(RnnkitError, match=message):
        micro_choices(exporter, *how)


def test_layers_refuse_int8_without_rows_and_in_loops():
    from rnnkit.cells import GRU
    from rnnkit.export.streaming import export_sequence, export_step

    layer = GRU(4)
    layer.build((None, None, 3))
    with pytest.raises(RnnkitError, match=r"int8 calibrates its ranges on real sequences: .* \[time, 3\]"):
        export_step(layer, 3, "int8")
    with pytest.raises(RnnkitError, match=r"got \[\[5, 2\]\]"):
        export_step(layer, 3, "int8", rows=[np.zeros((5, 2))])
    with pytest.raises(RnnkitError, match="int8 cannot be calibrated within a loop"):
        export_sequence(layer, 3, 5, "loop", "int8", rows=[np.zeros((5, 3))])
    with pytest.raises(RnnkitError, match="has 4 steps; expected 5"):
        export_sequence(layer, 3, 5, "unroll", "int8", rows=[np.zeros((4, 3))])


def test_the_command_line_refuses_in_a_line(command_line, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for flags, message in {
        ("--target", "mcro"): "error: --target is 'mcro'; expected lite or micro. Did you mean 'micro'?",
        ("--target", "micro", "--quantize", "dynamic"): "error: TFLite Micro does not run dynamic files",
        ("--target", "micro", "--format", "keras"): "error: --target micro writes a TFLite file",
    }.items():
        code, _, error = command_line("export", "gestures", *flags)
        assert code == 1 and error.startswith(message) and error.count("\n") == 1
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("missing, interval", [(False, 0.0), (True, 0.0), (False, 0.5), (True, 0.5)])
def test_features_in_the_file_are_those_of_training(missing, interval):
    from rnnkit.lite.micro import raw_rows
    from rnnkit.tasks.sequence_classifier.micro import _ScaledStep, raw_of

    channels = Channels(("a", "b", "c"), (1.0, -200.0, 0.5), (2.0, 30.0, 1.0), missing, interval)
    values = CHANCE.normal(size=(30, 3)).astype("f4") * np.float32([2, 30, 1]) + np.float32([1, -200, 0.5])
    values[CHANCE.random(values.shape) < (0.4 if missing else 0)] = np.nan
    elapsed = CHANCE.random(30) if interval else None
    features = channels.encode(values, elapsed)
    scaled = _ScaledStep(channels)
    states = [np.zeros((1, size), "f4") for size in scaled.sizes]
    found = []
    for row in raw_rows(*raw_of(channels, features)):
        made, states = scaled(row[None], states)
        found.append(np.asarray(made)[0])
    np.testing.assert_allclose(found, features, atol=2e-5)


MAIN = r"""
#include <cmath>
#include <cstdio>
#include "a_model.h"
#include "rnnkit_micro.h"

struct Data { float* f; };
struct Tensor { Data data; std::size_t bytes; };

// What tflite::MicroInterpreter has: two inputs and outputs, whose memory is the same, as its planner may make it.
struct Interpreter {
  float values[16], state[32], answer[32];
  Tensor in[2] = {{{values}, sizeof(values)}, {{state}, sizeof(state)}};
  Tensor out[2] = {{{answer}, sizeof(answer)}, {{answer}, sizeof(answer)}};
  std::size_t inputs_size() { return 2; }
  Tensor* input(std::size_t i) { return &in[i]; }
  Tensor* output(std::size_t i) { return &out[i]; }
  int Invoke() {
    for (int i = 0; i < 32; ++i) answer[i] = (i < 2) ? 0.5f * state[i] + 0.5f * values[i] : 0.0f;
    for (int i = 0; i < 32; ++i) state[i] = -1.0f;
    return 0;
  }
};

struct Resolver { int count = 0; int AddAdd() { ++count; return 0; } int AddFullyConnected() { ++count; return 0; } };

int main() {
  static_assert(alignof(decltype(a_model::kModel)) >= 1, "");
  Resolver resolver;
  if (!a_model::AddOperators(resolver) || resolver.count != a_model::kOperatorCount) return 1;
  if (reinterpret_cast<std::size_t>(a_model::kModel) % 16 != 0) return 2;
  std::printf("%u %02x %s\n", a_model::kModelSize, a_model::kModel[4], a_model::kLabels[1]);
  Interpreter interpreter;
  rnnkit::Stream<Interpreter, a_model::kStateCount> stream(interpreter);
  rnnkit::Window<Interpreter, a_model::kStateCount> window(interpreter, 6);
  rnnkit::Decider decider(0.55f, 2), telling(0.55f, 2);
  for (int step = 0; step < STEPS; ++step) {
    float x[16] = {};
    x[0] = VALUES[step];
    x[1] = 1.0f - VALUES[step];
    const float* whole = stream.Step(x);
    const int label = decider.Decide(whole, 2);
    const int told = telling.Decide(whole, 2, a_model::kIsSilent);
    std::printf("%d %d %.6f ", label, told, static_cast<double>(whole[0]));
    std::printf("%.6f\n", static_cast<double>(window.Step(x)[0]));
  }
}
"""


@pytest.mark.skipif(shutil.which("g++") is None, reason="there is no g++ to compile the header with")
def test_the_source_compiles_and_streams_and_decides_as_in_python(tmp_path):
    model = a_step()
    tree = flatbuffer.read_tree(model)
    put_in_order(tree)
    labels = ["up", 'down "é" \\ ??/']
    made = sources(
        model, "a", interface_of(tree), 4096, about=["a: \\"], lists=[("kLabels", labels), ("kIsSilent", [True, False])]
    )
    values = np.repeat(np.random.default_rng(1).random(20) > 0.5, 3).astype("f4")
    numbers = ", ".join(f"{value:.1f}f" for value in values)
    constants = f"constexpr int STEPS = {len(values)};\nconstexpr float VALUES[] = {{{numbers}}};\n"
    for name, text in {**made, "main.cpp": constants + MAIN}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert set(made) == {"a_model.h", "a_model.cpp", "rnnkit_micro.h"}
    compile_it = ["g++", "-std=c++11", "-Wall", "-Wextra", "-Werror", "-o", "main", "main.cpp", "a_model.cpp"]
    for standard in ("-std=c++11", "-std=c++17"):
        done = subprocess.run([*compile_it, standard], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    first, *lines = subprocess.run([tmp_path / "main"], capture_output=True, check=True).stdout.decode().splitlines()
    assert first == f"{len(model)} {model[4]:02x} {labels[1]}"

    def after(start, end):
        state = 0.0
        for value in values[start : end + 1]:
            state = 0.5 * state + 0.5 * value
        return state

    rows = [np.array([after(0, step), 0.0]) for step in range(len(values))]
    state = 0.0
    for row, value in zip(rows, values, strict=True):
        state = 0.5 * state + 0.5 * (1 - value)
        row[1] = state
    decided = {one.step: one.label for one in decisions(rows, labels, 0.55, 2)}
    told = {one.step: one.label for one in decisions(rows, labels, 0.55, 2, silent=labels[:1])}
    for step, line in enumerate(lines):  # the windowed stream rests on the last 3 to 6 steps
        label, audible, whole, windowed = line.split()
        assert (labels[int(label)] if label != "-1" else None) == decided.get(step)
        assert (labels[int(audible)] if audible != "-1" else None) == told.get(step)
        assert float(whole) == pytest.approx(rows[step][0], abs=2e-6)
        assert float(windowed) == pytest.approx(
            after(max(step // 3 - 1, 0) * 3, step), abs=2e-6
        )  # of half and all of 6
    assert len(decided) > 2 and set(told.values()) == {labels[1]}


def test_the_header_says_what_a_sketch_needs():
    model = a_step()
    tree = flatbuffer.read_tree(model)
    put_in_order(tree)
    made = sources(model, "My gestures", interface_of(tree), 4096, lists=[("kLabels", ["a", "b"])])
    header = made["my_gestures_model.h"]
    for line in (
        "namespace my_gestures_model {",
        "constexpr unsigned kArenaSize = 4096;",
        'constexpr const char* kInputNames[] = {"x", "h"};',
        "constexpr int kInputSizes[] = {16, 32};",
        'constexpr const char* kOutputNames[] = {"y", "h"};',
        "constexpr unsigned kStateCount = 32;",
        "constexpr int kLabelCount = 2;",
        "constexpr int kOperatorCount = 2;",
        "  return resolver.AddAdd() == 0 &&\n         resolver.AddFullyConnected() == 0;",
    ):
        assert line in header
    numbers = re.findall(r"0x([0-9a-f]{2})", made["my_gestures_model.cpp"])
    assert bytes.fromhex("".join(numbers)) == model


@pytest.mark.parametrize("name", ["format", "strategy"])
def test_who_asks_for_micro_elsewhere_is_told_where_it_is(name):
    with pytest.raises(RnnkitError, match="expected one of a, b. Microcontrollers .* --target micro"):
        check(name, "micro", ("a", "b"))
