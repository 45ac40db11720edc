"""Recordings of tables, lists and folders, and how they become frames."""

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rnnkit.codec.ready_frames import ReadyFrames
from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.data.bucketing import Ragged
from rnnkit.errors import RnnkitError
from rnnkit.tasks.shared.hearing import Hearing
from rnnkit.tasks.shared.recording_split import split_recordings
from rnnkit.tasks.shared.recording_tables import read_recordings
from rnnkit.tasks.shared.recordings import Recording, recording_files, unread_files
from rnnkit.tasks.shared.sound_augmentation import changed_samples, changed_speed, coloured, masked_frames
from rnnkit.tasks.shared.sound_batches import EncodedSounds, changed_frames
from rnnkit.tasks.shared.sound_options import SoundAugmentationOptions, SoundOptions


@dataclass(kw_only=True)
class _Options(SoundOptions, SoundAugmentationOptions):
    pass


def _tone(seconds: float, rate: int = 8000, pitch: float = 440) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def _write(path: Path, samples: np.ndarray, rate: int = 8000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def test_a_table_names_files_relative_to_its_folder(tmp_path):
    _write(tmp_path / "a.wav", _tone(0.5))
    table = tmp_path / "words.csv"
    table.write_text("path,sentence,speaker_id,split\na.wav,yes  please,anna,train\n,nothing,,\na.wav,no,ben,dev\n")
    found = read_recordings(table, "text")
    assert [(row.given, row.target, row.group, row.part) for row in found] == [
        (tmp_path / "a.wav", "yes please", "anna", "train"),
        (tmp_path / "a.wav", "no", "ben", "validation"),
    ]
    assert found.columns == {"recording": "path", "text": "sentence", "group": "speaker_id", "split": "split"}
    assert found.dropped["no file"] == 1


def test_a_frame_gives_what_a_table_gives_and_arrays_are_recordings():
    frame = pd.DataFrame({"audio": [{"array": _tone(0.1), "sampling_rate": 8000}], "label": ["yes"]})
    (row,) = read_recordings(frame, "label").rows
    assert row.target == "yes" and row.given[1] == 8000 and not row.is_frames
    (row,) = read_recordings([(np.zeros((5, 13), "float32"), "no")], "label").rows
    assert row.is_frames


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("a.wav",)], "row 0"),
        ([("a.wav", "yes", "anna", "sideways")], "has the split 'sideways'"),
        ([(np.zeros((2, 2, 2)), "yes")], "expected a file's name, samples"),
        ([(None, "yes")], "no row that names a recording"),
        (7, "type int"),
    ],
)
def test_what_is_no_list_of_recordings_is_refused(rows, said):
    with pytest.raises(RnnkitError, match=said):
        read_recordings(rows, "label")


def test_a_pair_with_a_rate_that_no_recording_has_is_left_out_with_a_line():
    pairs = [(_tone(0.1), rate) for rate in (8000, float("nan"), "much", 16_000.0)]
    found = read_recordings([(pair, "a") for pair in pairs], "label")
    hearing = Hearing(SoundOptions(rate=8000))
    hearing.choose(found.rows, "utterance")
    heard = hearing.read(found.rows, cached=False)
    assert heard.places.tolist() == [0, 3]
    assert [line.partition(" has ")[0] for line in heard.faults.values()] == ["recording 2", "recording 3"]


def test_sounds_and_ready_made_frames_do_not_mix():
    rows = [(np.zeros((5, 13), "float32"), "no"), (_tone(0.1), "yes")]
    with pytest.raises(RnnkitError, match="give one of the two"):
        read_recordings(rows, "label").is_frames  # noqa: B018


