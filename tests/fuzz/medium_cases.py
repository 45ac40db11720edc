"""Readers of tunes, pictures and their captions, and weights from elsewhere."""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
from fuzz import samples, screen
from fuzz.case import Case, is_text, of_file, of_folder, only_file
from fuzz.edits import edit, edited, files
from fuzz.json_edits import json_files
from fuzz.made import Made
from hypothesis import strategies as st

from rnnkit.codec.abc import Tune
from rnnkit.codec.abc_text import header_counts, plain_text, prompt_of, tunes_from_text
from rnnkit.codec.pictures import open_picture
from rnnkit.errors import RnnkitError
from rnnkit.tasks.image_captioner.feature_cache import FeatureCache
from rnnkit.tasks.image_captioner.source import open_captions
from rnnkit.tasks.music_model.bars import check_bars
from rnnkit.tasks.music_model.repeats import without_repeats
from rnnkit.tasks.music_model.source import read_tunes
from rnnkit.tasks.music_model.transpose import in_other_keys, transposed


def medium_cases(bombs: bool = False) -> list[Case]:
    """The cases; with `bombs` some files unpack to 2 GiB."""
    tunes_made = files(samples.tunes(), ("a.txt", "a.abc"), bombs=bombs)
    pictures = files(samples.pictures(), ("a.svg", "a"), bombs=bombs)
    captions = samples.captions()
    json_captions = json_files(
        {name: content for name, content in captions.items() if name.endswith(("json", "jsonl"))}
    )
    captions_made = st.one_of(files(captions, ("captions.txt",), bombs=bombs), json_captions).flatmap(_with_pictures)
    sides = st.sampled_from([8, 100])
    return [
        Case("tunes: read", tunes_made, of_file(lambda path: read_tunes(path).tunes), _tunes),
        Case("tunes: check", tunes_made, screen.command("check", "music_model", "FILE"), screen.is_sound),
        Case("tunes: written", tunes_made.map(_first), _written_tunes, lambda tunes: all(map(_sound_tune, tunes))),
        Case("tunes: engrave", tunes_made, _score(".musicxml"), lambda file: file[:5] == b"<?xml", heavy=True),
        Case("tunes: draw", tunes_made, _score(".svg"), lambda file: b"<svg" in file[:200], heavy=True),
        Case("tunes: play", tunes_made, _score(".wav"), lambda file: file[:4] == b"RIFF", heavy=True),
        Case("midi: play", files({"a.mid": samples.midi()}), _play, lambda file: file[:4] == b"RIFF", heavy=True),
        Case("pictures: open", pictures, of_file(lambda path: open_picture(path, 8)), _picture),
        Case("pictures: large", st.tuples(pictures, sides).map(lambda both: both[0]),
             lambda folder, made: open_picture(only_file(folder, made), 299, "crop"), _picture),
        Case("captions: open", captions_made, of_file(open_captions), _captions),
        Case("captions: folder", captions_made, of_folder(open_captions), _captions),
        Case("captions: check", captions_made, screen.command("check", "image_captioner", "FILE"), screen.is_sound),
        Case("feature cache: open", _caches(), _cached, _features, writes=True),
    ]  # fmt: skip


def warm_up() -> None:
    """Imports what takes long, and does more when it is imported than read."""
    from rnnkit.tasks.music_model import notation as score

    for package in ("music21", "verovio", "pretty_midi"):
        with contextlib.suppress(RnnkitError):
            score.needed(package)
    with contextlib.suppress(RnnkitError):
        score.musicxml_bytes("X:1\nK:G\nGAB|")


def _with_pictures(made: Made) -> st.SearchStrategy[Made]:
    """The two pictures that the tables name, one of them sometimes edited."""
    sound = samples.pictures()
    hurt = st.lists(edit(), max_size=1)
    plain = {**made.files, **samples.dots(), "a.png": sound["a.png"]}
    return hurt.map(lambda edits: Made({**plain, "b.jpg": edited(sound["b.jpg"], edits)}, (*made.how, edits)))


def _first(made: Made) -> Made:
    return Made(
        {name: content if isinstance(content, bytes) else b"" for name, content in made.files.items()}, made.how
    )


def _tunes(tunes: Any) -> bool:
    """Whether all that is done with a tune can be done, and leaves a tune."""
    for tune in tunes[:20]:
        for each in (tune, without_repeats(tune), *in_other_keys([tune], 2)):
            report = check_bars(each)
            if not _sound_tune(each) or any(bar.length < 0 for bar in report.bars):
                return False
        if not all(map(is_text, (plain_text(tune), plain_text(tune, "TRMLQK", True)))):
            return False
        back = transposed(tune, "G")
        if back is not None and len(back.body.splitlines()) != len(tune.body.splitlines()):
            return False
    headers = header_counts(tunes)
    return is_text(prompt_of({"metre": "6/8", "key": "G"}, headers)) and len(tunes) > 0


def _sound_tune(tune: Tune) -> bool:
    return "K" in tune.header and is_text(tune.abc)


def _written_tunes(folder: Path, made: Made) -> list[Tune]:
    """What a network may have written."""
    return tunes_from_text(only_file(folder, made).read_bytes().decode("utf-8", "replace"))[0]


def _score(suffix: str) -> Any:
    def read(folder: Path, made: Made) -> bytes:
        from rnnkit.tasks.music_model import notation as score

        tune = read_tunes(only_file(folder, made)).tunes[0]
        content = score._WRITERS[suffix](tune)
        return content if isinstance(content, bytes) else content.encode()

    return read


def _play(folder: Path, made: Made) -> bytes:
    from rnnkit.data.textfile import check_file
    from rnnkit.tasks.music_model.sound import midi_to_wav

    check_file(only_file(folder, made), "MIDI", ".mid")
    return midi_to_wav(only_file(folder, made).read_bytes())


def _picture(picture: Any) -> bool:
    return isinstance(picture, np.ndarray) and picture.dtype == np.uint8 and picture.shape in ((8, 8, 3), (299, 299, 3))


def _captions(found: Any) -> bool:
    return len(found) > 0 and all(
        one.captions and all(map(is_text, one.captions)) and one.path.is_file() for one in found
    )


def _caches() -> st.SearchStrategy[Made]:
    """Caches of features, with one of their files edited."""
    folder = samples.scratch()
    cache = FeatureCache("eye", 8, (2, 3), folder)
    cache.put(["a" * 32, "b" * 32], np.arange(12, dtype=np.float16).reshape(2, 2, 3))
    sound = samples.files_of(folder)
    return st.builds(lambda name, edits: Made({**sound, name: edited(sound[name], edits)}, (name, edits)),
                     st.sampled_from(sorted(sound)), st.lists(edit(), max_size=3))  # fmt: skip


def _cached(folder: Path, made: Made) -> Any:
    cache = FeatureCache("eye", 8, (2, 3), folder)
    return [cache.get([digest]) for digest in ("a" * 32, "b" * 32) if digest in cache]


def _features(found: Any) -> bool:
    return all(each.shape == (1, 2, 3) for each in found)
