"""The example of the multi-label classifier: questions to a shop, each about any number of topics."""

import random
from collections.abc import Iterator

from rnnkit.tasks.base.example_files import ExampleFiles
from rnnkit.tasks.shared.phrases import LICENCE, csv_text, different, grown

_RULES = {
    "thing": "kettle,lamp,backpack,umbrella,keyboard,blanket,pan,chair,clock,radio,tent,jacket,mug,drill".split(","),
    "day": "on Monday,yesterday,last week,in March,a month ago,this morning,two days ago,in summer".split(","),
    "colour": "blue,green,red,grey,black,white,yellow".split(","),
    "plain": [
        "I bought a {colour} {thing} {day}.",
        "It is about the {thing} in {colour}.",
        "My son chose the {colour} {thing}.",
        "We have had a {colour} {thing} since {season}.",
        "I saw your {thing} {day}.",
    ],
    "season": "spring,summer,autumn,winter,Christmas,Easter".split(","),
    "delivery": [
        "The parcel has not arrived.",
        "When will the courier come?",
        "Can you ship it to another address?",
        "The tracking number of the parcel does not work.",
        "How long does shipping take?",
    ],
    "payment": [
        "My card was charged twice.",
        "The invoice has the wrong sum.",
        "Can I pay by bank transfer?",
        "I need the invoice once more.",
        "The discount was not taken off the price I had to pay.",
    ],
    "return": [
        "I want to send it back.",
        "Where do I get the return label?",
        "Please refund my money.",
        "Can I exchange it for a {colour} one?",
        "How many days do I have for a refund?",
    ],
    "damage": [
        "The handle is broken.",
        "It came with a crack.",
        "It does not switch on any more, it is broken.",
        "There is a scratch on the side.",
        "A screw was missing, and the lid has a crack.",
    ],
    "praise": ["Thank you, it is lovely.", "Well done, a lovely shop.", "My family is very happy with it, thank you."],
}
_TOPICS = ("delivery", "payment", "return", "damage", "praise")
_HOW_MANY = (0, 1, 1, 1, 2, 2, 3)


def _question(chance: random.Random) -> tuple[str, str]:
    """A message, and its topics with semicolons between; one without any topic is a plain one."""
    topics = chance.sample(_TOPICS, chance.choice(_HOW_MANY))
    sentences = [grown(f"{{{name}}}", _RULES, chance) for name in ("plain", *topics)]
    chance.shuffle(sentences)
    return " ".join(sentences), ";".join(name for name in _TOPICS if name in topics)


def _in_own_columns(text: str, topics: str) -> tuple[str, ...]:
    return (text, *("01"[name in topics.split(";")] for name in _TOPICS))


def _files() -> Iterator[tuple[str, str]]:
    messages = different(_question, 460, "messages")
    yield "messages.csv", csv_text(("message", "topics"), messages[:300])
    yield "more_messages.csv", csv_text(("message", "topics"), messages[300:360])
    yield "columns.csv", csv_text(("message", *_TOPICS), (_in_own_columns(*row) for row in messages[360:]))


#: What a page offers to click.
_TO_TRY = (
    "My card was charged twice, and the parcel has not arrived.",
    "It came with a crack. Please refund my money.",
    "Thank you, the blue lamp is lovely!",
    "I saw your kettle last week.",
)

EXAMPLE = ExampleFiles(
    about=(
        "messages.csv        300 messages to a shop, with the columns message and topics (none, or several)\n"
        "more_messages.csv   60 more, to test on\n"
        f"columns.csv         100 more, with a column of 0 and 1 for each topic\n\n{LICENCE}"
    ),
    names=("messages.csv", "more_messages.csv", "columns.csv"),
    make=_files,
    settings={"units": 32, "epochs": 30, "learning_rate": 0.01},
    to_try=lambda: _TO_TRY,
)
