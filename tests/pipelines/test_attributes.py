"""Every attribute that a script takes from its task is there: the scripts themselves run in the slow tests."""

import ast
from pathlib import Path

import pytest

import rnnkit

SCRIPTS = sorted(path for path in Path("pipelines").glob("*.py"))


def chains(tree):
    """`task.a.b` in a script, as `["a", "b"]`."""
    for node in ast.walk(tree):
        names = []
        while isinstance(node, ast.Attribute):
            names.insert(0, node.attr)
            node = node.value
        if names and isinstance(node, ast.Name) and node.id == "task":
            yield names


def task_classes(tree):
    """The classes that a script makes its task of."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id="task")], value=ast.Call(func=ast.Attribute(attr=name))):
                yield getattr(rnnkit, name)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_takes_what_its_task_has(script):
    tree = ast.parse(script.read_text(encoding="utf-8"))
    (task_class,) = task_classes(tree)
    task = task_class()
    for names in chains(tree):
        found = task
        for name in names:
            if found is None:  # set by the training
                break
            assert hasattr(found, name), f"{script}: task.{'.'.join(names)}"
            found = getattr(found, name)
