"""Sound small files of every form that rnnkit reads, by the names that they have."""

import functools
import gzip
import io
import json
import struct
import tempfile
from pathlib import Path

import numpy as np
from tasks import forecasting, sequencing, tagging, tiny, translating, writing

from rnnkit.tasks.tree_classifier.sample import make_trees

_TUNES = (
    'X:1\nT:Short\nM:2/4\nL:1/8\nK:D\n"D"(d2 .f>a) | % a remark\n"A7"{c}e2 [ce]>g :|\n|:(3abc d2|1 A4:|2 [K:G]G4|]\n\n'
    "X:2\nT:Other\nR:jig\nM:6/8\nQ:1/4=120\nK:Em\nB2E E2B|_A^G=F zAB/2c'2|Z2|!f!~e3 [1 B6:|\n"
)


def tables() -> dict[str, bytes]:
    """Texts and labels."""
    rows = [*tiny.rows(14), ('she said "so", twice', "pos"), ("é ü 😐 line\nbreak", "neg"), ("NA", "pos"), ("", "neg")]
    quoted = [['"' + value.replace('"', '""') + '"' for value in row] for row in rows]
    objects = [{"text": text, "label": label, "id": number} for number, (text, label) in enumerate(rows)]
    return {
        "rows.csv": _text("text,label", *map(",".join, quoted)),
        "semi.csv": _text("Review;Stars;id", *(f"{a};{b};{i}" for i, (a, b) in enumerate(quoted))),
        "rows.tsv": _text("label\ttext", *(f"{b}\t{a}" for a, b in tiny.rows(9))),
        "rows.jsonl": _text(*map(json.dumps, objects)),
        "list.json": json.dumps({"data": objects}).encode(),
    }


def label_sets() -> dict[str, bytes]:
    """Texts with any number of labels: in one cell, as lists, and a column of 0 and 1 for each."""
    rows = [*tiny.label_sets(24), ("é ü 😐", ["pos"]), ("", ["neg"])]
    own = ("neg", "pos", "so so")
    return {
        "sets.csv": _text("text,labels", *(f"{text},{';'.join(labels)}" for text, labels in rows)),
        "bars.tsv": _text("tags\treview", *(f"{' | '.join(labels)}\t{text}" for text, labels in rows)),
        "lists.jsonl": _text(*(json.dumps({"text": text, "labels": labels}) for text, labels in rows)),
        "own.csv": _text(
            f"id,text,{','.join(own)}",
            *(f"n{n},{a},{','.join(str(int(label in b)) for label in own)}" for n, (a, b) in enumerate(rows)),
        ),
    }


def sequences() -> dict[str, bytes]:
    """Sequences of numbers: a row a step, a row a sequence, lists, and the two kinds of archives."""
    rows = sequencing.rows(16)
    steps = [(n, step, x, y, label) for n, (values, label) in enumerate(rows) for step, (x, y) in enumerate(values)]
    wide = (f"{label},{','.join(f'{x}' for x in values[:4, 0])}" for values, label in rows)
    dimensions = (":".join(",".join(f"{x}" for x in channel) for channel in values.T) for values, _ in rows)
    packed = io.BytesIO()
    np.savez(packed, values=np.concatenate([values for values, _ in rows]), lengths=[len(each) for each, _ in rows],
             y=[label for _, label in rows])  # fmt: skip
    return {
        "steps.csv": _text("id,t,x,y,label", *(",".join(map(str, row)) for row in steps)),
        "wide.tsv": _text("label\tx_0\tx_1\tx_2\tx_3", *(row.replace(",", "\t") for row in wide)),
        "lists.jsonl": _text(*(json.dumps({"v": values.tolist(), "label": label}) for values, label in rows)),
        "a.ts": _text(
            "@classLabel true slow fast",
            "@data",
            *(f"{d}:{label}" for d, (_, label) in zip(dimensions, rows, strict=True)),
        ),
        "a.npz": packed.getvalue(),
    }


