"""`rnnkit try` for each task, driven in a real browser: the answers of LiteRT in Python, and nothing odd on the way.

`RNNKIT_PICTURES=docs/images python -m pytest -m interop tests/test_try.py` draws the pictures of docs/try.md anew.
"""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from golden.answers import RUNS, same
from test_browser import WEB, browser

import rnnkit
from rnnkit.page.assets import BUILT, START
from rnnkit.tasks.base.example_files import inputs_to_try

pytestmark = pytest.mark.interop
ROOT = Path(__file__).parents[1]
PICTURES = os.environ.get("RNNKIT_PICTURES", "")
SENTENCE = "Two men are sitting on a bench."
TREE = "((((the) (story)) ((is) ((not) (good)))) ((but) (((the) (music)) ((is) ((really) (wonderful))))))"
SERIES = "10\n12\n11\n" * 28
WAVE = "\n".join(f"{np.sin(step / 3):.2f}, {np.cos(step / 3):.2f}, 1, 0, 0, 0" for step in range(20))
CAT = {"file": str(WEB / "page" / "static" / "pictures" / "cat.jpg")}

#: For each Run what is done on its page after the first example.
ACTS = {
    "imdb_sentiment": [{"label": "Text", "type": ""}, {"label": "Text", "type": "Dull and badly acted."}],
    "messages": [{"label": "Text", "type": "Where is my parcel? The lid is broken."}],
    "conll_ner": [{"label": "Sentence", "type": "Nora flew from Oslo to New York."}],
    "translation_en_de": [{"label": "Sentence to translate", "type": SENTENCE}],
    "image_captioning": [{"label": "Picture", **CAT}, {"press": "A photographer with his camera"}],
    "char_text": [{"label": "The text begins with", "type": "KING:"}, {"key": "Tab", "times": 4}, {"key": "Enter"}],
    "char_music": [{"label": "Key", "choose": "D"}, {"press": "Write"}, {"press": "Play"}, {"press": "Stop the music"}],
    "gestures": [
        {"press": "shake"},
        {"draw": ".lane"},
        {"key": "ArrowUp", "times": 3},
        {"press": "Paste or read the numbers"},
        {"label": "Numbers", "type": WAVE},
        {"press": "Paste or read the numbers"},
        {"press": "raise"},
    ],
    "sales_forecast": [
        {"draw": ".lane"},
        {"press": "Paste or read the numbers"},
        {"label": "Numbers", "type": "0,5 1,5"},
        {"label": "Numbers", "type": SERIES},
        {"press": "Paste or read the numbers"},
        {"press": "shop 2, in a village"},
    ],
    "film_trees": [{"label": "Tree in brackets", "type": text} for text in ("((a", TREE)],
}  # fmt: skip


@contextmanager
def tried(run, *flags):
    """`rnnkit try`, and the address of its page; ended as by Ctrl-C, which is a normal end."""
    command = [sys.executable, "-m", "rnnkit", "try", str(run), "--no-open", *flags]
    log = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8")
    try:
        said = ""
        for line in log.stdout:
            said += line
            if found := re.search(r"Open (http://\S+) in a browser", line):
                break
        else:
            pytest.fail(said)
        yield found[1]
    finally:
        log.send_signal(signal.SIGINT)
        rest = log.communicate(timeout=30)[0]
    assert (rest.strip(), log.returncode) == ("Stopped.", 0)


@contextmanager
def served(folder):
    """A folder on a static host, below another page: its address, and the process."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(folder.parent)]
    host = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        found = re.search(r"port (\d+)", host.stdout.readline())
        yield f"http://127.0.0.1:{found[1]}/{folder.name}/", host.pid
    finally:
        host.kill()
        host.communicate()


def done_on(pages, folder):
    """What pages say to what is done on them."""
    (folder / "asked.json").write_text(json.dumps(pages), encoding="utf-8")
    command = ["node", "tools/try_page.js", browser("chromium"), str(folder / "asked.json")]
    ran = subprocess.run(command, cwd=WEB, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    said = json.loads(ran.stdout)
    assert not said["faults"], said["faults"]
    return {name: each["answers"] for name, each in said["found"].items()}


@pytest.fixture(scope="module", autouse=True)
def page_is_built():
    browser("chromium")
    if not (BUILT / START).is_file():
        pytest.skip("the page is not built: make web")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Trains the example of a task for a moment; nothing is shipped of it."""
    home = tmp_path_factory.mktemp("runs")

    def train(key, file, name, *flags):
        if not (home / name).exists():
            words = ("example", key, "--to", home / key), ("train", key, home / key / file, *flags, "--to", home / name)
            for command in words:
                done = [sys.executable, "-m", "rnnkit", *map(str, command)]
                subprocess.run(done, check=True, capture_output=True, timeout=300)
        return home / name

    return train


