"""The shipped Runs answer what they answered before the code was moved about, in Keras and on the phone."""

import json

import pytest
from golden.answers import HERE, RUNS, both, same

NAMES = sorted(path.stem for path in HERE.glob("*.json"))


def test_every_shipped_run_has_golden_answers():
    shipped = {path.parent.name for path in RUNS.glob("*/config.json") if not path.parent.name.startswith("my_")}
    assert set(NAMES) == shipped
    assert not same([{"a": 0.5}], [{"a": 0.6}]) and not same(["a"], ["b"]) and same({"a": [0.5]}, {"a": [0.5001]})


@pytest.mark.slow
@pytest.mark.parametrize("run", NAMES)
def test_golden_answers(run):
    then, now = json.loads((HERE / f"{run}.json").read_text(encoding="utf-8")), both(run)
    assert now["task"] == then["task"]
    for kind in ("keras", "tflite"):
        assert len(then[kind]) == 20
        different = [place for place in range(20) if not same(now[kind][place], then[kind][place])]
        assert not different, (kind, different, now[kind][different[0]], then[kind][different[0]])
