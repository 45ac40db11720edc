"""CTC's searches that are done alike in Python and JavaScript: for `web_cases.py`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from rnnkit.decoding.ctc import GreedySearch, Hypothesis, checked_frames, collapse, min_frames
from rnnkit.decoding.ctc_alignment import align
from rnnkit.decoding.ctc_beam import PrefixBeamSearch
from rnnkit.decoding.lexicon import Lexicon, WordBoundaries
from rnnkit.errors import RnnkitError

CLASSES, SEPARATOR = 5, 4
FRAMES = np.round(-np.random.default_rng(11).exponential(2.0, (12, CLASSES)), 2)
WORDS = [[1, 2], [1], [3, 3, 2]]
STARTS = [1, 3]
#: Whether words have a separator ("separator"), begin with certain units ("starts"), are whole texts ("single") or
#: single units (None); and whether there is a list of them.
SEARCHES: list[dict[str, Any]] = [
    {"how": {"beam_width": 1}},
    {"how": {"beam_width": 4}},
    {"how": {"beam_width": 200}},
    {"how": {"beam_width": 8, "margin": 1.5, "beta": 0.4}},
    {"how": {"beam_width": 16, "beta": 1.0}, "words": "separator"},
    {"how": {"beam_width": 16, "beta": -0.5}, "words": "starts"},
    {"how": {"beam_width": 32}, "words": "separator", "listed": [[1, 2], [1], [3, 3, 2]]},
    {"how": {"beam_width": 4}, "words": "starts", "listed": [[1, 2], [3, 2, 4]]},
    {"how": {"beam_width": 8, "beta": 0.7}, "listed": [[2], [3]]},
    {"how": {"beam_width": 8}, "words": "single", "listed": [[2, 1], [1, 2, 3], [2]]},
    {"how": {"beam_width": 8}, "words": "separator", "listed": [[1, 2, 1, 2, 3, 2, 3, 2, 1, 3]]},
]
#: Lists of words in no order, between which flat frames cannot choose.
TIED: list[dict[str, Any]] = [
    {"how": {"beam_width": 3}, "words": "separator", "listed": [[3], [2, 1], [1]]},
    {"how": {"beam_width": 3}, "words": "starts", "listed": [[3], [1, 4], [1, 2]]},
]
ALIGNED = [[], [1], [2, 2, 3], [1, 4, 1, 1, 2, 3]]


def boundaries_of(kind: str | None) -> WordBoundaries:
    how: dict[str, Any] = {
        "separator": {"separator": SEPARATOR},
        "starts": {"starts": STARTS},
        "single": {"starts": []},
    }
    return WordBoundaries(CLASSES, **how.get(kind or "", {}))


def shown(found: Hypothesis) -> list[Any]:
    return [found.units, round(found.score, 4), round(found.log_p, 4), found.frames]


def search_of(case: dict[str, Any]) -> PrefixBeamSearch:
    boundaries = boundaries_of(case.get("words"))
    lexicon = Lexicon(case["listed"], boundaries) if "listed" in case else None
    return PrefixBeamSearch(boundaries=boundaries, lexicon=lexicon, **case["how"])


def tied(case: dict[str, Any]) -> list[list[int]]:
    """What a search finds where all is equally likely."""
    search = search_of(case)
    search.feed(np.full((3, CLASSES), -1.0))
    return [each.units for each in search.finish(3)]


def searched(case: dict[str, Any]) -> dict[str, Any]:
    """What a search finds, after some frames and after all."""
    search = search_of(case)
    search.feed(FRAMES[:6])
    partial = shown(search.partial())
    search.feed(FRAMES[6:])
    return {"partial": partial, "found": [shown(each) for each in search.finish(2, log_probs=FRAMES)]}


REFUSED: dict[str, Callable[[], Any]] = {
    "shape": lambda: checked_frames(np.zeros((2, 3)), 4),
    "number": lambda: checked_frames(np.array([[np.nan]])),
    "beam": lambda: PrefixBeamSearch(beam_width=0),
    "both": lambda: WordBoundaries(4, 1, [2]),
    "boundary": lambda: WordBoundaries(4, 4),
    "word": lambda: Lexicon([[1, 4, 2]], boundaries_of("separator")),
    "start": lambda: Lexicon([[2]], boundaries_of("starts")),
    "empty": lambda: Lexicon([], boundaries_of(None)),
    "short": lambda: align(FRAMES[:2], [1, 1]),
    "unit": lambda: align(FRAMES, [5]),
    "never_greedy": lambda: GreedySearch().feed(np.full((1, 2), -1e30)),
    "never": lambda: PrefixBeamSearch().feed(np.full((1, 2), -1e30)),
}


def refusal(name: str) -> str:
    try:
        REFUSED[name]()
    except RnnkitError as error:
        return str(error)
    raise AssertionError(name)


def ctc() -> dict[str, Any]:
    """All of it, with the frames."""
    greedy = GreedySearch()
    greedy.feed(FRAMES)
    return {
        "frames": FRAMES.tolist(),
        "greedy": shown(greedy.finish()[0]),
        "searches": [{**case, **searched(case)} for case in SEARCHES],
        "tied": [{**case, "found": tied(case)} for case in TIED],
        "aligned": [
            {"units": units, "path": found.path.tolist(), "spans": [[*s[:3], round(s.log_p, 4)] for s in found.spans]}
            for units in ALIGNED
            for found in [align(FRAMES, units)]
        ],
        "texts": [[path, collapse(path), min_frames(path)] for path in ([], [0, 1, 1, 0, 1, 2], [3, 3, 3])],
        "words": [boundaries_of(kind).words([2, 1, 4, 4, 3, 2]) for kind in (None, "separator", "starts")],
        "allowed": [
            Lexicon(WORDS, boundaries_of("separator")).allows(text) for text in ([], [1, 4, 3, 3, 2], [1, 4], [3, 3])
        ],
        "refused": {name: refusal(name) for name in REFUSED},
    }
