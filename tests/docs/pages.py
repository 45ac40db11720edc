"""What README and the pages of docs/ tell a reader to type, in its order."""

import importlib.util
import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_PROGRAMS = ("rnnkit", "python", "pip", "make", "printf", "export")
#: A comment by which a page says that a command takes long, fetches something, needs what is built, or does not end.
_LONG = re.compile(r"\b(\d+ minutes|hours?|downloads?|make web|until Ctrl-C)\b")
_FILE = re.compile(r"^`([\w.]+\.py)`[^\n]*:$")


class Step(NamedTuple):
    """A command or an example of a page.

    Attributes:
        kind: "sh", "python", or "file" for a module that the reader is to write.
        text: The command, or the Python source.
        line: Its line on the page, from 1.
        name: The file's name.
    """

    kind: str
    text: str
    line: int
    name: str = ""

    @property
    def reason(self) -> str:
        """Why it is not run; "" where it is."""
        comment = self.text.rpartition("#")[2] if "#" in self.text else ""
        if self.kind == "sh" and _LONG.search(comment):
            return comment.strip()
        absent = [name for name in re.findall(r"^(?:import|from) (\w+)", self.text, re.M) if name == "mediapipe"]
        absent += ["tflite_micro"] * ("micro" in self.text and "install" not in self.text)
        missing = [name for name in absent if importlib.util.find_spec(name) is None]
        return f"{missing[0]} is not installed" if missing else ""


def steps(page: Path) -> list[Step]:
    """The shell commands, each on its own, and the Python examples of a page."""
    found, lines, place = [], page.read_text(encoding="utf-8").split("\n"), 0
    while place < len(lines):
        begin = place
        if fence := re.match(r"```(\w*)$", lines[place]):
            place = lines.index("```", place + 1)
            block, kind, first = lines[begin + 1 : place], fence[1], begin + 2
        elif lines[place].startswith("    ") and not lines[place - 1].strip():
            while place + 1 < len(lines) and lines[place + 1].startswith("    "):
                place += 1
            block, first = [line[4:] for line in lines[begin : place + 1]], begin + 1
            kind = "sh" if all(line.split()[0] in _PROGRAMS for line in block) else ""
        else:
            place += 1
            continue
        place += 1
        if kind == "sh":
            found += [Step("sh", line, first + number) for number, line in enumerate(block) if line.strip()]
        elif kind == "python" and not block[0].startswith(" "):  # else it is a part of a class
            name = _FILE.match(lines[begin - 2])
            text = "\n".join(block) + "\n"
            found.append(Step("file" if name else "python", text, first, name[1] if name else ""))
    return found
