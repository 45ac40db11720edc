"""The examples of the documentation run as they stand."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnkit

DOCS = Path(__file__).parents[1] / "docs"
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
#: What the examples of docs/shapes.md print, in their order; None where chance has a part in it.
PRINTED = {0: 0.8, 1: None, 2: 0.75, 3: 0.9, 4: "70429"}


def blocks(name: str) -> list[str]:
    return _BLOCK.findall((DOCS / name).read_text(encoding="utf-8"))


def test_there_is_an_example_of_each_shape():
    assert len(blocks("shapes.md")) == len(PRINTED)


@pytest.mark.slow
@pytest.mark.parametrize("number", PRINTED)
def test_shapes_run(number, capsys):
    import keras

    keras.utils.set_random_seed(1)
    exec(compile(blocks("shapes.md")[number], f"shapes.md, example {number}", "exec"), {})
    printed, expected = capsys.readouterr().out.split(), PRINTED[number]
    if isinstance(expected, float):
        assert float(printed[0]) >= expected
    elif expected:
        assert printed[0] == expected
    else:
        assert len(printed) > 10


@pytest.mark.slow
def test_layers_run_in_a_keras_model(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    known: dict[str, Any] = {}
    for number, block in enumerate(blocks("layers.md")):
        exec(compile(block, f"layers.md, example {number}", "exec"), known)
    losses, shape, difference, tags, partial, heard, *rest = capsys.readouterr().out.splitlines()
    losses = [float(loss) for loss in losses.strip("[]").split(",")]
    assert losses[-1] < losses[0] and shape == "(64, 64)" and float(difference) == 0
    true = [str(int(value > 0)) for value in known["x"][0, :, 0]]
    assert sum(tag == other for tag, other in zip(tags.strip("[]").split(), true, strict=True)) >= 10
    said = known["y"][0].tolist()
    assert heard.startswith(f"{said} [({said[0]}, ") and str(said).startswith(partial.rstrip("]"))
    assert rest[0].startswith("(2, 5, 20) (2, 5, 12)") and rest[1:] == ["(None, None, 1000)", "(9, 6)"]


def test_every_layer_that_keras_saves_is_known_by_its_file():
    """The names are read from the files, and loaded from there."""
    import keras

    from rnnkit.keras_names import saved_names

    names = saved_names()
    for module in set(names.values()):
        importlib.import_module(module)
    ours = {name for name, kind in keras.saving.get_custom_objects().items() if kind.__module__ in names.values()}
    assert ours == {f"rnnkit>{name}" for name in names}
    assert {"LSTM", "LSTMCell"} < set(dir(rnnkit.cells)) and {"CRF", "Decoder"} < set(dir(rnnkit.layers))
    for name in dir(rnnkit.layers):
        assert getattr(rnnkit.layers, name)
    assert all(hasattr(rnnkit.cells, name) for name in dir(rnnkit.cells))


@pytest.mark.slow
@pytest.mark.parametrize("order", ["import rnnkit, keras", "import keras, rnnkit"])
def test_a_keras_file_loads_in_a_fresh_process_after_importing_rnnkit_alone(order, tmp_path):
    import keras

    model = keras.Sequential([keras.Input((None, 3)), rnnkit.cells.MGU(4, return_sequences=True), rnnkit.cells.LRU(2)])
    model.save(tmp_path / "mine.keras")
    code = f"""
{order}
import numpy, sys
assert "rnnkit.layers" not in sys.modules and type(keras.__spec__.loader).__module__ != "rnnkit.keras_names"
model = keras.saving.load_model("mine.keras")
print(model.predict(numpy.ones((1, 4, 3)), verbose=0).tolist())
"""
    said = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    np.testing.assert_allclose(json.loads(said), model.predict(np.ones((1, 4, 3)), verbose=0), atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["lstm", "min_gru"])
def test_xla_trains_a_layer(cell):
    import keras

    model = keras.Sequential([keras.Input((None, 3)), rnnkit.cells.get(cell)(4, pooling="mean"), keras.layers.Dense(1)])
    x = np.random.default_rng(0).normal(size=(8, 5, 3)).astype("float32")
    figures = []
    for jit in (False, True):
        keras.utils.set_random_seed(0)
        again = keras.models.clone_model(model)
        again.set_weights(model.get_weights())
        again.compile("sgd", "mse", jit_compile=jit)
        figures.append(again.fit(x, x[:, 0, :1], epochs=2, verbose=0, shuffle=False).history["loss"])
    np.testing.assert_allclose(*figures, rtol=1e-5)
