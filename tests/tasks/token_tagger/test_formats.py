"""Corpora and annotation programs' files: what is in them comes out, or a line says how to read it."""

import json

import pytest

from rnnkit.errors import RnnkitError
from rnnkit.tasks.token_tagger.findings import tagged_findings
from rnnkit.tasks.token_tagger.source import open_tagged

CONLLU = """# sent_id = 1
# text = We're in Rome.
1-2\tWe're\t_\t_\t_\t_\t_\t_\t_\t_
1\tWe\twe\tPRON\tPRP\t_\t2\tnsubj\t_\tNER=O
2\t're\tbe\tAUX\tVBP\t_\t0\troot\t_\tNER=O
2.1\tleft\tleave\tVERB\tVBN\t_\t_\t_\t_\t_
3\tin\tin\tADP\tIN\t_\t4\tcase\t_\tNER=O
4\tRome\tRome\tPROPN\tNNP\t_\t2\tobl\t_\tNER=B-LOC|SpaceAfter=No
5\t.\t.\tPUNCT\t.\t_\t2\tpunct\t_\t_

1\tYes\tyes\tINTJ\tUH\t_\t0\troot\t_\t_

"""
CONLL_2012 = """#begin document (bc/cctv/00/x_0000); part 000
bc/x 0 0 Ann  NNP (TOP(S(NP* - - - Speaker1 (PERSON* (ARG0* -
bc/x 0 1 Lee  NNP *)         - - - Speaker1 *)       *)    -
bc/x 0 2 saw  VBD (VP*       see 01 1 Speaker1 *       (V*)  -
bc/x 0 3 Rome NNP (NP*))))   - - - Speaker1 (GPE)    (ARG1*) (1)

bc/x 0 0 Yes  UH (TOP*) - - - Speaker1 * -

#end document
"""
ADA = [(("Ada", "Lee", "met", "Bo"), ("B-PER", "I-PER", "O", "B-LOC"))]


@pytest.fixture
def read(tmp_path):
    def read_content(content, name="a.txt", columns=None, **how):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return open_tagged(path, columns, **how)

    return read_content


def said(text):
    return [(sentence.tokens, sentence.tags) for sentence in text.sentences]


def test_conllu_takes_words_from_form_and_tags_from_misc(read):
    expected = [(("We", "'re", "in", "Rome", "."), ("O", "O", "O", "B-LOC", "O")), (("Yes",), ("O",))]
    assert said(read(CONLLU, "a.conllu")) == said(read(CONLLU, "a.txt", {"tag": "NER"})) == expected


def test_conllu_takes_tags_from_a_named_column(read):
    text = read(CONLLU, "a.conllu", {"tag": "xpos"})
    assert text.sentences[0].tags == ("B-PRP", "B-VBP", "B-IN", "B-NNP", "B-.") and text.scheme == "plain"
    assert read(CONLLU, "a.conllu", {"token": "lemma", "tag": "4"}).sentences[0].tokens[1] == "be"
    plus = "# global.columns = ID FORM PARSEME:NE\n1\tRome\tB-LOC\n2-3\tdu\t*\n2\tde\tO\n3\tle\tO\n"
    assert said(read(plus, "a.cupt", {"tag": "parseme:ne"})) == [(("Rome", "de", "le"), ("B-LOC", "O", "O"))]


def test_conllu_without_names_says_which_flag_reads_it(read):
    with pytest.raises(RnnkitError, match="a.conllu is CoNLL-U.*--tag upos .or xpos, deprel"):
        read(CONLLU.replace("NER=B-LOC|", "").replace("NER=O", "_"), "a.conllu")
    with pytest.raises(RnnkitError, match="has no column 'xpso'.*Did you mean 'xpos'"):
        read(CONLLU, "a.conllu", {"tag": "xpso"})
    with pytest.raises(RnnkitError, match="first column counts the words.*--token 2 --tag NUMBER"):
        read("1\tRome\tB-LOC\t-\n2\tfell\tO\t-\n")
    with pytest.raises(RnnkitError, match="last column has '-', which is no tag.*--tag NUMBER"):
        read("Rome B-LOC -\nfell O -\n")


