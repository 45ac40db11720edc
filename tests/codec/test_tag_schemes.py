"""Tag schemes against each other, against hand cases and against seqeval."""

import random

import pytest

from rnnkit.codec.tag_schemes import (
    SCHEMES,
    faults,
    from_iob2,
    from_spans,
    guess_scheme,
    known_scheme,
    repair,
    spans,
    split_tag,
    to_iob2,
)
from rnnkit.errors import RnnkitError

ENTITY = ["PER", "LOC", "A-B"]


def random_spans(chance, length):
    """Entities that do not overlap, some of them touching."""
    found, place = [], 0
    while place < length:
        end = place + chance.choice((1, 1, 2, 3))
        if chance.random() < 0.6 and end <= length:
            found.append((place, end, chance.choice(ENTITY)))
            place = end
        else:
            place += 1
    return found


def random_tags(chance, length, letters="BI"):
    """Any tags in any order."""
    every = ["O", *(f"{letter}-{kind}" for letter in letters for kind in ENTITY[:2])]
    return [chance.choice(every) for _ in range(length)]


@pytest.mark.parametrize("scheme", ["iob1", "iob2", "iobes", "bilou", "bio", "BIOES"])
def test_spans_to_tags_of_every_scheme_and_back(scheme):
    chance = random.Random(1)
    for length in list(range(12)) * 20:
        found = random_spans(chance, length)
        tags = from_spans(found, length, scheme)
        assert len(tags) == length and faults(tags, scheme) == []
        right = to_iob2(tags, scheme)
        assert right == from_spans(found, length)
        assert spans(right) == spans(right, strict=True) == found
        assert from_iob2(right, scheme) == tags


def test_hand_cases_of_each_scheme():
    found = [(0, 1, "PER"), (1, 3, "PER"), (3, 6, "LOC"), (7, 8, "LOC")]
    written = {
        "iob1": "I-PER B-PER I-PER I-LOC I-LOC I-LOC O I-LOC",
        "iob2": "B-PER B-PER I-PER B-LOC I-LOC I-LOC O B-LOC",
        "iobes": "S-PER B-PER E-PER B-LOC I-LOC E-LOC O S-LOC",
        "bilou": "U-PER B-PER L-PER B-LOC I-LOC L-LOC O U-LOC",
        "plain": "PER PER PER LOC LOC LOC O LOC",
    }
    for scheme, tags in written.items():
        assert from_spans(found, 8, scheme) == tags.split()
        assert guess_scheme([tags.split()]) == scheme
    assert to_iob2("PER PER O LOC".split(), "plain") == ["B-PER", "B-PER", "O", "B-LOC"]
    assert set(written) == set(SCHEMES)


def test_an_entity_that_begins_with_i_counts_but_not_strictly():
    tags = "I-PER I-PER O B-LOC I-PER I-LOC B-LOC I-LOC".split()
    assert spans(tags) == [(0, 2, "PER"), (3, 4, "LOC"), (4, 5, "PER"), (5, 6, "LOC"), (6, 8, "LOC")]
    assert spans(tags, strict=True) == [(3, 4, "LOC"), (6, 8, "LOC")]
    assert spans([]) == spans(["O"]) == []


def test_repair_begins_what_began_wrong_and_nothing_else():
    chance = random.Random(2)
    for length in list(range(10)) * 30:
        tags = random_tags(chance, length)
        right = repair(tags)
        assert spans(right, strict=True) == spans(right) == spans(tags)
        changed = [place for place in range(length) if tags[place] != right[place]]
        assert changed == [fault.place for fault in faults(tags)]
        assert repair(right) == right and faults(right) == []


@pytest.mark.parametrize("scheme, letters", [("iobes", "BIES"), ("bilou", "BILU")])
def test_wrong_closed_schemes_are_read_and_counted(scheme, letters):
    chance = random.Random(3)
    for _ in range(300):
        tags = random_tags(chance, 6, letters)
        right = to_iob2(tags, scheme)
        assert [tag[1:] for tag in right] == [tag[1:] for tag in tags] and faults(right) == []
        assert (faults(tags, scheme) == []) == (from_iob2(right, scheme) == tags)


