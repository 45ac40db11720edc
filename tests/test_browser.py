"""Bundles in a real browser: the same answers as LiteRT gives in Python, no error, no request off this machine."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from golden.answers import HERE, RUNS, TEXTS, answers, inputs, same
from tasks.trees import trained

import rnnkit

WEB = Path(__file__).parents[1] / "web"
#: For each browser the environment's name of its program, and the names that it may have.
BROWSERS = {
    "chromium": ("CHROME_PATH", ("chromium", "chromium-browser", "google-chrome", "chrome")),
    "firefox": ("FIREFOX_PATH", ("firefox-esr", "firefox")),
}

#: Tasks whose file is compared in float32.
EXACT = ("image_captioner", "language_model", "music_model", "speech_recognizer")

pytestmark = pytest.mark.interop


def browser(name: str) -> str:
    """The browser's program, where all that is needed is there; else the test is skipped, saying what lacks."""
    variable, programs = BROWSERS[name]
    found = os.environ.get(variable) or next((path for each in programs if (path := shutil.which(each))), None)
    if shutil.which("node") is None:
        pytest.skip("there is no Node")
    if not (WEB / "node_modules" / "puppeteer-core").is_dir():
        pytest.skip("web/ is not installed: make web")
    if found is None:
        pytest.skip(f"there is no {name} ({variable} names one that is not on the path)")
    return found


