"""The example of the language model: scenes of a made-up play, as one long text and as a table of speeches."""

import random
from collections.abc import Iterator

from rnnkit.tasks.base.example_files import ExampleFiles
from rnnkit.tasks.shared.phrases import LICENCE, csv_text, different, grown

_SPEAKERS = ("ANNA", "BRUNO", "CLARA", "THE MILLER", "THE KING")
_RULES = {
    "thing": "river,bread,lantern,letter,garden,winter,horse,crown,song,mill,bridge,harvest".split(","),
    "what": "old,quiet,golden,heavy,bitter,honest,broken,gentle".split(","),
    "does": "sleeps,turns,waits,burns,sings,returns,falls silent".split(","),
    "place": ["by the river", "behind the mill", "under the bridge", "before the king", "in the garden"],
    "time": ["tonight", "before the morning comes", "when the winter ends", "at noon", "once more"],
    "call": ["Good morrow, {friend}!", "Come, {friend}.", "Hear me, {friend}.", "Peace, {friend}!"],
    "friend": ["my friend", "good neighbour", "old fool", "dear sister"],
    "say": [
        "The {what} {thing} {does} {place}.",
        "I will bring the {thing} {time}.",
        "Who has seen my {what} {thing}?",
        "No {thing} is as {what} as this.",
        "Speak no more of the {thing}, for it {does} {time}.",
        "{call}",
        "Where is the {thing}? It was {place}.",
        "Then let us meet {place} {time}.",
    ],
    "speech": ["{say}", "{say}\n{say}", "{call} {say}", "{say} {say}\n{say}"],
}


def _speech(chance: random.Random) -> str:
    return f"{chance.choice(_SPEAKERS)}:\n{grown('{speech}', _RULES, chance)}"


def _files() -> Iterator[tuple[str, str]]:
    speeches = different(_speech, 700, "play")
    yield "mine.txt", "\n\n".join(speeches[:400]) + "\n"
    yield "other.txt", "\n\n".join(speeches[400:500]) + "\n"
    yield "mine.csv", csv_text(("text",), ((speech,) for speech in speeches[500:]))


#: What a page offers to click.
_TO_TRY = (
    "ROMEO:",
    "To be, or not",
    "Good morrow, my lord",
    "The king",
)

EXAMPLE = ExampleFiles(
    about=(
        "mine.txt    400 speeches of a made-up play, as one text\n"
        "other.txt   100 more\n"
        f"mine.csv    200 more, one in each row, column text\n\n{LICENCE}"
    ),
    names=("mine.txt", "other.txt", "mine.csv"),
    make=_files,
    settings={"unit": "character", "units": 96, "window": 50, "batch_size": 8, "epochs": 8, "learning_rate": 0.005},
    to_try=lambda: _TO_TRY,
)
