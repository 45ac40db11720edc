"""Compares an exported file with Keras, number by number, and refuses it when they do not agree."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError

#: For each quantisation: the largest difference in a probability, and the least share of equal labels where Keras is
#: decided. Nearer than that to a tie, the least rounding changes the label and says nothing about the export.
TOLERANCES = {"none": (1e-4, 1.0), "float16": (2e-2, 0.99), "dynamic": (2e-1, 0.97), "int8": (4e-1, 0.93)}


#: Keras is decided where its best label leads the next by this much probability.
_LEAD = 0.1
#: Fewer answers than this say little of a share: all answers may then stand for the decided ones.
_FEWEST_DECIDED = 10


@dataclass
class Agreement:
    """How an export and Keras compare.

    Attributes:
        rows: How many inputs were compared.
        source: Where the inputs came from: "validation", "given" or "made up".
        largest_difference: Largest absolute difference of an output; None where outputs are answers by number.
        same_label: Share of inputs with the same answer, 0 to 1.
        same_label_decided: The same among the inputs on which Keras is decided; 1 where there are none. Of answers by
            number with fewer than ten of these, the better of both shares.
        keras_accuracy: Against the true labels, where they are known.
        export_accuracy: Likewise.
    """

    rows: int
    source: str
    largest_difference: float | None
    same_label: float
    same_label_decided: float
    keras_accuracy: float | None = None
    export_accuracy: float | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def compare(
    keras_outputs: np.ndarray,
    exported: np.ndarray,
    targets: np.ndarray | None,
    source: str,
    probabilities: np.ndarray | None = None,
) -> Agreement:
    """The agreement of two sets of outputs: probabilities, `[rows, labels]`, or answers by number, `[rows]`, which can
    but be equal or not.

    Args:
        keras_outputs: Ours.
        exported: Theirs.
        targets: The true answers by number, below 0 where they are not known.
        source: Where the rows come from.
        probabilities: Beside answers by number, how likely each answer is, `[rows, labels]`, or the best ones' scores.
    """
    answers = keras_outputs.ndim == 1
    ours, theirs = (outputs if answers else outputs.argmax(-1) for outputs in (keras_outputs, exported))
    largest = None
    if not answers:
        difference = np.abs(keras_outputs.astype(np.float64) - exported.astype(np.float64))
        largest = float(difference.max()) if np.isfinite(exported).all() else float("inf")
    given = np.full(len(ours), -1) if targets is None or source == "made up" else targets
    known = given >= 0
    same, decided = ours == theirs, np.ones(len(ours), bool)
    if not answers or probabilities is not None:
        ranked = np.sort(keras_outputs if probabilities is None else probabilities, axis=-1)
        decided = ranked[:, -1] - ranked[:, -2] > _LEAD
    decided_same = float(np.mean(same[decided])) if decided.any() else 1.0
    if answers and decided.sum() < _FEWEST_DECIDED:
        decided_same = max(decided_same, float(np.mean(same)))
    return Agreement(
        rows=len(ours),
        source=source,
        largest_difference=largest,
        same_label=float(np.mean(same)),
        same_label_decided=decided_same,
        keras_accuracy=float(np.mean((ours == given)[known])) if known.any() else None,
        export_accuracy=float(np.mean((theirs == given)[known])) if known.any() else None,
    )


def require(
    agreement: Agreement, quantize: str, strategy: str, tolerances: Mapping[str, tuple[float, float]] | None = None
) -> None:
    """Refuses an export that does not agree.

    Args:
        agreement: What was measured.
        quantize: How the export was quantized.
        strategy: What else to call it by.
        tolerances: The task's own, in the form of `TOLERANCES`.

    Raises:
        RnnkitError: With what was measured and what to try.
    """
    largest, same = (tolerances or TOLERANCES)[quantize]
    difference = agreement.largest_difference
    if (difference is None or difference <= largest) and agreement.same_label_decided >= same:
        return
    gentler = {"int8": "dynamic", "dynamic": "float16", "float16": "none"}.get(quantize)
    other = f"Try --quantize {gentler}." if gentler else "Please report this: it should not happen."
    far = "" if difference is None else f"largest difference {difference:.3g} (at most {largest:g}), "
    raise RnnkitError(
        f"The {quantize} / {strategy} export does not agree with Keras on {agreement.rows} rows: {far}same answer "
        f"{agreement.same_label_decided:.1%} where Keras is decided (at least {same:.0%}). Nothing was written. {other}"
    )
