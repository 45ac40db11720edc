"""The preprocessing of a task: from raw data to numbers, independent of the network."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.examples import Encoded, Splits
from rnnkit.tasks.base.learnt import load_learnt, save_learnt

if TYPE_CHECKING:
    import keras


class Preprocessing(ABC):
    """Learns vocabularies, labels or ranges from the training part, and encodes examples with them.

    It is independent of the network, so it can be tested alone. What it has learnt is saved as a folder of plain text.

    Args:
        options: The task's options.
    """

    #: Attributes that hold what was learnt: numbers, texts, lists and dictionaries of them, set in `__init__`.
    learnt_names: ClassVar[tuple[str, ...]] = ()
    #: Whether `learn` may choose the option `max_length` for the data, which it may when a Run is fine-tuned.
    chooses_length: bool = False

    def __init__(self, options: Any) -> None:
        self.options = options

    @abstractmethod
    def learn(self, source: Any, test: Any = None, parent: "Preprocessing | None" = None) -> Splits:
        """Split raw rows, learn from the training part and encode all parts.

        Args:
            source: Training rows, as opened by `Task.open_source`.
            test: Test rows; without them a part of `source` is held out.
            parent: The preprocessing of the task to fine-tune; what it has learnt is kept and extended.

        Raises:
            RnnkitError: The data cannot be used; the message says why and how to fix it.
        """

    @abstractmethod
    def encode(self, inputs: list[Any]) -> Encoded:
        """Encode raw inputs, as given to `predict`, with empty targets."""

    @abstractmethod
    def encode_rows(self, source: Any) -> Encoded:
        """Encode labelled raw rows, as given to `evaluate`."""

    def save(self, folder: Path) -> None:
        """Write what was learnt, as text; by default the attributes `learnt_names`, as JSON."""
        save_learnt(self, folder)

    def load(self, folder: Path) -> None:
        """Read what `save` wrote.

        Raises:
            RnnkitError: A file is missing, damaged or altered; by default also where a value changed its type.
        """
        load_learnt(self, folder)

    def made_up(self) -> Encoded:
        """Random examples, for an export or a diagnosis without real ones.

        Raises:
            RnnkitError: By default; the message asks for real ones.
        """
        raise RnnkitError("This task cannot make up rows. Give real ones with --data FILE.")

    def initialise_weights(self, network: "keras.Model") -> str:
        """Set the pretrained weights of a new network. Return a one-line summary, "" for none."""
        return ""

    def pretrained_digests(self) -> dict[str, str]:
        """Digests of the pretrained weights, by the options that name them; a resumed training needs the same."""
        return {}
