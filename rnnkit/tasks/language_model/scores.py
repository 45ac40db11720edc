"""The scores of running text: nats and bits per character, perplexity per unit."""

import math
from typing import Any

import numpy as np

from rnnkit.codec.vocabulary import UNKNOWN
from rnnkit.metrics.bootstrap import Statistics, ratio, sums
from rnnkit.metrics.labels import perplexities_of, perplexity_of

#: A single text has no others to be drawn with it: it counts as stretches of so many units.
STRETCH = 1000


def text_scores(encoded: Any, outputs: np.ndarray, kind: str, lossless: bool) -> dict[str, Any]:
    """Nats and bits per character, and the perplexity per unit; a text's end counts as one character.

    Args:
        encoded: The texts, `EncodedTexts`.
        outputs: log p of every unit after the first, over the concatenated texts; a few at the end may be missing.
        kind: What a unit is, such as "word".
        lossless: Whether the units preserve the original text, so that its characters count.
    """
    nats = float(-outputs.mean())
    figures: dict[str, Any] = {} if kind == "character" else {f"nats_per_{kind}": round(nats, 5)}
    if lossless:
        each = float(-outputs.sum()) / max(_characters(encoded, outputs), 1)
        figures |= {"nats_per_character": round(each, 5), "bits_per_character": round(each / math.log(2), 5)}
    if unknown := float(np.mean(encoded.inputs.flat == UNKNOWN)):  # distinguishing them would cost more
        figures["unknown_rate"] = round(unknown, 5)
    return {**figures, "perplexity": perplexity_of(nats), f"{kind}s": len(outputs)}


def text_statistics(encoded: Any, outputs: np.ndarray, kind: str) -> Statistics:
    """The statistics of `text_scores`, a text an example; of a single text, a stretch of `STRETCH` units.

    Args:
        encoded: As for `text_scores`.
        outputs: Likewise.
        kind: Likewise.

    Reference:
        Carlstein, The Use of Subseries Values for Estimating the Variance of a General Statistic from a Stationary
        Sequence, Annals of Statistics 14(3), 1986 (for stretches of a single text).
    """
    places, ids = np.arange(1, len(outputs) + 1), np.arange(len(encoded.inputs.flat))
    if len(encoded) > 1:
        ends = encoded.inputs.offsets[1:]
        of, of_ids = (np.searchsorted(ends, some, side="right") for some in (places, ids))
        lengths = (encoded.characters + 1) / max(int(encoded.characters.sum()) + len(encoded), 1)
    else:
        of, of_ids = (places - 1) // STRETCH, np.maximum(ids - 1, 0) // STRETCH
        lengths = np.bincount(of, minlength=int(of_ids.max(initial=0)) + 1) / max(len(outputs), 1)
    many = len(lengths)

    def figures(sum_of: Any) -> dict[str, np.ndarray]:
        each, character = (ratio(sum_of["nats"], sum_of[name]) for name in ("units", "characters"))
        found = {f"nats_per_{kind}": each, "perplexity": perplexities_of(each)}
        found |= {"nats_per_character": character, "bits_per_character": character / math.log(2)}
        return {**found, "unknown_rate": ratio(sum_of["unknown"], sum_of["ids"])}

    return sums(
        figures,
        nats=np.bincount(of, -outputs, many),
        units=np.bincount(of, minlength=many),
        characters=lengths * _characters(encoded, outputs),
        unknown=np.bincount(of_ids, encoded.inputs.flat == UNKNOWN, many),
        ids=np.bincount(of_ids, minlength=many),
    )


def _characters(encoded: Any, outputs: np.ndarray) -> float:
    """The characters that the scored units stand for; `<START>` separates texts, and counts as one."""
    scored = len(outputs) / max(len(encoded.inputs.flat) - 1, 1)
    return float((int(encoded.characters.sum()) + len(encoded) - 1) * scored)
