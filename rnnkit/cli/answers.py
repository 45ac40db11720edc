"""Answers on the screen, as JSON and as a web page, dispatched by the type of the answer."""

import dataclasses
import json
import sys
from collections.abc import Sequence
from functools import singledispatch
from pathlib import Path
from typing import Any

from rnnkit.cli.screen import answer_lines, named_lines, say, screen, table
from rnnkit.codec.pictures import printable
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.captions import Caption
from rnnkit.lite.answers.entities import TaggedPrediction
from rnnkit.lite.answers.forecasts import Forecast
from rnnkit.lite.answers.label_sets import LabelSet
from rnnkit.lite.answers.labels import NOTHING_READ, Prediction
from rnnkit.lite.answers.numbers import plain_text
from rnnkit.lite.answers.steps import StepPrediction
from rnnkit.lite.answers.transcripts import Transcript
from rnnkit.lite.answers.translations import Translation


def show(answers: Sequence[Any], inputs: Sequence[str], alone: bool = False) -> None:
    """Print the answers to inputs, all of one kind, at least one.

    Args:
        answers: The answers.
        inputs: What is answered.
        alone: Whether there is one input in all, which needs no name; one answer may be the last of many.
    """
    _show(answers[0], answers, inputs, alone)


def print_json(answers: Sequence[Any], inputs: Sequence[str]) -> None:
    """Print one JSON object per line: the input and its answer."""
    for text, answer in zip(inputs, answers, strict=True):
        print_object({"input": text, **_fields(answer)})


def print_object(value: dict[str, Any]) -> None:
    """Print a JSON object on one line, escaping only what standard output cannot encode."""
    print_line(json.dumps(value, ensure_ascii=False))


def print_line(line: str) -> None:
    """Print a line of JSON; if standard output cannot encode it, with every sign beyond ASCII escaped."""
    try:
        line.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        line = "".join(sign if sign.isascii() else json.dumps(sign)[1:-1] for sign in line)
    print(line)


def write_page(answers: Sequence[Any], path: Path) -> None:
    """Write tagged sentences as a web page, whole or not at all.

    Raises:
        RnnkitError: The answers are of another kind, or the file cannot be written.
    """
    from rnnkit.files.writing import write_text
    from rnnkit.plots.entities import entities_html

    if not isinstance(answers[0], TaggedPrediction):
        raise RnnkitError("--html shows sentences with their entities, as a tagger finds them; leave it out here.")
    page = entities_html(answers)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, page)
    except OSError as error:
        raise RnnkitError(f"{path} cannot be written ({error.strerror}). Give --html another file.") from None


@singledispatch
def _show(first: Any, answers: Sequence[Any], inputs: Sequence[str], alone: bool) -> None:
    """Print answers that look like `first`."""
    for answer in answers:
        say(plain_text(answer))


@_show.register
def _(first: Prediction, answers: Sequence[Prediction], inputs: Sequence[str], alone: bool) -> None:
    texts = _said_of(answers, inputs)
    answer_lines([(answer.label, answer.probability, text) for text, answer in zip(texts, answers, strict=True)])


@_show.register
def _(first: StepPrediction, answers: Sequence[StepPrediction], inputs: Sequence[str], alone: bool) -> None:
    named_lines(zip(inputs, (answer.summary for answer in answers), strict=True))


@_show.register
def _(first: Forecast, answers: Sequence[Forecast], inputs: Sequence[str], alone: bool) -> None:
    ends = [level for level in ("0.1", "0.9") if level in first.quantiles]
    for name, answer in zip(inputs, answers, strict=True):
        if not alone:
            say(printable(name), "bold")
        columns = [answer.values, *(answer.quantiles[level] for level in ends)]
        rows = [[time, *(f"{each:.6g}" for each in row)] for time, *row in zip(answer.times, *columns, strict=True)]
        table(rows, "time", "forecast", *(f"q{level}" for level in ends), numbers=True)


