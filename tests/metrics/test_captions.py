"""Caption scores against hand-worked numbers, and against COCO's own code where it is installed."""

import math
import random
import unicodedata
from collections import Counter

import pytest

from rnnkit.errors import RnnkitError
from rnnkit.metrics.caption_words import caption_words, scored_words
from rnnkit.metrics.captions import caption_scores, cider_d, corpus_bleu, rouge_l

WORDS = "a the dog dogs cat cats running runs run red house on in with two men is 's n't jumped jumping".split()


def corpus(rows: int = 60, seed: int = 1) -> tuple[list[list[str]], list[list[list[str]]]]:
    """Captions that are near to the first of their references, and 1 to 5 references each."""
    chance = random.Random(seed)
    captions, references = [], []
    for _ in range(rows):
        some = [chance.choices(WORDS, k=chance.randint(1, 14)) for _ in range(chance.randint(1, 5))]
        near = [chance.choice(WORDS) if chance.random() < 0.2 else word for word in some[0] if chance.random() > 0.1]
        captions.append(near)
        references.append(some)
    captions[3] = []
    return captions, references


@pytest.mark.parametrize(("text", "words"), [
    ("A man's dog , isn't it ?", "a man 's dog is n't it"),
    ("They've said we'll go; he'd, I'm.", "they 've said we 'll go he 'd i 'm"),
    ("can't won't cannot gonna", "ca n't wo n't can not gon na"),
    ("two 3-year-old boys in T-shirts", "two 3-year-old boys in t-shirts"),
    ("3,000 runners at 10:30 -- 1/2 way...", "3,000 runners at 10:30 1/2 way"),
    ('a "stop" sign (red) [or so]', "a stop sign -lrb- red -rrb- -lsb- or so -rsb-"),
    ("Mr. Smith of the U.S. team. The end.", "mr. smith of the u.s. team the end"),
    ("the boys\u2019 caf\u00e9 \u2013 \u201cnice\u201d", "the boys caf\u00e9 nice"),
    ("O'Neill's and/or rock", "o'neill 's and/or rock"),
    ("AT&T, $5 and 10%", "at & t $ 5 and 10 %"),
    ("  \n ", ""),
])  # fmt: skip
def test_words_are_those_of_cocos_tokeniser(text, words):
    assert " ".join(caption_words(text)) == words


def test_bleu_by_hand():
    captions = ["the cat sat on mat".split(), "a dog".split()]
    references = [["the cat sat on the mat".split(), "a cat is on the mat now".split()], ["a big dog ran".split()]]
    # 1-grams 5/5 and 2/2; 2-grams 3/4 and 0/1; 3-grams 2/3; 4-grams 1/2; lengths 7 against 6 + 4
    penalty = math.exp(1 - 10 / 7)
    product, expected = 1.0, []
    for order, precision in enumerate([7 / 7, 3 / 5, 2 / 3, 1 / 2], 1):
        product *= precision
        expected.append(penalty * product ** (1 / order))
    assert corpus_bleu(captions, references) == pytest.approx(expected)
    assert corpus_bleu([[]], [[["a"]]]) == [0, 0, 0, 0]
    # of two references equally near in length the shorter counts: 3 against 2, not 4
    assert corpus_bleu([["a"] * 3], [[["a"] * 4, ["a"] * 2]])[0] == pytest.approx(1)


def bleu_by_papineni(captions, references):
    """BLEU-1 to BLEU-4 by the paper's formula, of counts clipped by the reference that has most."""
    right, total, length, wanted = [0] * 4, [0] * 4, 0, 0
    for words, some in zip(captions, references, strict=True):
        length += len(words)
        wanted += min((abs(len(each) - len(words)), len(each)) for each in some)[1]
        for order in range(1, 5):
            counts = [Counter(tuple(each[at : at + order]) for at in range(len(each) - order + 1)) for each in some]
            found = Counter(tuple(words[at : at + order]) for at in range(len(words) - order + 1))
            right[order - 1] += sum(min(found[gram], max(each[gram] for each in counts)) for gram in found)
            total[order - 1] += found.total()
    penalty = min(1.0, math.exp(1 - wanted / length)) if length else 0.0
    shares = [a / b if b else 0.0 for a, b in zip(right, total, strict=True)]
    return [penalty * math.prod(shares[:order]) ** (1 / order) for order in range(1, 5)]


@pytest.mark.parametrize("seed", range(8))
def test_bleu_is_papinenis_for_pictures_with_one_reference_and_with_five(seed):
    captions, references = corpus(40, seed)
    references[5].append([])  # a right caption of punctuation alone
    references[6] = [[]]
    assert corpus_bleu(captions, references) == pytest.approx(bleu_by_papineni(captions, references), abs=1e-12)
    captions = [words[: 1 + seed % 4] for words in captions]  # short ones: the penalty, and orders without a match
    assert corpus_bleu(captions, references) == pytest.approx(bleu_by_papineni(captions, references), abs=1e-12)


def test_rouge_l_by_hand():
    # common subsequences: 3 (a b d) of 4 and of 3; the best precision 3/4, the best recall 3/3
    score = rouge_l("a b c d".split(), ["a x b d".split(), "a b d".split()])
    assert score == pytest.approx((1 + 1.44) * 0.75 * 1.0 / (1.0 + 1.44 * 0.75))
    assert rouge_l([], [["a"]]) == rouge_l(["a"], [["b"]]) == rouge_l(["a"], [[]]) == 0


