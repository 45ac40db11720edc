"""Checks that each lowest version in pyproject.toml can be had, with the others, on every Python that is supported.

    python .ci/floors.py UV PINS

asks the package index by way of the program UV, for the extras too, and writes the lowest versions into the file PINS
as constraints: an installer that is asked for the lowest versions of a wheel takes the newest of what that needs.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SOURCE_ONLY = {"pretty-midi", "seqeval"}  # there are no wheels of these, and nothing to compile either

#: The extras that people install; `peers` is for comparing cells alone, and takes one version of its packages.
EXTRAS = {name: lines for name, lines in PROJECT["optional-dependencies"].items() if name != "peers"}


def numbers(version: str) -> list[int]:
    """The numbers of a version without the zeros at its end."""
    return [int(part) for part in re.findall(r"\d+", re.sub(r"(\.0)+$", "", version))]


def floors() -> dict[str, str]:
    """The lowest version of each package, those of the extras too."""
    lines = [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)]
    named = [re.match(r"([\w.-]+)(?:\[[\w,]+\])?>=([\w.]+)", line) for line in lines if not line.startswith("rnnkit[")]
    return {match[1].lower().replace("_", "-"): match[2] for match in named}


def lowest(uv: str, python: str) -> dict[str, str]:
    """The versions that an installer picks which prefers the lowest ones, from wheels as a user's machine would."""
    wheels = [word for name in floors() if name not in SOURCE_ONLY for word in ("--only-binary", name)]
    extras = [word for name in EXTRAS for word in ("--extra", name)]
    done = subprocess.run(
        [uv, "pip", "compile", "--quiet", "--no-header", "--no-annotate", *extras, *wheels,
         "--resolution", "lowest-direct", "--python-version", python, "pyproject.toml"],
        cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"Python {python}: the lowest versions in pyproject.toml cannot be had together.")
    return dict(line.split("==") for line in done.stdout.split())


def main(uv: str, pins: str) -> None:
    """Says one line for each Python, and ends with an error that names the lowest versions that cannot be had."""
    oldest, beyond = (int(minor) for minor in re.findall(r"3\.(\d+)", PROJECT["requires-python"]))
    wrong = []
    for minor in range(oldest, beyond):
        found = lowest(uv, f"3.{minor}")
        print(f"Python 3.{minor}: {len(floors())} lowest versions looked up", flush=True)
        wrong += [
            f"{name}>={floor} cannot be had on Python 3.{minor}; the lowest that can is {found[name]}"
            for name, floor in floors().items()
            if numbers(found[name]) != numbers(floor)
        ]
    Path(pins).write_text("".join(f"{name}=={floor}\n" for name, floor in floors().items()), encoding="utf-8")
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
