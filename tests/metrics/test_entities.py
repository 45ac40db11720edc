"""Entity scores against hand counts and against seqeval."""

import random

import pytest

from rnnkit.metrics.entities import entity_scores, type_confusion

TYPES = ("LOC", "MISC", "PER")
TAGS = ("O", *(f"{letter}-{kind}" for kind in TYPES for letter in "BI"))


def random_rows(seed, rows=12):
    """Truth and guess, I-X after anything among them; guesses are like the truth, so that some are right."""
    chance = random.Random(seed)
    truth = [chance.choices(TAGS, weights=[4, *[1] * 6], k=chance.randrange(1, 9)) for _ in range(rows)]
    return truth, [[chance.choice(TAGS) if chance.random() < 0.2 else tag for tag in row] for row in truth]


@pytest.mark.parametrize(
    "truth, guess, precision, recall, f1",
    [
        ("B-PER I-PER O B-LOC", "B-PER I-PER O B-LOC", 1, 1, 1),
        ("B-PER I-PER O B-LOC", "B-PER O O B-LOC", 0.5, 0.5, 0.5),  # one token short is wrong altogether
        ("B-PER I-PER I-PER", "B-PER B-PER I-PER", 0, 0, 0),
        ("B-PER O", "B-LOC O", 0, 0, 0),
        ("B-PER B-PER", "B-PER I-PER", 0, 0, 0),
        ("B-PER O B-PER O", "B-PER O O O", 1, 0.5, 0.66667),
        ("B-PER O O", "B-PER B-PER B-PER", 0.33333, 1, 0.5),
        ("B-PER O", "I-PER O", 0, 0, 0),  # strict: only B- begins an entity
        ("B-PER I-PER", "B-PER I-LOC", 0, 0, 0),
        ("O O", "O O", 0, 0, 0),
        ("O O", "B-PER O", 0, 0, 0),
        ("B-PER O", "O O", 0, 0, 0),
    ],
)
def test_counted_by_hand(truth, guess, precision, recall, f1):
    scores = entity_scores([truth.split()], [guess.split()])
    assert (scores["precision"], scores["recall"], scores["f1"]) == (precision, recall, f1)


def test_each_type_and_the_whole_over_all_sentences():
    truth = [["B-PER", "O", "B-LOC"], [], ["B-PER", "I-PER"], ["B-ORG"]]
    guess = [["B-PER", "O", "B-PER"], [], ["B-PER", "I-PER"], ["O"]]
    assert entity_scores(truth, guess) == {
        "f1": 0.57143, "precision": 0.66667, "recall": 0.5,
        "types": {
            "LOC": {"f1": 0.0, "precision": 0.0, "recall": 0.0, "entities": 1},
            "ORG": {"f1": 0.0, "precision": 0.0, "recall": 0.0, "entities": 1},
            "PER": {"f1": 0.8, "precision": 0.66667, "recall": 1.0, "entities": 2},
        },
    }  # fmt: skip
    assert entity_scores([], []) == {"f1": 0.0, "precision": 0.0, "recall": 0.0, "types": {}}


def test_as_many_rows_on_both_sides():
    with pytest.raises(ValueError):
        entity_scores([["O"]], [])


@pytest.mark.interop
def test_equal_to_seqeval():
    report = pytest.importorskip("seqeval.metrics", reason="seqeval is the reference").classification_report
    scheme = pytest.importorskip("seqeval.scheme").IOB2
    for seed in range(200):
        truth, guess = random_rows(seed)
        theirs = report(truth, guess, mode="strict", scheme=scheme, output_dict=True, zero_division=0)
        ours = entity_scores(truth, guess)
        pairs = [(ours, theirs["micro avg"]), *((ours["types"][kind], theirs[kind]) for kind in ours["types"])]
        assert set(ours["types"]) == set(theirs) - {"micro avg", "macro avg", "weighted avg"}
        for own, their in pairs:
            assert (own["precision"], own["recall"], own["f1"]) == pytest.approx(
                (their["precision"], their["recall"], their["f1-score"]), abs=1e-5
            )
            assert own.get("entities", their["support"]) == their["support"]


def test_the_confusion_of_types_by_hand():
    truth = [["B-PER", "I-PER", "O", "B-LOC", "B-MISC"], ["O", "B-LOC"]]
    guess = [["B-PER", "I-PER", "O", "B-MISC", "O"], ["B-PER", "B-LOC"]]
    assert type_confusion(truth, guess, TYPES).tolist() == [
        [1, 1, 0, 0],  # LOC: one right, one taken for MISC
        [0, 0, 0, 1],  # MISC: missed
        [0, 0, 1, 0],
        [0, 0, 1, 0],  # made up: a PER
    ]
    assert type_confusion([], [], []).tolist() == [[0]]


@pytest.mark.parametrize("seed", range(20))
def test_the_confusion_adds_up_to_the_scores(seed):
    truth, guess = random_rows(seed, rows=30)
    counts, scores = type_confusion(truth, guess, TYPES), entity_scores(truth, guess)
    assert counts[-1, -1] == 0
    for place, kind in enumerate(TYPES):
        right, known, guessed = counts[place, place], counts[place].sum(), counts[:, place].sum()
        assert known == scores["types"][kind]["entities"]
        assert scores["types"][kind]["recall"] == pytest.approx(right / known, abs=1e-5)
        assert scores["types"][kind]["precision"] == pytest.approx(right / guessed, abs=1e-5)
