"""Sentences with their entities in colour: as a web page, and for the terminal."""

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from zlib import crc32

from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.entities import TaggedPrediction

if TYPE_CHECKING:
    from rich.text import Text

#: Colours behind entities; `INK` is easily read on each.
PALETTE = (
    "#ffd08a",
    "#a6d8ff",
    "#a3e6a1",
    "#f9a8c6",
    "#d5c3ff",
    "#f5e66b",
    "#ffad9e",
    "#7fe3dc",
    "#cde08a",
    "#dac3a8",
    "#bcc8da",
    "#eab0f5",
)
INK = "#1f2933"
#: Where `crc32` begins; so the types of CoNLL-2003, of WNUT-17 and the commonest of OntoNotes get colours of their own.
_SEED = 1369
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # control characters but tab and newline
_SURROGATES = re.compile("[\ud800-\udfff]")

_PAGE = """<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --page: #ffffff; --ink: #1f2933; --muted: #5f6c7b; --rule: #d9dee5; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --page: #14181d; --ink: #e3e8ee; --muted: #9aa7b5; --rule: #333c46; }}
}}
body {{ max-width: 46rem; margin: 2rem auto; padding: 0 1rem; background: var(--page); color: var(--ink);
  font: 1.05rem/1.9 system-ui, sans-serif; }}
h1 {{ font-size: 1.3rem; line-height: 1.3; }}
.legend {{ padding: 0 0 .6rem; border-bottom: 1px solid var(--rule); color: var(--muted); list-style: none; }}
.legend li {{ display: inline-block; margin-right: 1.2rem; }}
p {{ margin: .7rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }}
mark {{ padding: .1em .35em; border-radius: .3em; color: {ink}; -webkit-box-decoration-break: clone;
  box-decoration-break: clone; }}
mark small {{ margin-inline-start: .45em; font-size: .68em; font-weight: 700; unicode-bidi: isolate;
  user-select: none; }}
{colours}
</style>
</head>
<body>
<h1 dir="auto">{title}</h1>
{body}
</body>
</html>
"""


def entities_html(predictions: TaggedPrediction | Iterable[TaggedPrediction], title: str = "") -> str:
    """A web page of sentences with their entities in colour and a legend; it needs no other file and no script.

    Args:
        predictions: What a tagger's `predict` gave, for one sentence or several.
        title: The page's heading; "Named entities" if empty.

    Returns:
        The HTML, to be written as UTF-8.

    Raises:
        RnnkitError: Something else was given, or entities overlap or lie outside their sentence.

    Example:

    >>> from rnnkit.lite.answers.entities import prediction_of, tokens_of
    >>> answer = prediction_of("Visit Bonn!", tokens_of("Visit Bonn!"), ["O", "B-LOC", "O"])
    >>> '<p dir="auto">Visit <mark class="t0">Bonn<small>LOC</small></mark>!</p>' in entities_html(answer)
    True
    """
    listed = [predictions] if isinstance(predictions, TaggedPrediction) else list(predictions)
    made = [list(_pieces(prediction)) for prediction in listed]
    counts = Counter(kind for pieces in made for _, kind in pieces if kind)
    classes = {kind: f"t{number}" for number, kind in enumerate(sorted(counts))}
    colours = type_colours(counts)
    lines = ["<p>There is no sentence.</p>"] if not made else []
    if counts:
        entries = (
            f'<li><mark class="{classes[kind]}">{_escaped(kind)}</mark> {counts[kind]:,}</li>' for kind in classes
        )
        lines = ['<ul class="legend">', *entries, "</ul>"]
    for pieces in made:
        lines.append(f'<p dir="auto">{"".join(_marked(text, kind, classes) for text, kind in pieces)}</p>')
    return _PAGE.format(
        title=_escaped(title or "Named entities"),
        ink=INK,
        body="\n".join(lines),
        colours="\n".join(f".{classes[kind]} {{ background: {colours[kind]}; }}" for kind in classes),
    )


def highlighted(prediction: TaggedPrediction, types: Iterable[str] = ()) -> "Text":
    """A sentence for the terminal: each entity in brackets, with its type, on a background colour.

    The brackets have the colour of what is behind them, so they are seen only where there are no colours.

    Args:
        prediction: What a tagger's `predict` gave.
        types: Types that are shown beside this sentence, so that each has a colour of its own.

    Returns:
        A text for `rich.console.Console.print`.

    Raises:
        RnnkitError: Something else was given, or entities overlap or lie outside the sentence.

    Example:

    >>> from rnnkit.lite.answers.entities import prediction_of, tokens_of
    >>> highlighted(prediction_of("Visit Bonn!", tokens_of("Visit Bonn!"), ["O", "B-LOC", "O"])).plain
    'Visit [Bonn LOC]!'
    """
    from rich.text import Text

    pieces = list(_pieces(prediction))
    colours = type_colours([*types, *(kind for _, kind in pieces if kind)])
    text = Text()
    for piece, kind in pieces:
        shown = re.sub(r"\s", " ", _readable(piece))
        if not kind:
            text.append(shown)
            continue
        colour = colours[kind]
        text.append("[", f"{colour} on {colour}").append(shown, f"{INK} on {colour}")
        text.append(f" {_readable(kind)}", f"bold {INK} on {colour}").append("]", f"{colour} on {colour}")
    return text


def type_colours(types: Iterable[str]) -> dict[str, str]:
    """A colour of `PALETTE` for each type, chosen by its name; two share one only when there are more than 12.

    Example:

    >>> type_colours(["PER", "LOC"]) == type_colours(["LOC", "PER", "LOC"])
    True
    """
    chosen: dict[str, str] = {}
    for kind in sorted(set(types)):
        first = crc32(kind.encode("utf-8", "surrogatepass"), _SEED) % len(PALETTE)
        used = Counter(chosen.values())
        chosen[kind] = min(PALETTE[first:] + PALETTE[:first], key=lambda colour: used[colour])
    return chosen


def _pieces(prediction: TaggedPrediction) -> Iterator[tuple[str, str]]:
    """The sentence from left to right: text and its type, "" outside of entities."""
    if not isinstance(prediction, TaggedPrediction):
        raise RnnkitError(f"{prediction!r:.60} is no tagged sentence; give what a tagger's predict() gave.")
    text, place = prediction.text, 0
    for entity in sorted(prediction.entities, key=lambda each: each.start):
        if not place <= entity.start < entity.end <= len(text):
            raise RnnkitError(
                f"The entity {entity.text!r:.60} is at {entity.start} to {entity.end} of its sentence; expected one "
                f"between {place} and {len(text)}, where no other entity is."
            )
        if place < entity.start:
            yield text[place : entity.start], ""
        yield text[entity.start : entity.end], entity.type
        place = entity.end
    if place < len(text):
        yield text[place:], ""


def _marked(text: str, kind: str, classes: dict[str, str]) -> str:
    if not kind:
        return _escaped(text)
    return f'<mark class="{classes[kind]}">{_escaped(text)}<small>{_escaped(kind)}</small></mark>'


def _escaped(text: str) -> str:
    return html.escape(_readable(text))


def _readable(text: str) -> str:
    """The text without control characters and lone surrogates."""
    return _SURROGATES.sub("\ufffd", _UNSEEN.sub(" ", text))
