"""The tunes of the pipeline."""

import hashlib
import io
import subprocess
import zipfile

import pytest

from rnnkit.codec.abc_text import plain_text
from rnnkit.errors import RnnkitError
from rnnkit.tasks.music_model import sample as music_sample
from rnnkit.tasks.music_model.sample import COLLECTIONS, load_music_sample, music_data


def abc(count: int) -> str:
    return "".join(f"X:{n}\nM:4/4\nL:1/8\nK:G\nG{n + 1}A|\n\n" for n in range(count))


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """No music21 installed, a small wheel of the same make, and pip replaced by a copy."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for collection in (*COLLECTIONS, "essenFolksong"):
            file.writestr(f"music21/corpus/{collection}/b.abc", "X:2\nK:D\nd|")
            file.writestr(f"music21/corpus/{collection}/a.abc", f"X:1\nT:{collection}\nK:G\ng|")
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(music_sample, "_installed", list)
    monkeypatch.setattr(music_sample, "_LEAST_SAMPLE", 6)
    monkeypatch.setattr(music_sample, "_SHA256", hashlib.sha256(content.getvalue()).hexdigest())
    calls = []

    def pip(command, cwd, **options):
        calls.append(command)
        (cwd / "music21-9.9.2-py3-none-any.whl").write_bytes(content.getvalue())
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", pip)
    return calls


def test_without_music21_the_wheel_is_fetched_once(wheel):
    said = []
    tunes, _ = load_music_sample(said.append)
    assert [tune.header.get("T") for tune in tunes] == [
        COLLECTIONS[0],
        None,
        COLLECTIONS[1],
        None,
        COLLECTIONS[2],
        None,
    ]
    assert len(said) == 1 and len(load_music_sample(pytest.fail)[0]) == 6 and len(wheel) == 1


def test_a_cache_that_is_too_small_says_what_to_delete(wheel, monkeypatch):
    monkeypatch.setattr(music_sample, "_LEAST_SAMPLE", 7)
    with pytest.raises(RnnkitError, match="has 6 tunes; expected 7 or more. Delete"):
        load_music_sample(lambda line: None)


def test_the_last_tunes_of_a_file_are_held_out_and_none_is_there_twice(tmp_path):
    (tmp_path / "mine.abc").write_text(abc(100) + abc(3))
    said = []
    data = music_data(str(tmp_path / "mine.abc"), said.append)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [85, 5, 10]
    assert plain_text(data.test[-1]).endswith("G100A|") and plain_text(data.validation[0]).endswith("G10A|")
    assert said == ["3 tunes left out: the same music as another one (first: mine.abc line 601)"]


def test_what_cannot_be_used(tmp_path):
    (tmp_path / "few.abc").write_text(abc(9))
    with pytest.raises(RnnkitError, match="has 9 different tunes; expected 10"):
        music_data(str(tmp_path / "few.abc"))
    with pytest.raises(RnnkitError, match="--data is 'smaple'.*'sample'"):
        music_data("smaple")
    with pytest.raises(RnnkitError, match="is that of a table"):
        music_data("sample", column="abc")


@pytest.mark.slow
def test_the_real_sample():
    pytest.importorskip("music21", reason="holds the tunes")
    data = music_data("sample", lambda line: None)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [3563, 210, 419]
    assert data.skipped.counts == {
        "music before its K: field": 14, "several voices": 11, "the same music as another one": 26,
        "a key that is not understood": 2, "accidentals that are no half tones": 2,
        "chords between + signs, which are [ ] today": 1,
    }  # fmt: skip
