"""What a browser needs for an answer: bytes to download, time to the first answer, time of each further one.

    python benchmarks/browser_times.py

The file of each shipped Run that `rnnkit try` shows, its own or where browsers refuse that one its default export, is
asked in Chromium through web/, served by this machine. Two builds of LiteRT.js are timed in turn: the one that every
browser takes (compat), which the page of `rnnkit try` has, and the one for relaxed SIMD.
"""

import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from _record import record

import rnnkit
from rnnkit.lite import read_bundle
from rnnkit.page.assets import runs_in_browser

ROOT = Path(__file__).parents[1]
WEB = ROOT / "web"
sys.path.insert(0, str(ROOT / "tests"))
BUILDS = {"compat": "litert_wasm_compat_internal.js", "relaxed_simd": "litert_wasm_internal.js"}
ROUNDS, ANSWERS = 3, 20
RUNS = (
    "imdb_sentiment", "conll_ner", "translation_en_de", "image_captioning", "char_text", "char_music", "gestures",
    "sales_forecast",
)  # fmt: skip


def main() -> None:
    from golden.answers import inputs
    from test_browser import picture

    with tempfile.TemporaryDirectory() as place:
        asked: dict[str, Any] = {}
        folders: dict[str, Path] = {}
        for run in RUNS:
            folders[run] = ROOT / "saved_models" / run / "lite"
            key = read_bundle(folders[run]).task
            if not runs_in_browser(read_bundle(folders[run])):
                folders[run] = Path(rnnkit.load(run).export(Path(place, run))["path"])
            given = inputs(key)[:ANSWERS]
            if key in ("language_model", "music_model"):
                calls = [[[""], {"seed": 1, "length": 1 if number == 0 else 100}] for number in range(4)]
                asked[run] = {"method": "generate", "calls": calls}
            else:
                plain = [picture(each) if key == "image_captioner" else listed(each) for each in given]
                asked[run] = {"method": "predict", "calls": [[[each], {}] for each in plain]}
            asked[run]["folder"] = str(folders[run])
        result: dict[str, Any] = {"download": downloads(), "runs": {}}
        found = [{build: asked_with(wasm, asked, place) for build, wasm in BUILDS.items()} for _ in range(ROUNDS)]
        for run in RUNS:
            size = sum(path.stat().st_size for path in folders[run].glob("*.tflite"))
            times = {build: medians(run, [each[build][run] for each in found]) for build in BUILDS}
            result["runs"][run] = {"model_bytes": size, **times}
            print(run, result["runs"][run])
    browser = subprocess.run([chromium(), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    record("browser_times", {"browser": browser, "rounds": ROUNDS, **result}, seed=1)


def listed(given: Any) -> Any:
    return given.tolist() if hasattr(given, "tolist") else given


def asked_with(wasm: str, asked: dict[str, Any], place: str) -> dict[str, Any]:
    """What each bundle took with a build of LiteRT.js."""
    path = Path(place, "asked.json")
    path.write_text(json.dumps({run: {**how, "wasm": wasm} for run, how in asked.items()}), encoding="utf-8")
    command = ["node", "tools/browser.js", chromium(), str(path)]
    ran = subprocess.run(command, cwd=WEB, capture_output=True, text=True, encoding="utf-8", check=True)
    found = json.loads(ran.stdout)
    assert not found["faults"], found["faults"]
    return dict(found["found"])


def medians(run: str, found: list[dict[str, Any]]) -> dict[str, float]:
    """Milliseconds to the first answer, from an empty cache, and of each further one; of what writes, of each step."""
    steps = 100 if run.startswith("char_") else 1
    first = statistics.median(each["open"] + each["times"][0] for each in found)
    later = statistics.median(time / steps for each in found for time in each["times"][1:])
    return {"first_answer_ms": round(first), f"{'step' if steps > 1 else 'answer'}_ms": round(later, 2)}


def downloads() -> dict[str, dict[str, int]]:
    """Bytes of the runtime and of the page, as they are and as gzip makes them."""
    core = WEB / "node_modules" / "@litertjs" / "core" / "wasm"
    parts = {f"litert_{build}": [core / name, (core / name).with_suffix(".wasm")] for build, name in BUILDS.items()}
    page = ROOT / "rnnkit" / "page" / "built"
    scripts = [*page.glob("*.html"), *page.glob("*.css"), *page.glob("*.js"), *page.glob("parts/*.js")]
    parts["page_without_scores"] = [path for path in scripts if not path.name.startswith("abc_")]
    parts["scores"] = list(page.glob("parts/abc_*.js"))
    return {
        name: {
            "bytes": sum(path.stat().st_size for path in files),
            "gzip_bytes": sum(len(gzip.compress(path.read_bytes(), 9)) for path in files),
        }
        for name, files in parts.items()
    }


def chromium() -> str:
    return os.environ.get("CHROME_PATH") or shutil.which("chromium") or "chromium"


if __name__ == "__main__":
    main()
