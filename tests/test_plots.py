"""What the pictures show, read back from the figures, and that odd data neither raises, warns nor leaves files."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from matplotlib import image, rc_context
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text

from rnnkit import explain, plots
from rnnkit.errors import RnnkitError

pytestmark = pytest.mark.filterwarnings("error")

NASTY = [
    "👍 yes", "很好", "شكرا", "תודה", "ไทย", "👨\u200d👩\u200d👧", "🇩🇪", "$x^2$", "$a", "\\frac", "a\nb\tc", "\x00\x07",
    "", " ", "\u200f", "\ufe0f", "\ud800", "e\u0301\u0323\u20dd", "x" * 100_000, "%s {} _^", "\U0010ffff", "nul\u2028l",
]  # fmt: skip


def history(epochs: int, metric: str = "accuracy") -> list[dict[str, float]]:
    names = ("loss", "val_loss", metric, f"val_{metric}")
    rng = np.random.default_rng(epochs)
    return [{"epoch": epoch + 1, **dict(zip(names, rng.random(4), strict=True))} for epoch in range(epochs)]


LENGTHS = np.clip(np.exp(np.random.default_rng(0).normal(5.2, 0.6, 5000)), 5, 2500).astype(int)
DRAWINGS: dict[str, Callable[[Path], Path]] = {
    "curves": lambda path: plots.learning_curves(history(9), path, best_epoch=4),
    "matrix": lambda path: plots.confusion_matrix(np.array([[90, 10], [20, 80]]), ["negative", "positive"], path),
    "lengths": lambda path: plots.length_histogram(LENGTHS, 200, path, padding=0.07),
    "words": lambda path: plots.word_attribution(["a", "good", "film"], np.array([0, 2.0, -1]), "positive", 0.97, path),
}


@pytest.fixture
def figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Figure]:
    """Draws with a function of `plots` and gives the figure that was saved."""
    saved: list[Figure] = []
    save = plots._save
    monkeypatch.setattr(plots, "_save", lambda figure, path: saved.append(figure) or save(figure, path))

    def draw(function: Callable[..., Path], *given: object, **named: object) -> Figure:
        path = function(*given, path=tmp_path / "drawing.png", **named)
        np.testing.assert_allclose(image.imread(path).shape[1::-1], saved[-1].bbox.size, atol=1)
        return saved[-1]

    return draw


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


@pytest.mark.parametrize("name", DRAWINGS)
def test_writes_one_png_and_returns_its_path(name: str, tmp_path: Path) -> None:
    path = DRAWINGS[name](tmp_path / "new" / "folder" / "picture.png")
    assert path == tmp_path / "new" / "folder" / "picture.png"
    assert [file.name for file in path.parent.iterdir()] == ["picture.png"]
    height, width = image.imread(path).shape[:2]
    assert width == 960 and 200 < height <= 540


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_same_data_gives_the_same_bytes_also_in_threads_and_under_any_settings(name: str, tmp_path: Path) -> None:
    expected = DRAWINGS[name](tmp_path / "alone.png").read_bytes()
    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(lambda at: DRAWINGS[name](tmp_path / f"{at}.png"), range(4)))
    assert all(path.read_bytes() == expected for path in paths)
    with rc_context({"font.family": "serif", "savefig.bbox": "tight", "text.usetex": True}):
        assert DRAWINGS[name](tmp_path / "settings.png").read_bytes() == expected


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_failed_write_keeps_the_old_picture_and_leaves_nothing_else(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"old")

    def fail(source: object, target: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(OSError, match="disk full"):
            DRAWINGS[name](path)
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["picture.png"]


def test_pyplot_and_tensorflow_are_never_imported(tmp_path: Path) -> None:
    code = f"""if True:
        import sys, numpy as np
        from rnnkit import plots
        plots.learning_curves([{{"epoch": 1, "loss": 1.0}}], {str(tmp_path / "a.png")!r})
        print({{"matplotlib.pyplot", "tensorflow", "keras", "pandas"}} & set(sys.modules))"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_any_label_and_word_can_be_drawn(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    plots.confusion_matrix(np.eye(len(NASTY), dtype=int), NASTY, tmp_path / "matrix.png")
    for label in (NASTY[at] for at in (0, 1, 2, 7, 8, 11, 16)):
        plots.word_attribution(NASTY, np.arange(len(NASTY)) - 5.0, label, 0.5, tmp_path / "words.png")
    assert not caplog.records


