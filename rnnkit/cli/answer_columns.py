"""An answer as further columns of the row it answers, and answers that are too unsure to be given."""

import dataclasses
from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import Any

from rnnkit.lite.answers.captions import Caption
from rnnkit.lite.answers.entities import TaggedPrediction
from rnnkit.lite.answers.forecasts import Forecast
from rnnkit.lite.answers.label_sets import LabelSet
from rnnkit.lite.answers.labels import Prediction
from rnnkit.lite.answers.steps import StepPrediction
from rnnkit.lite.answers.transcripts import Transcript
from rnnkit.lite.answers.translations import Translation

#: What an answer below the threshold says.
UNKNOWN = "unknown"
_BETWEEN = ";"  # labels of one answer


def withheld(answers: Sequence[Any], threshold: float | None, unknown: str = UNKNOWN) -> list[Any]:
    """The answers, with `unknown` in place of a label whose probability is below the threshold.

    Args:
        answers: Answers with a label and a probability; the probability stays.
        threshold: 0-1; None withholds none.
        unknown: What to say instead.

    Example:

    >>> answers = [Prediction("good", 0.6, {"bad": 0.4, "good": 0.6})]
    >>> withheld(answers, 0.7)[0].label, withheld(answers, 0.6)[0].label
    ('unknown', 'good')
    """
    if threshold is None:
        return list(answers)
    return [_withheld(answer, threshold, unknown) for answer in answers]


def _withheld(answer: Any, threshold: float, unknown: str) -> Any:
    if isinstance(answer, StepPrediction):
        pairs = zip(answer.labels, answer.probability, strict=True)
        return dataclasses.replace(answer, labels=tuple(each if p >= threshold else unknown for each, p in pairs))
    return answer if answer.probability >= threshold else dataclasses.replace(answer, label=unknown)


def rows_of(answer: Any, every_label: bool = False) -> list[dict[str, Any]]:
    """The rows of an answer: one, or one for each of its steps.

    Example:

    >>> rows_of(StepPrediction(("a", "b"), (1.0, 0.5), {}))
    [{'step': 1, 'answer': 'a', 'probability': 1.0}, {'step': 2, 'answer': 'b', 'probability': 0.5}]
    """
    if isinstance(answer, Forecast):
        return _steps_ahead(answer)
    if not isinstance(answer, StepPrediction):
        return [columns_of(answer, every_label)]
    rows = []
    for step, (label, probability) in enumerate(zip(answer.labels, answer.probability, strict=True)):
        shares = {name: each[step] for name, each in answer.probabilities.items()} if every_label else {}
        rows.append({"step": step + 1, "answer": label, "probability": six_digits(probability), **_shares(shares)})
    return rows


def _steps_ahead(answer: Forecast) -> list[dict[str, Any]]:
    """A row for each step ahead: its time, the forecast, and the other quantiles."""
    others = {f"q{level}": values for level, values in answer.quantiles.items() if level != "0.5"}
    return [
        {"time": time, "forecast": six_digits(value), **{name: six_digits(each[step]) for name, each in others.items()}}
        for step, (time, value) in enumerate(zip(answer.times, answer.values, strict=True))
    ]


@singledispatch
def columns_of(answer: Any, every_label: bool = False) -> dict[str, Any]:
    """The columns of an answer by name: a plain value is the column "answer"; lists and objects become JSON.

    Args:
        answer: The answer.
        every_label: Whether a label's answer comes with the probability of every label.

    Example:

    >>> columns_of(Prediction("good", 0.6, {"bad": 0.4, "good": 0.6}), True)
    {'answer': 'good', 'probability': 0.6, 'probability_bad': 0.4, 'probability_good': 0.6}
    >>> columns_of(3.25)
    {'answer': 3.25}
    """
    if isinstance(answer, type) or not dataclasses.is_dataclass(answer):
        return {"answer": answer.tolist() if hasattr(answer, "tolist") else answer}
    return dataclasses.asdict(answer)  # type: ignore[arg-type]


@columns_of.register
def _(answer: Prediction, every_label: bool = False) -> dict[str, Any]:
    shares = _shares(answer.probabilities) if every_label else {}
    return {"answer": answer.label, "probability": six_digits(answer.probability), **shares}


@columns_of.register
def _(answer: LabelSet, every_label: bool = False) -> dict[str, Any]:
    plain = not any(_BETWEEN in label for label in answer.probabilities)
    labels: Any = _BETWEEN.join(answer.labels) if plain else list(answer.labels)
    return {"answer": labels, **(_shares(answer.probabilities) if every_label else {})}


def _shares(probabilities: Mapping[str, float]) -> dict[str, float]:
    """A column for the probability of each label."""
    return {f"probability_{label}": six_digits(share) for label, share in probabilities.items()}


@columns_of.register
def _(answer: TaggedPrediction, every_label: bool = False) -> dict[str, Any]:
    entities = [dataclasses.asdict(entity) for entity in answer.entities]
    return {"entities": entities, "tokens": " ".join(answer.tokens), "tags": " ".join(answer.tags)}


@columns_of.register
def _(answer: Translation, every_label: bool = False) -> dict[str, Any]:
    return _scored("translation", answer)


@columns_of.register
def _(answer: Caption, every_label: bool = False) -> dict[str, Any]:
    return _scored("caption", answer)


@columns_of.register
def _(answer: Transcript, every_label: bool = False) -> dict[str, Any]:
    words = [{name: _rounded(value) for name, value in dataclasses.asdict(word).items()} for word in answer.words]
    others = [{"transcript": text, "score": six_digits(score)} for text, score in answer.others]
    return {
        "transcript": answer.text,
        "confidence": six_digits(answer.confidence),
        "words": words,
        **({"others": others} if others else {}),
    }


def _rounded(value: Any) -> Any:
    return six_digits(value) if isinstance(value, float) else value


def _scored(name: str, answer: Any) -> dict[str, Any]:
    """A text with its score, and the others where there are any."""
    others = [{name: text, "score": six_digits(score)} for text, score in answer.others]
    return {name: answer.text, "score": six_digits(answer.score), **({"others": others} if others else {})}


def six_digits(value: float) -> float:
    """A number to six significant digits, as many as a network's are worth.

    Example:

    >>> six_digits(0.12345678)
    0.123457
    """
    return float(f"{value:.6g}")
