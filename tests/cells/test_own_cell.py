"""A cell of a user's own: the one that docs/own_cell.md shows, and the mistakes people make with theirs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from tasks.tiny import OPTIONS, rows, write_csv

import rnnkit
import rnnkit.lite
from rnnkit import cells
from rnnkit.cells import _own
from rnnkit.errors import RnnkitError
from rnnkit.testing import check_cell

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "own_cell.md").read_text(encoding="utf-8")
CELL, FORMULA, TRAINING = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
BARE = """
import rnnkit

@rnnkit.register_cell{key}
class {name}(rnnkit.RecurrentCell):
    def step(self, x, h):
        return (self.activation(x + self.recur(h)),)
"""


@pytest.fixture(autouse=True)
def nothing_stays(monkeypatch, tmp_path):
    """Registered cells, their modules and the path are as before once a test is over."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    modules, classes, sources = set(sys.modules), dict(_own.classes), dict(_own.OWN.sources)
    yield
    for holder, before in ((_own.classes, classes), (_own.OWN.sources, sources)):
        holder.clear()
        holder.update(before)
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def leaky(tmp_path):
    """The file of the docs page."""
    path = tmp_path / "own" / "leaky_rnn.py"
    path.parent.mkdir()
    path.write_text(CELL, encoding="utf-8")
    return path


def write(name, text):
    Path(name).write_text(text, encoding="utf-8")
    return name


def refused(cell):
    known = cells.names()
    with pytest.raises(RnnkitError) as caught:
        rnnkit.TextClassifier(cell=cell)
    assert "\n" not in str(caught.value) and cells.names() == known
    return str(caught.value)


def fresh(*words, **settings):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    done = subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, env=environment)
    return done.returncode, done.stdout, done.stderr[-2000:]


# ---------------------------------------------------------------------- the cell of the docs page


def formula():
    made = {}
    exec(FORMULA[FORMULA.index("def ") : FORMULA.index("print(")], {"np": np}, made)
    return made["leaky_rnn"]


def test_the_page_shows_a_short_cell_with_the_numbers_of_its_formula(leaky):
    assert len(re.sub(r'""".*?"""', "", CELL, flags=re.DOTALL).strip().splitlines()) <= 20
    check_cell(cells.get_cell(str(leaky)), reference=formula(), quick=True, points=(2, 3, 10))


@pytest.mark.slow
def test_it_keeps_the_whole_contract(leaky):
    report = check_cell(cells.get_cell(str(leaky)), reference=formula())
    assert all(result.status == "passed" for result in report.results)
    code, out, _ = fresh("-m", "rnnkit.testing", leaky, "--quick")
    assert code == 0 and out.count("✓") == 7


@pytest.mark.slow
def test_it_trains_saves_loads_and_runs_on_a_phone(leaky, tmp_path):
    """The page's training, from Python, on a small file."""
    write_csv(tmp_path / "reviews.csv", rows())
    (tmp_path / "leaky_rnn.py").write_text(CELL, encoding="utf-8")
    said = TRAINING.replace("units=64", "**OPTIONS")
    assert 'cell="leaky_rnn.py"' in said and "task.export()" in said
    made = {"OPTIONS": OPTIONS}
    exec(said, made)
    task, run = made["task"], tmp_path / "saved_models" / "leaky"
    assert task.options.cell == "leaky_rnn"
    assert json.loads((run / "config.json").read_text())["options"]["cell"] == "leaky_rnn"
    assert task.results["test"]["accuracy"] > 0.6

    loaded, bundle = rnnkit.load(run), rnnkit.lite.load(run / "lite")
    texts = ["a good film", "bad and dull"]
    for ours, again, phone in zip(*(each.predict(texts) for each in (task, loaded, bundle)), strict=True):
        assert ours.label == again.label and ours.probability == pytest.approx(again.probability, abs=1e-6)
        assert phone.label == ours.label and phone.probability == pytest.approx(ours.probability, abs=0.02)


