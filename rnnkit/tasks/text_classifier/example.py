"""The example of the text classifier: reviews of things from a shop, in two labels and in five stars."""

import random
from collections.abc import Iterator

from rnnkit.tasks.base.example_files import ExampleFiles
from rnnkit.tasks.shared.phrases import LICENCE, csv_text, different, grown

_RULES = {
    "things": "kettle,lamp,backpack,umbrella,keyboard,blanket,pan,chair,clock,radio,tent,jacket,mug,drill".split(","),
    "part": "handle,lid,switch,zip,fabric,colour,manual,battery,cable,packaging,size,finish".split(","),
    "who": ["my sister", "my son", "our neighbour", "a friend", "my wife", "the whole family"],
    "time": ["two weeks", "a month", "half a year", "one evening", "three trips", "a long winter"],
    "plain": [
        "I bought it for {who}.",
        "It came in a brown box.",
        "I have used this {thing} for {time}.",
        "We needed a new {thing}.",
        "It stands in the kitchen.",
        "The {part} is blue.",
        "It replaced an older {thing}.",
        "Delivery took four days.",
    ],
    "good": "sturdy,lovely,perfect,beautiful,reliable,comfortable,clever,solid,handy".split(","),
    "bad": "flimsy,useless,terrible,shoddy,broken,noisy,disappointing,clumsy,poor".split(","),
    "praise": [
        "The {part} is {good}.",
        "A {good} {thing}!",
        "{who_} loves it.",
        "It still works like new after {time}.",
        "Simply {good}, I would buy it again.",
        "Not {bad} at all.",
        "Warmly recommended.",
        "It does just what it should, and the {part} is {good} too.",
    ],
    "blame": [
        "The {part} is {bad}.",
        "What a {bad} {thing}!",
        "{who_} hates it.",
        "It fell apart after {time}.",
        "Sent it back, the {part} was {bad}.",
        "Not {good} at all.",
        "Save your money.",
        "It never worked, and the {part} is {bad} too.",
    ],
}
#: The sentences of a review by its number of stars.
_STARS = {
    1: ("{blame} {blame}", "{plain} {blame} {blame}", "{blame} {plain} {blame}"),
    2: ("{plain} {blame} {praise} {blame}", "{blame} {praise} {blame}"),
    3: ("{plain} {praise} {blame}", "{blame} {praise}", "{plain} {plain}"),
    4: ("{plain} {praise} {blame} {praise}", "{praise} {blame} {praise}"),
    5: ("{praise} {praise}", "{plain} {praise} {praise}", "{praise} {plain} {praise}"),
}


def _rated(chance: random.Random, among: tuple[int, ...] = tuple(_STARS)) -> tuple[str, int]:
    """A review of one thing, in which no sentence is said twice, and its stars."""
    stars, rules = chance.choice(among), {**_RULES, "thing": [chance.choice(_RULES["things"])]}
    while True:
        sentences = [grown(sentence, rules, chance) for sentence in chance.choice(_STARS[stars]).split()]
        if len(set(sentences)) == len(sentences):
            return " ".join(sentences), stars


def _review(chance: random.Random) -> tuple[str, str]:
    text, stars = _rated(chance, (1, 5))
    return text, "positive" if stars == 5 else "negative"


def _text(chance: random.Random) -> str:
    return _rated(chance)[0]


def _files() -> Iterator[tuple[str, str]]:
    reviews = different(_review, 260, "reviews")
    yield "reviews.csv", csv_text(("review", "sentiment"), reviews[:200])
    yield "more_reviews.csv", csv_text(("review", "sentiment"), reviews[200:])
    yield "stars.csv", csv_text(("review", "stars"), different(_rated, 200, "stars"))
    yield "texts.txt", "".join(f"{text}\n" for text in different(_text, 400, "texts"))


#: What a page offers to click.
_TO_TRY = (
    "A wonderful film: funny, touching and beautifully played.",
    "Badly acted, far too long, and the story makes no sense.",
    "Not bad at all, and the music is lovely.",
    "The handle is flimsy, and it fell apart after a month.",
)

EXAMPLE = ExampleFiles(
    about=(
        "reviews.csv        200 reviews of things from a shop, with the columns review and sentiment\n"
        "more_reviews.csv   60 more, to test on\n"
        "stars.csv          200 reviews with 1 to 5 stars, to fine-tune on: columns review and stars\n"
        f"texts.txt          400 reviews without a label, one on each line\n\n{LICENCE}"
    ),
    names=("reviews.csv", "more_reviews.csv", "stars.csv", "texts.txt"),
    make=_files,
    settings={"units": 32, "epochs": 15, "learning_rate": 0.01},
    to_try=lambda: _TO_TRY,
)
