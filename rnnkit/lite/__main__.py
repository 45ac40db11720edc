"""`python -m rnnkit.lite FOLDER [TEXT ...]`: answers texts, or the lines of standard input, with a bundle."""

import argparse
import sys

from rnnkit.errors import RnnkitError
from rnnkit.lite import load


def main(arguments: list[str] | None = None) -> int:
    """Prints one line for each text: the answer in short, a tab, the text. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m rnnkit.lite",
        description="Answers texts with an exported bundle: labels, tags or translates them, or describes pictures.",
    )
    parser.add_argument("folder", help="what `rnnkit export` wrote")
    parser.add_argument(
        "text", nargs="*", help="texts to answer, or names of picture files; without any, the lines of standard input"
    )
    parser.add_argument(
        "--isolated", action="store_true", help="run the model in a process of its own, for a stranger's"
    )
    given = parser.parse_intermixed_args(arguments)
    try:
        runner = load(given.folder, isolated=given.isolated)
        for text in given.text or (line.rstrip("\n") for line in sys.stdin):
            [answer] = runner.predict(text)
            print(f"{answer.summary}\t{text}")
    except RnnkitError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
