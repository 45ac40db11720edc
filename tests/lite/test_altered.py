"""Model files altered on purpose, their checksum made to fit: one line, never a crash, a traceback or a hang."""

import copy
import gc
import hashlib
import io
import json
import math
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from lite.small_models import UNITS, module

import rnnkit.lite
from benchmarks.altered_models import altered
from rnnkit.errors import RnnkitError
from rnnkit.export.flatbuffer import read_tree, write_tree
from rnnkit.lite import __main__ as program
from rnnkit.lite.interpreter import open_model
from rnnkit.lite.model_checks import check_model
from rnnkit.lite.remote import Session
from rnnkit.lite.streaming import Streaming
from rnnkit.lite.wire import WireError, receive, send
from rnnkit.tasks.run import find_run

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
    model[726907] ^= 1 << 7  # PACK said that it has 3 inputs; now it says -2147483645
    folder = rewritten(bytes(model), tmp_path / "bundle")
    for isolated in (True, False):
        with pytest.raises(RnnkitError, match="another number of inputs or outputs") as error:
            rnnkit.lite.load(folder, isolated=isolated)
        assert "\n" not in str(error.value)


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


def put(owner, field, place, value):
    changed = np.array(getattr(owner, field))
    changed[place] = value
    setattr(owner, field, changed)


