"""The IMDB reviews, CoNLL-2003 and others through TensorFlow Datasets; with a download that gives up in time."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rnnkit.errors import RnnkitError

IMDB = "imdb_reviews/plain_text"
CONLL = "conll2003/conll2003"
_LABELS = ("negative", "positive")
_DOWNLOAD = """
import sys, tensorflow_datasets as tfds
builder = tfds.builder(sys.argv[1], data_dir=sys.argv[2])
builder.download_and_prepare(download_config=tfds.download.DownloadConfig(try_download_gcs=False))
"""


def load_imdb(
    data_dir: str | None = None,
    timeout_seconds: float = 20,
    say: Callable[[str], None] = print,
    parts: tuple[str, ...] = ("train", "test"),
) -> dict[str, list[tuple[str, str]]]:
    """The 25,000 training and 25,000 test reviews, labelled "negative" or "positive", `<br />` made a new line.

    A folder that is named is only read. Without one, the set is read from ~/tensorflow_datasets and downloaded there
    first if need be, in a process of its own that is ended as soon as nothing has arrived for a while.

    Args:
        data_dir: TFDS folder; by default the environment variable TFDS_DATA_DIR.
        timeout_seconds: Silence (no new byte on disk, no progress shown) after which the download is given up.
        say: Called with a line of news before a download.
        parts: "train", "test" and "unsupervised", whose 50,000 reviews have the label "".

    Returns:
        The parts, each a list of (text, label) in the order of the files.

    Raises:
        RnnkitError: The named folder does not hold the set, or it cannot be downloaded.

    Reference: Maas et al., "Learning Word Vectors for Sentiment Analysis", ACL 2011.
    """
    prepared = find_set(IMDB, "80 MB", data_dir, timeout_seconds, say)
    import tensorflow_datasets as tfds

    builder = tfds.builder_from_directory(str(prepared))
    splits: dict[str, list[tuple[str, str]]] = {}
    for split in parts:
        rows = splits[split] = []
        for batch in builder.as_dataset(split=split, shuffle_files=False).batch(1000).as_numpy_iterator():
            for text, label in zip(batch["text"], batch["label"].tolist(), strict=True):
                rows.append((text.decode("utf-8").replace("<br />", "\n"), _LABELS[label] if label >= 0 else ""))
    return splits


def load_conll(
    data_dir: str | None = None, timeout_seconds: float = 20, say: Callable[[str], None] = print
) -> dict[str, list[tuple[list[str], list[str]]]]:
    """The 14,041 / 3,250 / 3,453 sentences of CoNLL-2003 with their entity tags, found as `load_imdb` finds its set.

    Args:
        data_dir: TFDS folder; by default the environment variable TFDS_DATA_DIR.
        timeout_seconds: As for `load_imdb`.
        say: Called with a line of news before a download.

    Returns:
        "train", "validation" and "test", each a list of (tokens, IOB2 tags) in the order of the files.

    Raises:
        RnnkitError: The named folder does not hold the set, or it cannot be downloaded.

    Reference: Tjong Kim Sang and De Meulder, "Introduction to the CoNLL-2003 Shared Task", CoNLL 2003.
    """
    prepared = find_set(CONLL, "1 MB", data_dir, timeout_seconds, say)
    import tensorflow_datasets as tfds

    builder = tfds.builder_from_directory(str(prepared))
    names = builder.info.features["ner"].feature.names
    splits: dict[str, list[tuple[list[str], list[str]]]] = {}
    for part, split in (("train", "train"), ("validation", "dev"), ("test", "test")):
        sentences = splits[part] = []
        for example in builder.as_dataset(split=split, shuffle_files=False).as_numpy_iterator():
            tokens = [token.decode("utf-8") for token in example["tokens"]]
            sentences.append((tokens, [names[number] for number in example["ner"]]))
    return splits


def tfds_folder(data_dir: str | None = None) -> tuple[Path, bool]:
    """TFDS's folder, and whether it was named: by an argument or TFDS_DATA_DIR."""
    named = data_dir or os.environ.get("TFDS_DATA_DIR")
    return Path(named or "~/tensorflow_datasets").expanduser(), bool(named)


def prepared_or_sample(choice: str, name: str, data_dir: str | None = None) -> str:
    """The data of a short trial: for "auto", "tfds" where a folder was named that holds the set, else "sample".

    Args:
        choice: What the user chose; anything but "auto" is returned unchanged.
        name: Of the set and its configuration.
        data_dir: TFDS folder; by default the environment variable TFDS_DATA_DIR.
    """
    if choice != "auto":
        return choice
    folder, named = tfds_folder(data_dir)
    return "tfds" if named and _prepared(folder, name) is not None else "sample"


