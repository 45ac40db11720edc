"""A task of a user's own: registered by a file that the user names, and never run because a Run says so."""

import sys
from types import SimpleNamespace

import pytest
from tasks.tiny import OPTIONS, rows, write_csv

import rnnkit
from rnnkit import lite, tasks
from rnnkit.errors import RnnkitError
from rnnkit.own_files import OwnFiles
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


def test_it_is_trained_saved_exported_and_answers_on_the_phone(tmp_path, file, monkeypatch, command_line):
    flags = [word for name, value in OPTIONS.items() for word in (f"--{name.replace('_', '-')}", value)]
    data, to = write_csv(tmp_path / "data.csv", rows(60)), tmp_path / "run"
    code, _, err = command_line("train", file, data, "--to", to, *flags)
    assert code == 0, err
    task = rnnkit.load(to)
    assert type(task).__name__ == "Reviews" and "reviews" in tasks.names()
    bundle = task.export(quantize="none", rows=task.encode_rows(task.read(rows(20))))["path"]
    text = rows(1)[0][0]
    assert lite.load(bundle).predict(text)[0].label == task.predict(text).label
    _own.OWN.classes.clear()
    _own.OWN.sources.clear()
    with pytest.raises(RnnkitError, match="Unknown task 'reviews' in .* RNNKIT_TASKS=my_task.py"):
        rnnkit.load(to)
    sys.modules.pop("my_reviews")
    monkeypatch.setenv("RNNKIT_TASKS", str(file))
    assert rnnkit.load(to).predict(text).label == task.predict(text).label


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("class A:\n    key = 'a'", "expected a subclass of rnnkit.Task"),
        ("class A(rnnkit.Task):\n    key = 'a'", "A lacks build, collate, decode, loss, metrics"),
        ("class A(rnnkit.TextClassifier):\n    pass", "'text_classifier' is the key of a task of rnnkit"),
        ("class A(rnnkit.TextClassifier):\n    key = 'A b'", "'A b' cannot be the key of A"),
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
    monkeypatch.setattr("rnnkit.own_files.entry_points", lambda group: [sound] if group == "rnnkit.cells" else [broken])
    own = OwnFiles("cell")
    own.load_known()
    own.load_known()
    assert loaded == [1]
    with pytest.raises(RnnkitError, match="package their-cells brings the task bad, which cannot be imported"):
        OwnFiles("task").load_known()
