"""Bundles that are asked alike in Python and JavaScript: for `web_cases.py`. What their models say is recorded.

JavaScript's tests have no interpreter: they look up what the model said to the same numbers.
"""

import base64
import dataclasses
import hashlib
import json
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from formats.record import INPUTS
from golden.web_texts import TEXTS

import rnnkit.lite
from rnnkit.errors import RnnkitError
from rnnkit.lite.interpreter import OPENER, open_here

ROOT = Path(__file__).parents[2]
HOSTILE = [text for text in TEXTS if len(text) < 200]
#: For each task (and what else tells calls apart): the method, and lists of its arguments and its options.
ASKED: dict[str, tuple[str, list[tuple[list[Any], dict[str, Any]]]]] = {
    "text_classifier": ("predict", [([INPUTS["text_classifier"]], {}), ([HOSTILE[:12]], {}), (["a dull plot"], {})]),
    "multilabel_classifier": ("predict", [([INPUTS["multilabel_classifier"]], {}), ([HOSTILE[12:20]], {})]),
    "token_tagger": (
        "predict",
        [
            ([INPUTS["token_tagger"]], {}),
            ([HOSTILE[:24]], {}),
            ([[["New", "York", "d\u2019Oslo"], []]], {}),
            ([""], {}),
        ],
    ),
}
ASKED["language_model"] = (
    "generate",
    [([""], {"seed": seed, "length": 8}) for seed in INPUTS["language_model"]]
    + [
        (["the "], {"seed": 5, "length": 8, "samples": 2, "temperature": 1.5, "top_k": 6}),
        (["a"], {"seed": 6, "length": 16, "stop": "e", "top_p": 0.9, "no_repeat": 3}),
        (["\u6771"], {"seed": 1}),
        ([""], {"length": 0}),
        ([""], {"temprature": 0.5}),
        ([""], {"temperature": 200}),
        ([""], {"samples": 0}),
        ([""], {"top_p": 0}),
        ([""], {"seed": "1"}),
    ],
)
ASKED["translator"] = (
    "predict",
    [
        ([INPUTS["translator"]], {}),
        ([[" ", "Caf\u0301 \U0001f468\u200d\U0001f469 xyz"]], {"n_best": 3}),
        (["small red car"], {"beam_width": 1}),
        (["small red car"], {"strategy": "sample", "seed": 3, "temperature": 2, "max_length": 6}),
        (["small red car"], {"coverage_penalty": 0.5, "length_penalty": 0.3, "beam_width": 2}),
        (["a"], {"strategy": "sample", "n_best": 2}),
        (["a"], {"beam_width": 2000}),
        (["a"], {"strategy": "bean"}),
        (["a"], {"top_k": 3}),
    ],
)
ASKED["image_captioner"] = ("predict", [(["picture"], {"beam_width": 1, "max_length": 3})])
ASKED["sequence_classifier"] = (
    "predict",
    [
        ([INPUTS["sequence_classifier"]], {}),
        (["0.5,1 NA,2 -1e-3,0.25"], {}),
        ([[[0.5, 1.0], [0.25, None]]], {}),
        (["1 2"], {}),
        ([[[[1, 2], [3]]]], {}),
        ([[[[1, "a"]]]], {}),
        ([["1,x"]], {}),
        ([[[[1e39, 0]]]], {}),
        ([[[[16777217, 0]]]], {}),
        ([{"values": [[1, 2]], "times": [1]}], {}),
        ([[[]]], {}),
    ],
)
ASKED["sequence_classifier stream"] = (
    "stream",
    [
        ([[[0.5, 1], [0.25, None], [1, 1], [-2, 2], [0, 0], [3, -3]]], {"threshold": 0.25, "hold": 2}),
        ([[[0.5, 1], [0.25, None], [1, 1], [-2, 2], [0, 0]]], {"threshold": 0.1, "hold": 1, "window": 3}),
        ([[[0.5, 1]]], {"window": 1}),
        ([[[0.5, 1]]], {"threshold": 2}),
        ([[[0.5]]], {}),
    ],
)
ASKED["sound_classifier"] = (
    "predict",
    [
        ([INPUTS["sound_classifier"]], {}),
        ([INPUTS["sound_classifier"][0]], {}),
        ([[0.5] * 139], {}),
        ([[300.0] * 150], {}),
        ([[]], {}),
    ],
)
ASKED["sound_classifier stream"] = (
    "stream",
    [
        ([[INPUTS["sound_classifier"][0][:77], INPUTS["sound_classifier"][0][77:]]], {"threshold": 0.3, "hold": 0.03}),
        ([INPUTS["sound_classifier"]], {"threshold": 0.3, "hold": 0.02, "window": 0.08}),
        ([INPUTS["sound_classifier"][1:]], {"threshold": 0.3, "hold": 0.02, "window": None}),
        ([[[0.5]]], {"window": 0.01}),
        ([[[0.5]]], {"threshold": 2}),
    ],
)
_SPEECH = INPUTS["speech_recognizer"]
ASKED["speech_recognizer"] = (
    "predict",
    [
        ([_SPEECH], {}),
        ([_SPEECH[0]], {"lexicon": "words"}),
        ([_SPEECH[:2]], {"n_best": 3, "beta": 0.5}),
        ([_SPEECH[1]], {"beam_width": 4}),
        ([_SPEECH[1]], {"beam_width": 1, "n_best": 2}),
        ([_SPEECH[1]], {"beam_widht": 4}),
        ([_SPEECH[1]], {"n_best": 0}),
        ([[[0.5, -0.5]]], {}),
    ],
)
ASKED["speech_recognizer stream"] = (
    "stream",
    [
        ([[_SPEECH[0][:70], _SPEECH[0][70:75], _SPEECH[0][75:]]], {}),
        ([[_SPEECH[1]]], {"lexicon": "words"}),
    ],
)
ASKED["forecaster"] = (
    "predict",
    [
        ([INPUTS["forecaster"]], {}),
        ([{"values": "1 2 3 4 5 6 7 8", "series": "s2", "start": 7}], {}),
        ([[None, 3, 4, 5, 6, 7, 8, 9, 10.5]], {}),
        (["1 2 x"], {}),
        ([{"value": [1]}], {}),
        ([{"values": [1, 2], "start": "soon"}], {}),
        ([[[None, None]]], {}),
    ],
)
ASKED["music_model"] = (
    "generate",
    [
        ([""], {"seed": 1, "length": 8}),
        ([""], {"seed": 2, "length": 6, "key": "D major", "title": "A  b"}),
        (["A"], {"seed": 3, "length": 4, "metre": "6/8"}),
        (["A"], {"seed": 4, "length": 4, "title": "Reel"}),
        ([""], {"key": "H"}),
        ([""], {"metre": "5/7"}),
        ([""], {"rhythm": "jig"}),
    ],
)
ASKED["tree_classifier"] = (
    "predict",
    [
        ([INPUTS["tree_classifier"][1:]], {}),
        ([[["not", ["a", "x"]], [["That"], ["FILM"]]]], {}),
        (["((a) (b) (c))"], {}),
        (["((a) (b)"], {}),
        (["(a) (b)"], {}),
        (["((\U0001f600) x)"], {}),
        ([[5]], {}),
    ],
)
#: Broken bundles: the task, the file, how its text changes (None: it is gone), whether its digest is made to fit.
BROKEN: list[tuple[str, str, tuple[str, str] | None, bool]] = [
    ("text_classifier", "bundle.json", None, False),
    ("text_classifier", "bundle.json", ('{\n  "format"', '{\n  format"'), False),
    ("text_classifier", "bundle.json", ('"rnnkit-bundle"', '"bundle"'), False),
    ("text_classifier", "bundle.json", ('"format_version": 1', '"format_version": 99'), False),
    ("text_classifier", "bundle.json", ('"task": "text_classifier"', '"task": "text_clasifier"'), False),
    ("text_classifier", "bundle.json", ('"task": "text_classifier"', '"task": ["text_classifier"]'), False),
    ("text_classifier", "bundle.json", ('"task": "text_classifier",', ""), False),
    ("text_classifier", "bundle.json", ('"max_length": 10', '"max_length": 10.0'), False),
    ("text_classifier", "bundle.json", ('"max_length": 10', '"max_length": 0'), False),
    ("text_classifier", "bundle.json", ('"max_length": 10', '"max_length": NaN'), False),
    ("text_classifier", "bundle.json", ('"max_length": 10', '"max_length": 10, "max_length": 11'), False),
    ("text_classifier", "bundle.json", ('"fixed_length": false', '"fixed_length": "no"'), False),
    ("text_classifier", "bundle.json", ('"labels": "labels.txt"', '"labels": "../labels.txt"'), False),
    ("text_classifier", "bundle.json", ('"labels": "labels.txt"', '"labels": "C:labels.txt"'), False),
    ("text_classifier", "bundle.json", ('"RegexTokenizer"', '"Words"'), False),
    ("text_classifier", "bundle.json", ('"delimiters": "unicode"', '"delimiters": "unicod"'), False),
    ("text_classifier", "bundle.json", ("\\\\p{N}_", "\\\\p{N}"), False),
    ("text_classifier", "labels.txt", ("\n", "s\n"), False),
    ("text_classifier", "labels.txt", None, False),
    ("text_classifier", "labels.txt", ("\n", "\nbad\n"), True),
    ("text_classifier", "labels.txt", ("\n", "\udcff\n"), True),
    ("text_classifier", "vocab.txt", ("<PAD> 0", "<PAD> 1"), True),
    ("text_classifier", "vocab.txt", ("<START>", "<BEGIN>"), True),
    ("text_classifier", "vocab.txt", (" 3\n", "\u2028x 3\n"), True),
    ("text_classifier", "vocab.txt", ("\n", "\udc80\n"), True),
    ("language_model", "bundle.json", ('"states": 2', '"states": 3'), False),
    ("language_model", "bundle.json", ('"unit": "character"', '"unit": "byte"'), False),
    ("language_model", "units.json", ('"kind": "character",', ""), True),
    ("language_model", "units.json", ('"a"', '"ab"'), True),
    ("translator", "bundle.json", ('"beam_width": 3', '"beam_width": 3.0'), False),
    ("translator", "bundle.json", ('"beam_width": 3', '"beamwidth": 3'), False),
    ("translator", "bundle.json", ('"length_penalty": 1.0', '"length_penalty": 11.0'), False),
    ("translator", "target.pieces", ("kind", "kinds"), True),
    ("translator", "target.pieces", ("<END>\t0", "<END>\t1_0e"), True),
    ("translator", "target.pieces", ("<END>", "<FINIS>"), True),
    ("sequence_classifier", "channels.json", ('"mean"', '"means"'), True),
    ("sequence_classifier", "bundle.json", ('"features": 6', '"features": 5'), False),
    ("sequence_classifier", "bundle.json", ('"states": 5', '"states": 4'), False),
    ("sound_classifier", "spectrogram.json", ('"bands"', '"band"'), True),
    ("sound_classifier", "bundle.json", ('"stride": 2', '"stride": 3'), False),
    ("sound_classifier", "bundle.json", ('"states": 8', '"states": 7'), False),
    ("speech_recognizer", "units.json", ('"kind": "character"', '"kind": "letter"'), True),
    ("speech_recognizer", "units.json", ('"1"', '"10"'), True),
    ("speech_recognizer", "spectrogram.json", ('"bands": 4', '"bands": 4.0'), True),
    ("speech_recognizer", "bundle.json", ('"stride": 3', '"stride": 2'), False),
    ("speech_recognizer", "bundle.json", ('"stride": 3', '"stride": 0'), False),
    ("forecaster", "plan.json", ('"horizon": 4', '"horizon": 4.0'), True),
    ("forecaster", "plan.json", ('"horizon": 4', '"horizon": 5'), True),
    ("forecaster", "bundle.json", ('"states": 0', '"states": 1'), False),
    ("token_tagger", "bundle.json", ('"scheme": "iobes"', '"scheme": "iobs"'), False),
    ("token_tagger", "bundle.json", ('"scheme": "iobes"', '"scheme": "iob2"'), False),
    ("token_tagger", "bundle.json", ('"word_length": 5', '"word_length": 6'), False),
    ("token_tagger", "bundle.json", ('"word_length": 5', '"word_length": 0'), False),
]


