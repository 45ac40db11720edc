"""A file's `decode_step` for decoding, shared by translators and captioners on a phone."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnnkit.codec.pieces import Pieces
from rnnkit.decoding import Decoded, decode, numpy_ops
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.translations import MARKS
from rnnkit.lite.bundle import MOST_STATES, Bundle
from rnnkit.lite.interpreter import require_shapes, require_signatures
from rnnkit.lite.searching import BeamOptions

#: The signature, and the names of what goes in and comes out; states and memory are numbered.
DECODE_STEP = "decode_step"
_LONGEST = 10_000  # pieces of an answer, as `SearchOptions.max_length`
IDS, LOGITS, ATTENTION, STATE, MEMORY = "ids", "logits", "attention", "state", "memory"


class DecodeStep:
    """Searches with a file's `decode_step`, which takes all hypotheses of the beam in one call.

    Args:
        bundle: Says how many states and memories there are, under "states" and "memory".
        interpreter: Of the file with the signature.
        more: For each further signature that the file must have, the names of what it takes.
        kind: What the file should be, for messages.

    Raises:
        RnnkitError: The file has other functions.
    """

    def __init__(self, bundle: Bundle, interpreter: Any, kind: str, more: Mapping[str, set[str]] | None = None) -> None:
        self.states = [f"{STATE}_{number}" for number in range(bundle.number("states", 0, MOST_STATES))]
        self.memory = [f"{MEMORY}_{number}" for number in range(bundle.number("memory", 0, MOST_STATES))]
        wanted = {**(more or {}), DECODE_STEP: {IDS, *self.states, *self.memory}}
        kind = f"{kind} with {len(self.states)} states and {len(self.memory)} memories"
        carried = dict.fromkeys((*self.states, *self.memory), "f")
        gives = {**dict.fromkeys(more or {}, carried), DECODE_STEP: {LOGITS: "f", **dict.fromkeys(self.states, "f")}}
        require_signatures(interpreter, wanted, gives, bundle.folder, kind)
        if bundle.max_length > _LONGEST:
            raise RnnkitError(
                f"{bundle.folder} says max_length {bundle.max_length}; expected {_LONGEST} at most. Export it again."
            )
        self._most = bundle.max_length
        self._folder = bundle.folder
        self._runner = interpreter.get_signature_runner(DECODE_STEP)
        given, made = self._runner.get_input_details(), self._runner.get_output_details()
        require_shapes(made, given, self.states, bundle.folder)
        for name in more or {}:
            require_shapes(
                interpreter.get_signature_runner(name).get_output_details(), given, list(carried), self._folder
            )
        if self.attends and not self.memory:
            raise RnnkitError(f"{bundle.folder}: the model says where it looks, and has no memory. Export it again.")

    @property
    def taken(self) -> dict[str, list[int]]:
        """The first states and the memory, as `tensor_shapes` gives them."""
        shapes = tensor_shapes(self._runner.get_input_details())
        return {name: shapes[name] for name in sorted((*self.states, *self.memory))}

    @property
    def attends(self) -> bool:
        """Whether steps return attention weights."""
        return ATTENTION in self._runner.get_output_details()

    @property
    def words(self) -> int:
        """The size of the output vocabulary."""
        return int(self._runner.get_output_details()[LOGITS]["shape_signature"][-1])

    def search(self, encoded: Mapping[str, np.ndarray], search: Mapping[str, Any], **seen: Any) -> Decoded:
        """Decode one row.

        Args:
            encoded: The first states and the memory by name, batch 1.
            search: Arguments of `rnnkit.decoding.decode`.
            **seen: Its arguments `source_mask` and `source_words`, where steps give attention.
        """

        def step(last: np.ndarray, states: Sequence[np.ndarray], memory: Sequence[np.ndarray]) -> Any:
            given = dict(zip((*self.states, *self.memory), (*states, *memory), strict=True))
            made = self._runner(**{IDS: last.astype(np.int32)}, **given)
            wanted = {LOGITS: (len(last), self.words)}
            if ATTENTION in made and memory:
                wanted[ATTENTION] = (len(last), memory[0].shape[1])
            for name, shape in wanted.items():
                if made[name].shape != shape:
                    raise RnnkitError(
                        f"{self._folder}: the model gives {name} as {list(made[name].shape)}; expected {list(shape)}. "
                        "Export it again."
                    )
            return made[LOGITS], [made[name] for name in self.states], made.get(ATTENTION)

        states, memory = ([encoded[name] for name in names] for names in (self.states, self.memory))
        how = {"marks": MARKS, "max_length": self._most, **search}
        return decode(step, states, memory, rows=1, ops=numpy_ops, **seen, **how)


def tensor_shapes(details: Mapping[str, Any]) -> dict[str, list[int]]:
    """Of the inputs or outputs of a signature: shapes without the batch, by name in order."""
    return {name: [int(side) for side in details[name]["shape_signature"][1:]] for name in sorted(details)}


def bundle_pieces(bundle: Bundle, name: str) -> Pieces:
    """The pieces in the file that `bundle.json` has under `name`.

    Raises:
        RnnkitError: As `Bundle.read`, or the file holds no pieces.
    """
    bundle.read(name)  # checks name and hash
    return Pieces.load(bundle.folder / bundle.setting(name, str))


def bundle_search(bundle: Bundle) -> dict[str, Any]:
    """The search that `bundle.json` asks for: plain numbers under known names.

    Raises:
        RnnkitError: It asks for something that there is not.
    """
    given = bundle.setting("search", dict)
    for name, value in given.items():
        try:
            BeamOptions.from_dict({name: value})
        except RnnkitError as error:
            raise RnnkitError(
                f"{bundle.folder} asks for a search with {name} {value!r} ({error}) Export it again."
            ) from None
    return given
