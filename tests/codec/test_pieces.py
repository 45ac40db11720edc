"""Text to pieces and back: nothing is lost, and cuts are SentencePiece's."""

import io
import itertools
import random
import subprocess
import sys

import numpy as np
import pytest

from rnnkit.codec.normalise import normalised
from rnnkit.codec.piece_splits import best_path, merge_pairs
from rnnkit.codec.pieces import END, KINDS, PAD, SPECIALS, START, UNKNOWN, Pieces
from rnnkit.data.learn_pieces import learn_pieces, more_pieces
from rnnkit.errors import RnnkitError

NAMES = [("bpe", "▁a", "a"), ("unigram", "▁a", "a"), ("word", "▁a", "b"), ("character", "▁", "a")]


def sentences(rows: int, seed: int, letters: str = "aeiouäßéstrnmlkdghSTN") -> list[str]:
    """Made-up sentences of some 400 words that share syllables, with signs and numbers."""
    make = random.Random(0)
    syllables = ["".join(make.choices(letters, k=make.randint(1, 3))) for _ in range(60)]
    words = ["".join(make.choices(syllables, k=make.randint(1, 5))) for _ in range(400)]
    pick = random.Random(seed)
    signs = ["", "", "", "", ",", ".", "!", " 1,250", "'s"]
    return [" ".join(pick.choice(words) + pick.choice(signs) for _ in range(pick.randint(1, 20))) for _ in range(rows)]


def any_text(seed: int, length: int = 60) -> str:
    """Letters of all scripts, accents, signs, controls, blanks, lone surrogates."""
    pick = random.Random(seed)
    spans = [(32, 127), (0, 0x300), (0x300, 0x370), (0x2000, 0x2070), (0x2580, 0x2590), (0xD7F0, 0x10000),
             (0x4E00, 0x5000), (0x1F300, 0x1FAFF), (0, 0x110000)]  # fmt: skip
    return "".join(chr(pick.randrange(*pick.choice(spans))) for _ in range(pick.randint(0, length)))


@pytest.fixture(scope="module", params=KINDS)
def pieces(request) -> Pieces:
    if request.param in ("bpe", "unigram"):
        pytest.importorskip("sentencepiece", reason="learns BPE and unigram pieces")
    return learn_pieces(sentences(800, 1), request.param, 300)


