import csv
from collections import Counter

import numpy as np
import pytest

from rnnkit.codec.pictures import open_picture
from rnnkit.data.moving_sample import MOTIONS, moving_shapes
from rnnkit.data.scenes_sample import COLOURS, SHAPES, all_captions, held_out_pairs, scenes, write_scenes
from rnnkit.errors import RnnkitError
from rnnkit.tasks.image_captioner.source import open_captions

OPPOSITE = {"above": "below", "left of": "right of"}


def phrases(caption: str) -> tuple[list[str], str, list[str]]:
    words = caption.split()
    return words[1:4], " ".join(words[4:-4]), words[-3:]


@pytest.fixture(scope="module")
def made():
    return scenes(300, 1)


def test_the_same_seed_gives_the_same_scenes(made):
    again, other = scenes(300, 1), scenes(300, 2)
    for part, some in made.items():
        assert [one.captions for one in some] == [one.captions for one in again[part]]
        assert all((one.picture == two.picture).all() for one, two in zip(some, again[part], strict=True))
        assert [one.captions for one in some] != [one.captions for one in other[part]]
    assert {part: len(some) for part, some in made.items()} == {"train": 240, "validation": 30, "test": 30}


def test_captions_are_those_of_the_grammar_and_both_say_the_same(made):
    grammar = set(all_captions())
    assert len(grammar) == 4 * 72 * 71
    for some in made.values():
        for one in some:
            assert set(one.captions) <= grammar
            (first, relation, second), (left, back, right) = map(phrases, one.captions)
            assert (first, second) == (right, left)
            assert OPPOSITE.get(relation) == back or OPPOSITE.get(back) == relation


def test_held_out_pairs_are_in_every_test_scene_and_in_no_other(made):
    pairs = set(held_out_pairs())
    assert {colour for colour, _ in pairs} == set(COLOURS) and {shape for _, shape in pairs} == set(SHAPES)
    for part, some in made.items():
        for one in some:
            first, _, second = phrases(one.captions[0])
            held = [tuple(words[1:]) in pairs for words in (first, second)]
            assert any(held) == (part == "test") == one.held_out
    seen = Counter(word for one in made["train"] for word in one.captions[0].split())
    assert set(COLOURS) | set(SHAPES) <= set(seen)  # every word is learnt, though not every pair


def test_the_pictures_show_what_is_said(made):
    """The colours of the caption, and no other, are there, and on the side it says."""
    for one in made["train"][:60] + made["test"]:
        first, relation, second = phrases(one.captions[0])
        if first[1] == second[1]:
            continue
        places = []
        for colour in (first[1], second[1]):
            down, across = np.nonzero((one.picture == COLOURS[colour]).all(-1))
            assert len(down) > 20
            places.append((across.mean(), down.mean()))
        right, below = np.subtract(places[1], places[0])
        along = {"above": below, "below": -below, "left of": right, "right of": -right}[relation]
        assert along >= max(abs(right), abs(below)) - 1
        for colour in set(COLOURS) - {first[1], second[1]}:
            assert not (one.picture == COLOURS[colour]).all(-1).any()


def test_scenes_as_files(tmp_path, made):
    write_scenes(tmp_path / "set", 300, 1)
    opened = open_captions(tmp_path / "set", strict=True)
    for part, some in made.items():
        assert [one.captions for one in opened.parts[part]] == [one.captions for one in some]
        for file, one in zip(opened.parts[part][:5], some, strict=False):
            assert (open_picture(file.path, 64) == one.picture).all()
    with open(tmp_path / "set" / "captions.csv", encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == ["image", "caption", "split"]
    (tmp_path / "file").write_text("")
    with pytest.raises(RnnkitError, match="Cannot write scenes into"):
        write_scenes(tmp_path / "file", 10)


def test_clips_move_as_they_are_labelled():
    parts = moving_shapes(160, 5)
    assert {part: len(clips) for part, clips in parts.items()} == {"train": 128, "validation": 16, "test": 16}
    assert Counter(clip.motion for clip in parts["train"]) == dict.fromkeys(MOTIONS, 16)
    again = moving_shapes(160, 5)
    assert all((one.frames == two.frames).all() for one, two in zip(parts["test"], again["test"], strict=True))
    for clip in parts["train"]:
        assert clip.frames.shape == (12, 32, 32, 3) and clip.frames.dtype == np.uint8
        shape = np.abs(clip.frames.astype(int) - clip.frames[:, :1, :1]).sum(-1) > 60
        area = shape.sum((1, 2))
        places = np.array([np.mean(np.nonzero(frame), axis=1) for frame in shape])  # [frames, (down, across)]
        down, across = places[-1] - places[0]
        far = 8
        expected = {
            "left": across < -far, "right": across > far, "up": down < -far, "down": down > far,
            "growing": area[-1] > 2 * area[0], "shrinking": area[0] > 2 * area[-1],
            "circling": np.ptp(places, axis=0).min() > 6 and np.abs((down, across)).max() < 2,
            "still": np.ptp(places, axis=0).max() < 2 and abs(np.log(area[-1] / area[0])) < 0.5,
        }  # fmt: skip
        assert [motion for motion, fits in expected.items() if fits] == [clip.motion]


def test_too_few_are_refused():
    for arguments in ((9,), (10, 0, 16)):
        with pytest.raises(RnnkitError, match="expected 10 or more scenes"):
            scenes(*arguments)
    for arguments in ((9,), (10, 0, 8), (10, 0, 32, 2)):
        with pytest.raises(RnnkitError, match="expected 10 clips, 16 pixels and 3 frames"):
            moving_shapes(*arguments)
