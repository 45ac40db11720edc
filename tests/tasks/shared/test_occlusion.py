"""Occlusion against formulas and brute force; colours that colour-blind readers tell apart."""

import io
import subprocess
import sys

import numpy as np
import pytest

from rnnkit.errors import RnnkitError
from rnnkit.plots import shades
from rnnkit.tasks.shared import occlusion as explain

pytestmark = pytest.mark.filterwarnings("error")


def softmax(logits: np.ndarray) -> np.ndarray:
    grown = np.exp(logits - logits.max(axis=1, keepdims=True))
    return grown / grown.sum(axis=1, keepdims=True)


class BagOfWords:
    """Logits that are the sum of a row of weights for each word; remembers the batches it was asked."""

    def __init__(self, weights: np.ndarray) -> None:
        self.weights, self.batches = weights, []

    def __call__(self, texts: list[np.ndarray]) -> np.ndarray:
        self.batches.append([text.copy() for text in texts])
        return softmax(np.stack([self.weights[text].sum(axis=0) for text in texts]))


def test_two_classes_give_the_difference_of_the_weights() -> None:
    # log p1 / p0 is the sum of (w1 - w0) over the words, so hiding one takes away exactly its part.
    weights = np.random.default_rng(0).normal(size=(20, 2)) * 0.5
    ids = np.array([1, 5, 9, 9, 3, 17])
    scores = explain.occlusion(BagOfWords(weights), ids, label=1)
    part = weights[:, 1] - weights[:, 0]
    np.testing.assert_allclose(scores, [0, *(part[ids[1:]] - part[2])], atol=1e-10)


@pytest.mark.parametrize("label", range(3))
def test_several_classes_against_brute_force(label: int) -> None:
    model = BagOfWords(np.random.default_rng(1).normal(size=(12, 3)))
    ids = np.array([1, 4, 7, 11, 3], dtype=np.int32)

    def log_odds(text: np.ndarray) -> float:
        chance = model([text])[0, label]
        return float(np.log(chance / (1 - chance)))

    expected = [log_odds(ids) - log_odds(np.where(np.arange(5) == at, 2, ids)) for at in range(5)]
    np.testing.assert_allclose(explain.occlusion(model, ids, label), [0, *expected[1:]], atol=1e-9)


def test_special_and_unknown_words_are_never_asked_about() -> None:
    model = BagOfWords(np.random.default_rng(2).normal(size=(9, 2)))
    scores = explain.occlusion(model, np.array([1, 8, 2, 3, 0, 0]), label=0)
    assert np.flatnonzero(scores).tolist() == [1, 3]
    assert [len(batch) for batch in model.batches] == [1, 2]


def test_another_unknown_word() -> None:
    weights = np.random.default_rng(3).normal(size=(9, 2)) * 0.3
    scores = explain.occlusion(BagOfWords(weights), np.array([1, 8, 2, 6]), label=1, unknown=6)
    part = weights[:, 1] - weights[:, 0]
    np.testing.assert_allclose(scores, [0, part[8] - part[6], part[2] - part[6], 0], atol=1e-10)


@pytest.mark.parametrize("batch_size", [1, 7, 64, 1000])
def test_400_words_in_bounded_batches_whatever_their_size(batch_size: int) -> None:
    rng = np.random.default_rng(4)
    model, ids = BagOfWords(rng.normal(size=(50, 2)) * 0.05), np.concatenate([[1], rng.integers(3, 50, 400)])
    before = ids.copy()
    scores = explain.occlusion(model, ids, label=1, batch_size=batch_size)
    assert max(len(batch) for batch in model.batches) <= batch_size
    assert sum(len(batch) for batch in model.batches) == 401
    assert all((text != ids).sum() == 1 for batch in model.batches[1:] for text in batch)
    np.testing.assert_array_equal(ids, before)
    np.testing.assert_allclose(scores, explain.occlusion(model, ids, label=1), atol=1e-9)


def test_a_model_that_is_certain_gives_finite_scores() -> None:
    scores = explain.occlusion(lambda texts: np.array([[0, 1.0]] * len(texts), np.float32), np.array([1, 3, 4]), 1)
    assert scores.tolist() == [0, 0, 0]


@pytest.mark.parametrize("ids", [[], [1], [1, 2, 2], [0, 0]])
def test_nothing_to_hide_asks_the_model_nothing(ids: list[int]) -> None:
    scores = explain.occlusion(lambda texts: pytest.fail("asked"), np.array(ids, dtype=np.int32), label=0)
    assert scores.tolist() == [0.0] * len(ids)


