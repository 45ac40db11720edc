"""Confidence intervals against scipy's bootstrap, and against figures computed anew for every sample."""

import numpy as np
import pytest
from scipy import stats

from rnnkit.metrics import bootstrap
from rnnkit.metrics.bootstrap import confidence_intervals, ratio, sums
from rnnkit.metrics.captions import caption_scores, caption_statistics
from rnnkit.metrics.entities import entity_scores, entity_statistics
from rnnkit.metrics.labels import accuracy, confusion_matrix, label_statistics, macro_f1
from rnnkit.metrics.translations import translation_scores, translation_statistics

WORDS = "a the dog cat man runs sits on red mat big and".split()


def sentences(count, seed):
    random = np.random.default_rng(seed)
    made = [" ".join(random.choice(WORDS, random.integers(3, 12))) for _ in range(count)]
    return made, [" ".join(word for word in text.split() if random.random() < 0.8) or "a dog" for text in made]


def samples(count, number=20, seed=3):
    """Samples with repetition: their indices, and how often each example is in them."""
    places = np.random.default_rng(seed).integers(count, size=(number, count))
    return places, np.stack([np.bincount(row, minlength=count) for row in places]).astype(float)


def means(values):
    return sums(
        lambda sum_of: {"mean": ratio(sum_of["value"], sum_of["rows"])}, value=values, rows=np.ones(len(values))
    )


def drawn_kinds(columns, drawn):
    """How often each kind of row is drawn, from how often each row is."""
    wide = np.concatenate([np.asarray(column, float).reshape(len(drawn[0]), -1) for column in columns], axis=1)
    _, kind = np.unique(wide, axis=0, return_inverse=True)
    return np.stack([np.bincount(kind.reshape(-1), row) for row in drawn])


@pytest.mark.parametrize("count", [9, 300])
def test_intervals_are_those_of_scipy(count):
    values = np.random.default_rng(1).gamma(2.0, size=count)
    theirs = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=20_000, rng=5).confidence_interval
    ours = confidence_intervals(means(values), resamples=20_000)["mean"]
    assert ours == pytest.approx(list(theirs), abs=0.06 * values.std() / np.sqrt(count))


def test_a_ratio_of_sums_is_that_of_scipy_and_not_a_mean_of_ratios():
    random = np.random.default_rng(2)
    lengths = random.integers(1, 40, 80).astype(float)
    nats = lengths * random.gamma(3.0, size=80)
    made = sums(lambda sum_of: {"nats": ratio(sum_of["nats"], sum_of["units"])}, nats=nats, units=lengths)
    theirs = stats.bootstrap(
        (nats, lengths), lambda a, b, axis: a.sum(axis) / b.sum(axis), paired=True, method="percentile",
        n_resamples=4000, rng=5,
    ).confidence_interval  # fmt: skip
    assert confidence_intervals(made, resamples=4000)["nats"] == pytest.approx(list(theirs), abs=0.05)


def test_examples_of_few_kinds_are_drawn_as_examples_are(monkeypatch):
    right = (np.random.default_rng(4).random(500) < 0.8).astype(float)
    by_kind = confidence_intervals(means(right), resamples=4000)["mean"]
    monkeypatch.setattr(bootstrap, "_FEW", 10**9)
    assert confidence_intervals(means(right), resamples=4000)["mean"] == pytest.approx(by_kind, abs=0.006)


def test_the_same_seed_gives_the_same_intervals_whatever_fits_in_memory(monkeypatch):
    values = np.random.default_rng(1).normal(size=50)
    before = confidence_intervals(means(values))
    monkeypatch.setattr(bootstrap, "_HELD", 777)
    assert confidence_intervals(means(values)) == before != confidence_intervals(means(values), seed=1)


def test_few_examples_have_wide_intervals_and_one_has_none():
    values = np.random.default_rng(1).normal(size=400)
    wide, narrow = (np.ptp(confidence_intervals(means(values[:n]))["mean"]) for n in (6, 400))
    assert wide > 4 * narrow
    assert confidence_intervals(means(values[:1])) == {}


def test_all_answers_right_is_not_certainty():
    made = label_statistics(np.diag([4, 6]))
    low, high = confidence_intervals(made)["accuracy"]
    assert (low, high) == (pytest.approx(stats.binomtest(10, 10).proportion_ci().low, abs=1e-5), 1.0)
    assert "macro_f1" not in confidence_intervals(made)
    none_right = confidence_intervals(label_statistics(np.array([[0, 4], [6, 0]])))["accuracy"]
    assert none_right == pytest.approx(list(stats.binomtest(0, 10).proportion_ci()), abs=1e-5)


def test_labels_are_scored_anew_for_each_sample():
    random = np.random.default_rng(0)
    truth, guess = random.integers(4, size=60), random.integers(5, size=60)  # label 4 is never true, 5 never there
    made = label_statistics(confusion_matrix(truth, guess, 6))
    cells = np.nonzero(confusion_matrix(truth, guess, 6))
    places, _ = samples(60)
    drawn = np.stack([confusion_matrix(truth[row], guess[row], 6)[cells] for row in places]).astype(float)
    found = made.figures(drawn)
    for number, row in enumerate(places):
        assert found["accuracy"][number] == pytest.approx(accuracy(truth[row], guess[row]))
        assert found["macro_f1"][number] == pytest.approx(macro_f1(confusion_matrix(truth[row], guess[row], 6)))