def run_of(name, small):
    if name == "messages":
        how = ("--units", "32", "--epochs", "20", "--learning-rate", "0.01")
        return small("multilabel_classifier", "messages.csv", name, *how)
    if name == "film_trees":
        return small("tree_classifier", "trees.txt", name, "--units", "24", "--epochs", "4", "--learning-rate", "0.01")
    return RUNS / name


def bundle_of(address, folder):
    """The bundle that a page runs, as Python's runner."""
    folder.mkdir()

    def fetch(name):
        with urllib.request.urlopen(f"{address}bundle/{name}") as answer:  # noqa: S310
            (folder / name).write_bytes(answer.read())

    fetch("bundle.json")
    for name in json.loads((folder / "bundle.json").read_text(encoding="utf-8"))["sha256"]:
        fetch(name)
    return rnnkit.lite.load(folder)


def plain(answer):
    """An answer as the page's JSON has it."""
    return json.loads(json.dumps(dataclasses.asdict(answer), default=lambda value: np.asarray(value).tolist()))


def alike(there, here, within=0.03):
    """Whether an answer of the page is Python's: int8 weights are multiplied otherwise in WebAssembly."""
    if isinstance(here, float):
        return abs(there - here) <= within * max(1.0, abs(here))
    if isinstance(here, dict):
        return all(alike(there[name], each, within) for name, each in here.items())
    if isinstance(here, list):
        return len(there) == len(here) and all(
            alike(one, other, within) for one, other in zip(there, here, strict=True)
        )
    return there == here


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in ACTS if name not in ("sales_forecast", "gestures")])
def test_a_page_of_each_task(name, small, tmp_path):
    check(name, run_of(name, small), tmp_path)


@pytest.mark.parametrize("name", ["gestures", "sales_forecast"])
def test_pages_of_sequences(name, tmp_path):
    check(name, RUNS / name, tmp_path)


def check(name, run, folder):
    with tried(run) as address:
        runner = bundle_of(address, folder / "lite")
        pages = [{"name": name, "address": address, "acts": ACTS[name], "pictures": str(folder / name)}]
        answers = done_on(pages, folder)[name]
    CHECKS[name](answers, runner)
    assert all(re.fullmatch(r"[\d.]+ (ms|s)", each["time"]) for each in answers)
    if PICTURES:
        keep_picture(folder / f"{name}_1280_light.png", rnnkit.lite.read_bundle(folder / "lite").task)


