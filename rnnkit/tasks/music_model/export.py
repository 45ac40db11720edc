"""`MusicModel` as files: those of a language model, and the order of the fields above a tune."""

from typing import Any

from rnnkit.tasks.language_model.export import LanguageModelExporter


class MusicModelExporter(LanguageModelExporter):
    """Exports a `MusicModel`."""

    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "fields": self.task.order}
