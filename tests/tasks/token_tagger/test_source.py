"""Tagged sentences from files, tables, folders and lists: the same whatever the form, or refused with the place."""

import io
import json
import os
import re
import tarfile

import pytest

from rnnkit.errors import RnnkitError
from rnnkit.tasks.token_tagger import sample as tagged_sample
from rnnkit.tasks.token_tagger.findings import entity_counts, tagged_findings
from rnnkit.tasks.token_tagger.source import TaggedSentence, TaggedText, open_tagged

TEXTS = [
    ("Ada Byron met Bo in New York.", [(0, 9, "PER"), (14, 16, "PER"), (20, 28, "LOC")]),
    ('"It\'s 5, no?", he said', []),
    ("U.N.", [(0, 4, "ORG")]),
]
SENTENCES = [
    TaggedSentence(
        ("Ada", "Byron", "met", "Bo", "in", "New", "York", "."),
        ("B-PER", "I-PER", "O", "B-PER", "O", "B-LOC", "I-LOC", "O"),
    ),
    TaggedSentence(('"', "It", "'s", "5", ",", "no", "?", '"', ",", "he", "said"), ("O",) * 11),
    TaggedSentence(("U.N.",), ("B-ORG",)),
]


@pytest.fixture
def write(tmp_path):
    def write_file(content: str, name: str):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return write_file


def columns_of(sentences, pattern="{} {}\n"):
    return "\n".join("".join(map(pattern.format, s.tokens, s.tags)) for s in sentences)


def quoted(*values):
    return ",".join('"' + str(value).replace('"', '""') + '"' for value in values) + "\n"


def refusal(source, *arguments, **options):
    with pytest.raises(RnnkitError) as caught:
        open_tagged(source, *arguments, **options)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400
    return str(caught.value)


def forms(write):
    """The three sentences in every form, as (source, columns)."""
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    spans = [[{"start": a, "end": b, "label": c} for a, b, c in entities] for _, entities in TEXTS]
    rows = [(n, t, g) for n, s in enumerate(SENTENCES, 1) for t, g in zip(s.tokens, s.tags, strict=True)]
    yield write(columns_of(SENTENCES), "a.conll"), None
    yield write(columns_of(SENTENCES, "{}\tNN\t{}\n"), "a.tsv"), None
    yield write("sentence_id,word,ner\n" + "".join(quoted(*row) for row in rows), "b.csv"), None
    yield write("id\tform\tkind\n" + "".join(f"{a}\t{b}\t{c}\n" for a, b, c in rows), "b.tsv"), {
        "sentence": "id", "tag": "kind"}  # fmt: skip
    filled = [("Sentence: 1" if n == 1 and i == 0 else f"Sentence: {n}" if rows[i - 1][0] != n else "", t, "X", g)
              for i, (n, t, g) in enumerate(rows)]  # fmt: skip
    yield write("Sentence #,Word,POS,Tag\n" + "".join(quoted(*row) for row in filled), "kaggle.csv"), None
    texts = [(text, json.dumps(entities)) for (text, _), entities in zip(TEXTS, spans, strict=True)]
    yield write("text,entities\n" + "".join(quoted(*row) for row in texts), "c.csv"), None
    yield write("text,entities\n" + "".join(quoted(a, b) for a, b in TEXTS), "python.csv"), None
    objects = [{"text": text, "label": [list(span) for span in entities]} for text, entities in TEXTS]
    yield write("".join(json.dumps(row) + "\n" for row in objects), "c.jsonl"), None
    lists = [{"tokens": s.tokens, "ner_tags": s.tags} for s in SENTENCES]
    yield write("".join(json.dumps(row) + "\n" for row in lists), "d.jsonl"), None
    yield pandas.DataFrame(rows, columns=["sentence", "token", "tag"]), None
    yield pandas.DataFrame({"text": [text for text, _ in TEXTS], "entities": spans}), None
    numpy = pytest.importorskip("numpy", reason="numpy is not installed")
    yield pandas.DataFrame({"tokens": [numpy.array(s.tokens, object) for s in SENTENCES],
                            "tags": [numpy.array(s.tags, object) for s in SENTENCES]}), None  # fmt: skip
    yield [(list(s.tokens), list(s.tags)) for s in SENTENCES], None
    yield SENTENCES, None
    yield TEXTS, None
    yield [(text, {"entities": entities}) for text, entities in TEXTS], None


