"""The options of `MultilabelClassifier`."""

from dataclasses import dataclass
from typing import ClassVar

from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.options import option
from rnnkit.tasks.multilabel_classifier.source import AUTO, NONE
from rnnkit.tasks.shared.text_options import TextOptions

_LONGEST = 5  # characters of a separator


@dataclass(kw_only=True)
class MultilabelClassifierOptions(TextOptions):
    """Options of `MultilabelClassifier`."""

    panel: ClassVar[str] = "Text"

    separator: str = option(AUTO, "what separates the labels in one cell, such as ';'; none: nothing; auto: found")

    def check(self) -> None:
        super().check()
        given = self.separator
        if given in (AUTO, NONE):
            return
        if not 0 < len(given) <= _LONGEST or any(sign.isalnum() or sign in '"\0\r\n' for sign in given):
            raise RnnkitError(
                f"separator is {given!r:.40}; expected up to {_LONGEST} signs that are no letters or digits, such as "
                f"';', or {NONE} where each cell is one label, or {AUTO}."
            )
