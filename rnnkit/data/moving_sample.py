"""The offline sample of video-like input: clips of one moving shape, labelled with its motion."""

import math
import random
from typing import NamedTuple

import numpy as np

from rnnkit.data.scenes_sample import COLOURS, SHAPES, Thing, draw
from rnnkit.errors import RnnkitError

MOTIONS = ("left", "right", "up", "down", "growing", "shrinking", "circling", "still")
_DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
_SIDE = 64  # pixels in which places are chosen
_RADIUS = (6.0, 10.0)
_JITTER = 0.6  # pixels that a shape trembles about its way, so that a pair of frames does not tell the motion
_SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}


class Clip(NamedTuple):
    """Frames of one shape, uint8 `[frames, side, side, 3]`, and the name of its motion."""

    frames: np.ndarray
    motion: str


def moving_shapes(count: int = 1000, seed: int = 0, side: int = 32, frames: int = 12) -> dict[str, list[Clip]]:
    """Clips in three parts, always the same for the same arguments; every motion is as frequent as the others.

    Shape, colour, place and size at the middle of a clip do not depend on the motion: its middle frame tells
    little, and the order of frames all: `left` is `right` played backwards.

    Args:
        count: Clips in all: 8, 1 and 1 of 10 for "train", "validation" and "test".
        seed: Chooses them.
        side: Height and width of a frame in pixels, 16 or more.
        frames: Of a clip, 3 or more.

    Raises:
        RnnkitError: There are fewer than 10 clips, 16 pixels or 3 frames.

    Example:

    >>> clip = moving_shapes(20)["train"][0]
    >>> clip.frames.shape, clip.motion in MOTIONS
    ((12, 32, 32, 3), True)
    """
    if count < 10 or side < 16 or frames < 3:
        raise RnnkitError(
            f"count is {count}, side {side}, frames {frames}; expected 10 clips, 16 pixels and 3 frames or more."
        )
    made = {}
    for part, share in _SHARES.items():
        chance = random.Random(f"moving shapes {seed} {part}")
        motions = [MOTIONS[number % len(MOTIONS)] for number in range(round(count * share))]
        chance.shuffle(motions)
        made[part] = [_clip(motion, chance, side, frames) for motion in motions]
    return made


def _clip(motion: str, chance: random.Random, side: int, frames: int) -> Clip:
    colour, shape = chance.choice(list(COLOURS)), chance.choice(SHAPES)
    x, y = (chance.uniform(26, _SIDE - 26) for _ in range(2))
    radius = chance.uniform(*_RADIUS)
    way, begin, turn = chance.uniform(20, 30), chance.uniform(0, 2 * math.pi), chance.choice((-1, 1))
    background = tuple(chance.randint(225, 255) for _ in range(3))
    pictures = []
    for number in range(frames):
        time = number / (frames - 1) - 0.5  # from -1/2 to 1/2
        across, down = _DIRECTIONS.get(motion, (0, 0))
        at_x, at_y, at_radius = x + across * way * time, y + down * way * time, radius
        if motion in ("growing", "shrinking"):
            at_radius = radius * 2.2 ** (time if motion == "growing" else -time)
        elif motion == "circling":
            angle = begin + turn * 2 * math.pi * time
            at_x, at_y = x + 9 * math.cos(angle), y + 9 * math.sin(angle)
        at_x, at_y = (place + chance.uniform(-_JITTER, _JITTER) for place in (at_x, at_y))
        thing = Thing("small", colour, shape, at_x, at_y, at_radius)
        pictures.append(draw((thing,), side, background))
    return Clip(np.stack(pictures), motion)
