"""Comparison of an exported file with Keras, number by number; a file that does not agree is refused."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

import numpy as np

from rnnkit.errors import DisagreementError

#: Keras is decided where its best label leads the next by this much probability. Closer to a tie, the slightest
#: rounding changes the label and says nothing about the export.
_LEAD = 0.1
#: A share of fewer answers than this is unreliable: all answers may then count as decided.
_FEWEST_DECIDED = 10
#: The least spread of an output, as a share of its size: of what hardly varies, rounding is no difference.
_LEAST_SPREAD = 1e-3


@dataclass
class Agreement:
    """The result of comparing an export with Keras.

    Attributes:
        rows: Number of examples compared.
        source: Origin of the examples: "validation", "given" or "made up".
        largest_difference: Largest absolute difference of an output; None for answers, which are equal or not.
        same_label: Share of examples with the same answer, 0 to 1; for values, of those within 1 % of the spread.
        same_label_decided: The same share among the examples on which Keras is decided; 1 where there are none. For
            answers with fewer than ten of these, the better of both shares.
        keras_accuracy, export_accuracy: Their accuracies, where the true labels are known.
        keras_error, export_error: The mean absolute errors of values, where the true ones are known.
    """

    rows: int
    source: str
    largest_difference: float | None
    same_label: float
    same_label_decided: float
    keras_accuracy: float | None = None
    export_accuracy: float | None = None
    keras_error: float | None = None
    export_error: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for `bundle.json`; errors of values only where there are any."""
        errors = ("keras_error", "export_error")
        return {name: value for name, value in asdict(self).items() if value is not None or name not in errors}


@dataclass(frozen=True)
class Truth:
    """True answers of some examples.

    Attributes:
        values: One entry per output, in the order of the outputs.
        known: Mask of the known ones, `[outputs]`; None where all are.
    """

    values: np.ndarray
    known: np.ndarray | None = None

    @property
    def mask(self) -> np.ndarray:
        """Mask of the known ones, `[outputs]`."""
        return np.ones(len(self.values), bool) if self.known is None else self.known


class ComparesAs(ABC):
    """A kind of output, and the tolerance between an export's and Keras's."""

    #: What the largest difference is a difference of, to stand behind its number.
    measured: ClassVar[str] = ""

    @abstractmethod
    def compare(
        self,
        ours: np.ndarray,
        theirs: np.ndarray,
        truth: Truth | None,
        source: str,
        confidence: np.ndarray | None = None,
    ) -> Agreement:
        """The agreement of two sets of outputs.

        Args:
            ours: Keras's outputs.
            theirs: The export's outputs.
            truth: The true answers.
            source: Origin of the examples.
            confidence: For answers: the probability of each possible one, `[rows, answers]`, or the best scores.
        """

    @abstractmethod
    def fault(self, agreement: Agreement, quantize: str) -> str:
        """The measured and the allowed difference where it is too large; "" where it is not."""

    def require(self, agreement: Agreement, quantize: str, strategy: str) -> None:
        """Refuse an export that does not agree.

        Raises:
            DisagreementError: With the measured difference and what to try.
        """
        measured = self.fault(agreement, quantize)
        if not measured:
            return
        gentler = {"int8": "dynamic", "dynamic": "float16", "float16": "none"}.get(quantize)
        other = f"Try --quantize {gentler}." if gentler else "Please report this: it should not happen."
        raise DisagreementError(
            f"The {quantize} / {strategy} export does not agree with Keras on {agreement.rows} rows: {measured}. "
            f"Nothing was written. {other}"
        )


@dataclass(frozen=True)
class Labels(ComparesAs):
    """Probabilities of labels, `[rows, labels]`, compared as numbers and by their best label.

    Args:
        tolerances: For each quantization, the largest difference of a probability, and the smallest share of equal
            labels where Keras is decided.
    """

    tolerances: Mapping[str, tuple[float, float]] = field(
        default_factory=lambda: {
            "none": (1e-4, 1.0),
            "float16": (2e-2, 0.99),
            "dynamic": (2e-1, 0.97),
            "int8": (4e-1, 0.93),
        }
    )

    measured = "in a label's probability"

    def compare(
        self,
        ours: np.ndarray,
        theirs: np.ndarray,
        truth: Truth | None,
        source: str,
        confidence: np.ndarray | None = None,
    ) -> Agreement:
        agreement = _compare_answers(ours.argmax(-1), theirs.argmax(-1), truth, source, ours, fewest=0)
        with np.errstate(invalid="ignore"):
            agreement.largest_difference = float(np.abs(ours.astype(np.float64) - theirs).max())
        return agreement

    def fault(self, agreement: Agreement, quantize: str) -> str:
        largest, same = self.tolerances[quantize]
        difference = agreement.largest_difference or 0.0
        said = f"largest difference {difference:.3g} (at most {largest:g}), {_decided(agreement, same)}"
        return "" if difference <= largest and agreement.same_label_decided >= same else said  # neither holds for NaN


