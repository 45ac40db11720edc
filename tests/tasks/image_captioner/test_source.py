import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rnnkit.codec.pictures import open_picture
from rnnkit.data.scenes_sample import write_scenes
from rnnkit.errors import RnnkitError
from rnnkit.tasks.image_captioner.findings import captions_findings
from rnnkit.tasks.image_captioner.source import open_captions


@pytest.fixture
def folder(tmp_path):
    """Twelve pictures, a.png to l.png, all different."""
    random = np.random.default_rng(0)
    for letter in "abcdefghijkl":
        Image.fromarray(random.integers(0, 256, (8, 8, 3), np.uint8)).save(tmp_path / f"{letter}.png")
    return tmp_path


def table(folder: Path, text: str, name: str = "captions.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def found(opened) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    return {part: [(one.path.name, one.captions) for one in ones] for part, ones in opened.parts.items()}


TWO = {"train": [("a.png", ("a dog", "one dog")), ("b.png", ("a cat, black",))]}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("captions.csv", 'image,caption\na.png,a dog\nb.png,"a cat, black"\na.png,one  dog\n'),
        ("captions.csv", "Filename;Description\na.png;a dog\na.png;one dog\nb.png;a cat, black\n"),
        ("captions.tsv", "file_name\ttext\na.png\ta dog\na.png\tone dog\nb.png\ta cat, black\n"),
        ("captions.csv", 'image,caption_1,caption_2\na.png,a dog,one dog\nb.png,"a cat, black",\n'),
        ("captions.csv", 'image,caption,caption 2\na.png,a dog,one dog\nb.png,"a cat, black",\n'),
        ("captions.txt", 'image,caption\na.png,a dog\na.png,one dog\nb.png,"a cat, black"\n'),
        ("captions.jsonl", '{"image": "a.png", "captions": ["a dog", "one dog"]}\n'
                           '{"image": "b.png", "captions": "a cat, black"}\n'),
        ("captions.json", json.dumps({
            "images": [{"id": 7, "file_name": "a.png"}, {"id": 9, "file_name": "b.png"}],
            "annotations": [{"image_id": 7, "caption": "a dog"}, {"image_id": 9, "caption": "a cat, black"},
                            {"image_id": 7, "caption": "one dog\n"}, {"image_id": 1, "caption": "no such"}]})),
        ("captions.json", json.dumps({"images": [
            {"filename": "a.png", "sentences": [{"raw": "a dog"}, {"raw": "one dog"}], "split": "restval"},
            {"filename": "b.png", "sentences": [{"raw": "a cat, black"}], "split": None}]}, indent=1)),
    ],
)  # fmt: skip
def test_every_form_is_read_alike(folder, name, text):
    path = table(folder, text, name)
    assert found(open_captions(path)) == TWO
    assert found(open_captions(folder)) == TWO
    assert found(open_captions(str(path))) == TWO
    opened = open_captions(path)
    assert open_captions(opened) is opened and len(opened) == 2 and not opened.faults


def test_data_in_memory(folder):
    pandas = pytest.importorskip("pandas")
    names = [str(folder / name) for name in ("a.png", "a.png", "b.png")]
    frame = pandas.DataFrame({"image": names, "caption": ["a dog", "one dog", "a cat, black"]})
    assert found(open_captions(frame)) == TWO
    assert found(open_captions([(names[0], ["a dog", "one dog"]), (names[2], "a cat, black")])) == TWO
    assert found(open_captions([(Path(names[0]), "x", "test"), (names[2], "y", None)])) == {
        "train": [("b.png", ("y",))], "test": [("a.png", ("x",))]
    }  # fmt: skip


def test_where_pictures_are_looked_for(folder, tmp_path, monkeypatch):
    inner = folder / "set" / "images"
    inner.mkdir(parents=True)
    (folder / "a.png").rename(inner / "a.png")
    path = table(inner.parent, "image,caption\na.png,a dog\n")
    assert next(iter(open_captions(path))).path == inner / "a.png"
    path = table(inner.parent, "image,caption\nb.png,a dog\n")
    assert next(iter(open_captions(path, images=folder))).path == folder / "b.png"
    path = table(inner.parent, "image,caption\n../b.png,a dog\n")
    assert len(open_captions(path)) == 1
    path = table(inner.parent, f"image,caption\n{folder / 'b.png'},a dog\n")
    assert len(open_captions(path)) == 1
    monkeypatch.chdir(folder)
    path = table(inner.parent, "image,caption\nc.png,a dog\n")
    assert len(open_captions(path)) == 1  # relative to where we are
    with pytest.raises(RnnkitError, match="There is no folder nowhere of pictures"):
        open_captions(path, images="nowhere")


