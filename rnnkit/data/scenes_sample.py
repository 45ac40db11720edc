"""The offline sample of captioning: drawn scenes of two shapes, described by a small grammar."""

import csv
import io
import itertools
import random
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.files.writing import write_bytes

SIZES = ("small", "large")
COLOURS = {
    "red": (214, 39, 40),
    "green": (44, 140, 44),
    "blue": (31, 82, 200),
    "yellow": (245, 210, 30),
    "purple": (140, 60, 170),
    "orange": (255, 127, 14),
}
SHAPES = ("circle", "square", "triangle", "star", "cross", "diamond")
RELATIONS = ("above", "below", "left of", "right of")
_OPPOSITE = {"above": "below", "below": "above", "left of": "right of", "right of": "left of"}
#: The name of the table of captions.
TABLE = "captions.csv"
_SIDE = 64  # pixels
_FINER = 4  # drawn so much larger, then made smaller, for smooth edges
_RADII = {"small": (6.0, 7.5), "large": (11.0, 12.5)}  # pixels in a picture of 64
_GAP = 2.0  # pixels between the shapes at least
_SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}


class Thing(NamedTuple):
    """A shape and its position; `x`, `y` and `radius` are in pixels of a picture of 64."""

    size: str
    colour: str
    shape: str
    x: float
    y: float
    radius: float

    @property
    def words(self) -> str:
        """The grammar's noun phrase."""
        return f"a {self.size} {self.colour} {self.shape}"


class Scene(NamedTuple):
    """A picture and all of its correct captions.

    Attributes:
        picture: uint8 `[side, side, 3]`.
        captions: The two right ones; the first begins with the shape that was placed first.
        held_out: Whether it has a colour and a shape that are never together in training.
    """

    picture: np.ndarray
    captions: tuple[str, str]
    held_out: bool


def scenes(count: int = 5000, seed: int = 0, side: int = _SIDE) -> dict[str, list[Scene]]:
    """Scenes with their captions in three parts, always the same for the same arguments.

    A caption is "a small red circle above a large blue square", or from the other side "a large blue square below a
    small red circle". Six pairs of a colour and a shape (`held_out_pairs`) are in no scene of "train" and "validation",
    and in every scene of "test": to describe those, a model must have learnt colours and shapes apart from each other.

    Args:
        count: Scenes in all: 8, 1 and 1 of 10 for "train", "validation" and "test".
        seed: Chooses them.
        side: Height and width of the pictures in pixels, 32 or more.

    Raises:
        RnnkitError: `count` is below 10, or `side` below 32.

    Example:

    >>> parts = scenes(20)
    >>> {part: len(made) for part, made in parts.items()}, parts["test"][0].held_out
    ({'train': 16, 'validation': 2, 'test': 2}, True)
    """
    if count < 10 or side < 32:
        raise RnnkitError(f"count is {count}, side is {side}; expected 10 or more scenes, and 32 or more pixels.")
    made = {}
    for number, (part, share) in enumerate(_SHARES.items()):
        chance = random.Random(f"scenes {seed} {number}")
        made[part] = [scene(chance, part == "test", side) for _ in range(round(count * share))]
    return made


def write_scenes(folder: str | PathLike[str], count: int = 5000, seed: int = 0, side: int = _SIDE) -> Path:
    """Write `scenes` as PNG files and a captions.csv with image, caption and split.

    Args:
        folder: Where; made when it is not there.
        count: As for `scenes`.
        seed: As for `scenes`.
        side: As for `scenes`.

    Returns:
        The table's path, for `rnnkit.tasks.image_captioner.source.open_captions`.

    Raises:
        RnnkitError: As `scenes`, or the folder cannot be written.
    """
    table = Path(folder) / TABLE
    try:
        (table.parent / "images").mkdir(parents=True, exist_ok=True)
        for name, content in scene_files(count, seed, side):
            write_bytes(table.parent / name, content)
    except OSError as error:
        raise RnnkitError(f"Cannot write scenes into {folder} ({error.strerror}).") from None
    return table


def scene_files(count: int = 5000, seed: int = 0, side: int = _SIDE) -> Iterator[tuple[str, bytes]]:
    """The files of `write_scenes`, one by one: names in the folder and contents, the table last; arguments as there.

    Example:

    >>> [name for name, _ in scene_files(10)][-2:]
    ['images/test_00000.png', 'captions.csv']
    """
    from PIL import Image

    rows = [("image", "caption", "split")]
    for part, made in scenes(count, seed, side).items():
        for number, one in enumerate(made):
            name, picture = f"images/{part}_{number:05}.png", io.BytesIO()
            Image.fromarray(one.picture).save(picture, "PNG")
            yield name, picture.getvalue()
            rows += [(name, caption, part) for caption in one.captions]
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    yield TABLE, written.getvalue().encode("utf-8")


