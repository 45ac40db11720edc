"""Findings of `rnnkit check` about opened sounds: what was changed as they were read, and what to listen to again."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rnnkit.data.findings import some_of
from rnnkit.data.remembered import default_tell
from rnnkit.data.sounds import Sound

_CLIPPED = 1e-3  # of the samples
_BEYOND = 1.01  # the loudest sample of a recording in floats, or of a kind whose decoder overshoots
_QUIET = 0.01  # the loudest sample


class SoundFacts(NamedTuple):
    """What is known of a sound without its samples: a name, and what `Sound` has under the same names."""

    name: str
    seconds: float
    kind: str
    named: str
    file_rate: int
    channels: int
    clipped: float
    peak: float


def facts_of(name: str, sound: Sound) -> SoundFacts:
    """What `sound_warnings` needs of a sound, which may be forgotten then."""
    return SoundFacts(name, *(getattr(sound, each) for each in SoundFacts._fields[1:]))


def sound_warnings(facts: Iterable[SoundFacts], rate: int) -> Iterator[str]:
    """Warnings on sounds that were changed as they were read, or recorded too loudly or too quietly.

    Args:
        facts: Of each sound.
        rate: Samples a second that they were read at.

    Example:

    >>> fact = SoundFacts("a.wav", 1.0, "WAV, 16-bit", "WAV", 8000, 2, 0.0, 0.5)
    >>> list(sound_warnings([fact], 16000))[0]
    '1 sound has 2 channels; they were averaged into one: a.wav'
    """
    known = list(facts)
    for channels in sorted({fact.channels for fact in known} - {1}):
        mixed = [fact for fact in known if fact.channels == channels]
        yield f"{_counted(mixed)} {channels} channels; they were averaged into one: {_names(mixed)}"
    low = too_high_a_rate(known, rate)
    for other in sorted({fact.file_rate for fact in known} - {rate}):
        found = [fact for fact in known if fact.file_rate == other]
        lost = f", and so nothing above {other // 2:,} Hz" if other < rate else ""
        yield f"{_counted(found)} {other:,} samples a second{lost}; resampled to {rate:,}: {_names(found)}"
    if low:
        yield low
    if beyond := [fact for fact in known if fact.peak > _BEYOND]:
        worst = max(fact.peak for fact in beyond)
        yield (
            f"{_counted(beyond)} samples beyond full scale (up to {worst:.3g}), which are cut off at 1 where training "
            f"changes the sounds (--speed, --noise): {_names(beyond)}"
        )
    if loud := [fact for fact in known if fact.clipped > _CLIPPED and fact.peak <= _BEYOND]:
        worst = max(fact.clipped for fact in loud)
        yield f"{_counted(loud)} clipped samples (up to {worst:.1%}), recorded too loudly: {_names(loud)}"
    if quiet := [fact for fact in known if fact.peak < _QUIET]:
        yield f"{_counted(quiet)} no sample above {_QUIET:g} of full scale, recorded too quietly: {_names(quiet)}"
    if other_names := [fact for fact in known if fact.named and not fact.kind.startswith(fact.named)]:
        first = other_names[0]
        yield f"{_counted(other_names)} the ending of another kind (the first is {first.kind}): {_names(other_names)}"


def too_high_a_rate(facts: Iterable[SoundFacts], rate: int) -> str:
    """A line where all sounds have a lower rate than they are read at, with one that is enough; otherwise "".

    Example:

    >>> fact = SoundFacts("a.wav", 1.0, "WAV, 16-bit", "WAV", 8000, 1, 0.0, 0.5)
    >>> too_high_a_rate([fact], 16000)
    'No sound has more than 8,000 samples a second: --rate 8000 takes less time and hears as much.'
    """
    most = max((fact.file_rate for fact in facts), default=rate)
    if most >= rate:
        return ""
    return f"No sound has more than {most:,} samples a second: --rate {most} takes less time and hears as much."


def tell_rate(facts: Iterable[SoundFacts], rate: int) -> None:
    """Say `too_high_a_rate` before a training."""
    if line := too_high_a_rate(facts, rate):
        default_tell(line)


def sound_goods(facts: Iterable[SoundFacts]) -> Iterator[str]:
    """What is in order: how many sounds there are, how long they are, and of which kinds."""
    known = list(facts)
    if known:
        seconds = [fact.seconds for fact in known]
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in Counter(fact.kind for fact in known).most_common(6))
        yield (
            f"{len(known):,} sounds of {min(seconds):.2f} to {max(seconds):.2f} seconds, {sum(seconds) / 60:,.1f} "
            f"minutes together: {kinds}."
        )


def _counted(facts: list[SoundFacts]) -> str:
    return "1 sound has" if len(facts) == 1 else f"{len(facts):,} sounds have"


def _names(facts: list[SoundFacts]) -> str:
    return some_of([fact.name for fact in facts])