def find_set(
    name: str,
    size: str,
    data_dir: str | None = None,
    timeout_seconds: float = 20,
    say: Callable[[str], None] = print,
    download: bool = True,
) -> Path:
    """The folder of a prepared set, downloaded first where no folder was named that should hold it.

    Args:
        name: Of the set and its configuration.
        size: Of the download, for the news; "" where it is not known.
        data_dir: TFDS folder; by default the environment variable TFDS_DATA_DIR.
        timeout_seconds: As for `load_imdb`.
        say: Called with a line of news before a download.
        download: False refuses in the place of a download.

    Raises:
        RnnkitError: The named folder does not hold the set, or it cannot be downloaded.
    """
    folder, named = tfds_folder(data_dir)
    if named and not folder.is_dir():
        raise RnnkitError(f"There is no folder {folder} (--data-dir or TFDS_DATA_DIR); name the one that holds {name}.")
    prepared = _prepared(folder, name)
    if prepared is None and named:
        raise RnnkitError(f"The folder {folder} (--data-dir or TFDS_DATA_DIR) does not hold a prepared {name}.")
    if prepared is None and not download:
        raise RnnkitError(f"{folder} does not hold a prepared {name}; --data tfds downloads its {size}.")
    if prepared is None:
        say(f"Downloading {name}{size and f' ({size})'} to {folder} ...")
        _download(folder, timeout_seconds, name=name)
        prepared = _prepared(folder, name)
    if prepared is None:
        raise RnnkitError(f"The download of {name} left nothing in {folder}. Use --data sample or --data FILE.")
    return prepared


def _prepared(folder: Path, name: str = IMDB) -> Path | None:
    """The newest prepared version; looked up on disk, because asking TFDS may ask the network."""
    versions = [path.parent for path in (folder / name).glob("*/dataset_info.json")]
    return max(
        versions, key=lambda path: [int(part) for part in path.name.split(".") if part.isdecimal()], default=None
    )


def _download(folder: Path, timeout_seconds: float, command: list[str] | None = None, name: str = IMDB) -> None:
    """Run the download as a child; a silent or a failing one becomes a `RnnkitError`."""
    command = command or [sys.executable, "-c", _DOWNLOAD, name, str(folder.absolute())]
    with tempfile.TemporaryDirectory() as place:
        log = Path(place, "log")
        with log.open("wb") as output:
            # A session of its own, so that killing it also ends what it has started.
            child = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True, cwd=place)
        try:
            silent = not _watch(
                child, lambda: (_bytes_under(folder, name), log.read_bytes().count(b"\r")), timeout_seconds
            )
        finally:
            _end(child)
        if silent or child.returncode:
            what = f"was silent for {timeout_seconds:g} seconds and was given up" if silent else "failed"
            raise RnnkitError(
                f"The download of {name} {what}{_reason(log)}. "
                "Use --data sample or --data FILE, or name a prepared folder with TFDS_DATA_DIR."
            )


def _watch(child: "subprocess.Popen[bytes]", news: Callable[[], object], timeout_seconds: float) -> bool:
    """Wait for the child as long as `news()` keeps changing; False when it has not for `timeout_seconds`.

    News are bytes on disk and redrawn progress bars (carriage returns), since examples are shuffled in memory. A
    warning that a connection is tried once more is none.
    """
    seen, since = news(), time.monotonic()
    while child.poll() is None:
        time.sleep(0.2)
        latest = news()
        if latest != seen:
            seen, since = latest, time.monotonic()
        elif time.monotonic() - since > timeout_seconds:
            return False
    return True


def _reason(log: Path) -> str:
    """The child's last output that looks like an error, in brackets."""
    lines = log.read_text("utf-8", "replace").splitlines()
    errors = [line.strip() for line in lines if "Error" in line or "Failed to" in line]
    if not errors:
        return ""
    unreachable = re.search(r"Failed to \w+ '[^']*'", errors[-1])
    return f" ({unreachable.group() if unreachable else errors[-1][:200]})"


def _bytes_under(folder: Path, name: str) -> int:
    total = 0
    for part in ("downloads", name.split("/")[0]):
        for root, _, files in os.walk(folder / part):
            for file in files:
                try:
                    total += os.stat(os.path.join(root, file)).st_size
                except OSError:  # renamed meanwhile, which is news as well
                    total += 1
    return total


def _end(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
        child.wait()
