"""CTC's searches and alignments against all paths, one by one."""

import tracemalloc

import numpy as np
import pytest
from decoding.lattices import all_texts, best_path, frames_of, said

from rnnkit.decoding.ctc import GreedySearch, collapse, min_frames
from rnnkit.decoding.ctc_alignment import align
from rnnkit.decoding.ctc_beam import PrefixBeamSearch
from rnnkit.decoding.lexicon import Lexicon, WordBoundaries
from rnnkit.errors import RnnkitError

WIDE = 5000  # more than there are prefixes
SEPARATOR = 3
SIZES = [(time, classes) for time in (0, 1, 2, 3, 4, 5, 6) for classes in (2, 3, 4)]


class PrefixModel:
    """Units by the whole prefix: no two prefixes share their log-probabilities."""

    def __init__(self, classes, ends):
        self.classes, self.ends = classes, ends
        self.asked = 0

    def row(self, prefix):
        made = np.random.default_rng([7, *prefix]).normal(size=self.classes) * 1.5
        made -= np.logaddexp.reduce(made)
        made[0] = made[0] if self.ends else 0.0
        return made

    def start(self):
        return self.row(()), ()

    def step(self, states, units):
        self.asked += len(states)
        states = [(*state, unit) for state, unit in zip(states, units, strict=True)]
        return np.array([self.row(state) for state in states]), states

    def of_text(self, text):
        inner = sum(self.row(text[:place])[unit] for place, unit in enumerate(text))
        return inner + self.row(text)[0]


class PrefixWords:
    """Words by all words before them."""

    def log_p(self, before, word):
        numbers = [each for one in (*before, word) for each in (*one, 99)]
        return -float(np.random.default_rng([8, *numbers]).exponential()) * 2

    def start(self):
        return ()

    def step(self, states, words):
        found = np.array([self.log_p(state, word) for state, word in zip(states, words, strict=True)])
        return found, [(*state, word) for state, word in zip(states, words, strict=True)]

    def end(self, states):
        return np.array([self.log_p(state, ()) for state in states])

    def of_text(self, words):
        return sum(self.log_p(words[:place], word) for place, word in enumerate(words)) + self.log_p(words, ())


def split_at(text, separator):
    """The words of a text, written again."""
    words = [[]]
    for unit in text:
        words += [[]] if unit == separator else []
        words[-1] += [unit] if unit != separator else []
    return tuple(tuple(word) for word in words if word)


def ranked(texts, scores):
    return sorted(((scores(text), text) for text in texts), reverse=True)


def same(found, expected, texts):
    assert [tuple(each.units) for each in found] == [text for _, text in expected]
    np.testing.assert_allclose([each.score for each in found], [score for score, _ in expected], atol=1e-9)
    np.testing.assert_allclose([each.log_p for each in found], [texts[text] for _, text in expected], atol=1e-9)


@pytest.mark.parametrize(("time", "classes"), SIZES)
def test_a_wide_beam_finds_the_likeliest_texts_of_all(time, classes):
    for seed in range(5):
        frames = frames_of(np.random.default_rng([time, classes, seed]), time, classes)
        texts = all_texts(frames)
        search = PrefixBeamSearch(beam_width=WIDE)
        search.feed(frames)
        same(search.finish(6), ranked(texts, texts.get)[:6], texts)
        assert sum(np.exp(each.log_p) for each in search.finish(WIDE)) == pytest.approx(1)


@pytest.mark.parametrize("beta", [0.0, 0.7, -0.4])
@pytest.mark.parametrize("ends", [False, True])
def test_with_a_language_model_over_units(beta, ends):
    for seed in range(12):
        frames = frames_of(np.random.default_rng([1, seed]), 5, 4)
        texts, model = all_texts(frames), PrefixModel(4, ends)
        search = PrefixBeamSearch(beam_width=WIDE, scorer=model, alpha=0.8, beta=beta)
        search.feed(frames)
        expected = ranked(texts, lambda text: texts[text] + 0.8 * model.of_text(text) + beta * len(text))  # noqa: B023
        same(search.finish(6), expected[:6], texts)
        narrow = PrefixBeamSearch(beam_width=3, scorer=PrefixModel(4, ends), alpha=0.8, beta=beta)
        narrow.feed(frames)
        assert narrow.finish()[0].score <= expected[0][0] + 1e-9
        assert 0 < narrow._fusion.scorer.asked < model.asked


