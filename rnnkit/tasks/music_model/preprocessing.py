"""Tunes as ids: each tune is a text in plain form, and the headers of training tunes are counted."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rnnkit.codec.abc import Tune
from rnnkit.codec.abc_text import header_counts, plain_text
from rnnkit.lite.answers.tunes import Headers, load_headers, save_headers
from rnnkit.tasks.base.examples import Splits
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.tasks.language_model.preprocessing import PlainText
from rnnkit.tasks.music_model.sample import MusicData, in_parts
from rnnkit.tasks.music_model.transpose import in_other_keys


class TunesAsText(PlainText):
    """Tunes in plain form, training tunes also in other keys, and the headers of training tunes."""

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self.headers: Headers = []
        #: Letters of the header fields of each tune.
        self.order = options.fields

    def learn(self, source: Any, test: Any = None, parent: Preprocessing | None = None) -> Splits:
        parts = super().learn(source, test, parent)
        self.headers = list(parent.headers) if isinstance(parent, TunesAsText) else self.headers
        parts.report["left_out"] = dict(source.skipped.counts)
        return parts

    def _parts(self, source: Any, test: Any) -> dict[str, list[str]]:
        data = source if isinstance(source, MusicData) else in_parts(source)
        train, scored = list(data.train), list(data.test)
        if test is not None:
            train, scored = train + scored, all_tunes(test)
        self.headers = header_counts(train, self.order)
        tunes = {"train": self.in_keys(train), "validation": data.validation, "test": scored}
        return {name: self._written(each) for name, each in tunes.items()}

    def in_keys(self, tunes: list[Tune]) -> list[Tune]:
        """The training tunes, in their own and in other keys."""
        return [*tunes, *in_other_keys(tunes, self.options.transpose, self.options.seed)]

    def _texts(self, source: Any) -> list[str]:
        return self._written(all_tunes(source))

    def _written(self, tunes: Iterable[Tune]) -> list[str]:
        return [plain_text(tune, self.order, self.options.marks) for tune in tunes]

    def save(self, folder: Path) -> None:
        super().save(folder)
        save_headers(self.headers, folder)

    def load(self, folder: Path) -> None:
        super().load(folder)
        self.headers = load_headers(folder)


def all_tunes(source: Any) -> list[Tune]:
    """All tunes of a source, from every part."""
    if isinstance(source, MusicData):
        return [*source.train, *source.validation, *source.test]
    return list(source.tunes)