def test_every_form_gives_the_same_text(write):
    count = 0
    for source, columns in forms(write):
        text = open_tagged(source, columns, strict=True)
        assert text.sentences == SENTENCES, source
        assert (text.scheme, text.repaired, +text.oddities) == ("iob2", 0, {})
        assert (text.validation, text.test, text.encoding) == (None, None, "utf-8")
        assert open_tagged(text) is text
        count += 1
    assert count == 16


@pytest.mark.parametrize("scheme", ["iob1", "iobes", "bilou"])
def test_other_schemes_are_found_and_converted(write, scheme):
    from rnnkit.codec.tag_schemes import from_iob2

    written = [(s.tokens, from_iob2(s.tags, scheme)) for s in SENTENCES]
    text = open_tagged(written, strict=True)
    assert (text.sentences, text.scheme) == (SENTENCES, scheme)
    assert open_tagged(written, scheme=scheme).sentences == SENTENCES
    plain = open_tagged([(["Ada", "Byron"], ["PER", "PER"])])
    assert (plain.scheme, plain.sentences[0].tags) == ("plain", ("B-PER", "B-PER"))


def test_tags_that_do_not_fit_are_repaired_and_counted_or_refused(write):
    path = write("Ada B-PER\n\nin O\nNew I-LOC\nYork I-LOC\n\nBo I-PER\n", "a.txt")
    text = open_tagged(path)
    assert (text.repaired, text.scheme) == (2, "iob2")
    assert [s.tags for s in text.sentences] == [("B-PER",), ("O", "B-LOC", "I-LOC"), ("B-PER",)]
    message = refusal(path, strict=True)
    assert message.startswith("a.txt line 4: I-LOC follows O; in iob2 an entity begins with B-LOC. Correct it, or")
    assert "The list sentence 2: I-PER begins" in refusal([(["a"], ["B-X"]), (["a"], ["I-PER"])], strict=True)
    assert "a.txt line 1: B-PER begins the sentence; in iob1" in refusal(path, strict=True, scheme="iob1")


@pytest.mark.parametrize(
    "content, name, message",
    [
        ("Ada B-PER\nmet Q-PER\n", "a.txt", "a.txt line 2: the tag 'Q-PER' is none of iob2; expected B-TYPE"),
        ("Ada B-PER\nBo PER\n", "a.txt", "a.txt line 2: the tag 'PER'.*use --scheme plain"),
        ("Ada BPER\nBo I-PER\n", "a.txt", "line 1: the tag 'BPER' is none of iob1"),
        (
            "word,tag,s_no\nAda,O,1\n",
            "a.csv",
            "a.csv has no column 'sentence'. It has: word, tag, s_no. Use --sentence",
        ),
        (
            "no,tag,sentence\nAda,O,1\n",
            "a.csv",
            "a.csv has no column 'token'. It has: no, tag, sentence. Use --token",
        ),
        ("body\nAda\n", "a.csv", "no column 'token'.*use --text and --entities"),
        ("token,tag,sentence\nAda,,1\n", "a.csv", "a.csv row 1: the token 'Ada' has no tag"),
        ("token,tag,sentence\n", "a.csv", "a.csv has no row with a token"),
        ("text,entities\nAda,PER\n", "a.csv", "a.csv row 1: the entities are 'PER'; expected a JSON list"),
        ('text,entities\nAda,"[[0, 3]]"\n', "a.csv", r"row 1: \[0, 3\] is not an entity; expected"),
        ('text,entities\nAda,"[{""begin"": 0}]"\n', "a.csv", "row 1: {'begin': 0} is not an entity"),
        ('text,entities\nAda,"[[0, 1e400, ""X""]]"\n', "a.csv", r"row 1: \[0, inf, 'X'\] is not an entity"),
        ('text,entities\nAda,"[[0.5, 3, ""X""]]"\n', "a.csv", r"row 1: \[0.5, 3, 'X'\] is not an entity"),
        (
            'text,entities\nAda,"[{""start"":0,""end"":3,""labels"":5}]"\n',
            "a.csv",
            "row 1: {'start': 0.* is not an entity",
        ),
        ("sentence,token\n1,Ada\n", "a.csv", "no column 'tag'. It has: sentence, token. Add that column"),
        ('{"tokens": ["a"], "tags": ["O", "O"]}\n', "a.jsonl", "a.jsonl row 1 has 1 tokens and 2 tags"),
        ('{"tokens": ["a"], "tags": [3]}\n', "a.jsonl", "the tags are numbers such as 3"),
        ('{"tokens": ["a", ""], "tags": ["O", "O"]}\n', "a.jsonl", "row 1: token 2 is empty"),
        ('{"token": "a", "tag": "O"}\n', "a.jsonl", "expected lists of tokens and tags.*--sentence"),
    ],
)
def test_what_is_wrong_is_named(write, content, name, message):
    assert re.search(message, refusal(write(content, name)))