WORD_LISTS = [[(1,), (2,)], [(1, 2), (1,), (2, 2)], [(1, 1, 2), (2, 1)]]


@pytest.mark.parametrize("words", WORD_LISTS)
@pytest.mark.parametrize("with_model", [False, True])
def test_with_a_list_of_words_and_a_model_over_words(words, with_model):
    boundaries = WordBoundaries(4, separator=SEPARATOR)
    lexicon, model = Lexicon(words, boundaries), PrefixWords()

    def allowed(text):
        single = not any(a == b == SEPARATOR for a, b in zip(text, text[1:], strict=False))
        outside = text[:1] == (SEPARATOR,) or text[-1:] == (SEPARATOR,)
        return single and not outside and set(split_at(text, SEPARATOR)) <= set(words)

    for seed in range(6):
        frames = frames_of(np.random.default_rng([2, seed]), 6, 4, spread=1.0)
        texts = {text: log_p for text, log_p in all_texts(frames).items() if allowed(text)}

        def score(text, texts=texts):
            split = split_at(text, SEPARATOR)
            return texts[text] + (0.6 * model.of_text(split) if with_model else 0) + 0.3 * len(split)

        scorer = model if with_model else None
        search = PrefixBeamSearch(beam_width=WIDE, lexicon=lexicon, scorer=scorer, alpha=0.6, beta=0.3)
        search.feed(frames)
        same(search.finish(5), ranked(texts, score)[:5], texts)


@pytest.mark.parametrize("starts", [None, [1, 3], []])
def test_words_without_a_separator(starts):
    boundaries, model = WordBoundaries(4, starts=starts), PrefixWords()

    def split(text):
        words = []
        for unit in text:
            if starts is None or unit in starts or not words:
                words.append(())
            words[-1] += (unit,)
        return tuple(words)

    for seed in range(5):
        frames = frames_of(np.random.default_rng([3, seed]), 5, 4)
        texts = all_texts(frames)
        search = PrefixBeamSearch(beam_width=WIDE, boundaries=boundaries, scorer=model, alpha=0.5, beta=0.2)
        search.feed(frames)
        expected = ranked(
            texts,
            lambda text: texts[text] + 0.5 * model.of_text(split(text)) + 0.2 * len(split(text)),  # noqa: B023
        )
        same(search.finish(6), expected[:6], texts)
        assert boundaries.words([2, 1, 2, 3]) == list(split((2, 1, 2, 3)))
        lexicon = Lexicon([(1,), (3,)] if starts is None else [(1, 2), (3,), (3, 2, 2)], boundaries)
        only = PrefixBeamSearch(beam_width=WIDE, lexicon=lexicon)
        only.feed(frames)
        listed = {(1,), (3,)} if starts is None else {(1, 2), (3,), (3, 2, 2)}
        of_list = {text: texts[text] for text in texts if set(split(text)) <= listed}
        same(only.finish(4), ranked(of_list, of_list.get)[:4], texts)


@pytest.mark.parametrize("how", [{}, {"beam_width": 3}, {"margin": 4.0}, {"lexicon": True, "beam_width": 6}])
def test_in_chunks_the_answer_is_that_of_the_whole(how):
    random = np.random.default_rng(4)
    frames = frames_of(random, 60, 4)
    if "lexicon" in how:
        how = {**how, "lexicon": Lexicon(WORD_LISTS[1], WordBoundaries(4, separator=SEPARATOR))}
    for make in (lambda: PrefixBeamSearch(**how), GreedySearch):
        whole, parts, single = make(), make(), make()
        whole.feed(frames)
        for chunk in np.split(frames, [1, 1, 7, 30, 31]):
            parts.feed(chunk)
            assert len(parts.partial().units) <= 60
        for frame in frames:
            single.feed(frame[None])
        assert whole.finish() == parts.finish() == single.finish()
        assert len(whole.finish()[0].units) > 3
        whole.reset()
        whole.feed(frames[:20])
        again = make()
        again.feed(frames[:20])
        assert whole.finish() == again.finish()


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"scorer": PrefixModel(5, True)},
        {"scorer": PrefixWords(), "boundaries": WordBoundaries(5, separator=4)},
        {"scorer": PrefixWords(), "boundaries": WordBoundaries(5, starts=[1, 3])},
        {"scorer": PrefixWords(), "boundaries": WordBoundaries(5, starts=[])},
        {"lexicon": Lexicon([(1, 2), (3,), (2, 2)], WordBoundaries(5, separator=4)), "beta": 0.3},
    ],
)
def test_forgotten_prefixes_change_nothing(monkeypatch, how):
    frames = frames_of(np.random.default_rng(5), 80, 5)
    found = []
    for crowded in (40, 10**9):
        monkeypatch.setattr("rnnkit.decoding.ctc_beam._CROWDED", crowded)
        search, heard, told = PrefixBeamSearch(beam_width=8, **how), [], []
        for place, frame in enumerate(frames):
            search.feed(frame[None])
            heard.append(search.partial())
            if place % 3:
                stay, new = search.changes()
                assert (told := [*told[:stay], *new]) == heard[-1].units
        found.append((heard, search.finish(8, log_probs=frames), len(search._parent)))
    assert found[0][:2] == found[1][:2] and found[0][2] < 0.7 * found[1][2]


