"""Rows of annotation programs' JSON as rows with plain columns: Label Studio, doccano, spaCy."""

from collections.abc import Iterator
from typing import Any

from rnnkit.data.json_document import is_pair
from rnnkit.errors import RnnkitError

#: Where Label Studio keeps what people said of a text, now and in its early versions.
_SAID = ("annotations", "completions")
#: What a row lacks when nobody has annotated it yet.
UNLABELLED = "\0unlabelled"
AGAIN = "\0again"


class Choices(list[Any]):
    """The labels of a text, of which one alone is its label where a single one is wanted."""

    @property
    def only(self) -> Any:
        """The only one; None where there is none, all where there are several."""
        if not self:
            return None
        return self[0] if len(self) == 1 and isinstance(self[0], str) else list(self)


def row_of(value: Any, place: str) -> dict[str, Any]:
    """A row with "text" and "entities" or "label" where an annotation program has them in objects of its own.

    Args:
        value: A JSON object; or a text and an object, as spaCy has it.
        place: What messages call it.

    Returns:
        The row. It has the key `UNLABELLED` where nobody has annotated it, and `AGAIN` where several did; the first
        annotation counts.

    Raises:
        RnnkitError: It is neither.

    Example:

    >>> row_of(["Rome fell.", {"entities": [[0, 4, "LOC"]]}], "row 1")
    {'text': 'Rome fell.', 'entities': [[0, 4, 'LOC']]}
    >>> row_of({"data": {"text": "Fine."}, "annotations": [{"result": [{"value": {"choices": ["good"]}}]}]}, "row 1")
    {'text': 'Fine.', 'label': ['good'], 'entities': []}
    >>> row_of({"id": 1, "data": "Fine.", "label": ["good"]}, "row 1")["label"].only
    'good'
    """
    if is_pair(value):
        return _with_category({"text": value[0], **value[1]})
    if not isinstance(value, dict):
        raise RnnkitError(f"{place} is no JSON object; expected {{...}} with a key a column.")
    if isinstance(value.get("data"), dict) and any(name in value for name in (*_SAID, "predictions")):
        return _of_label_studio(value)
    if value.get("answer") in ("reject", "ignore") and not {"spans", "_task_hash"}.isdisjoint(value):  # Prodigy's
        return {**value, UNLABELLED: True}
    row = {key: _choices(each) if key == "label" or _is_choice(each) else each for key, each in value.items()}
    if isinstance(row.get("data"), str) and "text" not in row:
        row["text"] = row["data"]
    return _with_category(row) if isinstance(row.get("cats"), dict) else row


def _of_label_studio(task: dict[str, Any]) -> dict[str, Any]:
    said: list[Any] = next((task[name] for name in _SAID if isinstance(task.get(name), list)), [])
    done = [each for each in said if isinstance(each, dict) and not _is_true(each.get("was_cancelled"))]
    row = dict(task["data"])
    if not done:
        return {**row, UNLABELLED: True}
    spans, choices = [], []
    for result in _results(done[0]):
        value = result["value"]
        if isinstance(value.get("choices"), list):
            choices += value["choices"]
        label = next((value[key] for key in value if key.endswith("labels") and isinstance(value[key], list)), None)
        if label is not None and "start" in value and "end" in value:
            shown = {"text": value["text"]} if isinstance(value.get("text"), str) else {}
            spans.append({"start": value["start"], "end": value["end"], "labels": label, **shown})
    if choices:
        row["label"] = _choices(choices)
    row["entities"] = spans
    return {**row, AGAIN: True} if len(done) > 1 else row


def _results(annotation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    results = annotation.get("result")
    for result in results if isinstance(results, list) else []:
        if isinstance(result, dict) and isinstance(result.get("value"), dict):
            yield result


def _with_category(row: dict[str, Any]) -> dict[str, Any]:
    """A row of spaCy's text classification with the category that is true as its label."""
    if isinstance(row.get("cats"), dict) and "label" not in row:
        row["label"] = _choices([name for name, share in row["cats"].items() if _is_true(share)])
    return row


def _is_true(value: Any) -> bool:
    try:
        return value is True or value in ("true", "True") or float(value) >= 0.5
    except (TypeError, ValueError):
        return False


def _is_choice(value: Any) -> bool:
    return isinstance(value, dict) and list(value) == ["choices"]


def _choices(value: Any) -> Any:
    """A list as `Choices`; anything else as it is."""
    value = value["choices"] if _is_choice(value) else value
    return Choices(value) if isinstance(value, list) else value