@pytest.mark.slow
def test_it_goes_through_the_pipeline_and_every_command(leaky, tmp_path):
    data, to = write_csv(tmp_path / "mine.csv", rows(200)), tmp_path / "run"
    pipeline = ROOT / "pipelines" / "imdb_sentiment.py"
    code, out, err = fresh(pipeline, "--quick", "--data", data, "--cell", leaky, "--to", to)
    assert code == 0 and "TFLite  accuracy" in out, err
    assert json.loads((to / "config.json").read_text())["options"]["cell"] == "leaky_rnn"

    rnn = ("-m", "rnnkit.cli")
    code, out, err = fresh(*rnn, "predict", to, "--tflite", "a good film")
    assert code == 0 and "%" in out, err
    code, out, err = fresh(*rnn, "predict", to, "a good film")
    assert code == 1 and err.count("\n") == 1 and "RNNKIT_CELLS=my_cell.py" in err
    code, out, err = fresh(*rnn, "train", "text_classifier", data, "--cell", leaky, "--epochs", "1", "--to", "other")
    assert code == 0 and f"next: RNNKIT_CELLS={leaky.relative_to(tmp_path)} rnnkit export other" in out, err
    plain = tmp_path / "plain.txt"
    plain.write_text("\n".join(text for text, _ in rows(60)), encoding="utf-8")
    small = ("--units", 8, "--embedding-size", 8, "--batch-size", 4, "--epochs", 1, "--min-count", 1)
    code, out, err = fresh(*rnn, "pretrain", plain, "--cell", leaky, *map(str, small), "--to", "words")
    assert code == 0 and f"next: RNNKIT_CELLS={leaky.relative_to(tmp_path)} rnnkit train" in out, err
    for words in (
        ("cells",),
        ("predict", to, "a good film"),
        ("evaluate", to, data),
        ("finetune", to, data, "--epochs", "1", "--to", tmp_path / "tuned"),
        ("export", to, "--data", data, "--strategy", "unroll"),
        ("export", to, "--format", "keras"),
        ("export", to, "--format", "saved_model"),
    ):
        code, out, err = fresh(*rnn, *words, RNNKIT_CELLS=str(leaky))
        assert code == 0 and (words != ("cells",) or "leaky_rnn " in out), (words, err)


def test_its_layer_is_kept_in_a_keras_file(leaky, tmp_path):
    cells.get_cell(str(leaky))
    LeakyRNN = sys.modules["leaky_rnn"].LeakyRNN
    model = keras.Sequential([keras.Input((4, 3)), LeakyRNN(5, layers=2, bidirectional=True)])
    model.save(tmp_path / "model.keras")
    again, x = keras.saving.load_model(tmp_path / "model.keras"), np.ones((2, 4, 3), "float32")
    assert type(again.layers[0]) is LeakyRNN
    np.testing.assert_array_equal(again(x), model(x))


# ---------------------------------------------------------------------- where it is known


def test_a_run_runs_no_file(leaky, tmp_path):
    run, trap = tmp_path / "run", write("trap.py", "raise SystemExit('it was run')")
    run.mkdir()
    for cell in ("leaky_rnn", trap, str(leaky), f"{leaky}:LeakyRNNCell", [trap], None):
        config = {"format": 1, "task": "text_classifier", "options": {"cell": cell}}
        write(run / "config.json", json.dumps(config))
        for load in (rnnkit.load, rnnkit.TextClassifier.load):
            with pytest.raises(RnnkitError) as caught:
                load(run)
            assert str(caught.value).startswith(f"Unknown cell {cell!r} in {run}.")
            assert "RNNKIT_CELLS=my_cell.py" in str(caught.value) and "\n" not in str(caught.value)
    assert "leaky_rnn" not in sys.modules and "leaky_rnn" not in cells.names()


def test_files_in_the_environment_are_known_by_their_keys(leaky, monkeypatch):
    write("second.py", BARE.format(key="", name="TwoFoldCell"))
    monkeypatch.setenv("RNNKIT_CELLS", f"{leaky}{os.pathsep}second.py{os.pathsep}")
    assert {"leaky_rnn", "two_fold", "lstm"} <= set(cells.names())
    assert cells.get_cell("two_fold").__name__ == "TwoFoldCell"
    assert rnnkit.TextClassifier(cell="leaky_rnn").options.cell == "leaky_rnn"
    monkeypatch.setenv("RNNKIT_CELLS", "nowhere.py")
    for call in (cells.names, lambda: rnnkit.TextClassifier(cell="two_foldd")):
        with pytest.raises(RnnkitError, match=r"^RNNKIT_CELLS: There is no file nowhere\.py\."):
            call()


def test_an_imported_file_is_not_run_again(leaky, monkeypatch):
    monkeypatch.syspath_prepend(leaky.parent)
    with open(leaky, "a") as file:
        file.write("\nimport builtins\nbuiltins.times = getattr(builtins, 'times', 0) + 1\n")
    import builtins
    import importlib

    monkeypatch.setattr(builtins, "times", 0, raising=False)
    module = importlib.import_module("leaky_rnn")
    assert cells.get_cell("leaky_rnn") is cells.get_cell(str(leaky)) is module.LeakyRNNCell
    assert builtins.times == 1
    assert issubclass(module.LeakyRNN, rnnkit.Recurrent)


