"""The figures of several folds summed up: mean, standard deviation, and an interval of the mean."""

from collections.abc import Mapping, Sequence

import numpy as np

_GRID = 20_001
#: The largest value that a figure can have, where it is 1 or 100.
_LARGEST = {"bleu": 100.0, "chrf": 100.0} | dict.fromkeys(
    ("accuracy", "macro_f1", "f1", "precision", "recall", "root_accuracy", "root_binary_accuracy", "node_accuracy")
    + ("bleu1", "bleu2", "bleu3", "bleu4", "rouge_l", "exact", "distinct", "novelty", "brevity_penalty"),
    1.0,
)


def fold_summary(
    figures: Sequence[Mapping[str, object]], tested_to_trained: float, level: float = 0.95
) -> dict[str, dict[str, object]]:
    """Sum up the figures of folds.

    Trainings of different folds share most of their data, so their figures vary less than those of independent ones;
    the interval is widened for that.

    Args:
        figures: Of each fold; only those that are floats in all of them count, so that numbers of rows are left out.
        tested_to_trained: How many examples a fold tests, divided by how many it learns from.
        level: The confidence of the interval.

    Returns:
        For each figure its `mean`, its `standard_deviation` over the folds (divided by their number minus 1), and its
        `interval`, two bounds; no interval from one fold.

    Equations:
        mean ± t(J - 1) s sqrt(1 / J + tested / trained), for J folds of standard deviation s

    Example:

    >>> fold_summary([{"accuracy": 0.8, "rows": 9}, {"accuracy": 0.84, "rows": 9}], 1.0)["accuracy"]["mean"]
    0.82

    Reference:
        Nadeau & Bengio, Inference for the Generalization Error, Machine Learning 52, 2003; Bouckaert & Frank, PAKDD
        2004 (for repeated folds).
    """
    made: dict[str, dict[str, object]] = {}
    for name in figures[0] if figures else ():
        found = [each[name] for each in figures if isinstance(each.get(name), float)]
        values = np.array(found, np.float64)
        if len(values) < len(figures) or not np.isfinite(values).all():
            continue
        summary: dict[str, object] = {"mean": _six(values.mean())}
        if len(values) > 1:
            deviation = float(values.std(ddof=1))
            aside = t_quantile((1 + level) / 2, len(values) - 1) * deviation
            aside *= np.sqrt(1 / len(values) + tested_to_trained)
            low = max(values.mean() - aside, 0.0) if values.min() >= 0 else values.mean() - aside
            high = min(values.mean() + aside, _LARGEST.get(name, np.inf))
            summary |= {"standard_deviation": _six(deviation), "interval": [_six(low), _six(high)]}
        made[name] = summary
    return made


def t_quantile(probability: float, degrees: int) -> float:
    """The quantile of Student's t distribution, by integrating over its angle.

    Args:
        probability: From 0.5 to less than 1.
        degrees: Degrees of freedom, 1 or more.

    Example:

    >>> round(t_quantile(0.975, 4), 3)
    2.776
    """
    angles = np.linspace(0, np.pi / 2, _GRID)
    density = np.cos(angles) ** (degrees - 1)  # with t = sqrt(degrees) tan(angle)
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return float(np.sqrt(degrees) * np.tan(np.interp((probability - 0.5) * 2 * below[-1], below, angles)))


def _six(value: float) -> float:
    return float(f"{value:.6g}")
