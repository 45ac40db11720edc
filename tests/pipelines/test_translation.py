"""The translation pipeline, end to end, on a small file of the test's own: no network."""

import functools
import json
import runpy
import sys

import pytest
from pipelines.running import PIPELINES, run_pipeline
from tasks.translating import pairs, write_csv

PIPELINE = PIPELINES / "translation.py"
run = functools.partial(run_pipeline, PIPELINE.name)


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--unit", "character", "--attention", "none", "--epochs", "1", "--cell", "mgu")])
def test_quick_goes_from_a_csv_to_a_phone_ready_run(more, tmp_path):
    data, to = write_csv(tmp_path / "mine.csv", pairs(300)), tmp_path / "runs" / "mine"
    done = run("--quick", "--data", data, "--to", to, *more)
    assert done.returncode == 0, done.stderr[-2000:]
    for part in ("DATA  mine.csv\n", "valid   BLEU", "test    BLEU", "TFLite  BLEU", "  ->  "):
        assert part in done.stdout
    assert done.stdout.splitlines()[-1].startswith(f"next: rnnkit predict {to} --tflite ")
    names = {str(path.relative_to(to)) for path in to.rglob("*")}
    assert {"lite/model.tflite", "lite/bundle.json", "metrics.json", "model.keras"} <= names
    assert ("plots/attention.png" in names) == (not more)
    metrics = json.loads((to / "metrics.json").read_text(encoding="utf-8"))
    assert {"bleu", "bleu_signature", "bytes", "strategy"} <= set(metrics["test_tflite"])
    again = run("--quick", "--data", data, "--to", to, "--resume", *more)
    assert again.returncode == 0 and "is already trained" in again.stderr


@pytest.mark.parametrize(
    "flags, message",
    [
        (("--data", "nowhere.csv"), "There is no file nowhere.csv"),
        (("--data", "smaple"), "Did you mean 'sample'?"),
        (("--data", "{file}", "--cell", "lsmt"), "Did you mean 'lstm'?"),
        (("--data", "{file}", "--attention", "all"), "expected one of none, additive"),
        (("--data", "{file}", "--max-length", "1"), "max_length is 1"),
        (("--data", "{file}", "--source", "en"), "has no column 'en'"),
        (("--data", "{file}", "--unts", "3"), "--units"),
    ],
)
def test_mistakes_are_one_line_and_write_nothing(flags, message, tmp_path, monkeypatch, capsys):
    """In this process, which has Keras loaded already."""
    file = write_csv(tmp_path / "mine.csv", pairs(20))
    given = [flag.format(file=file) for flag in flags]
    monkeypatch.setattr(sys, "argv", [str(PIPELINE), *given, "--to", str(tmp_path / "run")])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(PIPELINE), run_name="__main__")
    said = capsys.readouterr().err
    assert ended.value.code in (1, 2) and message in said and said.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]
