"""Files and folders are written whole or not at all, never through a link; and what others have stays."""

import errno
import os
import resource
import stat
import zipfile

import pytest

from rnnkit.errors import RnnkitError
from rnnkit.files import disk, writing

PRECIOUS = b"nobody but me writes this"


def listing(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture
def precious(tmp_path):
    path = tmp_path / "precious"
    path.write_bytes(PRECIOUS)
    return path


def test_temporary_names_are_never_the_same_and_never_too_long(tmp_path):
    names = {writing.fresh(tmp_path / ("ü" * 120)).name for _ in range(1000)}
    assert len(names) == 1000 and max(len(os.fsencode(name)) for name in names) <= 255
    assert writing.fresh(tmp_path / "model.keras").name.startswith("model.keras.")


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_file_replaces_a_link_and_what_it_led_to_stays(link, precious, tmp_path):
    link(precious, tmp_path / "out.txt")
    writing.write_text(tmp_path / "out.txt", "ours")
    assert precious.read_bytes() == PRECIOUS and not (tmp_path / "out.txt").is_symlink()
    assert (tmp_path / "out.txt").read_text() == "ours" and listing(tmp_path) == ["out.txt", "precious"]


def test_fixed_names_of_the_past_are_not_touched(precious, tmp_path):
    for name in ("out.txt.writing", "writing.out.txt", "out.txt.h5", "out.txt.h5.small", "out.txt.tmp"):
        (tmp_path / name).symlink_to(precious)
    writing.write_text(tmp_path / "out.txt", "ours")
    assert precious.read_bytes() == PRECIOUS and len(listing(tmp_path)) == 7


@pytest.mark.parametrize("place", ["os.replace", "os.fsync"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(place, tmp_path, monkeypatch):
    (tmp_path / "a").write_text("old")

    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(place, full)
    with pytest.raises(OSError, match="No space"):
        writing.write_text(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text() == "old" and listing(tmp_path) == ["a"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_or_a_folder_does_not_give_its_place_to_a_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(OSError, match="no regular file"):
            writing.write_text(tmp_path / name, "ours")
    assert stat.S_ISFIFO(os.lstat(tmp_path / "pipe").st_mode) and listing(tmp_path) == ["folder", "pipe"]


def test_an_interrupt_while_a_file_is_written_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), writing.whole(tmp_path / "a") as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert listing(tmp_path) == []


def test_modes_are_those_that_the_umask_gives(tmp_path):
    before = os.umask(0o027)
    try:
        writing.write_text(tmp_path / "file", "text")
        with writing.new_folder(tmp_path / "folder") as new:
            writing.replace_folder(new, tmp_path / "folder", ())
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o750


def test_a_new_folder_goes_when_it_has_got_no_name(tmp_path):
    with pytest.raises(ZeroDivisionError), writing.new_folder(tmp_path / "run") as new:
        (new / "half").write_text("half")
        raise ZeroDivisionError
    assert listing(tmp_path) == []


def test_a_folder_is_replaced_and_its_owners_own_files_go_over(tmp_path):
    run = tmp_path / "run"
    for name in ("config.json", "notes.txt"):
        (run / name).parent.mkdir(exist_ok=True)
        (run / name).write_text("old")
    (run / "mine").symlink_to(tmp_path)
    (tmp_path / "run.old").mkdir()
    (tmp_path / "run.old" / "mine").write_text("mine")
    with writing.new_folder(run) as new:
        (new / "model").write_text("new")
        writing.replace_folder(new, run, {"config.json", "model"})
    assert listing(tmp_path) == ["run", "run.old", "run.old/mine", "run/mine", "run/model", "run/notes.txt"]


def test_a_folder_that_cannot_be_named_leaves_the_old_one(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "old").write_text("old")
    renamed, rename = [], os.rename

    def second_fails(old, new):
        renamed.append(new)
        if len(renamed) == 2:
            raise OSError(errno.EIO, "Input/output error")
        rename(old, new)

    monkeypatch.setattr(os, "rename", second_fails)
    with pytest.raises(OSError, match="Input"), writing.new_folder(tmp_path / "run") as new:
        writing.replace_folder(new, tmp_path / "run", {"old"})
    assert listing(tmp_path) == ["run", "run/old"]


def test_a_folder_does_not_replace_a_link(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "lite").symlink_to(tmp_path / "home")
    with pytest.raises(RnnkitError, match="lite is a link, and nothing is written through it"):
        with writing.new_folder(tmp_path / "lite") as new:
            writing.replace_folder(new, tmp_path / "lite", ())
    assert listing(tmp_path) == ["home", "lite"]


def test_copying_leaves_out_what_is_no_plain_file(precious, tmp_path):
    plots = tmp_path / "plots"
    (plots / "more" / "deep").mkdir(parents=True)
    for name in ("a.png", "more/b.png", "more/deep/c.png"):
        (plots / name).write_text(name)
    (plots / "more" / "link").symlink_to(tmp_path)
    (plots / "more" / "secret.png").symlink_to(precious)
    (plots / "dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(plots / "more" / "deep" / "pipe")
    left_out = writing.copy_plain(plots, tmp_path / "copy")
    assert listing(tmp_path / "copy") == ["a.png", "more", "more/b.png", "more/deep", "more/deep/c.png"]
    assert sorted(path.name for path in left_out) == ["dangling", "link", "pipe", "secret.png"]
    assert (tmp_path / "copy" / "more" / "deep" / "c.png").read_text() == "more/deep/c.png"


def test_too_much_is_not_copied(tmp_path):
    (tmp_path / "plots").mkdir()
    with open(tmp_path / "plots" / "hole.png", "wb") as file:
        file.truncate(2**40)
    with pytest.raises(RnnkitError, match="holds more than 10,000 files or 16 GiB, which is not copied along"):
        writing.copy_plain(tmp_path / "plots", tmp_path / "copy")


@pytest.mark.parametrize(
    "name", ["folder", "pipe", "file/below", "x" * 300, "a\0b", "linked", "output", "x/" * 3000 + "y"]
)
def test_a_file_that_cannot_be_written_is_refused_before(name, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "linked").symlink_to("/dev/full")
    (tmp_path / "output").symlink_to("/proc/self/fd/1")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RnnkitError, match="Give --to another file") as caught:
        disk.check_writable(tmp_path / name, "Give --to another file.")
    assert "\n" not in str(caught.value)
    with pytest.raises((OSError, ValueError)):
        writing.write_text(tmp_path / name, "text")
    assert listing(tmp_path) == ["file", "folder", "linked", "output", "pipe"]


def test_a_file_that_can_be_written_is_not_refused(tmp_path, monkeypatch):
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    monkeypatch.chdir(tmp_path)
    for name in ("new", "new/folder/file", "dangling", "é" * 100):
        disk.check_writable(tmp_path / name, "")
    disk.check_writable(type(tmp_path)("here.txt"), "")
    assert listing(tmp_path) == ["dangling"]


@pytest.mark.parametrize(
    "error, reason",
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (OSError("Can't write data (file write failed)"), "Can't write data (file write failed)"),  # h5py's
        (
            OSError("Can't close file (time = now\n, error message = 'No space left on device', buf = 0)"),
            "No space left",
        ),
        (RuntimeError("Unable to flush file's cached information (errno = 28, No space left on device)"), "No space"),
        (zipfile.BadZipFile("odd"), None),
        (RuntimeError("OOM when allocating tensor"), None),
    ],
)
def test_which_errors_are_the_disks(error, reason):
    found = disk.disk_reason(error)
    assert found is None if reason is None else found.startswith(reason)


def test_errors_of_another_kind_stay_what_they_are(tmp_path):
    for error in (ValueError("no"), RnnkitError("No space left on device"), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught, disk.disk_errors(tmp_path), disk.scratch():
            raise error
        assert caught.value is error


def test_a_full_temporary_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with pytest.raises(RnnkitError) as caught, disk.scratch() as folder:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, most[1]))
            (folder / "file").write_bytes(bytes(5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert str(caught.value).startswith(f"The temporary folder {tmp_path} cannot be written (File too large).")
    assert listing(tmp_path) == []


def test_a_full_disk_says_what_is_kept_and_how_to_go_on(tmp_path):
    kept = tmp_path / "answers.csv.partial.json"
    for there, advice in ((False, "Give another file."), (True, "go on with --resume; the answers are kept.")):
        if there:
            kept.write_text("{}")
        with pytest.raises(RnnkitError) as caught:
            with disk.disk_errors(tmp_path / "answers.csv", "Give another file.", kept, "the answers are kept"):
                raise OSError(errno.ENOSPC, "No space left on device")
        assert "answers.csv cannot be written (No space left on device)" in str(caught.value)
        assert str(caught.value).endswith(advice)
