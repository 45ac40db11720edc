"""The finding of `rnnkit check` on a column whose cells look like several labels each."""

from collections.abc import Iterator
from shlex import quote

from rnnkit.data.findings import Finding
from rnnkit.data.survey import Survey
from rnnkit.tasks.shared.separators import looks_like_sets


def several_labels(seen: Survey) -> Iterator[Finding]:
    """A warning where cells of the label column are sets of labels, since here each set would be a label of its own.

    Args:
        seen: What `survey` returned.

    Example:

    >>> from rnnkit.data.survey import survey
    >>> from rnnkit.data.tables import Rows
    >>> rows = [(f"text {n}", ("toxic", "insult", "toxic;insult")[n % 3]) for n in range(9)]
    >>> next(several_labels(survey(Rows(rows)))).message[:50]
    "The labels look like several in a cell ('toxic;ins"
    """
    if example := looks_like_sets(seen.labels):
        columns = f" --text {quote(seen.columns['text'])} --labels {quote(seen.columns['label'])}"
        yield Finding(
            "warn",
            f"The labels look like several in a cell ({example!r:.60}), and each such set would be learnt as a label "
            f"of its own. What learns the single ones: rnnkit check multilabel_classifier FILE{columns}",
        )
