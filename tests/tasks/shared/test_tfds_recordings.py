"""Recordings of TFDS, by tiny sets with the features of spoken_digit, speech_commands and librispeech."""

import numpy as np
import pytest
from tasks import sounding

import rnnkit
from rnnkit.errors import RnnkitError
from rnnkit.tasks.shared.recordings import Recording, Recordings
from rnnkit.tasks.shared.tfds_recordings import set_named, tfds_recordings
from rnnkit.tasks.sound_classifier.sample import key_word_data
from rnnkit.tasks.speech_recognizer.sample import digit_data, joined_words

PEOPLE = ("anna", "ben", "cleo", "dan")


def whole(label, seed, rate=8000):
    """A sound as the int64 in which TFDS has samples."""
    return np.round(sounding.tone(label, 0.5 * sounding.RATE / rate * 2, seed) * 32767).astype(np.int64)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A TFDS folder with sets like the real ones, of the same names and features."""
    tfds = pytest.importorskip("tensorflow_datasets", reason="tensorflow_datasets is not installed")
    home = str(tmp_path_factory.mktemp("tfds"))
    features, store = tfds.features, tfds.dataset_builders.store_as_tfds_dataset
    digits = [
        (f"{digit}_{who}_{index}", {"audio": whole(("up", "down")[digit % 2], 99 * place + 9 * digit + index),
                                    "label": str(digit), "audio/filename": f"{digit}_{who}_{index}.wav"})
        for digit in range(10) for place, who in enumerate(PEOPLE) for index in range(2)
    ]  # fmt: skip
    store(
        name="spoken_digit", version="1.0.9", data_dir=home, disable_shuffling=True, split_datasets={"train": digits},
        features=features.FeaturesDict({
            "audio": features.Audio(file_format="wav", sample_rate=8000), "label": features.ClassLabel(num_classes=10),
            "audio/filename": features.Text(),
        }),
    )  # fmt: skip
    words = ["down", "up", "_silence_", "_unknown_"]
    commands = [
        (number, {"audio": whole({"_silence_": "background", "_unknown_": "down"}.get(words[number % 4],
                                                                                   words[number % 4]), number),
                  "label": words[number % 4]})
        for number in range(24)
    ]  # fmt: skip
    store(
        name="speech_commands", version="0.0.3", data_dir=home, disable_shuffling=True,
        split_datasets={"train": commands, "validation": commands[:8], "test": commands[8:16]},
        features=features.FeaturesDict({
            "audio": features.Audio(file_format="wav", sample_rate=16_000, dtype=np.int16),
            "label": features.ClassLabel(names=words),
        }),
    )  # fmt: skip
    read = [(n, {"speech": whole("up", n), "text": "GO ON", "speaker_id": 84 + n % 3}) for n in range(6)]
    store(
        name="librispeech", version="2.1.1", data_dir=home, disable_shuffling=True,
        split_datasets={"train_clean100": read, "dev_clean": read[:2], "test_clean": read[2:3]},
        features=features.FeaturesDict({
            "speech": features.Audio(sample_rate=16_000), "text": features.Text(), "speaker_id": np.int64,
        }),
    )  # fmt: skip
    store(
        name="no_rate", version="1.0.0", data_dir=home, disable_shuffling=True, split_datasets={"train": [(0, {
            "audio": whole("up", 0), "label": "0"})]},
        features=features.FeaturesDict({"audio": features.Audio(), "label": features.ClassLabel(num_classes=2)}),
    )  # fmt: skip
    store(
        name="wide", version="1.0.0", data_dir=home, disable_shuffling=True, split_datasets={"train": [(0, {
            "audio": whole("up", 0) * 256, "label": "0"})]},
        features=features.FeaturesDict({"audio": features.Audio(sample_rate=8000),
                                        "label": features.ClassLabel(num_classes=2)}),
    )  # fmt: skip
    return home


@pytest.mark.slow
def test_spoken_digits_have_their_samples_labels_and_speakers(folder):
    found = tfds_recordings("spoken_digit", folder)
    assert len(found) == 80 and {row.part for row in found} == {""} and {row.group for row in found} == {*PEOPLE}
    samples, rate = found.rows[0].given
    assert (found.rows[0].target, found.rows[0].name, rate) == ("0", "0_anna_0.wav", 8000)
    assert samples.dtype == np.int16 and np.array_equal(samples, whole("up", 0))
    assert len(tfds_recordings("spoken_digit", folder, most=7)) == 7


@pytest.mark.slow
def test_speech_commands_keep_their_parts_and_are_learnt(folder, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", folder)
    found = key_word_data("tfds", sounding.RATE)
    assert [len(found.part(part)) for part in ("train", "validation", "test")] == [24, 8, 8]
    task = rnnkit.SoundClassifier(**sounding.OPTIONS)
    parts = task.preprocessing.learn(found)
    assert sorted(parts.report["labels"]) == ["_silence_", "_unknown_", "down", "up"]
    assert abs(len(parts.train.samples[0]) / sounding.RATE - len(found.rows[0].given[0]) / 16_000) < 1e-2
    assert key_word_data("tfds:spoken_digit", 8000, most=30).name == "spoken_digit"


@pytest.mark.slow
def test_digits_are_joined_to_strings_and_texts_are_taken_as_they_are(folder, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", folder)
    found = digit_data("tfds")
    assert {row.group for row in found} == {*PEOPLE} and sum(len(row.target.split()) for row in found) == 80
    spoken = digit_data("tfds:librispeech", 16_000)
    assert {row.target for row in spoken} == {"GO ON"} and {row.group for row in spoken} == {"84", "85", "86"}
    assert [len(spoken.part(part)) for part in ("train", "validation", "test")] == [6, 2, 1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no_rate", "no_rate has the features audio, label; expected a feature Audio that says its rate"),
        ("wide", "example 1 has a sample of .*; expected those of 16 bits"),
        ("absent", "does not hold a prepared absent"),
        ("../wide", "is no set of TFDS; expected tfds:NAME, such as tfds:spoken_digit"),
    ],
)
def test_other_sets_are_refused_in_a_line(folder, name, said):
    with pytest.raises(RnnkitError, match=said) as error:
        tfds_recordings(name, folder)
    assert "\n" not in str(error.value)


def test_a_choice_is_a_set_the_sample_or_a_file(tmp_path):
    assert set_named("sample", "spoken_digit", "sample") == ""
    assert set_named(str(tmp_path), "spoken_digit", "sample") is None
    for load in (key_word_data, digit_data):
        with pytest.raises(RnnkitError, match="expected sample, tfds or tfds:NAME, or the name of a folder or table"):
            load("tdfs")


@pytest.mark.parametrize(
    ("parts", "times", "expected"),
    [
        (("test", "train", "validation"), 1, 1),
        (("test", "train", "validation"), 3, 3),
        (("test", "train", "train"), 3, 1),  # strings to validate on are taken from these, and share no recording
        (("", "", ""), 3, 1),
    ],
)
def test_joined_words_are_of_one_speaker_and_part_and_come_so_often_in_training(parts, times, expected):
    rows = [
        Recording((np.full(400 + n, n, np.int16), 8000), str(n % 10), f"{n}", "pq"[n % 2], parts[n % 3])
        for n in range(1, 60)
    ]
    made = joined_words(Recordings(rows, "it"), 8000, seed=3, most=4, times=times)
    found = []
    for row in made:
        samples, rate = row.given
        loud = np.flatnonzero(np.diff(np.r_[False, np.abs(samples - np.round(samples * 32768) / 32768) < 1e-9, False]))
        pieces = [samples[a:b] for a, b in zip(loud[::2], loud[1::2], strict=True) if b - a > 300]
        numbers = [round(float(piece[5]) * 32768) for piece in pieces]
        assert rate == 8000 and [len(piece) for piece in pieces] == [400 + n for n in numbers]
        spoken = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
        assert row.target == " ".join(spoken[n % 10] for n in numbers) and 1 <= len(numbers) <= 4
        assert {("pq"[n % 2], parts[n % 3]) for n in numbers} == {(row.group, row.part)}
        found += numbers
    assert sorted(found) == sorted(n for n in range(1, 60) for _ in range(expected if parts[n % 3] == "train" else 1))
    assert len({row.name for row in made}) == len(made)
    again = joined_words(Recordings(rows, "it"), 8000, seed=3, most=4, times=times)
    assert all(np.array_equal(one.given[0], two.given[0]) for one, two in zip(made, again, strict=True))
