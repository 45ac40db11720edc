"""The labels of a task that gives each example, or each part of it, one of several."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from rnnkit.data.labels import MOST_LABELS, breaks_line, normalise_label, too_many
from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.files.reading import WORDS_BYTES, read_text
from rnnkit.tasks.base.preprocessing import Preprocessing


class Labelled(Preprocessing):
    """Labels in the order of the network's outputs, kept in `labels.txt`."""

    #: The noun for an example, in messages.
    noun: ClassVar[str] = "rows"

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self.labels: list[str] = []

    def choose_labels(self, names: Sequence[str], parent: Preprocessing | None) -> None:
        """Set the labels of the head; the old ones are kept where the data has no others.

        Raises:
            RnnkitError: A label contains a line break, which `labels.txt` cannot hold, or there are too many.
        """
        if fault := too_many(len(names), MOST_LABELS, "label"):
            raise RnnkitError(fault)
        for name in filter(breaks_line, names):
            raise RnnkitError(f"The label {name!r:.60} contains a line break; use one-line labels.")
        known = isinstance(parent, Labelled) and set(names) <= set(parent.labels)
        self.labels = list(parent.labels) if known and isinstance(parent, Labelled) else list(names)

    def label_number(self, label: str | None, name: str) -> int:
        """The index of a label among the labels.

        Raises:
            RnnkitError: The model does not know it.
        """
        if label is not None and label not in self.labels:  # which a Run of earlier may have in another spelling
            label = {normalise_label(each): each for each in self.labels}.get(normalise_label(label), label)
        if label not in self.labels:
            raise RnnkitError(
                f"{name} has the label {label!r:.40}, which this model does not know."
                f"{did_you_mean(str(label), self.labels)} It knows: {', '.join(self.labels[:20])}. "
                f"Fine-tune it on such {self.noun} first (rnnkit finetune)."
            )
        return self.labels.index(label)

    def save(self, folder: Path) -> None:
        (folder / "labels.txt").write_text("".join(f"{label}\n" for label in self.labels), encoding="utf-8")

    def load(self, folder: Path) -> None:
        text = read_text(folder / "labels.txt", WORDS_BYTES, advice="The Run is broken.")
        self.labels = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
        if len(self.labels) < 2 or len(set(self.labels)) != len(self.labels):
            raise RnnkitError(f"{folder / 'labels.txt'} needs two or more different labels, a line each.")