def keep_picture(path, task):
    """A picture for docs: smaller, and in fewer colours."""
    from PIL import Image

    with Image.open(path) as whole:
        drawn = whole.convert("RGB").resize((960, whole.height * 960 // whole.width), Image.Resampling.LANCZOS)
    drawn.quantize(200, kmeans=4, dither=Image.Dither.NONE).save(ROOT / PICTURES / f"try_{task}.png", optimize=True)


def answered(answers, runner, texts):
    """The page's answers to texts beside Python's."""
    for each, text in zip(answers, texts, strict=True):
        assert not each["error"] and alike(each["answer"], plain(runner.predict([text])[0])), (each, text)


def of_imdb_sentiment(answers, runner):
    first, empty, typed = answers
    answered(
        [first, typed], runner, ["A wonderful film: funny, touching and beautifully played.", "Dull and badly acted."]
    )
    assert [each["said"].split(",")[0] for each in (first, typed)] == ["positive", "negative"]
    assert "negative" in typed["shown"] and "Type something" in empty["shown"]


def of_messages(answers, runner):
    answered(answers, runner, [inputs("multilabel_classifier")[0], ACTS["messages"][0]["type"]])


def of_conll_ner(answers, runner):
    answered(answers, runner, [inputs("token_tagger")[0], ACTS["conll_ner"][0]["type"]])
    assert answers[1]["said"] == "Nora: PER; Oslo: LOC; New York: LOC"


def of_translation_en_de(answers, runner):
    for each, text in zip(answers, [inputs("translator")[0], SENTENCE], strict=True):
        here = runner.predict([text], n_best=5)[0]
        assert each["answer"]["text"] == here.text and here.text in each["shown"]
        assert len(each["answer"]["others"]) == len(here.others) >= 3
        seen = each["answer"]["attention"]
        rows = np.array(seen["weights"])
        assert seen["source"][-1] == "(end)" and np.allclose(rows.sum(axis=1), 1, atol=1e-3)


def of_image_captioning(answers, runner):
    for each, picture in zip(answers, ["photographer", "cat", "photographer"], strict=True):
        here = runner.predict([str(WEB / "page" / "static" / "pictures" / f"{picture}.jpg")], n_best=5)[0]
        known = [here.text, *(text for text, _ in here.others)]
        assert each["answer"]["text"] in known, (each, known)  # a browser opens a JPEG otherwise in the last bits
        assert np.array(each["answer"]["attention"]["weights"]).shape[1] == 49


def of_char_text(answers, runner):
    """As it was written; a text that is drawn is another one as soon as one letter is."""
    first, _, _, again = answers
    how = {"seed": 1, "length": 400, "temperature": 0.8}
    assert first["answer"][:8] == runner.generate("ROMEO:", **how)[0][:8] and len(first["answer"]) == 406
    assert again["answer"].startswith("KING:") and len(again["answer"]) == 405


def of_char_music(answers, runner):
    first, _, written, playing, silent = answers
    assert first["notes"] > 10 and "K:D" in written["answer"] and written["notes"] > 10
    assert playing["sounding"] and not silent["sounding"]


def of_gestures(answers, runner):
    first, pressed, drawn, raised, _, pasted, _, last = answers
    examples = {each["label"]: each["values"] for each in inputs("sequence_classifier")}
    shown = [
        (first, examples["circle"]),
        (pressed, examples["shake"]),
        (pasted, rows_of(WAVE)),
        (last, examples["raise"]),
    ]
    for each, values in shown:
        assert alike(each["answer"], plain(runner.predict([np.array(values, np.float32)])[0])), each
    steps = np.array(first["answer"]["by_step"])
    assert np.allclose(steps[-1], list(first["answer"]["probabilities"].values()), atol=0.02)
    assert drawn["answer"] != pressed["answer"] != raised["answer"] and drawn["focus"].startswith("acc_x")


def of_sales_forecast(answers, runner):
    first, drawn, _, refused, pasted, _, second = answers
    example = inputs("forecaster")[0]
    given = {name: example[name] for name in ("series", "values", "start", "known", "static")}
    assert same(first["answer"], plain(runner.predict([given])[0]))
    assert drawn["answer"]["values"] != first["answer"]["values"]
    assert refused["error"] == "Line 1 has '0,5': write 0.5 for a half, and a blank behind a comma between two numbers."
    assert second["answer"]["series"] == "shop 2"
    values = [row[0] for row in rows_of(SERIES)]
    assert same(pasted["answer"], plain(runner.predict([{**given, "values": values}])[0]))


def of_film_trees(answers, runner):
    first, broken, typed = answers
    answered([first, typed], runner, [inputs("tree_classifier")[0], TREE])
    assert "Tree 1" in broken["error"] and "\n" not in broken["error"]


CHECKS = {name: globals()[f"of_{name}"] for name in ACTS}


def inputs(key):
    """The examples that the page of a task offers."""
    return inputs_to_try(rnnkit.tasks.get(key))


def rows_of(text):
    return [[float(cell) for cell in line.split(", ")] for line in text.split("\n") if line]


@pytest.fixture
def site(command_line, tmp_path):
    """A Run as a site."""
    code, out, err = command_line("export", "gestures", "--format", "web", "--to", tmp_path / "site")
    assert code == 0 and "python -m http.server" in out, err
    return tmp_path / "site"


def test_a_site_answers_without_a_network_and_a_task_of_ones_own_has_a_page(site, tmp_path):
    with served(site) as (address, host):
        pages = [{"name": "site", "address": address, "acts": [{"press": "tap"}], "stop": host}]
        first, tap, offline = done_on(pages, tmp_path)["site"]
    assert tap["answer"]["label"] == "tap" and offline["answer"] == first["answer"]
    about = json.loads((site / "bundle" / "bundle.json").read_text(encoding="utf-8"))
    (site / "bundle" / "bundle.json").write_text(json.dumps({**about, "task": "own", "runner": "arrays"}))
    with served(site) as (address, _):
        (numbers,) = done_on([{"name": "own", "address": f"{address}index.html", "acts": []}], tmp_path)["own"]
    (given,) = numbers["answer"]
    assert len(given) == 6 and abs(sum(given) - 1) < 1e-3 and "The model's outputs" in numbers["shown"]
