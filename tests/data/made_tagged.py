"""Made-up files of tagged sentences."""

import json
import random
from typing import Any

from data.made_parts import WORDS, MadeFile, encoded

from rnnkit.tasks.token_tagger.source import open_tagged


def _tagged(rng: random.Random, script: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    made = []
    for number in range(rng.randint(4, 12)):
        words = [rng.choice(WORDS[script]) for _ in range(rng.randint(3, 8))]
        tags = ["O"] * len(words)
        place = rng.randint(0, len(words) - 2)
        tags[place : place + 2] = ["B-PER", "I-PER"] if number % 2 or not number else ["B-LOC", "O"]
        made.append((tuple(words), tuple(tags)))
    return made


def _said(text: Any) -> Any:
    return [(sentence.tokens, sentence.tags) for sentence in text.sentences]


def _spelled(tag: str, after: str, spelling: str) -> str:
    letter, _, kind = tag.partition("-")
    if spelling in ("iobes", "bmes") and kind:
        last = after != f"I-{kind}"
        letter = ("S" if letter == "B" else "E") if last else letter
        letter = "M" if spelling == "bmes" and letter == "I" else letter
    if not kind:
        return "o" if spelling == "lower" else "O"
    spelled = {"_": f"{letter}_{kind}", "after": f"{kind}-{letter}", "lower": f"{letter}-{kind}".lower()}
    return spelled.get(spelling, f"{letter}-{kind}")


def make_columns(rng: random.Random, script: str) -> MadeFile:
    sentences = _tagged(rng, script)
    spelling, sign = rng.choice(["", "_", "after", "lower", "iobes", "bmes"]), rng.choice([" ", "\t"])
    end, tail = rng.choice(["\n", "\r\n"]), rng.choice(["", "", sign])
    middle = rng.choice([[], [], ["NN", "x"]])
    lines = []
    for words, tags in sentences:
        for word, tag, after in zip(words, tags, (*tags[1:], "O"), strict=True):
            lines.append(sign.join([word, *middle, _spelled(tag, after, spelling)]) + tail)
        lines.append(rng.choice(["", "", tail]))
    expected = [
        (words, tuple(tag.lower() if spelling == "lower" else tag for tag in tags)) for words, tags in sentences
    ]
    if spelling == "lower":
        expected = [
            (words, tuple("O" if tag == "o" else tag[0].upper() + tag[1:] for tag in tags)) for words, tags in expected
        ]
    content, given, encoding = encoded(rng, script, end.join(lines) + end)
    name = rng.choice(["a.conll", "a.txt", "a.bio"])
    return MadeFile(
        name, content, lambda path: _said(open_tagged(path, encoding=given)), expected, f"{spelling} {encoding} {given}"
    )


def make_universal(rng: random.Random, script: str) -> MadeFile:
    sentences = _tagged(rng, script)
    column = rng.choice(["xpos", "ner", ""])
    lines = []
    for number, (words, tags) in enumerate(sentences):
        lines.append(f"# sent_id = {number}")
        for place, (word, tag) in enumerate(zip(words, tags, strict=True), 1):
            if rng.random() < 0.2 and place < len(words):
                lines.append("\t".join([f"{place}-{place + 1}", word, *["_"] * 8]))
            misc = f"NER={tag}|SpaceAfter=No" if column == "ner" else "_"
            lines.append(
                "\t".join([str(place), word, "_", "X", tag if column == "xpos" else "_", "_", "0", "x", "_", misc])
            )
            if rng.random() < 0.1:
                lines.append("\t".join([f"{place}.1", word, *["_"] * 8]))
        lines.append("")
    columns = {"tag": "xpos"} if column == "xpos" else None
    expected = sentences if column else "refused"
    content = "\n".join(lines).encode(rng.choice(["utf-8", "utf-8-sig", "utf-16"]))
    name = rng.choice(["a.conllu", "a.txt"])
    return MadeFile(name, content, lambda path: _said(open_tagged(path, columns)), expected, column)


def make_places(rng: random.Random, script: str) -> MadeFile:
    """Texts with places in one of three units; each word of a text is one token, and none is within another."""
    script = "latin" if script in ("japanese", "hindi", "arabic") else script
    unit = rng.choice(["characters", "utf-16", "bytes"])
    sizes = {
        "characters": len,
        "utf-16": lambda text: len(text.encode("utf-16-le")) // 2,
        "bytes": lambda text: len(text.encode("utf-8")),
    }
    rows, expected = [], []
    for words, tags in _tagged(rng, script):
        text, spans = " ".join(words), []
        for place, tag in enumerate(tags):
            if tag.startswith("B"):
                last = place + 1 + (tags[place + 1 :][:1] == ("I-PER",))
                begin, end = len(" ".join([*words[:place], ""])), len(" ".join(words[:last]))
                spans.append((sizes[unit](text[:begin]), sizes[unit](text[:end]), tag[2:]))
        rows.append((text, spans))
        expected.append((words, tags))
    make = rng.choice(["doccano", "entities", "spacy", "studio"])
    if make == "doccano":
        objects: list[Any] = [{"text": text, "label": spans} for text, spans in rows]
    elif make == "spacy":
        objects = [[text, {"entities": spans}] for text, spans in rows]
    else:
        named = [[{"start_offset": a, "end_offset": b, "label": kind} for a, b, kind in spans] for _, spans in rows]
        objects = [{"text": text, "entities": entities} for (text, _), entities in zip(rows, named, strict=True)]
    if make == "studio":
        results = [
            [{"type": "labels", "value": {"start": a, "end": b, "labels": [kind]}} for a, b, kind in spans]
            for _, spans in rows
        ]
        objects = [
            {"data": {"text": text}, "annotations": [{"result": result}]}
            for (text, _), result in zip(rows, results, strict=True)
        ]
    lines = make != "studio" and rng.random() < 0.5
    text = "\n".join(json.dumps(each) for each in objects) if lines else json.dumps(objects)
    given = rng.choice(["auto", unit])
    return MadeFile(
        rng.choice(["a.json", "a.jsonl"]),
        text.encode(),
        lambda path: _said(open_tagged(path, places=given)),
        expected,
        f"{make} {unit} {given}",
    )


def make_lists(rng: random.Random, script: str) -> MadeFile:
    sentences = _tagged(rng, script)
    numbers = rng.random() < 0.5
    names = ["O", "B-PER", "I-PER", "B-LOC"]
    given = ",".join(names) if numbers and rng.random() < 0.6 else ""
    objects = [
        {"tokens": words, "ner_tags": [names.index(tag) for tag in tags] if numbers else tags}
        for words, tags in sentences
    ]
    text = "\n".join(map(json.dumps, objects)) if rng.random() < 0.5 else json.dumps(objects)
    expected = "refused" if numbers and not given else sentences
    return MadeFile(
        "a.json", text.encode(), lambda path: _said(open_tagged(path, tag_names=given)), expected, f"names {given!r}"
    )
