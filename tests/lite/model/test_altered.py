"""Model files altered on purpose, their checksum made to fit: one line, never a crash, a traceback or a hang."""

import copy
import hashlib
import json
import os
import random
import shutil
import struct
import time
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from lite.small_models import UNITS, module

import rnnkit.lite
from rnnkit.errors import RnnkitError
from rnnkit.export.flatbuffer import read_tree, write_tree
from rnnkit.lite.interpreter import open_model
from rnnkit.lite.model.checks import check_model
from rnnkit.lite.streaming import Streaming
from rnnkit.run.folder import find_run

TEXT = "A warm, funny film."
pytestmark = pytest.mark.filterwarnings("error::ResourceWarning", "error::pytest.PytestUnraisableExceptionWarning")


def shipped() -> bytes:
    return (find_run("imdb_sentiment") / "lite" / "model.tflite").read_bytes()


def rewritten(model: bytes, to: Path, run: str = "imdb_sentiment") -> Path:
    """The shipped bundle with another model, whose checksum fits."""
    shutil.copytree(find_run(run) / "lite", to)
    (to / "model.tflite").write_bytes(model)
    said = json.loads((to / "bundle.json").read_text(encoding="utf-8"))
    said["sha256"]["model.tflite"] = hashlib.sha256(model).hexdigest()
    (to / "bundle.json").write_text(json.dumps(said), encoding="utf-8")
    return to


def gone(pid: int, seconds: float = 20) -> bool:
    """Whether a process ends within some seconds."""
    for _ in range(int(seconds * 20)):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if (
            Path(f"/proc/{pid}/stat").exists()
            and Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        ):
            return True  # nobody's child any more
        time.sleep(0.05)
    return False


@pytest.fixture(scope="session")
def endless() -> bytes:
    """A text classifier whose loop never ends."""
    tf = pytest.importorskip("tensorflow", reason="the model is made with TensorFlow")
    made = module(tf)

    def forever(ids):
        last = tf.while_loop(lambda i: i >= 0, lambda i: (tf.minimum(i + 1, 9),), (tf.shape(ids)[1],))[0]
        mean = tf.reduce_mean(tf.gather(made.embedding, ids), 1) * tf.cast(last, tf.float32)
        return {"probability": tf.nn.softmax(tf.matmul(mean, made.head))}

    concrete = tf.function(forever).get_concrete_function(tf.TensorSpec([1, None], tf.int32, "ids"))
    return tf.lite.TFLiteConverter.from_concrete_functions([concrete], made).convert()


@pytest.fixture
def hanging(bundle, endless):
    """A bundle with that model."""
    folder = bundle(sha256={"model.tflite": hashlib.sha256(endless).hexdigest()})
    (folder / "model.tflite").write_bytes(endless)
    return folder


# ---------------------------------------------------------------------- what is looked at before LiteRT looks


def test_the_bit_that_crashed_litert_is_refused_in_one_line(tmp_path):
    model = bytearray(shipped())
    model[place_of_pack_count(model) + 3] ^= 1 << 7  # PACK said how many inputs it has; now a number below zero
    folder = rewritten(bytes(model), tmp_path / "bundle")
    for isolated in (True, False):
        with pytest.raises(RnnkitError, match="another number of inputs or outputs") as error:
            rnnkit.lite.load(folder, isolated=isolated)
        assert "\n" not in str(error.value)


def place_of_pack_count(model):
    """Where the first PACK of a file says how many inputs it has."""
    tree = schema.Model.GetRootAs(model, 0)
    kinds = [tree.OperatorCodes(index).BuiltinCode() for index in range(tree.OperatorCodesLength())]
    for graph in map(tree.Subgraphs, range(tree.SubgraphsLength())):
        for each in map(graph.Operators, range(graph.OperatorsLength())):
            if kinds[each.OpcodeIndex()] == schema.BuiltinOperator.PACK:
                options = each.BuiltinOptions()
                return options.Pos + options.Offset(4)
    raise AssertionError("The shipped file has no PACK.")


