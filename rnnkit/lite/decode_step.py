"""A file's `decode_step` for decoding, shared by translators and captioners on a phone."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnnkit.codec.pieces import Pieces
from rnnkit.decoding import Decoded, decode, numpy_ops
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.translations import MARKS
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.interpreter import in_turns, require_shapes, require_signatures
from rnnkit.lite.searching import BeamOptions
from rnnkit.lite.step_file import numbered_names, state_names

#: The signature, and the names of what goes in and comes out; states and memory are numbered.
DECODE_STEP = "decode_step"
_LONGEST = 10_000  # pieces of an answer, as `SearchOptions.max_length`
IDS, LENGTH, LOGITS, ATTENTION, MEMORY = "ids", "length", "logits", "attention", "memory"


class DecodeStep:
    """Searches with a file's `decode_step`, which takes all hypotheses of the beam in one call, or so many at a time as
    its shape has.

    Args:
        bundle: Says how many states and memories there are, under "states" and "memory".
        interpreter: Of the file with the signature.
        more: For each further signature that the file must have, the names of what it takes.
        kind: What the file should be, for messages.
        measured: Whether the memory is padded, and its `length` an output of the further signatures and an input of a
            step.

    Raises:
        RnnkitError: The file has other functions.
    """

    def __init__(
        self,
        bundle: Bundle,
        interpreter: Any,
        kind: str,
        more: Mapping[str, set[str]] | None = None,
        measured: bool = False,
    ) -> None:
        self.states, self.memory = state_names(bundle), numbered_names(bundle, "memory", MEMORY)
        self._measures = [LENGTH] if measured else []
        wanted = {**(more or {}), DECODE_STEP: {IDS, *self._measures, *self.states, *self.memory}}
        kind = f"{kind} with {len(self.states)} states and {len(self.memory)} memories"
        carried = dict.fromkeys((*self.states, *self.memory), "f")
        given_on = {**carried, **dict.fromkeys(self._measures, "iu")}
        gives = {**dict.fromkeys(more or {}, given_on), DECODE_STEP: {LOGITS: "f", **dict.fromkeys(self.states, "f")}}
        require_signatures(interpreter, wanted, gives, bundle.folder, kind)
        if bundle.max_length > _LONGEST:
            raise RnnkitError(
                f"{bundle.folder} says max_length {bundle.max_length}; expected {_LONGEST} at most. Export it again."
            )
        self._most = bundle.max_length
        self._folder = bundle.folder
        self._runner = interpreter.get_signature_runner(DECODE_STEP)
        given, made = self._runner.get_input_details(), self._runner.get_output_details()
        #: Rows that a call takes; -1: any number.
        self._rows = int(given[IDS]["shape_signature"][0])
        require_shapes(made, given, self.states, bundle.folder)
        for name in more or {}:
            first = interpreter.get_signature_runner(name).get_output_details()
            require_shapes(_of_any_rows(first), given, list(given_on), self._folder)
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
        fixed = self._rows > 0
        own = [] if fixed else self.memory  # what each row has one of
        shared = {name: encoded[name] for name in (*self.memory, *self._measures)} if fixed else {}
        attended = seen["source_mask"].shape[1] if self.attends else 0

        def step(last: np.ndarray, states: Sequence[np.ndarray], memory: Sequence[np.ndarray]) -> Any:
            changing = {IDS: last.astype(np.int32), **dict(zip((*self.states, *own), (*states, *memory), strict=True))}
            made = in_turns(self._runner, changing, shared)
            wanted = {LOGITS: (len(last), self.words)}
            if self.attends:
                if fixed and made[ATTENTION].ndim == 2:
                    made[ATTENTION] = made[ATTENTION][:, :attended]  # behind the sentence is padding
                wanted[ATTENTION] = (len(last), attended)
            for name, shape in wanted.items():
                if made[name].shape != shape:
                    raise RnnkitError(
                        f"{self._folder}: the model gives {name} as {list(made[name].shape)}; expected {list(shape)}. "
                        "Export it again."
                    )
            return made[LOGITS], [made[name] for name in self.states], made.get(ATTENTION)

        states = [encoded[name] for name in self.states]
        memory = [encoded[name] for name in own]
        how = {"marks": MARKS, "max_length": self._most, **search}
        return decode(step, states, memory, rows=1, ops=numpy_ops, **seen, **how)


def _of_any_rows(details: Mapping[str, Any]) -> dict[str, Any]:
    """The details of tensors with the batch open: a sentence has one row, a step as many as there are hypotheses."""
    return {name: {**each, "shape_signature": [-1, *each["shape_signature"][1:]]} for name, each in details.items()}


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
