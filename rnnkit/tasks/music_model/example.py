"""The example of the music model: made-up dances in ABC notation, over a few chords."""

import random
from collections.abc import Iterator

from rnnkit.tasks.base.example_files import ExampleFiles
from rnnkit.tasks.shared.phrases import LICENCE, different

#: The notes that are sung over a chord, as steps above the key note.
_CHORDS = {"I": (0, 2, 4), "IV": (3, 5, 7), "V": (4, 6, 8), "vi": (5, 7, 9)}
_TURNS = (("I", "IV", "V", "I"), ("I", "vi", "IV", "V"), ("vi", "IV", "I", "V"), ("I", "V", "vi", "V"))
#: The bars of a dance by its kind and metre: the lengths of their notes in eighths.
_DANCES = {
    ("reel", "4/4"): ((2, 2, 2, 2), (1, 1, 2, 2, 2), (3, 1, 2, 2), (2, 2, 1, 1, 2), (4, 2, 2)),
    ("waltz", "3/4"): ((2, 2, 2), (4, 2), (3, 1, 2), (2, 1, 1, 2)),
    ("jig", "6/8"): ((1, 1, 1, 1, 1, 1), (2, 1, 2, 1), (3, 2, 1), (1, 1, 1, 3)),
}
_LETTERS = "CDEFGABcdefgab"
_KEYS = {"C": 0, "D": 1, "F": 3, "G": 4}
_FIRST = ("The Miller's", "Anna's", "The Old", "The Morning", "The Harvest", "Bruno's", "The Winter")
_SECOND = ("Fancy", "Delight", "Bridge", "Lantern", "Garden", "Return", "Frolic", "Farewell")


def _tune(chance: random.Random) -> str:
    """The body of a tune with its header, without a number: two parts of eight bars."""
    (rhythm, metre), bars = chance.choice(list(_DANCES.items()))
    key = chance.choice(list(_KEYS))
    title = f"{chance.choice(_FIRST)} {chance.choice(_SECOND)}"
    parts = [_part(bars, _KEYS[key], chance) for _ in range(2)]
    return f"T:{title}\nR:{rhythm}\nM:{metre}\nL:1/8\nK:{key}\n" + "\n".join(f"|:{part}:|" for part in parts) + "\n"


def _part(bars: tuple[tuple[int, ...], ...], tonic: int, chance: random.Random) -> str:
    """Eight bars: four that are repeated with another end."""
    chords, step = chance.choice(_TURNS), 4
    written = []
    for chord in chords:
        notes = []
        for place, length in enumerate(chance.choice(bars)):
            near = [note for note in _CHORDS[chord] if abs(note - step) <= 4]
            step = chance.choice(near or _CHORDS[chord]) if place == 0 else step + chance.choice((-1, -1, 0, 1, 1, 2))
            step = min(max(step, 0), 9)
            notes.append(_note(tonic + step, length))
        written.append("".join(notes))
    last = _note(tonic, sum(bars[0]))
    return "|".join([*written, *written[:3], last])


def _note(place: int, length: int) -> str:
    """A note of so many eighths.

    Example:

    >>> _note(4, 2), _note(7, 1)
    ('G2', 'c')
    """
    letter = _LETTERS[place % len(_LETTERS)]
    return letter + (str(length) if length != 1 else "")


def _files() -> Iterator[tuple[str, str]]:
    tunes = different(_tune, 240, "tunes")
    for name, begin, end in (("tunes.abc", 0, 200), ("more.abc", 200, 240)):
        yield name, "\n".join(f"X:{number}\n{tune}" for number, tune in enumerate(tunes[begin:end], 1))


#: What a page offers to click: fields of a header.
_TO_TRY = (
    {"label": "a jig in G", "key": "G", "metre": "6/8"},
    {"label": "a reel in D", "key": "D", "metre": "C|"},
    {"label": "a waltz in C", "key": "C", "metre": "3/4"},
)

EXAMPLE = ExampleFiles(
    about=(
        "tunes.abc   200 made-up dances in ABC notation: reels, waltzes and jigs\n"
        f"more.abc    40 more, to fine-tune on\n\n{LICENCE}"
    ),
    names=("tunes.abc", "more.abc"),
    make=_files,
    settings={"units": 96, "window": 50, "batch_size": 8, "epochs": 8, "learning_rate": 0.005, "transpose": 0},
    to_try=lambda: _TO_TRY,
)
