"""web/ answers as Python does: golden cases that both read, and a twin of every file that a browser needs."""

import ast
import json
import math
import re
import runpy
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest
from golden import web_bundles, web_cases

import rnnkit

ROOT = Path(__file__).parents[1]
WEB = ROOT / "web"
#: Folders of Python files and of their twins.
TWINS = {
    "rnnkit/codec": "web/src/codec",
    "rnnkit/decoding": "web/src/decoding",
    "rnnkit/lite": "web/src",
    "rnnkit/lite/tasks": "web/src/tasks",
    "rnnkit/lite/answers": "web/src/answers",
}
#: Files without a twin, and why.
WITHOUT_TWIN = {
    "rnnkit/codec/__init__.py": "empty",
    "rnnkit/codec/abc_faults.py": "tunes are sorted out before training",
    "rnnkit/codec/abc_tokens.py": "tunes are made plain before training",
    "rnnkit/decoding/fusion.py": "a browser's search for speech has a list of words and no language model",
    "rnnkit/decoding/scorers.py": "the same",
    "rnnkit/codec/wav.py": "opens sound files, which a browser does itself",
    "rnnkit/lite/__main__.py": "the command line",
    "rnnkit/lite/language_scorer.py": "the same",
    "rnnkit/lite/micro.py": "a microcontroller's file, tried on a computer",
    "rnnkit/lite/micro_sound.py": "likewise",
    "rnnkit/lite/streaming.py": "runs a model without a bundle",
    "rnnkit/lite/tasks/__init__.py": "empty",
    "rnnkit/lite/answers/__init__.py": "empty",
    "rnnkit/lite/answers/numbers.py": "how the command line writes numbers",
}
#: Public names without a twin, by the reason.
LEFT_OUT = {
    "learns, or writes what was learnt": {
        "channels_text", "cycles_of", "faults", "Fault", "find_frequency", "guess_scheme", "has_comma",
        "may_be_thousands", "settings_text", "learnt_scales",
        "usual_search", "write_units", "save_headers", "binarized",
    },
    "trains": {"last_ids", "warped"},
    "tunes are read before training": {
        "Skipped", "Tune", "header_counts", "header_prompt", "join_tunes", "parse_tune", "plain_text", "split_tunes",
        "tunes_from_text", "unit_length", "with_number",
    },
    "compares an export with Keras": {"best_two", "numbers_of", "TranslatorAnswers"},
    "opens picture files, which a browser does itself": {
        "decode_picture", "open_picture", "picture_digest", "picture_fault", "picture_faults", "printable",
        "read_picture",
    },
    "Python's own": {
        "Shapes", "SoundSteps", "open_bundle", "TuneWriter", "warm_up", "answers_of", "dequantized", "open_here",
        "quantized", "walk",
        "while_loop",
    },
    "a constant there": {"BeamOptions", "SearchOptions", "SamplingOptions", "TranscriptOptions"},
    "of one answer there": {"captions_of", "translations_of"},
}  # fmt: skip


def python_files():
    return [path.relative_to(ROOT).as_posix() for folder in TWINS for path in sorted((ROOT / folder).glob("*.py"))]


def twin_of(file):
    path = Path(file)
    return ROOT / TWINS[path.parent.as_posix()] / ("index.js" if path.name == "__init__.py" else f"{path.stem}.js")


def camel(name):
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def test_every_file_that_a_browser_needs_has_a_twin():
    files = python_files()
    assert not set(WITHOUT_TWIN) - set(files), "these are gone"
    assert [file for file in files if not twin_of(file).exists()] == [file for file in files if file in WITHOUT_TWIN]


