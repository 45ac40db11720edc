"""The pictures of the captioning pipeline: COCO where available, the offline sample of scenes, or your own."""

from collections.abc import Callable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from rnnkit.data.samples import cache_folder, first_available, is_named_file, write_cached
from rnnkit.data.scenes_sample import write_scenes
from rnnkit.data.tfds import find_set
from rnnkit.errors import RnnkitError
from rnnkit.tasks.image_captioner.source import CaptionedPictures, open_captions

CHOICES = ("auto", "tfds", "sample")
#: The offline sample's name.
SAMPLE = "drawn scenes (offline sample)"
SCENES = 5000
COCO = "coco_captions/2014"
_PARTS = {"train": "train", "validation": "val", "test": "test"}
_NEWS = 1000  # pictures written between two progress messages


def caption_data(
    choice: str = "auto",
    data_dir: str | None = None,
    most: int = 8000,
    columns: Mapping[str, str | None] | None = None,
    images: str | PathLike[str] | None = None,
    say: Callable[[str], None] = print,
) -> CaptionedPictures:
    """Pictures with captions, in parts where the data have them.

    Args:
        choice: "tfds" (COCO captions in the parts of Karpathy & Li), "sample" (5,000 drawn scenes), "auto" (COCO if
            already prepared, since it is a 25 GB download; otherwise the sample, with a message), or the name of a
            folder or table (`rnnkit.tasks.image_captioner.source.open_captions`).
        data_dir: TFDS folder; by default the environment variable TFDS_DATA_DIR.
        most: Number of training pictures from COCO, 0 for all; an eighth as many each for validation and testing.
        columns: The columns of a table, where their names are not recognised.
        images: The folder of a table's pictures.
        say: Called with progress messages.

    Raises:
        RnnkitError: The data are unavailable.
    """
    if is_named_file(choice, CHOICES, "the name of a file or folder"):
        return open_captions(choice, columns, images=images, say=say)
    if images is not None:
        raise RnnkitError(f"--images is for a table of your own, and --data is {choice!r}. Leave it out.")

    def coco(download: bool) -> CaptionedPictures:
        return _coco(find_set(COCO, "25 GB", data_dir, say=say, download=download), most, say)

    if choice == "tfds":
        return coco(True)
    loaders = {"coco_captions": lambda: coco(False), "the offline sample": _scenes}
    return _scenes() if choice == "sample" else first_available(loaders, say)[1]


def _scenes() -> CaptionedPictures:
    folder = cache_folder() / f"scenes-{SCENES}"
    if not (folder / "captions.csv").is_file():  # written last
        write_scenes(folder, SCENES)
    found = open_captions(folder)
    found.name = SAMPLE
    return found


def _coco(prepared: Path, most: int, say: Callable[[str], None]) -> CaptionedPictures:
    """Write the pictures of a prepared set as files into the cache, and return them with their captions."""
    rows = []
    for part, split in _PARTS.items():
        count = most if part == "train" else -(-most // 8)
        for number, (name, content, captions) in enumerate(_examples(prepared, split, count), 1):
            path = cache_folder() / "coco_captions" / name
            if not path.is_file():
                write_cached(path, content)
            rows.append((str(path), captions, part))
            if number % _NEWS == 0:
                say(f"Read {number:,} pictures of {part}.")
    found = open_captions(rows, say=say)
    found.name = f"coco_captions, {len(rows):,} pictures"
    return found


def _examples(prepared: Path, split: str, count: int) -> Iterator[tuple[str, bytes, list[str]]]:
    """Yield file names, JPEGs and captions; `count` of them, or all where it is 0."""
    import tensorflow_datasets as tfds

    decoders: Any = {"image": tfds.decode.SkipDecoding()}
    builder = tfds.builder_from_directory(str(prepared))
    examples = builder.as_dataset(split=split, shuffle_files=False, decoders=decoders)
    for example in (examples.take(count) if count else examples).as_numpy_iterator():
        captions = [text.decode("utf-8").strip() for text in example["captions"]["text"]]
        yield Path(example["image/filename"].decode("utf-8")).name, example["image"], captions
