"""Tasks of a user's own are registered by files and packages; what is no task is refused."""

import sys
from importlib.metadata import entry_points
from types import SimpleNamespace

import pytest

from rnnkit import tasks
from rnnkit.errors import RnnkitError
from rnnkit.own_files import OwnFiles, is_group_installed
from rnnkit.tasks import _own

FILE = """
import rnnkit


@rnnkit.register_task
class Reviews(rnnkit.TextClassifier):
    key = "reviews"
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    path = tmp_path / "my_reviews.py"
    path.write_text(FILE)
    yield path
    _own.OWN.classes.clear()
    _own.OWN.sources.clear()
    sys.modules.pop("my_reviews", None)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("class A:\n    key = 'a'", "expected a subclass of rnnkit.Task"),
        ("class A(rnnkit.Task):\n    key = 'a'", "A lacks build, collate, decode, loss, metrics"),
        ("class A(rnnkit.TextClassifier):\n    pass", "'text_classifier' is the key of a task of rnnkit"),
        ("class A(rnnkit.TextClassifier):\n    key = 'A b'", "'A b' cannot be the key of A"),
        (
            "class A(rnnkit.TextClassifier):\n    key = 'a'\n    preprocessing_class = rnnkit.tasks.base.Preprocessing",
            "Preprocessing, the preprocessing_class of A, lacks encode, encode_rows, learn",
        ),
    ],
)
def test_what_is_no_task_is_refused_by_what_it_lacks(tmp_path, file, body, message):
    file.write_text(f"import rnnkit\n\n@rnnkit.register_task\n{body}\n")
    with pytest.raises(RnnkitError, match=message):
        tasks.get(str(file))
    assert not _own.OWN.classes and "my_reviews" not in sys.modules


def test_installed_packages_bring_their_own_and_a_broken_one_is_named(monkeypatch):
    loaded = []
    sound = SimpleNamespace(name="leaky", value="a:b", dist=None, load=lambda: loaded.append(1))
    broken = SimpleNamespace(name="bad", value="c:d", dist=SimpleNamespace(name="their-cells"), load=lambda: 1 / 0)
    points = {"rnnkit.cells": [sound], "rnnkit.tasks": [broken]}
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: points[group])
    monkeypatch.setattr("rnnkit.own_files.is_group_installed", lambda group: True)
    own = OwnFiles("cell")
    own.load_known()
    own.load_known()
    assert loaded == [1]
    with pytest.raises(RnnkitError, match="package their-cells brings the task bad, which cannot be imported"):
        OwnFiles("task").load_known()


def test_a_group_is_found_where_a_package_is_installed(tmp_path, monkeypatch):
    assert not is_group_installed("rnnkit.no_such_group")
    theirs = tmp_path / "theirs-1.0.dist-info"
    theirs.mkdir()
    (theirs / "entry_points.txt").write_text("[rnnkit.no_such_group]\nleaky = theirs:Leaky\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert is_group_installed("rnnkit.no_such_group")
    assert [point.name for point in entry_points(group="rnnkit.no_such_group")] == ["leaky"]
    assert is_group_installed("console_scripts") == bool(entry_points(group="console_scripts"))
