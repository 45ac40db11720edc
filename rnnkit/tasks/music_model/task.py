"""Music: a language model over tunes in ABC notation, which generates tunes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from rnnkit.codec.abc import Tune, parse_tune
from rnnkit.codec.abc_text import ORDER, check_order, plain_text, tunes_from_text
from rnnkit.data.columns import tell_other_columns
from rnnkit.data.folds import Divisible
from rnnkit.data.remembered import Remembered
from rnnkit.errors import RnnkitError
from rnnkit.export.contract import Exporter
from rnnkit.files.writing import write_text
from rnnkit.lite.answers.tunes import TuneWriter
from rnnkit.tasks.base.learnt import learnt
from rnnkit.tasks.base.options import option
from rnnkit.tasks.language_model.options import LanguageModelOptions
from rnnkit.tasks.language_model.task import LanguageModel
from rnnkit.tasks.music_model.findings import tune_findings
from rnnkit.tasks.music_model.notation import ABC_SUFFIX, SUFFIXES, write_score
from rnnkit.tasks.music_model.preprocessing import TunesAsText, all_tunes
from rnnkit.tasks.music_model.sample import MusicData
from rnnkit.tasks.music_model.source import Tunes, read_tunes


@dataclass(kw_only=True)
class MusicModelOptions(LanguageModelOptions):
    """Options of `MusicModel`."""

    panel: ClassVar[str] = "Music"

    unit: str = option("character", "unit to predict", choices=("character", "byte", "bpe", "unigram"))
    units: int = option(512, "width of the recurrent state", low=1, high=4096)
    window: int = option(128, "steps of backpropagation; states are carried on", low=1, high=10_000)
    batch_size: int = option(32, "tunes read in parallel", low=1, high=65_536)
    dropout: float = option(0.3, "dropout rate of the outputs", low=0, high=0.95)
    weight_drop: float = option(
        0.2, "dropout rate of the recurrent weights, for cells that have them", low=0, high=0.95
    )
    fields: str = option(ORDER, "letters of each tune's header fields, K last: T, R, M, L, Q, K")
    transpose: int = option(3, "transpositions of each training tune to other keys", low=0, high=11)
    marks: bool = option(False, "also learn decorations, slurs and quoted annotations")

    def check(self) -> None:
        super().check()
        check_order(self.fields)


class MusicModel(TuneWriter, LanguageModel):
    """Learns tunes in the plain form of `rnnkit.codec.abc_text`, one text per tune, and generates new ones.

    Example:

    >>> task = MusicModel(units=8, embedding_size=8, batch_size=2, epochs=1)
    >>> tunes = [f"X:1\\nM:2/4\\nL:1/8\\nK:{key}\\n{key}2{note}2|{note}4|" for key in "CDFG" for note in "abcde"]
    >>> task.fit(tunes).generate(metre="2/4", key="G", length=5, seed=1)[0].splitlines()[:3]
    ['M:2/4', 'L:1/8', 'K:G']

    Reference:
        Sturm et al., Music Transcription Modelling and Composition Using Deep Learning, CSMC 2016 (arXiv:1604.08723).
    """

    key = "music_model"
    roles = ("abc",)
    example_noun = "tunes"
    preprocessing_class = TunesAsText
    options_class = MusicModelOptions
    min_steps = 4200

    headers, order = learnt("headers"), learnt("order")

    text_suffixes = SUFFIXES

    @classmethod
    def write_texts(cls, texts: Sequence[str], path: Path) -> Iterator[str]:
        """Write tunes as text, sound or picture, according to the suffix; texts that are not tunes are reported."""
        read = [tunes_from_text(text) for text in texts]
        made = [tune for tunes, _ in read for tune in tunes]
        for _, skipped in read:
            yield from skipped.lines()
        if not made:
            raise RnnkitError("The generated text is not a tune: it has no key or no music. Try another --seed.")
        if path.suffix.lower() == ABC_SUFFIX:
            numbered = (tune.abc.replace("X:1\n", f"X:{number}\n", 1) for number, tune in enumerate(made, 1))
            write_text(path, "\n".join(numbered))
            yield f"saved {path}: {len(made)} tune{'s' * (len(made) != 1)}"
            return
        for number, tune in enumerate(made, 1):
            place = path if len(made) == 1 else path.with_stem(f"{path.stem}_{number}")
            write_score(tune, place)
            yield f"saved {place}"

    @classmethod
    def open_source(
        cls, source: Any, columns: dict[str, str | None] | None = None, encoding: str | None = None, **how: Any
    ) -> Any:
        """Open an .abc file, a folder of these, a table with a column of tunes, a list of tunes or of texts in ABC
        notation, or tunes in parts (`rnnkit.tasks.music_model.sample.MusicData`)."""
        if isinstance(source, MusicData | Tunes):
            return source
        if isinstance(source, list | tuple):
            return Tunes("the list", [each if isinstance(each, Tune) else parse_tune(each) for each in source])
        usual = columns.remembered.get("abc") if isinstance(columns, Remembered) else None
        found = read_tunes(source, (columns or {}).get("abc"), encoding, usual)
        tell_other_columns(columns, found.reading.get("columns", {}), found.header, found.name)
        if isinstance(columns, Remembered):
            for line in found.skipped.lines():
                columns.tell(line)
        return found

    @classmethod
    def check(cls, source: Any, columns: dict[str, str | None] | None = None) -> list[Any]:
        """Findings of `rnnkit check` on tunes: good, warn or fail."""
        opened = cls.open_source(source, columns)
        return tune_findings(all_tunes(opened), opened.skipped, cls.example_noun)

    def in_folds(self, source: Any) -> Divisible:
        tunes = all_tunes(source)

        def opened(some: list[Tune], test: bool = False) -> Tunes:
            return Tunes(source.name, some)

        return Divisible(source.name, tunes, [plain_text(tune) for tune in tunes], opened, [])

    def fixed_options(self) -> tuple[str, ...]:
        return (*super().fixed_options(), "fields", "marks")

    def exporter(self) -> Exporter:
        from rnnkit.tasks.music_model.export import MusicModelExporter

        return MusicModelExporter(self)


TASK = MusicModel