def test_conll_2012_has_words_and_names_in_brackets(read):
    text = read(CONLL_2012, "x.gold_conll")
    expected = (("Ann", "Lee", "saw", "Rome"), ("B-PERSON", "I-PERSON", "O", "B-GPE"))
    assert said(text) == [expected, (("Yes",), ("O",))]
    assert read(CONLL_2012, "x.v4_gold_conll", {"tag": "pos"}).sentences[0].tags[2] == "B-VBD"
    with pytest.raises(RnnkitError, match="line 2: the brackets of"):
        read(CONLL_2012.replace("(PERSON*", "*"), "x.conll")


@pytest.mark.parametrize(
    "tags, types",
    [
        ("B_PER I_PER O B_LOC", "PER LOC"),
        ("b-per i-per o b-loc", "per loc"),
        ("B-PER E-PER O S-LOC", "PER LOC"),
        ("B_PER E_PER O S_LOC", "PER LOC"),
        ("B-PER M-PER O S-LOC", "PER LOC"),
        ("PER-B PER-I O LOC-B", "PER LOC"),
        ("PER_B PER_I O LOC_B", "PER LOC"),
        ("per-b per-i o loc-b", "per loc"),
        ("B:PER I:PER O B:LOC", "PER LOC"),
        ("I-PER I-PER O I-LOC", "PER LOC"),
        ("(PER* *) * (LOC)", "PER LOC"),
        ("B-PER M-PER O W-LOC", "PER LOC"),
        ("B-PER E-PER O W-LOC", "PER LOC"),
        ("B-PER I_PER O B-LOC", "PER LOC"),
        ("B#PER I#PER O B#LOC", "PER LOC"),
        ("B\u2013PER I\u2013PER O B\u2013LOC", "PER LOC"),
        ("BEGIN-PER INSIDE-PER OUTSIDE BEGIN-LOC", "PER LOC"),
        ("B-PER I-PER 0 B-LOC", "PER LOC"),
        ("B-PER I-PER _ B-LOC", "PER LOC"),
        ("B-PER I-PER OTHER B-LOC", "PER LOC"),
        ("B-PER I-PER\u00a0 O B-LOC", "PER LOC"),
        ("B-CAF\u00c9 I-CAFE\u0301 O B-LOC", "CAF\u00c9 LOC"),
    ],
)
def test_tags_of_every_spelling(read, tags, types):
    person, place = types.split()
    lines = "".join(f"{word}\t{tag}\t\n" for word, tag in zip(ADA[0][0], tags.split(), strict=True))
    assert said(read(lines)) == [(ADA[0][0], (f"B-{person}", f"I-{person}", "O", f"B-{place}"))]


def test_bare_letters_of_segmentation_and_types_that_only_look_lettered(read):
    assert read("a B\nb M\nc E\nd S\n").sentences[0].entities == [(0, 3, "ENTITY"), (3, 4, "ENTITY")]
    assert {kind for _, _, kind in read("a E.COLI\nb S.PYOGENES\nc O\n").sentences[0].entities} == {
        "E.COLI",
        "S.PYOGENES",
    }
    assert "written as B_X" in tagged_findings(read("a B_X\nb O\n\nc B_X\n"))[-1].message


def test_what_stands_for_outside_is_said_and_types_stay_types(read):
    rows = "Ada PER\nsaw 0\nall 0\nof 0\nRome LOC\n"
    assert said(read(rows)) == [(("Ada", "saw", "all", "of", "Rome"), ("B-PER", "O", "O", "O", "B-LOC"))]
    assert read(rows).notes == ["0 for O"]
    for other in ("OTHER", "NOUN"):
        assert other in {kind for _, _, kind in read(rows.replace("0", other)).sentences[0].entities}


