"""An older Keras, TensorFlow or Python is refused in a line; the floors and ranges written down anywhere agree."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnnkit import RnnkitError, versions
from rnnkit.installed import install_command
from rnnkit.quiet import load_keras

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OLD_KERAS = (
    "rnnkit needs Keras 3.15 or newer; this is Keras 3.14.1, with which beam search crashes and weights can be read "
    "from local files. Try: pip install --upgrade 'keras>=3.15'"
)


def test_floors_are_those_of_pyproject():
    declared = dict(line.split(">=") for line in PROJECT["optional-dependencies"]["train"])
    assert {package: declared[package] for package in versions.FLOORS} == {
        package: floor.version for package, floor in versions.FLOORS.items()
    }
    assert PROJECT["requires-python"].startswith(f">={versions.PYTHON},")


def test_the_range_of_pythons_is_the_same_everywhere():
    oldest, newest = (
        int(minor) for minor in re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["requires-python"]).groups()
    )
    newest -= 1
    classified = [line.rsplit(".", 1)[1] for line in PROJECT["classifiers"] if "Python :: 3." in line]
    assert classified == [str(minor) for minor in range(oldest, newest + 1)]
    for file in ("README.md", "CONTRIBUTING.md", "Makefile"):
        assert f"Python 3.{oldest}-3.{newest}" in (ROOT / file).read_text(encoding="utf-8"), file
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"(3, {oldest}) <= sys.version_info[:2] <= (3, {newest})" in makefile


@pytest.mark.parametrize("version", ["2.15.0", "3.9.2", "3.12.0", "3.14.1", "3.14", "3", "3.14.99rc1"])
def test_an_older_keras_is_refused_in_a_line(monkeypatch, version):
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(__version__=version))
    with pytest.raises(RnnkitError) as refused:
        load_keras()
    assert str(refused.value) == OLD_KERAS.replace("3.14.1", version)


@pytest.mark.parametrize("version", ["3.15.0", "3.15", "3.15.0rc1", "3.16.0.dev202601", "3.100", "4.0", "nightly", ""])
def test_a_newer_keras_is_taken_and_one_that_does_not_tell(monkeypatch, version):
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(__version__=version))
    versions.require("keras")


def test_an_older_tensorflow_and_an_older_python_are_refused_in_a_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(__version__="3.15.0"))
    monkeypatch.setitem(sys.modules, "tensorflow", SimpleNamespace(__version__="2.20.1-dev"))
    with pytest.raises(
        RnnkitError, match=r"needs TensorFlow 2.21 or newer; this is TensorFlow 2.20.1-dev, .* Try: pip"
    ):
        load_keras()
    monkeypatch.setattr(sys, "version", "3.10.13 (main, ...) [GCC 12]")
    with pytest.raises(RnnkitError, match=r"needs Python 3.11 or newer; this is Python 3.10.13. .* python3.11 -m venv"):
        load_keras()


def with_packages(folder, *arguments, keras, metadata=None):
    """Runs Python where another Keras is found first; it has no say in `rnnkit.lite`."""
    (folder / "keras").mkdir()
    (folder / "keras" / "__init__.py").write_text(keras, encoding="utf-8")
    if metadata:
        (folder / f"keras-{metadata}.dist-info").mkdir()
        (folder / f"keras-{metadata}.dist-info" / "METADATA").write_text(f"Name: keras\nVersion: {metadata}\n")
    path = os.pathsep.join([str(folder), str(ROOT)])
    return subprocess.run(
        [sys.executable, *arguments], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )


def test_an_installed_older_keras_is_not_even_imported(tmp_path):
    done = with_packages(tmp_path, "-m", "rnnkit", "cells", keras="raise SystemExit(9)", metadata="3.14.1")
    assert done.returncode == 1
    assert " ".join(done.stderr.split()) == f"error: {OLD_KERAS}"


def test_an_older_keras_without_metadata_is_seen_by_what_it_says_of_itself(tmp_path):
    done = with_packages(tmp_path, "-c", "import rnnkit.layers.recurrent", keras="__version__ = '3.14.1'")
    assert done.stderr.splitlines()[-1].endswith(OLD_KERAS)


def test_a_missing_backend_is_a_line(tmp_path):
    done = with_packages(tmp_path, "-m", "rnnkit", "cells", keras="raise ModuleNotFoundError(name='tensorflow')")
    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    assert said.startswith("error: Training and everything else in Keras needs the package tensorflow, which is not in")
    assert said.endswith(f"Exported models run without it, by `python -m rnnkit.lite`. Try: {install_command()}")


def test_answering_with_a_bundle_asks_for_no_keras(tmp_path):
    bundle = ROOT / "saved_models" / "imdb_sentiment" / "lite"
    arguments = ("-m", "rnnkit.lite", str(bundle), "A wonderful film.")
    done = with_packages(tmp_path, *arguments, keras="raise SystemExit(9)", metadata="3.14.1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("pos")
