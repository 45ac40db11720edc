"""Which words a recogniser of speech takes for which."""

from os import PathLike
from pathlib import Path
from typing import Any

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import BLUE, BODY, HEIGHT, INK, MUTED, ORANGE, new_figure, round_ticks, save, style
from rnnkit.plots.fonts import drawable

_MOST = 20  # bars


def confused_words(errors: Any, words: int, path: str | PathLike[str]) -> Path:
    """Bars of the most frequent errors: words taken for others, not heard, or heard though nobody said them.

    Args:
        errors: `rnnkit.metrics.transcripts.WordErrors`.
        words: How many words were said.
        path: The PNG to write.

    Raises:
        RnnkitError: No word was said.

    Example:

    >>> from rnnkit.metrics.transcripts import WordErrors
    >>> found = WordErrors([("cat", "cap", 2)], [("sat", 1)], [])
    >>> confused_words(found, 9, "confused_words.png").name  # doctest: +SKIP
    'confused_words.png'
    """
    if words < 1:
        raise RnnkitError("No word was said, so none can be confused.")
    rows = [
        *((count, f"{drawable(said, 18)} → {drawable(heard, 18)}", BLUE) for said, heard, count in errors.substituted),
        *((count, f"{drawable(said, 18)} not heard", ORANGE) for said, count in errors.deleted),
        *((count, f"{drawable(heard, 18)} not said", MUTED) for heard, count in errors.inserted),
    ]
    total = sum(count for count, *_ in rows)
    rows = sorted(rows, key=lambda row: -row[0])[:_MOST]
    figure = new_figure(max(HEIGHT * (0.35 + 0.05 * len(rows)), 2.4))
    axes = figure.subplots()
    shown = f"the {len(rows)} most frequent kinds; " if len(rows) == _MOST else ""
    style(axes, "confused words", f"{shown}{total:,} errors in {words:,} words ({total / words:.1%})")
    places = range(len(rows), 0, -1)
    axes.barh(list(places), [count for count, *_ in rows], color=[colour for *_, colour in rows], height=0.7)
    axes.set_yticks(list(places), [text for _, text, _ in rows], fontsize=BODY, color=INK)
    axes.set_xlabel("times")
    round_ticks(axes.xaxis, whole=True)
    if not rows:
        axes.text(0.5, 0.5, "none", transform=axes.transAxes, ha="center", fontsize=BODY, color=INK)
        axes.set_xticks([])
    return save(figure, path)