ALTERATIONS = {
    "no such operator": (lambda t: setattr(t.subgraphs[0].operators[0], "opcodeIndex", 999), "an operator is number 999"),
    "a foreign operator": (lambda t: setattr(t.operatorCodes[0], "builtinCode", 136), "that no exported model has"),
    "no such input": (lambda t: put(t.subgraphs[0].operators[0], "inputs", 0, 9999), "it uses tensor 9999"),
    "no input": (lambda t: put(operator(t, "ADD"), "inputs", 0, -1), "ADD lacks an input"),
    "no such output": (lambda t: put(t.subgraphs[0].operators[0], "outputs", 0, -7), "it uses tensor -7"),
    "no such input of the graph": (lambda t: put(t.subgraphs[0], "inputs", 0, 4000), "it uses tensor 4000"),
    "no such buffer": (lambda t: setattr(constant(t), "buffer", 10**6), "has buffer 1000000 of"),
    "a shape below zero": (lambda t: put(constant(t), "shape", 0, -5), "a shape that there is not"),
    "a larger shape": (lambda t: put(constant(t), "shape", 0, 2**20), "has .* bytes|another size|do not fit"),
    "a wider type": (lambda t: setattr(constant(t), "type", 4), "another size than its numbers|type"),
    "strings": (lambda t: setattr(constant(t), "type", 5), "of a type that no exported model has"),
    "a variable constant": (lambda t: setattr(constant(t), "isVariable", True), "a variable is a constant"),
    "writing over a constant": (lambda t: put(t.subgraphs[0].operators[-1], "outputs", 0, _place(t)), "over a constant"),
    "made twice": (lambda t: put(operator(t, "ADD", 2), "outputs", 0, operator(t, "SPLIT", 2).outputs[0]), "made twice"),
    "used before it is made": (swapped, "takes what has not been made"),
    "a loop that is not there": (lambda t: setattr(_loop(t), "bodySubgraphIndex", 77), "a graph that there is not"),
    "a condition that is none": (lambda t: setattr(_loop(t), "condSubgraphIndex", _loop(t).bodySubgraphIndex), "something else"),
    "a function that is not there": (lambda t: setattr(t.signatureDefs[0], "subgraphIndex", 9), "a function is graph 9"),
    "a function's own inputs": (lambda t: setattr(t.signatureDefs[0].inputs[0], "tensorIndex", 30), "are not those of its"),
    "a split in more": (lambda t: setattr(operator(t, "SPLIT").builtinOptions, "numSplits", 2**30), "another number of"),
    "an axis far away": (lambda t: setattr(operator(t, "GATHER").builtinOptions, "axis", 2**31 - 1), "a side that there is not"),
    "an unknown activation": (lambda t: setattr(operator(t, "ADD").builtinOptions, "fusedActivationFunction", 77), "out of range"),
    "no options": (lambda t: setattr(operator(t, "SPLIT"), "builtinOptions", None), "other options than its own"),
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


def test_honest_models_pass_and_quickly(models):
    for run in ("imdb_sentiment", "conll_ner", "translation_en_de", "char_text", "char_music", "image_captioning"):
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


# ---------------------------------------------------------------------- in a child process


def test_a_child_answers_as_this_process_does(bundle):
    plain = rnnkit.lite.load(bundle())
    with rnnkit.lite.load(plain.bundle.folder, isolated=True) as child:
        given = ["good film", "bad bad film", "très good"]
        assert child.predict(given) == plain.predict(given) and child.predict(iter(given)) == plain.predict(given)
        assert child.labels == plain.labels and child.bundle == plain.bundle and "predict" in dir(child)
        ids = [plain.encode(text) for text in given]
        assert (child.outputs_of_ids(ids) == plain.outputs_of_ids(ids)).all()
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(child.predict, given * 8)) == [plain.predict(text) for text in given * 8]
        with pytest.raises(RnnkitError, match="Text 0 is 7"):
            child.predict([7])
        pid = child.pid
        assert pid not in (None, os.getpid())
    assert gone(pid) and child.pid is None
    with pytest.raises(RnnkitError, match="is closed. Load it again"):
        child.predict("good film")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_child_that_is_killed_or_never_answers_is_replaced(hanging, bundle):
    runner = rnnkit.lite.load(hanging, isolated=True, timeout_s=60)
    first = runner.pid
    killer = threading.Timer(1, os.kill, (first, signal.SIGKILL))
    killer.start()
    with pytest.raises(RnnkitError, match=r"the process that ran the model crashed \(SIGKILL\)") as error:
        runner.predict("good film")
    assert str(hanging) in str(error.value) and "\n" not in str(error.value)
    runner._session.timeout_s = 1.0
    began = time.monotonic()
    with pytest.raises(RnnkitError, match="no answer in time.* Give timeout_s more than 1 seconds"):
        runner.predict("good film")
    assert time.monotonic() - began < 30 and gone(first)
    runner.close()
    with rnnkit.lite.load(bundle(name="whole"), isolated=True) as whole:  # the next call has a child of its own
        expected, before = whole.predict("good film"), whole.pid
        os.kill(before, signal.SIGKILL)
        assert gone(before)
        with pytest.raises(RnnkitError, match="SIGKILL"):
            whole.predict("good film")
        assert whole.predict("good film") == expected and whole.pid != before


def test_a_child_ends_with_its_runner(bundle):
    runner = rnnkit.lite.load(bundle(), isolated=True)
    pid = runner.pid
    del runner
    gc.collect()
    assert gone(pid)
    for wrong in (0, -1, math.nan, "soon", True):
        with pytest.raises(RnnkitError, match="timeout_s is .* expected a number above 0"):
            rnnkit.lite.load(bundle(name=f"bundle{wrong}"), isolated=True, timeout_s=wrong)


