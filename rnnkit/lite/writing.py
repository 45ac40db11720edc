"""Text generation with a language model, shared by Keras and the phone."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnnkit.codec.text_units import TextUnits
from rnnkit.codec.vocabulary import PAD, START, UNKNOWN
from rnnkit.decoding.writing import Stepper, write
from rnnkit.errors import RnnkitError
from rnnkit.options import CheckedOptions, option

#: A function that is asked whether a text may begin like this.
Accepts = Callable[[str], bool]


@dataclass(kw_only=True)
class SamplingOptions(CheckedOptions):
    """Sampling options of a language model."""

    panel: ClassVar[str] = "Sampling"

    samples: int = option(1, "texts written side by side", low=1, high=10_000)
    length: int = option(1000, "units written at most; 0: until the end, if there is one", low=0, high=10**9)
    temperature: float = option(0.8, "below 1 the likely becomes likelier; 0: always the likeliest", low=0, high=100)
    top_k: int = option(0, "draw from so many of the likeliest units; 0: all", low=0, high=10**6)
    top_p: float = option(1.0, "draw from the likeliest units of this share of the probability", low=1e-6, high=1)
    no_repeat: int = option(0, "no stretch of so many units comes twice; 0: no such guard", low=0, high=10**6)
    stop: str = option("", "a text is at its end behind this")
    seed: int = option(0, "the same seed writes the same; 0: something else each time", low=0, high=2**31 - 1)


class Writer(ABC):
    """A text generator: a language model in Keras, or its exported file."""

    #: The table of tokens: text to ids and back.
    alphabet: TextUnits
    #: Names of what can be asked for beside a prefix.
    asks: ClassVar[tuple[str, ...]] = ()

    @property
    @abstractmethod
    def ends(self) -> bool:
        """Whether the model was trained on texts that end, not on one running text."""

    @abstractmethod
    def begin_writing(self, samples: int) -> tuple[Stepper, Any]:
        """One step of the network for `rows` rows, and the initial states."""

    def prompt(self, prefix: str, asked: dict[str, str]) -> tuple[str, str]:
        """The prompt of all texts, as text and as ids.

        Args:
            prefix: As given.
            asked: What is asked for, of `asks`.
        """
        return prefix, prefix

    def generate(self, prefix: str = "", *, accepts: Accepts | None = None, **how: Any) -> list[str]:
        """Generate texts that begin with a prefix.

        Args:
            prefix: What all of them begin with; "" for a text from its start.
            accepts: Asked for each unit whether a text may begin with what is there and this unit.
            **how: `SamplingOptions`: samples, length, temperature, top_k, top_p, no_repeat, stop, seed; and what can
                be asked for beside the prefix, `asks`.

        Raises:
            RnnkitError: The prefix is no string, an option is unknown or out of range, or nothing would ever end the
                text.
        """
        steps = list(self.stream(prefix, accepts=accepts, **how))
        return ["".join(pieces) for pieces in zip(*steps, strict=True)]

    def stream(self, prefix: str = "", *, accepts: Accepts | None = None, **how: Any) -> Iterator[list[str]]:
        """The same as it is written: first what all texts begin with, then for each step what each goes on with, "" for
        those at their end."""
        asked = {name: how.pop(name) for name in self.asks if name in how}
        options = checked_sampling(how)
        if not isinstance(prefix, str):
            raise RnnkitError(f"The prefix is a {type(prefix).__name__}; expected a string.")
        if not options.length and not options.stop and not self.ends:
            raise RnnkitError(
                "This model has learnt from one long text, so nothing ends what it writes: give a length."
            )
        shown, read = self.prompt(prefix, asked)
        known = set(self.alphabet.decode(self.alphabet.encode(read))) if self.alphabet.lossless else set(read)
        if strange := sorted(set(read) - known):
            raise RnnkitError(f"The prefix has characters that this model has never seen: {' '.join(strange)[:80]}")
        step, states = self.begin_writing(options.samples)
        return _written(step, states, self.alphabet, shown, read, options, self.ends, accepts)


def _written(
    step: Stepper,
    states: Any,
    alphabet: TextUnits,
    shown: str,
    read: str,
    how: SamplingOptions,
    ends: bool,
    accepts: Accepts | None,
) -> Iterator[list[str]]:
    yield [shown] * how.samples
    given = [START, *alphabet.encode(read).tolist()]
    samples = [_Sample(alphabet, given, shown, how.stop, accepts is not None) for _ in range(how.samples)]

    def allowed(row: int, place: int) -> bool:
        return accepts is None or bool(accepts(samples[row].with_next(place)))

    drawn = write(
        step,
        states,
        given,
        rows=how.samples,
        end=START,
        never=(PAD, UNKNOWN, *([] if ends else [START])),
        temperature=how.temperature,
        top_k=how.top_k,
        top_p=how.top_p,
        no_repeat=how.no_repeat,
        seed=how.seed or None,
        allowed=allowed if accepts else None,
    )
    for number, ids in enumerate(drawn, 1):
        yield [sample.add(int(place)) for sample, place in zip(samples, ids, strict=True)]
        if number == how.length or all(sample.done for sample in samples):
            return


class _Sample:
    """One text as it grows."""

    def __init__(self, alphabet: TextUnits, given: list[int], shown: str, stop: str, keep: bool) -> None:
        self.stop, self.pieces, self.done, self.keep = stop, [shown], False, keep
        self.tail = shown[-(len(stop) - 1) :] if len(stop) > 1 else ""
        self._after_blank = not alphabet.lossless and shown[-1:].isspace()
        self._write = alphabet.writer()
        for place in given:
            self._write(place)

    def with_next(self, place: int) -> str:
        """The text with one more unit; characters that are not whole yet are left out."""
        self.pieces = ["".join(self.pieces)]
        return self.pieces[0] + self._once(self._write.peek(place))

    def add(self, place: int) -> str:
        """The text that the next unit adds."""
        if self.done or place == START:
            self.done = True
            return ""
        piece = self._once(self._write(place))
        self._after_blank = False
        if self.stop:
            self.tail = (self.tail + piece)[-(len(self.stop) + len(piece)) :]
            if (at := self.tail.find(self.stop)) >= 0:
                self.done = True
                piece = piece[: len(piece) - (len(self.tail) - at - len(self.stop))]
        if self.keep:
            self.pieces.append(piece)
        return piece

    def _once(self, piece: str) -> str:
        """Without the blank before a word where there is one already."""
        return piece.removeprefix(" ") if self._after_blank else piece


def checked_sampling(values: dict[str, Any]) -> SamplingOptions:
    """Sampling options by name.

    Raises:
        RnnkitError: A name is unknown, or a value is out of range.

    Example:

    >>> checked_sampling({"top_k": 5}).top_k
    5
    """
    options: SamplingOptions = SamplingOptions.from_dict(values)
    return options


def one_by_one(step: Callable[[int, list[np.ndarray]], tuple[np.ndarray, list[np.ndarray]]]) -> Stepper:
    """A step for many rows from a single-row step; the states are a list, one entry per row."""

    def many(ids: np.ndarray, states: Any) -> tuple[np.ndarray, Any]:
        made = [step(int(place), mine) for place, mine in zip(ids, states, strict=True)]
        return np.concatenate([logits for logits, _ in made]), [mine for _, mine in made]

    return many
