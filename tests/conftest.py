"""Settings every test shares: quiet TensorFlow, no GPU, no windows, fixed seeds."""

import io
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

SETTINGS = {
    "COLUMNS": "120",  # messages are not wrapped, whatever the terminal's width
    "CUDA_VISIBLE_DEVICES": "-1",  # CUDA_VISIBLE_DEVICES=0 make test: on a GPU
    "KERAS_BACKEND": "tensorflow",
    "MPLBACKEND": "Agg",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}
for _name, _value in SETTINGS.items():
    os.environ.setdefault(_name, _value)  # before anything imports TensorFlow

import numpy as np  # noqa: E402
import pytest  # noqa: E402

pytest_plugins = ["budget"]


@pytest.fixture(autouse=True)
def fixed_seeds() -> Iterator[None]:
    """Every test starts from the same random numbers; Keras is seeded only where it is loaded already."""
    random.seed(7)
    np.random.seed(7)
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(7)
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture
def command_line(monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    """Runs the command line in this process: command_line("predict", run, "text") gives code, stdout and stderr."""

    def run(*words: object, stdin: bytes | None = None) -> tuple[int, str, str]:
        from rnnkit import cli

        monkeypatch.setattr(sys, "argv", ["rnnkit", *map(str, words)])
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return run


@pytest.fixture
def no_cell_stays() -> Iterator[None]:
    """The registered cells are as before once a test is over."""
    from rnnkit.cells._own import OWN

    before = dict(OWN.classes), dict(OWN.sources)
    yield
    for holder, kept in zip((OWN.classes, OWN.sources), before, strict=True):
        holder.clear()
        holder.update(kept)


@pytest.fixture(scope="session", autouse=True)
def known_errors_alone() -> Iterator[dict[str, bool]]:
    """Commands that a test runs, here or in a process, fail it when they meet an error that nobody thought of."""
    from rnnkit import ending

    allowed, say, communicate = {"unknown": False}, ending.unknown, subprocess.Popen.communicate

    def unknown(error: Exception, *rest: Any) -> None:
        if not allowed["unknown"]:
            pytest.fail(f"{ending.UNKNOWN} {error!r}")
        say(error, *rest)

    def watched(process: Any, *given: Any, **more: Any) -> Any:
        said = communicate(process, *given, **more)
        for text in said:
            text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
            if text and ending.UNKNOWN in text and not allowed["unknown"]:
                pytest.fail(f"{process.args} said: {text[-2000:]}")
        return said

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ending, "unknown", unknown)
        patched.setattr(subprocess.Popen, "communicate", watched)
        yield allowed


@pytest.fixture
def unknown_errors(known_errors_alone: dict[str, bool]) -> Iterator[None]:
    """For tests of how such errors are said."""
    known_errors_alone["unknown"] = True
    yield
    known_errors_alone["unknown"] = False


@pytest.fixture(scope="session", autouse=True)
def one_converter() -> Iterator[None]:
    """All TFLite conversions run in one child, which imports TensorFlow once instead of for each of them."""
    from rnnkit.testing.shared import shared_subprocess

    with shared_subprocess():
        yield


@pytest.fixture
def inputs() -> np.ndarray:
    """Four sequences of seven steps of five features, `[batch, time, features]`."""
    return np.random.default_rng(1).normal(size=(4, 7, 5)).astype("float32")


@pytest.fixture
def mask() -> np.ndarray:
    """A mask for them, `[batch, time]`: one is whole."""
    mask = np.ones((4, 7), bool)
    mask[1, 4:] = False  # padded right
    mask[2, :3] = False  # padded left
    mask[3] = False  # nothing but padding
    return mask