def test_a_changed_file_is_run_again(tmp_path):
    file = write("mine.py", BARE.format(key="", name="MineCell"))
    first = cells.get_cell(file)
    assert cells.get_cell(file) is first
    write(file, BARE.format(key='("other")', name="MineCell"))
    assert rnnkit.TextClassifier(cell=file).options.cell == "other"
    assert cells.get_cell("other") is not first and "mine" not in cells.names()


def test_a_file_may_hold_several_and_import_its_neighbours():
    write("beside_it.py", "FACTOR = 2\n")
    text = "from beside_it import FACTOR\n" + BARE.format(key="", name="OneCell")
    file = write("several.py", text + BARE.format(key='("number_two")', name="TwoCell"))
    assert rnnkit.TextClassifier(cell=f"{file}:TwoCell").options.cell == "number_two"
    assert cells.get_cell(f"{file}:OneCell").__name__ == "OneCell"
    assert refused(file) == "several.py registers OneCell, TwoCell. Say which: several.py:OneCell"
    assert "registers no ToCell. Did you mean 'TwoCell'?" in refused(f"{file}:ToCell")


# ---------------------------------------------------------------------- mistakes


def test_no_such_file():
    write("my_cell.py", CELL)
    assert "There is no file my_cel.py. Did you mean 'my_cell.py'?" in refused("my_cel.py")
    Path("folder.py").mkdir()
    assert "folder.py cannot be read" in refused("folder.py")


@pytest.mark.parametrize(
    "text, message",
    [
        ("x = 1", "bad_cell.py registers no cell. Write @rnnkit.register_cell above its class."),
        (BARE.format(key="", name="FineCell") + "\ndef broken(:\n", "bad_cell.py line 9 cannot be run: invalid syntax"),
        (BARE.format(key="", name="FineCell") + "\n1 / 0", "line 9 cannot be run: ZeroDivisionError: division by zero"),
        ("import sys; sys.exit('bye')", "bad_cell.py line 1 cannot be run: SystemExit: bye"),
        ("import nothing_of_that_name", "No module named 'nothing_of_that_name'"),
        ("\0", "bad_cell.py"),
        (BARE.format(key="", name="LSTMCell"), "'lstm' is the key of a cell of rnnkit."),
        (BARE.format(key='("gru")', name="MyCell"), '@rnnkit.register_cell("my_gru")'),
        (BARE.format(key='("My cell")', name="MyCell"), "'My cell' cannot be the key of MyCell; expected a-z"),
        (BARE.format(key="", name="Leaky"), "The class Leaky needs a name that ends in Cell"),
        (BARE.format(key="", name="BareCell").replace("rnnkit.RecurrentCell", "dict"), "BareCell; expected a subclass"),
        (BARE.format(key="", name="BareCell").replace("step", "stepp"), "BareCell has no step. Write step(self, x, h)"),
        ("import rnnkit\n@rnnkit.register_cell\ndef cell(): ...", "was given cell; expected a subclass"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(text, message):
    assert message in refused(write("bad_cell.py", text))
    assert "bad_cell" not in sys.modules
    write("bad_cell.py", BARE.format(key="", name="MendedCell"))
    assert rnnkit.TextClassifier(cell="bad_cell.py").options.cell == "mended"


def test_two_files_cannot_have_one_key():
    cells.get_cell(write("first.py", BARE.format(key="", name="SameCell")))
    message = refused(write("second.py", BARE.format(key="", name="SameCell")))
    assert message.startswith("'same' is the key of SameCell in ") and 'register_cell("my_same")' in message
    assert cells.get_cell("same").__module__ == "first"


@pytest.mark.parametrize("name", ["json.py", "numpy.py", "__main__.py", "a.b.py", "colorsys.py"])
def test_a_file_does_not_hide_a_module(name):
    assert f"{name} has the name of another Python module" in refused(write(name, CELL))


@pytest.mark.parametrize(
    "name, key",
    [
        ("MGUXCell", "mgux"),
        ("MinGRUUCell", "min_gruu"),
        ("FastLSTM2Cell", "fast_lstm2"),
        ("AnLSTMOfMineCell", "an_lstm_of_mine"),
    ],
)
def test_keys_are_class_names_in_snake_case(name, key):
    made = type(name, (rnnkit.RecurrentCell,), {"step": lambda self, x, h: (h,), "__module__": __name__})
    assert rnnkit.register_cell(made) is made and cells.get_cell(key) is made


def test_importing_rnnkit_leaves_keras_alone():
    code = "import sys, rnnkit; rnnkit.cells.names(), dir(rnnkit); print('keras' in sys.modules)"
    assert fresh("-c", code)[:2] == (0, "False\n")
