"""Every picture is written whole or not at all, the same bytes each time, without pyplot."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from matplotlib import image, rc_context
from plots.drawings import DRAWINGS

from rnnkit import plots
from rnnkit.plots.naming import pictures_of_the_user
from rnnkit.run.pictures import is_ours


@pytest.mark.parametrize("name", DRAWINGS)
def test_writes_one_png_and_returns_its_path(name: str, tmp_path: Path) -> None:
    path = DRAWINGS[name](tmp_path / "new" / "folder" / "picture.png")
    assert path == tmp_path / "new" / "folder" / "picture.png"
    assert [file.name for file in path.parent.iterdir()] == ["picture.png"]
    height, width = image.imread(path).shape[:2]
    assert width == 960 and 200 < height <= 540


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWINGS)
def test_the_same_data_gives_the_same_bytes_also_in_threads_and_under_any_settings(name: str, tmp_path: Path) -> None:
    expected = DRAWINGS[name](tmp_path / "alone.png").read_bytes()
    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(lambda at: DRAWINGS[name](tmp_path / f"{at}.png"), range(4)))
    assert all(path.read_bytes() == expected for path in paths)
    with rc_context({"font.family": "serif", "savefig.bbox": "tight", "text.usetex": True}):
        assert DRAWINGS[name](tmp_path / "settings.png").read_bytes() == expected


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_failed_write_keeps_the_old_picture_and_leaves_nothing_else(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"old")

    def fail(source: object, target: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(OSError, match="disk full"):
            DRAWINGS[name](path)
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["picture.png"]


def test_a_picture_under_the_users_own_name_is_not_taken_for_the_runs(tmp_path: Path) -> None:
    curve = [{"epoch": 1, "loss": 1.0}]
    ours = plots.learning_curves(curve, tmp_path / "ours.png")
    with pictures_of_the_user():
        mine = plots.learning_curves(curve, tmp_path / "mine.png")
    assert (is_ours(ours), is_ours(mine)) == (True, False)


def test_pyplot_and_tensorflow_are_never_imported(tmp_path: Path) -> None:
    code = f"""if True:
        import sys, numpy as np
        from rnnkit import plots
        plots.learning_curves([{{"epoch": 1, "loss": 1.0}}], {str(tmp_path / "a.png")!r})
        print({{"matplotlib.pyplot", "tensorflow", "keras", "pandas"}} & set(sys.modules))"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