def operator(tree, name, graph=None):
    """The first operator of a kind."""
    number = {"WHILE": 119, "PACK": 83, "SPLIT": 49, "ADD": 0, "CONCATENATION": 2, "GATHER": 36}[name]
    kinds = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in tree.operatorCodes]
    graphs = tree.subgraphs if graph is None else [tree.subgraphs[graph]]
    return next(each for found in graphs for each in found.operators if kinds[each.opcodeIndex] == number)


def constant(tree):
    """The first tensor with numbers of its own and two sides."""
    return next(
        each for graph in tree.subgraphs for each in graph.tensors
        if tree.buffers[each.buffer].data is not None and each.shape is not None and len(each.shape) == 2
    )  # fmt: skip


def swapped(tree):
    body = tree.subgraphs[operator(tree, "WHILE").builtinOptions.bodySubgraphIndex]
    body.operators = body.operators[::-1]


say, op = setattr, operator


def put(owner, field, place, value):
    changed = np.array(getattr(owner, field))
    changed[place] = value
    setattr(owner, field, changed)


ALTERATIONS = {
    "no such operator": (lambda t: say(t.subgraphs[0].operators[0], "opcodeIndex", 999), "an operator is number 999"),
    "a foreign operator": (lambda t: say(t.operatorCodes[0], "builtinCode", 136), "that no exported model has"),
    "no such input": (lambda t: put(t.subgraphs[0].operators[0], "inputs", 0, 9999), "it uses tensor 9999"),
    "no input": (lambda t: put(op(t, "ADD"), "inputs", 0, -1), "ADD lacks an input"),
    "no such output": (lambda t: put(t.subgraphs[0].operators[0], "outputs", 0, -7), "it uses tensor -7"),
    "no such input of the graph": (lambda t: put(t.subgraphs[0], "inputs", 0, 4000), "it uses tensor 4000"),
    "no such buffer": (lambda t: say(constant(t), "buffer", 10**6), "has buffer 1000000 of"),
    "a shape below zero": (lambda t: put(constant(t), "shape", 0, -5), "a shape that there is not"),
    "a larger shape": (lambda t: put(constant(t), "shape", 0, 2**20), "has .* bytes|another size|do not fit"),
    "a wider type": (lambda t: say(constant(t), "type", 4), "another size than its numbers|type"),
    "strings": (lambda t: say(constant(t), "type", 5), "of a type that no exported model has"),
    "a variable constant": (lambda t: say(constant(t), "isVariable", True), "a variable is a constant"),
    "writing over a constant": (lambda t: put(t.subgraphs[0].operators[-1], "outputs", 0, _place(t)), "a constant"),
    "made twice": (lambda t: put(op(t, "ADD", 2), "outputs", 0, op(t, "SPLIT", 2).outputs[0]), "made twice"),
    "used before it is made": (swapped, "takes what has not been made"),
    "a loop that is not there": (lambda t: say(_loop(t), "bodySubgraphIndex", 77), "a graph that there is not"),
    "another condition": (lambda t: say(_loop(t), "condSubgraphIndex", _loop(t).bodySubgraphIndex), "thing else"),
    "a function that is not there": (lambda t: say(t.signatureDefs[0], "subgraphIndex", 9), "a function is graph 9"),
    "a function's own inputs": (lambda t: say(t.signatureDefs[0].inputs[0], "tensorIndex", 30), "are not those of its"),
    "a split in more": (lambda t: say(op(t, "SPLIT").builtinOptions, "numSplits", 2**30), "another number of"),
    "an axis far away": (lambda t: say(op(t, "GATHER").builtinOptions, "axis", 2**31 - 1), "a side that there is not"),
    "an unknown activation": (lambda t: say(op(t, "ADD").builtinOptions, "fusedActivationFunction", 77), "of range"),
    "no options": (lambda t: say(op(t, "SPLIT"), "builtinOptions", None), "other options than its own"),
}  # fmt: skip


def _loop(tree):
    return operator(tree, "WHILE").builtinOptions


def _place(tree):
    return next(
        place for place, each in enumerate(tree.subgraphs[0].tensors) if tree.buffers[each.buffer].data is not None
    )


