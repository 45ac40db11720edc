"""Recordings with transcripts in all the forms that corpora have, and broken ones."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rnnkit.errors import RnnkitError
from rnnkit.tasks.speech_recognizer.sample import RATE, dialled, wav_bytes
from rnnkit.tasks.speech_recognizer.source import open_speech
from rnnkit.tasks.speech_recognizer.task import SpeechRecognizer

SOUND = wav_bytes(dialled(1)[0].samples)


def written(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def facts(source):
    return [(Path(row.given).name, row.target, row.group, row.part) for row in source.rows]


FOLDERS = {
    "a text beside each": (
        {"b/two.wav": SOUND, "b/two.txt": "zwei\n", "one.wav": SOUND, "one.txt": "  eins  \n", "three.wav": SOUND},
        [("two.wav", "zwei", "", ""), ("one.wav", "eins", "", "")],
    ),
    "LibriSpeech": (
        {"84/121/84-121.trans.txt": "84-121-0000 GO DO\n84-121-0001 NO\n", "84/121/84-121-0000.flac": b"",
         "84/121/84-121-0001.wav": SOUND},
        [("84-121-0000.flac", "GO DO", "84", ""), ("84-121-0001.wav", "NO", "84", "")],
    ),
    "Sphinx": (
        {"etc/an4_train.fileids": "clstk/fash/a-fash-b\n",
         "etc/an4_train.transcription": "<s> YES NO </s> (a-fash-b)\n",
         "etc/an4_test.fileids": "clstk/fcaw/c-fcaw-b\n", "etc/an4_test.transcription": "GO (c-fcaw-b)\n",
         "feat/clstk/fash/a-fash-b.mfc": b"", "wav/clstk/fcaw/c-fcaw-b.wav": SOUND},
        [("c-fcaw-b.wav", "GO", "fcaw", "test"), ("a-fash-b.mfc", "YES NO", "fash", "train")],
    ),
    "Kaldi": (
        {"wav.scp": "u1 sounds/a.wav\nu2 sounds/b.wav\n", "text": "u1 hello  you\nu2 no\n", "utt2spk": "u1 anna\n",
         "sounds/a.wav": SOUND, "sounds/b.wav": SOUND},
        [("a.wav", "hello you", "anna", ""), ("b.wav", "no", "", "")],
    ),
    "a table": (
        {"transcripts.csv": "file,text\na.wav,yes\n", "a.wav": SOUND, "other.wav": SOUND},
        [("a.wav", "yes", "", "")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FOLDERS)
def test_folders_of_corpora(form, tmp_path):
    files, expected = FOLDERS[form]
    found = open_speech(written(tmp_path, files))
    assert sorted(facts(found)) == sorted(expected)
    assert open_speech(found) is found


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.wav": SOUND}, "has 1 recordings and no transcripts; expected a table"),
        ({"wav.scp": "u1 /x/a.wav\nu2 /x/b.wav\n", "text": "v1 yes\n"}, "has 2 recordings and no transcripts"),
        ({"wav.scp": "u1 sox a.wav |\n", "text": "u1 yes\n"}, "u1 is a command, which is never run"),
        ({"wav.scp": "u1 a |\nu2 b |\n", "text": "u1 yes\n"}, "u1, u2 are commands, which are never run"),
        ({"transcripts.csv": "file,words\na.wav,\n"}, "none of its 1 recordings has a transcript"),
        ({"a.wav": SOUND, "a.txt": "x" * 2_000_000}, "a.txt has more than 1.0 MiB; expected a transcript"),
        (
            {f"{n}.{kind}": SOUND if kind == "wav" else "x" * 2_000_000 for n in "ab" for kind in ("wav", "txt")},
            "a.txt, b.txt have more than",
        ),
    ],
)
def test_folders_that_are_none_are_refused_in_a_line(files, said, tmp_path):
    with pytest.raises(RnnkitError) as caught:
        open_speech(written(tmp_path, files))
    assert re.search(said, str(caught.value)) and "\n" not in str(caught.value)


def test_recordings_without_a_text_beside_them_are_counted(tmp_path):
    found = open_speech(written(tmp_path, {"a.wav": SOUND, "a.txt": "yes", "b.wav": SOUND, "c.wav": SOUND}))
    assert facts(found) == [("a.wav", "yes", "", "")] and found.dropped["no text"] == 2


def test_rows_without_a_transcript_are_counted():
    frame = pd.DataFrame({"audio": ["a.wav", "b.wav"], "sentence": ["yes", None], "speaker": ["anna", "ben"]})
    found = open_speech(frame)
    assert facts(found) == [("a.wav", "yes", "anna", "")] and found.dropped["no text"] == 1


def test_ready_made_frames_are_named_in_a_table(tmp_path):
    for name, ending in (("a", "npy"), ("b", "npz")):
        frames = np.random.default_rng(0).normal(size=(30, 13)).astype("float32")
        np.save(tmp_path / f"{name}.npy", frames) if ending == "npy" else np.savez(tmp_path / "b.npz", frames)
    (tmp_path / "t.csv").write_text("file,text\na.npy,yes\nb.npz,no\n")
    assert open_speech(tmp_path / "t.csv").is_frames


def test_check_hears_recordings_at_the_rate_asked_for(tmp_path):
    (tmp_path / "a.wav").write_bytes(SOUND)
    rows = [(str(tmp_path / "a.wav"), "one two")] * 12
    for rate, resampled in ((RATE, False), (16_000, True)):
        found = SpeechRecognizer.check(SpeechRecognizer.open_source(rows, rate=rate))
        assert any("resampled to" in finding.message for finding in found) == resampled


def test_lists_may_name_what_no_file_can_be_called(tmp_path):
    names = ["a" * 1500, "b/" * 2500 + "c", "x\0y", "..", "["]
    files = {"etc/a.fileids": "\n".join(names), "etc/a.transcription": "".join(f"ONE ({name})\n" for name in names)}
    found = open_speech(written(tmp_path, files))
    assert [row.name for row in found][:2] == names[:2]
    first, *_ = SpeechRecognizer.check(found)
    assert first.level == "fail" and f"{len(found)} of {len(found)} recordings cannot be read" in first.message
