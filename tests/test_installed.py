"""The runner alone: what needs more says in a line how to get it, from where rnnkit was installed."""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnnkit import installed

ROOT = Path(__file__).resolve().parent.parent
BUNDLE = ROOT / "saved_models" / "imdb_sentiment" / "lite"
#: Refuses to import whatever the runner does not need, as if it were not installed.
WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError("No module named " + repr(name), name=name)
sys.meta_path.insert(0, Absent())
{code}
"""
HEAVY = ["tensorflow", "keras", "typer", "rich", "pandas", "matplotlib", "h5py", "flatbuffers", "sacrebleu",
         "sentencepiece", "tensorflow_datasets"]  # fmt: skip


def without(code, absent=HEAVY):
    words = [sys.executable, "-c", WITHOUT.format(absent=absent, code=code)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True)


def test_the_runner_answers_without_anything_that_trains():
    code = f"import rnnkit, rnnkit.lite; print(rnnkit.lite.load({str(BUNDLE)!r}).predict('A wonderful film.')[0].label)"
    done = without(code)
    assert (done.stdout, done.stderr) == ("positive\n", "")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "from rnnkit.__main__ import main; sys.argv = ['rnnkit', 'train']; main()",
            "The command line needs the package",
        ),
        (
            "import rnnkit; rnnkit.load('imdb_sentiment')",
            "Training and everything else in Keras needs the package keras",
        ),
        ("import rnnkit; rnnkit.cells.GRU(3)", "Training and everything else in Keras needs the package keras"),
    ],
)
def test_what_is_more_than_the_runner_is_refused_in_a_line(code, said):
    done = without(code)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1 and said in last and last.endswith(f"Try: {installed.install_command()}")
    if "main()" in code:
        assert len(done.stderr.splitlines()) == 1 and last.startswith("error: ")


def test_a_package_that_a_command_meets_late_is_named_in_a_line():
    done = without("from rnnkit.ending import ended\ndef work(): import pandas\nsys.exit(ended(work))")
    assert done.returncode == 1 and done.stderr.startswith("This needs the package pandas, which is not installed. ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("noted", "origin"),
    [
        (None, '"rnnkit[train]"'),
        ({"url": "{folder}", "dir_info": {"editable": True}}, '-e "{folder}[train]"'),
        ({"url": "{folder}", "dir_info": {}}, '"{folder}[train]"'),
        ({"url": "{folder}/gone/rnnkit-0.1.0.whl", "archive_info": {}}, '"./rnnkit-0.1.0.whl[train]"'),
        ({"url": "{folder}/gone", "dir_info": {}}, '"{folder}/gone[train]"'),  # and not a stranger's package "gone"
        ([], '"rnnkit[train]"'),
        ({"url": "https://a.org/rnnkit.whl", "archive_info": {}}, '"rnnkit[train] @ https://a.org/rnnkit.whl"'),
        ({"url": "https://a.org/r.git", "vcs_info": {"vcs": "git"}}, '"rnnkit[train] @ git+https://a.org/r.git"'),
    ],
)
def test_the_command_installs_from_where_rnnkit_came(noted, origin, tmp_path, monkeypatch):
    folder = tmp_path / "a checkout"
    folder.mkdir()
    text = None if noted is None else json.dumps(noted).replace("{folder}", folder.as_uri())
    found = SimpleNamespace(read_text=lambda name: text)
    monkeypatch.setattr(metadata, "distribution", lambda name: found)
    assert installed.install_command() == f"pip install {origin.replace('{folder}', str(folder))}"


def test_a_source_tree_that_was_never_installed_is_installed_as_it_stands(monkeypatch):
    def absent(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", absent)
    monkeypatch.setattr(metadata, "requires", absent)
    assert installed.install_command() == f'pip install -e "{ROOT}[train]"' and installed.extra_of("keras") == "train"
