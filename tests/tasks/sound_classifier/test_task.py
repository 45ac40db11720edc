"""The sound classifier: the contract, training, files, and parts by speaker."""

import numpy as np
import pytest
from tasks.sounding import OPTIONS, RATE, rows, save, tone

from rnnkit.errors import RnnkitError
from rnnkit.tasks.sound_classifier.backgrounds import with_windows
from rnnkit.tasks.sound_classifier.source import open_sounds
from rnnkit.tasks.sound_classifier.task import SoundClassifier


def lines_of(data, **how):
    said = []
    return open_sounds(data, rate=RATE, tell=said.append, **how), said


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    task = SoundClassifier(**{**OPTIONS, "epochs": 12, "time_masks": 0})
    return task.fit(rows(90), to=tmp_path_factory.mktemp("sounds") / "run")


def test_tones_are_told_apart(trained):
    held = [tone(label, 0.31, seed) for seed in range(500, 520) for label in ("up", "down", "background")]
    answers = trained.predict(held)
    right = [answer.label == ("up", "down", "background")[place % 3] for place, answer in enumerate(answers)]
    assert np.mean(right) > 0.9


def test_a_file_is_answered_as_its_samples_are(trained, tmp_path):
    samples = np.round(tone("up", 0.4, 7) * 32767) / 32768
    path = save(tmp_path / "a.wav", samples * 32768 / 32767)
    assert trained.predict(path).label == trained.predict(samples).label
    assert trained.predict(str(path)).probability == pytest.approx(trained.predict(samples).probability, abs=1e-5)
    again = trained.predict((np.repeat(samples, 2), 2 * RATE))  # another rate is resampled
    assert again.label == trained.predict(samples).label


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (np.zeros(80), "Sound 1 has 80 samples, 20 ms; expected 140 or more, 35 ms."),
        ("none.wav", "none.wav cannot be read (No such file or directory)."),
        (np.zeros((2, 400)), "Sound 1 is float64 [400]; expected"),
    ],
)
def test_what_is_no_sound_is_refused_in_a_line(trained, given, said):
    with pytest.raises(RnnkitError) as error:
        trained.predict([given] if np.ndim(given) < 2 else [given])
    message = str(error.value)
    assert "\n" not in message
    if np.ndim(given) < 2:
        assert message == said


def test_fine_tuning_on_other_words_keeps_all_but_the_head(trained):
    other = [(sound, {"up": "on", "down": "off", "background": "background"}[label]) for sound, label in rows(45)]
    tuned = trained.finetune(other, epochs=1)
    assert tuned.labels == ["background", "off", "on"]
    assert tuned.preprocessing.front == trained.preprocessing.front
    same = trained.finetune(rows(45), epochs=1)
    assert same.labels == trained.labels


def test_whole_speakers_are_held_out(tmp_path):
    for digit in range(3):
        for speaker in ("anna", "ben", "cleo", "dan", "eve", "fay", "gus", "hal"):
            for index in range(2):
                save(
                    tmp_path / f"{digit}_{speaker}_{index}.wav",
                    tone("up", 0.3, hash((digit, index)) % 999) + digit / 50,
                )
    found, said = lines_of(tmp_path)
    assert said == ["The names of the files tell 8 speakers, who stay together."]
    assert {row.target for row in found} == {"0", "1", "2"} and len({row.group for row in found}) == 8


def test_folders_of_labels_with_speech_commands_names_and_lists(tmp_path):
    for label in ("yes", "no"):
        for who in range(4):
            save(tmp_path / label / f"{who:08x}_nohash_0.wav", tone("up", 0.3, who))
    save(tmp_path / "_background_noise_" / "street.wav", np.random.default_rng(0).normal(0, 0.1, 10 * RATE))
    (tmp_path / "testing_list.txt").write_text("yes/00000000_nohash_0.wav\nno/00000000_nohash_0.wav\n")
    (tmp_path / "validation_list.txt").write_text("yes/00000001_nohash_0.wav\nno/00000001_nohash_0.wav\n")
    found, said = lines_of(tmp_path)
    assert said[0] == "The names of the files tell 4 speakers, who stay together."
    parts = {part: [row for row in found if row.part == part] for part in ("train", "validation", "test")}
    assert [len([row for row in part if row.target != "_background_noise_"]) for part in parts.values()] == [4, 2, 2]
    windows = [row for row in found if row.target == "_background_noise_"]
    assert len(windows) == 4 and {len(row.given) for row in windows} == {RATE}
    assert {row.part for row in windows} == {"train", "test"}