def reference(kind: str, texts: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[Pieces, "object"]:
    """Pieces, and the SentencePiece model that they were read from."""
    sentencepiece = pytest.importorskip("sentencepiece", reason="the reference")
    models = []

    def keep(model_writer: io.BytesIO, **settings: object) -> None:
        train(model_writer=model_writer, **settings)
        models.append(sentencepiece.SentencePieceProcessor(model_proto=model_writer.getvalue()))

    train = sentencepiece.SentencePieceTrainer.train
    monkeypatch.setattr(sentencepiece.SentencePieceTrainer, "train", staticmethod(keep))
    return learn_pieces(texts, kind, 300), models[0]


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_cuts_are_those_of_sentencepiece(kind, monkeypatch):
    pieces, model = reference(kind, sentences(800, 1), monkeypatch)
    assert len(pieces) == 300
    texts = sentences(200, 2) + sentences(100, 3, "abcdefgxyz漢字☃ ") + [any_text(seed) for seed in range(300)]
    for text in texts:
        assert pieces.split(text) == model.encode(normalised(text), out_type=str), text
    mean = np.mean([len(pieces.split(text)) / len(text) for text in texts[:200]])
    assert mean < 0.6  # pieces of several characters are in use


def test_nothing_is_lost(pieces):
    for text in [*sentences(50, 4), *(any_text(seed) for seed in range(400)), "", "  ", "\u2581\u2581a \u2581"]:
        strings = pieces.split(text)
        assert pieces.join(strings) == normalised(text)
        assert all(strings) and "".join(strings).count("\u2581") == len(normalised(text).split())
        ids = pieces.encode(text)
        assert ids.dtype == np.int32 and ids.tolist() == pieces.ids(strings) and (ids[ids != UNKNOWN] > END).all()
        if UNKNOWN not in ids:
            assert pieces.decode(ids) == normalised(text)
    for text in sentences(50, 1):  # seen in training
        assert pieces.kind == "word" or UNKNOWN not in pieces.encode(text)


def test_the_same_text_gives_the_same_pieces(pieces):
    again = learn_pieces(iter(sentences(800, 1)), pieces.kind, 300)
    assert again.pieces == pieces.pieces and again.scores == pieces.scores


def test_file_round_trip(pieces, tmp_path):
    path = tmp_path / "pieces.txt"
    pieces.save(path)
    for ends in (b"\n", b"\r\n"):
        path.write_bytes(path.read_bytes().replace(b"\n", ends))
        loaded = Pieces.load(path)
        assert (loaded.kind, loaded.pieces, loaded.scores) == (pieces.kind, pieces.pieces, pieces.scores)
    text = sentences(1, 9)[0]
    assert loaded.split(text) == pieces.split(text)


def test_the_file_is_plain_text(tmp_path):
    Pieces("bpe", ["▁a", "\u2028b"[1:], "👍"], [-0.0, -1, -2.5]).save(tmp_path / "pieces.txt")
    expected = "kind\tbpe\n<PAD>\t0\n<START>\t0\n<UNKNOWN>\t0\n<END>\t0\n▁a\t0\nb\t-1\n👍\t-2.5\n"
    assert (tmp_path / "pieces.txt").read_text(encoding="utf-8") == expected


GOOD = "kind\tword\n<PAD>\t0\n<START>\t0\n<UNKNOWN>\t0\n<END>\t0\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "begins with ''; expected 'kind'"),
        ("word\n", "begins with 'word'"),
        ("kind\twrod\n" + GOOD.partition("\n")[2], "Unknown kind of pieces 'wrod'.*Did you mean 'word'"),
        ("kind\tword\na\t0\n", "has the pieces \\['a'\\] first"),
        (GOOD + "a\n", "line 6 is 'a'"),
        (GOOD + "a 1\n", "line 6 is 'a 1'"),
        (GOOD + "\t1\n", "line 6 is"),
        (GOOD + "a\tmuch\n", "line 6 is 'a.*its score"),
        (GOOD + "a\tnan\n", "finite"),
        (GOOD + "a\t1e999\n", "finite"),
        (GOOD + "a\t0\na\t0\n", "'a' is twice"),
        (GOOD + "<END>\t0\n", "'<END>' is twice"),
        (GOOD + "a b\t0\n", "'a b' cannot be a piece"),
        (GOOD + "a\0\t0\n", "cannot be a piece"),
        (GOOD + "x" * 101 + "\t0\n", "cannot be a piece"),
        (GOOD + "\udce9\t0\n", "not UTF-8 at byte"),
    ],
)
def test_a_malformed_file_is_named(tmp_path, content, message):
    path = tmp_path / "pieces.txt"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(RnnkitError, match=message) as error:
        Pieces.load(path)
    assert "pieces.txt" in str(error.value) and "\n" not in str(error.value)


def test_mistakes_in_python_are_named(tmp_path):
    with pytest.raises(RnnkitError, match="cannot be read"):
        Pieces.load(tmp_path / "none.txt")
    with pytest.raises(RnnkitError, match="without scores"):
        Pieces("unigram", ["a"])
    with pytest.raises(RnnkitError, match="1 scores for 2 pieces"):
        Pieces("bpe", ["a", "b"], [0.0])
    with pytest.raises(RnnkitError, match="no piece with id 9"):
        Pieces("word", ["a"]).decode([9])