def test_types_that_differ_in_letter_case_are_said(read):
    found = tagged_findings(read("Ada B-PER\nsaw O\nRome B-per\n"))
    assert any("'PER' and 'per' differ in letter case alone" in finding.message for finding in found)


TEXT = "Ada Lee met Bo"
SPANS = [[0, 7, "PER"], [12, 14, "LOC"]]
RESULT = [{"type": "labels", "value": {"start": s, "end": e, "text": TEXT[s:e], "labels": [x]}} for s, e, x in SPANS]


@pytest.mark.parametrize(
    "name, content",
    [
        ("doccano.jsonl", {"id": 1, "text": TEXT, "label": SPANS}),
        ("labels.jsonl", {"id": 1, "text": TEXT, "labels": SPANS}),
        (
            "entities.jsonl",
            {"text": TEXT, "entities": [{"label": x, "start_offset": s, "end_offset": e} for s, e, x in SPANS]},
        ),
        (
            "old.json",
            [{"text": TEXT, "annotations": [{"label": x, "start_offset": s, "end_offset": e} for s, e, x in SPANS]}],
        ),
        ("studio.json", [{"id": 1, "data": {"text": TEXT}, "annotations": [{"id": 7, "result": RESULT}]}]),
        ("early.json", [{"id": 1, "data": {"text": TEXT}, "completions": [{"id": 7, "result": RESULT}]}]),
        ("min.json", [{"id": 1, "text": TEXT, "label": [result["value"] for result in RESULT], "annotator": 1}]),
        ("spacy.json", [[TEXT, {"entities": SPANS}]]),
        ("spacy.jsonl", [TEXT, {"entities": SPANS}]),
        ("annotator.json", {"classes": ["PER", "LOC"], "annotations": [[TEXT, {"entities": SPANS}], None]}),
        ("spans.jsonl", {"text": TEXT, "spans": [{"start": s, "end": e, "label": x} for s, e, x in SPANS]}),
        (
            "v2.json",
            [
                {
                    "id": 0,
                    "paragraphs": [
                        {
                            "raw": TEXT,
                            "sentences": [
                                {
                                    "tokens": [
                                        {"orth": word, "ner": tag}
                                        for word, tag in zip(ADA[0][0], ("B-PER", "L-PER", "O", "U-LOC"), strict=True)
                                    ]
                                }
                            ],
                        }
                    ],
                }
            ],
        ),
        ("hf.json", {"version": "1", "data": [{"tokens": ADA[0][0], "ner_tags": ADA[0][1]}]}),
        ("hf.jsonl", {"tokens": ADA[0][0], "ner_tags": ADA[0][1]}),
    ],
)
def test_annotation_programs(read, name, content):
    assert said(read(content, name)) == ADA


def test_what_nobody_annotated_is_left_out_and_said(read):
    tasks = [
        {"data": {"text": TEXT}, "annotations": [{"result": RESULT}, {"result": []}]},
        {"data": {"text": "Never seen"}, "annotations": []},
        {"data": {"text": "No name here"}, "annotations": [{"result": []}]},
    ]
    text = read(tasks, "studio.json")
    assert [sentence.tokens[0] for sentence in text.sentences] == ["Ada", "No"]
    assert text.oddities["unlabelled"] == text.oddities["labelled_again"] == 1


def test_numbers_for_tags_want_their_names(read):
    rows = {"tokens": ["Ada", "met"], "ner_tags": [1, 0]}
    with pytest.raises(RnnkitError, match="row 1: the tags are numbers such as 1.*--tag-names O,B-PER,I-PER"):
        read(rows, "hf.jsonl")
    assert said(read(rows, "hf.jsonl", tag_names="O,B-PER")) == [(("Ada", "met"), ("B-PER", "O"))]
    with pytest.raises(RnnkitError, match="expected a number from 0 to 0"):
        read(rows, "hf.jsonl", tag_names="O")
    with pytest.raises(RnnkitError, match="labels are numbers such as 5; export them from doccano"):
        read([{"text": "Ada", "annotations": [{"label": 5, "start_offset": 0, "end_offset": 3}]}], "old.json")