def test_parts_by_the_split_column(folder):
    path = table(folder, "image,caption,split\na.png,x,train\nb.png,y,VAL\nc.png,z,test\nd.png,w,\nd.png,v,dev\n")
    opened = open_captions(path)
    assert found(opened) == {
        "train": [("a.png", ("x",)), ("d.png", ("w", "v"))],  # the first row's part counts
        "validation": [("b.png", ("y",))],
        "test": [("c.png", ("z",))],
    }
    assert opened.dropped["part"] == 1 and opened.split() is opened
    with pytest.raises(RnnkitError, match="row 1 has the split 'maybe'; expected train, validation or test"):
        open_captions(table(folder, "image,caption,split\na.png,x,maybe\n"))


def test_parts_by_chance_keep_a_picture_together(folder):
    for letter in "abc":  # the same pictures under other names
        (folder / f"{letter}2.png").write_bytes((folder / f"{letter}.png").read_bytes())
    names = [f"{letter}.png" for letter in "abcdefghijkl"] + ["a2.png", "b2.png", "c2.png"]
    path = table(folder, "image,caption\n" + "".join(f"{name},{kind} one\n" for kind in "xy" for name in names))
    for seed in range(5):
        parts = open_captions(path).split({"train": 0.5, "validation": 0.25, "test": 0.25}, seed).parts
        assert {part: len({one.digest for one in ones}) for part, ones in parts.items()} == {
            "train": 6, "validation": 3, "test": 3
        }  # fmt: skip
        together = [{one.digest for one in ones} for ones in parts.values()]
        assert not together[0] & together[1] and not together[0] & together[2] and not together[1] & together[2]
        assert all(len(one.captions) == 2 for ones in parts.values() for one in ones)
    again = [open_captions(path).split(seed=3).parts for _ in range(2)]
    assert again[0] == again[1] != open_captions(path).split(seed=4).parts
    two = open_captions(table(folder, "image,caption\na.png,x\nb.png,y\n"))
    with pytest.raises(RnnkitError, match="has 2 different pictures to train on; 3 or more are needed"):
        two.split()


def test_only_missing_parts_are_made(folder):
    rows = "".join(f"{letter}.png,x,{'test' if letter in 'ab' else 'train'}\n" for letter in "abcdefghijkl")
    parts = open_captions(table(folder, "image,caption,split\n" + rows)).split().parts
    assert [one.path.name for one in parts["test"]] == ["a.png", "b.png"]
    assert len(parts["validation"]) == 1 and len(parts["train"]) == 9


def test_the_same_picture_in_two_parts_stays_in_one(folder):
    (folder / "a2.png").write_bytes((folder / "a.png").read_bytes())
    opened = open_captions(table(folder, "image,caption,split\na.png,x,train\na2.png,y,test\nb.png,z,test\n"))
    assert found(opened) == {"train": [("a.png", ("x",)), ("a2.png", ("y",))], "test": [("b.png", ("z",))]}


def broken(folder: Path) -> Path:
    (folder / "a.png").write_bytes(b"")
    (folder / "b.png").write_bytes((folder / "b.png").read_bytes()[:60])
    return table(folder, "image,caption\na.png,x\nb.png,y\nc.png,z\nnone.png,w\nhttp://example.com/d.jpg,v\n.,u\n")


def test_broken_pictures_are_named_and_left_out(folder):
    opened = open_captions(broken(folder))
    assert [one.path.name for one in opened] == ["c.png"]
    lines = "\n".join(opened.faults.values())
    assert len(opened.faults) == 5
    for fault in ("a.png is empty", "b.png is damaged or cut short", "There is no file", "d.jpg", "is a folder"):
        assert fault in lines
    assert opened.fault_lines(2)[-1] == "... and 3 more."
    with pytest.raises(RnnkitError, match=r"captions.csv: .*a.png is empty.*Without --strict it is left out"):
        open_captions(broken(folder), strict=True)


def test_when_nothing_is_left(folder):
    with pytest.raises(RnnkitError, match=r"none of 1 pictures can be used: There is no file .*--images"):
        open_captions(table(folder, "image,caption\nz.png,x\n"))
    with pytest.raises(RnnkitError, match="none of 0 pictures can be used: there are no rows"):
        open_captions(table(folder, "image,caption\na.png,\n,x\n"))


@pytest.mark.parametrize(("name", "text", "message"), [
    ("captions.csv", "picture_of,words\na.png,x\n", "has no column 'image'. It has: picture_of, words"),
    ("captions.csv", "image,mood\na.png,x\n", "has no column 'caption'"),
    ("captions.csv", "", "is empty; expected pictures and captions"),
    ("captions.json", '{"a": 1}', "is not a captions file in COCO's format"),
    ("captions.json", '{"images": [], "annotations": 3}', "is not a captions file in COCO's format"),
    ("captions.json", "[" * 100_000, "is not a captions file in COCO's format"),
    ("captions.json", '{"images": [{"filename": "a.png", "sentences": [], "split": "x"}]}', "1 has the split 'x'"),
    ("captions.jsonl", '{"image": "a.png"\n', "line 1 is not JSON"),
])  # fmt: skip
def test_tables_that_cannot_be_read(folder, name, text, message):
    with pytest.raises(RnnkitError, match=message):
        open_captions(table(folder, text, name))