@pytest.mark.parametrize(("kind", "first", "second"), NAMES)
def test_ids_begin_after_the_special_ones(kind, first, second):
    pieces = Pieces(kind, [first, second], [-1.0, -2.0])
    assert (PAD, START, UNKNOWN, END) == (0, 1, 2, 3)
    assert pieces.pieces == (*SPECIALS, first, second) and len(pieces) == 6
    assert first in pieces and "<PAD>" not in pieces
    assert pieces.ids([second, first, "<PAD>", "nothing"]) == [5, 4, UNKNOWN, UNKNOWN]
    assert pieces.encode("").shape == (0,)
    assert UNKNOWN in pieces.encode("<PAD>") and PAD not in pieces.encode("<PAD>")


def test_decode_stops_at_the_end_and_shows_what_is_unknown():
    pieces = Pieces("word", ["▁a", "▁cat", "."])
    assert pieces.decode([START, 4, 5, 6, END, 4, PAD]) == "a cat."
    assert pieces.decode(np.array([4, UNKNOWN, 6, PAD, PAD], np.int32)) == "a⁇."
    assert pieces.decode([]) == pieces.decode([END]) == ""


def test_normalisation():
    assert normalised("  Ａ\u00a0b\tc\r\n\u2581d\0 \u2028") == "A b c d"
    assert normalised("ﬁne e\u0301 \ud800 ½") == "fine é \ufffd 1⁄2"
    assert normalised("Plain ASCII stays.") == "Plain ASCII stays."
    long = "x" * 5000 + " ｙ " + "e\u0301" * 1000
    assert normalised(long) == "x" * 5000 + " y " + "é" * 1000
    for seed in range(300):
        text = normalised(any_text(seed))
        assert normalised(text) == text


def test_every_cut_is_the_best_one():
    pick = random.Random(5)
    words = ["".join(pick.choices("abc", k=length)) for length in range(1, 9) for _ in range(20)]
    units = {"".join(letters) for size in (2, 3) for letters in itertools.product("abc", repeat=size)}
    scores = {unit: pick.uniform(-9, -1) for unit in sorted(pick.sample(sorted(units), 20)) + ["a", "b"]}
    lowest = min(scores.values())

    def total(parts):
        return sum(scores.get(part, lowest - 10 if len(part) == 1 else -1e9) for part in parts)

    for word in words:
        cuts = itertools.product([False, True], repeat=len(word) - 1)
        every = ["".join(c + " " * cut for c, cut in zip(word, (*cut, False), strict=True)).split() for cut in cuts]
        assert total(best_path(word, scores, 3, lowest)) == pytest.approx(max(map(total, every)))
        parts = list(word)  # BPE by its definition, without a heap
        while pairs := [(-scores[a + b], at) for at, (a, b) in enumerate(itertools.pairwise(parts)) if a + b in scores]:
            at = min(pairs)[1]
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        assert merge_pairs(word, scores) == parts


@pytest.mark.slow
def test_words_of_any_length(pieces):
    for unit in ("a", "an", "漢", "a.b,", "e\u0301\u0323", "\u0301"):
        text = (unit * 100_000)[:100_000]  # with an algorithm that takes quadratic time: minutes
        assert pieces.join(pieces.split(text)) == normalised(text)


