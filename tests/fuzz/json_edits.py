"""Makes hostile JSON of sound JSON: values of other types and sizes, keys gone, doubled or new, nested too deep."""

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from fuzz.edits import places
from fuzz.made import Made
from hypothesis import strategies as st

#: Values as they stand in the file; Python's own writer could not write them all.
VALUES = (
    "null", "true", "false", "0", "-1", "1", "2", "3.5", "-0.0", "1e999", "-1e999", "NaN", "Infinity", "1" * 400,
    "9" * 5000, "2147483648", "9223372036854775808", "1000000000000", "30000000", "4096", "100000", "1e-320", "0.1",
    '""', '" "', '"0"', '"\\ud800"', '"\\u0000"', '"\\u202e"', '"\\n"', '"a\\tb"', '"../decoy/secret.txt"',
    '"@DECOY@/secret.txt"', '"/dev/zero"', '"."', '".."', '"model.tflite"', '"config.json"', '"\\u00b2"', '"lstm"',
    '"gru"', '"word"', '"character"', '"none"', f'"{"x" * 5000}"', f'"{"ab " * 30000}"', "[]", "{}", "[[]]", "[null]",
    '[""]', '["a", "a"]', "[1, 2]", '{"": null}', '{"a": {"a": 1}}', "[" * 40 + "]" * 40, "[" * 100_000,
    "[" * 100_000 + "]" * 100_000, '{"a":' * 100_000, f"[{'0, ' * 50_000}0]",
)  # fmt: skip
KEYS = ("", "new", "\ud800", "cell", "__class__", "x" * 3000)
_HERE = "@@HERE@@"
JsonEdit = tuple[object, ...]


@functools.cache
def json_edit() -> st.SearchStrategy[JsonEdit]:
    """One change of a JSON value, as what `json_edited` takes."""
    place, value = places(), st.sampled_from(VALUES)
    return st.one_of(
        st.tuples(st.just("value"), place, value),
        st.tuples(st.just("gone"), place),
        st.tuples(st.just("twice"), place, value),
        st.tuples(st.just("new"), place, st.sampled_from(KEYS), value),
        st.tuples(st.just("swapped"), place, place),
        st.tuples(st.just("number"), place, st.integers(-(2**65), 2**65)),
    )


def json_edited(content: bytes, edits: Sequence[JsonEdit]) -> bytes:
    """The JSON after all the edits; of JSON lines one line is edited.

    Example:

    >>> json_edited(b'{"a": [1, 2]}', [("value", 999_999, "NaN")])
    b'{"a": [1, NaN]}'
    """
    fragments: list[str] = []
    data = json.loads(content)
    for name, place, *arguments in edits:
        spots = list(_spots(data))
        if not spots:
            break
        holder, key = spots[min(len(spots) * place // 10**6, len(spots) - 1)]  # type: ignore[operator]
        if name == "gone":
            del holder[key]
        elif name == "swapped":
            other, there = spots[min(len(spots) * arguments[0] // 10**6, len(spots) - 1)]  # type: ignore[operator]
            holder[key] = json.loads(json.dumps(other[there]))
        elif name == "number":
            holder[key] = arguments[0]
        elif name == "new" and isinstance(holder, dict):
            holder[arguments[0]] = _fragment(fragments, arguments[1])
        elif name == "twice" and isinstance(holder, dict) and _HERE not in str(key):
            holder[f"{key}{_HERE}"] = _fragment(fragments, arguments[0])
        else:
            holder[key] = _fragment(fragments, arguments[-1])
    text = json.dumps(data).replace(_HERE + '"', '"')
    for number, fragment in enumerate(fragments):
        text = text.replace(f'"{number}{_HERE[:-1]}"', fragment, 1)
    return text.encode()


def json_lines_edited(content: bytes, place: int, edits: Sequence[JsonEdit]) -> bytes:
    """JSON lines of which one is edited as `json_edited` does it."""
    lines = content.rstrip(b"\n").split(b"\n")
    at = min(len(lines) * place // 10**6, len(lines) - 1)
    lines[at] = json_edited(lines[at], edits)
    return b"\n".join(lines) + b"\n"


def _fragment(fragments: list[str], text: Any) -> str:
    """A string that is written as `text` in the end."""
    fragments.append(str(text))
    return f"{len(fragments) - 1}{_HERE[:-1]}"


def _spots(value: Any) -> list[tuple[Any, Any]]:
    """Every place in it that a value can be put into."""
    found: list[tuple[Any, Any]] = []
    pending: list[Any] = [value] if isinstance(value, dict | list) else []
    while pending:
        holder = pending.pop()
        keys: list[Any] = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        for key in keys:
            found.append((holder, key))
            if isinstance(holder[key], dict | list):
                pending.append(holder[key])
    return found


def json_files(seeds: Mapping[str, bytes], most: int = 3) -> st.SearchStrategy[Made]:
    """One JSON or JSONL file of the seeds, edited."""
    edits = st.lists(json_edit(), min_size=1, max_size=most)

    def made(name: str, place: int, edits: Sequence[JsonEdit]) -> Made:
        lines = name.endswith(".jsonl")
        content = json_lines_edited(seeds[name], place, edits) if lines else json_edited(seeds[name], edits)
        return Made({name: content}, (*edits, name))

    return st.builds(made, st.sampled_from(sorted(seeds)), places(), edits)