def test_prefixes_are_forgotten_now_and_then_and_not_at_each_frame_of_a_long_text(monkeypatch):
    kept, forget = [], PrefixBeamSearch._forget
    monkeypatch.setattr("rnnkit.decoding.ctc_beam._CROWDED", 40)
    monkeypatch.setattr(PrefixBeamSearch, "_forget", lambda search: forget(search) or kept.append(len(search._parent)))
    search, changed = PrefixBeamSearch(beam_width=4), []
    for frame in frames_of(np.random.default_rng(5), 4000, 5):
        search.feed(frame[None])
        changed.append(len(search.changes()[1]))
    assert (units := len(search.finish()[0].units)) > 1500  # more than are forgotten at
    assert 1 < len(kept) <= 20 and sum(kept) < 10 * units  # all in all as many as there are, and not as their square
    assert sum(changed) < 3 * units


@pytest.mark.parametrize("search", [GreedySearch(), PrefixBeamSearch()])
def test_all_chunks_of_an_utterance_have_the_same_classes(search):
    search.feed(np.zeros((1, 3)))
    with pytest.raises(RnnkitError, match=r"are \[1, 4\]; expected \[frames, 3 classes\]"):
        search.feed(np.zeros((1, 4)))
    search.reset()
    search.feed(np.zeros((1, 4)))


def test_a_narrow_beam_is_near_the_likeliest_text():
    right = 0
    for seed in range(60):
        frames = frames_of(np.random.default_rng([6, seed]), 6, 4, spread=3.0)
        texts = all_texts(frames)
        search = PrefixBeamSearch(beam_width=8)
        search.feed(frames)
        right += tuple(search.finish()[0].units) == max(texts, key=texts.get)
    assert right >= 58


def test_a_last_word_that_is_not_whole_is_left_out_where_nothing_else_is():
    lexicon = Lexicon([(1, 1, 2)], WordBoundaries(4, separator=SEPARATOR))
    search = PrefixBeamSearch(lexicon=lexicon)
    nothing = np.log(np.full((1, 4), 1e-12))
    frames = np.concatenate([nothing] * 7)
    for frame, unit in enumerate([1, 0, 1, 2, 3, 1, 0]):
        frames[frame, unit] = 0.0
    search.feed(np.where(frames < -1, -np.inf, frames))
    assert search.partial().units == [1, 1, 2, 3, 1]
    (found,) = search.finish(log_probs=np.where(frames < -1, -np.inf, frames))
    assert found.units == [1, 1, 2] and found.frames == [0, 2, 3]


def test_greedy_is_the_path_of_the_likeliest_classes():
    for seed in range(20):
        frames = frames_of(np.random.default_rng([7, seed]), 12, 4)
        path = frames.argmax(-1)
        search = GreedySearch()
        search.feed(frames)
        found = search.finish()[0]
        assert tuple(found.units) == said(path) == tuple(collapse(path))
        assert found.log_p == pytest.approx(frames.max(-1).sum())
        assert [int(path[frame]) for frame in found.frames] == found.units
        assert all(not frame or path[frame - 1] != path[frame] for frame in found.frames)
        spans = align(frames, found.units).spans
        assert [span[:3] for span in search.spans] == [span[:3] for span in spans]
        np.testing.assert_allclose([span.log_p for span in search.spans], [span.log_p for span in spans])
        assert search.silence == pytest.approx(frames[:, 0].mean())