def test_sizes_and_counts():
    texts = ["b b b a a, c", "c c a"]
    assert learn_pieces(texts, "word", 7).pieces[4:] == ("▁a", "▁b", "▁c")
    assert learn_pieces(texts, "word", 99, min_count=2).pieces[4:] == ("▁a", "▁b", "▁c")
    assert learn_pieces(texts, "character", 99).pieces[4:] == ("▁", "a", "b", "c", ",")
    assert learn_pieces(["x" * 200 + " a"], "word", 99).pieces[4:] == ("▁a",)
    for kind in ("word", "character"):
        with pytest.raises(RnnkitError, match=f"No {kind} occurs 1,000 times .* lower min_count"):
            learn_pieces(texts, kind, 99, min_count=1000)
    with pytest.raises(RnnkitError, match="one string"):
        learn_pieces("text", "word", 99)
    with pytest.raises(RnnkitError, match="Unknown kind.*'character'"):
        learn_pieces(["a"], "charakter", 99)
    with pytest.raises(RnnkitError, match="size is 4"):
        learn_pieces(["a"], "word", 4)
    for empty in ([], ["", " \t"]):
        with pytest.raises(RnnkitError, match="no word"):
            learn_pieces(empty, "bpe", 99)


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_small_and_odd_data(kind, monkeypatch, capfd):
    pytest.importorskip("sentencepiece", reason="learns BPE and unigram pieces")
    assert learn_pieces(["ab"], kind, 1000).decode(learn_pieces(["ab"], kind, 1000).encode("ab ab")) == "ab ab"
    odd = learn_pieces(["<unk> <s> </s>", "<END> ▅ ok", "\u200d \0 \ufffe", "x" * 9000], kind, 60)
    assert odd.split("<END>") != ["<END>"] and odd.join(odd.split("▅ <unk>")) == "▅ <unk>"
    with pytest.raises(RnnkitError, match="have 4 different characters.*at least 8"):
        learn_pieces(["abc"], kind, 7)
    assert len(learn_pieces(["abc"], kind, 8)) == 8
    assert capfd.readouterr() == ("", "")
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    with pytest.raises(RnnkitError, match="pip install sentencepiece"):
        learn_pieces(["abc"], kind, 70)


@pytest.mark.parametrize("most", [5, 60, 400])
def test_more_pieces_are_all_used_on_the_texts_they_are_made_from(pieces, most):
    texts = sentences(200, 8, "aeiouбвгдж")
    new = more_pieces(pieces, texts, most)
    used = {piece for text in texts for piece in new.split(text)}
    added = [piece for piece in new.pieces[len(pieces) :] if len(piece) > 1]
    unused = [piece for piece in added if piece not in used]
    if pieces.kind == "bpe":  # those that others are merged from
        unused = [piece for piece in unused if not any(piece in other for other in used)]
    assert len(pieces) < len(new) <= len(pieces) + most and unused == []
    assert most == 5 or len(used.intersection(added)) >= 0.7 * len(added)


def test_more_pieces_must_be_frequent_enough():
    old = Pieces("word", ["▁a"])
    assert more_pieces(old, ["a dog dog cat"], 9, min_count=2).pieces[4:] == ("▁a", "▁dog")
    assert more_pieces(old, ["a dog dog cat"], 9).pieces[4:] == ("▁a", "▁dog", "▁cat")


def test_more_pieces_keep_the_old_ids(pieces):
    texts = sentences(300, 8, "aeiouбвгдж漢")
    new = more_pieces(pieces, texts, 150)
    assert new.pieces[: len(pieces)] == pieces.pieces and new.scores[: len(pieces)] == pieces.scores
    assert len(pieces) < len(new) <= len(pieces) + 150
    assert max(new.scores[len(pieces) :]) < min(pieces.scores[4:])
    before, after = (sum((p.encode(text) == UNKNOWN).sum() for text in texts) for p in (pieces, new))
    assert after < before / 2 and (after == 0 or pieces.kind == "word")
    old_words = [word for text in sentences(200, 1) for word in text.split()]
    assert sum(new.split(word) != pieces.split(word) for word in old_words) < 0.05 * len(old_words)
    if pieces.kind in ("bpe", "unigram"):
        assert sum(len(new.encode(text)) for text in texts) < 0.8 * sum(len(text) for text in texts)
    assert more_pieces(pieces, texts, 0).pieces == pieces.pieces
    with pytest.raises(RnnkitError, match="no word"):
        more_pieces(pieces, [""], 5)


def test_extended_leaves_out_what_is_there():
    old = Pieces("bpe", ["a", "b"])
    assert old.extended(["c", "b", "<PAD>", "c", "ab"]).pieces == (*old.pieces, "c", "ab")
    assert old.extended([]).pieces == old.pieces


def test_numpy_and_the_standard_library_are_enough():
    program = """if True:
        import sys
        from rnnkit.codec.pieces import Pieces
        Pieces("bpe", ["a"]).encode("a b")
        print({"sentencepiece", "tensorflow", "keras", "pandas", "matplotlib"} & set(sys.modules))"""
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "set()\n"
    )
