"""`MusicModel` as files: those of a language model, and the order of a tune's header fields."""

from typing import Any

from rnnkit.tasks.language_model.export import LanguageModelExporter


class MusicModelExporter(LanguageModelExporter):
    """Exports a `MusicModel`."""

    runner = "music_model"

    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "fields": self.task.order}
