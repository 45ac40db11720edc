"""The example of the translator: short English sentences and their German translations."""

import random
from collections.abc import Iterator, Mapping

from rnnkit.tasks.base.example_files import ExampleFiles
from rnnkit.tasks.shared.phrases import LICENCE, csv_text, different

Pair = tuple[str, str]
#: Who does something: English, German.
_ONE: list[Pair] = [
    ("a dog", "ein Hund"),
    ("the cat", "die Katze"),
    ("a small child", "ein kleines Kind"),
    ("the old man", "der alte Mann"),
    ("a young woman", "eine junge Frau"),
    ("my brother", "mein Bruder"),
    ("our teacher", "unser Lehrer"),
    ("the girl", "das Mädchen"),
]
_SEVERAL: list[Pair] = [
    ("two dogs", "zwei Hunde"),
    ("the children", "die Kinder"),
    ("three women", "drei Frauen"),
    ("my parents", "meine Eltern"),
    ("many people", "viele Leute"),
    ("the boys", "die Jungen"),
]
#: What is done: by one and by several, in English and in German.
_VERBS: list[tuple[Pair, Pair]] = [
    (("runs", "läuft"), ("run", "laufen")),
    (("sleeps", "schläft"), ("sleep", "schlafen")),
    (("plays", "spielt"), ("play", "spielen")),
    (("waits", "wartet"), ("wait", "warten")),
    (("sings", "singt"), ("sing", "singen")),
    (("works", "arbeitet"), ("work", "arbeiten")),
    (("reads", "liest"), ("read", "lesen")),
    (("laughs", "lacht"), ("laugh", "lachen")),
]
_PLACES: list[Pair] = [
    ("in the garden", "im Garten"),
    ("in the snow", "im Schnee"),
    ("on the beach", "am Strand"),
    ("in the kitchen", "in der Küche"),
    ("at the station", "am Bahnhof"),
    ("behind the house", "hinter dem Haus"),
    ("on the street", "auf der Straße"),
    ("under a tree", "unter einem Baum"),
]
_TIMES: list[Pair] = [
    ("today", "heute"),
    ("in the morning", "am Morgen"),
    ("on Sunday", "am Sonntag"),
    ("every evening", "jeden Abend"),
    ("now", "jetzt"),
]
#: Sentences: in German the verb stays second.
_SENTENCES: list[Pair] = [
    ("{who} {does}.", "{who} {does}."),
    ("{who} {does} {where}.", "{who} {does} {where}."),
    ("{who} {does} {where}.", "{who} {does} {where}."),
    ("{when}, {who} {does} {where}.", "{when} {does} {who} {where}."),
    ("{where}, {who} {does}.", "{where} {does} {who}."),
    ("does nobody wait {where}?", "wartet niemand {where}?"),
    ("{who} {does} and {other} {others}.", "{who} {does} und {other} {others}."),
]


def _pair(chance: random.Random) -> Pair:
    """An English sentence and its German translation."""
    chosen: dict[str, Pair] = {"where": chance.choice(_PLACES), "when": chance.choice(_TIMES)}
    for who, does in (("who", "does"), ("other", "others")):
        number = chance.randrange(2)
        chosen[who] = chance.choice((_ONE, _SEVERAL)[number])
        chosen[does] = chance.choice(_VERBS)[number]
    return _filled(chance.choice(_SENTENCES), chosen)


def _filled(sentence: Pair, chosen: Mapping[str, Pair]) -> Pair:
    made = []
    for side, text in enumerate(sentence):
        filled = text.format(**{name: pair[side] for name, pair in chosen.items()})
        made.append(filled[0].upper() + filled[1:])
    return made[0], made[1]


def _files() -> Iterator[tuple[str, str]]:
    pairs = different(_pair, 320, "pairs")
    for name, begin, end in (("pairs.csv", 0, 200), ("more.csv", 200, 260), ("own.csv", 260, 320)):
        yield name, csv_text(("source", "target"), pairs[begin:end])


#: What a page offers to click.
_TO_TRY = (
    "Two dogs are playing in the snow.",
    "A man in a blue shirt is standing on a ladder cleaning a window.",
    "Young people are sitting around a table.",
)

EXAMPLE = ExampleFiles(
    about=(
        "pairs.csv   200 English sentences and their German translations, columns source and target\n"
        "more.csv    60 more, to test on\n"
        f"own.csv     60 more, to fine-tune on\n\n{LICENCE}"
    ),
    names=("pairs.csv", "more.csv", "own.csv"),
    make=_files,
    settings={"units": 64, "vocabulary_size": 200, "batch_tokens": 200, "epochs": 20, "learning_rate": 0.005},
    to_try=lambda: _TO_TRY,
)
