"""The preprocessing of a task: from raw data to numbers, without a network."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rnnkit.errors import RnnkitError
from rnnkit.run import folder as runs
from rnnkit.tasks.base.examples import Encoded, Splits

if TYPE_CHECKING:
    import keras

#: The file of what was learnt, where a preprocessing keeps it as JSON.
LEARNT = "learnt.json"


class Preprocessing(ABC):
    """Learns vocabularies, labels or ranges from the training part, and encodes examples with them.

    It knows no network, so it is tested alone. What it has learnt it keeps in a folder of plain text.

    Args:
        options: The task's.
    """

    #: Attributes that hold what was learnt: numbers, texts, lists and dictionaries of them, set in `__init__`.
    learnt_names: ClassVar[tuple[str, ...]] = ()

    def __init__(self, options: Any) -> None:
        self.options = options

    @abstractmethod
    def learn(self, source: Any, test: Any = None, parent: "Preprocessing | None" = None) -> Splits:
        """Splits raw rows, learns from the training part and encodes all parts.

        Args:
            source: Training rows, as `Task.open_source` opened them.
            test: Test rows; without them a part of `source` is held out.
            parent: That of the trained task which is fine-tuned: what it has learnt is kept and extended.

        Raises:
            RnnkitError: The data cannot be used; says why and how to mend it.
        """

    @abstractmethod
    def encode(self, inputs: list[Any]) -> Encoded:
        """Raw inputs, as `predict` is given them, with empty targets."""

    @abstractmethod
    def encode_rows(self, source: Any) -> Encoded:
        """Labelled raw rows, as `evaluate` is given them."""

    def save(self, folder: Path) -> None:
        """Writes what was learnt, as text; by default the attributes `learnt_names`, as JSON."""
        runs.write_json(folder / LEARNT, {name: getattr(self, name) for name in self.learnt_names})

    def load(self, folder: Path) -> None:
        """Reads what `save` wrote.

        Raises:
            RnnkitError: A file is missing, damaged or altered; by default also where a value is of another type than
                the one that a new preprocessing has.
        """
        content = runs.read_json(folder / LEARNT)
        for name in self.learnt_names:
            kind = type(getattr(self, name))
            value = content.get(name) if isinstance(content, dict) else None
            value = float(value) if kind is float and type(value) is int else value
            if type(value) is not kind:
                raise RnnkitError(
                    f"{folder / LEARNT} has {value!r:.80} as {name}; expected a {kind.__name__}. The Run is broken; "
                    "train or copy it again."
                )
            setattr(self, name, value)

    def made_up(self) -> Encoded:
        """Random examples, for an export or a diagnosis when no real ones are at hand.

        Raises:
            RnnkitError: By default: real ones are asked for.
        """
        raise RnnkitError("This task makes up no rows of its own. Give real ones with --data FILE.")

    def initialise_weights(self, network: "keras.Model") -> str:
        """Sets the pretrained weights of a new network. Returns a one-line summary, "" for none."""
        return ""

    def pretrained_digests(self) -> dict[str, str]:
        """Digests of the pretrained weights, by the options that name them: a resumed training needs the same."""
        return {}
