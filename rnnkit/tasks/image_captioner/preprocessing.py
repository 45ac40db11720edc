"""Pictures with captions as numbers: the part of `ImageCaptioner` for pictures, words and parts."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.pictures import as_picture
from rnnkit.codec.pieces import END, Pieces
from rnnkit.codec.vocabulary import UNKNOWN
from rnnkit.data.bucketing import Ragged
from rnnkit.data.learn_pieces import NEW_SHARE, learn_pieces, more_pieces
from rnnkit.data.scenes_sample import scenes
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.captions import BRACKET
from rnnkit.metrics.caption_words import caption_words
from rnnkit.tasks.base.examples import Encoded, Splits
from rnnkit.tasks.base.finetuning import length_for
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.tasks.image_captioner.options import usual_length
from rnnkit.tasks.image_captioner.source import CaptionedPicture
from rnnkit.tasks.shared.choose_unit import AUTO, chosen_unit
from rnnkit.tasks.shared.words_and_labels import TEST_SHARE
from rnnkit.vision.kinds import ENCODERS

#: Maps picture indices to the network's input, mirrored or not.
Seen = Callable[[Sequence[int], bool], np.ndarray]


@dataclass
class EncodedCaptions(Encoded):
    """Pairs of a picture and one of its captions: `inputs` are picture indices, `targets` ids with END.

    Attributes:
        files: The file of each picture, or the picture itself, uint8 `[height, width, 3]`.
        references: The original captions of each picture.
        seen: Returns the network's input for pictures.
    """

    targets: Any  # Ragged
    files: tuple[Any, ...]
    references: tuple[tuple[str, ...], ...]
    seen: Seen

    @property
    def pictures(self) -> np.ndarray:
        """The indices of the pictures, each once."""
        return np.unique(self.inputs.flat)

    def take(self, indices: np.ndarray) -> "EncodedCaptions":
        return EncodedCaptions(
            self.inputs.take(indices), self.targets.take(indices), self.files, self.references, self.seen
        )

    def some(self, count: int) -> "EncodedCaptions":
        """The first pair of each of at most this many pictures."""
        flat = self.inputs.flat
        first = np.unique(flat, return_index=True)[1]
        return self.take(first[np.linspace(0, len(first) - 1, min(count, len(first))).astype(np.int64)])


class CaptionedImages(Preprocessing):
    """Captions of pictures: parts without common pictures, words from the training part, features cached on disk."""

    pieces_file = "captions.pieces"
    pieces: Pieces

    # ------------------------------------------------------------------ what a subclass gives

    @property
    def encoder_learns(self) -> bool:
        """Whether the encoder is trained with the decoder."""
        raise NotImplementedError

    def look(self, files: Sequence[CaptionedPicture], mirror: bool) -> Seen:
        """A function to the network's view of these pictures; with `mirror` also of the mirrored ones."""
        raise NotImplementedError

    # ------------------------------------------------------------------ parts

    def learn(self, source: Any, test: Any = None, parent: Preprocessing | None = None) -> Splits:
        from rnnkit.training.progress import console

        for line in source.fault_lines():
            console.print(f"left out: {line}", style="yellow", soft_wrap=True)
        share = self.options.validation_share
        held_out = 0 if test is not None else TEST_SHARE
        wanted = {"train": 1 - share - held_out, "validation": share, **({"test": held_out} if held_out else {})}
        parts = dict(source.split(wanted, self.options.seed).parts)
        if test is not None:
            parts["test"] = list(test)
            known = {picture.digest for picture in parts["test"]}
            for name in parts.keys() - {"test"}:
                parts[name] = [one for one in parts[name] if one.digest not in known]
        if empty := [name for name in ("train", "validation", "test") if not parts.get(name)]:
            raise RnnkitError(f"{source.name} leaves no picture for {' and '.join(empty)}; add pictures.")
        if isinstance(parent, CaptionedImages) and parent.encoder_learns and not self.encoder_learns:
            raise RnnkitError(
                "The Run's encoder was trained, and encoder_layers is 0, which would discard it. Leave "
                "--encoder-layers out, or give it 1 or more."
            )
        report: dict[str, Any] = {"name": source.name}
        captions = [plain_caption(caption) for picture in parts["train"] for caption in picture.captions]
        if isinstance(parent, CaptionedImages):
            more = int(self.options.vocabulary_size * NEW_SHARE)
            self.pieces = more_pieces(parent.pieces, captions, more, self.options.min_count)
        else:
            if self.options.unit == AUTO:
                self.options.unit, said = chosen_unit(captions)
                report |= said
            self.options.max_length = self.options.max_length or usual_length(self.options.unit)
            self.pieces = learn_pieces(
                captions, self.options.unit, self.options.vocabulary_size, self.options.min_count
            )
        if self.chooses_length and parent is not None:
            lengths = np.array([1 + len(self.pieces.encode(caption)) for caption in captions])
            self.options.max_length = length_for(lengths, self.options)
        made = {name: self._encoded(part, name == "train") for name, part in parts.items()}
        report |= {f"{name}_pictures": len(part.pictures) for name, part in made.items()}
        report |= {name: len(part) for name, part in made.items()}
        report |= {"words": len(self.pieces), "left_out": len(source.faults)}
        report["unknown_rate"] = round(float(np.mean(made["validation"].targets.flat == UNKNOWN)), 4)
        if isinstance(parent, CaptionedImages):
            ids = [parent.pieces.encode(caption) for caption in captions]
            report["unknown_rate_before"] = round(float(np.mean(np.concatenate(ids) == UNKNOWN)), 4)
        return Splits(made["train"], made["validation"], made["test"], _digest(parts), report)

    def _encoded(self, pictures: Sequence[CaptionedPicture], training: bool = False) -> EncodedCaptions:
        pairs = [(number, caption) for number, one in enumerate(pictures) for caption in one.captions]
        targets = Ragged.from_iterable(self._ids(caption) for _, caption in pairs)
        return EncodedCaptions(
            Ragged.from_iterable([number] for number, _ in pairs),
            targets,
            tuple(one.path for one in pictures),
            tuple(one.captions for one in pictures),
            self.look(pictures, training and self.options.mirror),
        )

    def _ids(self, caption: str) -> np.ndarray:
        return np.append(self.pieces.encode(plain_caption(caption))[: self.options.max_length - 1], np.int32(END))

    def encode(self, inputs: list[Any]) -> EncodedCaptions:
        """Encode picture files, given by name, or pictures."""
        pictures = np.stack([as_picture(given, self.picture_size) for given in inputs])
        rows = Ragged.from_iterable([number] for number in range(len(inputs)))
        nothing = Ragged(np.zeros(0, np.int32), np.zeros(len(inputs) + 1, np.int64))
        return EncodedCaptions(rows, nothing, tuple(inputs), ((),) * len(inputs), self.look_at(pictures))

    def made_up(self, rows: int = 20) -> EncodedCaptions:
        """Drawn scenes, in place of real pictures."""
        return self.encode([scene.picture for part in scenes(rows).values() for scene in part])

    def rows_apart(self, source: Any, most: int) -> EncodedCaptions:
        """Pictures outside the test part, where there are any."""
        parts = {name: source.parts.get(name, []) for name in ("validation", "train", "test")}
        return self._encoded(next(part for part in parts.values() if part)[:most])

    def encode_rows(self, source: Any) -> EncodedCaptions:
        return self._encoded(source.parts.get("test") or list(source))

    @property
    def picture_size(self) -> int:
        """Height and width of the encoder's input in pixels."""
        return self.options.image_size or ENCODERS[self.options.encoder].size

    def look_at(self, pictures: np.ndarray) -> Seen:
        """The same for opened pictures, uint8 `[pictures, size, size, 3]`."""
        raise NotImplementedError

    def save(self, folder: Path) -> None:
        self.pieces.save(folder / self.pieces_file)

    def load(self, folder: Path) -> None:
        self.pieces = Pieces.load(folder / self.pieces_file)


def plain_caption(caption: str) -> str:
    """A caption in the form to learn: lower case, words separated, without punctuation and brackets."""
    return " ".join(word for word in caption_words(caption) if not BRACKET.fullmatch(word))


def _digest(parts: dict[str, list[CaptionedPicture]]) -> str:
    """A digest for recognising the same data."""
    digest = hashlib.sha256()
    for name, part in parts.items():
        for picture in part:
            digest.update("\0".join((name, picture.digest, *picture.captions)).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()
