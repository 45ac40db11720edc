"""TensorFlow's start-up notes are held back; what is worth reading is not."""

import logging
import os
import subprocess
import sys

import pytest

from rnnkit.errors import RnnkitError
from rnnkit.noise import without_noise
from rnnkit.quiet import load_keras


def test_noise_is_held_back_and_the_rest_let_through(capfd):
    with without_noise():
        os.write(2, b"I0000 00:00:1 port.cc] note\nWARNING: All log messages before absl::InitializeLog() ...\n\n")
        os.write(2, b"E0000 something is wrong\n")
    assert capfd.readouterr().err == "E0000 something is wrong\n"


def test_an_error_inside_still_shows_what_was_written(capfd):
    try:
        with without_noise():
            os.write(2, "accents: é\n".encode())
            raise ValueError
    except ValueError:
        pass
    assert "accents: é" in capfd.readouterr().err
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_bytes_that_are_no_text_do_no_harm(capfd):
    with without_noise():
        os.write(2, b"\xff broken\n")
    assert "broken" in capfd.readouterr().err


def test_without_a_standard_error_nothing_happens(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    with without_noise():
        pass


def test_importing_rnnkit_imports_nothing_heavy():
    code = (
        "import rnnkit, rnnkit.lite, sys; heavy = {'tensorflow', 'keras', 'pandas'} & set(sys.modules);"
        "sys.exit(', '.join(heavy) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_advice_on_retracing_is_held_back_and_other_warnings_are_not(caplog):
    load_keras()
    logger = logging.getLogger("tensorflow")
    with caplog.at_level("WARNING", logger="tensorflow"):
        logger.addHandler(caplog.handler)
        logger.warning("5 out of the last %d calls to x triggered tf.function retracing.", 5)
        logger.warning("something is wrong")
        logger.removeHandler(caplog.handler)
    assert {record.getMessage() for record in caplog.records} == {"something is wrong"}


@pytest.mark.parametrize("backend", ["torch", "openvino", "theano"])
def test_another_backend_is_refused_with_what_works(backend, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", backend)
    with pytest.raises(
        RnnkitError, match=rf"backend is '{backend}'; rnnkit runs on tensorflow \(everything\) and on jax"
    ):
        load_keras()


@pytest.mark.slow
@pytest.mark.parametrize(
    "program",
    [
        "import rnnkit, keras; keras.ops.zeros(3)",
        "import rnnkit; import tensorflow; tensorflow.zeros(3)",
        "import rnnkit, numpy; rnnkit.cells.get('gru')(2)(numpy.zeros((1, 2, 3), 'float32'))",
    ],
)
def test_programs_of_ones_own_say_nothing_that_they_did_not_print(program):
    done = run_program(program)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow
def test_who_asks_tensorflow_to_say_everything_hears_it():
    assert "oneDNN custom operations" in run_program("import rnnkit, keras", TF_CPP_MIN_LOG_LEVEL="0").stderr


def run_program(program, **more):
    kept = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=kept | more)
