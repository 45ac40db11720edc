"""Scores of beam search hypotheses: log-probability with length and coverage penalties."""

from dataclasses import dataclass
from typing import Any

Tensor = Any
_LEAST_COVERED = 1e-6


@dataclass(frozen=True)
class Penalties:
    """The score of a hypothesis.

    Equations:
        s(Y, X) = log P(Y | X) / lp(Y) + cp(X, Y)
        lp(Y) = ((5 + |Y|) / 6)^alpha
        cp(X, Y) = beta sum_i log(min(sum_j p_ij, 1))          p_ij: how much the j-th word attended to the i-th source

    Args:
        length: alpha; 0 ranks by the bare probability, which favours short answers.
        coverage: beta; 0 does not look at the attention.

    Example:

    >>> Penalties(length=1.0).length_factor(7)
    2.0

    Reference:
        Wu et al., Google's Neural Machine Translation System, 2016 (arXiv:1609.08144), equation 14.
    """

    length: float = 0.0
    coverage: float = 0.0

    def length_factor(self, length: Any) -> Any:
        """lp of a number of ids, END among them."""
        return ((5.0 + length) / 6.0) ** self.length

    def score(self, log_p: Tensor, length: Tensor, covered: Tensor | None, mask: Tensor | None, ops: Any) -> Tensor:
        """s of hypotheses.

        Args:
            log_p: `[...]`.
            length: Ids of each, as a float, `[...]` or a scalar.
            covered: Attention summed over the hypothesis, `[..., source]`, or None.
            mask: 1 where there is a source word, `[..., source]`, or None.
            ops: `keras.ops` or `rnnkit.decoding.numpy_ops`.
        """
        score = log_p / self.length_factor(length)
        if covered is None or not self.coverage:
            return score
        logs = ops.log(ops.minimum(ops.maximum(covered, _LEAST_COVERED), 1.0))
        return score + self.coverage * ops.sum(logs if mask is None else logs * mask, axis=-1)

    def bound(self, log_p: Tensor, most: int) -> Tensor:
        """The best score that a hypothesis not yet ended can still get: no more is lost, and the longest lp."""
        return log_p / self.length_factor(float(most))