@dataclass(frozen=True)
class Answers(ComparesAs):
    """Integer answers, `[rows]`, compared for equality.

    Args:
        least: For each quantization, the smallest share of equal answers where Keras is decided.
    """

    least: Mapping[str, float]

    def compare(
        self,
        ours: np.ndarray,
        theirs: np.ndarray,
        truth: Truth | None,
        source: str,
        confidence: np.ndarray | None = None,
    ) -> Agreement:
        return _compare_answers(ours, theirs, truth, source, confidence, fewest=_FEWEST_DECIDED)

    def fault(self, agreement: Agreement, quantize: str) -> str:
        least = self.least[quantize]
        return "" if agreement.same_label_decided >= least else _decided(agreement, least)


@dataclass(frozen=True)
class Values(ComparesAs):
    """Numbers, `[rows, ...]`, compared within a tolerance: amounts, temperatures, vectors.

    Args:
        rtol: For each quantization, the largest difference, as a share of the spread of Keras's outputs.
        together: Whether all outputs are of one scale, so that their spread is that of all of them, as steps ahead are;
            of a single row, none has a spread of its own.
    """

    rtol: Mapping[str, float] = field(
        default_factory=lambda: {"none": 1e-4, "float16": 1e-2, "dynamic": 5e-2, "int8": 1e-1}
    )
    together: bool = False
    measured = "of the outputs' spread"
    #: Share of the spread up to which a row counts as the same.
    SAME: ClassVar[float] = 1e-2

    def compare(
        self,
        ours: np.ndarray,
        theirs: np.ndarray,
        truth: Truth | None,
        source: str,
        confidence: np.ndarray | None = None,
    ) -> Agreement:
        """The agreement of two arrays of numbers; `largest_difference` is a share of each output's spread in Keras."""
        rows, others = (side.astype(np.float64).reshape(len(side), -1) for side in (ours, theirs))
        spread: Any = 1.0
        if rows.size:
            spread = np.maximum(np.ptp(rows, axis=0), _LEAST_SPREAD * np.abs(rows).max(axis=0))
            spread = max(np.ptp(rows), np.abs(rows).max()) if self.together else spread
        far = (np.abs(rows - others) / np.where(spread, spread, 1.0)).max(-1, initial=0.0)
        far = np.where(np.isfinite(far), far, np.inf)
        same = float(np.mean(far <= self.SAME)) if len(far) else 1.0
        agreement = Agreement(len(ours), source, float(far.max(initial=0.0)), same, same)
        known = _known(truth, source)
        if known and known.values.size == ours.size:  # true labels beside probabilities are no values to compare with
            true = known.values.reshape(ours.shape)
            errors = (np.abs(side[known.mask] - true[known.mask]).mean() for side in (ours, theirs))
            agreement.keras_error, agreement.export_error = map(float, errors)
        return agreement

    def fault(self, agreement: Agreement, quantize: str) -> str:
        difference, largest = agreement.largest_difference or 0.0, self.rtol[quantize]
        said = f"largest difference {difference:.3g} of the outputs' spread (at most {largest:g})"
        return "" if difference <= largest else said


def _compare_answers(
    ours: np.ndarray,
    theirs: np.ndarray,
    truth: Truth | None,
    source: str,
    confidence: np.ndarray | None,
    *,
    fewest: int,
) -> Agreement:
    same, decided = ours == theirs, np.ones(len(ours), bool)
    if confidence is not None:
        ranked = np.sort(confidence, axis=-1)
        decided = ranked[:, -1] - ranked[:, -2] > _LEAD
    decided_same = float(np.mean(same[decided])) if decided.any() else 1.0
    if decided.sum() < fewest:
        decided_same = max(decided_same, float(np.mean(same)))
    agreement = Agreement(len(ours), source, None, float(np.mean(same)), decided_same)
    if known := _known(truth, source):
        right = ((side == known.values)[known.mask].mean() for side in (ours, theirs))
        agreement.keras_accuracy, agreement.export_accuracy = map(float, right)
    return agreement


def _decided(agreement: Agreement, least: float) -> str:
    return f"same answer {agreement.same_label_decided:.1%} where Keras is decided (at least {least:.0%})"


def _known(truth: Truth | None, source: str) -> Truth | None:
    """The true answers, where there are any to score against; None otherwise."""
    return truth if truth is not None and source != "made up" and truth.mask.any() else None
