"""Decoding options of a translator, shared by Keras and the phone."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnnkit.decoding import STRATEGIES
from rnnkit.decoding.choices import uniform_numbers
from rnnkit.errors import RnnkitError
from rnnkit.options import CheckedOptions, option


@dataclass(kw_only=True)
class BeamOptions(CheckedOptions):
    """Beam search options, as stored in a Run and a bundle."""

    panel: ClassVar[str] = "Beam search"

    beam_width: int = option(5, "hypotheses followed while writing; 1: greedy", low=1, high=1000)
    length_penalty: float = option(1.0, "what makes up for length in a score; 0: nothing", low=0, high=10)
    coverage_penalty: float = option(0.0, "weight of source words not looked at, in a score", low=0, high=10)


@dataclass(kw_only=True)
class TranslatorAnswers(BeamOptions):
    """Options of `rnnkit predict` for translators, in place of the Run's."""

    n_best: int = option(1, "answers to an input, the best first", low=1, high=1000)


@dataclass(kw_only=True)
class SearchOptions(TranslatorAnswers):
    """Options of `predict`: arguments of `rnnkit.decoding.decode`."""

    strategy: str = option("beam", "how the next piece is chosen", choices=STRATEGIES)
    max_length: int = option(100, "pieces written at most", low=1, high=10_000)
    early_finish: bool = option(True, "stop a beam search as soon as its answer is certain")
    temperature: float = option(1.0, "of sampling; below 1 the likely becomes likelier", low=0, high=100)
    top_k: int = option(0, "draw from so many of the likeliest pieces; 0: all", low=0, high=10**6)
    top_p: float = option(1.0, "draw from the likeliest pieces of this share of the probability", low=1e-6, high=1)
    seed: int = option(
        0, "the same seed and sentences draw the same; 0: something else each time", low=0, high=2**31 - 1
    )


#: The names of what a Run and a bundle keep.
SEARCH = tuple(spec.name for spec in dataclasses.fields(BeamOptions))


def usual_search(options: Any) -> dict[str, Any]:
    """The search settings, as stored in a Run and a bundle.

    Example:

    >>> usual_search(SearchOptions(beam_width=3))
    {'beam_width': 3, 'length_penalty': 1.0, 'coverage_penalty': 0.0}
    """
    return {name: getattr(options, name) for name in SEARCH}


#: What says something to one strategy alone.
_OF_STRATEGY = {"beam": ("beam_width", "n_best", "early_finish"), "sample": ("temperature", "top_k", "top_p", "seed")}


def search_of(usual: Mapping[str, Any], how: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `rnnkit.decoding.decode`: the default beam search with the requested changes.

    Args:
        usual: `BeamOptions` by name.
        how: `SearchOptions` by name, those asked for; a beam of one hypothesis is the same as greedy, which is quicker.

    Raises:
        RnnkitError: What is asked for is unknown, of another kind, out of range, or for another strategy.

    Example:

    >>> search_of({"beam_width": 5}, {"n_best": 2})
    {'strategy': 'beam', 'beam_width': 5, 'n_best': 2}
    >>> search_of({"beam_width": 5}, {"beam_width": 1})["strategy"]
    'greedy'
    """
    checked = SearchOptions.from_dict(dict(how))
    search = {"strategy": "beam", **usual, **{name: getattr(checked, name) for name in how}}
    for strategy, names in _OF_STRATEGY.items():
        unheard = [name for name in names if name in how and search["strategy"] != strategy]
        if unheard:
            raise RnnkitError(
                f"{unheard[0]} {how[unheard[0]]!r} is for the strategy {strategy!r}, and this one is "
                f"{search['strategy']!r}. Give strategy={strategy!r}, or leave {unheard[0]} out."
            )
    narrow = search.get("beam_width") == 1 and search.get("n_best", 1) == 1
    return {**search, "strategy": "greedy"} if search["strategy"] == "beam" and narrow else search


def drawn_with(search: Mapping[str, Any], places: Iterable[int], most: int) -> dict[str, np.ndarray]:
    """The argument `uniform` of `rnnkit.decoding.decode` for a seed; empty without sampling.

    Args:
        search: What `search_of` gave.
        places: Which of the sentences that were asked for together each one is, from 0.
        most: Pieces at most, where the search does not say it.
    """
    if search["strategy"] != "sample":
        return {}
    return {"uniform": uniform_numbers(search.get("seed") or None, places, search.get("max_length", most))}


def whole_beam(search: Mapping[str, Any]) -> dict[str, Any]:
    """The same search, giving back all of its beam where several answers are asked for: some may be the same text.

    Example:

    >>> whole_beam({"strategy": "beam", "beam_width": 5, "n_best": 2})
    {'strategy': 'beam', 'beam_width': 5, 'n_best': 5}
    """
    n_best = search.get("n_best", 1)
    return {**search, "n_best": max(n_best, search["beam_width"])} if n_best > 1 else dict(search)
