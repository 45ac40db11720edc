from collections import Counter

import numpy as np
import pytest

from rnnkit.codec.vocabulary import PAD, SPECIALS, START, UNKNOWN, Vocabulary
from rnnkit.errors import RnnkitError


def test_from_counts_orders_by_count_then_alphabet_and_obeys_both_limits():
    counts = Counter({"b": 3, "a": 3, "c": 9, "rare": 1, "d": 2})
    assert Vocabulary.from_counts(counts).words == (*SPECIALS, "c", "a", "b", "d")
    assert Vocabulary.from_counts(counts, max_size=5).words == (*SPECIALS, "c", "a")
    assert len(Vocabulary.from_counts(counts, max_size=3)) == 3
    shuffled = dict(reversed(counts.items()))
    assert Vocabulary.from_counts(shuffled).words == Vocabulary.from_counts(counts).words
    with pytest.raises(RnnkitError, match="at least 3"):
        Vocabulary.from_counts(counts, max_size=2)


def test_from_counts_leaves_out_what_cannot_be_stored():
    counts = Counter({"<PAD>": 5, "two words": 5, "": 5, "\u2028": 5, "a\ud800": 5, "a\0": 5, "fine": 5, "🙂": 5})
    assert Vocabulary.from_counts(counts).words == (*SPECIALS, "fine", "🙂")


def test_encode_puts_start_first_and_cuts():
    vocabulary = Vocabulary(["good", "bad"])
    assert (PAD, START, UNKNOWN) == (0, 1, 2)
    assert vocabulary.encode(["bad", "new", "good"]).tolist() == [START, 4, UNKNOWN, 3]
    assert vocabulary.encode(["bad", "new", "good"], max_length=3).tolist() == [START, 4, UNKNOWN]
    assert vocabulary.encode(["bad"], max_length=1).tolist() == [START]
    assert vocabulary.encode([], max_length=5).tolist() == [START]
    assert vocabulary.encode([]).dtype == np.int32


def test_unknown_rate_and_contains():
    vocabulary = Vocabulary(["good"])
    assert vocabulary.unknown_rate({"good": 2, "a": 5, "b": 1}) == 0.75  # each as often as it occurs
    assert vocabulary.unknown_rate({}) == 0
    assert "good" in vocabulary and "bad" not in vocabulary


def test_extended_keeps_every_old_id():
    old = Vocabulary(["good", "bad"])
    new = old.extended(Counter({"fresh": 4, "bad": 9, "once": 1, "bright": 4, "<UNKNOWN>": 7}), max_new=1)
    assert new.words == (*old.words, "bright")
    assert old.extended({}).words == old.words


def test_file_round_trip_in_the_format_of_mediapipe(tmp_path):
    vocabulary = Vocabulary(["it's", "très", "a\u200db", "日本"])
    vocabulary.save(tmp_path / "vocab.txt")
    assert (tmp_path / "vocab.txt").read_bytes().startswith(b"<PAD> 0\n<START> 1\n<UNKNOWN> 2\nit's 3\n")
    assert Vocabulary.load(tmp_path / "vocab.txt").words == vocabulary.words
    (tmp_path / "vocab.txt").write_bytes((tmp_path / "vocab.txt").read_bytes().replace(b"\n", b"\r\n"))
    assert Vocabulary.load(tmp_path / "vocab.txt").words == vocabulary.words


GOOD = "<PAD> 0\n<START> 1\n<UNKNOWN> 2\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD + "good\n", "line 4 is 'good'"),
        (GOOD + "good 7\n", "line 4 is 'good 7'.*the id 3"),
        (GOOD + "\n", "line 4 is ''"),
        (GOOD + "a 3\na 4\n", "'a' is twice"),
        (GOOD + "a b 3\n", "no blank space in them"),
        ("good 0\nbad 1\n", "expected the words"),
        ("", "expected the words"),
        (GOOD + "\udce9 3\n", "not UTF-8 at byte"),
    ],
)
def test_a_malformed_file_is_named(tmp_path, content, message):
    path = tmp_path / "vocab.txt"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(RnnkitError, match=message) as error:
        Vocabulary.load(path)
    assert "vocab.txt" in str(error.value)


def test_a_missing_file_and_a_repeated_word():
    with pytest.raises(RnnkitError, match="cannot be read"):
        Vocabulary.load("nowhere/vocab.txt")
    with pytest.raises(RnnkitError, match="'a' is twice"):
        Vocabulary(["a", "b", "a"])


def test_special_words_that_someone_writes_are_unknown():
    assert Vocabulary(["a"]).encode(["<PAD>", "a", "<START>", "<UNKNOWN>"]).tolist() == [1, 2, 3, 2, 2]