def test_what_no_font_has_is_spelled_out() -> None:
    assert plots._drawable("👍", 40) == "‹thumbs up sign›"
    assert plots._drawable("\U0010ffff\ud800", 40) == "U+10FFFFU+D800"
    assert plots._drawable("naïve שלום", 40) == "naïve שלום"
    assert plots._drawable("e\u0301", 40) == "é"
    assert plots._drawable("\u200b", 40) == "(blank)"


@pytest.mark.parametrize("limit", [14, 30])
def test_shortened_texts_fit_and_do_not_cut_an_escape(limit: int) -> None:
    for text in NASTY:
        short = plots._drawable(text, limit)
        assert 0 < len(short) <= max(limit, 27)  # one character's own name may be longer than the limit
        assert short.count("‹") == short.count("›")


def test_an_installed_font_helps_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def forget() -> None:
        plots._fonts.cache_clear()
        plots._characters.cache_clear()

    # STIX comes with matplotlib too and has characters that DejaVu Sans lacks.
    candidates = plots.font_manager.get_font(plots.font_manager.findfont("STIXGeneral")).get_charmap()
    lacking = next(chr(code) for code in sorted(candidates) if code not in plots._characters())
    assert plots._drawable(lacking, 40) != lacking
    monkeypatch.setattr(plots, "_MORE_FONTS", ("No Such Font", "STIXGeneral"))
    forget()
    try:
        assert plots._drawable("a" + lacking, 40) in ("a" + lacking, lacking)
        plots.confusion_matrix(np.array([[1]]), [f"a{lacking}b"], tmp_path / "matrix.png")
    finally:
        monkeypatch.undo()
        forget()


@pytest.mark.parametrize(
    ("metric", "title", "epochs"),
    [("accuracy", "Accuracy", 1), ("f1", "F1", 2), ("bleu", "BLEU", 9), ("macro_f1", "Macro F1", 200)],
)
def test_learning_curves_show_the_history(figure: Callable[..., Figure], metric: str, title: str, epochs: int) -> None:
    rows, best = history(epochs, metric), (epochs + 1) // 2
    drawn = figure(plots.learning_curves, rows, best_epoch=best, metric=metric)
    assert len(drawn.axes) == 2
    for axes, name in zip(drawn.axes, ("loss", metric), strict=True):
        lines = {line.get_label(): line for line in axes.get_lines()}
        for label, key in (("training", name), ("validation", f"val_{name}")):
            assert lines[label].get_xdata().tolist() == [row["epoch"] for row in rows]
            assert lines[label].get_ydata().tolist() == [row[key] for row in rows]
            assert lines[label].get_marker() if epochs == 1 else True
        assert axes.get_title("left") == ("Loss" if name == "loss" else title)
        assert any(f"{rows[best - 1][f'val_{name}']:#.4g} in epoch {best}" in text for text in texts(drawn))
        assert lines["best epoch"].get_xdata() == [best, best]
        low, high = axes.get_xlim()
        ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
        assert ticks and all(tick == round(tick) for tick in ticks)
    assert {"training", "validation", "best epoch"} <= set(texts(drawn))


@pytest.mark.parametrize("best", [None, 0, 99])
def test_no_best_epoch_is_marked_when_there_is_none(figure: Callable[..., Figure], best: int | None) -> None:
    shown = texts(figure(plots.learning_curves, history(3), best_epoch=best))
    assert not any("in epoch" in text or text == "best epoch" for text in shown)


def test_learning_curves_leave_out_what_was_not_measured(figure: Callable[..., Figure]) -> None:
    rows = [{"epoch": 1, "loss": 2.0, "val_bleu": float("nan")}, {"epoch": 2, "loss": 1.0, "val_bleu": 20.0}]
    drawn = figure(plots.learning_curves, rows, best_epoch=2, metric="bleu")
    assert [line.get_label() for line in drawn.axes[0].get_lines()][0] == "training"
    assert "validation" not in [line.get_label() for line in drawn.axes[0].get_lines()]
    assert [line.get_marker() for line in drawn.axes[1].get_lines() if line.get_label() == "validation"] == ["o"]
    assert len(figure(plots.learning_curves, rows, metric="loss").axes) == 1


@pytest.mark.parametrize("rows", [[], [{"epoch": 1, "seconds": 3.0}]])
def test_a_history_without_figures_is_refused(rows: list[dict[str, float]], tmp_path: Path) -> None:
    with pytest.raises(RnnkitError, match="'accuracy'"):
        plots.learning_curves(rows, tmp_path / "curves.png")
    assert not list(tmp_path.iterdir())


