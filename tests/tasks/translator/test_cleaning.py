import pytest

from rnnkit.tasks.translator.cleaning import CleanPairs, source_digests

SENTENCES = [(f"Sentence number {n} is here.", f"Hier ist der Satz Nummer {n}.") for n in range(20)]


def dropped(rows, **options) -> dict[str, list[int]]:
    """Reason to the numbers of the rows left out."""
    clean = CleanPairs([*SENTENCES, *rows], **options)
    kept = list(clean)
    assert len(kept) == clean.kept == clean.read - sum(clean.dropped.values())
    return {reason: [row - 20 for row in found["rows"]] for reason, found in clean.report()["dropped"].items()}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("A dog.", ""), "empty"),
        ((" \t\u3000", "Ein Hund."), "empty"),
        (("nan", "Ein Hund."), "empty"),
        (("\ufffd\ufffd \x01", "Ein Hund."), "unreadable"),
        (("A dog.", "\u200b\ufeff\x00"), "unreadable"),
        (("word " * 300, "Wort " * 300), "too_long"),
        (("Front stroke swimming race roped off lap areas.", "@@"), "unlike_lengths"),
        (("Yes.", "Das ist ein ganz anderer Satz, der viel länger ist."), "unlike_lengths"),
        (("This was never translated at all.", "This was never translated at all. "), "untranslated"),
        (SENTENCES[3], "duplicate"),
        ((" " + SENTENCES[3][0], SENTENCES[3][1] + "\n"), "duplicate"),
    ],
)
def test_what_teaches_nothing_is_left_out(row, reason):
    assert dropped([row]) == {reason: [1]}


@pytest.mark.parametrize(
    "row",
    [
        ("Run!", "Prenez vos jambes à vos cous !"),
        ("Hi.", "Guten Tag, wie geht es?"),
        ("I was beside myself with joy about it.", "Ich freute mich."),
        ("New York City", "New York City"),
        ("No", "No"),
        ("...", "…"),
        ("🙂", "🙂"),
        ("?", "؟"),
        (SENTENCES[3][0], "Eine andere Übersetzung."),
        ("caf\ufffd au lait", "Milchkaffee"),
        ("N/A", "k. A."),
    ],
)
def test_what_is_short_or_odd_but_right_stays(row):
    assert dropped([row]) == {}


def test_lengths_are_compared_with_what_is_usual_for_the_two_languages():
    english = [f"This is the sentence with the number {n} and it is not a short one, as you can see." for n in range(9)]
    pairs = [(sentence, f"这是第{n}句话，不算短句。") for n, sentence in enumerate(english)]
    clean = CleanPairs([*pairs, ("This one is as short as that.", "这" * 120), ("Yes. " * 40, "是。")])
    assert list(clean) == pairs  # 82 characters to 13 are the rule here
    assert clean.first_rows["unlike_lengths"] == [10, 11]


def test_every_rule_can_be_turned_off():
    rows = [("Yes.", "x" * 2000), SENTENCES[0]]
    assert dropped(rows, longest=0, longest_ratio=0, copies=True) == {}
    assert dropped(rows) == {"too_long": [1], "duplicate": [2]}
    assert dropped(rows, longest=0) == {"unlike_lengths": [1], "duplicate": [2]}


def test_sources_of_the_test_part_are_left_out():
    held_out = source_digests([(" A dog. ", "anything")], None, [("A cat.", "anything")])
    rows = [("A dog.", "Ein Hund."), ("A dog.", "Hund."), ("A bird.", "Ein Vogel."), ("A cat.", "Eine Katze.")]
    assert dropped(rows, held_out=held_out) == {"held_out": [1, 2, 4]}


def test_the_report_counts_anew_in_each_round_and_names_the_first_rows():
    clean = CleanPairs([("a", "")] * 7 + [("A dog.", "Ein Hund.")] * 2)
    for _ in range(2):
        assert list(clean) == [("A dog.", "Ein Hund.")]
    assert clean.report() == {
        "pairs": 9,
        "kept": 1,
        "dropped": {"empty": {"count": 7, "rows": [1, 2, 3, 4, 5]}, "duplicate": {"count": 1, "rows": [9]}},
    }
    assert clean.line() == ("9 pairs; dropped 8: 7 with an empty side (rows 1, 2, 3, 4, 5, ...), 1 repeated (row 9)")


def test_clean_rows_say_so_and_none_at_all_are_no_fault():
    clean = CleanPairs(SENTENCES)
    assert list(clean) == SENTENCES and clean.line() == "20 pairs"
    empty = CleanPairs([])
    assert list(empty) == [] and empty.line() == "0 pairs" and empty.report()["dropped"] == {}
