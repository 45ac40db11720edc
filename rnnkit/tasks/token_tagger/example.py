"""The example of the token tagger: sentences with persons, places and organisations, and others with products."""

import json
import random
import re
from collections.abc import Iterator

from rnnkit.codec.tag_schemes import from_spans
from rnnkit.tasks.base.example_files import ExampleFiles
from rnnkit.tasks.shared.phrases import LICENCE, csv_text, different, grown

_RULES = {
    "first": "Ada,Grace,Alan,Emmy,Kofi,Mei,Lena,Omar,Ravi,Nora,Jonas,Ines,Marta,Tomas,Aiko,Samuel".split(","),
    "last": "Lovelace,Hopper,Turing,Noether,Mensah,Chen,Fischer,Haddad,Patel,Berg,Silva,Novak,Okoye,Sato".split(","),
    "city": "London,Paris,Accra,Lisbon,Oslo,Prague,Kyoto,Cairo,Lima,New York,Buenos Aires,Cape Town,Geneva".split(","),
    "root": "Northern,Atlas,Blue River,Harbour,Summit,Orion,Meridian,Lakeside,Union,Silver".split(","),
    "end": "Bank,Airlines,Institute,Motors,University,Press,Foods,Energy,Theatre".split(","),
    "item": ["kettle", "rain jacket", "desk lamp", "city bike", "coffee grinder", "travel tent", "wall clock"],
    "PER": ["<PER:{first} {last}>", "<PER:{first} {last}>", "<PER:{last}>"],
    "LOC": ["<LOC:{city}>"],
    "ORG": ["<ORG:{root} {end}>"],
    "day": "Monday,Tuesday,Friday,Sunday".split(","),
    "role": ["doctor", "teacher", "engineer", "painter", "pilot"],
    "news": [
        "{PER} was born in {LOC} .",
        "{PER} works for {ORG} in {LOC} .",
        "On {day} , {PER} flew from {LOC} to {LOC} .",
        "{ORG} opened an office in {LOC} .",
        "The {role} {PER} lives near {LOC} .",
        "{PER} met {PER} at {ORG} .",
        "{LOC} is cold in winter .",
        "{ORG} and {ORG} signed a contract on {day} .",
        "Nobody at {ORG} has seen {PER} since {day} .",
        "It rained all {day} .",
    ],
    "PRODUCT": ["<PRODUCT:{item}>"],
    "order": [
        "{PER} ordered a {PRODUCT} on {day} .",
        "Send the {PRODUCT} to {LOC} , please .",
        "The {PRODUCT} from {ORG} is broken .",
        "A {PRODUCT} and a {PRODUCT} for {PER} .",
        "When does my {PRODUCT} arrive in {LOC} ?",
    ],
}
_ENTITY = re.compile(r"<([A-Z]+):([^<>]+)>")
Sentence = tuple[str, tuple[tuple[int, int, str], ...]]


def _sentence(rule: str, chance: random.Random) -> Sentence:
    """Tokens with blanks between, and the spans of their entities in characters."""
    marked, text, spans, place = grown(f"{{{rule}}}", _RULES, chance), "", [], 0
    for found in _ENTITY.finditer(marked):
        text += marked[place : found.start()]
        spans.append((len(text), len(text) + len(found[2]), found[1]))
        text, place = text + found[2], found.end()
    return text + marked[place:], tuple(spans)


def _columns(sentences: list[Sentence]) -> str:
    """The sentences as CoNLL columns, with IOB2 tags."""
    blocks = []
    for text, spans in sentences:
        words = text.split(" ")
        places = [(text[:start].count(" "), text[:end].count(" ") + 1, kind) for start, end, kind in spans]
        tags = from_spans(places, len(words))
        blocks.append("".join(f"{word} {tag}\n" for word, tag in zip(words, tags, strict=True)))
    return "\n".join(blocks)


def _files() -> Iterator[tuple[str, str]]:
    news = different(lambda chance: _sentence("news", chance), 660, "places")
    orders = different(lambda chance: _sentence("order", chance), 120, "orders")
    yield "places.conll", _columns(news[:200])
    yield "more.conll", _columns(news[200:260])
    yield "sentences.txt", "".join(f"{text}\n" for text, _ in news[260:270])
    yield "texts.txt", "".join(f"{text}\n" for text, _ in news[260:])
    rows = (
        (text, json.dumps([{"start": start, "end": end, "label": kind} for start, end, kind in spans]))
        for text, spans in orders
    )
    yield "mine.csv", csv_text(("text", "entities"), rows)


#: What a page offers to click.
_TO_TRY = (
    "Angela Merkel met Barack Obama in Berlin on Tuesday, the United Nations said.",
    "Japan began the defence of their Asian Cup title with a lucky 2-1 win against Syria.",
    "Ada Lovelace works for Harbour Bank in Lisbon.",
)

EXAMPLE = ExampleFiles(
    about=(
        "places.conll    200 sentences: a token and its tag on each line; PER, LOC and ORG\n"
        "more.conll      60 more, to test on\n"
        "sentences.txt   10 sentences without tags, one on each line\n"
        "texts.txt       400 sentences without tags\n"
        f"mine.csv        120 sentences with one more type, PRODUCT: columns text and entities (JSON)\n\n{LICENCE}"
    ),
    names=("places.conll", "more.conll", "mine.csv", "sentences.txt", "texts.txt"),
    make=_files,
    settings={"units": 32, "epochs": 12, "learning_rate": 0.01},
    to_try=lambda: _TO_TRY,
)