def test_a_table_names_files_beside_it(tmp_path):
    save(tmp_path / "a.wav", tone("up"))
    save(tmp_path / "b.wav", tone("down"))
    table = tmp_path / "sounds.csv"
    table.write_text("audio,word,speaker\na.wav,up,anna\nb.wav,down,ben\na.wav,,anna\n")
    found, _ = lines_of(table)
    assert [(row.target, row.group) for row in found] == [("up", "anna"), ("down", "ben")]
    assert found.dropped["no label"] == 1


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder, "holds nothing; expected a folder of sound files"),
        (lambda folder: save(folder / "lone.wav", tone("up")), "is a single sound; expected a folder of them"),
        (
            lambda folder: save(folder / "x" / "lone.wav", tone("up")).parent,
            "1 sound is in no folder of a .*: lone.wav. ",
        ),
        (
            lambda folder: [save(folder / "x" / f"{number}.wav", tone("up")).parent for number in range(7)][0],
            "7 sounds are in no folder of a label, and their names .*: 0.wav, 1.wav, 2.wav, 3.wav, 4.wav and 2 more. ",
        ),
    ],
)
def test_other_folders_are_refused_in_a_line(tmp_path, make, said):
    with pytest.raises(RnnkitError, match=said) as error:
        open_sounds(make(tmp_path), rate=RATE)
    assert "\n" not in str(error.value)


def test_sounds_without_any_label_are_refused(tmp_path, trained):
    (tmp_path / "sounds.csv").write_text("file,label\na.wav,\nb.wav,\n")
    for use in (open_sounds, trained.evaluate, SoundClassifier(**OPTIONS).fit):
        with pytest.raises(RnnkitError, match="none of its sounds has a label. Fill them"):
            use(tmp_path / "sounds.csv")


def test_ready_made_frames_are_refused():
    with pytest.raises(RnnkitError, match="it has ready-made frames"):
        SoundClassifier(**OPTIONS).fit([(np.ones((20, 13)), "ab"[n % 2]) for n in range(40)])


def test_windows_of_one_recording_are_in_order_and_apart():
    noise = np.random.default_rng(0).normal(0, 0.1, 20 * RATE)
    found = open_sounds([*rows(30)[:30:1], (noise, "background")], rate=RATE)
    windows = [row for row in found if " at " in row.name]
    assert len(windows) == 10  # as another label has
    starts = [float(row.name.split(" at ")[1].removesuffix(" s")) for row in windows]
    assert starts == sorted(starts) and min(np.diff(starts)) >= 1
    assert np.array_equal(windows[1].given, noise[round(starts[1] * RATE) :][:RATE].astype(np.float32))
    assert with_windows(found, RATE).rows == found.rows


def test_windows_of_16_bit_samples_are_as_loud_as_these():
    noise = np.random.default_rng(0).normal(0, 0.001, 4 * RATE).astype("float32")
    as_floats, as_whole = (
        [row.given for row in open_sounds([*rows(30)[:30:1], (given, "background")], rate=RATE) if " at " in row.name]
        for given in (noise, np.round(noise * 32768).astype(np.int16))
    )
    assert len(as_floats) == len(as_whole) == 4
    np.testing.assert_allclose(as_whole, as_floats, atol=2e-5)


def test_training_hears_other_samples_each_epoch_and_the_same_for_the_same_seed(trained):
    part, learnt = trained.parts.train, trained.preprocessing
    assert len(learnt.backgrounds) == (part.targets == trained.labels.index("background")).sum()
    heard = [trained._changed(part, 0, epoch) for epoch in (1, 1, 2)]
    assert np.array_equal(heard[0], heard[1])
    assert heard[0].shape != heard[2].shape or not np.allclose(heard[0], heard[2])
    quiet = SoundClassifier(
        **{**OPTIONS, "speed": 0, "noise": 0, "shift": 0, "gain": 0, "time_masks": 0, "frequency_masks": 0}
    )
    quiet.preprocessing = learnt
    assert np.array_equal(quiet._changed(part, 0, 1), part.inputs[0])


@pytest.mark.parametrize(("window", "hop", "stride"), [(25, 10, 1), (25, 10, 2), (30, 10, 3), (20, 20, 4), (32, 8, 5)])
def test_a_stream_keeps_the_frames_that_the_whole_keeps(window, hop, stride):
    """By counting: after m steps the last frame that is whole is m * stride - hops."""
    front = SoundClassifier(rate=8000, window=window, hop=hop).options
    hops = -(-window // hop)
    kept = [step * stride - hops for step in range(1, 20) if step * stride >= hops]
    from rnnkit.codec.spectrogram import Spectrogram

    first = Spectrogram(rate=front.rate, window=window, hop=hop).first_frame(stride)
    assert kept == list(range(first, kept[-1] + 1, stride))


def test_findings_name_what_is_missing(tmp_path):
    said = [finding.message for finding in SoundClassifier.check([row for row in rows() if row[1] != "background"])]
    assert any("No label is background" in line for line in said)
    assert any("No column says who speaks" in line for line in said)
    fails = SoundClassifier.check([(tone("up"), "up")] * 5)
    assert [finding.level for finding in fails] == ["fail"]