@pytest.mark.parametrize(("time", "classes"), [size for size in SIZES if size[0]])
def test_an_alignment_is_the_likeliest_path_of_a_text(time, classes):
    frames = frames_of(np.random.default_rng([time, classes, 9]), time, classes)
    for units in list(all_texts(frames))[:40]:
        path, log_p = best_path(frames, units)
        found = align(frames, units)
        assert tuple(found.path) == path and found.log_p == pytest.approx(log_p)
        assert [span.unit for span in found.spans] == list(units)
        covered = np.zeros(time, int)
        for span in found.spans:
            covered[span.first : span.last + 1] = span.unit
            assert span.log_p == pytest.approx(frames[span.first : span.last + 1, span.unit].mean())
        np.testing.assert_array_equal(covered, path)
        assert [span.first for span in found.spans] == sorted(span.first for span in found.spans)


def test_an_alignment_takes_little_memory_however_long_the_recording_is():
    frames = frames_of(np.random.default_rng(11), 2000, 20)
    units = np.random.default_rng(12).integers(1, 20, 700).tolist()  # others than the best path says
    tracemalloc.start()
    try:
        found = align(frames, units)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5 * 2**20  # a table of all frames and places has 22 MB
    assert list(said(found.path)) == units


@pytest.mark.interop
def test_alignments_equal_torchaudio():
    torch = pytest.importorskip("torch", reason="runs torchaudio, an optional peer")
    functional = pytest.importorskip("torchaudio.functional", reason="a peer", exc_type=(ImportError, OSError))
    random = np.random.default_rng(10)
    for _ in range(30):
        frames = frames_of(random, 40, 8)
        units = random.integers(1, 8, 9)
        path, _ = functional.forced_align(torch.tensor(frames)[None], torch.tensor(units)[None], blank=0)
        np.testing.assert_array_equal(align(frames, units).path, path[0].numpy())


def test_frames_that_labels_need_are_those_of_the_shortest_path_that_says_them():
    shortest = {}
    for time in range(6):
        for text in all_texts(np.zeros((time, 3))):
            shortest.setdefault(text, time)
    assert len(shortest) == 25 and {text: min_frames(text) for text in shortest} == shortest


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (lambda: GreedySearch().feed([1.0, 2.0]), r"are \[2\]; expected \[frames, classes\]"),
        (lambda: GreedySearch().feed([[np.nan, 0.0]]), "hold a NaN"),
        (lambda: PrefixBeamSearch().feed([[np.inf, 0.0]]), "or an infinity"),
        (lambda: PrefixBeamSearch().feed([[-np.inf, -np.inf]]), "rule every text out"),
        (lambda: GreedySearch().feed([[-np.inf, -np.inf]]), "rule every text out"),
        (lambda: PrefixBeamSearch(beam_width=0), "beam_width is 0; expected 1"),
        (lambda: PrefixBeamSearch(margin=0), "margin is 0"),
        (lambda: PrefixBeamSearch(alpha=-1), "alpha is -1"),
        (lambda: PrefixBeamSearch().finish(0), "n_best is 0"),
        (lambda: PrefixBeamSearch(scorer=PrefixWords()), "boundaries of words"),
        (lambda: PrefixBeamSearch(scorer=PrefixModel(3, True)).feed(np.zeros((1, 4))), "scores 3 classes"),
        (lambda: PrefixBeamSearch(boundaries=WordBoundaries(3)).feed(np.zeros((1, 4))), "expected .frames, 3 classes"),
        (lambda: WordBoundaries(4, separator=4), "expected 1 to 3"),
        (lambda: WordBoundaries(4, separator=1, starts=[2]), "give one of the two"),
        (lambda: Lexicon([], WordBoundaries(4)), "is empty"),
        (lambda: Lexicon([[]], WordBoundaries(4)), "are not one word"),
        (lambda: Lexicon([[1, 3]], WordBoundaries(4, separator=3)), "are not one word"),
        (lambda: Lexicon([[1, 9]], WordBoundaries(4, separator=3)), "are not one word"),
        (lambda: Lexicon([[1, 2]], WordBoundaries(4)), "are not one word"),
        (lambda: Lexicon([[2]], WordBoundaries(4, starts=[1])), "are not one word"),
        (lambda: align(np.zeros((3, 4)), [1, 1, 1]), "need 5 frames, and there are 3"),
        (lambda: align(np.zeros((3, 4)), [4]), "go from 4 to 4; expected 1 to 3"),
        (lambda: align([[0.0, -np.inf]], [1]), "rule these units out"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_a_line(given, said):
    with pytest.raises(RnnkitError, match=said):
        given()