def test_columns_that_do_not_go_together_and_unknown_schemes(write):
    path = write("text,entities\nAda,[]\n", "a.csv")
    assert "--tag --text do not go together" in refusal(path, {"tag": "a", "text": "b"})
    assert "no column 'word'" in refusal(path, {"token": "word"})
    assert "Unknown column role 'label'" in refusal(path, {"label": "a"})
    assert "Did you mean 'iobes'" in refusal(path, scheme="iobs")
    assert "expected a file name, a folder" in refusal(7)
    assert "The list is empty" in refusal([])
    assert "sentence 1 is 'ab'; expected a pair" in refusal(["ab"])
    assert "sentence 2 has tokens and the first a text" in refusal([("a", []), (["a"], ["O"])])
    assert "There is no file" in refusal(path.with_name("b.csv"))
    with pytest.raises(RnnkitError, match="2 tokens and 1 tags"):
        TaggedSentence(("a", "b"), ("O",))


def test_blank_rows_and_rows_with_too_many_fields_are_counted(write):
    path = write("token,tag,sentence\nAda,B-PER,1\n,O,1\n,,O,1\nmet,O,2\nBo,O,1\n", "a.csv")
    text = open_tagged(path)
    assert [s.tokens for s in text.sentences] == [("Ada",), ("met",), ("Bo",)]
    assert text.oddities == {"blank_rows": 1, "long_rows": 1, "scattered": 1}
    assert "a.csv row 2 has no token" in refusal(path, strict=True)


def test_places_count_the_blanks_that_a_text_begins_with(write):
    path = write('text,entities\n  Bonn is old,"[[2, 6, ""LOC""]]"\n', "a.csv")
    assert open_tagged(path, strict=True).sentences[0].entities == [(0, 1, "LOC")]


def test_words_are_cut_where_entities_begin_and_end():
    text = open_tagged([("preBerlinpost New York-based", [(3, 9, "LOC"), (14, 22, "LOC")])])
    [sentence] = text.sentences
    assert sentence.tokens == ("pre", "Berlin", "post", "New", "York", "-based")
    assert sentence.entities == [(1, 2, "LOC"), (3, 5, "LOC")] and text.oddities == {"cut_tokens": 3}


