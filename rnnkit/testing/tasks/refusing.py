"""Point 9: what cannot be used is refused in one line, and nothing is written."""

from typing import Any

from rnnkit.errors import RnnkitError
from rnnkit.testing.require import require
from rnnkit.testing.tasks.subject import TaskSubject, quiet


def refusals(subject: TaskSubject) -> None:
    """Each kind of unusable data is refused with a `RnnkitError` of one line before anything is written."""
    empty, binary = subject.folder / "empty.csv", subject.folder / "binary.csv"
    empty.write_bytes(b"")
    binary.write_bytes(bytes(range(256)) * 40)
    given: dict[str, Any] = {
        "a file that is not there": subject.folder / "missing.csv",
        "an empty file": empty,
        "a file that is no text": binary,
        "a folder": subject.folder,
        "no rows": [],
        "a single row": subject.rows[:1],
        "a number": 7,
        "rows of nothing": [None] * 40,
    }
    for name, source in given.items():
        to = subject.folder / "refused"
        said = _refusal(subject, name, source, to)
        require(
            "\n" not in said.strip(),
            f"For {name} the refusal has {said.count(chr(10)) + 1} lines; expected one: {said[:200]!r}",
        )
        left = [path.name for path in subject.folder.iterdir() if path.name.startswith("refused")]
        require(not left, f"For {name} {', '.join(left)} was written. Refuse data in open_source or learn.")


def _refusal(subject: TaskSubject, name: str, source: Any, to: Any) -> str:
    where = "Refuse it with rnnkit.RnnkitError in open_source or in the preprocessing's learn."
    try:
        with quiet():
            subject.make().fit(source, to=to)
    except RnnkitError as error:
        return str(error)
    except Exception as error:
        require(False, f"For {name} fit raised {type(error).__name__}: {str(error)[:200]}. {where}")
    require(False, f"{name[0].upper()}{name[1:]} was trained on. {where}")
    return ""
