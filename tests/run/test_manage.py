"""Runs are renamed and deleted; what is no Run, came with rnnkit or lies behind a link is not."""

from pathlib import Path

import pytest
from run_folders import content, write_run

from rnnkit.errors import RnnkitError
from rnnkit.files.locks import lock_file
from rnnkit.run.manage import delete, own_run, rename
from rnnkit.run.summary import shipped_runs


def test_a_run_is_deleted_whole(tmp_path):
    run = write_run(tmp_path / "mine")
    assert delete(run) == [] and list(tmp_path.iterdir()) == []


def test_files_of_the_user_stay(tmp_path):
    run = write_run(tmp_path / "mine")
    (run / "notes.txt").write_text("mine")
    assert [path.name for path in delete(run)] == ["notes.txt"]
    assert [path.name for path in run.iterdir()] == ["notes.txt"]


def test_of_the_pictures_those_of_rnnkit_go(tmp_path):
    from rnnkit.plots.canvas import new_figure, save

    run = write_run(tmp_path / "mine")
    save(new_figure(), run / "plots" / "drawn_by_my_task.png")
    for name in ("learning_curves.png", "confusion.png", "thesis.png", "photo.png"):
        (run / "plots" / name).write_bytes(b"\x89PNG, of someone")
    (run / "plots" / "more").mkdir()
    left = [run / "plots" / name for name in ("more", "photo.png", "thesis.png")]
    assert delete(run) == left and sorted((run / "plots").iterdir()) == left and list(run.iterdir()) == [run / "plots"]


def test_pictures_of_the_user_go_over_to_the_run_that_replaces_theirs(tmp_path):
    from rnnkit.run.finished import identity_of
    from rnnkit.run.target import finish

    run, new = write_run(tmp_path / "mine"), write_run(tmp_path / "new")
    for name in ("confusion.png", "thesis.png"):
        (run / "plots" / name).write_text("mine")
    finish(new, run, identity_of(run))
    assert (run / "plots" / "thesis.png").read_text() == "mine" and not (run / "plots" / "confusion.png").exists()
    assert list(tmp_path.iterdir()) == [run]


def test_every_picture_of_a_run_is_known():
    import re

    import rnnkit
    from rnnkit.run.pictures import PICTURES

    package, found = Path(rnnkit.__file__).parent, set()
    for path in (*package.glob("tasks/*/*.py"), *(package.parent / "pipelines").glob("*.py")):
        found |= set(re.findall(r'(?:folder|pictures|PLOTS) / "(\w+\.(?:png|svg|html))"', path.read_text("utf-8")))
        found |= set(re.findall(r'^            folder / "(\w+\.png)",$', path.read_text("utf-8"), re.MULTILINE))
    from rnnkit.cli.diagnosing import _PICTURE

    assert {*found, _PICTURE} - {"a.png"} == PICTURES


def test_nothing_behind_a_link_is_deleted(tmp_path):
    run, precious = write_run(tmp_path / "mine"), tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("precious")
    (run / "lite").symlink_to(precious)
    (run / "plots" / "link").symlink_to(precious)
    (run / "model.keras").symlink_to(precious / "file")
    assert delete(run) == [] and not run.exists() and (precious / "file").read_text() == "precious"


@pytest.mark.parametrize("work", [delete, lambda run: rename(run, run.with_name("new"))])
def test_what_is_no_run_of_the_users_is_refused(work, tmp_path):
    run = write_run(tmp_path / "mine")
    (tmp_path / "link").symlink_to(run)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "config.json").symlink_to(run / "config.json")
    before = content(tmp_path)
    for folder, said in (
        (tmp_path / "link", "is a link to"),
        (tmp_path / "folder", "is not a Run"),
        (tmp_path, "is not a Run"),
        (tmp_path / "none", "is not a Run"),
        (tmp_path / "..", "is not the name"),
        (shipped_runs()[0], "came with rnnkit"),
    ):
        with pytest.raises(RnnkitError, match=said):
            work(folder)
    assert content(tmp_path) == before


def test_a_shipped_run_reached_by_another_path_is_refused(tmp_path):
    (tmp_path / "link").symlink_to(shipped_runs()[0].parent)
    with pytest.raises(RnnkitError, match="came with rnnkit"):
        own_run(tmp_path / "link" / shipped_runs()[0].name, "deleted")


def test_a_run_gets_another_name_beside_it_or_elsewhere(tmp_path):
    run = write_run(tmp_path / "mine")
    before = sorted(path.name for path in run.iterdir())
    better = rename(run, run.__class__("better"))
    assert better == tmp_path / "better" and sorted(path.name for path in better.iterdir()) == before
    moved = rename(better, tmp_path / "old" / "first")
    assert moved.is_dir() and sorted(path.name for path in tmp_path.iterdir()) == ["old"]


def test_a_name_that_is_taken_is_refused(tmp_path):
    run = write_run(tmp_path / "mine")
    (tmp_path / "empty").mkdir()  # which a plain rename would replace
    for name in ("empty", "mine", ""):
        with pytest.raises(RnnkitError):
            rename(run, tmp_path / name if name else run.__class__(""))
    assert (tmp_path / "empty").is_dir() and run.is_dir()
    with pytest.raises(RnnkitError, match="too long"):
        rename(run, tmp_path / ("x" * 300))


def test_a_run_that_is_being_written_is_left_alone(tmp_path):
    import subprocess
    import sys

    run = write_run(tmp_path / "mine")
    script = (
        "import sys\nfrom pathlib import Path\nfrom rnnkit.files.locks import lock\n"
        "with lock(Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.readline()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(run)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    for work in (delete, lambda run: rename(run, tmp_path / "new")):
        with pytest.raises(RnnkitError, match="is being written by process"):
            work(run)
    assert (run / "config.json").is_file()
    holder.communicate("\n")
    assert not lock_file(run).exists()


def test_a_run_is_not_moved_into_another_nor_onto_a_training_that_broke_off(tmp_path):
    one, other = (write_run(tmp_path / name) for name in ("one", "other"))
    for inside in ("other/lite", "other/deep/er", "one/self"):
        with pytest.raises(RnnkitError, match="lies in the Run .*, which would take it along"):
            rename(one, tmp_path / inside)
    (tmp_path / "new.partial").mkdir()
    with pytest.raises(RnnkitError, match=r"new.partial is a training of that name that broke off"):
        rename(one, Path("new"))
    assert one.is_dir() and other.is_dir() and not (tmp_path / "new").exists()
