"""Files of all makes by a seeded generator that knows what is in them."""

import csv
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from rnnkit.data.tables import Table
from rnnkit.tasks.token_tagger.source import open_tagged
from rnnkit.tasks.translator.source import open_parallel

WORDS = {
    "latin": "warm dull film bright cast slow clever weak plot tender".split(),
    "accented": "été garçon schön façade naïve film après über señor plot".split(),
    "cyrillic": "фильм тёплый скучный яркий слабый сюжет умный актёр роль город".split(),
    "japanese": "映画 明るい 退屈 脚本 俳優 音楽 良い 弱い 物語 都市".split(),
    "hindi": "फिल्म अच्छी धीमी कहानी कलाकार शहर गीत नई बुरी सुंदर".split(),
    "arabic": "فيلم جميل ممل قصة ممثل مدينة قوي ضعيف جديد قديم".split(),
    "emoji": "😀 film 🎉 great 👍 plot 🚀 dull 😴 cast".split(),
}
ENCODINGS = ["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
LOCAL = {"accented": "cp1252", "cyrillic": "cp1251", "japanese": "shift_jis", "latin": "ascii"}
SIGNS = ["", "", ".", "!", ", really", "; so", ' "quoted"', "\t", "|x", "#1", "'s"]


class MadeFile(NamedTuple):
    """A file, how to read it, and what is in it."""

    name: str
    content: bytes
    read: Callable[[Path], Any]
    expected: Any
    about: str


def made_file(seed: int) -> MadeFile:
    """The file of a seed."""
    rng = random.Random(seed)
    kind = rng.choice([_table, _table, _table, _json, _parquet, _columns, _universal, _places, _lists, _pairs])
    script = rng.choice(list(WORDS))
    made = kind(rng, script)
    return made._replace(about=f"seed {seed}: {kind.__name__} {script} {made.name} {made.about}")


def _text(rng: random.Random, script: str, least: int = 3) -> str:
    return " ".join(rng.choice(WORDS[script]) for _ in range(rng.randint(least, 7)))


def _rows(rng: random.Random, script: str) -> list[tuple[str, str]]:
    """Texts, all different, and labels that repeat."""
    labels = rng.choice([["pos", "neg"], ["1", "0"], ["good film", "bad"], ["A", "B", "C"]])
    count = rng.randint(12, 40)
    texts = [f"{_text(rng, script)} {number}{rng.choice(SIGNS)}".strip() for number in range(count)]
    return [(text, labels[number % len(labels)]) for number, text in enumerate(texts)]


def _encoded(rng: random.Random, script: str, text: str) -> tuple[bytes, str | None, str]:
    """The bytes, the encoding that has to be given, and what it is."""
    encoding = LOCAL[script] if script in LOCAL and rng.random() < 0.4 else rng.choice(ENCODINGS)
    ascii_wide = encoding in ("utf-16-le", "utf-16-be") and script not in ("latin", "accented")
    given = encoding if (encoding in ("cp1251", "shift_jis") and rng.random() < 0.7) or ascii_wide else None
    return text.encode(encoding), given, encoding


def _table(rng: random.Random, script: str) -> MadeFile:
    rows = _rows(rng, script)
    delimiter, quoting = rng.choice([",", ";", "\t", "|"]), rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    header = rng.choice([("text", "label"), ("Review", "Stars"), ("opinion", "nota"), None, None])
    extra = rng.choice([0, 1, 2])
    order = [*(f"{place}" for place in range(extra)), "text", "label"]
    rng.shuffle(order)
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=rng.choice(["\n", "\r\n", "\r"]))
    names = dict(zip(("text", "label"), header or (), strict=False))
    if header:
        writer.writerow([names.get(column, f"more{column}") for column in order])
    for number, (text, label) in enumerate(rows):
        cells = {"text": text, "label": label}
        writer.writerow([cells.get(column, f"{number * 7}") for column in order])
    content, given, encoding = _encoded(rng, script, file.getvalue())
    columns = None
    if header == ("opinion", "nota"):
        columns = {"text": "opinion", "label": "nota"}
    if header is None and rng.random() < 0.6:
        columns = {role: str(order.index(role) + 1) for role in ("text", "label")}
    name = "a.tsv" if delimiter == "\t" and rng.random() < 0.7 else rng.choice(["a.csv", "a.csv", "a.txt"])
    about = f"{delimiter!r} {encoding} given {given} header {header} columns {columns}"
    return MadeFile(
        name, content, lambda path: list(Table(path, columns, encoding=given, tell=lambda line: None)), rows, about
    )