def test_files_of_a_folder_come_in_order_and_hidden_ones_do_not(tmp_path):
    for name in ("b/two.wav", "a.flac", ".trash/three.wav", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [str(path.relative_to(tmp_path)) for path in recording_files(tmp_path)] == ["a.flac", "b/two.wav"]


def test_frames_are_those_of_the_front_end_and_a_broken_file_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))
    _write(tmp_path / "a.wav", _tone(0.5))
    (tmp_path / "b.wav").write_bytes(b"RIFF")
    rows = read_recordings([(str(tmp_path / name), "x") for name in ("b.wav", "a.wav")], "label").rows
    hearing = Hearing(_Options(rate=8000, deltas=1))
    hearing.choose(rows, "utterance")
    heard = hearing.read(rows)
    assert heard.places.tolist() == [1] and "b.wav" in heard.faults[0]
    assert len(heard.facts) == 1
    samples = (_tone(0.5) * 32767).astype("<i2") / 32768  # as the file has them
    expected = Spectrogram(rate=8000, deltas=1).encode(samples)
    assert np.abs(hearing.finish(heard.static)[0] - expected).max() < 1e-4
    again = hearing.read(rows)
    assert not again.facts, "the second reading takes frames from the cache"
    assert np.array_equal(again.static.flat, heard.static.flat) and again.static.flat.dtype == np.float32


def test_a_damaged_cache_is_read_again(tmp_path, monkeypatch):
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))
    rows = read_recordings([(_tone(0.5), "x")], "label").rows
    hearing = Hearing(_Options(rate=8000))
    hearing.choose(rows, "utterance")
    first = hearing.read(rows).static
    for path in (tmp_path / "cache").rglob("*.npy"):
        path.write_bytes(path.read_bytes()[:-100])
    assert np.array_equal(hearing.read(rows).static.flat, first.flat)


def test_scales_are_those_of_the_training_frames():
    hearing = Hearing(_Options(normalise="corpus", cache=False))
    hearing.choose(read_recordings([(np.zeros((5, 3), "float32"), "a")], "label").rows, "utterance")
    static = [np.random.default_rng(n).normal(n, 2, (50, 3)).astype("float32") for n in range(4)]
    hearing.learn_scales(static)
    frames = np.concatenate([hearing.front.encode(hearing.samples_of(each, "it")) for each in static])
    assert np.abs(frames.mean(axis=0)).max() < 1e-5 and np.abs(frames.std(axis=0) - 1).max() < 1e-5


def test_the_front_end_comes_back_from_its_file(tmp_path):
    for first in (_tone(0.5), np.ones((5, 3), "float32")):
        hearing = Hearing(_Options(rate=8000))
        hearing.choose(read_recordings([(first, "a")], "label").rows, "utterance")
        folder = tmp_path / hearing.file
        folder.mkdir()
        hearing.save(folder)
        other = Hearing(_Options())
        other.load(folder)
        assert other.front == hearing.front


def test_another_kind_than_that_of_training_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.ones((5, 3), "float32"))
    sounds = Hearing(_Options(rate=8000), Spectrogram(rate=8000))
    frames = Hearing(_Options(), ReadyFrames(3))
    with pytest.raises(RnnkitError, match="this network reads sounds"):
        sounds.samples_of(tmp_path / "a.npy", "it")
    with pytest.raises(RnnkitError, match="no file of frames"):
        frames.samples_of(Path("a.wav"), "it")
    with pytest.raises(RnnkitError, match="longest is 35"):
        frames.samples_of(np.ones((4000, 3), "float32"), "it")
    with pytest.raises(RnnkitError, match=r"expected ready-made frames, \[frames, 3\]"):
        frames.samples_of(np.ones((10, 4), "float32"), "it")
    for given in (None, 3, (np.zeros(80), 8000), [], [[1.0], [1.0, 2.0]], np.zeros(3)):
        with pytest.raises(RnnkitError, match=r"^it is .*; expected ready-made frames, \[frames, 3\]"):
            frames.samples_of(given, "it")


