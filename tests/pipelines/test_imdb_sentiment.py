"""The sentiment pipeline, end to end, on a small file of the test's own: no network."""

import functools
import json
import sys
import time

import pytest
from pipelines.running import PIPELINES, run_pipeline
from tasks.tiny import rows, write_csv

PIPELINE = PIPELINES / "imdb_sentiment.py"
run = functools.partial(run_pipeline, PIPELINE.name)


@pytest.mark.slow
def test_quick_goes_from_a_csv_to_a_phone_ready_run(tmp_path):
    data, to = write_csv(tmp_path / "mine.csv", rows(400)), tmp_path / "runs" / "mine"
    began = time.monotonic()
    done = run("--quick", "--data", data, "--to", to)
    print(f"pipeline --quick: {time.monotonic() - began:.0f} s")
    assert done.returncode == 0, done.stderr[-2000:]
    for part in (f"DATA  {data}\n", "test    accuracy", "TFLite  accuracy", f"next: rnnkit predict {to} --tflite"):
        assert part in done.stdout
    names = {str(path.relative_to(to)) for path in to.rglob("*")}
    assert {"lite/model.tflite", "lite/bundle.json", "plots/words.png", "metrics.json", "model.keras"} <= names
    metrics = json.loads((to / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["data"]["name"] == data.name
    assert {"accuracy", "bytes", "strategy"} <= set(metrics["test_tflite"])

    again = run("--quick", "--data", data, "--to", to, "--resume")
    assert again.returncode == 0 and "is already trained" in again.stderr


@pytest.mark.parametrize(
    "flags, message",
    [
        (("--data", "nowhere.csv"), "There is no file nowhere.csv"),
        (("--data", "smaple"), "Did you mean 'sample'?"),
        (("--data", "{file}", "--cell", "lsmt"), "Did you mean 'lstm'?"),
        (("--data", "{file}", "--unts", "3"), "--units"),
    ],
)
def test_mistakes_are_one_line_and_write_nothing(flags, message, tmp_path, monkeypatch, capsys):
    """In this process, which has Keras loaded already."""
    import runpy

    file = write_csv(tmp_path / "mine.csv", rows(20))
    given = [flag.format(file=file) for flag in flags]
    monkeypatch.setattr(sys, "argv", [str(PIPELINE), *given, "--to", str(tmp_path / "run")])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(PIPELINE), run_name="__main__")
    said = capsys.readouterr().err
    assert ended.value.code in (1, 2) and message in said and said.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]
