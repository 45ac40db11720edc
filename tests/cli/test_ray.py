"""What a local Ray cluster trains, answers and searches is what one machine does, also where a worker is killed."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tasks import tiny
from training.test_workers import job

import rnnkit

pytest.importorskip("ray")
pytestmark = pytest.mark.slow
_SECONDS = 400


def command(folder, to, *more):
    asked = job("text_classifier", folder)
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in asked["options"].items()]
    program = [sys.executable, "-m", "rnnkit", "train", "text_classifier", asked["file"]]
    return [*program, *flags, "--to", str(to), *more]


def environment():
    return {**os.environ, "TF_NUM_INTRAOP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}


def workers(name):
    """The processes of Ray's workers of a name."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().startswith(f"ray::{name}".encode()):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def printed(program, said, during=None):
    """Run a program, whose output goes into a file, and see that it ends well."""
    with said.open("wb") as file:
        running = subprocess.Popen(program, stdout=file, stderr=file, env=environment(), cwd=said.parent)
        try:
            if during is not None:
                during(running)
            assert running.wait(_SECONDS) == 0, said.read_text(errors="replace")
        finally:
            running.kill()


@pytest.mark.skipif(not Path("/proc/self/cmdline").is_file(), reason="finds processes in /proc")
def test_two_workers_of_which_one_is_killed_end_as_one_device(tmp_path):
    subprocess.run(command(tmp_path / "data", tmp_path / "one"), check=True, timeout=_SECONDS)
    said = tmp_path / "said.txt"

    def kill(running):
        deadline = time.monotonic() + _SECONDS
        while "epoch 3/" not in said.read_text(errors="replace") and time.monotonic() < deadline:
            assert running.poll() is None, said.read_text(errors="replace")
            time.sleep(0.5)
        killed = workers("RayTrainWorker")
        assert len(killed) == 2
        os.kill(killed[1], signal.SIGKILL)

    printed(command(tmp_path / "data", tmp_path / "two", "--ray", "local", "--workers", "2"), said, kill)
    lines = said.read_text(errors="replace")
    assert "resuming after epoch" in lines and "RayTrainWorker" not in lines and "Reporting" not in lines
    figures = [json.loads((tmp_path / name / "metrics.json").read_text()) for name in ("one", "two")]
    assert figures[0]["test"]["accuracy"] == figures[1]["test"]["accuracy"]
    assert figures[0]["epochs"] == figures[1]["epochs"] == 10
    one, two = (rnnkit.load(tmp_path / name).network.get_weights() for name in ("one", "two"))
    assert max(abs(a - b).max() for a, b in zip(one, two, strict=True)) < 1e-5
    assert not (tmp_path / "two.ray").exists()


#: Commands of one process, which starts Ray once: the words of each as JSON; prints the exit codes.
_COMMANDS = """
import json, sys
from rnnkit import cli
codes = []
for words in json.loads(sys.argv[1]):
    sys.argv = ["rnnkit", *words]
    try:
        cli.main()
    except SystemExit as ended:
        codes.append(ended.code or 0)
print("codes", codes)
"""
_TEXTS = ["a wonderful film", "badly acted", 'a "fine" one,\nin two lines', "1e5", "007", "sehr schön, 映画", " x "]


def commands(folder, *lines, during=None):
    """Run several commands in one process. Return their exit codes, and what was printed."""
    words = [["predict", "imdb_sentiment", *map(str, line), "--tflite"] for line in lines]
    said = folder / "said.txt"
    printed([sys.executable, "-c", _COMMANDS, json.dumps(words)], said, during)
    text = said.read_text(encoding="utf-8")
    return json.loads(text.rpartition("codes ")[2].partition("\n")[0]), text


def write_table(path, rows, first=0):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(["id", "text", "answer", "note"])
        for number in range(first, first + rows):
            note = ["007", "1e5", "", "NA", "true", 'a "b"\nc'][number % 6]
            writer.writerow([f"{number:05d}", _TEXTS[number % 7] + " g" * (number % 5), "mine", note])


def read_table(*paths):
    found = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            found += list(csv.reader(file))[bool(found) :]
    return found


def parts(folder):
    return sorted(path for path in folder.iterdir() if path.name.startswith("part-"))


