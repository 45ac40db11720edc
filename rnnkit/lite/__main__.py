"""`python -m rnnkit.lite FOLDER [TEXT ...]`: answers texts, or the lines of standard input, with a bundle."""

import argparse
import sys

from rnnkit.ending import ended
from rnnkit.lite import load
from rnnkit.lite.answers.labels import NOTHING_READ
from rnnkit.lite.answers.numbers import plain_text
from rnnkit.lite.answers.transcripts import NOTHING_RECOGNISED, Transcript
from rnnkit.streams import argument_text, file_name, input_lines, visible


def main(arguments: list[str] | None = None) -> int:
    """Print one line for each text: the answer in short, a tab, the text. Returns the exit code."""
    return ended(lambda: _answer(arguments))


def _answer(arguments: list[str] | None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m rnnkit.lite",
        description="Labels, tags, translates or describes texts, pictures or numbers with an exported bundle.",
    )
    parser.add_argument("folder", help="what `rnnkit export` wrote")
    parser.add_argument(
        "text",
        nargs="*",
        help="texts or numbers to answer, or names of picture files; without any, the lines of standard input",
    )
    parser.add_argument("--isolated", action="store_true", help="run the model in a process of its own")
    given = parser.parse_intermixed_args(arguments)
    runner = load(given.folder, isolated=given.isolated)
    files = hasattr(runner, "faults")  # it answers pictures, and is given their names
    for text in given.text or (file_name(line) if files else line for line in input_lines()):
        text = text if files else argument_text(text)
        [answer] = runner.predict(text)
        summary = answer.summary if hasattr(answer, "summary") else plain_text(answer)
        more = f"\t({NOTHING_READ})" if getattr(answer, "nothing_read", False) else ""
        more = f"\t({NOTHING_RECOGNISED})" if isinstance(answer, Transcript) and not answer.text else more
        print(visible(f"{summary}\t{text}{more}").replace("\n", " "))


if __name__ == "__main__":
    sys.exit(main())
