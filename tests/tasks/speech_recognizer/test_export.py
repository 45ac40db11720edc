"""Exported recognisers: whole recordings, and streams of samples in chunks of any size, agree with Keras."""

import json
import shutil

import numpy as np
import pytest
from tasks import speaking

import rnnkit
from rnnkit import lite
from rnnkit.errors import RnnkitError
from rnnkit.tasks.speech_recognizer.sample import RATE, wav_bytes


@pytest.fixture(scope="module")
def whole():
    task = speaking.trained()
    task.export(quantize="none", overwrite=True)
    return lite.load(task.folder / "lite")


@pytest.fixture(scope="module")
def streamed():
    task = speaking.streaming()
    done = task.export(quantize="none", overwrite=True)
    assert done["bytes"] > 0
    return lite.load(task.folder / "lite")


def test_whole_recordings_are_answered_as_by_keras(whole, tmp_path):
    task, rows = speaking.trained(), [samples for samples, *_ in speaking.rows(6, seed=3)]
    ours = task.outputs(task.encode_inputs(rows))
    for one, other in zip(ours, whole.log_probs(rows), strict=True):
        assert np.abs(np.exp(one) - np.exp(other)).max() < 1e-4
    (tmp_path / "one.wav").write_bytes(wav_bytes(rows[0]))
    assert whole.predict(str(tmp_path / "one.wav"))[0].text == task.predict(rows[0]).text
    ours, theirs = task.predict(rows[0], lexicon="words"), whole.predict(rows[0], lexicon="words")[0]
    assert ours.text == theirs.text and abs(ours.confidence - theirs.confidence) < 1e-3
    figures = [task.evaluate([(samples, "1") for samples in rows], tflite=tflite)["wer"] for tflite in (False, True)]
    assert abs(figures[0] - figures[1]) < 1e-6


def test_what_no_bundle_can_hear_is_refused(whole):
    for given, said in (
        (np.zeros(300, np.float32), "expected those of 0.03 seconds at least"),
        ([np.zeros((5, 40), np.float32)], "expected samples"),
        (None, "expected samples"),
        (np.array(0.5), "expected samples"),
        ("none.wav", "none.wav"),
    ):
        with pytest.raises(RnnkitError, match=said):
            whole.predict(given)
    assert whole.faults([np.zeros(8000, np.float32), "none.wav"]).keys() == {1}
    with pytest.raises(RnnkitError, match="answers whole recordings alone"):
        whole.open_stream()