def test_entities_are_scored_anew_for_each_sample():
    random = np.random.default_rng(0)
    tags = ["O", "B-PER", "B-LOC"]
    truth = [random.choice(tags, random.integers(1, 9)).tolist() for _ in range(40)]
    guess = [[tag if random.random() < 0.7 else random.choice(tags) for tag in row] for row in truth]
    made = entity_statistics(truth, guess)
    for row in samples(40)[0]:
        some, found = [truth[place] for place in row], [guess[place] for place in row]
        expected = entity_scores(some, found)
        ours = entity_statistics(some, found)
        figures = ours.figures(ours.counts[None].astype(float))
        assert [figures[name][0] for name in ("f1", "precision", "recall")] == pytest.approx(
            [expected[name] for name in ("f1", "precision", "recall")], abs=1e-5
        )
    assert confidence_intervals(made)["f1"][0] < entity_scores(truth, guess)["f1"] < confidence_intervals(made)["f1"][1]


def test_translations_are_scored_anew_for_each_sample():
    right, said = sentences(30, 1)
    nats, pieces = np.random.default_rng(2).gamma(3.0, size=30), np.arange(1.0, 31)
    made = translation_statistics(said, right, nats=nats, pieces=pieces)
    assert (made.counts == 1).all()
    for row in samples(30, 6)[0]:
        some, wanted = [said[place] for place in row], [right[place] for place in row]
        ours = translation_statistics(some, wanted, nats=nats[row], pieces=pieces[row])
        figures = ours.figures(ours.counts[None].astype(float))
        expected = translation_scores(some, wanted)
        for name in ("bleu", "chrf", "ter", "brevity_penalty"):
            assert figures[name][0] == pytest.approx(expected[name], abs=0.006), name
        assert figures["nats_per_piece"][0] == pytest.approx(nats[row].sum() / pieces[row].sum())
        assert figures["perplexity"][0] == pytest.approx(np.exp(nats[row].sum() / pieces[row].sum()))


def test_the_interval_of_bleu_is_that_of_sacrebleus_own_bootstrap():
    from sacrebleu.metrics import BLEU

    right, said = sentences(30, 4)
    bleu = BLEU()
    places = np.random.default_rng(8).integers(30, size=(200, 30))
    scores = [bleu.corpus_score([said[p] for p in row], [[right[p] for p in row]]).score for row in places]
    low, high = confidence_intervals(translation_statistics(said, right))["bleu"]
    assert [low, high] == pytest.approx(np.quantile(scores, (0.025, 0.975)).tolist(), abs=2.0)


def test_captions_are_scored_anew_for_each_sample():
    said, _ = sentences(12, 1)
    right = [[text, other] for text, other in zip(*sentences(12, 2), strict=True)]
    right[3].append(said[3])
    training = said[:4]
    expected = caption_scores(said, right, training)
    ours = caption_statistics(said, right, training)
    figures = ours.figures(ours.counts[None].astype(float))
    assert set(figures) == set(expected) - {"words", "distinct", "rows"}
    assert {name: values[0] for name, values in figures.items()} == pytest.approx(
        {name: expected[name] for name in figures}, abs=1e-4
    )
    row = samples(12)[0][0]
    again = caption_scores([said[p] for p in row], [right[p] for p in row], training)
    some = caption_statistics([said[p] for p in row], [right[p] for p in row], training)
    found = some.figures(some.counts[None].astype(float))
    names = ("bleu1", "bleu4", "rouge_l", "exact", "novelty")
    assert {name: found[name][0] for name in names} == pytest.approx({name: again[name] for name in names}, abs=1e-4)


def test_sums_of_kinds_are_sums_of_examples():
    values = np.random.default_rng(0).integers(3, size=(40, 2)).astype(float)
    made = sums(lambda sum_of: {"first": sum_of["two"][:, 0], "rows": sum_of["rows"]}, two=values, rows=np.ones(40))
    places, drawn = samples(40)
    found = made.figures(drawn_kinds([values, np.ones(40)], drawn))
    assert len(made.counts) <= 9 and found["rows"].tolist() == [40.0] * len(places)
    assert found["first"].tolist() == [values[row, 0].sum() for row in places]


@pytest.mark.parametrize("said", [["ab"], ["a", "b c"], ["", "x y"], ["no match at all"]])
def test_short_and_empty_translations_are_scored_as_by_sacrebleu(said):
    right = ["ab", "b d"][: len(said)]
    ours = translation_statistics(said, right)
    figures, expected = ours.figures(ours.counts[None].astype(float)), translation_scores(said, right)
    for name in ("bleu", "chrf", "ter", "brevity_penalty"):
        assert figures[name][0] == pytest.approx(expected[name], abs=0.006), name
