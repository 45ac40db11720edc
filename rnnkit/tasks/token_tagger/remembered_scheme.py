"""The tag scheme of a Run's training data as the default for more of them."""

from collections.abc import Mapping

from rnnkit.codec.tag_schemes import faults, guess_scheme
from rnnkit.data.remembered import Remembered
from rnnkit.errors import RnnkitError
from rnnkit.tasks.token_tagger.conll import FoundText


def usual_scheme(found: Mapping[str, FoundText], columns: Mapping[str, str | None] | None) -> str:
    """The scheme of a Run's training data where all tags fit it, otherwise "auto", which is said."""
    usual = columns.scheme if isinstance(columns, Remembered) else None
    open_parts = [text for text in found.values() if text.scheme is None]
    if usual is None or not isinstance(columns, Remembered) or not open_parts:
        return "auto"
    try:
        if not any(faults(sentence.tags, usual) for text in open_parts for sentence in text.sentences):
            return usual
    except RnnkitError:  # a tag that the scheme does not have
        pass
    guess = guess_scheme(sentence.tags for text in open_parts for sentence in text.sentences)
    if guess != usual:
        columns.tell(
            f"{found['train'].name} is read as {guess}, not as {usual} like the Run's training data (--scheme {usual} "
            "reads it so)."
        )
    return guess