def bundle_of(task: str) -> Path:
    """The bundle that is asked; a captioner's is too large for tests/formats."""
    folder = "saved_models/image_captioning" if task == "image_captioner" else f"tests/formats/1/{task}"
    return ROOT / folder / "lite"


def packed(array: Any) -> list[Any]:
    """A tensor as its dtype, shape and compressed bytes."""
    array = np.ascontiguousarray(array)
    return [str(array.dtype), list(array.shape), base64.b64encode(zlib.compress(array.tobytes(), 9)).decode("ascii")]


def digest(given: dict[str, Any]) -> str:
    """The digest of what goes into a model."""
    text = json.dumps([[name, str(given[name].dtype), list(given[name].shape)] for name in sorted(given)])
    numbers = b"".join(np.ascontiguousarray(given[name]).tobytes() for name in sorted(given))
    return hashlib.sha256(text.encode() + numbers).hexdigest()[:16]


class Recording:
    """An interpreter that remembers what it was asked and said."""

    def __init__(self, interpreter: Any, seen: dict[str, Any]) -> None:
        self._interpreter, self._seen, self._given = interpreter, seen, dict[str, Any]()
        self._first = next(iter(interpreter.get_signature_list()))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._interpreter, name)

    def get_signature_runner(self, name: str | None = None) -> Any:
        return _Function(self._interpreter.get_signature_runner(name), self._seen, name or self._first)

    def set_tensor(self, index: int, value: Any) -> None:
        self._given = {self._interpreter.get_signature_list()[self._first]["inputs"][0]: value}
        self._interpreter.set_tensor(index, value)

    def get_tensor(self, index: int) -> Any:
        made = self._interpreter.get_tensor(index)
        name = self._interpreter.get_signature_list()[self._first]["outputs"][0]
        remember(self._seen, self._first, self._given, {name: made})
        return made