@_show.register
def _(first: LabelSet, answers: Sequence[LabelSet], inputs: Sequence[str], alone: bool) -> None:
    def labels(answer: LabelSet) -> str:
        return ", ".join(f"{label} {answer.probabilities[label]:.1%}" for label in answer.labels) or "-"

    named_lines(zip(map(labels, answers), _said_of(answers, inputs), strict=True))


def _said_of(answers: Sequence[Any], inputs: Sequence[str]) -> list[str]:
    """The inputs, those marked of which nothing was read."""
    pairs = zip(inputs, answers, strict=True)
    return [f"{text}  ({NOTHING_READ})" if answer.nothing_read else text for text, answer in pairs]


@_show.register
def _(first: TaggedPrediction, answers: Sequence[TaggedPrediction], inputs: Sequence[str], alone: bool) -> None:
    from rnnkit.plots.entities import highlighted

    console, types = screen(), {entity.type for answer in answers for entity in answer.entities}
    for answer in answers:
        console.print(highlighted(answer, types), soft_wrap=not console.is_terminal)  # a file gets a line a sentence


@_show.register
def _(first: Caption, answers: Sequence[Caption], inputs: Sequence[str], alone: bool) -> None:
    if not any(answer.others for answer in answers):
        named_lines(zip(map(printable, inputs), (answer.text for answer in answers), strict=True))
        return
    for name, answer in zip(inputs, answers, strict=True):
        say(printable(name), "bold")
        for text, score in ((answer.text, answer.score), *answer.others):
            say(f"{score:8.4f}  {text}")


@_show.register
def _(first: Transcript, answers: Sequence[Transcript], inputs: Sequence[str], alone: bool) -> None:
    if not alone and not any(answer.others for answer in answers):
        named_lines(zip(map(printable, inputs), (answer.shown for answer in answers), strict=True))
        return
    for name, answer in zip(inputs, answers, strict=True):
        if not alone:
            say(printable(name), "bold")
        say(answer.shown)
        if answer.words:
            rows = [[w.text, f"{w.start:.2f}", f"{w.end:.2f}", f"{w.confidence:.1%}"] for w in answer.words]
            table(rows, "word", "from s", "to s", "confidence", numbers=True)
        for text, score in answer.others:
            say(f"{score:8.4f}  {text}")


@_show.register
def _(first: Translation, answers: Sequence[Translation], inputs: Sequence[str], alone: bool) -> None:
    for text, answer in zip(inputs, answers, strict=True):
        if not answer.others:
            say(answer.text)
            continue
        say(" ".join(text.split()), "bold")
        for other, score in ((answer.text, answer.score), *answer.others):
            say(f"{score:8.4f}  {other}")


@singledispatch
def _fields(answer: Any) -> dict[str, Any]:
    """The fields of an answer that `--json` prints, beside its input; a plain value is the field "answer"."""
    plain = isinstance(answer, type) or not dataclasses.is_dataclass(answer)
    if plain and hasattr(answer, "tolist"):  # a number or an array of NumPy
        answer = answer.tolist()
    return {"answer": answer} if plain else dataclasses.asdict(answer)


@_fields.register
def _(answer: Prediction) -> dict[str, Any]:
    fields = dataclasses.asdict(answer)
    return fields if answer.nothing_read else {name: fields[name] for name in fields if name != "nothing_read"}


@_fields.register
def _(answer: TaggedPrediction) -> dict[str, Any]:
    return {name: value for name, value in dataclasses.asdict(answer).items() if name != "text"}  # the input says it


@_fields.register
def _(answer: Caption) -> dict[str, Any]:
    others = [{"caption": text, "score": score} for text, score in answer.others]
    return {"caption": answer.text, "score": answer.score, "others": others}


@_fields.register
def _(answer: Translation) -> dict[str, Any]:
    others = [{"translation": text, "score": score} for text, score in answer.others]
    return {"translation": answer.text, "score": answer.score, "others": others}
