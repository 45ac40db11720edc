"""Which part of a sound speaks for its label: on the screen, and over the spectrogram."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tasks import sounding

import rnnkit
from rnnkit import plots
from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.data.bucketing import Ragged
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.labels import prediction_of
from rnnkit.tasks.shared.hearing import Hearing
from rnnkit.tasks.shared.sound_options import SoundOptions
from rnnkit.tasks.sound_classifier.explained import explained

RUN = Path(__file__).parents[2] / "formats" / "1" / "sound_classifier"


def listener(normalise="corpus", first=40, last=60):
    """A task that knows its label by the first feature of some frames: 2 of log-odds for each in which it is 1."""

    def outputs(encoded):
        return np.array([2 * (np.abs(row[first:last, 0] - 1) < 1e-6).sum() for row in encoded.inputs], np.float64)

    def probabilities(odds):
        chance = 1 / (1 + np.exp(-(odds - 4)))
        return np.stack([1 - chance, chance], axis=1)

    front = Spectrogram(rate=8000, bands=4, normalise=normalise, mean=(0.0,) * 4, std=(1.0,) * 4)
    frames = np.random.default_rng(0).normal(3, 1, (100, 4)).astype(np.float32)
    frames[48:52, 0] = 1
    return SimpleNamespace(
        labels=["no", "yes"],
        preprocessing=SimpleNamespace(hearing=Hearing(SoundOptions(rate=8000), front)),
        encode_inputs=lambda inputs: SimpleNamespace(inputs=Ragged.from_iterable([frames])),
        outputs=outputs,
        probabilities=probabilities,
        decode=lambda odds: [prediction_of(row, ["no", "yes"]) for row in probabilities(odds)],
    )


@pytest.mark.parametrize("normalise", ["corpus", "utterance"])
def test_the_stretch_that_decides_has_the_score_and_others_have_none(normalise):
    found = explained(listener(normalise), "sound.wav")
    assert found.prediction.label == "yes" and len(found.spans) == 25
    assert [span for span, score in zip(found.spans, found.scores, strict=True) if score] == [(48, 52)]
    assert found.scores.max() == pytest.approx(8, abs=1e-6)  # 4 frames at 2 of log-odds each
    assert found.names[12] == "0.48-0.52s(+8.0)" and found.of_frames.shape == (100,)
    assert found.of_frames[48:52].min() == found.scores.max()


def test_a_short_sound_is_cut_into_fewer_stretches():
    task = listener(first=0, last=7)
    frames = np.ones((7, 4), np.float32)
    task.encode_inputs = lambda inputs: SimpleNamespace(inputs=Ragged.from_iterable([frames]))
    assert [span for span in explained(task, "sound.wav").spans] == [(0, 3), (3, 7)]


def test_a_run_explains_on_the_screen_and_draws(tmp_path, command_line):
    path = sounding.save(tmp_path / "a.wav", sounding.tone("up", 0.5))
    code, out, err = command_line("predict", RUN, path, "--explain")
    answer, *spans = out.splitlines()
    task = rnnkit.load(RUN)
    prediction = task.predict(path)
    assert (code, err) == (0, "") and answer == f"{prediction.label} {prediction.probability:.1%}"
    assert " ".join(spans).split() == task.explain(path)[0] and spans[0].startswith("0.00-0.03s(")
    assert command_line("predict", RUN, path, "--plot", tmp_path / "why.png")[0] == 0
    assert (tmp_path / "why.png").read_bytes()[:4] == b"\x89PNG"
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    code, out, err = command_line("predict", RUN, tmp_path / "bad.wav", "--explain")
    assert (code, out) == (1, "") and err.count("\n") == 1 and "bad.wav is a RIFF file" in err


def test_the_picture_colours_what_speaks_for_the_label(tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr("rnnkit.plots.sounds.save", lambda figure, path: kept.append(figure) or Path(path))
    scores = np.repeat([0.0, 2.0, -1.0, 0.01], 5)
    plots.sound_saliency(np.random.default_rng(0).normal(size=(20, 6)), scores, "yes", 0.9, "a.png", seconds=0.1)
    above, below = kept[0].axes
    veils = [(patch.get_x(), round(patch.get_x() + patch.get_width(), 6)) for patch in above.patches]
    assert veils == [(0.5, 1.0), (1.0, 1.5)] and len(below.collections) == 4
    assert above.patches[0].get_facecolor()[:3] != above.patches[1].get_facecolor()[:3]
    for wrong in (np.ones(19), np.full(20, np.nan)):
        with pytest.raises(RnnkitError, match="one finite score"):
            plots.sound_saliency(np.ones((20, 6)), wrong, "yes", 0.9, tmp_path / "b.png", seconds=0.1)