class _Function:
    def __init__(self, runner: Any, seen: dict[str, Any], name: str) -> None:
        self._runner, self._seen, self._name = runner, seen, name

    def _plain(self, value: Any) -> Any:
        """Of thousands of numbers whole ones, so that the file stays small."""
        return np.round(value) if value.size > 2000 else value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runner, name)

    def __call__(self, **given: Any) -> Any:
        made = {each: self._plain(value) for each, value in self._runner(**given).items()}
        remember(self._seen, self._name, given, made)
        return made


def remember(seen: dict[str, Any], name: str, given: dict[str, Any], made: dict[str, Any]) -> None:
    """Add a call."""
    call = f"{name} {digest({each: np.asarray(value) for each, value in given.items()})}"
    seen["calls"].setdefault(call, {each: packed(made[each]) for each in sorted(made)})


@contextmanager
def recorded(models: dict[str, Any]) -> Iterator[None]:
    """Remember all models that are opened meanwhile, by their digest."""

    def opened(model: bytes, num_threads: int, delegate: bool) -> Any:
        interpreter = open_here(model, num_threads, delegate)
        signatures = {}
        for name in interpreter.get_signature_list():
            runner = interpreter.get_signature_runner(name)
            sides = (runner.get_input_details(), runner.get_output_details())
            signatures[name] = [
                {
                    each: [[int(side) for side in one["shape_signature"]], np.dtype(one["dtype"]).name]
                    for each, one in side.items()
                }
                for side in sides
            ]
        entry = {"signatures": signatures, "calls": {}}
        return Recording(interpreter, models.setdefault(hashlib.sha256(model).hexdigest()[:16], entry))

    token = OPENER.set(opened)
    try:
        yield
    finally:
        OPENER.reset(token)


