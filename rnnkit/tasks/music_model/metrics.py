"""Metrics of generated tunes: whether they are music, whether their bars add up, and whether they are copied."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rnnkit.codec.abc_text import tunes_from_text
from rnnkit.errors import RnnkitError
from rnnkit.tasks.music_model.bars import check_bars
from rnnkit.tasks.music_model.longest_copy import SubstringIndex
from rnnkit.tasks.music_model.notation import is_music

_GRAM = 8  # characters


def music_scores(
    tunes: Sequence[str],
    training: str = "",
    held_out: Sequence[str] = (),
    parses: Callable[[str], bool] | None = None,
) -> dict[str, Any]:
    """Score generated tunes, next to real ones that were held out.

    Args:
        tunes: Generated tunes, one text each, in the plain form (`rnnkit.codec.abc_text.plain_text`).
        training: The training text, in that form.
        held_out: Real tunes in that form, not used in training; the yardstick, scored in the same way.
        parses: Whether a tune can be read as music; by default whether music21 reads it and finds notes.

    Returns:
        `tunes` (their number), `parse` (share that can be read), `bars_full` (share whose bars all fill the metre),
        `different` (share of distinct tunes), `distinct_8` (distinct 8-character substrings divided by all of them);
        with `training`, `copied_mean` and `copied_max`: the length of the longest substring that also occurs in the
        training text, as mean over tunes and maximum, and `copied_share`, the mean share of a tune that this substring
        makes up. With `held_out`, its scores under "held_out", and `copied_beyond`: `copied_max` minus that of the
        held-out tunes.

    Raises:
        RnnkitError: There are no tunes, or music21 is not installed.

    Example:

    >>> scores = music_scores(["M:2/4\\nL:1/8\\nK:G\\nGABc|d4|"], "K:G\\nGABc|e4|", parses=bool)
    >>> scores["bars_full"], scores["copied_max"]
    (1.0, 9)

    Reference: distinct-n is that of Li et al., "A Diversity-Promoting Objective Function for Neural Conversation
        Models", NAACL 2016.
    """
    if isinstance(tunes, str) or isinstance(held_out, str):
        raise RnnkitError("Tunes came as one string; give a list of texts, one per tune.")
    if not tunes:
        raise RnnkitError("There are no tunes to score; give at least one.")
    index = SubstringIndex(training) if training else None
    scores = _scores(tunes, index, parses or is_music)
    if held_out:
        scores["held_out"] = _scores(held_out, index, parses or is_music)
        if index:
            scores["copied_beyond"] = scores["copied_max"] - scores["held_out"]["copied_max"]
    return scores


def bars_full(text: str) -> bool:
    """Whether a text is one tune whose bars all fill the metre.

    Example:

    >>> bars_full("M:2/4\\nL:1/8\\nK:G\\nGABc|d4|"), bars_full("M:2/4\\nL:1/8\\nK:G\\nGABc|d3|dB2G|")
    (True, False)
    """
    tunes, _ = tunes_from_text(text)
    return len(tunes) == 1 and check_bars(tunes[0]).all_full


def _scores(tunes: Sequence[str], index: SubstringIndex | None, parses: Callable[[str], bool]) -> dict[str, Any]:
    tunes = [tune.strip("\n") for tune in tunes]
    grams = [tune[place : place + _GRAM] for tune in tunes for place in range(len(tune) - _GRAM + 1)]
    scores: dict[str, Any] = {
        "tunes": len(tunes),
        "parse": round(float(np.mean([parses(tune) for tune in tunes])), 4),
        "bars_full": round(float(np.mean([bars_full(tune) for tune in tunes])), 4),
        "different": round(len(set(tunes)) / len(tunes), 4),
        "distinct_8": round(len(set(grams)) / max(len(grams), 1), 4),
    }
    if index:
        copied = [len(index.longest_common(tune)[0]) for tune in tunes]
        shares = [length / max(len(tune), 1) for length, tune in zip(copied, tunes, strict=True)]
        scores |= {
            "copied_mean": round(float(np.mean(copied)), 1),
            "copied_max": max(copied),
            "copied_share": round(float(np.mean(shares)), 4),
        }
    return scores