@pytest.mark.parametrize(
    "spans, kept, message",
    [
        ([(0, 3, "A"), (0, 8, "B")], [(0, 2, "B")], "the entity A from 0 to 3 overlaps B from 0 to 8"),
        ([(0, 3, "A"), (0, 3, "A")], [(0, 1, "A")], "overlaps A from 0 to 3"),
        ([(4, 99, "A")], [], "A from 4 to 99 is outside the text, which has 12 characters"),
        ([(-1, 3, "A")], [], "outside the text"),
        ([(3, 3, "A")], [], "outside the text"),
        ([(3, 4, "A")], [], "A from 3 to 4 contains no word"),
    ],
)
def test_entities_that_do_not_fit_are_dropped_or_refused(spans, kept, message):
    source = [("One two four", spans)]
    text = open_tagged(source)
    assert text.sentences[0].entities == kept and text.oddities["dropped"] == 1
    assert message in refusal(source, strict=True) and "The list sentence 1" in refusal(source, strict=True)


def test_a_folder_with_parts(write, tmp_path):
    for part, sentence in zip(("train", "testa", "testb"), SENTENCES, strict=True):
        write(columns_of([sentence]), f"eng.{part}")
    write("nothing", "README.md")
    text = open_tagged(tmp_path)
    assert [text.sentences, text.validation, text.test] == [[sentence] for sentence in SENTENCES]
    assert list(text.parts) == ["train", "validation", "test"] and text.name == tmp_path.name
    write(columns_of(SENTENCES), "train.txt")
    assert "has two files for train, eng.train and train.txt" in refusal(tmp_path)
    (tmp_path / "train.txt").unlink()
    (tmp_path / "eng.train").unlink()
    assert "has no training file; expected train.txt" in refusal(tmp_path)


def test_the_scheme_is_that_of_all_parts(write, tmp_path):
    write("Ada I-PER\n", "train.txt")
    write("Bo O\nAda B-PER\n", "dev.txt")
    text = open_tagged(tmp_path)
    assert (text.scheme, text.repaired) == ("iob2", 1)
    assert "train.txt line 1: I-PER begins" in refusal(tmp_path, strict=True)


def findings_of(text):
    found = tagged_findings(text)
    return [finding.level for finding in found], " ".join(finding.message for finding in found)


def test_findings_say_what_is_good_and_what_is_not(write):
    levels, said = findings_of(open_tagged([(["a"], ["O"])] * 3))
    assert levels == ["fail", "fail", "warn", "warn", "warn", "good"]
    assert "1 different sentence; 3 or more are needed, to learn from, to choose by and to score on." in said
    assert "every tag is O" in said and "2 sentences come again" in said and "Every sentence is a single token" in said
    rows = [(["one", "Ada"], ["O", "B-PER"]), (["Ada", "one"], ["I-PER", "O"]), (["x"] * 300, ["B-ODD"] + ["O"] * 299)]
    text = open_tagged(rows)
    text.test, text.encoding, text.name = [*text.sentences[:2], TaggedSentence(("new",), ("B-NEW",))], "cp1252", "x.csv"
    text.sentences.append(TaggedSentence(("one", "Ada"), ("O", "O")))
    levels, said = findings_of(text)
    for part in (
        "1 tag repaired: iob2 does not allow them",
        "1 sentence with the words of another, but different tags",
        "2 sentences of the test part that are also in the training part",
        "1 sentence of more than 200 tokens; the longest has 300 and begins 'x x x",
        "('ODD' 1, 'PER' 2); expect 10",
        "The test part has types that the training part lacks: 'NEW' 1",
        "Only 4 sentences",
        "Read as cp1252",
        "7 sentences (4 train, 3 test), 311 tokens, 6 entities of 3 types: 'NEW' 1, 'ODD' 1, 'PER' 4.",
    ):
        assert part in said
    with_dev = open_tagged([(["Ada", "is"], ["B-PER", "O"])])
    with_dev.validation = with_dev.sentences
    assert (
        "0 different sentences that are in no given part; 2 or more are needed, to learn from and to score on."
        in (findings_of(with_dev)[1])
    )
    whole = [([f"w{n}", "is", "Ada"], ["O", "O", "B-PER"]) for n in range(100)]
    assert findings_of(open_tagged(whole))[0] == ["good"]


