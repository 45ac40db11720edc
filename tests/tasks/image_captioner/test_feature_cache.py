import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from rnnkit.errors import RnnkitError
from rnnkit.files.writing import fresh
from rnnkit.tasks.image_captioner import feature_cache
from rnnkit.tasks.image_captioner.feature_cache import FeatureCache

RANDOM = np.random.default_rng(2)
DIGESTS = [f"{number:032x}" for number in range(50)]
FEATURES = RANDOM.normal(size=(50, 3, 4)).astype(np.float32)


def cache(folder, **options) -> FeatureCache:
    return FeatureCache("an/encoder v1", 64, (3, 4), folder, **options)


def encode(digests: list[str]) -> np.ndarray:
    return FEATURES[[int(digest, 16) for digest in digests]]


def test_features_are_kept_as_float16_and_found_again(tmp_path):
    first = cache(tmp_path)
    first.put(DIGESTS[:20], FEATURES[:20])
    first.put(DIGESTS[20:30], FEATURES[20:30])
    again = cache(tmp_path)
    assert len(again) == 30 and DIGESTS[3] in again and DIGESTS[30] not in again
    chosen = [29, 0, 25, 0]
    for kept in (first, again):
        found = kept.get([DIGESTS[place] for place in chosen])
        assert found.dtype == np.float16 and (found == FEATURES[chosen].astype(np.float16)).all()
    assert again.missing([DIGESTS[40], DIGESTS[1], DIGESTS[40]]) == [DIGESTS[40]]
    assert again.bytes_a_picture == 24
    with pytest.raises(RnnkitError, match="are not in .*; encode it first"):
        again.get([DIGESTS[40]])


def test_nothing_is_encoded_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(feature_cache, "_BLOCK", 8)
    calls, said = [], []

    def counted(digests: list[str]) -> np.ndarray:
        calls.append(digests)
        return encode(digests)

    one = cache(tmp_path)
    one.fill(DIGESTS[:20] + DIGESTS[:5], counted, lambda done, total: said.append((done, total)))
    assert [len(some) for some in calls] == [8, 8, 4] and said == [(8, 20), (16, 20), (20, 20)]
    cache(tmp_path).fill(DIGESTS[:25], counted)
    assert calls[3:] == [DIGESTS[20:25]]


def test_another_encoder_size_or_shape_has_its_own_folder(tmp_path):
    folders = {
        FeatureCache(name, size, shape, tmp_path).folder
        for name, size, shape in [("a", 8, (2,)), ("b", 8, (2,)), ("a", 9, (2,)), ("a", 8, (1, 2)), ("a", 8, [2])]
    }
    assert len(folders) == 4
    assert cache(tmp_path).folder.name.startswith("an_encoder_v1-64-")


def test_no_cache_keeps_nothing_on_disk(tmp_path):
    memory = cache(tmp_path / "none", keep=False)
    memory.fill(DIGESTS, encode)
    assert (memory.get(DIGESTS) == FEATURES.astype(np.float16)).all() and not (tmp_path / "none").exists()


def test_large_numbers_are_cut_and_wrong_shapes_refused(tmp_path):
    one = cache(tmp_path)
    one.put(DIGESTS[:1], np.full((1, 3, 4), 1e9))
    assert one.get(DIGESTS[:1]).max() == np.finfo(np.float16).max
    one.put([], np.empty((0, 3, 4)))
    with pytest.raises(RnnkitError, match=r"Features of \[2, 3, 4\]; expected \[1, 3, 4\]"):
        one.put(DIGESTS[:1], FEATURES[:2])


def test_damaged_files_are_passed_over(tmp_path):
    one = cache(tmp_path)
    for place in range(0, 50, 10):
        one.put(DIGESTS[place : place + 10], FEATURES[place : place + 10])
    blocks = sorted(one.folder.glob("*.npy"))
    blocks[0].write_bytes(blocks[0].read_bytes()[:-10])  # cut short
    blocks[1].write_bytes(b"\x80\x04cos\nsystem\n(S'true'\ntR.")  # a pickle
    blocks[2].unlink()
    blocks[3].with_suffix(".json").write_text('["a"]')
    (one.folder / "x.json").write_text("{")
    again = cache(tmp_path)
    assert len(again) == 10
    again.fill(DIGESTS, encode)
    assert (cache(tmp_path).get(DIGESTS) == FEATURES.astype(np.float16)).all()


def test_a_full_disk_says_what_to_do(tmp_path, monkeypatch):
    one = cache(tmp_path)

    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(RnnkitError, match=r"No space left on device; a picture takes 24 bytes.*or use --no-cache"):
        one.put(DIGESTS[:1], FEATURES[:1])
    assert not list(one.folder.iterdir()) and DIGESTS[0] not in one
    (tmp_path / "file").write_text("")
    with pytest.raises(RnnkitError, match="cannot be cached in .*--no-cache"):
        cache(tmp_path / "file")


def test_what_a_killed_process_left_is_removed_later(tmp_path):
    one = cache(tmp_path)
    old, new = (fresh(one.folder / f"{digit * 24}.npy") for digit in "0a")
    others = one.folder / "my.tmp", one.folder / "my.writing"
    for path in (old, new, *others):
        path.write_bytes(b"half")
    for path in (old, *others):
        os.utime(path, (time.time() - 7200,) * 2)
    cache(tmp_path)
    assert not old.exists() and new.exists() and all(path.exists() for path in others)


@pytest.mark.slow
def test_killed_at_any_time_it_holds_whole_features(tmp_path):
    program = """
import sys, itertools, numpy as np
from rnnkit.tasks.image_captioner.feature_cache import FeatureCache
cache = FeatureCache("e", 8, (999,), sys.argv[1])
print("ready", flush=True)
for number in itertools.count(len(cache)):
    cache.put([str(number)], np.full((1, 999), number % 1000))
"""
    for round in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
        )
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        time.sleep(0.1 + 0.03 * round)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        found = FeatureCache("e", 8, (999,), tmp_path)
        for digest in map(str, range(len(found))):
            assert (found.get([digest]) == int(digest) % 1000).all()
    assert len(found) > 6


@pytest.mark.parametrize("suffix", [".npy", ".json"])
@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", b"[" * 100_000, b'[{"a": 1}]', b"\x93NUMPY\x01\x00\x10\x00{'descr': '|O', ", "pipe", "folder",
     "zip", "loop"],
)  # fmt: skip
def test_a_file_that_is_damaged_is_passed_over(tmp_path, suffix, content):
    one = cache(tmp_path)
    one.put(DIGESTS[:1], FEATURES[:1])
    [path] = one.folder.glob(f"*{suffix}")
    path.unlink()
    if content == "pipe":
        os.mkfifo(path)
    elif content == "folder":
        path.mkdir()
    elif content == "loop":
        path.symlink_to(path.name)
    elif content == "zip":
        np.savez(path.with_suffix(".npz"), FEATURES[:1])
        path.with_suffix(".npz").rename(path)
    else:
        path.write_bytes(content)
    assert len(cache(tmp_path)) == 0
