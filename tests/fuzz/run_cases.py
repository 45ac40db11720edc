"""Readers of Runs, bundles and checkpoints, which may come from a stranger; those here need no TensorFlow."""

import contextlib
import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from fuzz import samples
from fuzz.case import Case, is_text
from fuzz.edits import edit, edited, places
from fuzz.json_edits import json_edit, json_edited
from fuzz.made import ODD, Made
from hypothesis import strategies as st

from rnnkit import lite, tasks
from rnnkit.cli.folding import summary_lines, title_of
from rnnkit.lite.bundle import FILE_NAME
from rnnkit.run import folder as runs
from rnnkit.run.folds import read_folds

SHIPPED = {"imdb_sentiment": "text_classifier", "conll_ner": "token_tagger", "translation_en_de": "translator",
           "char_text": "language_model", "char_music": "music_model",
           "image_captioning": "image_captioner", "gestures": "sequence_classifier",
           "sales_forecast": "forecaster"}  # fmt: skip
#: Those of tasks of which none is shipped; small ones are kept to open them with later versions.
KEPT = {
    str(Path(__file__).parents[1] / "formats" / "1" / key): key for key in ("sound_classifier", "speech_recognizer")
}
Files = dict[str, bytes | str]
_LONGEST_ASKED = 30_000  # bytes: the time for an answer grows with the text
#: What loaded Runs and bundles are asked: nobody's language, and no language at all.
PLAIN = "A good film."
ASKED = (
    PLAIN, "", " ", "\n", "\0", "\x1b[2J", "\ud800", "\u202e\u200b", "e" + "\u0301" * 500, "a" * 20_000, "b " * 9000,
    "\u00b2\u0663\ufdfa", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "<PAD> <START> <UNKNOWN>", "((((", "[" * 5000,
    "(3 (2 It) (4 good))", "X:1\nK:G\nGAB|", "null", "\ufeff", "don't U.N. 3.5% http://x.y/z?a=b", "日本語のテキスト",
    "/dev/zero",
)  # fmt: skip


#: A tone, half a second at the lowest of their rates.
SOUND = np.sin(np.arange(2000) / 5).astype(np.float32)
#: What is asked of the tasks that read numbers, where others are asked `PLAIN`.
ASKED_FOR = {
    "sound_classifier": SOUND,
    "speech_recognizer": SOUND,
    "sequence_classifier": "1,0,0,0,1,0 0,1,0,1,0,0",
    "forecaster": {
        "values": [float(day % 7) for day in range(60)],
        "start": "2024-01-01",
        "known": {"known_promotion": [0] * 74, "known_holiday": [0] * 74},
        "static": {"static_kind": "town"},
    },
}


#: A cross-validation's record.
FOLDS = {
    "settings": {"folds": 2, "repeats": 1},
    "results": [{"figures": {"accuracy": each}, "train": 6, "test": 2} for each in (0.5, 0.75)],
    "summary": {"accuracy": {"mean": 0.625, "standard_deviation": 0.17, "interval": [0.0, 1.0]}},
}


def run_cases() -> list[Case]:
    """The cases."""
    folds: Files = {runs.FOLDS: json.dumps(FOLDS).encode()}
    found = [
        Case("Run: folds", folders(folds), _folds, _are_lines, stranger=True, plain=Made(folds), share=0.2),
    ]
    for name, key in {**SHIPPED, **KEPT}.items():
        folder = runs.find_run(name)
        sound = {path: content for path, content in samples.files_of(folder).items() if not path.endswith(".keras")}
        run = {path: content for path, content in sound.items() if not path.startswith("lite/")}
        bundle = {path.removeprefix("lite/"): content for path, content in sound.items() if path.startswith("lite/")}
        described, bundled = folders(run), folders(bundle, without=(".tflite",), mended=mended)
        predict = functools.partial(_predict, name, key)
        run_made, bundle_made, asked_made = Made(run), Made(bundle), Made({}, (PLAIN,))
        models = _models(bundle)
        found += [
            Case(f"Run: words and options of {key}", described, _described, _is_task, stranger=True, plain=run_made,
                 share=0.5),
            Case(f"model file: {key}", models, _isolated, _some, stranger=True, runs=True, heavy=True,
                 plain=bundle_made, share=0.3),
            Case(f"bundle: {key}", bundled, _bundle, answers, stranger=True, plain=bundle_made, share=0.3),
            Case(f"predict: {key}", asked(), predict, answers, plain=asked_made, share=0.5),
        ]  # fmt: skip
    return found