def test_cider_d_by_hand():
    """Two pictures; the n-grams of each are in its own references alone, but for "a", which is in both and weighs 0."""
    scores = cider_d([["a", "dog"], ["a", "cat"]], [[["a", "dog"]], [["a", "bird"]]])
    # 1-grams and 2-grams are equal where they weigh something; there are no 3-grams and 4-grams
    assert scores == pytest.approx([10 * (1 + 1 + 0 + 0) / 4, 0])
    # two words more, that is two pairs more
    longer = cider_d([["a", "dog", "x", "y"], ["z"]], [[["a", "dog"]], [["a", "bird"]]])[0]
    near, log2 = math.exp(-(2**2) / (2 * 36)), math.log(2)
    # "x" and "y" are in no reference: their weight is log 2, as if they were in one
    single = log2 * log2 / (log2 * (log2 * math.sqrt(3)))
    double = log2 * log2 / (log2 * (log2 * math.sqrt(3)))
    assert longer == pytest.approx(10 * near * (single + double) / 4)
    assert cider_d([["a"]], [[["a"]]]) == [0]


def test_cider_d_counts_a_word_no_more_often_than_the_reference():
    """The clipping of CIDEr-D: min(g(c), g(s)) g(s); "dog dog" has twice the weight of "dog", and half the likeness."""
    [score, _] = cider_d([["dog", "dog"], ["cat"]], [[["dog"]], [["cat"]]])
    assert score == pytest.approx(10 * 0.5 * math.exp(-1 / (2 * 6.0**2)) / 4)


def test_all_scores():
    captions = ["A dog runs.", "A dog runs!", "a red house"]
    references = [["a dog runs", "one dog"], ["the cat sits"], ["a red house", "a house"]]
    scores = caption_scores(captions, references, training=["A DOG RUNS", "a blue house"])
    assert (scores["words"], scores["mean_length"], scores["rows"]) == (5, 3, 3)
    assert scores["distinct"] == scores["novelty"] == pytest.approx(1 / 3, abs=1e-4)
    assert scores["bleu1"] == pytest.approx(6 / 9, abs=1e-4)
    assert "novelty" not in caption_scores(captions, references)
    perfect = caption_scores(["a red house stands here"] * 2, [["A red house stands here."]] * 2)
    assert [perfect[f"bleu{order}"] for order in range(1, 5)] == [1, 1, 1, 1] and perfect["rouge_l"] == 1


@pytest.mark.parametrize(("captions", "references", "message"), [
    ([], [], "0 captions for 0"), (["a"], [], "1 captions for 0"), (["a"], [[]], "picture 0 has no right caption"),
    ("a", [["a"]], "not one string"), (["a"], ["a"], "not one string"),
])  # fmt: skip
def test_what_cannot_be_scored_is_refused(captions, references, message):
    with pytest.raises(RnnkitError, match=message):
        caption_scores(captions, references)


@pytest.mark.interop
def test_bleu_rouge_and_cider_are_those_of_cocos_code():
    bleu = pytest.importorskip("pycocoevalcap.bleu.bleu_scorer", reason="pip install pycocoevalcap")
    cider = pytest.importorskip("pycocoevalcap.cider.cider_scorer")
    rouge = pytest.importorskip("pycocoevalcap.rouge.rouge")
    captions, references = corpus()
    theirs_bleu, theirs_cider = bleu.BleuScorer(n=4), cider.CiderScorer(n=4)
    for words, some in zip(captions, references, strict=True):
        pair = " ".join(words), [" ".join(each) for each in some]
        theirs_bleu += pair
        theirs_cider += pair
    assert corpus_bleu(captions, references) == pytest.approx(theirs_bleu.compute_score(option="closest")[0], abs=1e-9)
    assert cider_d(captions, references) == pytest.approx(list(theirs_cider.compute_score()[1]), abs=1e-9)
    right = {row: [" ".join(each) for each in some] for row, some in enumerate(references)}
    said = {row: [" ".join(words)] for row, words in enumerate(captions)}
    _, rouges = rouge.Rouge().compute_score(right, said)
    assert [rouge_l(*pair) for pair in zip(captions, references, strict=True)] == pytest.approx(list(rouges))


@pytest.mark.parametrize(
    ("text", "words"),
    [("दो लड़के पानी में खेल रहे हैं।", "दो लड़के पानी में खेल रहे हैं"),
     ("Un chien court dans l\u2019e\u0301te\u0301.", "un chien court dans l'été"), ("كَلْبٌ يَجْرِي، قِطٌّ؟", "كَلْبٌ يَجْرِي قِطٌّ")],
)  # fmt: skip
def test_words_of_other_scripts_stay_whole(text, words):
    assert " ".join(caption_words(text)) == unicodedata.normalize("NFC", words)


def test_scripts_without_blanks_are_scored_by_sign():
    assert scored_words("两只狗在跑。") == list("两只狗在跑") and caption_words("两只狗在跑。") == ["两只狗在跑"]
    assert 0 < caption_scores(["两只狗在跑"], [["一只狗在跑"]])["bleu1"] < 1


@pytest.mark.parametrize("sign", "„ ‚ ‘ · ፡ ។ ། ؟ （ ） 【 】 〜 ‹ › ¿".split())
def test_punctuation_of_any_script_is_no_word(sign):
    assert caption_words(f"a {sign} dog") == ["a", "dog"]