def asked(task: str) -> dict[str, Any]:
    """What a bundle answers, and its models in between."""
    method, calls = ASKED[task]
    models: dict[str, Any] = {}
    cases = []
    with recorded(models):
        runner = rnnkit.lite.load(bundle_of(task.split()[0]))
        for given, how in calls:
            cases.append({"given": given, "how": how, **_answer(getattr(runner, method), given, how)})
    return {"method": method, "models": models, "cases": cases}


def picture(height: int, width: int) -> np.ndarray:
    """Pixels that both languages can make: uint8 `[height, width, 4]`."""
    places = np.arange(height * width * 4, dtype=np.int64)
    return ((places * 7919 + places * places // 13) % 256).astype(np.uint8).reshape(height, width, 4)


def _answer(method: Any, given: list[Any], how: dict[str, Any]) -> dict[str, Any]:
    given = [picture(30, 40)[..., :3] if each == "picture" else each for each in given]
    try:
        made = list(method(*given, **how))
    except RnnkitError as error:
        return {"refused": str(error)}
    return {"answers": [dataclasses.asdict(each) if dataclasses.is_dataclass(each) else each for each in made]}


def refused(task: str, file: str, change: tuple[str, str] | None, resigned: bool) -> str:
    """The line with which a broken bundle is refused."""
    with tempfile.TemporaryDirectory() as folder:
        bundle = shutil.copytree(bundle_of(task), Path(folder, "lite"))
        before = (bundle / file).read_bytes()
        if change is None:
            (bundle / file).unlink()
        else:
            old, new = change
            after = before.decode("utf-8").replace(old, new, 1).encode("utf-8", "surrogateescape")
            assert after != before, (task, file, change)
            (bundle / file).write_bytes(after)
            if resigned:
                text = (bundle / "bundle.json").read_text("utf-8")
                digests = [hashlib.sha256(each).hexdigest() for each in (before, after)]
                (bundle / "bundle.json").write_text(text.replace(*digests), "utf-8")
        try:
            rnnkit.lite.load(bundle)
        except RnnkitError as error:
            return str(error).replace(str(bundle), "BUNDLE")
    raise AssertionError((task, file, change))


def bundles() -> dict[str, Any]:
    """All answers of the bundles, and all refusals."""
    broken = [
        {
            "task": task,
            "file": file,
            "change": change,
            "resigned": resigned,
            "refused": refused(task, file, change, resigned),
        }
        for task, file, change, resigned in BROKEN
    ]
    return {"tasks": {task: asked(task) for task in ASKED}, "broken": broken}