@pytest.mark.parametrize(
    ("ids", "label", "answer", "message"),
    [
        (np.ones((2, 3), int), 0, [[0.5, 0.5]], "one text"),
        (np.array([1.0, 3.0]), 0, [[0.5, 0.5]], "integers"),
        (np.array([1, 3]), 2, [[0.5, 0.5]], "classes 0 to 1"),
        (np.array([1, 3]), -1, [[0.5, 0.5]], "classes 0 to 1"),
        (np.array([1, 3]), 0, [0.5], r"\[texts, classes\]"),
        (np.array([1, 3]), 0, [[0.5, 0.5]] * 3, "for 1 texts"),
        (np.array([1, 3]), 0, [[np.nan, 0.5]], "finite"),
    ],
)
def test_errors_say_what_was_given(ids: np.ndarray, label: int, answer: list, message: str) -> None:
    with pytest.raises(RnnkitError, match=message):
        explain.occlusion(lambda texts: np.array(answer), ids, label)


def test_an_impossible_batch_size() -> None:
    with pytest.raises(RnnkitError, match="batch_size is 0"):
        explain.occlusion(lambda texts: np.array([[1.0]]), np.array([1, 3]), 0, batch_size=0)


def test_highlight_colours_the_words_that_count() -> None:
    pytest.importorskip("rich", reason="highlighting for the terminal uses rich")
    words = ["a", "[bold]great[/bold]", "film", "👍", "awful"]
    text = explain.highlight(words, np.array([0.0, 4.0, 0.1, 1.0, -2.0]))
    assert text.plain == " ".join(words)
    coloured = {text.plain[span.start : span.end]: str(span.style) for span in text.spans}
    assert coloured == {
        "[bold]great[/bold]": f"black on {shades.shade(1)}",
        "👍": f"black on {shades.shade(0.25)}",
        "awful": f"black on {shades.shade(-0.5)}",
    }


def test_highlight_in_a_terminal_and_in_a_file() -> None:
    console = pytest.importorskip("rich.console", reason="highlighting for the terminal uses rich")
    text = explain.highlight(["good", "bad"], np.array([1.0, -1.0]))
    red, green, blue = shades.FOR
    for colours, expected in (("truecolor", f"48;2;{red};{green};{blue}"), (None, "good bad\n")):
        out = io.StringIO()
        console.Console(file=out, force_terminal=colours is not None, color_system=colours, width=80).print(text)
        assert expected in out.getvalue()


@pytest.mark.parametrize("scores", [[], [0.0], [0.0, 0.0]])
def test_highlight_without_weight_has_no_colour(scores: list[float]) -> None:
    pytest.importorskip("rich", reason="highlighting for the terminal uses rich")
    assert explain.highlight(["a"] * len(scores), np.array(scores)).spans == []


@pytest.mark.parametrize("scores", [np.zeros(3), np.zeros((2, 1)), np.array([0, np.nan]), np.array([0, np.inf])])
def test_a_finite_score_a_word(scores: np.ndarray) -> None:
    with pytest.raises(RnnkitError, match="one finite score a word"):
        shades.strengths(["a", "b"], scores)


def linear(colour: str) -> np.ndarray:
    """sRGB as light, 0 to 1 (IEC 61966-2-1)."""
    parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """CIE L*a*b* under D65."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ light
    ratio = np.clip(xyz / np.array([0.9505, 1.0, 1.089]), 0, None)
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


SIGHT = {  # Machado, Oliveira & Fernandes, IEEE TVCG 2009, severity 1.0
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("share", [0.4, 1.0])
def test_for_and_against_look_different_to_everyone(sight: str, share: float) -> None:
    seen = [lab(np.clip(SIGHT[sight] @ linear(shades.shade(signed)), 0, 1)) for signed in (share, -share)]
    assert np.linalg.norm(seen[0] - seen[1]) > 20 * share  # 2.3 is a just noticeable difference


@pytest.mark.parametrize("share", np.linspace(-1, 1, 21))
def test_black_text_is_readable_on_every_shade(share: float) -> None:
    luminance = np.array([0.2126, 0.7152, 0.0722]) @ linear(shades.shade(share))
    assert (luminance + 0.05) / 0.05 >= 7  # WCAG 2 AAA


def test_importing_it_imports_nothing_heavy() -> None:
    heavy = {"tensorflow", "keras", "matplotlib", "rich"}
    code = f"import rnnkit.tasks.shared.occlusion, sys; print({heavy} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