@pytest.mark.parametrize("case", ALTERATIONS)
def test_what_no_exporter_writes_is_refused(case):
    change, message = ALTERATIONS[case]
    tree = read_tree(shipped())
    change(tree)
    model = write_tree(tree)
    with pytest.raises(RnnkitError, match=message) as error:
        check_model(model)
    assert "\n" not in str(error.value) and str(error.value).startswith("LiteRT cannot run this model: ")


def test_a_graph_that_runs_itself_is_refused():
    tree = read_tree(shipped())
    loop = operator(tree, "WHILE")
    body = tree.subgraphs[loop.builtinOptions.bodySubgraphIndex]
    again, count = copy.deepcopy(loop), len(body.tensors)
    again.inputs, again.outputs = np.array(body.inputs), np.arange(count, count + len(body.inputs), dtype=np.int32)
    body.tensors += [copy.deepcopy(body.tensors[place]) for place in body.inputs]
    body.operators.insert(0, again)
    with pytest.raises(RnnkitError, match="its graphs run each other in a circle"):
        check_model(write_tree(tree))


@pytest.mark.slow
def test_offsets_out_of_the_file_and_halves_of_files_are_refused(models):
    model, chance = models["any_length"], random.Random(1)
    for end in [*range(0, 60, 7), *chance.sample(range(len(model)), 20)]:
        with pytest.raises(RnnkitError):
            check_model(model[:end])
    for place in [*range(0, 80, 4), *chance.sample(range(80, len(model) - 3, 4), 60)]:  # far out, and negative
        for number in (0x7FFFFFF0, 0xFFFFFFFC):
            changed = model[:place] + struct.pack("<I", number) + model[place + 4 :]
            try:
                check_model(changed)
            except RnnkitError as error:
                assert "\n" not in str(error)


@pytest.mark.slow
def test_honest_models_pass_and_quickly(models):
    runs = ("imdb_sentiment", "conll_ner", "translation_en_de", "char_text", "char_music", "image_captioning")
    for run in (*runs, "gestures", "sales_forecast"):
        for path in sorted((find_run(run) / "lite").glob("*.tflite")):
            check_model(path.read_bytes())
    for model in models.values():
        check_model(model)
    began = time.process_time()
    for _ in range(10):
        check_model(shipped())
    assert time.process_time() - began < 2  # some 5 ms each on a machine of its own


# ---------------------------------------------------------------------- numbers that a model must not give


def test_weights_that_are_not_finite_are_named_in_place_of_a_probability(bundle, models, weights):
    head = (
        weights["head"].tobytes() if weights["head"].tobytes() in models["any_length"] else weights["head"].T.tobytes()
    )
    for bad in (np.nan, np.inf):
        model = models["any_length"].replace(head, np.full(weights["head"].shape, bad, np.float32).tobytes())
        assert model != models["any_length"]
        folder = bundle(name=f"bundle_{bad}", sha256={"model.tflite": hashlib.sha256(model).hexdigest()})
        (folder / "model.tflite").write_bytes(model)
        with pytest.raises(RnnkitError, match="gives numbers for .* that are not finite") as error:
            rnnkit.lite.load(folder).predict("good film")
        assert "\n" not in str(error.value)


def test_a_stream_refuses_what_is_not_finite_and_goes_on_after(models):
    stream = Streaming(models["step"])
    before = stream.step(np.ones(UNITS))
    with pytest.raises(RnnkitError, match="not finite"):
        stream.step(np.full(UNITS, np.nan))
    assert np.isfinite(before).all() and np.isfinite(stream.step(np.ones(UNITS))).all()


def test_what_litert_raises_is_an_error_in_one_line(models):
    model = open_model(models["any_length"])
    for wrong in (
        lambda: model.set_tensor(99, np.zeros(1, np.float32)),
        lambda: model.get_signature_runner("nothing"),
        lambda: model.get_signature_runner()(ids=np.zeros((1, 2), np.float64)),
        lambda: model.get_signature_runner()(other=np.zeros((1, 2), np.int32)),
        lambda: model.resize_tensor_input(0, "wide"),
    ):
        with pytest.raises(RnnkitError, match="LiteRT cannot run this model: ") as error:
            wrong()
        assert "\n" not in str(error.value)