def test_speed_moves_length_and_pitch_and_noise_is_as_loud_as_asked():
    options, tone = SoundAugmentationOptions(speed=0.2, noise=0.0), _tone(1.0)
    lengths = {len(changed_samples(tone, options, np.random.default_rng(n))) for n in range(30)}
    assert min(lengths) < 7200 and max(lengths) > 8800 and min(lengths) >= 8000 / 1.21
    loud = SoundAugmentationOptions(speed=0.0, noise=0.5)
    noises = [changed_samples(tone, loud, np.random.default_rng(n)) - tone for n in range(30)]
    shares = np.array([noise.std() / tone.std() for noise in noises])
    assert shares.max() <= 0.52 and shares.max() > 0.3
    background = changed_samples(tone, loud, np.random.default_rng(3), [np.ones(10, "float32")]) - tone
    assert np.ptp(background) < 1e-6, "noise is what the recordings of noise have"
    assert abs(coloured(8000, np.random.default_rng(1)).std() - 1) < 1e-3


def test_speed_of_frames_goes_from_the_first_to_the_last():
    frames = np.arange(20, dtype=np.float32)[:, None] @ np.ones((1, 2), np.float32)
    made = [changed_speed(frames, SoundAugmentationOptions(speed=0.3), np.random.default_rng(n)) for n in range(20)]
    assert {len(each) for each in made} != {20}
    for each in made:
        assert np.allclose(each[:, 0], np.linspace(0, 19, len(each)), atol=1e-5)


def test_frequencies_are_stretched_anew_in_each_epoch_and_the_length_stays():
    options = _Options(rate=8000, speed=0.0, warp=0.2, time_masks=0, frequency_masks=0)
    hearing = Hearing(options)
    hearing.choose([Recording(_tone(1.0), "a", "a")], "none")
    samples = Ragged.from_iterable([(_tone(1.0) * 32767).astype(np.int16)])
    encoded = EncodedSounds(Ragged.from_iterable([hearing.front.encode(samples[0])]), np.zeros(1), ["a"], None, samples)
    same = {"change": lambda samples, random: samples}  # before their frequencies are stretched
    made = [changed_frames(encoded, 0, hearing, options, (1, epoch, 0), **same) for epoch in range(12)]
    assert {frames.shape for frames in made} == {encoded.inputs[0].shape}
    loudest = {int(frames.mean(0).argmax()) for frames in made}
    assert len(loudest) > 2 and int(encoded.inputs[0].mean(0).argmax()) in range(min(loudest), max(loudest) + 1)
    assert np.array_equal(made[3], changed_frames(encoded, 0, hearing, options, (1, 3, 0), **same))


def test_masks_hide_whole_columns_and_rows_no_wider_than_asked():
    options = SoundAugmentationOptions(time_masks=1, time_mask=0.1, frequency_masks=1, frequency_mask=0.25)
    sizes = set()
    for seed in range(60):
        made = masked_frames(np.ones((100, 40), np.float32), options, 10.0, np.random.default_rng(seed))
        rows, columns = (made == 0).all(axis=1).sum(), (made == 0).all(axis=0).sum()
        sizes.add((int(rows), int(columns)))
        assert (made == 0).sum() == rows * 40 + columns * 100 - rows * columns
    assert max(rows for rows, _ in sizes) == 10 and max(columns for _, columns in sizes) == 10


def test_the_same_seed_changes_in_the_same_way_and_enough_frames_stay():
    hearing, options = Hearing(_Options(), ReadyFrames(3)), SoundAugmentationOptions(speed=0.5)
    static = Ragged.from_iterable([np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)])
    encoded = EncodedSounds(hearing.finish(static), np.zeros(1, np.int32), ["a"], static)
    one, two, other = (changed_frames(encoded, 0, hearing, options, (1, epoch, 0)) for epoch in (1, 1, 2))
    assert np.array_equal(one, two) and not np.array_equal(one, other)
    assert all(len(changed_frames(encoded, 0, hearing, options, (1, e, 0), least=40)) >= 40 for e in range(20))


