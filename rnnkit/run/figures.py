"""The figures of a Run under the field's usual names, and the one that sums it up."""

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any, NamedTuple

#: The figure that sums a Run up: the first of these that it has.
_KEY_FIGURES = (
    "wer",
    "cider",
    "bleu",
    "f1",
    "micro_f1",
    "root_accuracy",
    "accuracy",
    "mase",
    "bits_per_character",
    "perplexity",
)
#: The figures of which less is better, beside those that are called a loss or an error, or count bits or nats.
_LESS_IS_BETTER = frozenset(("mase", "smape", "mae", "mse", "rmse", "crps", "ter", "wer", "cer", "perplexity"))
#: Among the metrics of a part: figure to the bounds of its 95 % confidence interval.
INTERVALS = "confidence_intervals"
_NAMES = {
    "f1": "F1",
    "macro_f1": "macro F1",
    "micro_f1": "micro F1",
    "hamming_loss": "Hamming loss",
    "mase": "MASE",
    "smape": "sMAPE",
    "mae": "MAE",
    "mse": "MSE",
    "crps": "CRPS",
    "coverage_80": "coverage of 80 %",
    "coverage_95": "coverage of 95 %",
    "bleu": "BLEU",
    "bleu1": "BLEU-1",
    "bleu2": "BLEU-2",
    "bleu3": "BLEU-3",
    "bleu4": "BLEU-4",
    "chrf": "chrF",
    "ter": "TER",
    "wer": "WER",
    "cer": "CER",
    "cider": "CIDEr-D",
    "rouge_l": "ROUGE-L",
    "bits_per_character": "bits/character",
    "nats_per_character": "nats/character",
}


class Figure(NamedTuple):
    """A figure of a Run: its key in `metrics.json`, the usual name, and the value."""

    key: str
    name: str
    value: float

    def __str__(self) -> str:
        return f"{self.name} {shown(self.value)}"


def usual_name(key: str) -> str:
    """A figure's usual name.

    Example:

    >>> usual_name("cider"), usual_name("root_accuracy")
    ('CIDEr-D', 'root accuracy')
    """
    return _NAMES.get(key, key.replace("_", " "))


def figures_of(metrics: object) -> list[Figure]:
    """The finite numbers among the metrics of one part, in their order; lists, texts and truth values are left out.

    Example:

    >>> [str(figure) for figure in figures_of({"f1": 0.86168, "rows": 3453, "types": {}})]
    ['F1 0.8617', 'rows 3,453']
    """
    pairs: Mapping[Any, Any] = metrics if isinstance(metrics, Mapping) else {}
    return [
        Figure(str(key), usual_name(str(key)), int(value) if isinstance(value, Integral) else float(value))
        for key, value in pairs.items()
        if isinstance(value, Real) and not isinstance(value, bool) and _finite(value)
    ]


def _finite(value: Real) -> bool:
    """Whether it is a number that a float can hold; whole numbers of a stranger's file may be too large."""
    try:
        return abs(float(value)) < float("inf")
    except OverflowError:
        return False


def key_figure(metrics: object) -> Figure | None:
    """The figure that sums up the metrics of one part; of an own task's, the first. None where there is none.

    Example:

    >>> key_figure({"rows": 9, "accuracy": 0.9}), key_figure({})
    (Figure(key='accuracy', name='accuracy', value=0.9), None)
    """
    found = {figure.key: figure for figure in figures_of(metrics)}
    return next((found[key] for key in _KEY_FIGURES if key in found), next(iter(found.values()), None))


def less_is_better(key: str) -> bool:
    """Whether a smaller value of a figure is the better one.

    Example:

    >>> less_is_better("perplexity"), less_is_better("mean_absolute_error"), less_is_better("accuracy")
    (True, True, False)
    """
    return (
        key in _LESS_IS_BETTER
        or key.endswith(("loss", "error", "error_rate"))
        or key.startswith(("bits_per_", "nats_per_"))
    )


def interval_of(metrics: object, key: str) -> tuple[float, float] | None:
    """The 95 % confidence interval of a figure; None where the metrics have none.

    Example:

    >>> interval_of({"f1": 0.5, "confidence_intervals": {"f1": [0.4, 0.6]}}, "f1"), interval_of({"f1": 0.5}, "f1")
    ((0.4, 0.6), None)
    """
    found = metrics.get(INTERVALS) if isinstance(metrics, Mapping) else None
    bounds = found.get(key) if isinstance(found, Mapping) else None
    numbers = [figure.value for figure in figures_of(dict(enumerate(bounds if isinstance(bounds, list) else [])))]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def interval_text(metrics: object, key: str) -> str:
    """The interval of a figure in brackets, with a blank before it; "" where there is none.

    Example:

    >>> interval_text({"f1": 0.5, "confidence_intervals": {"f1": [0.41234, 0.6]}}, "f1")
    ' (0.4123 to 0.6000)'
    """
    bounds = interval_of(metrics, key)
    return f" ({shown(bounds[0])} to {shown(bounds[1])})" if bounds else ""


def shown(value: float) -> str:
    """A figure with four significant digits, four decimals up to one; a count in full.

    Example:

    >>> shown(0.88996), shown(1.0), shown(38.39), shown(1), shown(25000), shown(1e-7)
    ('0.8900', '1.0000', '38.39', '1', '25,000', '1e-07')
    """
    if isinstance(value, Integral) or (float(value).is_integer() and 1 < abs(value) < 1e15):
        return f"{int(value):,}"
    if abs(value) <= 1:
        return f"{value:.4f}" if value == 0 or abs(value) >= 1e-3 else f"{value:.2g}"
    return f"{value:#.4g}" if abs(value) < 1e3 else f"{value:,.0f}" if abs(value) < 1e15 else f"{value:.4g}"