def folders(
    sound: Mapping[str, bytes], without: tuple[str, ...] = (), mended: Callable[[Files], None] = lambda files: None
) -> st.SearchStrategy[Made]:
    """A folder of which one or two files are edited, gone, or no files.

    Args:
        sound: Its files.
        without: Endings of those that are left as they are.
        mended: Makes what stands in one file, such as a checksum, fit the others again; mostly done.
    """
    names = sorted(name for name in sound if not name.endswith(without or ("\0",)))
    of_json = [name for name in names if name.endswith(".json")]
    kinds = st.sampled_from(["json"] * 5 * bool(of_json) + ["bytes"] * 4 + ["odd"])
    how_many = st.sampled_from([1, 1, 1, 2])
    some, some_json = st.sampled_from(names), st.sampled_from(of_json or names)
    json_edits, byte_edits = (st.lists(one, min_size=1, max_size=2) for one in (json_edit(), edit()))

    @st.composite
    def made(draw: Any) -> Made:
        files: Files = dict(sound)
        how = []
        for _ in range(draw(how_many)):
            kind = draw(kinds)
            name = draw(some_json if kind == "json" else some)
            content = files[name]
            if kind == "odd" or isinstance(content, str):
                files[name] = draw(st.sampled_from(ODD))
                edits: Any = files[name]
            elif kind == "json" and content == sound[name]:
                edits = draw(json_edits)
                files[name] = json_edited(content, edits)
            else:
                edits = draw(byte_edits)
                files[name] = edited(content, edits)
            how.append((name, edits))
        if draw(st.integers(0, 4)):
            mended(files)
        return Made(files, tuple(how))

    return made()


def mended(files: Files) -> None:
    """Writes the checksums of a bundle's files anew, as somebody does who has altered them."""
    with contextlib.suppress(ValueError, TypeError, AttributeError, RecursionError):
        said = json.loads(files[FILE_NAME])
        for name, digest in said["sha256"].items():
            if isinstance(content := files.get(name), bytes) and digest != (new := hashlib.sha256(content).hexdigest()):
                files[FILE_NAME] = files[FILE_NAME].replace(digest.encode(), new.encode())  # type: ignore[arg-type,union-attr]


def _described(folder: Path, made: Made) -> Any:
    """All of a Run but its weights, as `Task.load` reads it."""
    config = runs.read_config(folder)
    task_class = tasks.get(config["task"])
    task = task_class(**task_class.options_class.of_run(config["options"], folder).to_dict())
    task.preprocessing.load(folder / runs.PREPROCESSING)
    return task


def _is_task(task: Any) -> bool:
    return task.key in tasks.names()


def _folds(folder: Path, made: Made) -> Any:
    record = read_folds(folder)
    return [] if record is None else [(title_of(record), ""), *summary_lines(record)]


def _are_lines(found: Any) -> bool:
    return all(is_text(text) for line in found for text in line)


def _bundle(folder: Path, made: Made) -> Any:
    runner = lite.load(folder)
    return answered(runner, runner.bundle.task, PLAIN)


def _models(bundle: Mapping[str, bytes]) -> st.SearchStrategy[Made]:
    """A bundle whose model is edited, and whose checksums fit."""
    models = [name for name in bundle if name.endswith(".tflite")]
    bits = st.tuples(st.just("flip"), places(), st.integers(0, 7))
    hurt = st.one_of(st.lists(bits, min_size=1, max_size=8), st.lists(edit(), min_size=1, max_size=2))

    def made(name: str, edits: Any) -> Made:
        files: Files = {**bundle, name: edited(bundle[name], edits)}
        mended(files)
        return Made(files, (name, edits))

    return st.builds(made, st.sampled_from(models), hurt)


def _isolated(folder: Path, made: Made) -> Any:
    with lite.load(folder, isolated=True, timeout_s=20, memory_gib=1) as runner:
        return answered(runner, runner.bundle.task, PLAIN)


def _some(found: Any) -> bool:
    """An altered model may say anything."""
    return isinstance(found, list) and len(found) > 0


def _predict(name: str, key: str, folder: Path, made: Made) -> Any:
    return answered(_shipped(name), key, str(made.how[0]))


def answered(runner: Any, key: str, asked: str) -> Any:
    """What a runner or a task makes of a text."""
    if key in ("language_model", "music_model"):
        return runner.generate("" if asked == PLAIN else asked[:200], length=3)
    if key == "image_captioner":
        random = np.random.default_rng(0)
        return runner.predict(random.integers(0, 256, (9, 9, 3), np.uint8) if asked == PLAIN else asked)
    return runner.predict(ASKED_FOR.get(key, asked) if asked == PLAIN else asked)


@functools.cache
def _shipped(name: str) -> Any:
    return lite.load(runs.find_run(name) / runs.LITE)


def asked() -> st.SearchStrategy[Made]:
    """No file, but a text, the first of `how`."""

    def made(text: str, edits: Any) -> Made:
        content = edited(text.encode("utf-8", "surrogatepass"), edits)[:_LONGEST_ASKED]
        return Made({}, (content.decode("utf-8", "surrogateescape"), edits))

    return st.builds(made, st.sampled_from(ASKED), st.lists(edit(), max_size=1))


def answers(found: Any) -> bool:
    """Whether these are answers: texts, and numbers that are numbers."""
    found = found if isinstance(found, list) else [found]
    for each in found:
        if isinstance(each, str):
            continue
        for name in ("probability", "score", "confidence"):
            if not np.isfinite(getattr(each, name, 0.0)):
                return False
        if hasattr(each, "probabilities") and not 0.9 < sum(each.probabilities.values()) < 1.1:
            return False
        written = each.text if hasattr(each, "confidence") else ""  # others repeat what they were asked
        if not is_text(getattr(each, "label", "")) or not is_text(written):
            return False
    return len(found) > 0
