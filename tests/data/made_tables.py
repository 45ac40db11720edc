"""Made-up tables and pairs of sentences."""

import csv
import io
import json
import random
from typing import Any

from data.made_parts import SIGNS, MadeFile, encoded, some_text

from rnnkit.data.tables import Table
from rnnkit.tasks.translator.source import open_parallel


def _rows(rng: random.Random, script: str) -> list[tuple[str, str]]:
    """Texts, all different, and labels that repeat."""
    labels = rng.choice([["pos", "neg"], ["1", "0"], ["good film", "bad"], ["A", "B", "C"]])
    count = rng.randint(12, 40)
    texts = [f"{some_text(rng, script)} {number}{rng.choice(SIGNS)}".strip() for number in range(count)]
    return [(text, labels[number % len(labels)]) for number, text in enumerate(texts)]


def make_table(rng: random.Random, script: str) -> MadeFile:
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
    content, given, encoding = encoded(rng, script, file.getvalue())
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


def make_json(rng: random.Random, script: str) -> MadeFile:
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


def make_parquet(rng: random.Random, script: str) -> MadeFile:
    import pandas

    rows = _rows(rng, script)
    file = io.BytesIO()
    pandas.DataFrame(rows, columns=["text", "label"]).to_parquet(file)
    return MadeFile("a.parquet", file.getvalue(), lambda path: list(Table(path)), rows, "")


def make_pairs(rng: random.Random, script: str) -> MadeFile:
    rows = [(f"{some_text(rng, 'latin')} {number}.", f"{some_text(rng, script)} {number}.") for number in range(12)]
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
    content, given, encoding = encoded(rng, script, file.getvalue())
    name = "a.tsv" if delimiter == "\t" else "a.csv"
    return MadeFile(
        name,
        content,
        lambda path: list(open_parallel(path, encoding=given)),
        rows,
        f"{make} {delimiter!r} {encoding} {given}",
    )
