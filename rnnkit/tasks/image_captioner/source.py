"""Sources of pictures with captions: which pictures can be read, and to which part each belongs."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rnnkit.codec.pictures import decode_picture, picture_digest, read_picture
from rnnkit.data.delimited import Oddities
from rnnkit.data.folds import Divisible
from rnnkit.data.splits import stratified_split
from rnnkit.errors import RnnkitError
from rnnkit.metrics.caption_words import caption_words
from rnnkit.tasks.image_captioner.tables import CaptionRows, read_caption_rows

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}
_SHOWN = 5  # names in a message
_NEWS = 2_000  # pictures checked between two progress messages


class CaptionedPicture(NamedTuple):
    """A picture's file, its captions (one or more), and a digest of its content."""

    path: Path
    captions: tuple[str, ...]
    digest: str


@dataclass
class CaptionedPictures:
    """Pictures in parts; no picture, whatever its name, is in two of them.

    Attributes:
        parts: "train", and "validation" and "test" where the data have them, or `split` was called.
        name: Their name in messages and reports.
        columns: Role to column.
        encoding: The encoding with which the table was read.
        faults: What is wrong with each omitted picture, by file.
        dropped: Number of omitted captions by reason: "no caption", "repeated", "part".
        oddities: What was skipped while reading the table.
        reading: How the table was read, for `rnnkit.data.remembered`.
    """

    parts: dict[str, list[CaptionedPicture]]
    name: str
    columns: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    faults: dict[str, str] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)
    oddities: Oddities = field(default_factory=Oddities)
    reading: dict[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[CaptionedPicture]:
        for part in self.parts.values():
            yield from part

    def __len__(self) -> int:
        return sum(map(len, self.parts.values()))

    def split(self, shares: Mapping[str, float] = SHARES, seed: int = 0) -> "CaptionedPictures":
        """The same with missing "validation" and "test" parts sampled at random from "train".

        Pictures with the same content stay together.

        Args:
            shares: Each part's share of the pictures; they add up to 1.
            seed: Non-negative random seed.

        Raises:
            RnnkitError: There are too few pictures for all parts.
        """
        wanted = {part: share for part, share in shares.items() if part == "train" or part not in self.parts}
        wanted["train"] = 1 - sum(share for part, share in wanted.items() if part != "train")
        if len(wanted) == 1:
            return self
        pictures = self.parts.get("train", [])
        groups = list(dict.fromkeys(picture.digest for picture in pictures))
        if len(groups) < len(wanted):
            raise RnnkitError(
                f"{self.name} has {len(groups)} different pictures to train on; {len(wanted)} or more are needed, for: "
                f"{', '.join(wanted)}."
            )
        chosen = stratified_split(np.zeros(len(groups)), wanted, seed)
        part_of = {groups[index]: part for part, indices in chosen.items() for index in indices}
        made = {part: [one for one in pictures if part_of[one.digest] == part] for part in wanted}
        return replace(self, parts={"train": [], **self.parts, **made})

    def in_folds(self) -> Divisible:
        """The pictures outside a given test part; a given validation part is that of every fold."""

        def opened(some: list[CaptionedPicture], test: bool = False) -> CaptionedPictures:
            given = {} if test or "validation" not in self.parts else {"validation": self.parts["validation"]}
            return replace(self, parts={"train": some, **given})

        pictures = self.parts.get("train", [])
        return Divisible(self.name, pictures, [one.digest for one in pictures], opened, [])

    def without(self, faults: Mapping[str, str]) -> "CaptionedPictures":
        """The same without the faulty files, which `faults` lists with the reason."""
        kept = {part: [one for one in ones if str(one.path) not in faults] for part, ones in self.parts.items()}
        return replace(self, parts=kept, faults={**self.faults, **faults})

    def fault_lines(self, limit: int = _SHOWN) -> list[str]:
        """What was wrong with the omitted pictures, one line each, and the number of further ones."""
        lines = list(self.faults.values())
        more = len(lines) - limit
        return lines if more <= 0 else [*lines[:limit], f"... and {more:,} more."]


def open_captions(
    source: Any,
    columns: Mapping[str, str | None] | None = None,
    encoding: str | None = None,
    images: str | PathLike[str] | None = None,
    strict: bool = False,
    *,
    say: Callable[[str], None] = lambda line: None,
) -> CaptionedPictures:
    """Open pictures and captions in any of the usual formats.

    Args:
        source: A CSV, TSV or JSONL file with the columns image, caption and optionally split, where several captions of
            a picture are separate rows, a list in JSONL, or columns caption 1, caption 2, ...; a folder with such a
            captions.csv; COCO's annotations or Karpathy's JSON file; a data frame; a list of (image, caption),
            (image, captions) or (image, caption, split); or `CaptionedPictures`, returned unchanged.
        columns: "image", "caption" and "split" to the column, where its name is not recognised.
        encoding: The table's encoding, where it cannot be detected.
        images: The folder to which the pictures' names are relative; by default that of the table, or images in it.
        strict: Whether to refuse the data when a picture cannot be read, instead of skipping that picture.
        say: Called with a progress message now and then.

    Raises:
        RnnkitError: The source cannot be read, no picture is left, or with `strict` one is missing or broken.

    Example:

    >>> import tempfile
    >>> from PIL import Image
    >>> folder = Path(tempfile.mkdtemp())
    >>> Image.new("RGB", (9, 9), "red").save(folder / "a.png")
    >>> _ = (folder / "captions.csv").write_text("image,caption\\na.png,a red square\\nb.png,nothing\\n")
    >>> found = open_captions(folder)
    >>> [picture.captions for picture in found], len(found.faults)
    ([('a red square',)], 1)
    """
    if isinstance(source, CaptionedPictures):
        return source
    read = read_caption_rows(source, columns, encoding)
    folders = _folders(images, read.folder)
    captions, part_of, dropped = _by_picture(read, folders)
    faults: dict[str, str] = {}
    parts: dict[str, list[CaptionedPicture]] = {}
    first_part: dict[str, str] = {}
    for number, (name, texts) in enumerate(captions.items(), 1):
        path = _found(name, folders)
        try:
            digest = _digest(path)
        except RnnkitError as error:
            if strict:
                raise RnnkitError(f"{read.name}: {error} Without --strict it is left out.") from None
            faults[str(path)] = str(error)
            continue
        part = first_part.setdefault(digest, part_of[name])
        dropped["part"] += part != part_of[name]
        parts.setdefault(part, []).append(CaptionedPicture(path, tuple(texts), digest))
        if number % _NEWS == 0:
            say(f"Checked {number:,} of {len(captions):,} pictures.")
    if not parts:
        first = next(iter(faults.values()), "there are no rows with a picture and a caption.")
        raise RnnkitError(
            f"{read.name}: none of {len(captions):,} pictures can be used: {first}{_hint(faults, images)}"
        )
    ordered = {part: parts[part] for part in SHARES if part in parts}
    how = read.columns, read.encoding, faults, dropped, read.oddities, read.reading
    return CaptionedPictures(ordered, read.name, *how)


def _by_picture(read: CaptionRows, folders: list[Path]) -> tuple[dict[str, list[str]], dict[str, str], Counter[str]]:
    """The captions of each picture, its part, and the counts of omitted rows."""
    captions: dict[str, dict[str, None]] = {}
    part_of: dict[str, str] = {}
    dropped: Counter[str] = Counter()
    for row in read.rows:
        texts = [text for text in row.captions if caption_words(text)]
        dropped["no caption"] += not row.image or not texts
        if not row.image or not texts:
            continue
        part = part_of.setdefault(row.image, row.part or "train")
        dropped["part"] += part != (row.part or "train")
        known = captions.setdefault(row.image, {})
        for text in texts:
            dropped["repeated"] += text in known
            known[text] = None
    return {image: list(texts) for image, texts in captions.items()}, part_of, dropped


def _folders(images: str | PathLike[str] | None, folder: Path | None) -> list[Path]:
    if images is None:
        return [Path()] if folder is None else [folder, folder / "images", folder / "Images", Path()]
    if not os.path.isdir(images):
        raise RnnkitError(f"There is no folder {images} of pictures.")
    return [Path(images)]


def _found(name: str, folders: list[Path]) -> Path:
    """The file of that name in the first folder that has it; otherwise the first place searched."""
    candidates = [folder / name for folder in folders]
    try:
        return next((path for path in candidates if path.exists()), candidates[0])
    except (OSError, ValueError):  # a name too long, or with a NUL
        return candidates[0]


def _digest(path: Path) -> str:
    content = read_picture(path)
    decode_picture(content, 8, name=str(path))
    return picture_digest(content)


def _hint(faults: Mapping[str, str], images: Any) -> str:
    return "" if images is not None or not faults else " Name the folder of the pictures with --images."
