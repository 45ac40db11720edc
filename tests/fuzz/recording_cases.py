"""Readers of recordings with labels or texts: tables that name them, folders of corpora, and the cache of frames."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from data import hostile_sounds
from fuzz import samples, screen
from fuzz.case import Case, is_text, of_file, of_folder
from fuzz.data_cases import prepare, prepared
from fuzz.edits import edit, edited, files
from fuzz.json_edits import json_files
from fuzz.made import Made
from fuzz.run_cases import folders
from hypothesis import strategies as st

from rnnkit.tasks.shared.frame_cache import FrameCache
from rnnkit.tasks.shared.recordings import Recordings
from rnnkit.tasks.sound_classifier.source import open_sounds
from rnnkit.tasks.speech_recognizer.source import open_speech

#: The tasks that hear, by key: their class, and what opens their data.
KEYS: dict[str, tuple[str, Any]] = {
    "sound_classifier": ("SoundClassifier", open_sounds),
    "speech_recognizer": ("SpeechRecognizer", open_speech),
}
_OPTIONS = {"rate": hostile_sounds.RATE, "cache": False}


def recording_cases(bombs: bool = False) -> list[Case]:
    """The cases; with `bombs` some files unpack to 2 GiB."""
    tables_made = st.one_of(
        files(tables(), ("a.txt", "a.csv.gz"), bombs=bombs),
        json_files({name: content for name, content in tables().items() if name.endswith("jsonl")}),
    ).flatmap(with_sounds)
    corpora = st.one_of(*(folders(each) for each in _corpora()))
    labelled = st.one_of(*(folders(each) for each in _labelled()))
    found = [
        Case("recordings: corpora", corpora, of_folder(open_speech), _recordings, plain=Made(_corpora()[0])),
        Case("recordings: folders of labels", labelled, of_folder(_opened), _recordings, plain=Made(_labelled()[0])),
        Case("frame cache: open", _caches(), _cached, _frames, writes=True),
    ]
    for key, (name, opens) in KEYS.items():
        found += [
            Case(f"recordings: open {key}", tables_made, of_file(opens), _recordings),
            Case(f"recordings: check {key}", tables_made, screen.command("check", key, "FILE"), screen.is_sound),
            Case(f"recordings: prepare {key}", tables_made, prepare(name, **_OPTIONS), prepared),
        ]
    return found


def tables() -> dict[str, bytes]:
    """Labels and texts of the recordings that `_sounds` makes."""
    names = list(_sounds())
    rows = [(name, ("up", "down")[n % 2], ("one", "two")[n % 2], f"voice {n % 4}") for n, name in enumerate(names)]
    objects = [dict(zip(("file", "label", "text", "speaker"), row, strict=True)) for row in rows]
    parts = ("train", "dev", "test")
    return {
        "sounds.csv": _text("file,label,text,speaker", *(",".join(row) for row in rows)),
        "split.tsv": _text("path\tword\tsentence\tsplit", *("\t".join((*row[:3], parts[n % 3])) for n, row in
                                                            enumerate(rows))),
        "sounds.jsonl": _text(*map(json.dumps, objects)),
    }  # fmt: skip


def _sounds() -> dict[str, bytes]:
    """Recordings of a fifth of a second."""
    return {f"{number}.wav": hostile_sounds.wav(hostile_sounds.noise(1600, number).tobytes()) for number in range(16)}


def with_sounds(made: Made) -> st.SearchStrategy[Made]:
    """The recordings that the tables name, one of them sometimes edited."""
    sound = _sounds()

    def beside(name: str, edits: Any) -> Made:
        return Made({**made.files, **sound, name: edited(sound[name], edits)}, (*made.how, name, edits))

    return st.builds(beside, st.sampled_from(list(sound)), st.lists(edit(), max_size=1))


def _corpora() -> list[dict[str, bytes]]:
    """Folders of recordings with their texts: one beside each, LibriSpeech, Sphinx, Kaldi."""
    one = _sounds()["0.wav"]
    frames = io.BytesIO()
    np.save(frames, np.ones((9, 13), np.float32))
    return [
        {"a.wav": one, "a.txt": b"one two\n", "b/c.wav": one, "b/c.txt": b"three\n", "b/d.wav": one},
        {"1/2/1-2.trans.txt": b"1-2-0 ONE TWO\n1-2-1 THREE\n", "1/2/1-2-0.wav": one, "1/2/1-2-1.wav": one},
        {"etc/a.fileids": b"x/a\nx/b\n", "etc/a.transcription": b"<s> one two </s> (a)\nthree (b)\n",
         "feat/x/a.npy": frames.getvalue(), "feat/x/b.npy": frames.getvalue()},
        {"wav.scp": b"u1 a.wav\nu2 sox b.wav |\n", "text": b"u1 one two\nu2 three\n", "utt2spk": b"u1 anna\n",
         "a.wav": one},
    ]  # fmt: skip


def _labelled() -> list[dict[str, bytes]]:
    """Folders of labelled sounds: Speech Commands, FSDD, and parts."""
    sounds = list(_sounds().values())
    return [
        {"yes/0a_nohash_0.wav": sounds[0], "no/0b_nohash_0.wav": sounds[1], "_background_noise_/street.wav":
         hostile_sounds.wav(hostile_sounds.noise(24_000).tobytes()), "testing_list.txt": b"yes/0a_nohash_0.wav\n"},
        {"7_jackson_0.wav": sounds[0], "8_theo_1.wav": sounds[1]},
        {"train/yes/a.wav": sounds[0], "train/no/b.wav": sounds[1], "test/yes/c.wav": sounds[2]},
    ]  # fmt: skip


def _opened(folder: Path) -> Recordings:
    return open_sounds(folder, rate=hostile_sounds.RATE, tell=lambda line: None)


def _recordings(found: Recordings) -> bool:
    parts = ("", "train", "validation", "test")
    return len(found) > 0 and all(
        row.target is not None and row.part in parts and isinstance(row.group, str) and row.name for row in found
    )


def _caches() -> st.SearchStrategy[Made]:
    """Caches of frames, with one of their files edited."""
    folder = samples.scratch()
    FrameCache({"rate": 8000}, folder).put(["a" * 32, "b" * 32], [np.ones((2, 3), "f"), np.zeros((1, 3), "f")])
    sound = samples.files_of(folder)
    return st.builds(lambda name, edits: Made({**sound, name: edited(sound[name], edits)}, (name, edits)),
                     st.sampled_from(sorted(sound)), st.lists(edit(), max_size=3))  # fmt: skip


def _cached(folder: Path, made: Made) -> Any:
    cache = FrameCache({"rate": 8000}, folder)
    return [found for digest in ("a" * 32, "b" * 32) if (found := cache.get(digest)) is not None]


def _frames(found: Any) -> bool:
    return all(each.ndim == 2 and each.dtype == np.float32 for each in found)


def _text(*lines: str) -> bytes:
    assert all(map(is_text, lines))
    return "".join(f"{line}\n" for line in lines).encode()