@pytest.mark.parametrize(
    "tags, scheme, message",
    [
        ("O I-PER", "iob2", "I-PER follows O; in iob2 an entity begins with B-PER"),
        ("I-PER", "iob2", "I-PER begins the sentence; in iob2"),
        ("B-LOC I-PER", "iob2", "I-PER follows B-LOC"),
        ("O B-PER", "iob1", "B-PER follows O; in iob1 an entity begins with I-PER"),
        ("B-PER O", "iobes", "B-PER is followed by O; in iobes an entity ends with E-PER, or S-PER where"),
        ("B-PER I-PER", "bilou", "I-PER ends the sentence; in bilou an entity ends with L-PER"),
        ("S-PER E-PER", "iobes", "E-PER follows S-PER; in iobes an entity begins with B-PER"),
    ],
)
def test_faults_say_what_is_wrong(tags, scheme, message):
    [fault] = faults(tags.split(), scheme)
    assert message in fault.message


def test_the_scheme_is_guessed_from_all_sentences():
    assert guess_scheme([["I-PER", "O"], ["O", "B-PER"]]) == "iob2"  # then I-PER is a fault
    assert guess_scheme([["I-PER"], ["I-PER", "B-PER", "I-PER"]]) == "iob1"
    assert guess_scheme([["I-PER"], ["I-LOC", "B-PER"]]) == "iob2"
    assert guess_scheme([]) == guess_scheme([["O"], []]) == "iob2"
    assert guess_scheme([["B", "I", "O"]]) == "iob2" and guess_scheme([["O", "I", "B"]]) == "iob1"
    assert guess_scheme([["S", "V", "O"]]) == "plain"
    assert to_iob2(["B", "I", "O"], "bio") == ["B-ENTITY", "I-ENTITY", "O"]


def test_tags_and_schemes_that_are_none():
    assert split_tag("I-NP-SBJ") == ("I", "NP-SBJ")
    for tag in ("PER", "X-PER", "B_PER", "B-", "BI-PER", "S-PER", "b-PER", "o", "", "-PER"):
        with pytest.raises(RnnkitError, match="expected B-TYPE, I-TYPE or O"):
            split_tag(tag)
    assert split_tag("S-PER", "plain") == ("S", "S-PER")
    with pytest.raises(RnnkitError, match="Unknown tag scheme 'iobs'.*Did you mean 'iobes'"):
        known_scheme("iobs")
    with pytest.raises(RnnkitError, match="Unknown tag scheme"):
        to_iob2([], "crf")


@pytest.mark.interop
@pytest.mark.parametrize("strict", [False, True])
def test_spans_are_those_of_seqeval(strict):
    scheme = pytest.importorskip("seqeval.scheme", reason="seqeval is not installed")
    from seqeval.metrics.sequence_labeling import get_entities

    chance = random.Random(4)
    for length in list(range(1, 10)) * 40:
        tags = random_tags(chance, length)
        if strict:
            found = scheme.Entities([tags], scheme.IOB2).entities[0]
            theirs = [(entity.start, entity.end, entity.tag) for entity in found]
        else:
            theirs = [(begin, last + 1, kind) for kind, begin, last in get_entities(tags)]
        assert spans(tags, strict) == theirs


@pytest.mark.interop
def test_the_other_schemes_are_those_of_seqeval():
    scheme = pytest.importorskip("seqeval.scheme", reason="seqeval is not installed")
    chance = random.Random(5)
    for name, theirs in {"iob1": scheme.IOB1, "iobes": scheme.IOBES, "bilou": scheme.BILOU}.items():
        for length in list(range(1, 10)) * 20:
            found = random_spans(chance, length)
            entities = scheme.Entities([from_spans(found, length, name)], theirs).entities[0]
            assert [(entity.start, entity.end, entity.tag) for entity in entities] == found


@pytest.mark.parametrize(("scheme", "only", "last"), [("bilou", "U", "L"), ("iobes", "S", "E")])
def test_an_entity_of_one_token_ends_with_it(scheme, only, last):
    tags = [f"{only}-PER", "I-PER", f"{last}-PER", f"{last}-PER"]
    assert to_iob2(tags, scheme) == ["B-PER", "B-PER", "I-PER", "B-PER"]
