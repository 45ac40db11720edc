"""Verdicts on measured gradient norms, and advice, from numbers alone.

The verdict compares how much gradient reaches the steps far from the loss with what reaches those near it.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

#: Times less (vanishing) or more (exploding) gradient at the far steps than at the near ones.
LARGE = 100.0
_SHARE = 4  # the far and the near steps are the last and the first quarter
_HANDED_ON = 0.95  # a recurrence that hands on less of the gradient a step is said to forget, whatever the verdict


@dataclass(frozen=True)
class Flow:
    """How much gradient reaches the states of one recurrent layer and direction, step by step.

    Attributes:
        layer: The Keras layer's name.
        index: Which of its stacked layers, from 1.
        direction: "forward" or "backward".
        cell: The cell's key, such as "lstm".
        pooling: How the layer's outputs become one vector, "sequence" where they do not.
        norms: Mean norm over the rows of the loss's gradient with respect to the states after a step, `[steps]`,
            counted back: the first is at the row's last shown step, in the order the direction runs.
        rows: How many rows are that long, `[steps]`.
        same_rows: As `norms`, over the longer half of the rows alone and as far back as all of these reach, so that
            the numbers along it are of the same rows.
        handed_on: The part of the gradient at a step that the recurrence alone hands to the step before: the median
            over steps and rows. Where the loss reads every step (a pool, a tagger) it says what `factor` cannot.
        factor: By what the norm grows or shrinks for each step back: the slope of the log of `same_rows`.
        ratio: The norm at the far quarter of the steps divided by that at the near quarter.
        verdict: "vanishing", "exploding" or "healthy".
        reason: The verdict in a sentence.
        advice: What to try, the first first; nothing where all is well.
    """

    layer: str
    index: int
    direction: str
    cell: str
    pooling: str
    norms: np.ndarray
    rows: np.ndarray
    same_rows: np.ndarray
    handed_on: float
    factor: float = field(init=False)
    ratio: float = field(init=False)
    verdict: str = field(init=False)
    reason: str = field(init=False)
    advice: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        ratio = far_to_near(self.same_rows)
        finite = bool(np.isfinite(self.norms[self.rows > 0]).all())
        verdict = _verdict(ratio, finite)
        values = {"factor": slope(self.same_rows), "ratio": ratio, "verdict": verdict}
        for name, value in values.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "reason", _reason(self, finite))
        object.__setattr__(self, "advice", tuple(_advice(self)))

    @property
    def name(self) -> str:
        """Layer, depth in the stack and direction, in one word."""
        return f"{self.layer}_layer{self.index}" + ("_backward" if self.direction == "backward" else "")

    def to_dict(self) -> dict[str, Any]:
        """The verdict as JSON values; non-finite numbers are None."""
        plain = {name: getattr(self, name) for name in ("layer", "index", "direction", "cell", "pooling", "verdict")}
        for name in ("factor", "handed_on", "ratio"):
            value = float(getattr(self, name))
            plain[name] = value if np.isfinite(value) else None
        norms = [float(f"{norm:.6g}") if np.isfinite(norm) else None for norm in self.norms]
        return {**plain, "reason": self.reason, "advice": list(self.advice), "norms": norms, "rows": self.rows.tolist()}


def slope(norms: np.ndarray) -> float:
    """Growth of the norms per step: the slope of the least-squares line through their logarithms.

    Args:
        norms: `[steps]`; what is not finite, or too small for float32, is left out.

    Returns:
        The factor; 1 for fewer than two numbers, nan where none is left.

    Example:

    >>> print(round(slope(np.array([8.0, 4.0, 2.0, 1.0, 0.0])), 4))
    0.5
    """
    usable = np.isfinite(norms) & (norms > np.finfo(np.float32).tiny)
    if not usable.any():
        return float("nan")
    if usable.sum() < 2:
        return 1.0
    steps = np.flatnonzero(usable).astype(np.float64)
    steps -= steps.mean()
    return float(np.exp((steps * np.log(norms[usable].astype(np.float64))).sum() / (steps**2).sum()))


def far_to_near(norms: np.ndarray) -> float:
    """The mean norm at the far quarter of the steps divided by that at the near quarter; nan where nothing is reached.

    Example:

    >>> far_to_near(np.array([1.0, 0.1, 0.01, 0.001]))
    0.001
    """
    quarter = max(len(norms) // _SHARE, 1)
    near, far = float(norms[:quarter].mean()), float(norms[-quarter:].mean())
    if near == 0:
        return float("nan") if far == 0 else float("inf")
    return far / near


def _verdict(ratio: float, finite: bool) -> str:
    if not finite or ratio > LARGE:
        return "exploding"
    return "vanishing" if not ratio >= 1 / LARGE else "healthy"


def _reason(flow: Flow, finite: bool) -> str:
    """The verdict in a sentence."""
    if not finite:
        return "the gradient is not finite: it has grown past the largest number"
    if np.isnan(flow.ratio):
        return "no gradient reaches this layer at all"
    if flow.ratio == 0:
        return "the steps far from the loss get no gradient at all"
    said = f"the far quarter of the steps gets {_times(flow.ratio)} the gradient of the near quarter"
    if flow.verdict == "healthy" and flow.pooling != "last" and flow.handed_on < _HANDED_ON:
        said += "; it comes from above at every step, not through time: the recurrence "
        said += f"hands on {flow.handed_on:.0%} of it a step"
    return said


def _times(ratio: float) -> str:
    """A factor in words.

    Example:

    >>> _times(0.0008), _times(1.7)
    ('1/1,250 of', '1.7 times')
    """
    if ratio >= 0.1:
        return f"{ratio:.2g} times" if ratio < 100 else f"{ratio:,.0f} times"
    return f"1/{1 / ratio:,.0f} of" if ratio > 1e-6 else f"{ratio:.0e} of"


def _advice(flow: Flow) -> list[str]:
    """The advice, most promising first. Each begins with a flag of `rnnkit train`, which is also a Python option."""
    if np.isnan(flow.ratio) and flow.verdict == "vanishing":
        return ["look for units that are off for every input (relu), or a layer that the loss does not depend on"]
    plain = flow.cell in ("simple_rnn", "jordan", "irnn", "ind_rnn")
    if flow.verdict == "vanishing":
        return [
            *(["--cell lstm or gru: a memory that is added to, not multiplied through"] if plain else []),
            *(["--pooling max or mean: the loss reaches every step directly"] if flow.pooling == "last" else []),
            *(["--cell irnn: the same network started at remembering everything"] if flow.cell == "simple_rnn" else []),
            *(
                ["--cell janet, or in Python LSTM(units, longest=STEPS): gates that start with long memories"]
                if not plain
                else []
            ),
            "--omega 1: a penalty on every step that does not hand its gradient on",
            "shorter sequences (--max-length), if the start of a text does not decide",
        ]
    if flow.verdict == "exploding":
        return [
            "--global-clipnorm 1: cuts the gradient's length, so that no step of training is wild",
            *(["--recurrent-initializer orthogonal, or --cell lstm or gru"] if plain else []),
            "--learning-rate, a tenth of what it was",
            "--truncate STEPS: no gradient flows back further than so many",
        ]
    return []