@pytest.mark.parametrize("unit, sign", [("utf-16", "😀"), ("bytes", "é"), ("characters", "😀")])
def test_places_in_any_unit(read, unit, sign):
    def place_in(text):
        sizes = {"characters": len(text), "utf-16": len(text.encode("utf-16-le")) // 2, "bytes": len(text.encode())}
        return sizes[unit]

    rows = []
    for number in range(4):
        text = f"{sign} hi {sign * number} Ann Lee went"
        begin = place_in(text[: text.index("Ann")])
        rows.append({"text": text, "label": [[begin, begin + 7, "PER"]]})
    content = "".join(json.dumps(row) + "\n" for row in rows)
    for text in (read(content, "a.jsonl"), read(content, "a.jsonl", places=unit)):
        assert all(s.tokens[s.entities[0][0] : s.entities[0][1]] == ("Ann", "Lee") for s in text.sentences)
    found = read(content, "a.jsonl").notes
    assert found == ([] if unit == "characters" else [f"places count {unit.replace('utf-16', 'UTF-16 units')}"])


def test_places_that_fit_no_unit_alone_are_refused_with_the_flag(read):
    rows = [{"text": "😀 Ann Lee", "label": [[3, 6, "PER"], [7, 9, "PER"]]}] * 2
    with pytest.raises(RnnkitError, match="of 4 entities after emoji.*Say which: --places utf-16"):
        read("".join(json.dumps(row) + "\n" for row in rows), "a.jsonl")


def test_places_that_neither_unit_fits_are_asked_for(read):
    text = "😀ฉันไปกรุงเทพเมื่อวาน"
    begin = text.index("กรุงเทพ")
    content = json.dumps({"text": text, "label": [[begin, begin + 7, "LOC"]]})
    with pytest.raises(RnnkitError, match="0 if UTF-16 units, 0 if bytes. Say which: --places characters"):
        read(content, "a.jsonl")
    assert "กรุงเทพ" in read(content, "a.jsonl", places="characters").sentences[0].tokens


@pytest.mark.parametrize("text", ["Ada Lee met Bo in Rome.", "李雷在北京和上海。"])
def test_ends_that_are_the_last_characters_are_told(read, text):
    names = [name for name in ("Ada Lee", "Bo", "Rome", "李雷", "北京", "上海") if name in text]
    places = [(text.index(name), text.index(name) + len(name), name) for name in names]
    rows = [{"start": begin, "end": end - 1, "label": "X", "text": name} for begin, end, name in places]
    found = read(json.dumps({"text": text, "entities": rows}), "a.jsonl")
    assert ["".join(found.sentences[0].tokens[a:b]) for a, b, _ in found.sentences[0].entities] == [
        name.replace(" ", "") for name in names
    ]
    assert found.notes == ["ends are those of the last characters"]
    two = read(json.dumps({"text": text, "entities": rows[:1] + [{**rows[1], "end": places[1][1]}]}), "a.jsonl")
    assert two.notes == [], "not all"


def test_rejected_and_unannotated_rows_are_not_read(read):
    rows = [
        {"text": "Ada sat", "spans": [{"start": 0, "end": 3, "label": "PER"}], "answer": answer}
        for answer in ("reject", "accept", "ignore")
    ]
    text = read("".join(json.dumps(row) + "\n" for row in rows), "prodigy.jsonl")
    assert len(text.sentences) == 1 and text.oddities["unlabelled"] == 2
    with pytest.raises(RnnkitError, match="nobody has annotated its rows yet"):
        read(json.dumps([{"data": {"text": "Ada sat"}, "annotations": [], "predictions": []}] * 3), "studio.json")