def test_a_file_takes_twice_the_longest_training_recording_and_says_so_of_a_longer_one(whole):
    task, bundle = speaking.trained(), whole.bundle
    frames = int(task.parts.train.inputs.lengths.max())
    assert bundle.strategy == "padded" and bundle.max_length == 2 * frames * 80 < 35 * RATE
    steps = (1 + (bundle.max_length - 200) // 80) // 3
    assert bundle.settings["outputs"][0]["shape"] == [1, steps, 12]
    full = np.zeros(bundle.max_length, np.float32)
    assert whole.log_probs([full])[0].shape == (steps, 12)
    line = f"Recording 1 has {len(full) + 1:,} samples; this bundle takes up to {len(full):,}: export it with --length"
    with pytest.raises(RnnkitError, match=f"^{line} N or --strategy loop, which take more.$"):
        whole.predict([np.zeros(len(full) + 1, np.float32)])


def test_a_bundle_that_says_more_steps_than_its_file_gives_is_refused(whole, tmp_path):
    about = shutil.copytree(whole.bundle.folder, tmp_path / "lite") / "bundle.json"
    about.write_text(about.read_text("utf-8").replace('"stride": 3', '"stride": 1'), "utf-8")
    with pytest.raises(RnnkitError, match="the model gives 110 steps; expected 330. Export it again"):
        lite.load(tmp_path / "lite").predict(np.zeros(whole.bundle.max_length, np.float32))


@pytest.mark.parametrize("extra", [0, 1, 79, 80, 239, 240])
def test_a_padded_file_has_the_steps_of_its_samples_alone(whole, extra):
    samples = speaking.rows(1, seed=6)[0][0][: 4000 + extra]
    (ours,) = speaking.trained().outputs(speaking.trained().encode_inputs([samples]))
    (theirs,) = whole.log_probs([samples])
    assert theirs.shape == ours.shape and np.abs(np.exp(ours) - np.exp(theirs)).max() < 1e-4


@pytest.mark.slow
def test_another_length_is_asked_for_and_an_open_one(tmp_path):
    task, samples = speaking.trained(), speaking.rows(1, seed=3)[0][0][:6000]
    loop, padded = tmp_path / "loop", tmp_path / "padded"
    task.export(loop, quantize="none", strategy="loop")
    task.export(padded, quantize="none", length=9000)
    open_length, fixed = (lite.load(folder / "lite") for folder in (loop, padded))
    assert fixed.bundle.max_length == 9000 and open_length.bundle.max_length == 35 * RATE
    assert np.abs(fixed.log_probs([samples])[0] - open_length.log_probs([samples])[0]).max() < 1e-5
    with pytest.raises(RnnkitError, match="The file would take 300 samples, and the shortest sound to compare it on"):
        task.export(tmp_path / "other", length=300)


def test_a_run_that_does_not_say_how_long_its_recordings_are_takes_what_it_may(tmp_path):
    shutil.copytree(speaking.trained().folder, tmp_path / "run")
    (tmp_path / "run" / "preprocessing" / "seconds.json").unlink()
    exporter = rnnkit.load(tmp_path / "run").exporter()
    assert exporter.servables("padded")["model"].specs[0].shape == (1, 35 * RATE)
    (tmp_path / "run" / "preprocessing" / "seconds.json").write_text(json.dumps({"longest": "2"}))
    with pytest.raises(RnnkitError, match="should have the number longest"):
        rnnkit.load(tmp_path / "run")


@pytest.mark.parametrize("size", [1, 37, 80, 240, 1000, 10**6])
def test_a_stream_in_chunks_of_any_size_is_the_whole(streamed, size):
    task = speaking.streaming()
    for samples, *_ in speaking.rows(2 if size == 1 else 4, seed=4):
        samples = samples[: len(samples) // 3] if size == 1 else samples
        (expected,) = task.outputs(task.encode_inputs([samples]))
        stream = streamed.open_stream(keep=True)
        for first in range(0, len(samples), size):
            stream.step(samples[first : first + size])
        answer = stream.finish()
        assert stream.log_probs.shape == expected.shape
        assert np.abs(stream.log_probs - expected).max() < 1e-4 < 1e-2 < np.ptp(expected, axis=0).max()
        assert answer.text == task.predict(samples).text


@pytest.mark.parametrize("extra", range(0, 240, 33))
def test_every_length_of_the_last_step_counts(streamed, extra):
    samples = speaking.rows(1, seed=6)[0][0][: 4000 + extra]
    (whole_recording,) = streamed.log_probs([samples])
    stream = streamed.open_stream(keep=True)
    stream.step(samples)
    stream.finish()
    assert stream.log_probs.shape == whole_recording.shape


def test_a_live_iterator_gives_the_text_each_time_it_changes(streamed):
    samples = np.concatenate([row[0] for row in speaking.rows(2)])
    said = list(streamed.stream(samples[first : first + 400] for first in range(0, len(samples), 400)))
    assert said == list(dict.fromkeys(said)) or len(said) > 0
    assert (said or [""])[-1] == streamed.predict(samples)[0].text
    stream = streamed.open_stream(lexicon="words")
    first = stream.step(samples[:8000])
    stream.reset()
    assert stream.step(samples[:8000]) == first and RATE == 8000


@pytest.mark.slow
@pytest.mark.parametrize(
    "options", [{"normalise": "corpus", "cell": "min_gru", "block": 2}, {"stride": 1, "bands": 12}]
)
def test_other_streaming_networks_agree(options, tmp_path):
    task = rnnkit.SpeechRecognizer(**{**speaking.STREAMING, "epochs": 1, **options}).fit(
        speaking.rows(30), to=tmp_path / "run"
    )
    task.export(quantize="none")
    runner = lite.load(tmp_path / "run" / "lite")
    samples = speaking.rows(1, seed=4)[0][0]
    (expected,) = task.outputs(task.encode_inputs([samples]))
    stream = runner.open_stream(keep=True)
    stream.step(samples)
    stream.finish()
    assert np.abs(stream.log_probs - expected).max() < 1e-4 < 1e-2 < np.ptp(expected, axis=0).max()


@pytest.mark.slow
def test_ready_made_frames_are_answered_from_a_file(tmp_path):
    random = np.random.default_rng(0)
    rows = [(random.normal(size=(int(n), 5)).astype("float32"), "ab", f"s{n % 7}") for n in random.integers(20, 60, 40)]
    task = rnnkit.SpeechRecognizer(**{**speaking.OPTIONS, "deltas": 1, "epochs": 1}).fit(rows, to=tmp_path / "run")
    task.export(quantize="none")
    task.export(format="saved_model")
    runner = lite.load(tmp_path / "run" / "lite")
    (ours,) = task.outputs(task.encode_inputs([rows[0][0]]))
    assert np.abs(np.exp(ours) - np.exp(runner.log_probs([rows[0][0]])[0])).max() < 1e-4
    with pytest.raises(RnnkitError, match="is the name of a file"):
        runner.predict("a.npy")
    most = runner.bundle.max_length
    assert runner.bundle.fixed_length and most == 2 * max(len(frames) for frames in task.parts.train.inputs)
    with pytest.raises(RnnkitError, match=f"has {most + 1} frames; this bundle takes up to {most}: export it with"):
        runner.predict(random.normal(size=(most + 1, 5)).astype("float32"))


@pytest.mark.slow
def test_a_server_is_given_padded_samples_and_their_lengths():
    import tensorflow as tf

    task = speaking.streaming()
    task.export(format="saved_model", overwrite=True)
    signatures = tf.saved_model.load(str(task.folder / "saved_model")).signatures
    assert set(signatures) == {"serving_default", "step", "reset"}
    rows = [samples for samples, *_ in speaking.rows(3)]
    padded = np.zeros((3, max(map(len, rows))), np.float32)
    for place, row in enumerate(rows):
        padded[place, : len(row)] = row
    lengths = tf.constant([len(row) for row in rows])
    made = signatures["serving_default"](samples=tf.constant(padded), lengths=lengths)["log_probs"].numpy()
    for row, expected in zip(made, task.outputs(task.encode_inputs(rows)), strict=True):
        assert np.abs(np.exp(row[: len(expected)]) - np.exp(expected)).max() < 1e-4


def test_one_recording_or_several_are_told_apart_as_sounds_are(whole):
    samples = speaking.rows(1)[0][0]
    one = whole.predict(samples)
    assert len(one) == 1 and whole.predict([samples, samples]) == one * 2 and whole.predict([]) == []
    assert whole.predict(samples.tolist()) == one
    assert whole.predict(np.stack([samples, samples])) == one * 2
