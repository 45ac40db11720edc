"""The search for what was said, as it is asked for: greedy, or a beam with a list of words and a language model."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rnnkit.codec.transcript_units import TranscriptUnits
from rnnkit.decoding.ctc import GreedySearch
from rnnkit.decoding.ctc_beam import PrefixBeamSearch
from rnnkit.decoding.lexicon import Lexicon, WordBoundaries
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import WORDS_BYTES, read_text
from rnnkit.lite.answers.transcripts import Transcript, transcript_of, transcript_of_spans
from rnnkit.lite.language_scorer import language_scorer
from rnnkit.options import FILE, CheckedOptions, option

#: As a list of words: those of the training transcripts.
OWN_WORDS = "words"
_USUAL_BEAM = 32


@dataclass(kw_only=True)
class TranscriptOptions(CheckedOptions):
    """Options of `predict` for recognisers of speech."""

    panel: ClassVar[str] = "Search"

    beam_width: int = option(
        0,
        "hypotheses followed; 0: 32 or more with any other option of the search, otherwise 1: greedy",
        low=0,
        high=4096,
    )
    lexicon: str = option("", "the only words written: words (those of the training data), or a file, one a line")
    language_model: str = option("", "Run or bundle of a language model, which scores what may be said", names=FILE)
    alpha: float = option(0.5, "weight of the language model", low=0, high=100)
    beta: float = option(0.0, "what each word adds to a score", low=-100, high=100)
    n_best: int = option(1, "different texts of a recording, the best first", low=1, high=1000)


class Transcriber:
    """Makes answers of log-probabilities.

    Args:
        units: The network's.
        words: Those of the training transcripts.
        seconds: From one frame of log-probabilities to the next.
        how: `TranscriptOptions` by name, those asked for; `language_model` may also be an opened one.
        open_model: Opens a language model of this name.
        tail: Seconds of silence that the front end adds to each recording; nothing was said there.

    Raises:
        RnnkitError: An option is unknown or out of range, a file cannot be read, or nothing of the list of words can be
            written.

    Example:

    >>> units = TranscriptUnits("character", ["h", "i"])
    >>> transcriber = Transcriber(units, ["hi"], 0.03, {"lexicon": "words"})
    >>> transcriber.answer(np.log([[0.1, 0.8, 0.1], [0.5, 0.2, 0.3]])).text  # greedy: "h", which is no word
    'hi'
    """

    def __init__(
        self,
        units: TranscriptUnits,
        words: Iterable[str],
        seconds: float,
        how: Mapping[str, Any],
        open_model: Any = None,
        tail: float = 0.0,
    ) -> None:
        given = dict(how)
        model = given.pop("language_model", "")
        options = TranscriptOptions.from_dict(
            {**given, **({"language_model": model} if isinstance(model, str) else {})}
        )
        self.units, self.seconds, self.options, self.tail = units, seconds, options, tail
        self._scorer: Any = None
        self._lexicon: Lexicon | None = None
        if model:
            opened = (open_model or open_bundle)(model) if isinstance(model, str | Path) else model
            self._scorer = language_scorer(opened, units.texts)
        if options.lexicon:
            self._lexicon = _lexicon(units, words, options.lexicon)
        more = self._scorer is not None or self._lexicon is not None or options.n_best > 1
        self.beam_width = options.beam_width or (max(_USUAL_BEAM, 2 * options.n_best) if more else 1)
        if self.beam_width == 1 and more:
            raise RnnkitError(
                "beam_width is 1, greedy, which has no use for words, a language model or several answers. Leave it "
                "out."
            )

    def search(self) -> GreedySearch | PrefixBeamSearch:
        """A search at the beginning of an utterance."""
        if self.beam_width == 1:
            return GreedySearch()
        boundaries = None if self._lexicon is not None else WordBoundaries(**self.units.boundaries())
        return PrefixBeamSearch(
            beam_width=self.beam_width,
            boundaries=boundaries,
            lexicon=self._lexicon,
            scorer=self._scorer,
            alpha=self.options.alpha,
            beta=self.options.beta,
        )

    def answer(self, log_probs: np.ndarray) -> Transcript:
        """The answer to a whole recording.

        Args:
            log_probs: `[frames, classes]`.
        """
        search = self.search()
        search.feed(log_probs)
        return self.found(search, log_probs)

    @property
    def times_words(self) -> bool:
        """Whether its search knows by itself when words were said; otherwise `found` needs all log-probabilities."""
        return self.beam_width == 1

    def found(self, search: GreedySearch | PrefixBeamSearch, log_probs: np.ndarray) -> Transcript:
        """The answer of a search that was fed with these log-probabilities, and the next best texts.

        Different units may say one text, such as with a blank sign more, or a word in other subwords: it is there once,
        with the best score.

        Args:
            search: What `search` gave.
            log_probs: `[frames, classes]`, which a search that `times_words` makes no use of.
        """
        if isinstance(search, GreedySearch):
            return transcript_of_spans(search.spans, search.silence, self.units, self.seconds, self._end(search.time))
        several = self.beam_width if self.options.n_best > 1 else 1
        best, *others = search.finish(several)
        made = transcript_of(log_probs, best.units, self.units, self.seconds, self._end(len(log_probs)))
        texts = {made.text: best.score}
        for each in others:
            texts.setdefault(self.units.decode(each.units), each.score)
        return replace(made, others=tuple(texts.items())[1 : self.options.n_best])

    def _end(self, steps: int) -> float:
        """The end of a recording with so many steps, in seconds."""
        return max(steps * self.seconds - self.tail, 0.0)


class TextSoFar:
    """The text of what a search has heard so far: units that have not changed are not read again.

    Args:
        search: What `Transcriber.search` gave.
        units: The network's.
    """

    def __init__(self, search: GreedySearch | PrefixBeamSearch, units: TranscriptUnits) -> None:
        self.search, self.units = search, units
        self._text = ""
        #: The length of the text behind each unit, and whether a blank sign comes before the next letter.
        self._marks = [(0, False)]

    def __call__(self) -> str:
        """The text."""
        stay, new = self.search.changes()
        if new or stay + 1 < len(self._marks):
            del self._marks[stay + 1 :]
            length, blank = self._marks[-1]
            parts = [self._text[:length]]
            for unit in new:
                ends, letters = self.units.part(unit)
                blank = blank or (ends and length > 0)
                if letters:
                    parts.append(f" {letters}" if blank else letters)
                    length, blank = length + len(parts[-1]), False
                self._marks.append((length, blank))
            self._text = "".join(parts)
        return self._text


def open_bundle(name: str | Path) -> Any:
    """The runner of an exported language model: a bundle, or a Run with one.

    Raises:
        RnnkitError: There is none.
    """
    from rnnkit import lite

    inside = Path(name) / "lite"
    return lite.load(inside if inside.is_dir() else name)


def _lexicon(units: TranscriptUnits, words: Iterable[str], given: str) -> Lexicon:
    if given != OWN_WORDS:
        words = read_text(given, WORDS_BYTES, "The list of words").split("\n")
    spelled = units.spelled(word.strip() for word in words)
    if not spelled:
        raise RnnkitError(f"The list of words {given!r:.80} has none that this network's {units.kind}s spell.")
    return Lexicon(spelled, WordBoundaries(**units.boundaries()))


#: The names of what may be asked for.
ASKED = tuple(spec.name for spec in dataclasses.fields(TranscriptOptions))