def held_out_pairs() -> list[tuple[str, str]]:
    """The pairs of colour and shape that are in the test part alone: each colour and each shape once.

    Example:

    >>> held_out_pairs()[:2]
    [('red', 'square'), ('green', 'triangle')]
    """
    return [(colour, SHAPES[(place + 1) % len(SHAPES)]) for place, colour in enumerate(COLOURS)]


def all_captions() -> Iterator[str]:
    """Every caption the grammar has, of which there are 4 times 72 times 71.

    Example:

    >>> next(all_captions())
    'a small red circle above a small red square'
    """
    phrases = [Thing(*kind, 0, 0, 0).words for kind in itertools.product(SIZES, COLOURS, SHAPES)]
    for one, other in itertools.permutations(phrases, 2):
        for relation in RELATIONS:
            yield f"{one} {relation} {other}"


def scene(chance: random.Random, held_out: bool, side: int = _SIDE) -> Scene:
    """A random scene.

    Args:
        chance: Where the chance comes from.
        held_out: True for one with a held-out pair, False for one without.
        side: Height and width of the picture in pixels.
    """
    forbidden = set(held_out_pairs())
    while True:
        one, other = (_kind(chance) for _ in range(2))
        if one != other and any(kind[1:] in forbidden for kind in (one, other)) == held_out:
            break
    relation = chance.choice(RELATIONS)
    first, second = _placed(one, other, relation, chance)
    captions = (
        f"{first.words} {relation} {second.words}",
        f"{second.words} {_OPPOSITE[relation]} {first.words}",
    )
    background = tuple(chance.randint(225, 255) for _ in range(3))
    return Scene(draw((first, second), side, background), captions, held_out)


def draw(things: tuple[Thing, ...], side: int, background: tuple[int, ...]) -> np.ndarray:
    """A picture of shapes, uint8 `[side, side, 3]`."""
    from PIL import Image, ImageDraw

    fine = Image.new("RGB", (side * _FINER, side * _FINER), background)
    pen = ImageDraw.Draw(fine)
    scale = side * _FINER / _SIDE
    for thing in things:
        x, y, radius = thing.x * scale, thing.y * scale, thing.radius * scale
        if thing.shape == "circle":
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=COLOURS[thing.colour])
        else:
            corners = [(x + radius * across, y + radius * down) for across, down in _corners(thing.shape)]
            pen.polygon(corners, fill=COLOURS[thing.colour])
    return np.array(fine.resize((side, side), Image.Resampling.BOX))


def _kind(chance: random.Random) -> tuple[str, str, str]:
    return chance.choice(SIZES), chance.choice(list(COLOURS)), chance.choice(SHAPES)


def _placed(
    one: tuple[str, str, str], other: tuple[str, str, str], relation: str, chance: random.Random
) -> tuple[Thing, Thing]:
    """Both shapes, so that the relation is plain: apart in its direction, and within half of that across it."""
    while True:
        first, second = (_somewhere(kind, chance) for kind in (one, other))
        across, down = second.x - first.x, second.y - first.y
        along, aside = (down, across) if relation in ("above", "below") else (across, down)
        along = along if relation in ("above", "left of") else -along
        if along >= first.radius + second.radius + _GAP and abs(aside) <= along / 2:
            return first, second


def _somewhere(kind: tuple[str, str, str], chance: random.Random) -> Thing:
    radius = chance.uniform(*_RADII[kind[0]])
    x, y = (chance.uniform(radius + 1, _SIDE - radius - 1) for _ in range(2))
    return Thing(*kind, x, y, radius)


def _corners(shape: str) -> list[tuple[float, float]]:
    """Of a shape within the circle of radius 1, about as large to the eye as the circle."""
    if shape == "square":
        return [(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)]
    if shape == "diamond":
        return [(0, -1), (0.72, 0), (0, 1), (-0.72, 0)]
    if shape == "triangle":
        return [(0, -1), (1, 0.8), (-1, 0.8)]
    if shape == "cross":
        near, far = 0.32, 0.95
        return [
            (-near, -far),
            (near, -far),
            (near, -near),
            (far, -near),
            (far, near),
            (near, near),
            (near, far),
            (-near, far),
            (-near, near),
            (-far, near),
            (-far, -near),
            (-near, -near),
        ]
    turns = [(np.pi * (point / 5 - 0.5), 1.0 if point % 2 == 0 else 0.42) for point in range(10)]  # a star
    return [(float(np.cos(angle)) * reach, float(np.sin(angle)) * reach) for angle, reach in turns]
