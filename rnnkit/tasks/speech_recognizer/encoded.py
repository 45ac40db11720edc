"""Encoded recordings with their transcripts."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.tasks.shared.sound_batches import EncodedSounds


@dataclass
class EncodedSpeech(EncodedSounds):
    """Recordings and their transcripts: `targets` are classes of units.

    Attributes:
        texts: The transcripts as they are compared.
        rows: The recordings, as `predict` takes them.
    """

    texts: list[str] = field(default_factory=list)
    rows: list[Any] = field(default_factory=list)

    @property
    def files(self) -> list[Any]:
        """The recordings that are files."""
        return [row for row in self.rows if isinstance(row, Path)]

    def take(self, indices: np.ndarray) -> "EncodedSpeech":
        sounds = super().take(indices)
        texts, rows = ([each[int(index)] for index in indices] for each in (self.texts, self.rows))
        return EncodedSpeech(**vars(sounds), texts=texts, rows=rows)
