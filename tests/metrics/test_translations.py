"""BLEU, chrF and TER against sacrebleu's own functions and, for BLEU, against its definition."""

import math
import random
import re
import sys
from collections import Counter

import pytest

from rnnkit.errors import RnnkitError
from rnnkit.metrics.translations import TOKENIZERS, bleu_by_length, translation_scores

sacrebleu = pytest.importorskip("sacrebleu", reason="scores are sacrebleu's")

WORDS = "a the dog cat Runs sees red house on in with two Men , .".split()


def sentences(rows: int, seed: int) -> list[str]:
    random_words = random.Random(seed)
    return [" ".join(random_words.choices(WORDS, k=random_words.randint(1, 25))) for _ in range(rows)]


def nearly(references: list[str], seed: int) -> list[str]:
    """The references with some words left out or changed."""
    pick = random.Random(seed)
    rows = []
    for reference in references:
        words = [pick.choice(WORDS) if pick.random() < 0.15 else word for word in reference.split()]
        rows.append(" ".join(word for word in words if pick.random() > 0.1))
    return rows


def bleu(hypotheses: list[str], references: list[str]) -> tuple[float, float]:
    """BLEU and brevity penalty by Papineni's formula, for texts whose words and signs stand apart."""
    right, total, lengths = [0] * 4, [0] * 4, [0, 0]
    for hypothesis, reference in zip(hypotheses, references, strict=True):
        pair = [re.findall(r"\w+|[.,]", text) for text in (hypothesis, reference)]
        lengths = [length + len(words) for length, words in zip(lengths, pair, strict=True)]
        for size in range(4):
            grams = [Counter(zip(*(words[at:] for at in range(size + 1)), strict=False)) for words in pair]
            right[size] += (grams[0] & grams[1]).total()
            total[size] += grams[0].total()
    penalty = min(1.0, math.exp(1 - lengths[1] / lengths[0]))
    return 100 * penalty * math.prod(r / t for r, t in zip(right, total, strict=True)) ** 0.25, penalty


def test_scores_are_those_of_the_formula_and_of_sacrebleu():
    references = sentences(200, 1)
    hypotheses = nearly(references, 2)
    scores = translation_scores(hypotheses, references)
    expected, penalty = bleu(hypotheses, references)
    assert scores["bleu"] == pytest.approx(expected, abs=0.006) and 20 < expected < 80
    assert scores["brevity_penalty"] == pytest.approx(penalty, abs=6e-5) and penalty < 0.99
    assert scores["bleu"] == round(sacrebleu.corpus_bleu(hypotheses, [references]).score, 2)
    assert scores["chrf"] == round(sacrebleu.corpus_chrf(hypotheses, [references]).score, 2)
    assert scores["ter"] == round(sacrebleu.corpus_ter(hypotheses, [references]).score, 2)
    assert scores["rows"] == 200
    assert scores["bleu_signature"].startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:")


def test_case_counts_and_perfect_translations_get_100():
    references = ["The Dog sees two men."]
    perfect = translation_scores(references, references)
    assert (perfect["bleu"], perfect["chrf"], perfect["ter"]) == (100, 100, 0)
    assert translation_scores(["the dog sees two men."], references)["bleu"] < 100
    assert translation_scores([""], references)["bleu"] == 0


def test_bleu_by_length_is_that_of_each_group():
    references, sources = sentences(120, 3), sentences(120, 4)
    hypotheses = nearly(references, 5)
    groups = bleu_by_length(sources, hypotheses, references, [5, 6, 20, 90])
    assert [label for label, _, _ in groups] == ["≤5", "6", "7-20", "21-90"]  # none has more than 90
    assert sum(rows for _, _, rows in groups) == 120
    chosen = [row for row, source in enumerate(sources) if 7 <= len(source.split()) <= 20]
    expected, _ = bleu([hypotheses[row] for row in chosen], [references[row] for row in chosen])
    assert groups[2][1] == pytest.approx(expected, abs=0.006) and groups[2][2] == len(chosen)
    whole = translation_scores(hypotheses, references)["bleu"]
    assert bleu_by_length(sources, hypotheses, references, []) == [("all", whole, 120)]
    assert bleu_by_length(sources, hypotheses, references, [5, 6])[-1][0] == "7+"


@pytest.mark.parametrize(("hypotheses", "references", "message"), [
    ([], [], "0 texts for 0 references"), (["a"], [], "1 texts for 0"), (["a"], ["a", "b"], "1 texts for 2"),
    ("ab", ["a", "b"], "one string"),
])  # fmt: skip
def test_what_cannot_be_scored_is_refused(hypotheses, references, message):
    with pytest.raises(RnnkitError, match=message):
        translation_scores(hypotheses, references)
    with pytest.raises(RnnkitError, match=message):
        bleu_by_length(references, hypotheses, references)


def test_other_mistakes_are_named(monkeypatch):
    for edges in ([5, 5], [9, 3], [-1]):
        with pytest.raises(RnnkitError, match="each larger than the one before"):
            bleu_by_length(["a"], ["a"], ["a"], edges)
    with pytest.raises(RnnkitError, match="1 texts for 2|2 texts for 1"):
        bleu_by_length(["a", "b"], ["a"], ["a"])
    with pytest.raises(RnnkitError, match="cannot cut texts by 'no-such-way'"):
        translation_scores(["a"], ["a"], tokenize="no-such-way")
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    with pytest.raises(RnnkitError, match=r"sacrebleu, which is not installed. .*Try: pip install .*\[train\]"):
        translation_scores(["a"], ["a"])


@pytest.mark.parametrize("tokenize", TOKENIZERS)
def test_every_way_of_cutting_is_there_and_chinese_needs_its_own(tokenize):
    hypotheses = ["一个男人在街上骑着自行车。", "两个孩子在红色房子前玩耍。"]
    references = ["一个男人在街上骑自行车。", "两个孩子在红房子前面玩耍。"]
    scores = translation_scores(hypotheses, references, tokenize)
    assert f"|tok:{tokenize}|" in scores["bleu_signature"]
    assert scores["bleu"] > 50 if tokenize in ("zh", "char") else scores["bleu"] < 5
