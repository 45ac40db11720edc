"""A bundle answered from a child process: as in this one, and whatever becomes of the child."""

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
from lite.small_models import module

import rnnkit.lite
from benchmarks.altered_models import altered
from rnnkit.errors import RnnkitError
from rnnkit.lite import __main__ as program
from rnnkit.lite.isolation.remote import RemoteInterpreter
from rnnkit.lite.isolation.session import Session
from rnnkit.lite.isolation.wire import WireError, receive, send
from rnnkit.run.folder import find_run

TEXT = "A warm, funny film."
pytestmark = pytest.mark.filterwarnings("error::ResourceWarning", "error::pytest.PytestUnraisableExceptionWarning")


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


# ---------------------------------------------------------------------- in a child process


@pytest.mark.slow
def test_a_child_answers_as_this_process_does(bundle):
    plain = rnnkit.lite.load(bundle())
    with rnnkit.lite.load(plain.bundle.folder, isolated=True) as child:
        given = ["good film", "bad bad film", "très good"]
        assert child.predict(given) == plain.predict(given) and child.predict(iter(given)) == plain.predict(given)
        assert child.labels == plain.labels and child.bundle == plain.bundle and "predict" in dir(child)
        ids = [plain.encode(text) for text in given]
        assert (child.run(ids) == plain.run(ids)).all()
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(child.predict, given * 8)) == [plain.predict(text) for text in given * 8]
        with pytest.raises(RnnkitError, match="Text 0 is 7"):
            child.predict([7])
        pid = child.pid
        assert pid not in (None, os.getpid())
    assert gone(pid) and child.pid is None
    with pytest.raises(RnnkitError, match="is closed. Load it again"):
        child.predict("good film")


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_child_ends_with_its_runner(bundle):
    runner = rnnkit.lite.load(bundle(), isolated=True)
    pid = runner.pid
    del runner
    gc.collect()
    assert gone(pid)
    for wrong in (0, -1, math.nan, "soon", True):
        with pytest.raises(RnnkitError, match="timeout_s is .* expected a number above 0"):
            rnnkit.lite.load(bundle(name=f"bundle{wrong}"), isolated=True, timeout_s=wrong)
    if sys.platform == "linux":
        with pytest.raises(RnnkitError, match="at its start. Give memory_gib more than 0.01") as error:
            rnnkit.lite.load(bundle(name="poor"), isolated=True, memory_gib=0.01)
        assert "\n" not in str(error.value)


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_program_asks_a_child(bundle, capsys):
    assert program.main([str(bundle()), "--isolated", "good film"]) == 0
    assert capsys.readouterr().out.endswith("\tgood film\n")


def test_flipped_bits_reach_the_caller_as_answers_or_as_lines(models):
    chance, said = random.Random(3), []
    session = Session("bundle", 20, 4 * 2**30)
    for number in range(160):
        _, changed = altered(models[sorted(models)[number % len(models)]], chance)
        try:
            model = RemoteInterpreter(session, changed, 1, True)
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