def test_every_public_name_has_a_twin():
    left_out, missing, found = set().union(*LEFT_OUT.values()), [], set()
    for file in (file for file in python_files() if file not in WITHOUT_TWIN):
        made = twin_of(file).read_text("utf-8")
        exported = set(re.findall(r"^export (?:async )?(?:const|class|function\*?) (\w+)", made, re.MULTILINE))
        exported |= set(re.findall(r"@typedef \{.*\} (\w+)|^ \* @typedef \{object\} (\w+)", made, re.MULTILINE)[0:0])
        typed = set(re.findall(r"(?:\}|\)) (\w+)(?: \*/)?$", made, re.MULTILINE)) | set(
            re.findall(r"@typedef \{object\} (\w+)", made)
        )
        for node in ast.parse((ROOT / file).read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith(
                "_"
            ):
                if camel(node.name) in exported | typed:
                    continue
                (found.add if node.name in left_out else missing.append)(
                    node.name if node.name in left_out else f"{file}: {node.name}"
                )
    assert not missing
    assert found == left_out, "these have a twin, or are gone"


def close(now, then):
    """Whether two answers are equal but for the last digits of numbers."""
    if isinstance(then, float) and isinstance(now, float | int):
        return math.isclose(now, then, rel_tol=1e-4, abs_tol=1e-5)
    if isinstance(then, dict):
        return now.keys() == then.keys() and all(close(now[name], then[name]) for name in then)
    if isinstance(then, list):
        return len(now) == len(then) and all(map(close, now, then))
    return now == then


@pytest.mark.parametrize("name", [name for name in web_cases.FILES if name != "bundles"])
def test_python_answers_what_was_recorded(name):
    then = json.loads((web_cases.FOLDER / f"{name}.json").read_text("utf-8"))
    if then and name == "later" and then["unicode"] != unicodedata.unidata_version:
        pytest.skip(f"recorded with Unicode {then['unicode']}; this Python has {unicodedata.unidata_version}")
    now = json.loads(json.dumps(web_cases.FILES[name]()))
    assert close(now, then)


def test_bundles_answer_what_was_recorded():
    then = json.loads((web_cases.FOLDER / "bundles.json").read_text("utf-8"))
    assert set(then["tasks"]) == set(web_bundles.ASKED)
    for task, recorded in then["tasks"].items():
        assert close(json.loads(json.dumps(web_bundles.asked(task)["cases"])), recorded["cases"]), task
    for case in then["broken"]:
        change = case["change"] and tuple(case["change"])
        assert web_bundles.refused(case["task"], case["file"], change, case["resigned"]) == case["refused"]


def test_the_table_of_unassigned_characters_is_that_of_the_lowest_python():
    made = runpy.run_path(str(WEB / "tools" / "unicode_tables.py"))
    then = made["PATH"].read_text("utf-8")
    if f'"{unicodedata.unidata_version}"' not in then:
        pytest.skip(f"this Python has Unicode {unicodedata.unidata_version}")
    assert made["text"]() == then


def test_recorded_cases_are_small():
    assert sum(path.stat().st_size for path in web_cases.FOLDER.glob("*.json")) < 380_000


def test_javascript_answers_what_was_recorded():
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node here")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").partition(".")[0]) < 20:
        pytest.skip(f"node is {version}; web/ needs 20")
    files = sorted(path.relative_to(WEB).as_posix() for path in WEB.glob("test/*.test.js"))
    command = [node, "--test", "--test-reporter=spec", *files]
    ran = subprocess.run(command, cwd=WEB, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]


def test_no_line_of_javascript_is_too_long():
    files = [*WEB.glob("src/**/*.js"), *WEB.glob("page/**/*.js"), *WEB.glob("test/*.js"), *WEB.glob("tools/*.js")]
    long = [
        f"{path.name}:{number}"
        for path in files
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1)
        if len(line) > 120
    ]
    assert files and not long
    large = {path.name: lines for path in files if (lines := path.read_text("utf-8").count("\n")) >= 320}
    assert not large


def test_one_file_imports_the_runtime():
    importing = [
        path.name
        for path in WEB.glob("src/**/*.js")
        if re.search(r"""(?:from|import\()\s*["']@litertjs""", path.read_text("utf-8"))
    ]
    assert importing == ["runtime.js"]
    package = json.loads((WEB / "package.json").read_text("utf-8"))
    assert list(package["dependencies"]) == ["@litertjs/core"] and package["version"] == rnnkit.__version__
    lock = (WEB / "package-lock.json").read_text("utf-8")  # which is to name no registry
    hosts = set(re.findall(r"\w+://([^/\"]+)", lock))
    assert hosts <= {"github.com", "opencollective.com"} and '"resolved"' not in lock
