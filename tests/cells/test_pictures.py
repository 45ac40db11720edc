"""The wiring of each cell: who reads whom in its equations, and in `step`."""

import importlib.util
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import tensorflow as tf

from rnnkit import cells
from rnnkit.testing.subject import Subject, randomize

ROOT = Path(__file__).parents[2]


def script():
    spec = importlib.util.spec_from_file_location("cell_pictures", ROOT / "benchmarks" / "cell_pictures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PICTURES = script()
DRAWN = [key for key in cells.names() if key not in PICTURES.WITHOUT and cells.family_of(cells.get_cell(key)) != "own"]


def derivatives(key):
    """For each new state, whether the input ("x") and each old state reaches it, by the derivatives of `step`."""
    cell = cells.get_cell(key)(6)
    cell.build((None, 5))
    randomize(cell.trainable_weights)
    subject = Subject(type(cell), 6, 5)
    random = np.random.default_rng(0)
    states = [tf.constant(random.normal(size=(64, size)).astype("float32")) for size in cell.state_size]
    x = tf.constant(random.normal(size=(64, subject.features)).astype("float32"))
    given = {"x": x, **dict(zip(cell.state_names, states, strict=True))}
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(list(given.values()))
        new = cell.step(cell.project(x), *states)
    reach = {}
    for state, made in zip(cell.state_names, new, strict=True):
        found = tape.gradient(made, given)
        reach[state] = {name for name, each in found.items() if each is not None and np.abs(each).max() > 0}
    return reach


@pytest.mark.parametrize("key", DRAWN)
def test_what_reads_what_in_the_picture_is_what_the_derivatives_say(key):
    wiring, spelled = PICTURES.wiring(key), PICTURES.spelled(key)
    drawn = [state for state, name in spelled.items() if name in [row.name for row in wiring.rows]]
    assert cells.get_cell(key).state_names[0] in drawn, "the output is drawn"
    assert set(wiring.begins) <= {"x", *(f"{name}'" for name in spelled.values())}
    expected = {spelled[state]: set() for state in drawn}  # the parts of a complex number are one
    for state, reached in derivatives(key).items():
        if state in drawn:
            # Inputs of earlier steps are kept in a state; in the equations they are x.
            named = {"x" if name == "x" or not spelled[name] else f"{spelled[name]}'" for name in reached}
            expected[spelled[state]] |= named
    assert {name: wiring.ancestors(name) for name in expected} == expected


@pytest.mark.parametrize("key", DRAWN)
def test_a_picture_is_small_and_nothing_stands_on_anything(key):
    text = PICTURES.picture(key)
    root = ElementTree.fromstring(text)
    width, height = float(root.get("width")), float(root.get("height"))
    assert len(text) < 8000 and width < 680
    boxes = [element for element in root if element.tag.endswith("rect")][1:]
    corners = [(float(box.get("x")), float(box.get("y"))) for box in boxes]
    assert len(corners) == len(PICTURES.wiring(key).rows)
    assert all(b[0] - a[0] >= 20 and b[1] - a[1] >= 24 for a, b in zip(corners, corners[1:], strict=False))
    for element in root:
        if element.tag.endswith("text"):
            x, y = float(element.get("x")), float(element.get("y"))
            reach = PICTURES.WIDTH * len(element.text) if element.get("text-anchor") is None else 16
            assert 0 < x and x + reach <= width + 1 and 0 < y < height, element.text


def test_the_pictures_are_those_of_the_equations(monkeypatch):
    monkeypatch.setattr(PICTURES.sys, "argv", ["cell_pictures.py", "--check"])
    monkeypatch.setattr(PICTURES.cells, "names", lambda: [*DRAWN, *PICTURES.WITHOUT])
    PICTURES.main()
    page = (ROOT / "docs" / "cells.md").read_text(encoding="utf-8")
    assert re.findall(r"\(images/cells/(\w+)\.svg\)", page) == [
        key for keys in cells.by_family().values() for key in keys if key in DRAWN
    ]


def test_a_wire_that_the_equations_forget_is_noticed():
    lstm = PICTURES.wiring("lstm")
    lstm.rows[0].reads.remove("h'")
    assert lstm.ancestors("i") == {"x"} and PICTURES.wiring("lstm").ancestors("i") == {"x", "h'"}