def series() -> dict[str, bytes]:
    """Time series: long, a column a series, and a row a series."""
    made = forecasting.series(3, 30)
    long = (
        f"{name},2024-01-{step + 1:02d},{value}" for name, values in made.items() for step, value in enumerate(values)
    )
    wide = (",".join(map(str, row)) for row in zip(*made.values(), strict=True))
    return {
        "long.csv": _text("id,date,y", *long),
        "long.jsonl": _text(
            *(
                json.dumps({"id": name, "t": step, "y": value})
                for name, values in made.items()
                for step, value in enumerate(values.tolist())
            )
        ),
        "wide.csv": _text("time," + ",".join(made), *(f"{step},{row}" for step, row in enumerate(wide))),
        "rows.tsv": _text(
            "id\t" + "\t".join(f"V{step}" for step in range(30)),
            *("\t".join([name, *map(str, values)]) for name, values in made.items()),
        ),
    }


def tagged() -> dict[str, bytes]:
    """Tagged sentences in columns, in tables with a token a row, and with spans or lists a row."""
    sentences = tagging.sentences(8)
    columns = "\n\n".join("\n".join(f"{token} X Y {tag}" for token, tag in zip(*one, strict=True)) for one in sentences)
    two = "\n\n".join(
        "\n".join(f"{token}\t{_iobes(tag)}" for token, tag in zip(*one, strict=True)) for one in sentences
    )
    rows = [(number, token, tag) for number, one in enumerate(sentences) for token, tag in zip(*one, strict=True)]
    lists = [{"tokens": tokens, "ner_tags": tags} for tokens, tags in sentences]
    spans = [{"text": "Ada met Bo in New York.", "label": [[0, 3, "PER"], [8, 10, "PER"], [14, 22, "LOC"]]},
             {"text": "", "label": []}, {"text": "é 😐 U.N.", "label": [[4, 8, "ORG"]]}]  # fmt: skip
    shown = ('"' + json.dumps(row["label"]).replace('"', '""') + '"' for row in spans)
    return {
        "four.conll": b"-DOCSTART- X O O\n\n" + columns.encode() + b"\n",
        "two.tsv": b"# a remark\n" + two.encode() + b"\n",
        "tokens.csv": _text("sentence_id,word,ner", *(f'{a},"{b}",{c}' for a, b, c in rows)),
        "lists.jsonl": _text(*map(json.dumps, lists)),
        "spans.jsonl": _text(*map(json.dumps, spans)),
        "spacy.json": json.dumps([[row["text"], {"entities": row["label"]}] for row in spans]).encode(),
        "studio.json": json.dumps([{"data": row, "annotations": [{"result": []}]} for row in spans]).encode(),
        "words.conllu": _text(*(f"{n}\t{token}\t_\tX\t{tag}\t_\t0\tx\t_\tNER={tag}" for n, token, tag in rows)),
        "spans.csv": _text(
            "text,entities", *(f'"{row["text"]}",{label}' for row, label in zip(spans, shown, strict=True))
        ),
    }


def pairs() -> dict[str, bytes]:
    """Sentences and their translations."""
    rows = translating.pairs(12)
    return {
        "pairs.csv": _text("source,target", *map(",".join, rows)),
        "pairs.tsv": _text(*(f"A {a}.\tEin {b}.\tCC-BY" for a, b in rows)),
        "pairs.jsonl": _text(*(json.dumps({"en": a, "de": b}) for a, b in rows)),
        "corpus.en": _text(*(a for a, _ in rows)),
        "corpus.de": _text(*(b for _, b in rows)),
    }


def trees() -> dict[str, bytes]:
    """Trees in brackets."""
    few = b"(3 (2 It) (4 (2 's) (4 good)))\n(1 (2 not) (1 bad))\n(2 (2 -LRB-)\n  (2 (2 a) (2 b) (2 c)))\n"
    return {"trees.txt": _text(*(str(tree) for tree in make_trees(24))), "few.txt": few}


def texts() -> dict[str, bytes]:
    """Plain text."""
    lines = [text for text, _ in tiny.rows(12)]
    return {"lines.txt": _text(*lines, "é ü 😐"), "texts.csv": _text("text", *lines), "texts.jsonl": _text(
        *(json.dumps({"text": line}) for line in lines))}  # fmt: skip


def tunes() -> dict[str, bytes]:
    """Tunes in ABC notation."""
    row = {"abc": "GAB|c2d|\n", "name": "A jig", "type": "jig", "meter": "6/8", "mode": "Gmajor"}
    return {
        "many.abc": "\n\n".join(f"X:{number}\n{tune}" for number, tune in enumerate(writing.tunes(), 1)).encode(),
        "tunes.abc": _TUNES.encode(),
        "tunes.csv": _text('name,meter,mode,abc\nA jig,6/8,Gmajor,"GAB|c2d|\nefg|"'),
        "tunes.jsonl": _text(json.dumps(row), json.dumps({"abc": _TUNES})),
    }


