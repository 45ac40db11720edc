"""Label raw texts with an exported text classifier."""

from collections.abc import Iterable

from rnnkit.lite.answers.labels import Prediction, marked, prediction_of
from rnnkit.lite.texts import TextRunner


class TextClassifier(TextRunner):
    """Runs a bundle of the task "text_classifier"; `rnnkit.lite.load` makes it.

    A lock lets threads share one classifier, one text at a time; for texts side by side give each thread its own.

    Args:
        bundle: what `read_bundle` gave.
        num_threads: threads the runtime may use.

    Raises:
        RnnkitError: a file of the bundle is missing or altered, or the files do not fit each other.
    """

    def predict(self, texts: str | Iterable[str]) -> list[Prediction]:
        """Label texts: one `Prediction` for each; a single string counts as a list of one.

        Args:
            texts: raw text, as a person wrote it.

        Raises:
            RnnkitError: something in `texts` is no string.
        """
        ids = self.encoded(texts)
        return marked([prediction_of(row, self.labels) for row in self.run(ids)], ids)