def _json(rng: random.Random, script: str) -> MadeFile:
    rows = _rows(rng, script)
    objects: list[Any] = [{"id": number, "text": text, "label": label} for number, (text, label) in enumerate(rows)]
    make = rng.choice(["lines", "list", "pretty", "data", "studio", "doccano"])
    if make == "studio":
        choice = [[{"type": "choices", "value": {"choices": [label]}}] for _, label in rows]
        objects = [
            {"data": {"text": text}, "annotations": [{"result": said}]}
            for (text, _), said in zip(rows, choice, strict=True)
        ]
    if make == "doccano":
        objects = [{"id": 1, "data": text, "label": [label]} for text, label in rows]
    plain = rng.random() < 0.5
    if make in ("lines", "doccano"):
        text = rng.choice(["\n", "\r\n"]).join(json.dumps(each, ensure_ascii=plain) for each in objects) + "\n"
    else:
        text = json.dumps(
            {"data": objects} if make == "data" else objects, ensure_ascii=plain, indent=make == "pretty" or None
        )
    encoding = rng.choice(["utf-8", "utf-8-sig", "utf-16"])
    name = rng.choice(["a.json", "a.jsonl"])
    return MadeFile(name, text.encode(encoding), lambda path: list(Table(path)), rows, f"{make} {encoding}")


def _parquet(rng: random.Random, script: str) -> MadeFile:
    import pandas

    rows = _rows(rng, script)
    file = io.BytesIO()
    pandas.DataFrame(rows, columns=["text", "label"]).to_parquet(file)
    return MadeFile("a.parquet", file.getvalue(), lambda path: list(Table(path)), rows, "")


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


def _columns(rng: random.Random, script: str) -> MadeFile:
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
    content, given, encoding = _encoded(rng, script, end.join(lines) + end)
    name = rng.choice(["a.conll", "a.txt", "a.bio"])
    return MadeFile(
        name, content, lambda path: _said(open_tagged(path, encoding=given)), expected, f"{spelling} {encoding} {given}"
    )


def _universal(rng: random.Random, script: str) -> MadeFile:
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


def _places(rng: random.Random, script: str) -> MadeFile:
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


def _lists(rng: random.Random, script: str) -> MadeFile:
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


def _pairs(rng: random.Random, script: str) -> MadeFile:
    rows = [(f"{_text(rng, 'latin')} {number}.", f"{_text(rng, script)} {number}.") for number in range(12)]
    make = rng.choice(["translation", "named", "languages", "bare"])
    if make == "translation":
        objects = [{"translation": {"en": a, "de": b}} for a, b in rows]
        text = "\n".join(map(json.dumps, objects)) if rng.random() < 0.5 else json.dumps(objects)
        return MadeFile("a.json", text.encode(), lambda path: list(open_parallel(path)), rows, make)
    file, delimiter = io.StringIO(), rng.choice([",", ";", "\t"])
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerows(
        [{"named": ("source", "target"), "languages": ("en", "de")}.get(make), *rows] if make != "bare" else rows
    )
    content, given, encoding = _encoded(rng, script, file.getvalue())
    name = "a.tsv" if delimiter == "\t" else "a.csv"
    return MadeFile(
        name,
        content,
        lambda path: list(open_parallel(path, encoding=given)),
        rows,
        f"{make} {delimiter!r} {encoding} {given}",
    )