def test_answers_on_ray_are_those_of_one_machine_cell_for_cell(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    write_table(tmp_path / "a.csv", 1500)
    (tmp_path / "shards").mkdir()
    write_table(tmp_path / "shards" / "1.csv", 300)
    write_table(tmp_path / "shards" / "2.csv", 50, first=300)
    write_table(tmp_path / "whole.csv", 350)
    lines = [
        {"text": text, "n": 1.0 * number, "id": "007", "deep": {"x": [number]}} for number, text in enumerate(_TEXTS)
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    table = pyarrow.table({"text": _TEXTS, "id": ["007"] * 7, "n": [1, 2, None, 4, 5, 6, 7]})
    parquet.write_table(table, tmp_path / "a.parquet")
    (tmp_path / "blank.csv").write_text("text,id\ngood,1\n,2\n")
    ray = ("--ray", "local", "--workers", "2")
    codes, said = commands(
        tmp_path,
        ("a.csv", "--to", "one.csv", "--all", "--threshold", "0.9"),
        ("a.csv", "--to", "out_csv", "--all", "--threshold", "0.9", *ray),
        ("whole.csv", "--to", "whole_one.csv"),
        ("shards/*.csv", "--to", "out_shards", *ray),
        ("a.jsonl", "--to", "one.jsonl"),
        ("a.jsonl", "--to", "out_jsonl", *ray),
        ("a.parquet", "--to", "one.parquet"),
        ("a.parquet", "--to", "out_parquet", *ray),
        ("blank.csv", "--to", "out_blank", *ray),
        ("blank.csv", "--to", "one_blank.csv", "--allow-empty"),
        ("blank.csv", "--to", "out_blank", "--allow-empty", *ray),
        ("blank.csv", "--to", "out_blank", "--allow-empty", *ray),
        ("blank.csv", "--to", "out_blank", "--allow-empty", "--overwrite", *ray),
    )
    assert codes == [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0], said
    assert [path.name for path in parts(tmp_path / "out_csv")] == ["part-000001.csv"]
    assert parts(tmp_path / "out_csv")[0].read_bytes() == (tmp_path / "one.csv").read_bytes()
    assert len(parts(tmp_path / "out_shards")) == 2
    assert read_table(*parts(tmp_path / "out_shards")) == read_table(tmp_path / "whole_one.csv")
    assert parts(tmp_path / "out_jsonl")[0].read_bytes() == (tmp_path / "one.jsonl").read_bytes()
    one, other = (parquet.read_table(path) for path in (tmp_path / "one.parquet", *parts(tmp_path / "out_parquet")))
    assert one.equals(other, check_metadata=True)
    assert parts(tmp_path / "out_blank")[0].read_bytes() == (tmp_path / "one_blank.csv").read_bytes()
    assert "blank.csv line 3 has nothing to answer" in said and "1 row without text" in said
    assert "out_blank holds answers already; nothing was written" in said
    assert json.loads((tmp_path / "out_blank" / "_answers.json").read_text())["blank"] == 1
    assert not [path.name for path in tmp_path.iterdir() if path.name.endswith(".writing")]
    assert 'a.csv has a column "answer"; the new one is "answer_2"' in said


@pytest.mark.skipif(not Path("/proc/self/cmdline").is_file(), reason="finds processes in /proc")
def test_answers_of_which_a_worker_is_killed_are_whole(tmp_path):
    write_table(tmp_path / "a.csv", 20_000)
    killed = []

    def kill(running):
        deadline = time.monotonic() + _SECONDS
        while not killed and time.monotonic() < deadline and running.poll() is None:
            time.sleep(0.5)
            unfinished = [part for each in tmp_path.glob("out.*.writing") for part in parts(each)]
            if unfinished and (found := workers("MapWorker")):
                os.kill(found[0], signal.SIGKILL)
                killed.append(found[0])

    codes, said = commands(
        tmp_path,
        ("a.csv", "--to", "out", "--ray", "local", "--workers", "2"),
        ("a.csv", "--to", "one.csv"),
        during=kill,
    )
    assert killed and codes == [0, 0], said
    assert parts(tmp_path / "out")[0].read_bytes() == (tmp_path / "one.csv").read_bytes()


def searched(folder, to, *more, during=None):
    file = folder / "reviews.csv"
    tiny.write_csv(file, tiny.rows(60))
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in {**tiny.OPTIONS, "epochs": 3}.items()]
    flags = [flag for flag in flags if not flag.startswith("--units")]
    program = [sys.executable, "-m", "rnnkit", "tune", "text_classifier", str(file), *flags]
    program += ["--over", "units,dropout", "--trials", "4", "--to", str(folder / to), *more]
    printed(program, folder / f"{to}.txt", during)
    found = json.loads((folder / to / "tuning.json").read_text())
    return [{**one, "seconds": 0} for one in found["results"]], found["kept"]


@pytest.mark.skipif(not Path("/proc/self/cmdline").is_file(), reason="finds processes in /proc")
def test_a_search_with_one_worker_is_the_local_one_also_where_it_is_killed(tmp_path):
    pytest.importorskip("optuna")
    killed = []

    def kill(running):
        deadline = time.monotonic() + _SECONDS
        while not killed and time.monotonic() < deadline and running.poll() is None:
            time.sleep(0.2)
            if (tmp_path / "ray" / "trial_001").exists() and (found := workers("_train")):
                os.kill(found[0], signal.SIGKILL)
                killed.append(found[0])

    local = searched(tmp_path, "local")
    assert searched(tmp_path, "ray", "--ray", "local", "--workers", "1", during=kill) == local and killed


def test_a_search_with_two_workers_has_each_trial_once(tmp_path):
    pytest.importorskip("optuna")
    results, kept = searched(tmp_path, "ray", "--ray", "local", "--workers", "2")
    assert [one["run"] for one in results] == [f"trial_00{number}" for number in (1, 2, 3, 4)]
    assert not any("error" in one for one in results) and (tmp_path / "ray" / kept[0] / "config.json").is_file()