def asked_in_browser(asked: dict[str, Any], folder: Path, name: str = "chromium") -> dict[str, Any]:
    """What bundles answer in the browser.

    Args:
        asked: For each bundle its folder, the client (`web/tools/page.js`), a method and the arguments of each call.
        folder: For what is written on the way.
        name: The browser.
    """
    executable = browser(name)
    (folder / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    command = ["node", "tools/browser.js", executable, str(folder / "asked.json")]
    done = subprocess.run(command, cwd=WEB, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout)
    assert not said["faults"]
    return dict(said["found"])


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A function that exports a shipped Run: its task and the new bundle, made once."""
    made = {}

    def once(run, **how):
        key = (run, *how.items())
        if key not in made:
            to = tmp_path_factory.mktemp(run) / "run"
            shutil.copytree(RUNS / run, to)
            shutil.rmtree(to / "lite")
            task = rnnkit.load(to)
            # Int8 weights are multiplied otherwise in WebAssembly; of a text that is drawn, each letter changes all
            # later ones.
            task.export(**{"quantize": "none" if task.key in EXACT else "dynamic", **how})
            made[key] = task.key, to / "lite"
        return made[key]

    return once


def golden(run: str) -> list[Any]:
    """What the shipped bundle of a Run answers in Python."""
    return list(json.loads((HERE / f"{run}.json").read_text(encoding="utf-8"))["tflite"])


@pytest.mark.parametrize("name", BROWSERS)
def test_shipped_runs_answer_in_a_browser(name, tmp_path):
    run = "sales_forecast"  # the one whose shipped file has one shape
    asked = {run: {"folder": str(RUNS / run / "lite"), "method": "predict", "calls": [[[inputs("forecaster")], {}]]}}
    found = asked_in_browser(asked, tmp_path, name)[run]
    assert "error" not in found, found
    assert same(found["answers"][0], golden(run))


@pytest.mark.slow
@pytest.mark.parametrize("name", BROWSERS)
@pytest.mark.parametrize("run", sorted(path.stem for path in HERE.glob("*.json")))
def test_default_exports_answer_in_a_browser(run, name, exported, tmp_path):
    """Twenty inputs each, beside the file in Python and beside the golden answers of the Run."""
    browser(name)
    task, bundle = exported(run)
    given = inputs(task)
    if task in ("language_model", "music_model"):
        method, calls = "generate", [([how.get("prefix", "")], {**how, "prefix": None}) for how in given]
        calls = [[prefix, {name: value for name, value in how.items() if value is not None}] for prefix, how in calls]
    elif task == "image_captioner":
        method, calls = "predict", [[[picture(each)], {}] for each in given]
    else:
        plain = [each.tolist() if hasattr(each, "tolist") else each for each in given]
        method, calls = "predict", [[[plain], {}]]
    asked = {run: {"folder": str(bundle), "method": method, "calls": calls}}
    found = asked_in_browser(asked, tmp_path, name)[run]
    assert "error" not in found, found
    here = answers(rnnkit.lite.load(bundle), task, given)
    there = found["answers"] if method == "generate" else [answer for each in found["answers"] for answer in each]
    pairs = [(alike(one, other), other) for one, other in zip(there, here, strict=True)]
    different = [pair for pair in pairs if not same(*pair)]
    assert not different, different[0]


@pytest.mark.slow
@pytest.mark.parametrize(("run", "method"), [("imdb_sentiment", "classify"), ("conll_ner", "tag")])
def test_the_client_of_the_docs_answers_in_a_browser(run, method, exported, tmp_path):
    """The default export of the shipped Run, with LiteRT.js alone: nothing of rnnkit-lite."""
    browser("chromium")
    _, bundle = exported(run)
    asked = {run: {"folder": str(bundle), "client": "docs", "method": method, "calls": [[[text]] for text in TEXTS]}}
    found = asked_in_browser(asked, tmp_path)[run]
    assert "error" not in found, found
    for text, one, other in zip(TEXTS, found["answers"], golden(run), strict=True):
        if method == "classify":
            assert same({each["label"]: each["probability"] for each in one}, other["probabilities"])
        else:
            places = [(each["type"], text[each["start"] : each["end"]]) for each in one]  # no letter is beyond U+FFFF
            assert places == [(each["type"], each["text"]) for each in other["entities"]]


@pytest.mark.slow
def test_trees_of_any_number_of_children_answer_in_a_browser(tmp_path):
    """No shipped Run has any; a node of more children than a call takes is composed in parts."""
    browser("chromium")
    trained("child_sum").export(tmp_path / "run", quantize="none")
    trees = ["((a) (good) (and) (funny) (film) (of) (the) (great) (actor))", "(((not) ((a))) (film))", "(terrible)"]
    calls = [[[trees], {}]]
    asked = {"trees": {"folder": str(tmp_path / "run" / "lite"), "method": "predict", "calls": calls}}
    found = asked_in_browser(asked, tmp_path)["trees"]
    assert "error" not in found, found
    here = answers(rnnkit.lite.load(tmp_path / "run" / "lite"), "tree_classifier", trees)
    assert same([alike(one, other) for one, other in zip(found["answers"][0], here, strict=True)], here)


@pytest.mark.slow
def test_mediapipe_classifies_in_a_browser(tmp_path):
    """MediaPipe's TextClassifier reads texts itself: an unrolled file has words, labels and tokeniser in it."""
    browser("chromium")
    if not (WEB / "node_modules" / "@mediapipe" / "tasks-text").is_dir():
        pytest.skip("@mediapipe/tasks-text is not installed: make web")
    run = tmp_path / "run"
    shutil.copytree(RUNS / "imdb_sentiment", run)
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    config["options"]["max_length"] = 64  # which the texts need no more than
    (run / "config.json").write_text(json.dumps(config), encoding="utf-8")
    rnnkit.load(run).export(strategy="unroll")
    calls = [[[text]] for text in TEXTS]
    asked = {"run": {"folder": str(run / "lite"), "client": "mediapipe", "method": "classify", "calls": calls}}
    found = asked_in_browser(asked, tmp_path)["run"]
    assert "error" not in found, found
    for one, other in zip(found["answers"], golden("imdb_sentiment"), strict=True):
        categories = one["classifications"][0]["categories"]
        assert categories[0]["categoryName"] == other["label"]
        assert same({each["categoryName"]: each["score"] for each in categories}, other["probabilities"])


def alike(there, here):
    """The part of an answer there that answers in Python have; in JavaScript entities have two more places, and
    Python's golden answers leave a field out."""
    if isinstance(here, dict) and isinstance(there, dict):
        return {name: alike(each, here[name]) for name, each in there.items() if name in here}
    if isinstance(here, list) and isinstance(there, list) and len(here) == len(there):
        return [alike(one, other) for one, other in zip(there, here, strict=True)]
    return there


def picture(pixels):
    """A picture as the page makes an `ImageData` of it."""
    height, width = pixels.shape[:2]
    rgba = np.concatenate([pixels, np.full((height, width, 1), 255, np.uint8)], axis=2)
    return {"width": width, "height": height, "rgba": base64.b64encode(rgba.tobytes()).decode("ascii")}


def test_a_broken_bundle_is_refused_as_in_python(tmp_path):
    shutil.copytree(RUNS / "sales_forecast" / "lite", tmp_path / "lite")
    model = tmp_path / "lite" / "model.tflite"
    model.write_bytes(model.read_bytes()[:-10])
    with pytest.raises(rnnkit.RnnkitError) as refused:
        rnnkit.lite.load(tmp_path / "lite")
    asked = {"broken": {"folder": str(tmp_path / "lite"), "method": "predict", "calls": []}}
    error = asked_in_browser(asked, tmp_path)["broken"]["error"]
    assert (
        error.startswith("RnnkitError: ")
        and error.partition(": ")[2].split("/")[-1] == str(refused.value).split("/")[-1]
    )
