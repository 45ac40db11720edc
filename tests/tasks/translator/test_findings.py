import pytest

from rnnkit.tasks.translator.findings import parallel_findings
from rnnkit.tasks.translator.source import open_parallel, parallel_text

SUBJECTS = ["the dog", "the cat", "the old man", "the small child", "the red bird", "the king"]
VERBS = ["sees", "likes", "follows", "finds", "forgets", "hears"]
GERMAN = {
    "the dog": "der Hund", "the cat": "die Katze", "the old man": "der alte Mann", "the small child": "das kleine Kind",
    "the red bird": "der rote Vogel", "the king": "der König", "sees": "sieht", "likes": "mag", "follows": "folgt",
    "finds": "findet", "forgets": "vergisst", "hears": "hört",
}  # fmt: skip
PAIRS = [
    (f"{one} {verb} {two}", f"{GERMAN[one]} {GERMAN[verb]} {GERMAN[two]}")
    for one in SUBJECTS
    for verb in VERBS
    for two in SUBJECTS
]


def messages(source, level: str) -> list[str]:
    return [finding.message for finding in parallel_findings(source) if finding.level == level]


def test_good_pairs():
    assert messages(PAIRS, "fail") == []
    assert messages(PAIRS, "warn") == ["Only 216 pairs; expect 5,000 or more for a useful model."]
    first, source, target = messages(PAIRS, "good")
    assert first == "216 usable pairs of 216; source = 'source', target = 'target'; encoding utf-8."
    assert (
        source == "The source: median length 6 words, 95 % have 7 or fewer; 16 different words, 19 characters (Latin)."
    )
    assert target.startswith("The target: median length 6 words, 95 % have 7 or fewer; ")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "The list: there are no rows."),
        (PAIRS[:2], "The list: 2 usable pairs; 3 or more are needed"),
        ([("", "x")] * 9, "The list: 0 usable pairs; 3 or more are needed"),
        (
            [(f"hello there {i % 2}", f"hallo da {i}") for i in range(9)],
            "The list: 9 usable pairs of 2 different sources; 3 or more are needed",
        ),
        (
            [(source, source) for source, _ in PAIRS],
            "the same in 216 of 216 pairs. Are 'source' and 'target' the right",
        ),
    ],
)
def test_what_cannot_be_trained_on(rows, message):
    assert message in messages(rows, "fail")[0]


def test_where_parts_are_given_fewer_sources_will_do():
    given = parallel_text({"train": PAIRS[:1], "validation": PAIRS[1:2], "test": PAIRS[2:3]}, "three")
    assert messages(given, "fail") == []
    none = parallel_text({**given.parts, "train": [("", "x")]}, "none")
    assert "0 usable pairs; 1 or more are needed" in messages(none, "fail")[0]


def test_a_csv_that_is_mostly_ragged_fails(tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text("source,target\n" + "a, b, c, d\n" * 9 + "a,b\n")
    assert "9 of 10 rows cannot be used: more fields than the header (first on line 2)" in messages(path, "fail")[0]


def test_what_is_left_out_is_told_with_its_rows():
    warnings = messages([("a", ""), *PAIRS, PAIRS[0]], "warn")
    assert "1 pair with an empty side, left out when training (row 1)." in warnings
    assert "1 pair repeated, left out when training (row 218)." in warnings


def test_swapped_sides_are_found():
    rows = [*PAIRS[:50], *((target, source) for source, target in PAIRS[50:53]), *PAIRS[53:]]
    assert "3 pairs whose sides seem to be swapped (row 51, 52, 53)." in messages(rows, "warn")


def test_mixed_writing_systems_are_found_but_japanese_is_none():
    russian = [(source, "собака видит короля и кошку") for source, _ in PAIRS[:50]]
    assert any(
        line.startswith("The target mixes writing systems: Latin") and "Cyrillic" in line
        for line in messages(PAIRS + russian, "warn")
    )
    japanese = [(source, f"犬が猫を見る、カメラ{n}") for n, (source, _) in enumerate(PAIRS)]
    assert not any("mixes" in line for line in messages(japanese, "warn"))


def test_several_translations_are_told_when_they_are_many():
    rows = PAIRS + [(source, target + " wohl") for source, target in PAIRS[:30]]
    assert any(line.startswith("30 of 216 sources have several translations") for line in messages(rows, "warn"))
    assert not any("several" in line for line in messages(rows[:220], "warn"))


def test_sources_in_two_parts_are_told():
    text = parallel_text({"train": PAIRS[10:], "validation": PAIRS[8:13], "test": PAIRS[:10]}, "mine")
    assert "3 of the 5 sources of the validation part are also in the training part." in messages(text, "warn")
    assert "(sources held out: validation 5, test 10)" in messages(text, "good")[0]


def test_faults_of_the_files_are_told(tmp_path):
    (tmp_path / "a.en").write_bytes("caf\0é\n".encode("cp1252") + b"the dog\n" * 9)
    (tmp_path / "a.fr").write_bytes(b"le chien\n" * 10)
    warnings = messages(open_parallel(tmp_path / "a.en"), "warn")
    assert "1 line with NUL bytes; read as spaces." in warnings
    assert any(line.startswith("Read as cp1252 and utf-8, not as UTF-8") for line in warnings)
