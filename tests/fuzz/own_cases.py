"""What a task of one's own leaves to be read: its `learnt.json`, and a bundle of numbers."""

import functools
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fuzz import run_cases, samples
from fuzz.case import Case
from fuzz.edits import files
from fuzz.json_edits import json_files
from fuzz.made import Made
from hypothesis import strategies as st

from rnnkit import lite
from rnnkit.tasks.base.learnt import LEARNT, load_learnt

PAGE = Path(__file__).parents[2] / "docs" / "own_task.md"
#: One of each kind of value that is kept as JSON.
KINDS: dict[str, Any] = {
    "count": 3,
    "mean": 0.5,
    "name": "waves",
    "scales": [0.5, 1.0],
    "words": {"a": 1},
    "flag": True,
}
_ASKED = (
    [0.1, 0.9, 0.3],
    "0.1 0.9",
    "",
    "1,2 3,4",
    [float("nan")],
    [[1.0], [2.0, 3.0]],
    "1e39",
    [True],
    None,
    [0.0] * 81,
)


def learnt_cases() -> list[Case]:
    """Those that need no TensorFlow."""
    sound = {LEARNT: json.dumps(KINDS).encode()}
    made = st.one_of(json_files(sound), files(sound, (LEARNT,)))
    return [Case("Run: what an own task has learnt", made, _learnt, _of_its_kinds, stranger=True, plain=Made(sound))]


def _learnt(folder: Path, made: Made) -> Any:
    preprocessing = SimpleNamespace(learnt_names=tuple(KINDS), **KINDS)
    load_learnt(preprocessing, folder)
    return {name: getattr(preprocessing, name) for name in KINDS}


def _of_its_kinds(found: Any) -> bool:
    return all(type(found[name]) is type(value) for name, value in KINDS.items())


def array_cases() -> list[Case]:
    """Bundles of numbers; the first is exported for them."""
    sound = samples.files_of(_bundle())
    edited = run_cases.folders(sound, without=(".tflite",), mended=run_cases.mended)
    asked = st.builds(lambda values: Made({}, (values,)), st.sampled_from(_ASKED))
    return [
        Case("bundle: arrays", edited, _answered, _numbers, stranger=True, heavy=True, plain=Made(sound)),
        Case("predict: arrays", asked, _asked, _numbers, heavy=True, plain=Made({}, (_ASKED[0],))),
    ]


@functools.cache
def _bundle() -> Path:
    """The bundle of an untrained network of the task that docs/own_task.md writes."""
    from rnnkit.tasks import _own

    code, *_ = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {"__name__": "sequence_regressor"}
    exec(compile(code, str(PAGE), "exec"), names)
    task = names["SequenceRegressor"](units=3, max_length=80)
    rows = [(" ".join(str(step / 10) for step in range(1, 9 + place)), str(place)) for place in range(30)]
    task.preprocessing.learn(task.read(rows))
    task.network = task.build()
    folder = samples.scratch() / "arrays"
    task.export(folder, quantize="none", rows=task.preprocessing.encode_rows(task.read(rows)))
    _own.OWN.classes.clear()
    return folder / "lite"


@functools.cache
def _runner() -> Any:
    return lite.load(_bundle())


def _answered(folder: Path, made: Made) -> Any:
    return lite.load(folder).predict(["0.1 0.9"])


def _asked(folder: Path, made: Made) -> Any:
    return _runner().predict([made.how[0]])


def _numbers(found: Any) -> bool:
    return len(found) == 1 and run_cases.answers(found) and abs(found[0]) < float("inf")
