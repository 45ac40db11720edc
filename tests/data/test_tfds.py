import os
import sys
import time
from pathlib import Path

import pytest

from rnnkit.data import tfds
from rnnkit.errors import RnnkitError


def child(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_silent_download_is_given_up_and_its_processes_end(tmp_path):
    code = f"""
import pathlib, subprocess, sys, time
inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path({str(tmp_path)!r}, "pid").write_text(str(inner.pid))
time.sleep(60)
"""
    start = time.monotonic()
    with pytest.raises(RnnkitError, match="silent for 1 seconds.*--data sample"):
        tfds._download(tmp_path, 1, child(code))
    assert time.monotonic() - start < 10
    time.sleep(0.2)
    state = Path("/proc", (tmp_path / "pid").read_text(), "stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


@pytest.mark.parametrize("news", [r"print('\r.', flush=True)", "file.write(b'.' * 9); file.flush()"])
def test_a_slow_download_with_news_may_go_on(tmp_path, news):
    (tmp_path / "downloads").mkdir()
    code = f"""
import time
with open({str(tmp_path / "downloads" / "part")!r}, "wb") as file:
    for _ in range(6):
        time.sleep(0.25)
        {news}
"""
    tfds._download(tmp_path, 1, child(code))


def test_warnings_of_new_attempts_are_no_news(tmp_path):
    code = """
import time
for _ in range(40):
    print("WARNING: retrying: ConnectionError(Failed to resolve 'a.example' (Errno -2))", flush=True)
    time.sleep(0.25)
"""
    with pytest.raises(RnnkitError, match=r"silent for 1 seconds and was given up \(Failed to resolve 'a.example'\)"):
        tfds._download(tmp_path, 1, child(code))


def test_a_failing_download_tells_its_last_line(tmp_path):
    with pytest.raises(RnnkitError, match=r"failed \(OSError: no route\).*--data sample"):
        tfds._download(tmp_path, 20, child("raise OSError('no route')"))


def test_a_named_folder_must_hold_the_set(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(RnnkitError, match="There is no folder .*nowhere"):
        tfds.load_imdb()
    with pytest.raises(RnnkitError, match="does not hold a prepared imdb_reviews"):
        tfds.load_imdb(str(tmp_path))


def test_the_newest_prepared_version_is_found(tmp_path):
    assert tfds._prepared(tmp_path) is None
    for version in ("1.0.0", "10.0.0", "9.0.0"):
        folder = tmp_path / "imdb_reviews" / "plain_text" / version
        folder.mkdir(parents=True)
        (folder / "dataset_info.json").touch()
    assert tfds._prepared(tmp_path).name == "10.0.0"


@pytest.mark.data
@pytest.mark.skipif("TFDS_DATA_DIR" not in os.environ, reason="TFDS_DATA_DIR names no folder with imdb_reviews")
def test_the_real_reviews():
    pytest.importorskip("tensorflow_datasets", reason="tensorflow_datasets is not installed")
    splits = tfds.load_imdb()
    for rows in splits.values():
        assert len(rows) == 25_000
        assert sum(label == "positive" for _, label in rows) == 12_500
        assert not any("<br />" in text for text, _ in rows)


def test_a_short_trial_takes_the_real_data_where_the_named_folder_has_them_and_downloads_none(tmp_path, monkeypatch):
    from rnnkit.data.tfds import IMDB, prepared_or_sample

    monkeypatch.delenv("TFDS_DATA_DIR", raising=False)
    assert prepared_or_sample("auto", IMDB) == "sample"
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    assert prepared_or_sample("auto", IMDB) == "sample"
    (tmp_path / IMDB / "1.0.0").mkdir(parents=True)
    (tmp_path / IMDB / "1.0.0" / "dataset_info.json").write_text("{}")
    assert prepared_or_sample("auto", IMDB) == "tfds" == prepared_or_sample("auto", IMDB, str(tmp_path))
    assert [prepared_or_sample(choice, IMDB) for choice in ("sample", "my.csv")] == ["sample", "my.csv"]
