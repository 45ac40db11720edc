"""Made-up sentences from small grammars, for the data sets of `rnnkit example`."""

import csv
import io
import random
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

#: The licence of everything that these programs write, for its README.
LICENCE = "Made by a program of rnnkit, without any source text. Use it as you like (CC0 1.0)."

_NAME = re.compile(r"\{(\w+)\}")
Made = TypeVar("Made", bound=Hashable)


def grown(text: str, rules: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    """A text whose `{names}` are replaced by one choice of each rule, and the names in these too, until none is left.

    A name ending in an underscore begins with a capital letter where it stands.

    Args:
        text: The text to grow.
        rules: The choices by name.
        chance: Where the chance comes from.

    Example:

    >>> grown("{who_} sings.", {"who": ["{one} and {one}"], "one": ["she"]}, random.Random(0))
    'She and she sings.'
    """
    while found := _NAME.search(text):
        name = found[1]
        chosen = grown(chance.choice(rules[name.removesuffix("_")]), rules, chance)
        chosen = chosen[:1].upper() + chosen[1:] if name.endswith("_") else chosen
        text = text[: found.start()] + chosen + text[found.end() :]
    return text


def different(make: Callable[[random.Random], Made], count: int, seed: str) -> list[Made]:
    """Different results of a function of chance, the same for the same arguments.

    Args:
        make: Makes one; it must be able to make many more than `count`.
        count: How many.
        seed: Chooses them.

    Example:

    >>> sorted(different(lambda chance: chance.randint(1, 3), 3, "a"))
    [1, 2, 3]
    """
    chance, made = random.Random(seed), dict[Made, None]()
    while len(made) < count:
        made.setdefault(make(chance))
    return list(made)


def csv_text(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table as the text of a CSV file.

    Example:

    >>> csv_text(("a", "b"), [(1, "x, y")])
    'a,b\\n1,"x, y"\\n'
    """
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows([head, *rows])
    return written.getvalue()