def test_other_mistakes(folder, tmp_path):
    with pytest.raises(RnnkitError, match="has no captions.csv with the columns image and caption"):
        open_captions(folder)
    with pytest.raises(RnnkitError, match="There is no file"):
        open_captions(folder / "nothing.csv")
    with pytest.raises(RnnkitError, match=r"row 0 is .*; expected \(image, caption\)"):
        open_captions(["a.png"])
    with pytest.raises(RnnkitError, match="Got data of type int"):
        open_captions(3)
    path = table(folder, "image,caption\na.png,x\n")
    with pytest.raises(RnnkitError, match="has no column 'wrong'"):
        open_captions(path, {"caption": "wrong"})
    path = table(folder, "image,one,two\na.png,x,y\n")
    assert found(open_captions(path, {"caption": "two"})) == {"train": [("a.png", ("y",))]}


# ---------------------------------------------------------------- rnnkit check


def messages(source, level: str, **options) -> list[str]:
    return [finding.message for finding in captions_findings(source, **options) if finding.level == level]


def test_findings_on_good_data(tmp_path):
    path = write_scenes(tmp_path, 20)
    assert messages(path, "fail") == []
    assert messages(path, "warn") == ["Only 20 pictures; expect 1,000 or more for a useful model."]
    first, second = messages(path, "good")
    assert first.startswith("20 usable pictures (train 16, validation 2, test 2); image = 'image', caption = 'caption'")
    assert second.startswith("40 captions, 2 to 2 per picture; ")


def test_findings_on_what_harms(folder):
    warnings = "\n".join(messages(broken(folder), "warn"))
    assert warnings.count("left out: ") == 5 and "a.png is empty" in warnings
    assert "5 of 6 pictures cannot be read, the first one: " in messages(broken(folder), "fail")[0]
    (folder / "d2.png").write_bytes((folder / "d.png").read_bytes())
    said = [
        ("c", "a dog"),
        ("d", "a dog"),
        ("d2", "A dog"),
        ("e", "a cat"),
        ("e", "a cat"),
        ("f", ""),
        ("g", "x " * 50),
    ]
    rows = "".join(f"{name}.png,{words}\n" for name, words in said)
    warnings = messages(table(folder, "image,caption\n" + rows), "warn")
    assert "1 row without a picture or a caption of words left out." in warnings
    assert "1 row left out: the same picture and caption as an earlier one." in warnings
    assert "1 picture with the content of another one (d.png and d2.png); kept in one part." in warnings
    assert "3 of 5 pictures have the caption 'a dog'; a model may learn only that one." in warnings
    assert "1 caption with over 40 words." in warnings
    assert "1 usable picture; 3 or more are needed" in messages(table(folder, "image,caption\nc.png,x\n"), "fail")[0]


@pytest.mark.data
def test_flickr8k():
    """RNNKIT_FLICKR8K names a folder with captions.csv (image, caption, split) and the pictures."""
    folder = os.environ.get("RNNKIT_FLICKR8K")
    if not folder:
        pytest.skip("RNNKIT_FLICKR8K is not set")
    opened = open_captions(folder)
    assert {part: len(ones) for part, ones in opened.parts.items()} == {
        "train": 6000, "validation": 1000, "test": 1000
    }  # fmt: skip
    assert sum(len(one.captions) for one in opened) > 39_000 and not opened.faults


@pytest.mark.parametrize(
    "text",
    [
        '[\n {"image": "a.png", "caption": "one"},\n {"image": "b.png", "captions": "two"}\n]',
        '[{"file_name": "a.png", "captions": ["one"]}, {"filename": "b.png", "caption": "two"}]',
    ],
)
def test_plain_records_in_json(folder, text):
    opened = open_captions(table(folder, text, "captions.json"))
    assert [one.captions for one in opened] == [("one",), ("two",)]


def test_brackets_without_end_are_text(folder):
    deep = "[" * 100_000
    opened = open_captions(table(folder, f"image,caption\na.png,{deep}\n"))
    assert next(iter(opened)).captions == (deep,)
    with pytest.raises(RnnkitError):
        open_captions(table(folder, deep, "captions.json"))


def test_a_picture_is_sound_at_every_size_or_at_none(folder):
    from PIL import Image

    Image.new("L", (60_000, 880)).save(folder / "long.jpg")
    for size in (8, 224, 1024):
        with pytest.raises(RnnkitError, match="has 60,000 x 880 pixels"):
            open_picture(folder / "long.jpg", size)


def test_captions_without_a_word_are_left_out_and_told(folder):
    path = table(folder, 'image,caption\na.png,a dog\na.png,"!!!"\nb.png,...\nc.png,犬\n')
    opened = open_captions(path)
    assert found(opened) == {"train": [("a.png", ("a dog",)), ("c.png", ("犬",))]}
    assert opened.dropped["no caption"] == 2


def test_an_empty_name_is_no_picture():
    with pytest.raises(RnnkitError, match="The name of a picture is empty"):
        open_picture("")
