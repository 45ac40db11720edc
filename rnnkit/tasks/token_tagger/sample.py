"""The tagging data of the pipeline: CoNLL-2003, the offline sample of addresses, or a file of your own."""

import io
import itertools
import tarfile
from collections.abc import Callable, Iterable, Mapping
from xml.etree import ElementTree

from rnnkit.codec.tag_schemes import from_spans
from rnnkit.data.samples import cache_folder, fetch_archive, first_available, is_named_file, write_cached
from rnnkit.data.tfds import load_conll
from rnnkit.errors import RnnkitError
from rnnkit.tasks.token_tagger.conll import FoundSentence, FoundText, read_column_file
from rnnkit.tasks.token_tagger.source import TaggedText, open_tagged, tagged_text

CHOICES = ("auto", "tfds", "sample")
_PACKAGE = "usaddress==0.5.16"
_SHA256 = "f7e614e2489c159cf85be1b6f86edbfaf329dbeedef4d002a025757afd1ec6c6"
_MEMBER = "usaddress-0.5.16/training/labeled.xml"
_SENTENCES = 1_513


def tagged_data(
    choice: str = "auto",
    data_dir: str | None = None,
    say: Callable[[str], None] = print,
    columns: Mapping[str, str | None] | None = None,
    most: int = 0,
) -> TaggedText:
    """Tagged sentences, in parts where the data have them.

    Args:
        choice: "tfds" (CoNLL-2003, 14,041 + 3,250 + 3,453 news sentences), "sample" (1,513 addresses), "auto" (the
            first, or with a message the second where it is unavailable), or the name of a file or folder.
        data_dir: The TFDS data folder; by default TFDS_DATA_DIR.
        say: Called with progress messages.
        columns: The columns of a file, as for `rnnkit.tasks.token_tagger.source.open_tagged`.
        most: Of the real data, the examples of each part that are taken; 0: all.

    Raises:
        RnnkitError: The data are unavailable, or columns are given for data other than a file.
    """
    if is_named_file(choice, CHOICES, "the name of a file or folder"):
        return open_tagged(choice, columns)
    if columns:
        raise RnnkitError(f"--{next(iter(columns))} names a column of a file; give one with --data, or leave it out.")
    loaders: dict[str, Callable[[], TaggedText]] = {
        "tfds": lambda: conll_2003(data_dir, say, most),
        "sample": lambda: load_tagging_sample(say),
    }
    return first_available(loaders, say)[1] if choice == "auto" else loaders[choice]()


def conll_2003(data_dir: str | None = None, say: Callable[[str], None] = print, most: int = 0) -> TaggedText:
    """CoNLL-2003's English sentences with persons, organisations, locations and others, in its own three parts.

    Args:
        data_dir: As for `rnnkit.data.tfds.load_conll`.
        say: Called with progress messages.
        most: Sentences of each part that are taken; 0: all.

    Raises:
        RnnkitError: The data set is unavailable.
    """
    found = {
        part: FoundText(f"conll2003 {part}", _found(sentences[: most or None]), unit="sentence")
        for part, sentences in load_conll(data_dir, say=say).items()
    }
    return tagged_text(found, "conll2003", scheme="iob2")


def load_tagging_sample(say: Callable[[str], None] = print) -> TaggedText:
    """1,513 US addresses whose words are hand-labelled with 29 types; downloaded once, then cached.

    Consecutive words with the same label form one entity.

    Args:
        say: Called with a message before the download.

    Raises:
        RnnkitError: The archive is neither in the cache nor downloadable.

    Reference: DataMade, usaddress (https://github.com/datamade/usaddress), MIT licence.
    """
    cached = cache_folder() / "tagging_sample.conll"
    if not cached.exists():
        say(f"Fetching the offline sample ({_PACKAGE}, 1 MB) with pip ...")
        sentences = _read_archive(fetch_archive(_PACKAGE, _SHA256))
        write_cached(cached, "\n".join("".join(f"{word}\t{tag}\n" for word, tag in pairs) for pairs in sentences))
    found = read_column_file(cached, "utf-8")
    if len(found.sentences) != _SENTENCES:
        raise RnnkitError(
            f"{cached} has {len(found.sentences)} addresses; expected {_SENTENCES}. Delete it to fetch it again."
        )
    return tagged_text({"train": found}, "US addresses (offline sample)", scheme="iob2")


def _found(sentences: Iterable[tuple[list[str], list[str]]]) -> list[FoundSentence]:
    return [FoundSentence(words, tags, [number] * len(words)) for number, (words, tags) in enumerate(sentences, 1)]


def _read_archive(content: bytes) -> list[list[tuple[str, str]]]:
    """The words and IOB2 tags of each address."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        member = archive.extractfile(_MEMBER)
        tree = ElementTree.fromstring(member.read() if member else b"<nothing/>")
    sentences = []
    for address in tree:
        words = ["".join((part.text or "").split()) for part in address]
        runs = itertools.groupby(range(len(words)), key=lambda place: address[place].tag)
        places = [(kind, list(run)) for kind, run in runs]
        tags = from_spans([(run[0], run[-1] + 1, kind) for kind, run in places], len(words))
        sentences.append(list(zip(words, tags, strict=True)))
    return sentences
