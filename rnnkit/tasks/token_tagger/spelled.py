"""Found tags in their usual spelling, and numbers by their names."""

from collections.abc import Collection, Mapping

from rnnkit.data.headerless import is_number
from rnnkit.data.labels import breaks_line, normalise_label
from rnnkit.errors import RnnkitError
from rnnkit.tasks.token_tagger.conll import FoundText
from rnnkit.tasks.token_tagger.spelling import Spelling

_SHOWN = 5  # tags


def usual_tags(found: Mapping[str, FoundText], tag_names: str = "") -> str:
    """Spell the tags of all parts as B-TYPE, in place. Return what is unusual about them, in words.

    Args:
        found: The parts; those whose entities come as places in a text stay as they are.
        tag_names: The names of tags that are numbers, from 0, separated by commas.

    Raises:
        RnnkitError: Tags are numbers without names, or brackets do not match.
    """
    respelt = _in_one_spelling(found.values())
    parts = [text for text in found.values() if text.scheme is None]
    if names := names_of(tag_names):
        _name(parts, names)
    tags = {tag for text in parts for sentence in text.sentences for tag in sentence.tags}
    if tags and all(map(str.isdecimal, tags)):
        where = parts[0].place(parts[0].sentences[0].lines[0])
        raise RnnkitError(
            f"{where}: the tags are numbers such as {parts[0].sentences[0].tags[0]}; expected their names. Give "
            "them in order, such as --tag-names O,B-PER,I-PER."
        )
    spelling = Spelling(sentence.tags for text in parts for sentence in text.sentences)
    for text in parts:
        for sentence in text.sentences:
            try:
                sentence.tags[:] = spelling.usual(sentence.tags)
            except RnnkitError as error:
                raise RnnkitError(f"{text.place(sentence.lines[0])}: {error}.") from None
    return ", ".join(filter(None, [spelling.words, respelt]))


def _in_one_spelling(found: Collection[FoundText]) -> str:
    """Write tags that look the same in one way, in place. Return what was merged, in words."""
    names = {tag: normalise_label(tag) for text in found for sentence in text.sentences for tag in sentence.tags}
    names = {tag: name for tag, name in names.items() if not breaks_line(tag)}
    for text in found:
        for sentence in text.sentences:
            sentence.tags[:] = [names.get(tag, tag) for tag in sentence.tags]
    merged = sorted({name for tag, name in names.items() if tag != name})
    more = f" and {len(merged) - _SHOWN} more" if len(merged) > _SHOWN else ""
    return (
        f"other spellings of {', '.join(f'{name:.60}' for name in merged[:_SHOWN])}{more} read as these"
        if merged
        else ""
    )


def names_of(tag_names: str) -> list[str]:
    """The names in a text, separated by commas.

    Example:

    >>> names_of("O, B-PER")
    ['O', 'B-PER']
    """
    return [name.strip() for name in tag_names.split(",") if name.strip()]


def _name(parts: list[FoundText], names: list[str]) -> None:
    for text in parts:
        for sentence in text.sentences:
            for place, tag in enumerate(sentence.tags):
                if not is_number(tag) or int(tag) >= len(names):
                    raise RnnkitError(
                        f"{text.place(sentence.lines[place])}: the tag is {tag!r:.40}; with --tag-names expected a "
                        f"number from 0 to {len(names) - 1}."
                    )
                sentence.tags[place] = names[int(tag)]
