"""Decoding that is done alike in Python and JavaScript: for `web_cases.py`, with a network of exact tables."""

from typing import Any

import numpy as np

from rnnkit.codec.forecast_paths import chances_of
from rnnkit.decoding import Marks, decode
from rnnkit.decoding.choices import drawn, uniform_numbers
from rnnkit.decoding.numpy_ops import logsumexp, top_k
from rnnkit.decoding.writing import write

WORDS, SOURCE, MOST = 9, 4, 8
#: Quarters, so that their sums have no rounding.
TABLE = (np.random.default_rng(5).integers(-12, 13, (WORDS, WORDS)) / 4).astype(np.float32)
LOOKS = (np.random.default_rng(6).integers(0, 9, (WORDS, SOURCE)) / 8).astype(np.float32)
MARKS = Marks(start=1, end=3, pad=0)
SEARCHES: list[dict[str, Any]] = [
    {"strategy": "greedy"},
    {"strategy": "greedy", "coverage_penalty": 0.5, "length_penalty": 1.0},
    {"strategy": "beam", "beam_width": 3},
    {"strategy": "beam", "beam_width": 5, "n_best": 5, "length_penalty": 1.0},
    {"strategy": "beam", "beam_width": 4, "n_best": 2, "length_penalty": 0.6, "coverage_penalty": 0.25},
    {"strategy": "beam", "beam_width": 4, "early_finish": False, "length_penalty": 2.0, "n_best": 4},
    {"strategy": "beam", "beam_width": 12, "n_best": 12},
    {"strategy": "beam", "beam_width": 2, "max_length": 1},
    {"strategy": "sample", "seed": 1},
    {"strategy": "sample", "seed": 2147483647, "temperature": 2.5},
    {"strategy": "sample", "seed": 3, "top_k": 3},
    {"strategy": "sample", "seed": 4, "top_p": 0.7, "temperature": 0.5},
    {"strategy": "sample", "seed": 5, "temperature": 0},
]
WRITINGS: list[dict[str, Any]] = [
    {"seed": 1},
    {"seed": 7, "temperature": 0.5, "top_k": 4},
    {"seed": 8, "top_p": 0.8, "no_repeat": 2},
    {"seed": 9, "no_repeat": 1},
    {"seed": 10, "no_repeat": 3, "allowed": True},
    {"seed": 11, "never": [0, 2], "temperature": 0},
]


def step(last: np.ndarray, states: Any, memory: Any) -> Any:
    """Logits by the last id and a state, which counts; attention by the last id."""
    return TABLE[last] + states[0] / 4, [states[0][:, ::-1] + TABLE[last] / 4], LOOKS[last]


def searched(how: dict[str, Any]) -> dict[str, Any]:
    """What a search of three rows finds."""
    states = [(np.arange(3 * WORDS, dtype=np.float32).reshape(3, WORDS) % 5) / 2]
    mask = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0]], np.float32)
    found = decode(step, states, [mask], marks=MARKS, source_mask=mask, **{"max_length": MOST, **how})
    assert found.aligned is not None
    return {name: getattr(found, name).tolist() for name in ("ids", "scores", "aligned")}


def written(how: dict[str, Any]) -> list[list[int]]:
    """Twenty ids of two rows."""
    asked = {"never": (0, 2, 1), **{name: value for name, value in how.items() if name != "allowed"}}
    allowed = (lambda row, place: (row + place) % 3 > 0) if "allowed" in how else None
    states = [np.zeros((2, WORDS), np.float32)]
    drawing = write(
        lambda last, states: step(last, states, [])[:2], states, [1, 4], rows=2, end=1, allowed=allowed, **asked
    )
    return [ids.tolist() for ids, _ in zip(drawing, range(20), strict=False)]


def decoding() -> dict[str, Any]:
    """All of it, with the tables."""
    numbers = np.random.default_rng(7).normal(size=(3, 300)).astype(np.float32)
    uniform = uniform_numbers(3, [2, 0, 5], 1)[:, 0]
    return {
        "table": TABLE.tolist(),
        "looks": LOOKS.tolist(),
        "searches": [{"how": how, "found": searched(how)} for how in SEARCHES],
        "writings": [{"how": how, "ids": written(how)} for how in WRITINGS],
        "uniform": uniform_numbers(12, [0, 3], 5).tolist(),
        "chances": chances_of(5, 3).tolist(),
        "numbers": numbers.tolist(),
        "logsumexp": logsumexp(numbers, -1).tolist(),
        "sum": numbers.sum(-1).tolist(),
        "top_k": [each.tolist() for each in top_k(np.round(numbers), 5)],
        "drawn": [drawn(numbers, uniform, _ops(), top_k=k, top_p=p).tolist() for k in (0, 7) for p in (1.0, 0.5)],
    }


def _ops() -> Any:
    from rnnkit.decoding import numpy_ops

    return numpy_ops
