"""Plain text as ids: the part of `LanguageModel` for texts, units and parts, independent of the network."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.text_units import TextUnits
from rnnkit.codec.vocabulary import SPECIALS, START, UNKNOWN
from rnnkit.codec.word_units import EARLIER, load_units
from rnnkit.data.bucketing import Ragged
from rnnkit.data.splits import stratified_split
from rnnkit.data.survey import text_digest
from rnnkit.data.tables import Rows
from rnnkit.data.unpacked import MOST_HELD, open_bytes
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.examples import Encoded, Splits
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.tasks.language_model.learn_units import learn_units
from rnnkit.tasks.language_model.sample import LongText, read_text, split_text
from rnnkit.tasks.shared.words_and_labels import TEST_SHARE


@dataclass
class EncodedTexts(Encoded):
    """Texts as ids, `<START>` first.

    Attributes:
        characters: The length of each text as the units preserve it, for metrics that do not depend on the units.
    """

    characters: np.ndarray

    def take(self, indices: np.ndarray) -> "EncodedTexts":
        return EncodedTexts(self.inputs.take(indices), self.targets[indices], self.characters[indices])


class TextFile(Rows):
    """A file of plain text: one text per line, or one long text."""

    def __init__(self, path: Path, encoding: str, roles: tuple[str, ...]) -> None:
        self.path, self.found = path, encoding
        super().__init__(self._lines, roles, path.name)
        self.reading = {"encoding": encoding}

    def whole(self) -> str:
        """The whole text, with unchanged line ends."""
        return read_text(self.path, self.found)

    def _lines(self) -> Iterator[str]:
        with open_bytes(self.path, MOST_HELD) as file, io.TextIOWrapper(file, self.found) as text:
            yield from (line for line in text if line.strip())


class PlainText(Preprocessing):
    """Texts without labels: parts in which no text stands twice, units from the training part, ids."""

    #: The table of tokens, learnt from the training part.
    alphabet: TextUnits
    #: Whether there is more than one text to train on, once that is known.
    many: bool | None = None

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self.alphabet = learn_units([], "byte")

    @property
    def delimiters(self) -> str:
        """What splits words, where the units are words."""
        return getattr(self.alphabet, "delimiters", EARLIER)

    @property
    def vocabulary(self) -> Any:
        """The words, where the units are words."""
        return getattr(self.alphabet, "vocabulary", None)

    @property
    def reads_whole(self) -> bool:
        """Whether a .txt file is one long text, rather than one text per line."""
        return self.options.unit not in ("word", "token")

    def learn(self, source: Any, test: Any = None, parent: Preprocessing | None = None) -> Splits:
        texts = self._parts(source, test)
        self.many = len(texts["train"]) > 1
        options = self.options
        if isinstance(parent, PlainText):
            self.alphabet = parent.alphabet
        else:
            self.alphabet = learn_units(texts["train"], options.unit, options.vocabulary_size, options.min_count)
        made = {name: self._encoded(part) for name, part in texts.items()}
        for name, part in made.items():
            if len(part.inputs.flat) <= options.batch_size:
                raise RnnkitError(
                    f"{source.name}: the {name} part has {len(part.inputs.flat)} {self.alphabet.kind}s, fewer than a "
                    f"batch's {options.batch_size} rows. Add texts, or lower --batch-size."
                )
        digest = hashlib.sha256()
        for name, given in texts.items():
            digest.update(b"".join([name.encode(), *map(text_digest, given)]))
        ids = made["train"].inputs.flat
        report: dict[str, Any] = {"name": source.name}
        report |= {name: len(part) for name, part in made.items()}
        report |= {"characters": int(made["train"].characters.sum()), f"{self.alphabet.kind}s": len(ids)}
        report |= {"vocabulary": len(self.alphabet), "unknown_rate": round(float(np.mean(ids == UNKNOWN)), 4)}
        if isinstance(parent, PlainText):
            report["unknown_rate_before"] = report["unknown_rate"]  # the units stay
        report["padding_waste"] = 0.0
        return Splits(made["train"], made["validation"], made["test"], digest.hexdigest(), report)

    def _parts(self, source: Any, test: Any) -> dict[str, list[str]]:
        """The texts of each part: given ones, the end sections of a long text, or random samples of many."""
        share = self.options.validation_share
        if isinstance(source, TextFile) and self.reads_whole:
            source = split_text(source.whole(), source.name, share)
        if isinstance(source, LongText):
            scored = [source.test] if test is None else self._texts(test)
            return {"train": [source.train], "validation": [source.validation], "test": scored}
        scored = [] if test is None else self._texts(test)
        rows = list(_different(_rows(source), {text_digest(text) for text in scored}))
        if len(rows) < 3:
            raise RnnkitError(
                f"{source.name} has too few different texts: {len(rows)}; expected 3 or more to train and test on."
            )
        held_out = 0 if test is not None else TEST_SHARE
        wanted = {"train": 1 - share - held_out, "validation": share, **({"test": held_out} if held_out else {})}
        chosen = stratified_split(np.zeros(len(rows), np.int32), wanted, self.options.seed)
        parts = {name: [rows[place] for place in places] for name, places in chosen.items()}
        return {"test": scored, **parts}

    def _texts(self, source: Any) -> list[str]:
        """All texts of a source, in the unit's form."""
        if isinstance(source, LongText):
            return [source.whole]
        if isinstance(source, TextFile) and self.reads_whole:
            return [source.whole()]
        return list(_rows(source))

    def _encoded(self, texts: Iterable[str]) -> EncodedTexts:
        texts = list(texts)
        rows = Ragged.from_iterable(np.append(np.int32(START), self.alphabet.encode(text)) for text in texts)
        # What an alphabet cannot preserve, such as leading blanks, is not counted either.
        kept = texts if self.alphabet.lossless or self.vocabulary else [self.alphabet.decode(row) for row in rows]
        return EncodedTexts(rows, np.zeros(len(rows), np.int32), np.array([len(text) for text in kept], np.int64))

    def encode(self, inputs: list[Any]) -> EncodedTexts:
        return self._encoded(inputs)

    def encode_rows(self, source: Any) -> EncodedTexts:
        return self._encoded(self._texts(source))

    def made_up(self, rows: int = 100) -> EncodedTexts:
        """Random units, frequent ones more often, one window per row, in place of real texts."""
        random = np.random.default_rng(self.options.seed)
        ids = np.arange(len(SPECIALS), max(len(self.alphabet), len(SPECIALS) + 1))
        shares = 1 / (1 + np.arange(len(ids)))
        drawn = random.choice(ids, size=(rows, self.options.window), p=shares / shares.sum())
        texts = Ragged.from_iterable([START, *row] for row in drawn)
        return EncodedTexts(texts, np.zeros(rows, np.int32), np.full(rows, self.options.window, np.int64))

    def save(self, folder: Path) -> None:
        self.alphabet.save(folder)

    def load(self, folder: Path) -> None:
        self.alphabet = load_units(folder, self.options.unit)


def _rows(source: Any) -> Iterator[str]:
    return (row[0] if isinstance(row, tuple) else row for row in source)


def _different(texts: Iterator[str], taken: set[bytes]) -> Iterator[str]:
    """Each text once, without those already taken."""
    for text in texts:
        digest = text_digest(text)
        if digest not in taken:
            taken.add(digest)
            yield text
