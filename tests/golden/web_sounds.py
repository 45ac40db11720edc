"""Frames of sounds that are the same in Python and JavaScript: for `web_cases.py`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from rnnkit.codec.filterbank import cosine_transform, delta_filters, hann_window, mel_filterbank, mel_of
from rnnkit.codec.frame_settings import settings_of, settings_text
from rnnkit.codec.ready_frames import ReadyFrames
from rnnkit.codec.samples import samples_of
from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.codec.transcript_units import units_of
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import parse_json

_SMALL = {"rate": 8000, "window": 15.0, "hop": 6.0, "bands": 4, "low": 100.0}
_LEARNT = {"mean": [-4.0, -3.5, -3.0, -2.5], "std": [1.0, 1.5, 2.0, 0.5]}
SETTINGS: dict[str, dict[str, Any]] = {
    "bands": _SMALL,
    "cepstra": {**_SMALL, "bands": 9, "coefficients": 2, "deltas": 2, "delta_width": 1, "high": 3000.0},
    "corpus": {**_SMALL, "normalise": "corpus", "pre_emphasis": 0.0, **_LEARNT},
    "running": {**_SMALL, "normalise": "running", "memory": 4, **_LEARNT},
    "slopes": {**_SMALL, "bands": 2, "normalise": "none", "deltas": 1, "hop": 15.0},
    "usual": {"bands": 3, "normalise": "none"},
    "tail": {**_SMALL, "normalise": "running", "memory": 4, "tail": 30.0, **_LEARNT},
}


def noise(count: int, seed: int) -> np.ndarray:
    """Samples as int16 whose level rises and falls, from whole numbers that every language has."""
    made = np.zeros(count, np.int16)
    for place in range(count):
        seed = seed * 16807 % 2147483647
        made[place] = (seed % 2001 - 1000) * (place % 97) // 10
    return made


def frames(name: str, count: int, seed: int) -> list[list[float]]:
    """The frames of noise."""
    return Spectrogram(**SETTINGS[name]).encode(noise(count, seed)).round(5).tolist()


def settings(change: dict[str, Any]) -> Any:
    """Settings by way of their file, with some of them changed; the sizes that follow."""
    content = parse_json(settings_text(Spectrogram()), "it")
    found = settings_of(Spectrogram, {**content, **change}, "it")
    return [found.window_size, found.hop_size, found.fft_size, found.features, found.context, found.frames(16_000)]


def ready(change: dict[str, Any], rows: Any) -> list[list[float]]:
    """What a network reads of ready-made frames, with settings by way of their file."""
    content = parse_json(settings_text(ReadyFrames(2)), "it")
    return settings_of(ReadyFrames, {**content, **change}, "it").encode(rows, "It").round(5).tolist()


def units(content: Any, classes: list[int], words: list[str]) -> Any:
    """The words that classes say, where words begin and end, and the classes of words."""
    found = units_of(content, "it")
    spans = [list(word) for word in found.words(classes)]
    return [found.decode(classes), spans, found.boundaries(), found.spelled(words)]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "frames": frames,
    "ready": ready,
    "units": units,
    "settings": settings,
    "start": lambda name: len(Spectrogram(**SETTINGS[name]).start().samples),
    "samples_of": lambda given: samples_of(given, "It").tolist(),
    "noise": lambda count, seed: noise(count, seed).tolist(),
    "matrices": lambda: [
        hann_window(5).tolist(), round(mel_of(440.0), 9), mel_filterbank(2, 8, 8000, 100.0, 3900.0).round(9).tolist(),
        cosine_transform(3, 2).round(9).tolist(), delta_filters(2, 1).tolist(),
    ],
}  # fmt: skip
CASES: list[tuple[str, list[Any]]] = [
    ("noise", [12, 7]),
    ("matrices", []),
    *[("frames", [name, 400, 5]) for name in SETTINGS],
    ("frames", ["cepstra", 120, 6]),
    ("frames", ["bands", 119, 6]),
    *[("start", [name]) for name in ("bands", "running", "slopes")],
    *[
        ("settings", [change])
        for change in (
            {}, {"rate": 11_025, "window": 20.0}, {"rate": 8000, "coefficients": 13, "deltas": 2}, {"rate": 999},
            {"hop": 26}, {"hop": 0.25}, {"low": 4000, "high": 300}, {"high": 8001}, {"coefficients": 41}, {"deltas": 3},
            {"normalise": "loud"}, {"normalise": 5}, {"mean": [1.0]}, {"mean": None}, {"bands": 128}, {"more": 1},
            {"bands": True}, {"window": "25"}, {"tail": 300.0}, {"tail": -1}, {"mean": [0.5] * 40, "std": [0] * 40},
        )
    ],
    *[
        ("ready", [change, [[0.5, -1.0], [1.25, 2.0], [0.25, 0.125], [-3.0, 4.0]]])
        for change in (
            {}, {"deltas": 2, "delta_width": 1}, {"normalise": "none", "deltas": 1},
            {"normalise": "running", "memory": 3, "mean": [0.5, 1.0], "std": [2.0, 0.25]}, {"static": 3},
            {"normalise": "corpus"}, {"normalise": "loud"}, {"deltas": 3}, {"hop": 0.25}, {"mean": [1.0]}, {"more": 1},
            {"std": [0.0, 1.0], "mean": [0.0, 1.0]},
        )
    ],
    ("ready", [{}, []]),
    ("ready", [{}, [[0.5]]]),
    *[
        ("units", [{"kind": kind, "units": of}, classes, ["ab", "b c", "x", " "]])
        for kind, of, classes in (
            ("character", [" ", "a", "b"], [2, 3, 1, 1, 3, 1]), ("character", ["a", "b"], [1, 2, 1]),
            ("subword", ["\u2581a", "b", "\u2581", "\u2581b"], [1, 2, 4, 3, 2]), ("word", ["ab", "b", "c"], [2, 1]),
            ("character", [" "], []), ("letter", ["a"], []), ("word", [], []), ("word", ["a", "a"], []),
            ("character", ["ab"], []), ("word", ["a", ""], []), ("word", ["a", 1], []), ("word", "a", []),
        )
    ],
    ("samples_of", [[0.5, -1.25]]),
    ("samples_of", [[0.5, 20_000.5]]),
    ("samples_of", [[]]),
]  # fmt: skip


def sounds() -> dict[str, Any]:
    """Settings, and what is made of sounds with them."""
    cases = []
    for name, given in CASES:
        try:
            cases.append({"of": name, "given": given, "answer": FUNCTIONS[name](*given)})
        except RnnkitError as error:
            cases.append({"of": name, "given": given, "refused": str(error)})
    return {"settings": SETTINGS, "cases": cases}
