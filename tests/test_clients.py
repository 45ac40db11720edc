"""The example clients of docs/clients answer what rnnkit.lite answers; the one in JavaScript has tests of its own too,
in web/test/clients.test.js and test_browser.py."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from formats.record import HERE as FORMATS
from golden.answers import HERE, RUNS, TEXTS, same
from golden.web_texts import TEXTS as HOSTILE

import rnnkit
from rnnkit import lite

CLIENTS = Path(__file__).parents[1] / "docs" / "clients"
STAND_IN = Path(__file__).parent / "clients"
JSON_JAR = Path("/usr/share/java/json-android.jar")


@pytest.fixture(scope="module")
def kotlin(tmp_path_factory):
    """The client in Kotlin, compiled with a stand-in of the interpreter: a function that asks bundles."""
    for program in ("kotlinc", "java"):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} (Debian: apt install kotlin)")
    if not JSON_JAR.exists():
        pytest.skip("there is no org.json (Debian: apt install libandroid-json-org-java)")
    folder = tmp_path_factory.mktemp("kotlin")
    sources = sorted([*CLIENTS.glob("*.kt"), *STAND_IN.glob("*.kt")])
    command = ["kotlinc", "-nowarn", "-include-runtime", "-cp", JSON_JAR, "-d", folder / "client.jar", *sources]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]

    def asked(bundle, texts):
        (folder / "asked.json").write_text(json.dumps([{"folder": str(bundle), "texts": texts}]), encoding="utf-8")
        path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        settings = {"RNNKIT_PYTHON": sys.executable, "RNNKIT_ASKED": str(STAND_IN / "asked.py"), "PYTHONPATH": path}
        command = ["java", "-Dfile.encoding=UTF-8", "-cp", f"{folder / 'client.jar'}:{JSON_JAR}", "AskKt"]
        done = subprocess.run(
            [*command, str(folder / "asked.json")], capture_output=True, text=True, encoding="utf-8", timeout=300,
            check=False, env={**os.environ, **settings},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)[0]

    return asked


@pytest.mark.interop
@pytest.mark.parametrize("run", ["imdb_sentiment", "conll_ner"])
def test_the_client_in_kotlin_answers_as_python(kotlin, run):
    golden = json.loads((HERE / f"{run}.json").read_text(encoding="utf-8"))["tflite"]
    found = kotlin(RUNS / run / "lite", TEXTS)
    for one, other in zip(found, golden, strict=True):
        if run == "imdb_sentiment":
            assert same(dict(one), other["probabilities"])
        else:
            assert one == [[entity["type"], entity["text"]] for entity in other["entities"]]


@pytest.mark.interop
def test_the_client_in_kotlin_reads_hostile_texts_as_python(kotlin):
    """Texts without halves of pairs, which JSON in UTF-8 does not carry, or words that are composed in parts."""
    texts = [text for text in HOSTILE if len(text) < 1000 and text.encode("utf-8", "replace").decode() == text]
    for run in ("imdb_sentiment", "conll_ner"):
        there = kotlin(RUNS / run / "lite", texts)
        here = lite.load(RUNS / run / "lite").predict(texts)
        for text, one, other in zip(texts, there, here, strict=True):
            if run == "imdb_sentiment":
                assert same(dict(one), dict(other.probabilities)), text
            else:
                assert one == [[entity.type, entity.text] for entity in other.entities], text


@pytest.mark.interop
@pytest.mark.slow
@pytest.mark.parametrize("task", ["text_classifier", "token_tagger"])
def test_the_client_in_kotlin_pads_cuts_and_reads_in_stretches(kotlin, task, tmp_path):
    """Tiny Runs in the default form, of 10 ids and 16 tokens at most."""
    shutil.copytree(FORMATS / "1" / task, tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "lite")
    rnnkit.load(tmp_path / "run").export(quantize="none")
    bundle = tmp_path / "run" / "lite"
    texts = ["good", "Ann met Bob Price in New York, " * 6, "the film was good and great fun " * 5, "x " * 30]
    for one, other in zip(kotlin(bundle, texts), lite.load(bundle).predict(texts), strict=True):
        if task == "text_classifier":
            assert dict(one) == pytest.approx(dict(other.probabilities), abs=1e-6)
        else:
            assert one == [[entity.type, entity.text] for entity in other.entities]