def counts(classes: int) -> np.ndarray:
    return np.random.default_rng(classes).integers(0, 3000, (classes, classes)) + 4000 * np.eye(classes, dtype=int)


@pytest.mark.parametrize("classes", [1, 3, 8])
def test_small_matrices_show_counts_and_shares_of_the_row(figure: Callable[..., Figure], classes: int) -> None:
    matrix = counts(classes)
    drawn = figure(plots.confusion_matrix, matrix, [f"label {at}" for at in range(classes)])
    cells = {text.get_position(): text.get_text() for text in drawn.axes[0].texts if "\n" in text.get_text()}
    digits = 1 if classes <= 3 else 0
    assert cells == {
        (column + 0.5, row + 0.5): f"{count:,}\n{count / matrix[row].sum():.{digits}%}"
        for (row, column), count in np.ndenumerate(matrix)
    }
    assert any(f"{np.trace(matrix) / matrix.sum():.1%} of {matrix.sum():,} right" in text for text in texts(drawn))
    assert drawn.axes[0].yaxis_inverted()  # the first label is at the top


@pytest.mark.parametrize(("classes", "numbers"), [(9, True), (20, True), (150, False)])
def test_large_matrices_show_shares_and_then_colour_alone(
    figure: Callable[..., Figure], classes: int, numbers: bool
) -> None:
    matrix = counts(classes)
    drawn = figure(plots.confusion_matrix, matrix, [f"{'👍' * at} {at}" for at in range(classes)])
    shares = matrix / matrix.sum(axis=1, keepdims=True)
    cells = [text.get_text() for text in drawn.axes[0].texts if text.get_text().isdigit()]
    assert len(cells) == ((shares > 0.005).sum() if numbers else 0)
    np.testing.assert_allclose(drawn.axes[0].collections[0].get_array(), shares)
    assert len(drawn.axes[0].get_yticks()) <= 40
    assert drawn.get_figheight() <= 9


@pytest.mark.parametrize(("low", "high", "expected"), [(0.0, 1.0, "0.2"), (0.8, 0.9, "0.82"), (1e-6, 5e-6, "0.000002"),
                                                       (0, 4000, "1,000"), (-3, 3, "−2")])  # fmt: skip
def test_ticks_have_as_many_decimals_as_they_need(low: float, high: float, expected: str) -> None:
    drawn = Figure()
    axes = drawn.subplots()
    axes.set_ylim(low, high)
    plots._round_ticks(axes.yaxis)
    drawn.draw_without_rendering()
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert expected in labels and len(set(labels)) == len(labels) <= 11
    for label, tick in zip(labels, axes.get_yticks(), strict=True):
        assert float(label.replace("−", "-").replace(",", "")) == pytest.approx(tick)


def test_a_row_without_texts_and_an_empty_matrix(figure: Callable[..., Figure]) -> None:
    assert "0\n0.0%" in texts(figure(plots.confusion_matrix, np.array([[0, 0], [1, 2]]), ["never", "seen"]))
    figure(plots.confusion_matrix, np.zeros((2, 2), int), ["a", "b"])


@pytest.mark.parametrize(("matrix", "labels"), [(np.zeros((2, 3)), ["a", "b"]), (np.eye(2), ["a"]), (np.eye(0), [])])
def test_a_matrix_that_does_not_fit_its_labels_is_refused(matrix: np.ndarray, labels: list[str]) -> None:
    with pytest.raises(RnnkitError, match="a row and a column a label"):
        plots.confusion_matrix(matrix, labels, "never.png")


@pytest.mark.parametrize(
    ("lengths", "cut"),
    [(LENGTHS, 200), (LENGTHS, 1), (LENGTHS, 5000), (np.append(LENGTHS, 10**6), 400), (np.array([3]), 200),
     (np.array([0]), 1), (np.array([200]), 200), (np.array([201]), 200), (np.arange(100, 2000), 777)],
)  # fmt: skip
def test_histogram_splits_exactly_at_the_cut(figure: Callable[..., Figure], lengths: np.ndarray, cut: int) -> None:
    drawn = figure(plots.length_histogram, lengths, cut)
    axes = drawn.axes[0]
    end = max(bar.get_x() + bar.get_width() for bar in axes.patches)
    for colour, inside in ((plots.BLUE, lengths <= cut), (plots.ORANGE, (lengths > cut) & (lengths <= end))):
        heights = [bar.get_height() for bar in axes.patches if to_hex(bar.get_facecolor()) == colour]
        assert sum(heights) == (inside & (lengths <= end)).sum()
    assert len(axes.patches) <= 80
    share = sum(length > cut for length in lengths.tolist()) / len(lengths)
    assert {f"read whole: {1 - share:.1%}", f"cut at {cut:,} words: {share:.1%}"} <= set(texts(drawn))
    left_out = (lengths > end).mean()
    assert left_out <= 0.005 and axes.get_xlabel().startswith("words")
    assert (f"{left_out:.1%} of the texts are longer" in axes.get_xlabel()) == bool(left_out)


