"""A page that stands for the built one, which a checkout without Node lacks."""

import pytest

from rnnkit.page import assets


@pytest.fixture
def built(tmp_path, monkeypatch):
    """The folder of a made-up page."""
    folder = tmp_path / "built"
    (folder / "litert").mkdir(parents=True)
    for name in ("index.html", "page.js", "sw.js", "litert/litert.wasm"):
        (folder / name).write_text(f"content of {name}\n")
    monkeypatch.setattr(assets, "BUILT", folder)
    return folder