def test_oddities_are_told(write):
    source = write('text,entities\nABC,"[[0,1,""X""],[0,2,""Y""],[9,11,""X""]]"\n,\n" ",[]\n', "a.csv")
    _, said = findings_of(open_tagged(source))
    assert "1 row left out: no token or no text" in said
    assert "2 entities left out: overlapping" in said and "1 word cut" in said


# The sample and the real data


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """A small source archive of the same make instead of the fetched one, and the cache in a temporary folder."""
    xml = (
        b"<AddressCollection>\n  <AddressString><Number>12</Number> <Street>Old</Street> <Street>Mill\n</Street>"
        b"</AddressString>\n<AddressString><Number>3</Number> <Number>4</Number></AddressString></AddressCollection>"
    )
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        member = tarfile.TarInfo(tagged_sample._MEMBER)
        member.size = len(xml)
        tar.addfile(member, io.BytesIO(xml))
    fetched = []
    monkeypatch.setattr(tagged_sample, "fetch_archive", lambda *given: fetched.append(given) or packed.getvalue())
    monkeypatch.setattr(tagged_sample, "_SENTENCES", 2)
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))
    return fetched


def test_the_sample_is_fetched_once_and_runs_of_a_label_are_entities(archive):
    said = []
    text = tagged_sample.tagged_data("sample", say=said.append)
    assert [s.tokens for s in text.sentences] == [("12", "Old", "Mill"), ("3", "4")]
    assert [s.entities for s in text.sentences] == [[(0, 1, "Number"), (1, 3, "Street")], [(0, 2, "Number")]]
    assert tagged_sample.tagged_data("sample", say=pytest.fail) == text
    assert len(said) == len(archive) == 1 and "usaddress==0.5.16" in said[0]


def test_a_damaged_cache_says_what_to_delete(archive, tmp_path):
    tagged_sample.load_tagging_sample(lambda line: None)
    (tmp_path / "cache" / "tagging_sample.conll").write_text("12 B-Number\n")
    with pytest.raises(RnnkitError, match="has 1 addresses; expected 2. Delete it"):
        tagged_sample.load_tagging_sample()


def test_the_choice_of_data(archive, write, monkeypatch, tmp_path):
    said = []
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    assert len(tagged_sample.tagged_data("auto", say=said.append).sentences) == 2
    assert said[0].startswith("NOT USING tfds:") and "conll2003" in said[0]
    assert tagged_sample.tagged_data(str(write("Ada B-PER\n", "my.conll"))).name == "my.conll"
    with pytest.raises(RnnkitError, match="--data is 'tdfs'.*Did you mean 'tfds'"):
        tagged_sample.tagged_data("tdfs")


@pytest.mark.data
def test_the_real_sample(monkeypatch, tmp_path):
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path))
    try:
        text = tagged_sample.load_tagging_sample(lambda line: None)
    except RnnkitError as error:
        pytest.skip(f"the archive cannot be fetched: {error}")
    assert isinstance(text, TaggedText) and len(text.sentences) == 1_513
    assert sum(map(len, text.sentences)) == 10_722
    assert len({kind for sentence in text.sentences for _, _, kind in sentence.entities}) == 29


@pytest.mark.data
@pytest.mark.skipif("TFDS_DATA_DIR" not in os.environ, reason="TFDS_DATA_DIR names no folder with conll2003")
def test_the_real_conll_2003():
    pytest.importorskip("tensorflow_datasets", reason="tensorflow_datasets is not installed")
    text = tagged_sample.tagged_data("tfds")
    assert [len(part) for part in text.parts.values()] == [14_041, 3_250, 3_453]
    assert [sum(map(len, part)) for part in text.parts.values()] == [203_621, 51_362, 46_435]
    # Entities as the shared task's paper counts them: LOC, MISC, ORG, PER.
    counts = [entity_counts(part) for part in text.parts.values()]
    assert [list(count.values()) for count in counts] == [
        [7140, 3438, 6321, 6600], [1837, 922, 1341, 1842], [1668, 702, 1661, 1617]]  # fmt: skip
    assert text.repaired == 0 and [f.level for f in tagged_findings(text)][-1] == "good"