def test_histogram_names_its_unit_and_padding(figure: Callable[..., Figure]) -> None:
    shown = texts(figure(plots.length_histogram, LENGTHS, 100, unit="characters", padding=0.0725))
    assert any("7.2% padding" in text for text in shown) and "Characters in a text" in shown
    assert not any("padding" in text for text in texts(figure(plots.length_histogram, LENGTHS, 100)))


@pytest.mark.parametrize("lengths", [np.array([]), np.array([3, -1])])
def test_impossible_lengths_are_refused(lengths: np.ndarray) -> None:
    with pytest.raises(RnnkitError, match="lengths were given"):
        plots.length_histogram(lengths, 10, "never.png")


def words_drawn(drawn: Figure) -> list[Text]:
    return [artist for artist in drawn.get_children() if type(artist) is Text and artist.get_fontsize() == plots.TITLE
            and artist.get_fontweight() == "normal"]  # fmt: skip


@pytest.mark.parametrize("number", [1, 3, 121, 400])
def test_words_stand_in_order_inside_the_picture_and_do_not_overlap(figure: Callable[..., Figure], number: int) -> None:
    rng = np.random.default_rng(number)
    words = ["n" * rng.integers(1, 9) + str(at) for at in range(number)]
    scores = rng.normal(size=number) * np.linspace(0.1, 1, number)
    drawn = figure(plots.word_attribution, words, scores, "positive", 0.9)
    first = max(range(max(number - 119, 1)), key=lambda at: np.abs(scores[at : at + 120]).sum())
    last = min(first + 120, number)
    shown = [f"… {first:,} more"] * (first > 0) + words[first:last] + [f"{number - last:,} more …"] * (last < number)
    artists = words_drawn(drawn)
    assert [artist.get_text() for artist in artists] == shown
    boxes = [artist.get_window_extent() for artist in artists]
    for one, other in zip(boxes, boxes[1:], strict=False):
        assert one.x1 < other.x0 or one.y0 > other.y1
    assert all(box.x0 >= 30 and box.x1 <= 930 and box.y0 > 70 for box in boxes)
    assert drawn.get_figheight() < 8


def test_each_word_has_its_own_colour(figure: Callable[..., Figure]) -> None:
    scores = np.array([0.0, 3.0, -1.5, 0.1, 1.0])
    drawn = figure(plots.word_attribution, ["a", "great", "dull", "film", "really"], scores, "positive", 0.973)
    boxes = [artist for artist in drawn.get_children() if isinstance(artist, FancyBboxPatch)]
    assert [to_hex(box.get_facecolor()) for box in boxes] == [explain.shade(share) for share in (1, -0.5, 1 / 3)]
    for box, word in zip(boxes, ("great", "dull", "really"), strict=True):
        ink = next(artist for artist in words_drawn(drawn) if artist.get_text() == word).get_window_extent()
        area = box.get_window_extent()
        assert area.x0 < ink.x0 and ink.x1 < area.x1 and area.y0 < ink.y0 and ink.y1 < area.y1
    assert {"Predicted (97.3%): positive", "−3", "0", "+3", "against", "for this label"} <= set(texts(drawn))


def test_right_to_left_words_run_from_the_right(figure: Callable[..., Figure]) -> None:
    drawn = figure(plots.word_attribution, ["שלום", "עולם", "טוב"], np.array([1.0, 0, -1]), "חיובי", 0.9)
    places = [artist.get_window_extent().x0 for artist in words_drawn(drawn)]
    assert places == sorted(places, reverse=True) and places[0] > 800


def test_words_without_weight_are_said_to_have_none(figure: Callable[..., Figure]) -> None:
    drawn = figure(plots.word_attribution, ["a", "b"], np.zeros(2), "x", 0.5)
    assert "no word alone makes a difference" in texts(drawn)


@pytest.mark.parametrize(("words", "scores"), [([], []), (["a"], [1.0, 2.0]), (["a"], [np.nan])])
def test_words_without_their_scores_are_refused(words: list[str], scores: list[float]) -> None:
    with pytest.raises(RnnkitError, match="word"):
        plots.word_attribution(words, np.array(scores), "positive", 0.9, "never.png")