def _split(rows: list[Recording], digests: list[str], **how: object) -> dict[str, list[int]]:
    given = {"share": 0.2, "test_share": 0.2, "seed": 1, "name": "The list", **how}
    made = split_recordings(rows, digests, ["x"] * len(rows), **given)
    return {part: places.tolist() for part, places in made.items()}


def test_a_speaker_a_recording_and_what_is_tested_apart_are_in_one_part_alone():
    rows = [Recording(Path(f"{n}.wav"), "x", str(n), group=f"speaker {n % 6}") for n in range(60)]
    parts = _split(rows, [str(n // 2) for n in range(60)], known=["0"])
    everywhere = [place for places in parts.values() for place in places]
    assert len(everywhere) == 29 and 0 not in everywhere, "of two that are the same one stays, of what is tested none"
    speakers = [{rows[place].group for place in places} for places in parts.values()]
    assert not speakers[0] & speakers[1] and not speakers[0] & speakers[2] and not speakers[1] & speakers[2]


def test_parts_that_are_given_stay_and_the_missing_one_is_taken_from_training():
    rows = [Recording(Path(f"{n}.wav"), "x", str(n), part="test" if n < 5 else "train") for n in range(30)]
    parts = _split(rows, [str(n) for n in range(30)])
    assert parts["test"] == list(range(5)) and len(parts["validation"]) == 5
    assert sorted(parts["train"] + parts["validation"]) == list(range(5, 30))


@pytest.mark.parametrize("speakers", [1, 2])
def test_one_voice_alone_is_divided_by_recording_and_that_is_told(capsys, speakers):
    rows = [Recording(Path(f"{n}.wav"), "x", str(n), group=f"speaker {n % speakers}") for n in range(40)]
    parts = _split(rows, [str(n) for n in range(40)])
    assert sorted(place for places in parts.values() for place in places) == list(range(40)) and all(parts.values())
    said = capsys.readouterr()
    assert f"{speakers} speaker{'s' * (speakers > 1)} for 3 parts, too few to keep them apart" in said.out + said.err
    if speakers == 2:  # enough for two parts
        two = _split(rows, [str(n) for n in range(40)], test_share=0.0)
        assert len({place % 2 for place in two["train"]}) == 1 == len({place % 2 for place in two["validation"]})


def test_too_few_recordings_for_all_parts_are_told():
    rows = [Recording(Path(f"{n}.wav"), "x", str(n), group="anna") for n in range(2)]
    with pytest.raises(RnnkitError, match="2 different recordings of 1 speaker leave none for validation and test"):
        _split(rows, [str(n) for n in range(2)])


def test_a_table_away_from_its_recordings_says_where_they_were_looked_for(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("file,label\na.wav,x\nb.wav,y\n")
    with pytest.raises(RnnkitError, match=r"of the 2 files that it names none is there.*relative to the folder of the"):
        read_recordings(table, "label")
    (tmp_path / "b.wav").write_bytes(b"RIFF")
    assert len(read_recordings(table, "label")) == 2, "that one is missing is told where it is read"


def test_what_phones_record_is_named_with_how_to_turn_it_into_wav(tmp_path, capsys):
    from rnnkit.tasks.sound_classifier.source import open_sounds
    from rnnkit.tasks.speech_recognizer.folders import read_folder

    (tmp_path / "yes").mkdir()
    (tmp_path / "yes" / "1.M4A").write_bytes(b"")
    assert unread_files(tmp_path).startswith("1 file of a kind that is not read (.M4A)")
    for read in (open_sounds, read_folder):
        with pytest.raises(RnnkitError, match=r"ffmpeg -i 1.M4A 1.wav"):
            read(tmp_path)
    (tmp_path / "yes" / "2.wav").write_bytes(b"")
    assert len(open_sounds(tmp_path)) == 1
    said = capsys.readouterr()
    assert "Left out: 1 file of a kind that is not read" in said.out + said.err
