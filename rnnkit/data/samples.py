"""The offline samples: real, small, and carried by ordinary PyPI packages instead of by this repository."""

import csv
import hashlib
import io
import itertools
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.files.writing import write_bytes

_PACKAGE = "vaderSentiment==0.5"
_SHA256 = "5d97c37f3ef6e24eef331122e055dbedafeb6a56abfce0608b326701116ea49a"
_ARCHIVE = "vaderSentiment-0.5/additional_resources/hutto_ICWSM_2014.tar.gz"
_MEMBER = "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt"
_ROWS = 10_568
# pip asks a source archive for its metadata, for which an isolated build fetches setuptools; where that cannot be had,
# an installed setuptools does.
_ISOLATION: tuple[list[str], ...] = ([], ["--no-build-isolation"])
_INSTEAD = "Use --data FILE with a CSV of your own."

Data = TypeVar("Data")


def load_sentiment_sample(say: Callable[[str], None] = print) -> list[tuple[str, str]]:
    """10,568 sentences from movie reviews with the label "positive" or "negative"; fetched once, then cached.

    Each sentence was rated from -4 to 4 by 20 people; the label is the sign of the mean. The 37 sentences whose mean
    is exactly 0 are left out, since they have no sign.

    Args:
        say: Called with a line of news while the file is fetched.

    Returns:
        (text, label) rows in the order of the source.

    Raises:
        RnnkitError: The archive can neither be found in the cache nor fetched.

    Reference: Hutto and Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media
    Text", ICWSM 2014. The sentences are those of Pang and Lee, "Seeing stars", ACL 2005.
    """
    cached = cache_folder() / "sentiment_sample.csv"
    if not cached.exists():
        say(f"Fetching the offline sample ({_PACKAGE}, 2.4 MB) with pip ...")
        written = io.StringIO()
        csv.writer(written).writerows([("text", "label"), *_read_archive(fetch_archive(_PACKAGE, _SHA256))])
        write_cached(cached, written.getvalue())
    with open(cached, encoding="utf-8", newline="") as file:
        rows = [(text, label) for text, label in csv.reader(file)][1:]
    if len(rows) != _ROWS:
        raise RnnkitError(f"{cached} has {len(rows)} rows; expected {_ROWS}. Delete it, and it is fetched again.")
    return rows


def cache_folder() -> Path:
    """The folder for fetched data: RNNKIT_CACHE, else rnnkit in XDG_CACHE_HOME, else ~/.cache/rnnkit; of a user without
    a home, in the system's temporary folder."""
    if chosen := os.environ.get("RNNKIT_CACHE"):
        return Path(chosen)
    if named := os.environ.get("XDG_CACHE_HOME"):
        return Path(named, "rnnkit")
    try:
        return Path.home() / ".cache" / "rnnkit"
    except RuntimeError:  # this user has no home, as in some containers
        return Path(tempfile.gettempdir(), "rnnkit")


def first_available(loaders: Mapping[str, Callable[[], Data]], say: Callable[[str], None] = print) -> tuple[str, Data]:
    """The first available data: its name and its loader's result; skipped ones are reported.

    Args:
        loaders: Name to loader, best first; a loader that cannot raises `RnnkitError`.
        say: Called with a line for each one passed over.

    Raises:
        RnnkitError: None can be had; the last one's reason.

    Example:

    >>> first_available({"sample": lambda: [("good", "positive")]})
    ('sample', [('good', 'positive')])
    """
    names = list(loaders)
    for name, following in itertools.pairwise(names):
        try:
            return name, loaders[name]()
        except RnnkitError as error:
            say(f"NOT USING {name}: {error} Going on with {following}.")
    return names[-1], loaders[names[-1]]()


def fetch_archive(package: str, sha256: str, wheel: bool = False) -> bytes:
    """A package's source archive, fetched with pip; pip and rnnkit both check the hash first.

    Args:
        package: Name and version, as pip takes it.
        sha256: Of the archive.
        wheel: The wheel instead, which pip does not have to build.

    Raises:
        RnnkitError: It cannot be fetched, or is another file.
    """
    with tempfile.TemporaryDirectory() as folder:
        return _fetch(Path(folder), package, sha256, wheel)


def write_cached(path: Path, content: str | bytes) -> None:
    """Write a file of the cache, whole or not at all; a text in UTF-8, line ends as they are.

    Raises:
        RnnkitError: The cache cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, content.encode("utf-8") if isinstance(content, str) else content)
    except OSError as error:
        raise RnnkitError(
            f"Cannot write {path} ({error.strerror}). Set RNNKIT_CACHE to a folder you can write."
        ) from None


def _fetch(folder: Path, package: str, sha256: str, wheel: bool) -> bytes:
    (folder / "requirements.txt").write_text(f"{package} --hash=sha256:{sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--only-binary" if wheel else "--no-binary", package.partition("==")[0]]
    command += ["--no-deps", "--timeout", "10", "--retries", "1"]
    command += ["--requirement", "requirements.txt", "--dest", "."]
    reason = ""
    for isolation in _ISOLATION:
        try:
            done = subprocess.run(
                command + isolation, cwd=folder, capture_output=True, text=True, timeout=120, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = f"pip: {type(error).__name__}"
            break
        for archive in [*folder.glob("*.zip"), *folder.glob("*.tar.gz"), *folder.glob("*.whl")]:
            content = archive.read_bytes()
            if hashlib.sha256(content).hexdigest() == sha256:
                return content
            reason = f"{archive.name} is not the file expected (another sha256)"
        reason = reason or next(iter(done.stderr.strip().splitlines()[-1:]), "pip gave no archive")
    raise RnnkitError(f"The offline sample cannot be fetched ({reason.removeprefix('ERROR: ')[:200]}). {_INSTEAD}")


def _read_archive(content: bytes) -> list[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as outer, tarfile.open(fileobj=io.BytesIO(outer.read(_ARCHIVE))) as inner:
        member = inner.extractfile(_MEMBER)
        text = member.read().decode("utf-8") if member else ""
    rows = []
    for line in text.splitlines():
        _, rating, sentence = line.split("\t")
        if float(rating) != 0:
            rows.append((sentence.strip(), "positive" if float(rating) > 0 else "negative"))
    return rows


def is_named_file(choice: str, choices: Sequence[str], expected: str = "the name of a file") -> bool:
    """Whether `--data` names a file rather than one of the choices.

    Raises:
        RnnkitError: It is neither: nothing has that name, and it does not look like a file's.

    Example:

    >>> is_named_file("mine.csv", ("auto", "sample")), is_named_file("auto", ("auto", "sample"))
    (True, False)
    """
    if choice in choices:
        return False
    if not os.path.exists(choice) and not Path(choice).suffix:
        raise RnnkitError(
            f"--data is {choice!r}; expected {', '.join(choices)} or {expected}.{did_you_mean(choice, choices)}"
        )
    return True
