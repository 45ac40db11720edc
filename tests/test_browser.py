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
from golden.answers import HERE, RUNS, answers, inputs, same

import rnnkit

WEB = Path(__file__).parents[1] / "web"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")

#: Tasks whose file is compared in float32.
EXACT = ("image_captioner", "language_model", "music_model")

pytestmark = pytest.mark.interop


def browser() -> str:
    """The browser, where all that is needed is there; else the test is skipped, saying what lacks."""
    found = os.environ.get("CHROME_PATH") or next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if shutil.which("node") is None:
        pytest.skip("there is no Node")
    if not (WEB / "node_modules" / "puppeteer-core").is_dir():
        pytest.skip("web/ is not installed: make web")
    if found is None:
        pytest.skip("there is no Chromium (CHROME_PATH names one that is not on the path)")
    return found


def asked_in_browser(asked: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What bundles answer in the browser.

    Args:
        asked: For each bundle its folder, a method and the calls, each a list of arguments and options.
        folder: For what is written on the way.
    """
    executable = browser()
    (folder / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    command = ["node", "tools/browser.js", executable, str(folder / "asked.json")]
    done = subprocess.run(command, cwd=WEB, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout)
    assert not said["faults"]
    return dict(said["found"])


@pytest.mark.parametrize("run", ["sales_forecast"])
def test_shipped_runs_answer_in_a_browser(run, tmp_path):
    task = json.loads((RUNS / run / "config.json").read_text(encoding="utf-8"))["task"]
    asked = {run: {"folder": str(RUNS / run / "lite"), "method": "predict", "calls": [[[inputs(task)], {}]]}}
    found = asked_in_browser(asked, tmp_path)[run]
    assert "error" not in found, found
    assert same(found["answers"][0], json.loads((HERE / f"{run}.json").read_text(encoding="utf-8"))["tflite"])


@pytest.mark.slow
@pytest.mark.parametrize("run", sorted(path.stem for path in HERE.glob("*.json")))
def test_default_exports_answer_in_a_browser(run, tmp_path):
    """Twenty inputs each, beside the file in Python and beside the golden answers of the Run."""
    browser()
    shutil.copytree(RUNS / run, tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "lite")
    task = rnnkit.load(tmp_path / "run")
    # Int8 weights are multiplied otherwise in WebAssembly; of a text that is drawn, each letter changes all later ones.
    task.export(quantize="none" if task.key in EXACT else "dynamic")
    given = inputs(task.key)
    if task.key in ("language_model", "music_model"):
        method, calls = "generate", [([how.get("prefix", "")], {**how, "prefix": None}) for how in given]
        calls = [[prefix, {name: value for name, value in how.items() if value is not None}] for prefix, how in calls]
    elif task.key == "image_captioner":
        method, calls = "predict", [[[picture(each)], {}] for each in given]
    else:
        plain = [each.tolist() if hasattr(each, "tolist") else each for each in given]
        method, calls = "predict", [[[plain], {}]]
    asked = {run: {"folder": str(tmp_path / "run" / "lite"), "method": method, "calls": calls}}
    found = asked_in_browser(asked, tmp_path)[run]
    assert "error" not in found, found
    here = answers(rnnkit.lite.load(tmp_path / "run" / "lite"), task.key, given)
    there = found["answers"] if method == "generate" else [answer for each in found["answers"] for answer in each]
    pairs = [(alike(one, other), other) for one, other in zip(there, here, strict=True)]
    different = [pair for pair in pairs if not same(*pair)]
    assert not different, different[0]


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
