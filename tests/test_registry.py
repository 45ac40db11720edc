"""Members found by scanning a folder, and what an unknown key gets."""

import pytest

from rnnkit import RnnkitError, cells, lite, tasks
from rnnkit.registry import Registry


def test_modules_are_members_but_for_private_and_named_ones(tmp_path, monkeypatch):
    folder = tmp_path / "scanned_zoo"
    folder.mkdir()
    for name in ("__init__", "_private", "base", "zebra", "ape"):
        (folder / f"{name}.py").write_text(f"NAME = {name!r}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    zoo = Registry("scanned_zoo", "animal", without=("base",))
    assert zoo.keys() == ["ape", "zebra"]
    assert zoo.module("zebra").NAME == "zebra"
    for wrong, message in {
        "zebar": "Unknown animal 'zebar'. Did you mean 'zebra'? (rnnkit animals)",
        "base": "Unknown animal 'base'.",
        "_private": "Unknown animal '_private'.",
        "../os": "Unknown animal '../os'.",
    }.items():
        with pytest.raises(RnnkitError) as caught:
            zoo.module(wrong)
        assert str(caught.value).startswith(message)
    with pytest.raises(RnnkitError, match=r"\(look here\)"):
        zoo.module(None, "look here")


@pytest.mark.parametrize("key", cells.names())
def test_every_scanned_cell_is_one(key):
    assert cells.get_cell(key).__name__.lower() == f"{key.replace('_', '')}cell", (
        f"rnnkit/cells/{key}.py is named like a cell: its class is to have its name, or the file's begins with `_`."
    )


def test_every_scanned_task_is_one():
    assert "text_classifier" in tasks.names() and "text_classifier" in lite.runner_names()
    for key in tasks.names():
        assert tasks.get(key).key == key


@pytest.mark.parametrize("wrong", [["lstm"], None, 3, "LSTM", "_own", "base", ""])
def test_only_keys_are_cells(wrong):
    with pytest.raises(RnnkitError, match="Unknown cell"):
        cells.get_cell(wrong)