@pytest.mark.parametrize("end", ["", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_script_leaves_no_child_and_runs_nothing_of_the_folder_it_is_called_in(bundle, tmp_path, end):
    here = tmp_path / "here"
    here.mkdir()
    for name in ("numpy", "queue", "struct", "ai_edge_litert", "rnnkit"):
        (here / f"{name}.py").write_text(f"open({str(here / 'ran')!r}, 'w')\n")
    script = tmp_path / "script.py"  # no `if __name__ == "__main__"`
    script.write_text(
        "import sys, rnnkit.lite\nrunner = rnnkit.lite.load(sys.argv[1], isolated=True)\n"
        f"print(runner.pid, runner.predict('good film')[0].label, flush=True)\n{end}\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error", script, bundle()], cwd=here, env=environment, capture_output=True, text=True
    )
    assert done.stderr == "" and done.returncode == (-9 if end else 0)
    assert gone(int(done.stdout.split()[0])) and not (here / "ran").exists()


def test_the_program_asks_a_child(bundle, capsys):
    assert program.main([str(bundle()), "--isolated", "good film"]) == 0
    assert capsys.readouterr().out.endswith("\tgood film\n")


def test_flipped_bits_reach_the_caller_as_answers_or_as_lines(models):
    chance, said = random.Random(3), []
    session = Session("bundle", 20, 4 * 2**30)
    for number in range(160):
        _, changed = altered(models[sorted(models)[number % len(models)]], chance)
        try:
            model = session.open(changed, 1, True)
            run = model.get_signature_runner()
            given = {
                name: np.zeros([2 if side < 0 else side for side in details["shape_signature"]], details["dtype"])
                for name, details in run.get_input_details().items()
            }
            assert all(isinstance(made, np.ndarray) for made in run(**given).values())
            said.append("answer")
        except (RnnkitError, RuntimeError, ValueError) as error:
            assert "\n" not in str(error)
            said.append("refused")
    session.close()
    assert min(said.count("answer"), said.count("refused")) > 20


@pytest.mark.slow
def test_two_hundred_altered_bundles_lose_no_caller(tmp_path):
    chance = random.Random(7)
    runs = ["imdb_sentiment", "conll_ner", "char_text"]
    for number in range(200):
        run = runs[number % len(runs)]
        model = (find_run(run) / "lite" / "model.tflite").read_bytes()
        folder = rewritten(altered(model, chance)[1], tmp_path / f"bundle{number}", run)
        try:
            with rnnkit.lite.load(folder, isolated=True, timeout_s=20) as runner:
                answer = runner.generate(length=4) if run == "char_text" else runner.predict(TEXT)
            assert len(answer) == 1
        except RnnkitError as error:
            assert "\n" not in str(error)
        shutil.rmtree(folder)


# ---------------------------------------------------------------------- what goes between the two


def test_messages_come_as_they_were_sent():
    pipe = io.BytesIO()
    arrays = {"a": np.arange(6, dtype=np.int32).reshape(2, 3), "b": np.float32(0.5), "c": np.zeros((0, 4), np.uint8)}
    send(pipe, {"do": "run", "text": "\ud800 😐\n"}, arrays)
    pipe.seek(0)
    head, found = receive(pipe)
    assert head == {"do": "run", "text": "\ud800 😐\n"} and list(found) == list(arrays)
    for name, array in arrays.items():
        assert (
            found[name].dtype == array.dtype and found[name].shape == np.shape(array) and (found[name] == array).all()
        )


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"[" * 10**5, b'{"head": [], "arrays": []}', b'{"head": {}, "arrays": [["a", "object", [1]]]}',
     b'{"head": {}, "arrays": [["a", "float32", [-1]]]}', b'{"head": {}, "arrays": [["a", "float32", [1, 1e3]]]}',
     b'{"head": {}, "arrays": [["a", "float32", [9999999, 9999999]]]}', b'{"head": {}, "arrays": [["a", "V8", [1]]]}',
     b'{"head": {}, "arrays": [["a", ["float32"], [1]]]}', b"\xff\xfe"],
)  # fmt: skip
def test_what_a_child_must_not_send_is_refused(text):
    with pytest.raises(WireError):
        receive(io.BytesIO(struct.pack(">QQ", len(text), 8) + text + bytes(8)))
    for size in ((2**40, 0), (2, 2**40)):
        with pytest.raises(WireError, match="a message of"):
            receive(io.BytesIO(struct.pack(">QQ", *size) + b"{}"))
    with pytest.raises(WireError, match="has gone"):
        receive(io.BytesIO(b"short"))