def vectors() -> dict[str, bytes]:
    """Word vectors."""
    words = ["the", "film", ". . .", "naïve", "😐"]
    lines = [f"{word} {' '.join(f'{(i - 2) * 0.25 + n:g}' for n in range(4))}" for i, word in enumerate(words)]
    return {"glove.txt": _text(*lines), "fast.vec": _text(f"{len(words)} 4", *lines)}


#: A note that says: turn the picture.
_EXIF = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06" + b"\0" * 6


@functools.cache
def pictures() -> dict[str, bytes]:
    """A picture of every make that is opened."""
    from PIL import Image

    random = np.random.default_rng(0)
    colours = Image.fromarray(random.integers(0, 256, (13, 17, 3), np.uint8))
    deep = Image.fromarray(random.integers(0, 65536, (9, 8)).astype(np.uint16))
    found = {}
    for name, picture, options in (
        ("a.png", colours, {}), ("b.jpg", colours, {"exif": _EXIF}),
        ("c.gif", colours.quantize(8), {"save_all": True, "append_images": [colours.quantize(4)]}),
        ("d.webp", colours, {}), ("e.bmp", colours, {}), ("f.tiff", colours, {"compression": "tiff_lzw"}),
        ("g.ppm", colours, {}), ("h.ico", colours.resize((16, 16)), {}), ("i.png", deep, {}),
        ("j.png", colours.convert("LA"), {}), ("k.jpg", colours.convert("CMYK"), {"progressive": True}),
    ):  # fmt: skip
        written = io.BytesIO()
        picture.save(written, {"jpg": "jpeg"}.get(name[2:], name[2:]), **options)
        found[name] = written.getvalue()
    return found


@functools.cache
def dots() -> dict[str, bytes]:
    """Twelve tiny pictures, all different."""
    from PIL import Image

    found = {}
    for number in range(12):
        written = io.BytesIO()
        Image.new("RGB", (4, 4), (20 * number, 0, 255)).save(written, "png")
        found[f"{number}.png"] = written.getvalue()
    return found


def captions() -> dict[str, bytes]:
    """Pictures' names and captions; the pictures themselves are a.png, b.jpg and `dots` beside."""
    annotations = [
        {"image_id": 7, "caption": "a dog"},
        {"image_id": 9, "caption": "a cat"},
        {"image_id": 7, "caption": "one dog"},
    ]
    images = [{"filename": "a.png", "sentences": [{"raw": "a dog"}], "split": "restval"},
              {"filename": "b.jpg", "sentences": [{"raw": "a cat"}], "split": None}]  # fmt: skip
    coco = {"images": [{"id": 7, "file_name": "a.png"}, {"id": 9, "file_name": "b.jpg"}], "annotations": annotations}
    return {
        "many.csv": _text("image,caption", *(f"{name},a dot number {name[:-4]}" for name in dots())),
        "captions.csv": _text('image,caption,split\na.png,a dog,train\nb.jpg,"a cat, black",test\na.png,one dog,train'),
        "wide.csv": _text("image,caption_1,caption_2\na.png,a dog,one dog\nb.jpg,a cat,"),
        "captions.jsonl": _text(
            '{"image": "a.png", "captions": ["a dog", "one dog"]}', '{"image": "b.jpg", "captions": "a cat"}'
        ),
        "coco.json": json.dumps(coco).encode(),
        "karpathy.json": json.dumps({"images": images}).encode(),
    }


def midi() -> bytes:
    """Two notes."""
    track = b"\0\x90\x40\x60\x60\x80\x40\0\0\x90\x43\x60\x60\x80\x43\0\0\xff\x2f\0"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96) + b"MTrk" + struct.pack(">I", len(track)) + track


def packed(content: bytes) -> bytes:
    """As gzip, the same each time."""
    return gzip.compress(content, mtime=0)


def files_of(folder: Path) -> dict[str, bytes]:
    """Everything under a folder, but for pictures of figures, which nothing reads."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and path.parent.name != "plots"}  # fmt: skip


def scratch() -> Path:
    """A folder for what has to be a file for a moment."""
    return Path(tempfile.mkdtemp(prefix="rnnkit-samples-"))


def _text(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _iobes(tag: str) -> str:
    return tag.replace("B-LOC", "S-LOC") if tag == "B-LOC" else tag
