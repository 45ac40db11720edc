"""Give raw texts all of their labels with an exported multi-label classifier."""

from collections.abc import Iterable

from rnnkit.lite.answers.label_sets import LabelSet, label_set_of
from rnnkit.lite.answers.labels import marked
from rnnkit.lite.texts import TextRunner


class MultilabelClassifier(TextRunner):
    """Runs a bundle of the task "multilabel_classifier"; `rnnkit.lite.load` makes it.

    A lock lets threads share one classifier, one text at a time; for texts side by side give each thread its own.

    Args:
        bundle: what `read_bundle` gave.
        num_threads: threads the runtime may use.

    Raises:
        RnnkitError: a file of the bundle is missing or altered, or the files do not fit each other.
    """

    def predict(self, texts: str | Iterable[str]) -> list[LabelSet]:
        """Label texts: one `LabelSet` for each; a single string counts as a list of one.

        Args:
            texts: raw text, as a person wrote it.

        Raises:
            RnnkitError: something in `texts` is no string.
        """
        ids = self.encoded(texts)
        return marked([label_set_of(row, self.labels) for row in self.run(ids)], ids)
